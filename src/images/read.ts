import { readFile, stat } from 'node:fs/promises';
import { abortError, FaceError, messageOf } from '../errors';

/** Node can't hold more in one Buffer on every supported version, and no photo comes near it. */
const MAX_FILE_BYTES = 2 ** 31 - 1;

/**
 * Reads a photo's file. The bytes go to the decoder, never the path: libvips gives a trailing `[...]` in a
 * file name a meaning of its own, keeps recently used files in a cache that misses changes, and maps them, so that
 * a file that shrinks while it is read (a download, a network drive) would end the process.
 *
 * @throws FaceError `FACE_IMAGE_NOT_FOUND`, `FACE_IMAGE_DECODE` (too many bytes), `FACE_IO` or `FACE_ABORTED`.
 */
export async function readPhoto(file: string, signal: AbortSignal | undefined): Promise<Buffer> {
  try {
    const info = await stat(file);
    // Opening a pipe waits until somebody writes into it: for ever.
    if (!info.isFile()) {
      const kind = info.isDirectory() ? 'a folder' : 'not a regular file';
      throw new FaceError('FACE_IMAGE_NOT_FOUND', `"${file}" is ${kind}, not a photo.`);
    }
    if (info.size > MAX_FILE_BYTES) {
      throw new FaceError(
        'FACE_IMAGE_DECODE',
        `The photo "${file}" can't be decoded: its file is larger than 2 GiB.`,
      );
    }
    return await readFile(file, signal ? { signal } : {});
  } catch (cause) {
    if (cause instanceof FaceError) throw cause;
    if (signal?.aborted) throw abortError(signal);
    throw readError(file, cause);
  }
}

function readError(file: string, cause: unknown): FaceError {
  switch ((cause as NodeJS.ErrnoException).code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return new FaceError(
        'FACE_IMAGE_NOT_FOUND',
        `There is no photo "${file}". If it was moved or renamed, give its new path.`,
        { cause },
      );
    case 'EACCES':
    case 'EPERM':
      return new FaceError(
        'FACE_IMAGE_NOT_FOUND',
        `The photo "${file}" may not be read: permission denied.`,
        {
          cause,
        },
      );
    default:
      return new FaceError('FACE_IO', `The photo "${file}" could not be read (${messageOf(cause)}).`, {
        cause,
      });
  }
}
