import type { PhotoId } from '../../base/ids';
import { fsPath } from '../../system/file-name';
import { forEachConcurrent } from '../../system/jobs';
import { sha256OfFile } from '../../system/sha256';
import type { PhotoSet } from './photo-set';

/** Reading waits for the disk; more than this at once gains nothing. */
const READS_AT_ONCE = 4;

/**
 * The ids of the photos that the faces were found on: those that the journal knows, else those of what is there now. Files
 * are only read where there is no journal, and nobody has read them.
 * @param read ids of the photos that have been read already, by their paths in the encodings file
 * @param onDone is given the share that is done, from 0 to 1
 * @returns ids by the paths in the encodings file; none for what is neither known nor can be read
 * @throws FaceError FACE_ABORTED
 */
export async function identifyPhotos(
  photos: PhotoSet,
  read: ReadonlyMap<string, PhotoId>,
  signal: AbortSignal | undefined,
  onDone: (share: number) => void,
): Promise<ReadonlyMap<string, PhotoId>> {
  const ids = new Map<string, PhotoId>();
  const unknown: string[] = [];
  for (const path of photos.paths) {
    const id = photos.encodedId(path) ?? read.get(path);
    if (id !== undefined) ids.set(path, id);
    else unknown.push(path);
  }
  let done = 0;
  await forEachConcurrent(unknown, READS_AT_ONCE, signal, async (path) => {
    const file = photos.file(path);
    const id = file && (await sha256OfFile(fsPath(file.path)).catch(() => undefined));
    if (id !== undefined) ids.set(path, id);
    onDone(++done / unknown.length);
  });
  return ids;
}
