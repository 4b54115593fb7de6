import { FaceError, throwIfAborted } from '../base/errors';
import type { ImageInput, PhotoFacts, RawImage } from '../base/types';
import { integer } from '../base/validate';
import { checkMachineHolds } from '../system/machine-memory';
import { decodeBmp, readBmpHeader } from './formats/bmp';
import { type PhotoFormat, photoFormat, whyNoPhoto } from './formats/formats';
import { withKnownBrands } from './formats/heif-brands';
import { isWorthLookingAt, readRaw, withOrientation } from './formats/raw';
import type { OpenedFile } from './formats/sharp';
import { checkPixels, givenImage, type PhotoName } from './given';
import { PhotoFault } from './photo-fault';
import { failureOf, type MachineTrouble } from './reasons';

export interface DecodeOptions {
  /** Photos with more pixels are refused before they are decoded (a pixel takes 3 bytes). Default: {@link DEFAULT_MAX_PIXELS}. */
  readonly maxPixels?: number;
  /**
   * Looked at between reading and decoding; a decoding that has begun is finished and its result thrown away (that of a HEIC
   * is stopped).
   */
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
 * colours as stored (the ICC profile is ignored). What the file contains counts, not its name. Of an animation, an MPO or a TIFF with
 * several pages it is the first picture, of a HEIC or AVIF the primary one; of a camera's raw photo the best of the JPEGs that the
 * camera has put inside, with a `warning` if that is a small one.
 *
 * Where OpenCV 4.6 gives something else:
 * - GIF, AVIF, HEIC, animated WebP and raw photos: OpenCV does not read them. JPEG 2000: only OpenCV does. A HEIC's pixels are those
 *   of libheif, turned as the file says; what EXIF says of it is left out, as the format wants it.
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
  const { signal } = options;
  const maxPixels = integer('maxPixels', options.maxPixels ?? DEFAULT_MAX_PIXELS, 1);
  throwIfAborted(signal);
  const image = givenImage(input, maxPixels);
  if (!('read' in image)) return image;
  const { bytes } = await image.read(signal);
  return (await openBytes(bytes, image, maxPixels, signal)).decode(signal);
}

/** @internal */
export type DecodingStage = 'decoding' | 'decoded';

/**
 * A photo whose file has been read and whose size is known. Its pixels, many times as large, are yet to be decoded.
 * @internal
 */
export class OpenedImage {
  /** What was wrong with the file, once it has been decoded; see {@link DecodedImage}. */
  warning: string | undefined;
  /** Is told when decoding begins, and when it has ended well. */
  onStage: ((stage: DecodingStage) => void) | undefined;
  /** Is given the pixels, before anybody works on them. */
  onPixels: ((pixels: RawImage) => void) | undefined;

  /** @internal */
  constructor(
    /** Width and height in pixels, as they are stored: decoding may turn the photo. */
    readonly width: number,
    readonly height: number,
    /** Bytes that are taken until the photo is decoded, beside the pixels that come out: its file, and what decoding needs. */
    readonly decodingBytes: number,
    private decodeOnce: OpenedFile['decode'] | undefined,
    /** See {@link PhotoFacts}: pixels that were given are upright. */
    readonly orientation = 1,
    public taken: string | null = null,
  ) {}

  get facts(): PhotoFacts {
    const { width, height, orientation, taken } = this;
    // From 5 on, the picture lies on its side.
    const upright = orientation < 5 ? { width, height } : { width: height, height: width };
    return { ...upright, orientation, taken };
  }

  /** See {@link decodeImage}. Once only: the bytes of the file are let go. */
  async decode(signal?: AbortSignal): Promise<DecodedImage> {
    throwIfAborted(signal);
    const decode = this.decodeOnce;
    if (!decode) throw new FaceError('FACE_INTERNAL', 'A photo was decoded that had been decoded before.');
    this.decodeOnce = undefined;
    this.onStage?.('decoding');
    const image = await decode(signal);
    this.onStage?.('decoded');
    this.warning = image.warning;
    throwIfAborted(signal);
    this.onPixels?.(image);
    return image;
  }
}

/**
 * Finds out how large a photo is whose file has been read, so that the memory for decoding it can be waited for.
 * @throws FaceError as {@link decodeImage} does
 * @internal
 */
export async function openBytes(
  bytes: Uint8Array,
  photo: PhotoName,
  maxPixels: number,
  signal: AbortSignal | undefined,
): Promise<OpenedImage> {
  throwIfAborted(signal);
  const format = photoFormat(bytes);
  if (!format) {
    throw faultError(new PhotoFault(bytes.length === 0 ? 'it is empty' : whyNoPhoto(bytes)), photo);
  }
  const explained = <T>(work: Promise<T>): Promise<T> =>
    work.catch((cause: unknown) => {
      throw decodeError(cause, bytes, format, photo);
    });
  const opened = await explained(open(bytes, format));
  const { width, height, decodingBytes, decode, orientation, taken } = opened;
  throwIfAborted(signal);
  checkPixels(photo, opened, maxPixels);
  const beside = bytes.length + decodingBytes;
  checkMachineHolds(
    3 * width * height + beside,
    `Decoding the photo ${photo.label} of ${width} x ${height} pixels`,
    photo.path,
  );
  return new OpenedImage(width, height, beside, (stop) => explained(decode(stop)), orientation, taken);
}

async function open(bytes: Uint8Array, format: PhotoFormat): Promise<OpenedFile> {
  if (format === 'bmp') return openBmp(bytes);
  if (format === 'heif') return openWithSharp(withKnownBrands(bytes), format);
  return format === 'cameraRaw' ? openRaw(bytes) : openWithSharp(bytes, format);
}

/** The best of the JPEGs inside that can be opened. */
async function openRaw(bytes: Uint8Array): Promise<OpenedFile> {
  const { previews, orientation, taken } = readRaw(bytes);
  let fault: unknown;
  for (const preview of previews) {
    const turned = preview.orientation === undefined && orientation !== 1;
    const jpeg = turned ? withOrientation(preview.jpeg, orientation) : preview.jpeg;
    try {
      const opened = await openWithSharp(jpeg, 'jpeg');
      const { width, height } = opened;
      const decode = async () => {
        const image = await opened.decode();
        if (image.warning !== undefined || isWorthLookingAt(opened)) return image;
        const warning = `Only a small picture inside the raw photo could be used: ${width} x ${height} pixels.`;
        return { ...image, warning };
      };
      return { ...opened, taken: taken ?? opened.taken, decode };
    } catch (error) {
      if (!(error instanceof PhotoFault)) throw error;
      fault ??= error;
    }
  }
  throw fault;
}

async function openBmp(bytes: Uint8Array): Promise<OpenedFile> {
  const header = readBmpHeader(bytes);
  const { width, height } = header;
  const decode = () => decodeBmp(bytes, header);
  return { width, height, orientation: 1, taken: null, decodingBytes: 0, decode };
}

/** Loaded when the first photo is opened: the image library takes as much memory and time as all else together. */
function openWithSharp(bytes: Uint8Array, format: PhotoFormat): Promise<OpenedFile> {
  const library = require('./formats/sharp') as typeof import('./formats/sharp');
  return library.openWithSharp(bytes, format);
}

function decodeError(cause: unknown, bytes: Uint8Array, format: PhotoFormat, photo: PhotoName): FaceError {
  if (cause instanceof FaceError) return cause;
  const failure = failureOf(cause, bytes, format);
  if (failure instanceof PhotoFault) return faultError(failure, photo);
  return new FaceError(
    failure.lack === 'memory' ? 'FACE_OUT_OF_MEMORY' : 'FACE_IMAGE_DECODER',
    `The photo ${photo.label} could not be decoded: ${failure.message}.`,
    { cause: failure.cause, path: photo.path, remedy: REMEDIES[failure.lack] },
  );
}

function faultError(fault: PhotoFault, { label, path }: PhotoName): FaceError {
  const { cause = fault } = fault;
  return new FaceError('FACE_IMAGE_DECODE', `The photo ${label} can't be decoded: ${fault.message}.`, {
    cause,
    path,
  });
}

const REMEDIES: Readonly<Record<MachineTrouble['lack'], string>> = {
  memory: 'Close other programs, or work on fewer photos at once (jobs; on the command line: --jobs 1).',
  threads:
    'Raise the limit (ulimit -u; of a container: pids), or work on fewer photos at once (jobs; on the command line: --jobs 1).',
  unknown: 'The photo may be whole: look at it in another program, and try again.',
};
