/** The parts of a Windows bitmap; `pixels` are the bytes of the rows as they stand in the file. */
export interface BmpParts {
  width: number;
  height: number;
  bits: number;
  pixels: readonly number[];
  /** RGB. */
  palette?: readonly (readonly [number, number, number])[];
  /** Red, green, blue and maybe alpha masks. */
  masks?: readonly number[];
  /** 0 none, 1 RLE8, 2 RLE4, 3 masks. */
  compression?: number;
  topDown?: boolean;
  /** 12 (OS/2), 40, 108 or 124. */
  headerSize?: number;
}

/** Puts a bitmap file together: sharp writes none. */
export function bmpFile(parts: BmpParts): Buffer {
  const { width, height, bits, pixels, palette = [], masks = [], headerSize = 40 } = parts;
  const behind = headerSize === 40 ? 4 * masks.length : 0;
  const head = Buffer.alloc(14 + headerSize + behind);
  const entries = palette.flatMap(([r, g, b]) => (headerSize === 12 ? [b, g, r] : [b, g, r, 0]));
  head.write('BM');
  head.writeUInt32LE(head.length + entries.length + pixels.length, 2);
  head.writeUInt32LE(head.length + entries.length, 10);
  head.writeUInt32LE(headerSize, 14);
  if (headerSize === 12) {
    head.writeUInt16LE(width, 18);
    head.writeUInt16LE(height, 20);
    head.writeUInt16LE(1, 22);
    head.writeUInt16LE(bits, 24);
  } else {
    head.writeInt32LE(width, 18);
    head.writeInt32LE(parts.topDown ? -height : height, 22);
    head.writeUInt16LE(1, 26);
    head.writeUInt16LE(bits, 28);
    head.writeUInt32LE(parts.compression ?? 0, 30);
    head.writeUInt32LE(palette.length, 46);
    for (const [i, mask] of masks.entries()) head.writeUInt32LE(mask, 54 + 4 * i);
  }
  return Buffer.concat([head, Buffer.from(entries), Buffer.from(pixels)]);
}

/** A black bitmap of 24 bits a pixel. */
export function bitmap(width: number, height: number): Buffer {
  const stride = Math.ceil((width * 3) / 4) * 4;
  return bmpFile({ width, height, bits: 24, pixels: new Array<number>(stride * height).fill(0) });
}
