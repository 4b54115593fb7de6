/*
 * What codec a HEIF picture is in (that of an AVIF is AV1, of a HEIC HEVC, and the brands at the file's beginning need not say
 * so), and how much its file asks for. Layout: ISO/IEC 14496-12 (boxes, items) and 23008-12 (pictures made of others).
 */
import { PhotoFault } from '../photo-fault';
import { type Box, boxesIn } from './boxes';

/** Types of items that are made of others: tiles, a turned picture, one laid over others, one with tones for another. */
const DERIVED: ReadonlySet<string> = new Set(['grid', 'iden', 'iovl', 'tmap']);
/** A picture made of pictures made of others: more often than that it is damage, or a circle. */
const MOST_STEPS = 8;

/** Version and flags, in which a "full" box begins. */
const FULL = 4;

/** Whether the file ends within one of its boxes. */
export function endsEarly(file: Buffer): boolean {
  return [...boxesIn(file)].some(({ whole }) => !whole);
}

/** Whether the primary picture is in HEVC. @throws PhotoFault if the file has moving pictures only */
export function isHevc(bytes: Uint8Array): boolean {
  const top = [...boxesIn(bufferOf(bytes))];
  const meta = contentOf(top, 'meta');
  if (!meta && contentOf(top, 'moov')) {
    throw new PhotoFault(
      'it has moving pictures only, which is not supported; convert it to JPEG or PNG first',
    );
  }
  try {
    return meta !== undefined && /^h(vc|ev)1$/.test(codecOf([...boxesIn(meta.subarray(FULL))]) ?? '');
  } catch (error) {
    // Something ends before it should: whoever decodes it says how.
    if (error instanceof RangeError) return false;
    throw error;
  }
}

/**
 * Whether all that is in a file together has no more bytes than the file. Else it may name the same ones again and again, and
 * ask for any amount of memory.
 */
export function isNoLargerInside(bytes: Uint8Array): boolean {
  const file = bufferOf(bytes);
  try {
    const [meta, otherMeta] = contentsOf([...boxesIn(file)], 'meta');
    if (!meta || otherMeta) return false;
    const [places, otherPlaces] = contentsOf([...boxesIn(meta.subarray(FULL))], 'iloc');
    if (!places || otherPlaces) return false;
    let named = 0;
    for (const length of lengthsIn(places)) {
      // Of none, it is all that follows.
      named += length || file.length;
      if (named > file.length) return false;
    }
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

/** Of the pieces that the items of a file lie in. @throws RangeError if there is less than it says */
function* lengthsIn(places: Buffer): Generator<number> {
  const version = places.readUInt8(0);
  const [ofOffset, ofLength] = halvesOf(places.readUInt8(FULL));
  const [ofBase, ofIndex] = halvesOf(places.readUInt8(FULL + 1));
  const wide = version > 1;
  let at = FULL + 2 + (wide ? 4 : 2);
  for (let items = readId(places, FULL + 2, wide); items > 0; items--) {
    // Its id, from version 1 on how it is stored, in which file, and where in that.
    at += (wide ? 4 : 2) + (version > 0 ? 2 : 0) + 2 + ofBase;
    let pieces = places.readUInt16BE(at);
    at += 2;
    for (; pieces > 0; pieces--) {
      at += (version > 0 ? ofIndex : 0) + ofOffset;
      yield readNumber(places, at, ofLength);
      at += ofLength;
    }
  }
}

const halvesOf = (byte: number) => [byte >> 4, byte & 15] as const;

function readNumber(content: Buffer, at: number, bytes: number): number {
  if (bytes === 0) return 0;
  return bytes === 8 ? Number(content.readBigUInt64BE(at)) : content.readUIntBE(at, bytes);
}

/**
 * The type of the item that has the primary picture's bytes, e.g. `hvc1`, `av01`; of one that is made of others, that of the
 * first of them.
 */
function codecOf(meta: readonly Box[]): string | undefined {
  const primary = contentOf(meta, 'pitm');
  if (!primary) return undefined;
  const types = itemTypes(contentOf(meta, 'iinf'));
  const sources = firstSources(contentOf(meta, 'iref'));
  let item = readId(primary, FULL, isLater(primary));
  for (let steps = 0; steps < MOST_STEPS; steps++) {
    const type = types.get(item);
    const source = sources.get(item);
    if (type === undefined || !DERIVED.has(type) || source === undefined) return type;
    item = source;
  }
  return undefined;
}

function itemTypes(infos: Buffer | undefined): ReadonlyMap<number, string> {
  const types = new Map<number, string>();
  if (!infos) return types;
  for (const { type, content } of boxesIn(infos.subarray(FULL + (isLater(infos) ? 4 : 2)))) {
    const version = content.readUInt8(0);
    if (type !== 'infe' || version < 2) continue;
    const wide = version > 2;
    // Between the id and the type is how it is protected.
    const at = FULL + (wide ? 4 : 2) + 2;
    types.set(readId(content, FULL, wide), content.toString('latin1', at, at + 4));
  }
  return types;
}

/** Of items that are made of others, the first of these. */
function firstSources(references: Buffer | undefined): ReadonlyMap<number, number> {
  const sources = new Map<number, number>();
  if (!references) return sources;
  const wide = isLater(references);
  const size = wide ? 4 : 2;
  for (const { type, content } of boxesIn(references.subarray(FULL))) {
    // Behind the id of what is made is how many it is made of.
    if (type === 'dimg') sources.set(readId(content, 0, wide), readId(content, size + 2, wide));
  }
  return sources;
}

const bufferOf = (bytes: Uint8Array) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** Whether a full box is of a later version than the first. */
function isLater(content: Buffer): boolean {
  return content.readUInt8(0) > 0;
}

function readId(content: Buffer, at: number, wide: boolean): number {
  return wide ? content.readUInt32BE(at) : content.readUInt16BE(at);
}

function contentOf(boxes: readonly Box[], type: string): Buffer | undefined {
  return contentsOf(boxes, type)[0];
}

function contentsOf(boxes: readonly Box[], type: string): Buffer[] {
  return boxes.filter((box) => box.type === type).map(({ content }) => content);
}
