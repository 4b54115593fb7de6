/*
 * What codec a HEIF picture is in: that of an AVIF is AV1, of a HEIC HEVC, and the brands at the file's beginning need not say
 * so. Layout: ISO/IEC 14496-12 (boxes, items) and 23008-12 (pictures made of others).
 */
import { PhotoFault } from '../photo-fault';
import { type Box, boxesIn, readType } from './boxes';

/** Types of items that are made of others: tiles, a turned picture, one laid over others, one with tones for another. */
const DERIVED: ReadonlySet<string> = new Set(['grid', 'iden', 'iovl', 'tmap']);
/** A picture made of pictures made of others: more often than that it is damage, or a circle. */
const MOST_STEPS = 8;

/** Whether the primary picture is in HEVC. @throws PhotoFault if the file has moving pictures only */
export function isHevc(bytes: Uint8Array): boolean {
  return /^h(vc|ev)1$/.test(pictureCodec(bytes) ?? '');
}

/**
 * The type of the item that has the primary picture's bytes, e.g. `hvc1`, `av01`; of one that is made of others, that of the
 * first of them. `undefined` if the file is damaged: whoever decodes it says how.
 * @throws PhotoFault if the file has moving pictures only
 */
export function pictureCodec(bytes: Uint8Array): string | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const top = boxesIn(view, 0, view.byteLength);
  const meta = top.find(({ type }) => type === 'meta');
  if (!meta) {
    if (top.some(({ type }) => type === 'moov')) {
      throw new PhotoFault(
        'it has moving pictures only, which is not supported; convert it to JPEG or PNG first',
      );
    }
    return undefined;
  }
  try {
    return codecOf(view, boxesIn(view, meta.from + FULL, meta.to));
  } catch (error) {
    // Beyond the end of the file.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** Whether the file ends within one of its boxes. */
export function endsEarly(bytes: Uint8Array): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return boxesIn(view, 0, view.byteLength).some(({ from, length, to }) => from + length > to);
}

/** Version and flags, in which a "full" box's content begins. */
const FULL = 4;

function codecOf(view: DataView, boxes: readonly Box[]): string | undefined {
  const primary = boxes.find(({ type }) => type === 'pitm');
  if (!primary) return undefined;
  const types = itemTypes(view, boxes);
  const sources = derivations(view, boxes);
  let item = readId(view, primary.from + FULL, view.getUint8(primary.from) > 0);
  for (let steps = 0; steps < MOST_STEPS; steps++) {
    const type = types.get(item);
    const source = sources.get(item);
    if (type === undefined || !DERIVED.has(type) || source === undefined) return type;
    item = source;
  }
  return undefined;
}

function itemTypes(view: DataView, boxes: readonly Box[]): ReadonlyMap<number, string> {
  const types = new Map<number, string>();
  for (const { from, to } of boxes.filter(({ type }) => type === 'iinf')) {
    const entries = from + FULL + (view.getUint8(from) === 0 ? 2 : 4);
    for (const entry of boxesIn(view, entries, to)) {
      const version = view.getUint8(entry.from);
      if (entry.type !== 'infe' || version < 2) continue;
      const wide = version > 2;
      const id = readId(view, entry.from + FULL, wide);
      // In between is how it is protected.
      types.set(id, readType(view, entry.from + FULL + (wide ? 4 : 2) + 2));
    }
  }
  return types;
}

/** Of items that are made of others, the first of these. */
function derivations(view: DataView, boxes: readonly Box[]): ReadonlyMap<number, number> {
  const sources = new Map<number, number>();
  for (const { from, to } of boxes.filter(({ type }) => type === 'iref')) {
    const wide = view.getUint8(from) > 0;
    const size = wide ? 4 : 2;
    for (const reference of boxesIn(view, from + FULL, to).filter(({ type }) => type === 'dimg')) {
      const count = view.getUint16(reference.from + size);
      if (count > 0) {
        sources.set(readId(view, reference.from, wide), readId(view, reference.from + size + 2, wide));
      }
    }
  }
  return sources;
}

function readId(view: DataView, at: number, wide: boolean): number {
  return wide ? view.getUint32(at) : view.getUint16(at);
}
