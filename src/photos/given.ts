import { stat } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { types } from 'node:util';
import { FaceError, messageOf } from '../base/errors';
import type { FileBlob, FileUrl, ImageInput, RawImage } from '../base/types';
import { path as checkPath, integer, invalidArgument } from '../base/validate';
import { fsPath } from '../system/file-name';
import { type PhotoBytes, readPhoto } from './read';
import { frameMemory, readFrame } from './video/frame';
import { frameIn } from './video/frame-path';

/**
 * What a photo is called: `label` in messages, e.g. `"a.jpg"`.
 * @internal
 */
export interface PhotoName {
  readonly label: string;
  readonly path?: string;
}

/**
 * A photo's file, which has not been read yet: what is known of it is how long it is.
 * @internal
 */
export interface PhotoSource extends PhotoName {
  /** Bytes that reading it takes; 0 if that can't be found out: reading it will tell why. */
  length(): Promise<number>;
  /** @throws FaceError as {@link readPhoto} does */
  read(signal?: AbortSignal): Promise<PhotoBytes>;
}

/**
 * Tells files from pixels, which are checked and come back as they are. Nothing is read yet.
 * @param maxPixels how many may be given
 * @param copy whether bytes are copied at once, so that the caller may change them afterwards; pixels are not
 * @throws FaceError FACE_INVALID_ARGUMENT, FACE_IMAGE_TOO_LARGE
 * @internal
 */
export function givenImage(input: ImageInput, maxPixels: number, copy = false): PhotoSource | RawImage {
  if (typeof input === 'string') return photoAt(checkPath('image', input));
  if (typeof input !== 'object' || input === null) throw invalidArgument('image', EXPECTED, input);
  if (isUrl(input)) return photoAt(checkPath('image', pathOf(input)));
  if (isBlob(input)) return photoInMemory(input.size, () => readBlob(input));
  const bytes = bytesOf(input);
  if (!bytes) {
    if (Array.isArray(input) || ArrayBuffer.isView(input)) throw invalidArgument('image', EXPECTED, input);
    const image = checkRawImage(input as RawImage);
    checkPixels({ label: 'in the given pixels' }, image, maxPixels);
    return image;
  }
  const own = copy || types.isSharedArrayBuffer(bytes.buffer) ? new Uint8Array(bytes) : bytes;
  return photoInMemory(own.length, async () => own);
}

/**
 * The photo at `path`, which may be a frame of a video, `clip.mp4#t=12.5`: that is decoded by ffmpeg.
 * @param bytes length of the file, if that is known
 * @internal
 */
export function photoAt(path: string, bytes?: number): PhotoSource {
  const frame = frameIn(path);
  if (frame) {
    return {
      path,
      label: `"${path}"`,
      length: () => frameMemory(frame),
      read: (signal) => readFrame(frame, signal),
    };
  }
  return {
    path,
    label: `"${path}"`,
    length: async () => bytes ?? (await stat(fsPath(path)).catch(() => ({ size: 0 }))).size,
    read: (signal) => readPhoto(path, signal),
  };
}

function photoInMemory(length: number, read: () => Promise<Uint8Array>): PhotoSource {
  return {
    label: `in the given ${length} bytes`,
    length: async () => length,
    read: async () => ({ bytes: await read(), stats: undefined }),
  };
}

const EXPECTED =
  'path of a photo, bytes of a photo (Buffer, Uint8Array, ArrayBuffer or Blob), file: URL, or { data, width, height }';

/** Told by what it has: a window (jest with jsdom, Electron) brings a class of its own. The same goes for {@link isBlob}. */
function isUrl(input: object): input is FileUrl {
  const { href, protocol } = input as Partial<FileUrl>;
  return typeof href === 'string' && typeof protocol === 'string';
}

function pathOf({ href }: FileUrl): string {
  try {
    return fileURLToPath(href);
  } catch {
    throw invalidArgument('image', 'file: URL of a file on this computer', href);
  }
}

function isBlob(input: object): input is FileBlob {
  const { size, arrayBuffer } = input as Partial<FileBlob>;
  return typeof size === 'number' && typeof arrayBuffer === 'function';
}

/** A Blob may stand for a file that is gone by now. */
async function readBlob(blob: FileBlob): Promise<Uint8Array> {
  try {
    return new Uint8Array(await blob.arrayBuffer());
  } catch (cause) {
    throw new FaceError('FACE_IO', `The given Blob could not be read (${messageOf(cause)}).`, { cause });
  }
}

/** Bytes that were handed over, as they are: not a copy. */
function bytesOf(input: object): Uint8Array | undefined {
  if (types.isUint8Array(input)) return input;
  if (types.isUint8ClampedArray(input)) {
    return new Uint8Array(input.buffer, input.byteOffset, input.byteLength);
  }
  return types.isAnyArrayBuffer(input) ? new Uint8Array(input) : undefined;
}

function checkRawImage(input: RawImage): RawImage {
  const width = integer('image.width', input.width, 1);
  const height = integer('image.height', input.height, 1);
  if (!types.isUint8Array(input.data)) throw invalidArgument('image.data', 'Uint8Array', input.data);
  const expected = 3 * width * height;
  if (input.data.length !== expected) {
    throw new FaceError(
      'FACE_INVALID_ARGUMENT',
      `Expected ${expected} bytes of RGB for image.data (3 x ${width} x ${height}) but received ${input.data.length}`,
      { argument: 'image.data' },
    );
  }
  return input;
}

/** @throws FaceError FACE_IMAGE_TOO_LARGE @internal */
export function checkPixels(
  { label, path }: PhotoName,
  { width, height }: { readonly width: number; readonly height: number },
  maxPixels: number,
): void {
  if (width * height <= maxPixels) return;
  const remedy =
    'Make it smaller, or raise maxPixels (on the command line: --max-pixels) if there is memory for it.';
  throw new FaceError(
    'FACE_IMAGE_TOO_LARGE',
    `The photo ${label} is ${width} x ${height} pixels, more than the ${maxPixels} allowed.`,
    { path, remedy },
  );
}
