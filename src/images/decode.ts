import { types } from 'node:util';
import { FaceError, messageOf, throwIfAborted } from '../errors';
import type { ImageInput, RawImage } from '../types';
import { path as checkPath, integer, invalidArgument } from '../validate';
import { BmpError, decodeBmp, isBmp, readBmpHeader } from './bmp';
import { readPhoto } from './read';
import { CUT_OFF, guessFormat, partWarning, reasonOf } from './reasons';
import type { OpenedFile } from './sharp';

export interface DecodeOptions {
  /** Photos with more pixels are refused before they are decoded (a pixel takes 3 bytes). Default: {@link DEFAULT_MAX_PIXELS}. */
  readonly maxPixels?: number;
  /** Looked at between reading and decoding; a decoding that has begun is finished and its result thrown away. */
  readonly signal?: AbortSignal;
}

/** Decoded pixels, and what was wrong with the file if it could be decoded all the same. */
export interface DecodedImage extends RawImage {
  /** One sentence for a person, e.g. that the file is cut off and the lower part of the photo is missing. */
  readonly warning?: string;
}

/** 268 million pixels (805 MB decoded): 16383 squared, the limit of sharp and of the WebP format. */
export const DEFAULT_MAX_PIXELS = 0x3fff * 0x3fff;

/**
 * Decodes a photo to RGB, pixel for pixel as OpenCV's `imread` does: 8 bits a channel, three channels (a grey
 * photo's channel three times, transparency dropped and not blended), turned upright by its EXIF orientation,
 * colours as stored (the ICC profile is ignored). What the file contains counts, not its name. Of an animation
 * or a TIFF with several pages it is the first.
 *
 * Where OpenCV 4.6 gives something else:
 * - GIF, AVIF and animated WebP: OpenCV does not read them. JPEG 2000: only OpenCV does.
 * - A PNG or BMP that is cut off: OpenCV refuses it; here the part that is there comes with a `warning`. (A
 *   cut-off JPEG is decoded by both, to the same pixels, and has the `warning` too.)
 * - WebP: OpenCV leaves the EXIF orientation out.
 * - TIFF: one level of difference in some pixels with 16 bits a channel; OpenCV blends transparency into black.
 *
 * Decoded pixels as input are checked and handed back as they are.
 *
 * @throws FaceError `FACE_IMAGE_NOT_FOUND`, `FACE_IMAGE_DECODE`, `FACE_IMAGE_TOO_LARGE`, `FACE_OUT_OF_MEMORY`,
 *   `FACE_IO` (the disk failed), `FACE_INVALID_ARGUMENT` or `FACE_ABORTED`.
 */
export async function decodeImage(input: ImageInput, options: DecodeOptions = {}): Promise<DecodedImage> {
  if (typeof input === 'string' || types.isUint8Array(input)) {
    return (await openImage(input, options)).decode(options.signal);
  }
  const maxPixels = integer('maxPixels', options.maxPixels ?? DEFAULT_MAX_PIXELS, 1);
  throwIfAborted(options.signal);
  return checkRawImage(input, maxPixels);
}

/**
 * A photo whose file has been read and whose size is known. Its pixels, many times as large, are yet to be decoded.
 * @internal
 */
export class OpenedImage {
  readonly #decode: () => Promise<DecodedImage>;
  #warning: string | undefined;

  /** @internal */
  constructor(
    /** Width and height in pixels, as they are stored: decoding may turn the photo. */
    readonly width: number,
    readonly height: number,
    /** Bytes that decoding takes while it is under way, beside the pixels that come out of it. */
    readonly decodingBytes: number,
    decode: () => Promise<DecodedImage>,
  ) {
    this.#decode = decode;
  }

  /** What was wrong with the file, once it has been decoded; see {@link DecodedImage}. */
  get warning(): string | undefined {
    return this.#warning;
  }

  /** See {@link decodeImage}. */
  async decode(signal?: AbortSignal): Promise<DecodedImage> {
    throwIfAborted(signal);
    const image = await this.#decode();
    this.#warning = image.warning;
    throwIfAborted(signal);
    return image;
  }
}

/**
 * Reads a photo's file and finds out how large the photo is, so that the memory for decoding it can be waited for.
 * @throws FaceError as {@link decodeImage} does
 * @internal
 */
export async function openImage(
  input: string | Uint8Array,
  options: DecodeOptions = {},
): Promise<OpenedImage> {
  const { signal } = options;
  const maxPixels = integer('maxPixels', options.maxPixels ?? DEFAULT_MAX_PIXELS, 1);
  throwIfAborted(signal);
  if (typeof input !== 'string') {
    return openBytes(input, `in the given ${input.length} bytes`, maxPixels, signal);
  }
  const { bytes } = await readPhoto(checkPath('image', input), signal);
  return openBytes(bytes, `"${input}"`, maxPixels, signal);
}

/**
 * {@link openImage} for the bytes of a file.
 * @param label names the photo in messages
 * @internal
 */
export async function openBytes(
  bytes: Uint8Array,
  label: string,
  maxPixels: number,
  signal: AbortSignal | undefined,
): Promise<OpenedImage> {
  throwIfAborted(signal);
  if (bytes.length === 0) {
    throw new FaceError('FACE_IMAGE_DECODE', `The photo ${label} can't be decoded: it is empty.`);
  }
  const explained = <T>(work: Promise<T>): Promise<T> =>
    work.catch((cause) => {
      throw decodeError(cause, bytes, label);
    });
  const { width, height, decodingBytes, decode } = await explained(
    isBmp(bytes) ? openBmp(bytes) : openWithSharp(bytes),
  );
  throwIfAborted(signal);
  if (width * height > maxPixels) throw tooLarge(label, width, height, maxPixels);
  return new OpenedImage(width, height, decodingBytes, () => explained(decode()));
}

async function openBmp(bytes: Uint8Array): Promise<OpenedFile> {
  const header = readBmpHeader(bytes);
  const decode = async () => {
    const { image, cutOff } = await decodeBmp(bytes, header);
    return cutOff ? { ...image, warning: partWarning(CUT_OFF) } : image;
  };
  return { width: header.width, height: header.height, decodingBytes: 0, decode };
}

/** Loaded when the first photo is opened: the image library takes as much memory and time as all else together. */
function openWithSharp(bytes: Uint8Array): Promise<OpenedFile> {
  const library = require('./sharp') as typeof import('./sharp');
  return library.openWithSharp(bytes);
}

function decodeError(cause: unknown, bytes: Uint8Array, label: string): FaceError {
  if (cause instanceof FaceError) return cause;
  if (cause instanceof RangeError || /out of memory|unable to (re)?alloc/i.test(messageOf(cause))) {
    return new FaceError('FACE_OUT_OF_MEMORY', `There is not enough memory to decode the photo ${label}.`, {
      cause,
    });
  }
  const reason = cause instanceof BmpError ? cause.message : reasonOf(messageOf(cause), guessFormat(bytes));
  return new FaceError('FACE_IMAGE_DECODE', `The photo ${label} can't be decoded: ${reason}.`, { cause });
}

function tooLarge(label: string, width: number, height: number, maxPixels: number): FaceError {
  return new FaceError(
    'FACE_IMAGE_TOO_LARGE',
    `The photo ${label} is ${width} x ${height} pixels, more than the ${maxPixels} allowed. ` +
      'Make it smaller, or raise maxPixels (on the command line: --max-pixels) if there is memory for it.',
  );
}

/** Checks decoded pixels; they come back as they are. @throws FaceError as {@link decodeImage} does */
export function checkRawImage(input: RawImage, maxPixels = DEFAULT_MAX_PIXELS): RawImage {
  if (typeof input !== 'object' || input === null) {
    throw invalidArgument('image', 'path of a photo, bytes of a photo, or { data, width, height }', input);
  }
  const width = integer('image.width', input.width, 1);
  const height = integer('image.height', input.height, 1);
  if (!types.isUint8Array(input.data)) throw invalidArgument('image.data', 'Uint8Array', input.data);
  const expected = 3 * width * height;
  if (input.data.length !== expected) {
    throw new FaceError(
      'FACE_INVALID_ARGUMENT',
      `Expected ${expected} bytes of RGB for image.data (3 x ${width} x ${height}) but received ${input.data.length}`,
    );
  }
  if (width * height > maxPixels) throw tooLarge('in the given pixels', width, height, maxPixels);
  return input;
}
