import { isAbsolute, join, relative, resolve, sep } from 'node:path';
import { FaceError } from '../errors';
import { forEachConcurrent } from '../jobs';
import type { FaceRecord } from '../types';
import type { ClusterFaces } from './clusters-data';
import { FileNames } from './file-names';
import { makeFolder } from './in-result';
import type { PhotoSet } from './photo-set';
import type { PictureCache } from './picture-cache';
import { type Placed, placePhoto } from './place-photo';

/** Is told how much is done, first with 0. */
export type OnDone = (done: number, total: number) => void;

/** How many files the people's folders hold, by how they got there. */
export type PlacedCounts = Readonly<Record<Placed, number>>;

/** Files are put there by the disk, not by a core; more than this at once gains nothing. */
const FILES_AT_ONCE = 8;

/** Name of the folder of a person's files; of label -1, those of faces that belong to nobody. */
export function labelFolder(label: number): string {
  return `label${label}`;
}

/** The photos in the people's folders. */
export class PlacedPhotos {
  readonly counts: Record<Placed, number> = { hardlink: 0, copy: 0, symlink: 0 };
  readonly #names = new Map<string, string>();

  /**
   * Fills `<result>/label<N>/` with every photo of each person: once even if the person is on it twice.
   * @throws FaceError FACE_IO, FACE_ABORTED; photos that are gone are reported to `photos`
   */
  async place(
    result: string,
    clusters: readonly ClusterFaces[],
    records: readonly FaceRecord[],
    photos: PhotoSet,
    mode: Placed,
    signal: AbortSignal | undefined,
    onDone: OnDone,
  ): Promise<void> {
    const files: { readonly label: number; readonly imagePath: string; readonly name: string }[] = [];
    for (const { label, indices } of clusters) {
      await makeFolder(result, labelFolder(label));
      const names = new FileNames();
      const named = new Map<string, string>();
      for (const index of indices) {
        const { imagePath } = records[index] as FaceRecord;
        const path = photos.file(imagePath)?.path;
        if (path === undefined || this.#names.has(key(label, imagePath))) continue;
        // Two spellings of one path are one photo.
        let name = named.get(path);
        if (name === undefined) {
          name = `${labelFolder(label)}/${names.take(path)}`;
          named.set(path, name);
          files.push({ label, imagePath, name });
        }
        this.#names.set(key(label, imagePath), name);
      }
    }
    let done = 0;
    onDone(done, files.length);
    await forEachConcurrent(files, FILES_AT_ONCE, signal, async ({ label, imagePath, name }) => {
      const file = photos.file(imagePath);
      try {
        if (file) this.counts[await placePhoto(file, join(result, name), mode)]++;
      } catch (error) {
        // Only what is wrong with the photo; a full disk ends the job.
        if (!(error instanceof FaceError && error.code === 'FACE_IMAGE_NOT_FOUND')) throw error;
        photos.fail(imagePath, error);
        this.#names.delete(key(label, imagePath));
      }
      onDone(++done, files.length);
    });
  }

  /** Where in the result the person's photo is, with `/`; `undefined` if it is not there. */
  file(label: number, imagePath: string): string | undefined {
    return this.#names.get(key(label, imagePath));
  }
}

function key(label: number, imagePath: string): string {
  return `${label}\n${imagePath}`;
}

/** Where a photo is that was not put into the result, as seen from the folder `output`. */
export function pathFrom(output: string, photo: string): string {
  const path = relative(resolve(output), resolve(photo));
  // From one drive to another there is no way on Windows.
  return isAbsolute(path) ? path : path.split(sep).join('/');
}

/**
 * Fills `<result>/label<N>/` with the faces of each person, cut out of the photos: `<photo> face <index>.jpg`, with the
 * face's place in the encodings file.
 * @param crops the picture of each face in the cache; none where it could not be made
 * @returns where in the result the faces are
 * @throws FaceError FACE_IO, FACE_ABORTED
 */
export async function placeCrops(
  result: string,
  clusters: readonly ClusterFaces[],
  records: readonly FaceRecord[],
  crops: ReadonlyMap<number, string>,
  cache: PictureCache,
  signal: AbortSignal | undefined,
): Promise<Map<number, string>> {
  const places = new Map<number, string>();
  for (const { label, indices } of clusters) {
    await makeFolder(result, labelFolder(label));
    const names = new FileNames();
    await forEachConcurrent(indices, FILES_AT_ONCE, signal, async (index) => {
      const crop = crops.get(index);
      if (crop === undefined) return;
      const { imagePath } = records[index] as FaceRecord;
      const file = names.take(imagePath.replaceAll('\\', '/'), ` face ${index}`, '.jpg');
      places.set(index, `${labelFolder(label)}/${file}`);
      await cache.linkTo(crop, join(result, labelFolder(label), file));
    });
  }
  return places;
}
