import { open } from 'node:fs/promises';
import { throwIfAborted } from '../base/errors';
import type { PhotoId } from '../base/ids';
import { path as checkPath, options as knownOptions } from '../base/validate';
import { findCopies, type Look } from '../photos/copies';
import { frameIn } from '../photos/video/frame-path';
import { failingTo } from '../system/io-error';
import { FILES_AT_ONCE, forEachConcurrent } from '../system/jobs';
import { isThere } from '../system/real-path';
import { journalPath } from './journal/paths';
import { isPhoto } from './journal/records';
import { scanLines } from './journal/scan';

/** Photos that show the same picture in different sizes or formats: their paths, the largest first. */
export type PhotoCopies = readonly string[];

/** What photos with one content look like, and where they are. */
interface KnownLook extends Look {
  readonly paths: string[];
}

/** What photos look like, by what is in them. */
export class Looks {
  readonly #looks = new Map<PhotoId, KnownLook>();

  /** @param look of photos with this content, without a hash if an earlier version has looked at them */
  add(
    path: string,
    content: PhotoId,
    { width, height, hash, taken }: Omit<Look, 'hash'> & Partial<Look>,
  ): void {
    // Frames of a video that look alike are no copies.
    if (hash === undefined || frameIn(path)) return;
    const known = this.#looks.get(content);
    if (known) known.paths.push(path);
    else this.#looks.set(content, { width, height, hash, taken, paths: [path] });
  }

  /**
   * Groups of different contents that show the same picture, with all their paths, by the first of these. Photos with the same bytes
   * alone are no group: they are one photo.
   * @throws FaceError FACE_ABORTED
   */
  async copies(signal: AbortSignal | undefined): Promise<PhotoCopies[]> {
    const looks = [...this.#looks.values()];
    const groups = await findCopies(looks, signal);
    return groups
      .map((group) => group.flatMap((i) => (looks[i] as KnownLook).paths))
      .sort(([a = ''], [b = '']) => (a < b ? -1 : 1));
  }
}

export interface PhotoCopiesOptions {
  /** Path of an encodings file. What photos look like is known from the journal beside it. */
  readonly encodings: string;
  readonly signal?: AbortSignal;
}

/**
 * Finds the photos, among those that `encodeFaces` has looked at, that show the same picture in different sizes or formats, as far as
 * they are still there: the JPEG of a HEIC, one that was made smaller or compressed anew. Photos that an earlier version has looked at,
 * which did not note what they look like, are not among them.
 * @returns in the order of their first paths
 * @throws FaceError FACE_INVALID_ARGUMENT; FACE_IO if there is no journal; FACE_ABORTED
 */
export async function findPhotoCopies(options: PhotoCopiesOptions): Promise<PhotoCopies[]> {
  const { encodings, signal } = knownOptions('options', options, { encodings: true, signal: true });
  const { contents, results } = await readLooks(checkPath('encodings', encodings), signal);
  const gone = new Set<string>();
  const paths = [...contents.keys()].sort();
  await forEachConcurrent(paths, FILES_AT_ONCE, signal, async (path) => {
    if (!(await isThere(path))) gone.add(path);
  });
  const looks = new Looks();
  for (const path of paths) {
    const content = contents.get(path) as PhotoId;
    const look = results.get(content);
    if (look && !gone.has(path)) looks.add(path, content, look);
  }
  return looks.copies(signal);
}

/** What a journal says of the looks of photos, by their content, and what was last found at which path. */
async function readLooks(encodings: string, signal: AbortSignal | undefined) {
  const contents = new Map<string, PhotoId>();
  const results = new Map<PhotoId, Look>();
  const journal = await journalPath(encodings);
  const handle = await open(journal, 'r').catch(failingTo(`read ${journal}`));
  try {
    for await (const { value } of scanLines(handle)) {
      throwIfAborted(signal);
      if (!isPhoto(value)) continue;
      const { path, content, result } = value;
      contents.set(path, content);
      if (result?.hash !== undefined) {
        const { hash, width, height, taken } = result;
        results.set(content, { hash, width, height, taken });
      }
    }
  } finally {
    await handle.close();
  }
  return { contents, results };
}
