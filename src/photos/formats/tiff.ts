/*
 * What the first directory of a TIFF says of its pixels: some kinds libvips decodes to wrong or black pictures, or to an
 * error like that of a damaged file. Layout: "TIFF Revision 6.0", sections 2, 20 and 21; BigTIFF as libtiff has it.
 */
import type { RawImage } from '../../base/types';
import { CUT_OFF, DAMAGED, PhotoFault } from '../photo-fault';
import { inTurns } from '../turns';

const BITS_PER_SAMPLE = 258;
const COMPRESSION = 259;
const PHOTOMETRIC = 262;
const YCBCR_COEFFICIENTS = 529;
const YCBCR_SUBSAMPLING = 530;
const REFERENCE_BLACK_WHITE = 532;

const OLD_JPEG = 6;
const JPEG = 7;
/** Those of libtiff that need no other library, and deflate. */
const COMPRESSIONS: ReadonlySet<number> = new Set([
  1,
  2,
  3,
  4,
  5,
  JPEG,
  8,
  32766,
  32771,
  32773,
  32809,
  32946,
  34676,
  34677,
]);
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
/** Of colours that are no photo's to look at, as raw data of a camera are not. */
const COLOUR_NAMES: Readonly<Record<number, string>> = {
  4: 'a mask',
  9: 'ICCLab colours',
  10: 'ITULab colours',
  32803: 'raw data of a camera',
  34892: 'raw data of a camera',
};

const DEPTHS: ReadonlySet<number> = new Set([1, 2, 4, 8, 16, 32, 64]);

/** How a TIFF's pixels are stored, as far as it matters here. */
export interface TiffKind {
  /** Set if decoding gives luma and colour differences, which {@link ycbcrToRgb} makes colours of. */
  readonly ycbcr?: YcbcrScale;
}

export interface YcbcrScale {
  /** Shares of red, green and blue in the luma. */
  readonly luma: readonly [number, number, number];
  /** Of luma and both differences: the codes for black (for no difference), and for white (for the largest). */
  readonly blackWhite: readonly number[];
}

/** @throws PhotoFault if the directory is not there, or the TIFF is of a kind that is not decoded: that is named */
export function readTiff(bytes: Uint8Array): TiffKind {
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
  if (colours !== YCBCR || compression === JPEG) return {};
  const subsampling = tags.get(YCBCR_SUBSAMPLING) ?? [2, 2];
  if (subsampling.some((step) => step !== 1)) return {};
  if (depth !== 8) throw unsupported(`YCbCr colours of ${depth} bits`);
  const [r = 0.299, g = 0.587, b = 0.114] = tags.get(YCBCR_COEFFICIENTS) ?? [];
  const given = tags.get(REFERENCE_BLACK_WHITE) ?? [];
  const blackWhite = [0, 255, 128, 255, 128, 255].map((code, i) => given[i] ?? code);
  return { ycbcr: { luma: [r, g, b], blackWhite } };
}

function unsupported(what: string): PhotoFault {
  return new PhotoFault(`it is a TIFF with ${what}, which is not supported; convert it to JPEG or PNG first`);
}

/** Bytes of a value, and how to read it, by the types that are needed here. */
const TYPES: Readonly<
  Record<number, readonly [number, (view: DataView, at: number, le: boolean) => number]>
> = {
  1: [1, (view, at) => view.getUint8(at)],
  3: [2, (view, at, le) => view.getUint16(at, le)],
  4: [4, (view, at, le) => view.getUint32(at, le)],
  5: [8, (view, at, le) => view.getUint32(at, le) / (view.getUint32(at + 4, le) || 1)],
  11: [4, (view, at, le) => view.getFloat32(at, le)],
};
/** More than any of the tags here has. */
const MOST_VALUES = 16;

function readTags(bytes: Uint8Array): Map<number, number[]> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 8) throw new PhotoFault(CUT_OFF);
  const le = bytes[0] === 0x49;
  const big = view.getUint16(2, le) === 43;
  if (big && bytes.length < 16) throw new PhotoFault(CUT_OFF);
  const number = (at: number, wide: boolean) =>
    wide ? Number(view.getBigUint64(at, le)) : view.getUint32(at, le);
  const [countBytes, entryBytes, inPlaceBytes] = big ? [8, 20, 8] : [2, 12, 4];

  const directory = number(big ? 8 : 4, big);
  if (directory < 8) throw new PhotoFault(DAMAGED);
  if (directory + countBytes > bytes.length) throw new PhotoFault(CUT_OFF);
  const count = big ? number(directory, true) : view.getUint16(directory, le);
  if (directory + countBytes + count * entryBytes > bytes.length) throw new PhotoFault(CUT_OFF);

  const tags = new Map<number, number[]>();
  for (let i = 0; i < count; i++) {
    const entry = directory + countBytes + i * entryBytes;
    const type = TYPES[view.getUint16(entry + 2, le)];
    const values = number(entry + 4, big);
    if (!type || values === 0 || values > MOST_VALUES) continue;
    const [size, read] = type;
    const field = entry + entryBytes - inPlaceBytes;
    const at = values * size <= inPlaceBytes ? field : number(field, big);
    if (at + values * size > bytes.length) continue;
    tags.set(
      view.getUint16(entry, le),
      Array.from({ length: values }, (_, k) => read(view, at + k * size, le)),
    );
  }
  return tags;
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
