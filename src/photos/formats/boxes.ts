/** A box of ISO's base media format (ISO/IEC 14496-12), on which AVIF, HEIC, MP4 and Canon's CR3 are built. */
export interface Box {
  readonly type: string;
  readonly content: Buffer;
  /** Whether all of it is there. */
  readonly whole: boolean;
}

/** More than any photo has in one place: a made-up file may have millions. */
const MOST_BOXES = 1 << 16;

/** The boxes that stand in these bytes one behind another, as far as they are there; not those in them. */
export function* boxesIn(bytes: Buffer): Generator<Box> {
  for (let at = 0, boxes = 0; at + 8 <= bytes.length && boxes < MOST_BOXES; boxes++) {
    const short = bytes.readUInt32BE(at);
    const wide = short === 1 && at + 16 <= bytes.length;
    const head = wide ? 16 : 8;
    // 0: up to the end.
    const length = wide ? Number(bytes.readBigUInt64BE(at + 8)) : short || bytes.length - at;
    if (length < head) return;
    yield {
      type: bytes.toString('latin1', at + 4, at + 8),
      content: bytes.subarray(at + head, at + length),
      whole: at + length <= bytes.length,
    };
    at += length;
  }
}
