/*
 * What codec a HEIF picture is in: that of an AVIF is AV1, of a HEIC HEVC, and the brands at the file's beginning need not say
 * so. Layout: ISO/IEC 14496-12 (boxes, items) and 23008-12 (pictures made of others).
 */
import { PhotoFault } from '../photo-fault';

interface Box {
  readonly type: string;
  /** Where its content begins and ends. */
  readonly from: number;
  readonly to: number;
}

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

/** The boxes from `from` to `to`, as far as they are whole. */
function boxesIn(view: DataView, from: number, to: number): readonly Box[] {
  const boxes: Box[] = [];
  for (let at = from; at + 8 <= to; ) {
    const stated = view.getUint32(at);
    // A length of 1 says that the long one is behind the type, of 0 that it is the last box.
    const head = stated === 1 ? 16 : 8;
    if (at + head > to) break;
    const length = stated === 1 ? Number(view.getBigUint64(at + 8)) : stated === 0 ? to - at : stated;
    if (length < head) break;
    boxes.push({ type: readType(view, at + 4), from: at + head, to: Math.min(at + length, to) });
    at += length;
  }
  return boxes;
}

function readId(view: DataView, at: number, wide: boolean): number {
  return wide ? view.getUint32(at) : view.getUint16(at);
}

function readType(view: DataView, at: number): string {
  return String.fromCharCode(...Array.from({ length: 4 }, (_, i) => view.getUint8(at + i)));
}
