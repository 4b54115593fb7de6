import sharp, { type FailOnOptions, type Sharp } from 'sharp';
import { messageOf } from '../errors';
import type { DecodedImage } from './decode';
import { guessFormat, partWarning, reasonOf } from './reasons';
import { inTurns } from './turns';

/** A file of which the decoder has seen the beginning. */
export interface OpenedFile {
  readonly width: number;
  readonly height: number;
  /** See `OpenedImage`. */
  readonly decodingBytes: number;
  readonly decode: () => Promise<DecodedImage>;
}

/** What sharp calls the formats of the contract: it would also take drawings (SVG) and others, from a `.jpg` too. */
const FORMATS: ReadonlySet<string> = new Set(['jpeg', 'png', 'tiff', 'webp', 'gif', 'heif']);

/**
 * What libvips holds beside the pixels that come out, at most: a copy to turn the photo (3 or 4 bytes), and what a
 * progressive JPEG (6 bytes of coefficients) or an interlaced PNG (4 to 8 bytes) has to keep as a whole.
 */
const DECODING_BYTES_PER_PIXEL = 9;

/**
 * Opens everything but BMP; see `decodeImage` for what comes out. The first attempt is strict, so that a
 * damaged file is noticed; the second takes what there is, as OpenCV does.
 *
 * sharp's settings for the whole process (cache, threads) belong to the application and stay as they are.
 */
export async function openWithSharp(bytes: Uint8Array): Promise<OpenedFile> {
  const strict = await open(bytes, 'error').catch((error: unknown) => ({ error }));
  if (!('error' in strict)) {
    const decode = () => strict.decode().catch((error) => decodePart(bytes, error));
    return { ...strict, decode };
  }
  const tolerant = await open(bytes, 'none').catch(() => {
    throw strict.error;
  });
  return { ...tolerant, decode: () => decodePart(bytes, strict.error) };
}

/** What can be read of a file that is damaged: `damage` says how, and is thrown if nothing can. */
async function decodePart(bytes: Uint8Array, damage: unknown): Promise<DecodedImage> {
  try {
    const image = await (await open(bytes, 'none')).decode();
    return { ...image, warning: partWarning(reasonOf(messageOf(damage), guessFormat(bytes))) };
  } catch {
    throw damage;
  }
}

async function open(bytes: Uint8Array, failOn: FailOnOptions): Promise<OpenedFile> {
  // Limits are checked by the caller, which knows what to say.
  const source = sharp(bytes, { failOn, ignoreIcc: true, limitInputPixels: false });
  const { width, height, format, space } = await source.metadata();
  if (!FORMATS.has(format)) throw new Error('unsupported image format');
  const decode = () => {
    const upright = source.autoOrient();
    return space === 'cmyk' ? fromCmyk(upright, format) : fromRgb(upright);
  };
  return { width, height, decodingBytes: DECODING_BYTES_PER_PIXEL * width * height, decode };
}

async function fromRgb(source: Sharp): Promise<DecodedImage> {
  const { data, info } = await source
    .toColourspace('srgb')
    .removeAlpha()
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  if (info.channels !== 3) throw new Error(`${info.channels} channels`);
  return { data, width: info.width, height: info.height };
}

/**
 * Ink to light without a colour profile: `k * (255 - ink)`, with OpenCV's rounding for JPEG and libtiff's for
 * TIFF. sharp's own conversion assumes a printer's profile and is up to 135 levels away.
 */
async function fromCmyk(source: Sharp, format: string): Promise<DecodedImage> {
  const { data: inks, info } = await source
    .pipelineColourspace('cmyk')
    .toColourspace('cmyk')
    .removeAlpha()
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  if (info.channels !== 4) throw new Error(`${info.channels} channels`);
  const pixels = info.width * info.height;
  const data = new Uint8Array(3 * pixels);
  await inTurns(pixels, 1, (from, to) => {
    for (let i = from; i < to; i++) {
      const k = 255 - (inks[4 * i + 3] ?? 0);
      for (let c = 0; c < 3; c++) {
        const ink = inks[4 * i + c] ?? 0;
        data[3 * i + c] = format === 'tiff' ? Math.floor((k * (255 - ink)) / 255) : k - ((ink * k) >> 8);
      }
    }
  });
  return { data, width: info.width, height: info.height };
}
