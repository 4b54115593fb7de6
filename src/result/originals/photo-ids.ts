import { fsPath } from '../../system/file-name';
import { forEachConcurrent } from '../../system/jobs';
import { sha256OfFile } from '../../system/sha256';
import type { PhotoSet } from './photo-set';

/** Reading waits for the disk; more than this at once gains nothing. */
const READS_AT_ONCE = 4;

/**
 * Tells photos apart by their bytes: copies of one photo, in several albums say, get one id.
 *
 * Bytes that were known when the photo was encoded count, or those that are there now. Files are only read where others
 * are as long and nothing else is known of them.
 * @param hashes SHA-256 of the photos that have been read already, by their paths
 * @returns the id of each photo, by its path in the encodings file
 * @throws FaceError FACE_ABORTED
 */
export async function identifyPhotos(
  photos: PhotoSet,
  hashes: ReadonlyMap<string, string>,
  signal: AbortSignal | undefined,
): Promise<ReadonlyMap<string, string>> {
  const ids = new Map<string, string>();
  const sizes = new Map<number, number>();
  for (const { size } of photos.files()) sizes.set(size, (sizes.get(size) ?? 0) + 1);
  const unknown: string[] = [];
  for (const path of photos.paths) {
    const [encoded, ...others] = photos.encodedContents(path) ?? [];
    const known = encoded !== undefined && others.length === 0 ? encoded : hashes.get(path);
    ids.set(path, known ?? `path ${path}`);
    const file = photos.file(path);
    if (known === undefined && file && (sizes.get(file.size) as number) > 1) unknown.push(path);
  }
  await forEachConcurrent(unknown, READS_AT_ONCE, signal, async (path) => {
    const file = photos.file(path) as NonNullable<ReturnType<PhotoSet['file']>>;
    // What can't be read is a photo of its own.
    const hash = await sha256OfFile(fsPath(file.path)).catch(() => undefined);
    if (hash !== undefined) ids.set(path, hash);
  });
  return ids;
}
