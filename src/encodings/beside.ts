import { realpath } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { sha256 } from '../system/sha256';

/** Longest name that common file systems take, in bytes. */
const LONGEST_NAME = 255;

/**
 * Path of a file that belongs to an encodings file, `<encodings>.<suffix>`: beside the file itself, also if `encodings` is a
 * link to it. A name that would become too long is replaced by one made of its hash.
 * @param longest the longest that is put behind that path in turn, `.lock` say
 */
export async function besideEncodings(encodings: string, suffix: string, longest: string): Promise<string> {
  const target = await realpath(encodings).catch(() => encodings);
  const name = basename(target);
  const room = LONGEST_NAME - `.${suffix}${longest}`.length;
  const stem = Buffer.byteLength(name) <= room ? name : sha256(name).slice(0, 16);
  return join(dirname(target), `${stem}.${suffix}`);
}
