/*
 * What codec a HEIF picture is in: that of an AVIF is AV1, of a HEIC HEVC, and the brands at the file's beginning need not say
 * so. Layout: ISO/IEC 14496-12 (boxes, items) and 23008-12 (pictures made of others).
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
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const top = [...boxesIn(file)];
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

/** Whether a full box is of a later version than the first. */
function isLater(content: Buffer): boolean {
  return content.readUInt8(0) > 0;
}

function readId(content: Buffer, at: number, wide: boolean): number {
  return wide ? content.readUInt32BE(at) : content.readUInt16BE(at);
}

function contentOf(boxes: readonly Box[], type: string): Buffer | undefined {
  return boxes.find((box) => box.type === type)?.content;
}
