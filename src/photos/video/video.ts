import { type BigIntStats, constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { FaceError, messageOf } from '../../base/errors';
import type { PhotoId } from '../../base/ids';
import { fsPath } from '../../system/file-name';
import { sha256OfFile } from '../../system/sha256';
import { HEAD_BYTES } from '../formats/formats';
import { containerOf } from './containers';
import { runFfmpeg, VideoFault, type VideoSource } from './ffmpeg';
import { RememberedOfFiles } from './remembered';

/** A video's file, as it was when it was opened. */
export interface Video extends VideoSource {
  readonly stats: BigIntStats;
}

/**
 * Looks at a video's file.
 * @throws FaceError FACE_IMAGE_NOT_FOUND; FACE_IMAGE_DECODE if it is no video, by its first bytes; FACE_IO
 */
export async function openVideo(path: string): Promise<Video> {
  try {
    // Opening a pipe would wait until somebody writes into it: for ever.
    const handle = await open(fsPath(path), constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    try {
      const stats = await handle.stat({ bigint: true });
      if (!stats.isFile()) throw new FaceError('FACE_IMAGE_NOT_FOUND', `"${path}" is not a video.`, { path });
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
      const head = buffer.subarray(0, bytesRead);
      const container = containerOf(head);
      if (container) return { path, stats, container };
      throw videoError(
        path,
        new VideoFault(bytesRead === 0 ? 'it is empty' : 'it does not begin as a video'),
      );
    } finally {
      await handle.close();
    }
  } catch (cause) {
    if (cause instanceof FaceError) throw cause;
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR')
      throw new FaceError('FACE_IMAGE_NOT_FOUND', `There is no video "${path}".`, { path, cause });
    if (code === 'EACCES' || code === 'EPERM')
      throw new FaceError('FACE_IMAGE_NOT_FOUND', `The video "${path}" may not be read: permission denied.`, {
        path,
        cause,
      });
    throw new FaceError('FACE_IO', `The video "${path}" could not be read (${messageOf(cause)}).`, {
      path,
      cause,
    });
  }
}

/** The error for what is wrong with a video. */
export function videoError(path: string, cause: unknown): unknown {
  if (!(cause instanceof VideoFault)) return cause;
  return new FaceError(cause.code, `The video "${path}" can't be read: ${cause.message}.`, {
    path,
    cause,
  });
}

/** What is said of a video, beside its pictures. */
export interface VideoFacts {
  /** Size of a picture in pixels, as it is stored. */
  readonly width: number;
  readonly height: number;
  /** See `PhotoFacts`. */
  readonly taken: string | null;
  /** When its pictures end, in seconds; `undefined` if it does not say. Sound may go on. */
  readonly end: number | undefined;
}

const ids = new RememberedOfFiles<PhotoId>();
const facts = new RememberedOfFiles<VideoFacts>();

/**
 * The id of a video: SHA-256 of its file, read once as long as it does not change.
 * @throws FaceError FACE_IO, FACE_ABORTED
 */
export function idOfVideo(video: Video, signal: AbortSignal | undefined): Promise<PhotoId> {
  const { path } = video;
  return ids.get(video, signal, (stop) =>
    sha256OfFile(path, stop).catch((cause: unknown) => {
      throw new FaceError('FACE_IO', `The video "${path}" could not be read (${messageOf(cause)}).`, {
        path,
        cause,
      });
    }),
  );
}

/**
 * Asks ffprobe, once as long as the file does not change.
 * @throws FaceError FACE_FFMPEG_MISSING, FACE_IMAGE_DECODE, FACE_IMAGE_DECODER, FACE_ABORTED
 */
export function factsOfVideo(video: Video, signal: AbortSignal | undefined): Promise<VideoFacts> {
  return facts.get(video, signal, (stop) =>
    probed(video, stop).catch((cause: unknown) => {
      throw videoError(video.path, cause);
    }),
  );
}

/** No more than what was asked for comes in few bytes. */
const MOST_FACTS = 1 << 20;

const ASKED = [
  'stream=codec_type,width,height,start_time,duration',
  'stream_disposition=attached_pic',
  'stream_tags=creation_time,DURATION',
  'format=start_time',
  'format_tags=creation_time,com.apple.quicktime.creationdate',
].join(':');

interface Told {
  readonly streams?: readonly {
    readonly codec_type?: string;
    readonly width?: number;
    readonly height?: number;
    readonly start_time?: string;
    readonly duration?: string;
    readonly disposition?: { readonly attached_pic?: number };
    readonly tags?: Readonly<Record<string, string>>;
  }[];
  readonly format?: { readonly start_time?: string; readonly tags?: Readonly<Record<string, string>> };
}

async function probed(video: Video, signal: AbortSignal): Promise<VideoFacts> {
  const chunks: Buffer[] = [];
  let length = 0;
  await runFfmpeg('ffprobe', video, ['-show_entries', ASKED, '-of', 'json'], [], {
    signal,
    onOutput: (chunk) => {
      length += chunk.length;
      if (length > MOST_FACTS) throw new VideoFault('ffprobe tells too much of it');
      chunks.push(chunk);
    },
  });
  const { streams = [], format }: Told = JSON.parse(Buffer.concat(chunks).toString('utf8'));
  // The cover of a piece of music is no video.
  const pictures = streams.filter(({ codec_type }) => codec_type === 'video');
  const stream = pictures.find(({ disposition }) => disposition?.attached_pic !== 1);
  if (!stream) throw new VideoFault('there are no moving pictures in it');
  const { width = 0, height = 0, tags } = stream;
  if (width < 1 || height < 1) throw new VideoFault('it does not say how large its pictures are');
  const said = [
    format?.tags?.['com.apple.quicktime.creationdate'],
    format?.tags?.creation_time,
    tags?.creation_time,
  ];
  const start = Number(stream.start_time ?? 0) - Number(format?.start_time ?? 0);
  const end = start + (Number(stream.duration ?? Number.NaN) || secondsIn(tags?.DURATION));
  return {
    width,
    height,
    taken: said.map(takenAt).find((time) => time !== null) ?? null,
    end: Number.isFinite(end) ? end : undefined,
  };
}

/** Of `00:01:05.250000000`, as Matroska has it. */
function secondsIn(duration: string | undefined): number {
  const [hours = Number.NaN, minutes = Number.NaN, seconds = Number.NaN] = (duration ?? '')
    .split(':')
    .map(Number);
  return 3600 * hours + 60 * minutes + seconds;
}

/** A time as `PhotoFacts.taken` has it, of `2024-07-31T18:05:09.000000Z`, which is UTC, or `2024-07-31T20:05:09+0200`. */
export function takenAt(said: string | undefined): string | null {
  const parts = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d+)?(?:(Z)|([+-]\d\d):?(\d\d))?$/.exec(said ?? '');
  if (!parts || Number.isNaN(Date.parse(`${parts[1]}Z`))) return null;
  const [, time, utc, hours, minutes] = parts as unknown as [string, string, string?, string?, string?];
  // Cameras whose clock was never set, and programs that have nothing to say.
  if (/^(1904|1970)-01-01T00:00:00$/.test(time)) return null;
  if (utc) return `${time}+00:00`;
  return hours === undefined ? time : `${time}${hours}:${minutes}`;
}
