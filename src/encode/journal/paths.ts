import { realpath } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { sha256 } from '../../system/sha256';

/** Longest name that common file systems take, in bytes, without the longest suffix that a lock may get. */
const LONGEST_NAME = 255 - '.journal.lock.heal'.length;

/**
 * Where the journal of an encodings file is: beside the file itself, also if `encodings` is a link to it. A name that would
 * become too long is replaced by one made of its hash.
 */
export async function journalPath(encodings: string): Promise<string> {
  const target = await realpath(encodings).catch(() => encodings);
  const name = basename(target);
  const stem = Buffer.byteLength(name) <= LONGEST_NAME ? name : sha256(name).slice(0, 16);
  return join(dirname(target), `${stem}.journal`);
}
