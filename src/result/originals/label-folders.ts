import { lstat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { FaceError, throwIfAborted } from '../../base/errors';
import { getOrMake } from '../../base/maps';
import type { FaceRecord } from '../../base/types';
import type { Cluster } from '../../clustering/clusters';
import { frameIn } from '../../photos/video/frame-path';
import { fsPath } from '../../system/file-name';
import { isNameRefused } from '../../system/io-error';
import { FILES_AT_ONCE, forEachConcurrent } from '../../system/jobs';
import type { PictureCache } from '../pictures/cache';
import type { FacePictures } from '../pictures/pictures';
import { makeFolder } from '../publish/in-result';
import { type Original, originalOf } from '../publish/originals-file';
import { FileNames, LONGEST_ANYWHERE, portableName } from './file-names';
import type { PhotoSet } from './photo-set';
import { type Placed, placePhoto } from './place-photo';

/** Is told how much is done, first with 0. */
export type OnDone = (done: number, total: number) => void;

/** How many files the people's folders hold, by how they got there. */
export type PlacedCounts = Readonly<Record<Placed, number>>;

/** A photo in a person's folder. */
interface PlacedPhoto {
  readonly label: number;
  readonly imagePath: string;
  /** The names in that folder. */
  readonly names: FileNames;
  /** Where in the result it is, with `/`; `undefined` if it is not there. */
  name: string | undefined;
}

/**
 * The photos in the people's folders.
 * @internal
 */
export class PlacedPhotos {
  readonly counts: Record<Placed, number> = { hardlink: 0, copy: 0, symlink: 0 };
  /** Where those that are hard links or copies came from, by their places in the result. */
  readonly originals = new Map<string, Original>();
  /** Paths of the photos that these are of. */
  readonly held = new Set<string>();
  readonly #placed = new Map<string, PlacedPhoto>();

  /**
   * @param output folder that the result will be in
   * @param folderOf what the folder of a cluster is called
   */
  constructor(
    private readonly result: string,
    private readonly output: string,
    private readonly photos: PhotoSet,
    private readonly folderOf: (label: number) => string,
  ) {}

  /**
   * Fills the people's folders with every photo of each person: once even if the person is on it twice.
   * @throws FaceError FACE_IO, FACE_ABORTED; photos that are gone, or can't be put there, are reported to `photos`
   */
  async place(
    clusters: readonly Cluster[],
    records: readonly FaceRecord[],
    mode: Placed,
    signal: AbortSignal | undefined,
    onDone: OnDone,
  ): Promise<void> {
    const all: PlacedPhoto[] = [];
    for (const { label, indices } of clusters) {
      const folder = this.folderOf(label);
      await makeFolder(this.result, folder);
      const names = new FileNames();
      const byPath = new Map<string, PlacedPhoto>();
      for (const index of indices) {
        const { imagePath } = records[index] as FaceRecord;
        const path = this.photos.file(imagePath)?.path;
        if (path === undefined || this.#placed.has(key(label, imagePath))) continue;
        // Two spellings of one path are one photo.
        const photo = getOrMake(byPath, path, () => {
          return { label, imagePath, names, name: `${folder}/${names.take(path)}` };
        });
        this.#placed.set(key(label, imagePath), photo);
      }
      for (const photo of byPath.values()) all.push(photo);
    }
    let done = 0;
    onDone(done, all.length);
    const refused = new Set<PlacedPhoto>();
    await forEachConcurrent(all, FILES_AT_ONCE, signal, async (photo) => {
      if (await this.#place(photo, mode)) onDone(++done, all.length);
      else refused.add(photo);
    });
    // One after the other and in order: which of two photos gets a name must not change.
    for (const photo of all.filter((photo) => refused.has(photo))) {
      throwIfAborted(signal);
      const { label, imagePath, names } = photo;
      const path = portableName(this.photos.file(imagePath)?.path ?? imagePath);
      photo.name = `${this.folderOf(label)}/${names.take(path, '', extname(path), LONGEST_ANYWHERE)}`;
      if (!(await this.#place(photo, mode))) {
        this.photos.fail(imagePath, cantBeNamed(imagePath));
        photo.name = undefined;
      }
      onDone(++done, all.length);
    }
  }

  /** @returns false if the file system does not take its name */
  async #place(photo: PlacedPhoto, mode: Placed): Promise<boolean> {
    const { imagePath, name } = photo;
    const file = this.photos.file(imagePath);
    if (!file || name === undefined) return true;
    try {
      const to = join(this.result, name);
      const how = await placePhoto(file, to, mode);
      this.counts[how]++;
      if (how === 'symlink') return true;
      const copy =
        how === 'copy' ? await lstat(fsPath(to), { bigint: true }).catch(() => undefined) : undefined;
      this.originals.set(name, originalOf(this.output, file, copy));
      this.held.add(file.path);
      return true;
    } catch (error) {
      if (isNameRefused(error)) return false;
      // Only what is wrong with the photo; a full disk ends the job.
      if (!(error instanceof FaceError && error.code === 'FACE_IMAGE_NOT_FOUND')) throw error;
      this.photos.fail(imagePath, error);
      photo.name = undefined;
      return true;
    }
  }

  /** Where in the result the person's photo is, with `/`; `undefined` if it is not there. */
  file(label: number, imagePath: string): string | undefined {
    return this.#placed.get(key(label, imagePath))?.name;
  }
}

function key(label: number, imagePath: string): string {
  return `${label}\n${imagePath}`;
}

function cantBeNamed(imagePath: string): FaceError {
  return new FaceError(
    'FACE_IO',
    `The photo "${imagePath}" could not be put into the result: that disk takes neither its name nor one like it.`,
    { path: imagePath },
  );
}

/**
 * Fills the people's folders with the faces of each person, cut out of the photos: `<photo> face <index>.jpg`, with the
 * face's place in the encodings file.
 * @param folderOf what the folder of a cluster is called
 * @param pictures of each face, in the cache; none where they could not be made
 * @returns where in the result the faces are
 * @throws FaceError FACE_IO, FACE_ABORTED
 * @internal
 */
export async function placeCrops(
  result: string,
  folderOf: (label: number) => string,
  clusters: readonly Cluster[],
  records: readonly FaceRecord[],
  pictures: ReadonlyMap<number, FacePictures>,
  cache: PictureCache,
  signal: AbortSignal | undefined,
): Promise<Map<number, string>> {
  const places = new Map<number, string>();
  for (const { label, indices } of clusters) {
    const folder = folderOf(label);
    await makeFolder(result, folder);
    const names = new FileNames();
    await forEachConcurrent(indices, FILES_AT_ONCE, signal, async (index) => {
      const crop = pictures.get(index)?.crop;
      if (!crop) return;
      const { imagePath } = records[index] as FaceRecord;
      const put = async (path: string, longest?: number) => {
        const file = names.take(path, ` face ${index}`, '.jpg', longest);
        places.set(index, `${folder}/${file}`);
        await cache.linkTo(crop, join(result, folder, file));
      };
      const path = `${imagePath.replaceAll('\\', '/')}${frameIn(imagePath) ? '.jpg' : ''}`;
      await put(path).catch((error: unknown) => {
        if (!isNameRefused(error)) throw error;
        return put(portableName(path), LONGEST_ANYWHERE);
      });
    });
  }
  return places;
}
