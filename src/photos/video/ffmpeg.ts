import { type ChildProcess, spawn } from 'node:child_process';
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { resolve } from 'node:path';
import { abortError, FaceError, type FaceErrorCode } from '../../base/errors';
import { encodeFileName, hasUndecodedBytes } from '../../system/file-name';
import { findProgram } from '../../system/find-program';
import type { Container } from './containers';

/** How long ffmpeg may go without a sign of life: a picture, or the word that it has decoded one. */
export const STALLED_AFTER_MS = 60_000;

/** Of what it says of its troubles, this much is kept. */
const WORDS_KEPT = 2000;

/** How to get it. */
export const INSTALL_FFMPEG =
  'Install ffmpeg (Debian, Ubuntu: sudo apt install ffmpeg; macOS: brew install ffmpeg; Windows: winget install ffmpeg)';
export const FFMPEG_REMEDY = `${INSTALL_FFMPEG}, and run it again.`;

/** A video to be read by ffmpeg. */
export interface VideoSource {
  readonly path: string;
  readonly container: Container;
}

/** What went wrong with a video, to complete "The video can't be read: ...". */
export class VideoFault extends Error {
  /** @param code `FACE_IMAGE_DECODER` if another attempt may succeed */
  constructor(
    message: string,
    readonly code: FaceErrorCode = 'FACE_IMAGE_DECODE',
  ) {
    super(message);
  }
}

export interface FfmpegRun {
  readonly signal: AbortSignal | undefined;
  /** Is given what it writes to its output. Throws to end it. */
  readonly onOutput: (chunk: Buffer) => void;
  /** Is given each line that begins with `frame:`, see {@link TELLS}. */
  readonly onFrame?: (line: string) => void;
  /** See {@link STALLED_AFTER_MS}. */
  readonly stalledAfter?: number;
}

/** A filter that tells of each picture that passes, at once: `frame:0 pts:8333333 ...`. */
export const TELLS = "metadata=mode=add:key=seen:value=1,metadata=mode=print:direct=1:file='pipe\\:2'";

/**
 * Runs ffmpeg, or ffprobe, on a video. It can open no other file than that, and nothing on the network: the container is told, and
 * so are those that may be in it. It is killed when it stalls, and when `signal` is aborted.
 * @param before options that go before the video
 * @param after those behind it
 * @throws FaceError FACE_FFMPEG_MISSING, FACE_ABORTED; {@link VideoFault}; what `onOutput` throws
 */
export async function runFfmpeg(
  program: 'ffmpeg' | 'ffprobe',
  { path, container }: VideoSource,
  before: readonly string[],
  after: readonly string[],
  { signal, onOutput, onFrame, stalledAfter = STALLED_AFTER_MS }: FfmpegRun,
): Promise<void> {
  if (signal?.aborted) throw abortError(signal);
  // A name that is not UTF-8 can't be handed over: the open file can.
  const handle = hasUndecodedBytes(path)
    ? await open(encodeFileName(path), constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
    : undefined;
  try {
    const limits = ['-protocol_whitelist', 'file', '-format_whitelist', container, '-f', container];
    const input = handle ? 'file:/dev/fd/3' : `file:${resolve(path)}`;
    const quiet = program === 'ffmpeg' ? ['-nostdin', '-hide_banner'] : ['-hide_banner'];
    const args = [...quiet, '-v', 'error', ...before, ...limits, '-i', input, ...after];
    const found = await findProgram(program);
    if (found === undefined) throw ffmpegMissing();
    await watched(start(found, args, handle), { signal, onOutput, onFrame, stalledAfter });
  } finally {
    await handle?.close();
  }
}

function start(program: string, args: readonly string[], handle: FileHandle | undefined): ChildProcess {
  return spawn(program, args, {
    stdio: ['ignore', 'pipe', 'pipe', ...(handle ? [handle.fd] : [])],
    windowsHide: true,
  });
}

function watched(
  child: ChildProcess,
  {
    signal,
    onOutput,
    onFrame,
    stalledAfter,
  }: Required<Pick<FfmpegRun, 'signal' | 'onOutput' | 'stalledAfter'>> & {
    readonly onFrame: FfmpegRun['onFrame'];
  },
): Promise<void> {
  return new Promise((fulfil, reject) => {
    let failure: unknown;
    let words = '';
    let begun = '';
    const end = (why: unknown) => {
      failure ??= why;
      child.kill('SIGKILL');
    };
    const onAbort = () => end(abortError(signal as AbortSignal));
    signal?.addEventListener('abort', onAbort, { once: true });
    if (signal?.aborted) onAbort();
    const stalled = () =>
      end(new VideoFault(`ffmpeg got no further for ${stalledAfter / 1000} seconds`, 'FACE_IMAGE_DECODER'));
    const timer = setTimeout(stalled, stalledAfter);
    child.stdout?.on('data', (chunk: Buffer) => {
      timer.refresh();
      if (failure !== undefined) return;
      try {
        onOutput(chunk);
      } catch (error) {
        end(error);
      }
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      const lines = (begun + text).split('\n');
      begun = (lines.pop() as string).slice(-WORDS_KEPT);
      for (const line of lines) {
        if (line.startsWith('frame:')) {
          timer.refresh();
          onFrame?.(line);
        } else if (line !== 'seen=1') words = `${words}${line}\n`.slice(-WORDS_KEPT);
      }
    });
    child.once('error', (error) => {
      failure ??= new VideoFault(`ffmpeg could not be started (${error.message})`, 'FACE_IMAGE_DECODER');
      done(null);
    });
    child.once('close', done);

    function done(code: number | null): void {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      if (failure !== undefined) reject(failure);
      else if (code === 0) fulfil();
      else reject(new VideoFault(saidBy(words + begun)));
    }
  });
}

/** What ffmpeg has said, in its last words: it names where it was, and the file, in its own way. */
function saidBy(words: string): string {
  const lines = words
    .split('\n')
    .map((line) => line.replace(/^\[[^\]]*\]\s*/, '').trim())
    .filter((line) => line !== '' && line !== 'Conversion failed!');
  const last = lines.at(-1)?.replace(/^file:.*: (?=[A-Z])/, '');
  return last === undefined ? 'ffmpeg does not say why' : `ffmpeg says "${last}"`;
}

export function ffmpegMissing(): FaceError {
  return new FaceError(
    'FACE_FFMPEG_MISSING',
    `The pictures in a video are read by ffmpeg, which is not installed. ${FFMPEG_REMEDY}`,
    { remedy: FFMPEG_REMEDY },
  );
}
