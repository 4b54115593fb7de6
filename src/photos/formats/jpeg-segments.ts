/** Markers of JPEG (ITU T.81, table B.1): those without a length are from TEM and RST0 to RST7, SOI and EOI. */
export const [TEM, RST0, RST7, EOI, SOS, APP1] = [0x01, 0xd0, 0xd7, 0xd9, 0xda, 0xe1] as const;

export interface JpegSegment {
  /** `undefined`: something that is no segment, which decoders pass over; nothing is told of what comes behind it. */
  readonly marker: number | undefined;
  /** Where the marker is. */
  readonly at: number;
  /** What stands behind its length; of markers without one, nothing. */
  readonly content: Buffer;
}

const NOTHING = Buffer.alloc(0);

/** The segments of a JPEG up to its first scan, as far as they are there. */
export function* jpegSegments(jpeg: Buffer): Generator<JpegSegment> {
  for (let at = 2; at + 4 <= jpeg.length; ) {
    const marker = jpeg[at + 1] as number;
    if (jpeg[at] !== 0xff) {
      yield { marker: undefined, at, content: NOTHING };
      return;
    }
    if (marker === 0xff) {
      at++;
      continue;
    }
    const hasLength = marker !== EOI && marker !== TEM && (marker < RST0 || marker > RST7);
    const length = hasLength ? jpeg.readUInt16BE(at + 2) : 0;
    yield { marker, at, content: hasLength ? jpeg.subarray(at + 4, at + 2 + length) : NOTHING };
    if (marker === SOS || marker === EOI) return;
    at += 2 + length;
  }
}
