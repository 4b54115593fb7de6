/*
 * What the first directory of a TIFF says of its pixels: some kinds libvips decodes to wrong or black pictures, or to an
 * error like that of a damaged file. Layout: "TIFF Revision 6.0", sections 20 and 21.
 */
import type { RawImage } from '../../base/types';
import { PhotoFault } from '../photo-fault';
import { inTurns } from '../turns';
import { readTags } from './tiff-tags';

const BITS_PER_SAMPLE = 258;
const COMPRESSION = 259;
const PHOTOMETRIC = 262;
const YCBCR_COEFFICIENTS = 529;
const YCBCR_SUBSAMPLING = 530;
const REFERENCE_BLACK_WHITE = 532;

const OLD_JPEG = 6;
const JPEG = 7;
/** Those of libtiff that need no other library, and deflate. */
const COMPRESSIONS = new Set([1, 2, 3, 4, 5, 7, 8, 32766, 32771, 32773, 32809, 32946, 34676, 34677]);
const COMPRESSION_NAMES: Readonly<Record<number, string>> = {
  [OLD_JPEG]: 'old-style JPEG',
  34712: 'JPEG 2000',
  34887: 'LERC',
  34925: 'LZMA',
  50000: 'Zstandard',
  50001: 'WebP',
  50002: 'JPEG XL',
};

const YCBCR = 6;
const CIELAB = 8;
/** Of colours that are no photo's to look at. */
const COLOUR_NAMES: Readonly<Record<number, string>> = {
  4: 'a mask',
  9: 'ICCLab colours',
  10: 'ITULab colours',
};

const DEPTHS: ReadonlySet<number> = new Set([1, 2, 4, 8, 16, 32, 64]);

export interface YcbcrScale {
  /** Shares of red, green and blue in the luma. */
  readonly luma: readonly [number, number, number];
  /** Of luma and both differences: the codes for black (for no difference), and for white (for the largest). */
  readonly blackWhite: readonly number[];
}

/**
 * Looks how a TIFF's pixels are stored.
 * @returns a scale if decoding gives luma and colour differences, which {@link ycbcrToRgb} makes colours of
 * @throws PhotoFault if the directory is not there, or the TIFF is of a kind that is not decoded: that is named
 */
export function readTiff(bytes: Uint8Array): YcbcrScale | undefined {
  const tags = readTags(bytes);
  const compression = tags.get(COMPRESSION)?.[0] ?? 1;
  const colours = tags.get(PHOTOMETRIC)?.[0];
  const depth = tags.get(BITS_PER_SAMPLE)?.[0] ?? 1;
  if (!COMPRESSIONS.has(compression)) {
    throw unsupported(`${COMPRESSION_NAMES[compression] ?? `unknown (${compression})`} compression`);
  }
  if (!DEPTHS.has(depth)) throw unsupported(`${depth} bits a channel`);
  if (colours === CIELAB && depth === 8) throw unsupported('CIELab colours');
  if (colours !== undefined && colours in COLOUR_NAMES) throw unsupported(COLOUR_NAMES[colours] as string);
  // What is compressed as JPEG, or has fewer colour differences than pixels, libvips has libtiff make colours of.
  if (colours !== YCBCR || compression === JPEG) return undefined;
  const subsampling = tags.get(YCBCR_SUBSAMPLING) ?? [2, 2];
  if (subsampling.some((step) => step !== 1)) return undefined;
  if (depth !== 8) throw unsupported(`YCbCr colours of ${depth} bits`);
  const [r = 0.299, g = 0.587, b = 0.114] = tags.get(YCBCR_COEFFICIENTS) ?? [];
  const given = tags.get(REFERENCE_BLACK_WHITE) ?? [];
  const blackWhite = [0, 255, 128, 255, 128, 255].map((code, i) => given[i] ?? code);
  return { luma: [r, g, b], blackWhite };
}

function unsupported(what: string): PhotoFault {
  return new PhotoFault(`it is a TIFF with ${what}, which is not supported; convert it to JPEG or PNG first`);
}

/** Fixed-point bits of libtiff's tables, so that it rounds as libtiff does. */
const SHIFT = 16;
const HALF = 1 << (SHIFT - 1);

/** Makes colours of luma and colour differences in place, to the values of libtiff's `TIFFYCbCrtoRGB`. */
export async function ycbcrToRgb({ data, width, height }: RawImage, scale: YcbcrScale): Promise<void> {
  const { luma, red, greenOfCb, greenOfCr, blue } = tables(scale);
  await inTurns(height, width, (from, to) => {
    for (let i = 3 * width * from; i < 3 * width * to; i += 3) {
      const y = luma[data[i] as number] as number;
      const cb = data[i + 1] as number;
      const cr = data[i + 2] as number;
      data[i] = clamp(y + (red[cr] as number));
      data[i + 1] = clamp(y + (((greenOfCb[cb] as number) + (greenOfCr[cr] as number)) >> SHIFT));
      data[i + 2] = clamp(y + (blue[cb] as number));
    }
  });
}

function tables({ luma: [r, g, b], blackWhite }: YcbcrScale) {
  const fixed = (factor: number) => Math.floor(Math.min(2, Math.max(0, factor)) * (1 << SHIFT) + 0.5);
  const redOfCr = 2 - 2 * r;
  const blueOfCb = 2 - 2 * b;
  const [d1, d2] = [fixed(redOfCr), -fixed((r * redOfCr) / g)];
  const [d3, d4] = [fixed(blueOfCb), -fixed((b * blueOfCb) / g)];
  const [y0 = 0, y1 = 0, cb0 = 0, cb1 = 0, cr0 = 0, cr1 = 0] = blackWhite;
  const value = (code: number, black: number, white: number, range: number) => {
    const scaled = ((code - black) * range) / (white === black ? 1 : white - black);
    return Math.trunc(Math.min(128 * 32, Math.max(-128 * 32, scaled)));
  };
  const table = (of: (code: number) => number) => Int32Array.from({ length: 256 }, (_, code) => of(code));
  const cb = (code: number) => value(code - 128, cb0 - 128, cb1 - 128, 127);
  const cr = (code: number) => value(code - 128, cr0 - 128, cr1 - 128, 127);
  return {
    luma: table((code) => value(code, y0, y1, 255)),
    red: table((code) => (d1 * cr(code) + HALF) >> SHIFT),
    blue: table((code) => (d3 * cb(code) + HALF) >> SHIFT),
    greenOfCr: table((code) => d2 * cr(code)),
    greenOfCb: table((code) => d4 * cb(code) + HALF),
  };
}

function clamp(value: number): number {
  return value < 0 ? 0 : Math.min(value, 255);
}
