/*
 * Windows bitmaps, the one format of the contract that sharp does not decode. Written here because the small
 * decoders on npm give wrong pixels for run-length encoded and odd-width palette files and trust the sizes
 * in the header. Layout: "BITMAPINFOHEADER" and "Bitmap Compression" in Microsoft's Windows GDI documentation.
 */
import { setImmediate } from 'node:timers/promises';
import type { DecodedImage } from '../decode';
import { CUT_OFF, DAMAGED, PhotoFault, partWarning } from '../photo-fault';
import { inTurns } from '../turns';

/** What a bitmap's headers say, checked. */
export interface BmpHeader {
  readonly width: number;
  readonly height: number;
  /** Rows are stored from top to bottom instead of from bottom to top. */
  readonly topDown: boolean;
  readonly bits: number;
  readonly runLength: boolean;
  /** Red, green and blue masks of a 16- or 32-bit pixel. */
  readonly masks: readonly [number, number, number];
  /** RGB triples; as many as `bits` can address, black where the file has none. */
  readonly palette: Uint8Array;
  /** Where the pixels start. */
  readonly offset: number;
}

const FILE_HEADER = 14;
const RGB = 0;
const RLE8 = 1;
const RLE4 = 2;
const BITFIELDS = 3;
const ALPHA_BITFIELDS = 6;
const DEPTHS = new Set([1, 4, 8, 16, 24, 32]);

/** Reads the headers and the palette. Nothing is allocated from the sizes they claim. */
export function readBmpHeader(bytes: Uint8Array): BmpHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < FILE_HEADER + 12) throw new PhotoFault(CUT_OFF);
  const offset = view.getUint32(10, true);
  const size = view.getUint32(FILE_HEADER, true);
  const core = size === 12;
  if (bytes.length < FILE_HEADER + size) throw new PhotoFault(CUT_OFF);

  const width = core ? view.getUint16(18, true) : view.getInt32(18, true);
  const signedHeight = core ? view.getUint16(20, true) : view.getInt32(22, true);
  const bits = view.getUint16(core ? 24 : 28, true);
  const compression = core ? RGB : view.getUint32(30, true);
  const colours = core ? 0 : view.getUint32(46, true);
  const height = Math.abs(signedHeight);
  if (width <= 0 || height === 0) throw new PhotoFault(DAMAGED);
  if (!DEPTHS.has(bits)) throw new PhotoFault(`it is a bitmap with ${bits} bits per pixel`);

  const runLength = (compression === RLE8 && bits === 8) || (compression === RLE4 && bits === 4);
  const masked =
    (compression === BITFIELDS || compression === ALPHA_BITFIELDS) && (bits === 16 || bits === 32);
  if (compression !== RGB && !runLength && !masked) {
    throw new PhotoFault(`it is a bitmap with a compression (${compression}) that is not supported`);
  }

  let masks: [number, number, number] = bits === 16 ? [0x7c00, 0x3e0, 0x1f] : [0xff0000, 0xff00, 0xff];
  if (masked) {
    // Right after the first 40 bytes, be it inside a longer header or behind a short one.
    if (bytes.length < FILE_HEADER + 52) throw new PhotoFault(CUT_OFF);
    masks = [view.getUint32(54, true), view.getUint32(58, true), view.getUint32(62, true)];
  }
  return {
    width,
    height,
    topDown: signedHeight < 0,
    bits,
    runLength,
    masks,
    palette: readPalette(bytes, FILE_HEADER + size, bits, colours, core ? 3 : 4),
    offset,
  };
}

/**
 * Decodes the pixels as OpenCV does: 5- and 6-bit channels are shifted up, alpha is dropped.
 *
 * @throws PhotoFault if not even one row of pixels is there: before anything is allocated, since a damaged header may
 *   claim any size
 * @returns the picture, with a warning if the file ended before it was complete (the rest is black, or the palette's first
 *   colour).
 */
export async function decodeBmp(bytes: Uint8Array, header: BmpHeader): Promise<DecodedImage> {
  const { width, height, topDown, runLength } = header;
  checkSize(bytes, header);
  const data = new Uint8Array(3 * width * height);
  const stored = { pixels: bytes.subarray(header.offset), cutOff: false };
  let { pixels, cutOff } = runLength ? await expandRuns(bytes, header) : stored;
  const bits = runLength ? 8 : header.bits;
  const stride = runLength ? width : 4 * Math.ceil((width * bits) / 32);
  const readRow = rowReader({ ...header, bits });
  await inTurns(height, width, (from, to) => {
    for (let y = from; y < to; y++) {
      const row = pixels.subarray(y * stride, (y + 1) * stride);
      const complete = Math.min(width, Math.floor((row.length * 8) / bits));
      readRow(row, complete, data, 3 * width * (topDown ? y : height - 1 - y));
      cutOff ||= complete < width;
    }
  });
  return { data, width, height, ...(cutOff && { warning: partWarning(CUT_OFF) }) };
}

type RowReader = (row: Uint8Array, count: number, out: Uint8Array, at: number) => void;

function rowReader({ bits, palette, masks }: Pick<BmpHeader, 'bits' | 'palette' | 'masks'>): RowReader {
  if (bits <= 8) {
    const perByte = 8 / bits;
    const mask = (1 << bits) - 1;
    return (row, count, out, at) => {
      for (let x = 0; x < count; x++) {
        const shift = 8 - bits * ((x % perByte) + 1);
        const index = 3 * (((row[Math.floor(x / perByte)] ?? 0) >> shift) & mask);
        out[at + 3 * x] = palette[index] ?? 0;
        out[at + 3 * x + 1] = palette[index + 1] ?? 0;
        out[at + 3 * x + 2] = palette[index + 2] ?? 0;
      }
    };
  }
  if (bits === 24) {
    return (row, count, out, at) => {
      for (let i = 0; i < 3 * count; i += 3) {
        out[at + i] = row[i + 2] ?? 0;
        out[at + i + 1] = row[i + 1] ?? 0;
        out[at + i + 2] = row[i] ?? 0;
      }
    };
  }
  const channels = masks.map(channel);
  const step = bits / 8;
  return (row, count, out, at) => {
    for (let x = 0; x < count; x++) {
      let value = 0;
      for (let k = step - 1; k >= 0; k--) value = (value << 8) | (row[x * step + k] ?? 0);
      for (let c = 0; c < 3; c++) out[at + 3 * x + c] = channels[c]?.(value) ?? 0;
    }
  };
}

/** Takes the bits of `mask` out of a pixel and makes 8 of them by a shift, without filling up. */
function channel(mask: number): (pixel: number) => number {
  if (mask === 0) return () => 0;
  const low = 31 - Math.clz32(mask & -mask);
  const size = 32 - Math.clz32(mask >>> low);
  const top = mask >>> low;
  return (pixel) => {
    const value = (pixel >>> low) & top;
    return size > 8 ? value >>> (size - 8) : value << (8 - size);
  };
}

/** One palette index a byte, rows without padding, in the order of the file. */
async function expandRuns(
  bytes: Uint8Array,
  header: BmpHeader,
): Promise<{ pixels: Uint8Array; cutOff: boolean }> {
  const { width, height, bits } = header;
  const pixels = new Uint8Array(width * height);
  let at = header.offset;
  let x = 0;
  let y = 0;
  const put = (index: number) => {
    if (x < width) pixels[y * width + x++] = index;
  };
  for (let runs = 1; y < height; runs++) {
    // Of 255 pixels at most.
    if (runs % 512 === 0) await setImmediate();
    if (at + 1 >= bytes.length) return { pixels, cutOff: true };
    const count = bytes[at++] ?? 0;
    const value = bytes[at++] ?? 0;
    if (count > 0) {
      for (let i = 0; i < count; i++) put(bits === 8 ? value : nibble(value, i));
    } else if (value === 0) {
      x = 0;
      y++;
    } else if (value === 1) {
      break;
    } else if (value === 2) {
      x += bytes[at++] ?? 0;
      y += bytes[at++] ?? 0;
    } else {
      const length = bits === 8 ? value : (value + 1) >> 1;
      for (let i = 0; i < value; i++) {
        put(bits === 8 ? (bytes[at + i] ?? 0) : nibble(bytes[at + (i >> 1)] ?? 0, i));
      }
      at += length + (length & 1);
    }
  }
  return { pixels, cutOff: false };
}

function nibble(byte: number, i: number): number {
  return i & 1 ? byte & 15 : byte >> 4;
}

function readPalette(bytes: Uint8Array, at: number, bits: number, colours: number, step: number): Uint8Array {
  if (bits > 8) return new Uint8Array(0);
  const most = 1 << bits;
  const palette = new Uint8Array(3 * most);
  const count = colours === 0 ? most : Math.min(colours, most);
  for (let i = 0; i < count; i++) {
    palette[3 * i] = bytes[at + i * step + 2] ?? 0;
    palette[3 * i + 1] = bytes[at + i * step + 1] ?? 0;
    palette[3 * i + 2] = bytes[at + i * step] ?? 0;
  }
  return palette;
}

/** Throws unless the bytes of one row are there; run-length encoded, a row takes at least two for 255 pixels. */
function checkSize(bytes: Uint8Array, { width, bits, runLength, offset }: BmpHeader): void {
  const row = runLength ? 2 * Math.ceil(width / 255) : Math.ceil((width * bits) / 8);
  if (bytes.length < offset + row) {
    throw new PhotoFault(`${DAMAGED}: it has not even one row of its pixels`);
  }
}
