import type { FailOnOptions, Metadata, Sharp } from 'sharp';
import { FaceError } from '../../base/errors';
import type { RawImage } from '../../base/types';
import type { DecodedImage } from '../decode';
import { PhotoFault, partWarning } from '../photo-fault';
import { type DecodeFailure, failureOf } from '../reasons';
import { inTurns } from '../turns';
import { takenAt } from './exif';
import type { PhotoFormat } from './formats';
import { isHevc, isNoLargerInside } from './heif-boxes';
import { decodeHevc, hevcDecodingBytes } from './hevc';
import { loadSharp } from './load-sharp';
import { readTiff, ycbcrToRgb } from './tiff';

/** A file of which the decoder has seen the beginning. */
export interface OpenedFile {
  readonly width: number;
  readonly height: number;
  /** See `PhotoFacts`. */
  readonly orientation: number;
  readonly taken: string | null;
  /** See `OpenedImage`. */
  readonly decodingBytes: number;
  readonly decode: (signal?: AbortSignal) => Promise<DecodedImage>;
}

/**
 * Opens everything but BMP; see `decodeImage` for what comes out. The first attempt is strict, so that a
 * damaged file is noticed; the last takes what there is, as OpenCV does.
 *
 * sharp's settings for the whole process (cache, threads) belong to the application and stay as they are.
 * @throws FaceError FACE_NATIVE_LOAD; everything else that goes wrong is a `DecodeFailure`
 */
export async function openWithSharp(bytes: Uint8Array, format: PhotoFormat): Promise<OpenedFile> {
  const file = new SharpFile(bytes, format);
  try {
    const strict = await file.twice(() => file.open('error'));
    const decode = (signal?: AbortSignal) =>
      file
        .twice(() => strict.decode(signal))
        .catch(async (damage: unknown) => (await file.openPart(damage)).decode(signal));
    return { ...strict, decode };
  } catch (damage) {
    return file.openPart(damage);
  }
}

class SharpFile {
  readonly #sharp = loadSharp();

  constructor(
    private readonly bytes: Uint8Array,
    private readonly format: PhotoFormat,
  ) {}

  /**
   * A fault of the photo counts when it is met twice, and so does one without a reason: libvips keeps one text of errors for
   * the whole process, and what it says once may be about another photo, or be gone.
   * @throws DecodeFailure
   */
  async twice<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      const failure = this.#failure(error);
      if (!(failure instanceof PhotoFault) && failure.lack !== 'unknown') throw failure;
    }
    return work().catch((error: unknown) => {
      throw this.#failure(error);
    });
  }

  /** What can be read of a file that is damaged: `damage` says how, and is thrown if nothing can. */
  async openPart(damage: unknown): Promise<OpenedFile> {
    if (!(damage instanceof PhotoFault)) throw damage;
    const giveUp = (error: unknown) => {
      const failure = this.#failure(error);
      // Or it is the machine's trouble.
      throw failure instanceof PhotoFault ? damage : failure;
    };
    const part = await this.open('none').catch(giveUp);
    const decode = async (signal?: AbortSignal) => {
      const image = await part.decode(signal).catch(giveUp);
      return { ...image, warning: partWarning(damage.message) };
    };
    return { ...part, decode };
  }

  async open(failOn: FailOnOptions): Promise<OpenedFile> {
    const { bytes, format } = this;
    const ownHevc = format === 'heif' && isHevc(bytes) && !this.#decodesHevc;
    const ycbcr = format === 'tiff' ? readTiff(bytes) : undefined;
    const source = this.#sharp(bytes, {
      failOn,
      ignoreIcc: true,
      // Limits are checked by the caller, which knows what to say.
      limitInputPixels: false,
      // Of JPEG it lifts one limit only: 100 of libjpeg's warnings, which a whole photo of some cameras gives. Of HEVC it is not asked
      // to decode anything, and photos of 200 megapixels have more tiles than it would read of.
      unlimited: format === 'jpeg' || (ownHevc && isNoLargerInside(bytes)),
    });
    const metadata = await source.metadata();
    // Of HEIF upright already, and without an orientation: what turns it is no part of EXIF, which may say it once more.
    const { width, height, orientation = 1 } = metadata;
    const decode = async (signal?: AbortSignal) => {
      if (ownHevc) return decodeHevc({ bytes, width, height, strict: failOn !== 'none' }, signal);
      const upright = source.autoOrient();
      if (metadata.space === 'cmyk') return fromCmyk(upright, format);
      const image = await pixelsOf(upright.toColourspace('srgb'), 3);
      if (ycbcr) await ycbcrToRgb(image, ycbcr);
      return image;
    };
    const exif = format === 'tiff' ? bytes : metadata.exif;
    return {
      width,
      height,
      orientation,
      taken: exif ? takenAt(exif) : null,
      decodingBytes: ownHevc
        ? hevcDecodingBytes(width * height, metadata.depth !== 'uchar', bytes.length)
        : width * height * decodingBytesPerPixel(metadata),
      decode,
    };
  }

  /** The prebuilt ones do not: of HEIF they decode AVIF. */
  get #decodesHevc(): boolean {
    return this.#sharp.format.heif?.input.fileSuffix?.includes('.heic') ?? false;
  }

  #failure(error: unknown): DecodeFailure {
    // It was aborted.
    if (error instanceof FaceError) throw error;
    return failureOf(error, this.bytes, this.format);
  }
}

/** What libvips holds at most of a photo that it decodes row by row, in bytes for each of the photo's pixels. */
const BY_ROWS = 2;
/** The same of formats that are decoded as a whole, with 8 bits and with more. */
const AS_A_WHOLE: Readonly<Record<string, readonly [number, number]>> = {
  heif: [17, 24],
  webp: [9, 9],
  gif: [5, 5],
};

/**
 * What decoding takes beside the pixels that come out, at most.
 *
 * Measured by `VmHWM` of a process that decodes one photo of 12 megapixels, less what it had before and the pixels, with
 * sharp 0.35, in bytes a pixel: JPEG, PNG and TIFF row by row 0.6 to 0.9, with 16 bits 1.3 to 1.8; turned 3.0 to 3.6, with
 * four channels of 16 bits 8.1, since the rows are then collected first; progressive JPEG 3.7 (colours halved) to 6.7, CMYK
 * 8.9, interlaced PNG 3.1 to 4.1, with four channels of 16 bits 8.3, since these are complete only at their end; WebP 7.6,
 * with transparency 8.8; GIF 4.9; AVIF 12.9 to 16.1, with more than 8 bits 16.2 to 22.6.
 */
function decodingBytesPerPixel({
  format,
  space,
  depth,
  channels,
  orientation = 1,
  isProgressive,
}: Metadata): number {
  const inks = space === 'cmyk' ? 4 : 0;
  const whole = AS_A_WHOLE[format];
  if (whole) return whole[depth === 'uchar' ? 0 : 1];
  const stored = channels * (depth === 'ushort' ? 2 : depth === 'uchar' ? 1 : 4);
  // A JPEG keeps coefficients of 16 bits.
  const complete = isProgressive ? (format === 'jpeg' ? 2 * channels : stored) : 0;
  return BY_ROWS + inks + Math.max(complete, orientation > 1 ? stored : 0);
}

/** The pixels without transparency, with 8 bits a channel. @throws PhotoFault unless there are so many channels */
async function pixelsOf(source: Sharp, channels: number): Promise<RawImage> {
  const raw = source.removeAlpha().raw({ depth: 'uchar' });
  const { data, info } = await raw.toBuffer({ resolveWithObject: true });
  if (info.channels !== channels) {
    throw new PhotoFault(
      `it has ${info.channels} channels of colour, which is not supported; convert it first`,
    );
  }
  return { data, width: info.width, height: info.height };
}

/**
 * Ink to light without a colour profile: `k * (255 - ink)`, with OpenCV's rounding for JPEG and libtiff's for
 * TIFF. sharp's own conversion assumes a printer's profile and is up to 135 levels away.
 */
async function fromCmyk(source: Sharp, format: PhotoFormat): Promise<RawImage> {
  const cmyk = source.pipelineColourspace('cmyk').toColourspace('cmyk');
  const { data: inks, width, height } = await pixelsOf(cmyk, 4);
  const data = new Uint8Array(3 * width * height);
  await inTurns(width * height, 1, (from, to) => {
    for (let i = from; i < to; i++) {
      const k = 255 - (inks[4 * i + 3] ?? 0);
      for (let c = 0; c < 3; c++) {
        const ink = inks[4 * i + c] ?? 0;
        data[3 * i + c] = format === 'tiff' ? Math.floor((k * (255 - ink)) / 255) : k - ((ink * k) >> 8);
      }
    }
  });
  return { data, width, height };
}
