import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { abortError, throwIfAborted } from '../../base/errors';
import type { RawImage } from '../../base/types';
import { processors, Slots } from '../../system/jobs';
import type { HevcResult, HevcTask } from './hevc-thread';
import { type CompiledLibHeif, compileLibHeif, type HeifRequest, isNotThere, notInstalled } from './libheif';

/** A thread runs JavaScript only: where the sources are run as they are (in tests), it is the one that was built of them. */
const THREAD = join(
  __dirname,
  __filename.endsWith('.ts') ? '../../../lib/photos/formats' : '',
  'hevc-thread.js',
);

/** More threads would wait for each other. */
const slots = new Slots(processors());

let compiling: Promise<CompiledLibHeif> | undefined;

/**
 * Decodes the primary picture of a HEIF file in a thread of its own, which ends with it: libheif's memory never shrinks, and what
 * ends the library must not take other photos along.
 *
 * @throws Error what libheif or the system says; FaceError FACE_NATIVE_LOAD; FACE_ABORTED, at once
 */
export async function decodeHevc(request: HeifRequest, signal: AbortSignal | undefined): Promise<RawImage> {
  const leave = await slots.enter(signal);
  try {
    compiling ??= compileLibHeif();
    const compiled = await compiling.catch((error: unknown) => {
      // Another attempt may succeed.
      compiling = undefined;
      throw error;
    });
    throwIfAborted(signal);
    const result = await resultOf({ ...request, compiled }, signal);
    if ('error' in result) throw new Error(result.error);
    return result.image;
  } finally {
    leave();
  }
}

/**
 * What decoding takes beside the pixels that come out, at most.
 *
 * Measured by `VmHWM` as for sharp's formats, less twice the file and 14 MB for the thread, in bytes a pixel: 4.6 to 7.0, with as
 * many differences of colour as pixels 9.8; with 10 bits 9.5, and 15.5; transparency adds 1.
 * @param pixels how many
 * @param wide whether they are stored with more than 8 bits
 * @param fileBytes the file is copied for the thread, and there for the library
 */
export function hevcDecodingBytes(pixels: number, wide: boolean, fileBytes: number): number {
  return 16e6 + 2 * fileBytes + (wide ? 16 : 10) * pixels;
}

/** Comes when the thread has ended and its memory is free. */
async function resultOf(task: HevcTask, signal: AbortSignal | undefined): Promise<HevcResult> {
  // A part of a buffer would be sent with all of it; and the file may yet be needed here.
  const bytes = new Uint8Array(task.bytes);
  const thread = new Worker(THREAD, {
    workerData: { ...task, bytes } satisfies HevcTask,
    transferList: [bytes.buffer],
    // Not what this process was told to load or watch.
    execArgv: [],
  });
  let giveUp = () => {};
  try {
    return await new Promise((resolve, reject) => {
      giveUp = () => reject(abortError(signal as AbortSignal));
      signal?.addEventListener('abort', giveUp);
      thread.once('message', resolve);
      // Of a program that was bundled, it is not there.
      thread.once('error', (error) => reject(isNotThere(error) ? notInstalled(error) : error));
      thread.once('exit', () => reject(new Error('heif: the thread ended without a result')));
    });
  } finally {
    signal?.removeEventListener('abort', giveUp);
    await thread.terminate();
  }
}
