import { type BigIntStats, constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { abortError, FaceError, type FaceErrorCode, messageOf, throwIfAborted } from '../base/errors';
import type { PhotoId } from '../base/ids';
import { fsPath } from '../system/file-name';

/** Node can't hold more in one Buffer on every supported version, and no photo comes near it. */
const MAX_FILE_BYTES = 2 ** 31 - 1;

export interface PhotoBytes {
  readonly bytes: Uint8Array;
  /** What the file system said of the file, see `photoState`; `undefined` if the file was changed while it was read. */
  readonly stats: BigIntStats | undefined;
  /** Its id, where that is not the SHA-256 of these bytes: of a frame, see `frameOfVideo`. */
  readonly content?: PhotoId;
  /** When it was taken, where these bytes do not say. */
  readonly taken?: string | null;
}

/**
 * Reads a photo's file. The bytes go to the decoder, never the path: libvips gives a trailing `[...]` in a
 * file name a meaning of its own, keeps recently used files in a cache that misses changes, and maps them, so that
 * a file that shrinks while it is read (a download, a network drive) would end the process.
 *
 * @throws FaceError `FACE_IMAGE_NOT_FOUND`, `FACE_IMAGE_DECODE` (too many bytes), `FACE_IO` or `FACE_ABORTED`.
 */
export function readPhoto(file: string, signal?: AbortSignal): Promise<PhotoBytes> {
  return withFile(file, signal, async (handle, stats) => {
    if (stats.size > MAX_FILE_BYTES) {
      throw new FaceError(
        'FACE_IMAGE_DECODE',
        `The photo "${file}" can't be decoded: its file is larger than 2 GiB.`,
        { path: file },
      );
    }
    const bytes = await handle.readFile(signal ? { signal } : {});
    const after = await handle.stat({ bigint: true });
    const changed = after.ctimeNs !== stats.ctimeNs || BigInt(bytes.length) !== stats.size;
    return { bytes, stats: changed ? undefined : stats };
  });
}

/** What is read at once of a file of which the beginning may be enough. */
const FIRST_BYTES = 1 << 18;

/**
 * Reads a photo's file until that is enough, or all of it.
 * @param isEnough is asked with more each time
 * @throws FaceError as {@link readPhoto}
 */
export function readPhotoUntil(
  file: string,
  isEnough: (head: Buffer) => boolean,
  signal?: AbortSignal,
): Promise<Buffer> {
  return withFile(file, signal, async (handle, { size }) => {
    const all = Math.min(Number(size), MAX_FILE_BYTES);
    let head = Buffer.alloc(0);
    for (let wanted = FIRST_BYTES; ; wanted *= 4) {
      throwIfAborted(signal);
      const length = Math.min(wanted, all);
      const more = Buffer.alloc(length - head.length);
      const { bytesRead } = await handle.read(more, 0, more.length, head.length);
      head = Buffer.concat([head, more.subarray(0, bytesRead)]);
      if (bytesRead < more.length || length === all || isEnough(head)) return head;
    }
  });
}

async function withFile<T>(
  file: string,
  signal: AbortSignal | undefined,
  work: (handle: FileHandle, stats: BigIntStats) => Promise<T>,
): Promise<T> {
  let handle: FileHandle | undefined;
  try {
    // Opening a pipe would wait until somebody writes into it: for ever.
    handle = await open(fsPath(file), constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    const stats = await handle.stat({ bigint: true });
    if (!stats.isFile()) {
      const kind = stats.isDirectory() ? 'a folder' : 'not a regular file';
      throw new FaceError('FACE_IMAGE_NOT_FOUND', `"${file}" is ${kind}, not a photo.`, { path: file });
    }
    return await work(handle, stats);
  } catch (cause) {
    if (cause instanceof FaceError) throw cause;
    if (signal?.aborted) throw abortError(signal);
    throw readError(file, cause);
  } finally {
    await handle?.close();
  }
}

const MOVED = 'If it was moved or renamed, give its new path.';

function readError(path: string, cause: unknown): FaceError {
  const error = (code: FaceErrorCode, message: string, remedy?: string) =>
    new FaceError(code, message, { cause, path, remedy });
  switch ((cause as NodeJS.ErrnoException).code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return error('FACE_IMAGE_NOT_FOUND', `There is no photo "${path}".`, MOVED);
    case 'ENXIO':
      return error('FACE_IMAGE_NOT_FOUND', `"${path}" is not a regular file, not a photo.`);
    case 'EACCES':
    case 'EPERM':
      return error('FACE_IMAGE_NOT_FOUND', `The photo "${path}" may not be read: permission denied.`);
    default:
      return error('FACE_IO', `The photo "${path}" could not be read (${messageOf(cause)}).`);
  }
}
