/*
 * The directories of a TIFF, which are also those of EXIF. Layout: "TIFF Revision 6.0", section 2; BigTIFF as libtiff has it.
 */
import { CUT_OFF, DAMAGED, PhotoFault } from '../photo-fault';

/** What a directory says: the values of each tag. Of one that is damaged, or of a type that is not needed, there are none. */
export type TiffTags = ReadonlyMap<number, readonly number[]>;

type ReadNumber = (view: DataView, at: number, le: boolean) => number;

/** Bytes of a value, and how to read it, by the types that are needed here. */
const TYPES: Readonly<Record<number, readonly [number, ReadNumber]>> = {
  1: [1, (view, at) => view.getUint8(at)],
  2: [1, (view, at) => view.getUint8(at)],
  3: [2, (view, at, le) => view.getUint16(at, le)],
  4: [4, (view, at, le) => view.getUint32(at, le)],
  5: [8, (view, at, le) => view.getUint32(at, le) / (view.getUint32(at + 4, le) || 1)],
  7: [1, (view, at) => view.getUint8(at)],
  11: [4, (view, at, le) => view.getFloat32(at, le)],
  13: [4, (view, at, le) => view.getUint32(at, le)],
};
/** More than any tag that is needed here has. */
const MOST_VALUES = 32;

/** The first letter of `II`, as Intel's processors have it. */
const LITTLE_ENDIAN = 0x49;

/** Where something is. */
export interface Place {
  readonly at: number;
  /** In bytes. */
  readonly length: number;
}

/** A directory, and where what it does not hold itself is to be found. */
export interface TiffDirectory {
  readonly tags: TiffTags;
  /** Where the values of each tag are, however many. */
  readonly places: ReadonlyMap<number, Place>;
  /** Where the directory is that comes next; 0 if there is none. */
  readonly next: number;
}

/** @throws PhotoFault as {@link readDirectory} does */
export function readTags(bytes: Uint8Array, offset?: number): TiffTags {
  return readDirectory(bytes, offset).tags;
}

/**
 * @param bytes a TIFF from its first byte, or what its offsets count from
 * @param offset of the directory; by default the first
 * @param le whether the lowest byte of a number comes first; by default as the TIFF says
 * @throws PhotoFault if the directory is not there
 */
export function readDirectory(
  bytes: Uint8Array,
  offset?: number,
  le = bytes[0] === LITTLE_ENDIAN,
): TiffDirectory {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 8) throw new PhotoFault(CUT_OFF);
  const big = view.getUint16(2, le) === 43;
  if (big && bytes.length < 16) throw new PhotoFault(CUT_OFF);
  const number = (at: number, wide: boolean) =>
    wide ? Number(view.getBigUint64(at, le)) : view.getUint32(at, le);
  const [countBytes, entryBytes, inPlaceBytes] = big ? [8, 20, 8] : [2, 12, 4];

  const directory = offset ?? number(big ? 8 : 4, big);
  if (directory < 8) throw new PhotoFault(DAMAGED);
  if (directory + countBytes > bytes.length) throw new PhotoFault(CUT_OFF);
  const count = big ? number(directory, true) : view.getUint16(directory, le);
  if (directory + countBytes + count * entryBytes > bytes.length) throw new PhotoFault(CUT_OFF);

  const tags = new Map<number, number[]>();
  const places = new Map<number, Place>();
  for (let i = 0; i < count; i++) {
    const entry = directory + countBytes + i * entryBytes;
    const tag = view.getUint16(entry, le);
    const type = TYPES[view.getUint16(entry + 2, le)];
    const length = number(entry + 4, big);
    if (!type || length === 0) continue;
    const [size, read] = type;
    const field = entry + entryBytes - inPlaceBytes;
    const at = length * size <= inPlaceBytes ? field : number(field, big);
    if (at + length * size > bytes.length) continue;
    places.set(tag, { at, length: length * size });
    if (length > MOST_VALUES) continue;
    const values = Array.from({ length }, (_, k) => read(view, at + k * size, le));
    tags.set(tag, values);
  }
  const end = directory + countBytes + count * entryBytes;
  const next = end + inPlaceBytes <= bytes.length ? number(end, big) : 0;
  return { tags, places, next };
}

/** What a tag of ASCII says, up to its first NUL. */
export function textOf(values: readonly number[] = []): string {
  return String.fromCharCode(...values).replace(/\0.*/s, '');
}
