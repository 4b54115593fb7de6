import sharp, { type FailOnOptions, type Sharp } from 'sharp';
import { messageOf } from '../errors';
import type { DecodedImage } from './decode';
import { guessFormat, partWarning, reasonOf } from './reasons';
import { inTurns } from './turns';

/** The photo has more pixels than allowed. */
export class PixelLimitError extends Error {
  constructor(
    readonly width: number,
    readonly height: number,
  ) {
    super('more pixels than allowed');
  }
}

/** What sharp calls the formats of the contract: it would also take drawings (SVG) and others, from a `.jpg` too. */
const FORMATS: ReadonlySet<string> = new Set(['jpeg', 'png', 'tiff', 'webp', 'gif', 'heif']);

/**
 * Decodes everything but BMP; see `decodeImage` for what comes out. The first attempt is strict, so that a
 * damaged file is noticed; the second takes what there is, as OpenCV does.
 *
 * sharp's settings for the whole process (cache, threads) belong to the application and stay as they are.
 */
export async function decodeWithSharp(bytes: Uint8Array, maxPixels: number): Promise<DecodedImage> {
  try {
    return await attempt(bytes, maxPixels, 'error');
  } catch (strict) {
    if (strict instanceof PixelLimitError) throw strict;
    try {
      const image = await attempt(bytes, maxPixels, 'none');
      return { ...image, warning: partWarning(reasonOf(messageOf(strict), guessFormat(bytes))) };
    } catch {
      throw strict;
    }
  }
}

async function attempt(bytes: Uint8Array, maxPixels: number, failOn: FailOnOptions): Promise<DecodedImage> {
  // The limit is checked here, where the size for the message is known.
  const source = sharp(bytes, { failOn, ignoreIcc: true, limitInputPixels: false });
  const { width, height, format, space } = await source.metadata();
  if (!FORMATS.has(format)) throw new Error('unsupported image format');
  if (width * height > maxPixels) throw new PixelLimitError(width, height);
  const upright = source.autoOrient();
  if (space === 'cmyk') return fromCmyk(upright, format);
  const { data, info } = await upright
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
