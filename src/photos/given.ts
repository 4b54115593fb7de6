import { fileURLToPath } from 'node:url';
import { types } from 'node:util';
import { FaceError, messageOf } from '../base/errors';
import type { FileBlob, FileUrl, ImageInput, RawImage } from '../base/types';
import { path as checkPath, integer, invalidArgument } from '../base/validate';

/** What was handed over as a photo, checked. */
export type GivenImage =
  | { readonly path: string }
  /** `length` in bytes. */
  | { readonly length: number; readonly read: () => Promise<Uint8Array> }
  | { readonly pixels: RawImage };

/**
 * @param copy whether bytes are copied, so that the caller may change them afterwards; pixels are not
 * @throws FaceError FACE_INVALID_ARGUMENT
 */
export function givenImage(input: ImageInput, copy: boolean): GivenImage {
  if (typeof input === 'string') return { path: checkPath('image', input) };
  if (typeof input !== 'object' || input === null) throw invalidArgument('image', EXPECTED, input);
  if (isUrl(input)) return { path: checkPath('image', pathOf(input)) };
  if (isBlob(input)) return { length: input.size, read: () => readBlob(input) };
  const bytes = bytesOf(input);
  if (!bytes) {
    if (Array.isArray(input) || ArrayBuffer.isView(input)) throw invalidArgument('image', EXPECTED, input);
    return { pixels: checkRawImage(input as RawImage) };
  }
  const own = copy || types.isSharedArrayBuffer(bytes.buffer) ? new Uint8Array(bytes) : bytes;
  return { length: own.length, read: async () => own };
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
  if (types.isAnyArrayBuffer(input)) return new Uint8Array(input);
  if (types.isUint8ClampedArray(input)) {
    return new Uint8Array(input.buffer, input.byteOffset, input.byteLength);
  }
  return undefined;
}

/** Checks decoded pixels; they come back as they are. @throws FaceError FACE_INVALID_ARGUMENT */
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
