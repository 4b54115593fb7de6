import { stat } from 'node:fs/promises';
import { FaceError, throwIfAborted } from '../base/errors';
import type { ImageInput, RawImage } from '../base/types';
import { integer } from '../base/validate';
import { fsPath } from '../system/file-name';
import { checkMachineHolds } from '../system/machine-memory';
import { decodeBmp, readBmpHeader } from './formats/bmp';
import { type PhotoFormat, photoFormat, whyNoPhoto } from './formats/formats';
import type { OpenedFile } from './formats/sharp';
import { givenImage } from './given';
import { CUT_OFF, PhotoFault, partWarning } from './photo-fault';
import { readPhoto } from './read';
import { failureOf, type MachineTrouble } from './reasons';

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
 * A photo that can't be decoded is at fault (`FACE_IMAGE_DECODE`) only where that is known: of its bytes, or because the
 * image library says so. Where it is the machine that has too little memory (`FACE_OUT_OF_MEMORY`), too few threads, or
 * nothing says what it was (`FACE_IMAGE_DECODER`), another attempt may succeed.
 *
 * @throws FaceError `FACE_IMAGE_NOT_FOUND`, `FACE_IMAGE_DECODE`, `FACE_IMAGE_TOO_LARGE`, `FACE_OUT_OF_MEMORY`,
 *   `FACE_IMAGE_DECODER`, `FACE_IO` (the disk failed), `FACE_NATIVE_LOAD` (the image library is missing),
 *   `FACE_INVALID_ARGUMENT` or `FACE_ABORTED`.
 */
export async function decodeImage(input: ImageInput, options: DecodeOptions = {}): Promise<DecodedImage> {
  const maxPixels = integer('maxPixels', options.maxPixels ?? DEFAULT_MAX_PIXELS, 1);
  throwIfAborted(options.signal);
  const image = imageOf(input, { maxPixels });
  if (!(image instanceof PhotoSource)) return image;
  return image.decode(options.signal);
}

/**
 * A photo that may not have been read yet: what is known of it is how long its file is.
 * @internal
 */
export class PhotoSource {
  readonly #length: () => Promise<number>;
  readonly #open: (signal: AbortSignal | undefined) => Promise<OpenedImage>;

  /** @internal */
  constructor(
    length: () => Promise<number>,
    open: (signal: AbortSignal | undefined) => Promise<OpenedImage>,
  ) {
    this.#length = length;
    this.#open = open;
  }

  /** Bytes that reading it takes; 0 if that can't be found out: opening it will tell why. */
  length(): Promise<number> {
    return this.#length();
  }

  /**
   * Reads the file and finds out how large the photo is, so that the memory for decoding it can be waited for.
   * @throws FaceError as {@link decodeImage} does
   */
  open(signal?: AbortSignal): Promise<OpenedImage> {
    return this.#open(signal);
  }

  /** See {@link decodeImage}. */
  async decode(signal?: AbortSignal): Promise<DecodedImage> {
    return (await this.open(signal)).decode(signal);
  }
}

/**
 * What opening a {@link PhotoSource} ends with if the photo need not be decoded: once its file was read, it was known.
 * @internal
 */
export class AnswerKnown<T> extends Error {
  constructor(readonly answer: T) {
    super('The photo need not be decoded.');
  }
}

/**
 * Tells files from pixels. Nothing is read yet.
 * @param copy whether bytes are copied at once, so that the caller may change them afterwards
 * @throws FaceError FACE_INVALID_ARGUMENT, FACE_IMAGE_TOO_LARGE
 * @internal
 */
export function imageOf(
  input: ImageInput,
  { maxPixels = DEFAULT_MAX_PIXELS, copy = false }: { maxPixels?: number; copy?: boolean } = {},
): PhotoSource | RawImage {
  const given = givenImage(input, copy);
  if ('path' in given) return fileAt(given.path, maxPixels);
  if ('read' in given) {
    const { length, read } = given;
    return new PhotoSource(
      async () => length,
      async (signal) => openBytes(await read(), `in the given ${length} bytes`, maxPixels, signal),
    );
  }
  const { width, height } = given.pixels;
  if (width * height > maxPixels) throw tooLarge('in the given pixels', width, height, maxPixels);
  return given.pixels;
}

function fileAt(path: string, maxPixels: number): PhotoSource {
  const length = () =>
    stat(fsPath(path)).then(
      ({ size }) => size,
      () => 0,
    );
  return new PhotoSource(length, async (signal) => {
    const { bytes } = await readPhoto(path, signal);
    return openBytes(bytes, `"${path}"`, maxPixels, signal);
  });
}

/**
 * A photo whose file has been read and whose size is known. Its pixels, many times as large, are yet to be decoded.
 * @internal
 */
export class OpenedImage {
  #decode: (() => Promise<DecodedImage>) | undefined;
  #warning: string | undefined;

  /** @internal */
  constructor(
    /** Width and height in pixels, as they are stored: decoding may turn the photo. */
    readonly width: number,
    readonly height: number,
    /** Bytes that are taken until the photo is decoded, beside the pixels that come out: its file, and what decoding needs. */
    readonly decodingBytes: number,
    decode: () => Promise<DecodedImage>,
  ) {
    this.#decode = decode;
  }

  /** What was wrong with the file, once it has been decoded; see {@link DecodedImage}. */
  get warning(): string | undefined {
    return this.#warning;
  }

  /** See {@link decodeImage}. Once only: the bytes of the file are let go. */
  async decode(signal?: AbortSignal): Promise<DecodedImage> {
    throwIfAborted(signal);
    const decode = this.#decode;
    if (!decode) throw new FaceError('FACE_INTERNAL', 'A photo was decoded that had been decoded before.');
    this.#decode = undefined;
    const image = await decode();
    this.#warning = image.warning;
    throwIfAborted(signal);
    return image;
  }
}

/**
 * {@link PhotoSource.open} for the bytes of a file.
 * @param label names the photo in messages
 * @throws FaceError as {@link decodeImage} does
 * @internal
 */
export async function openBytes(
  bytes: Uint8Array,
  label: string,
  maxPixels: number,
  signal: AbortSignal | undefined,
): Promise<OpenedImage> {
  throwIfAborted(signal);
  const format = photoFormat(bytes);
  if (!format) {
    throw faultError(new PhotoFault(bytes.length === 0 ? 'it is empty' : whyNoPhoto(bytes)), label);
  }
  const explained = <T>(work: Promise<T>): Promise<T> =>
    work.catch((cause: unknown) => {
      throw decodeError(cause, bytes, format, label);
    });
  const opening = format === 'bmp' ? openBmp(bytes) : openWithSharp(bytes, format);
  const { width, height, decodingBytes, decode } = await explained(opening);
  throwIfAborted(signal);
  if (width * height > maxPixels) throw tooLarge(label, width, height, maxPixels);
  const beside = bytes.length + decodingBytes;
  checkMachineHolds(
    3 * width * height + beside,
    `Decoding the photo ${label} of ${width} x ${height} pixels`,
  );
  return new OpenedImage(width, height, beside, () => explained(decode()));
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
function openWithSharp(bytes: Uint8Array, format: PhotoFormat): Promise<OpenedFile> {
  const library = require('./formats/sharp') as typeof import('./formats/sharp');
  return library.openWithSharp(bytes, format);
}

function decodeError(cause: unknown, bytes: Uint8Array, format: PhotoFormat, label: string): FaceError {
  if (cause instanceof FaceError) return cause;
  const failure = failureOf(cause, bytes, format);
  return failure instanceof PhotoFault ? faultError(failure, label) : troubleError(failure, label);
}

function faultError(fault: PhotoFault, label: string): FaceError {
  const { cause = fault } = fault;
  return new FaceError('FACE_IMAGE_DECODE', `The photo ${label} can't be decoded: ${fault.message}.`, {
    cause,
  });
}

const REMEDIES: Readonly<Record<MachineTrouble['lack'], string>> = {
  memory: 'Close other programs, or work on fewer photos at once (jobs; on the command line: --jobs 1).',
  threads:
    'Raise the limit (ulimit -u; of a container: pids), or work on fewer photos at once (jobs; on the command line: --jobs 1).',
  unknown: 'The photo may be whole: look at it in another program, and try again.',
};

function troubleError({ lack, message, cause }: MachineTrouble, label: string): FaceError {
  return new FaceError(
    lack === 'memory' ? 'FACE_OUT_OF_MEMORY' : 'FACE_IMAGE_DECODER',
    `The photo ${label} could not be decoded: ${message}. ${REMEDIES[lack]}`,
    { cause },
  );
}

function tooLarge(label: string, width: number, height: number, maxPixels: number): FaceError {
  return new FaceError(
    'FACE_IMAGE_TOO_LARGE',
    `The photo ${label} is ${width} x ${height} pixels, more than the ${maxPixels} allowed. ` +
      'Make it smaller, or raise maxPixels (on the command line: --max-pixels) if there is memory for it.',
  );
}
