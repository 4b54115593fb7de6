import { type FileHandle, open } from 'node:fs/promises';
import { FaceError, messageOf, throwIfAborted } from '../base/errors';
import type { FaceRecord } from '../base/types';
import { path as checkPath, invalidArgument } from '../base/validate';
import { writeFileAtomically } from '../system/atomic-file';
import { readPickleFile } from './pickle/file';
import type { ItemConverter } from './pickle/machine';
import { describeValue, type PickleValue } from './pickle/values';
import { photoOfFace, toFaceRecord } from './record';
import { type FaceRecords, writeFaceRecords } from './writer';

/** Options of {@link readEncodings} and {@link writeEncodings}. */
export interface EncodingsFileOptions {
  /** Stops the work; the promise is then rejected with FACE_ABORTED. */
  signal?: AbortSignal | undefined;
}

/**
 * Reads an encodings file: the pickle that the Python project's `encode_faces.py`, or {@link writeEncodings}, made.
 * That is a list of `{"imagePath": str, "loc": (top, right, bottom, left), "encoding": 128 numbers}`, from any
 * Python and NumPy; other keys are ignored; a path may be one of `pathlib`. Nothing in the file is run.
 *
 * The encodings may be views of larger buffers: mind `byteOffset`.
 *
 * @throws FACE_IO if the file can't be read; FACE_PICKLE_UNSAFE if it asks for more than data; FACE_PICKLE_INVALID
 *   if it is damaged; FACE_ENCODINGS_INVALID if it holds something else, numbers that are not finite, or more than one
 *   list, one after the other, of which Python reads only the first.
 */
export async function readEncodings(path: string, options: EncodingsFileOptions = {}): Promise<FaceRecord[]> {
  checkPath('path', path);
  return readItems(path, { ...options, convertItem: toFaceRecord });
}

/**
 * The photos that an encodings file names, each once: {@link readEncodings} without the memory for the faces.
 * @internal
 */
export async function readPhotoPaths(path: string, options: EncodingsFileOptions = {}): Promise<Set<string>> {
  return new Set(await readItems(path, { ...options, convertItem: photoOfFace, keepsBinary: false }));
}

async function readItems<T>(
  path: string,
  options: EncodingsFileOptions & {
    readonly convertItem: (...item: Parameters<ItemConverter>) => T;
    readonly keepsBinary?: boolean;
  },
): Promise<T[]> {
  throwIfAborted(options.signal);
  let handle: FileHandle | undefined;
  try {
    handle = await open(path, 'r');
    if (!(await handle.stat()).isFile()) throw unreadable(path, 'it is not a file');
    return checkList(await readPickleFile(handle, options));
  } catch (error) {
    throw inFile(path, error);
  } finally {
    await handle?.close();
  }
}

/**
 * Writes an encodings file that Python loads with NumPy 1 and 2 (`imagePath` a `str`, `loc` a tuple of 4 `int`,
 * `encoding` a writable `float64[128]`), and {@link readEncodings} reads. All or nothing: the file appears under its
 * name when it is complete and on the disk, an older one stays until then. Missing folders are made.
 *
 * A path with lone surrogates, Python's way to keep file names that are not UTF-8, is written as Python does.
 *
 * @throws FACE_INVALID_ARGUMENT if a record is not as {@link FaceRecord} says (a box of 32-bit integers, 128 finite
 *   numbers); FACE_IO if the file can't be written; FACE_ABORTED.
 */
export async function writeEncodings(
  path: string,
  records: readonly FaceRecord[],
  options: EncodingsFileOptions = {},
): Promise<void> {
  checkPath('path', path);
  if (!Array.isArray(records)) throw invalidArgument('records', 'array of face records', records);
  throwIfAborted(options.signal);
  await writeEncodingsFile(path, records, options.signal);
}

/**
 * {@link writeEncodings} for records that need not all be in memory.
 * @internal
 */
export async function writeEncodingsFile(
  path: string,
  records: FaceRecords,
  signal: AbortSignal | undefined,
): Promise<void> {
  await writeFileAtomically(path, 'encodings file', async (handle) => {
    await writeFaceRecords(records, async (bytes) => {
      throwIfAborted(signal);
      for (let written = 0; written < bytes.length; ) {
        written += (await handle.write(bytes, written)).bytesWritten;
      }
    });
  });
}

function checkList<T>(value: PickleValue): T[] {
  if (!Array.isArray(value)) {
    throw new FaceError(
      'FACE_ENCODINGS_INVALID',
      isNamesFile(value)
        ? 'Expected a list of faces but this is a file of known people, {"encodings": …, "names": …}, as programs that ' +
            'recognize people make it. It does not say which photos the faces are on: make an encodings file of the ' +
            'photos, with "encode".'
        : `Expected a list of faces but received ${describeValue(value)}. ` +
            'This is a Python pickle file, but no encodings file: was another one meant?',
    );
  }
  // Its items were converted one by one, so that not all entries and all records exist at once.
  return value as unknown as T[];
}

function isNamesFile(value: PickleValue): boolean {
  return value instanceof Map && value.has('encodings') && value.has('names');
}

function inFile(path: string, error: unknown): FaceError {
  if (!(error instanceof FaceError)) {
    const { code } = error as NodeJS.ErrnoException;
    return unreadable(path, code === 'ENOENT' ? 'there is no such file' : messageOf(error), error);
  }
  if (error.code === 'FACE_ABORTED' || error.code === 'FACE_IO') return error;
  return new FaceError(error.code, `${path}: ${error.message}`, { cause: error, path, remedy: error.remedy });
}

function unreadable(path: string, reason: string, cause?: unknown): FaceError {
  return new FaceError('FACE_IO', `Could not read the encodings file ${path}: ${reason}.`, {
    cause,
    path,
    remedy: 'Check the path, or make the file with: face-cluster-native encode',
  });
}
