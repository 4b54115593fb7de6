/** A box of ISO's base media format (ISO/IEC 14496-12), of which AVIF, HEIC and Canon's CR3 are made. */
export interface Box {
  readonly type: string;
  /** Where its content begins, how long that is to be, and where it ends at the latest. */
  readonly from: number;
  readonly length: number;
  readonly to: number;
}

/** More than any photo has in one place: a made-up file may have millions. */
const MOST_BOXES = 1 << 16;

/** The boxes from `from` to `to`, as far as they are whole. */
export function boxesIn(view: DataView, from: number, to: number): readonly Box[] {
  const boxes: Box[] = [];
  for (let at = from; at + 8 <= to && boxes.length < MOST_BOXES; ) {
    const stated = view.getUint32(at);
    // A length of 1 says that the long one is behind the type, of 0 that it is the last box.
    const head = stated === 1 ? 16 : 8;
    if (at + head > to) break;
    const length = stated === 1 ? Number(view.getBigUint64(at + 8)) : stated === 0 ? to - at : stated;
    if (length < head) break;
    boxes.push({
      type: readType(view, at + 4),
      from: at + head,
      length: length - head,
      to: Math.min(at + length, to),
    });
    at += length;
  }
  return boxes;
}

export function readType(view: DataView, at: number): string {
  return String.fromCharCode(...Array.from({ length: 4 }, (_, i) => view.getUint8(at + i)));
}
