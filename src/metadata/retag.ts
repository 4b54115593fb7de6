import { sha256 } from '../system/sha256';
import { applyEdits, type Edit, undoOf } from './edits';
import { namesInXmp } from './names-in-xmp';
import { decodePacket, type Packet } from './packet';
import {
  type Added,
  addTags,
  EMPTY_PACKET,
  namesAdded,
  type PhotoTags,
  removeTags,
  saysNothing,
  Unsuitable,
  wantedOf,
} from './tags';
import { parseXml } from './xml';

/** What was written into a packet, so that it can be taken out again. */
export interface TagRecord extends Added {
  /** SHA-256 of the packet that was left. */
  readonly hash: string;
  /** Whether there was none before. */
  readonly created?: true;
  /** What it began with, see `packetFrom`, if that was not nothing. */
  readonly carried?: string;
  /** What makes the packet of before of it, to the byte, as long as nobody else has changed it. */
  readonly undo?: readonly Edit[];
}

/** A packet as it is to be. */
export interface Retagged {
  /** `undefined`: none is to be there. The bytes that were given if all is right. */
  readonly bytes: Uint8Array | undefined;
  /** `undefined` if nothing of it is ours. */
  readonly record: TagRecord | undefined;
}

/**
 * A packet with the people that are to be in it, and without those that were written there earlier and are not to be any more.
 * While nobody else has changed it, what comes of taking out all is what was there before, to the byte.
 * @param bytes of the packet or sidecar; `undefined` if there is none
 * @param earlier what was written into it, the last first
 * @param tags `undefined`: nobody
 * @param carried what a new one is to begin with, see `packetFrom`; of one that was made earlier, its record says it
 * @throws Unsuitable if it is no packet, or has something that people can't be added to
 */
export function retag(
  bytes: Uint8Array | undefined,
  earlier: readonly TagRecord[],
  tags: PhotoTags | undefined,
  carried?: string,
): Retagged {
  if (!bytes) return tags ? addTo(undefined, tags, carried) : { bytes, record: undefined };
  if (earlier.length === 0) return tags ? addTo(bytes, tags) : { bytes, record: undefined };
  const hash = sha256(bytes);
  const last = earlier.find((record) => record.hash === hash);
  if (last?.undo) {
    const { text, encode } = packetOf(bytes);
    const before = last.created ? undefined : encode(applyEdits(text, last.undo));
    if (!tags) return { bytes: before, record: undefined };
    const again = addTo(before, tags, last.carried);
    return again.record?.hash === hash ? { bytes, record: last } : again;
  }
  return change(bytes, last ? [last] : earlier, tags);
}

/** Puts tags where none of ours are. */
function addTo(bytes: Uint8Array | undefined, tags: PhotoTags, carried?: string): Retagged {
  const packet = bytes && packetOf(bytes);
  const before = packet?.text ?? carried ?? EMPTY_PACKET;
  const { edits, added } = addTags(before, tags);
  // Nothing is missing in the photo itself, either.
  if (edits.length === 0) return { bytes, record: undefined };
  const after = applyEdits(before, edits);
  const written = packet ? packet.encode(after) : Buffer.from(after);
  const undo = undoOf(before, edits);
  return {
    bytes: written,
    record: {
      hash: sha256(written),
      ...(!bytes && { created: true }),
      ...(!bytes && carried !== undefined && { carried }),
      undo,
      ...added,
    },
  };
}

/** Changes no more than has to be: somebody else has written it anew since. */
function change(bytes: Uint8Array, earlier: readonly TagRecord[], tags: PhotoTags | undefined): Retagged {
  const { text, encode } = packetOf(bytes);
  const all = unite(earlier);
  const created = earlier.every((record) => record.created);
  const cleared = removeTags(text, all, tags && wantedOf(tags));
  if (!tags) {
    if (created && saysNothing(cleared)) return { bytes: undefined, record: undefined };
    return { bytes: cleared === text ? bytes : encode(cleared), record: undefined };
  }
  const { edits, added } = addTags(cleared, tags, all);
  const now = applyEdits(cleared, edits);
  const written = now === text ? bytes : encode(now);
  const isOurs = Object.keys(added.items).length > 0;
  return {
    bytes: written,
    record: isOurs ? { hash: sha256(written), ...(created && { created }), ...added } : undefined,
  };
}

/** Whose names a record has: those that were added, and those that were carried over from a photo. */
export function namesOnRecord(record: TagRecord): string[] {
  const root = record.carried === undefined ? undefined : parseXml(record.carried);
  return [...namesAdded(record), ...(root ? namesInXmp(root, undefined).people : [])];
}

function packetOf(bytes: Uint8Array): Packet {
  const packet = decodePacket(bytes);
  if (!packet) throw new Unsuitable('is damaged, or no XMP');
  return packet;
}

/** All that was added at any time. */
function unite(records: readonly TagRecord[]): Added {
  const items: Record<string, object[]> = {};
  for (const [key, more] of records.flatMap((record) => Object.entries(record.items)))
    items[key] = [...(items[key] ?? []), ...(more as object[])];
  return { items, made: records.flatMap(({ made }) => made) } as Added;
}
