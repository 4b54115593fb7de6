import type { BigIntStats } from 'node:fs';
import { lstat, stat } from 'node:fs/promises';
import { join, resolve, sep } from 'node:path';
import { getOrMake } from '../../base/maps';
import { fsPath } from '../../system/file-name';
import { unlessGone } from '../../system/io-error';
import { FILES_AT_ONCE, forEachConcurrent } from '../../system/jobs';
import { listFolder } from '../../system/list-folder';
import { realPath } from '../../system/real-path';
import { sha256OfFile } from '../../system/sha256';
import { KEPT_FOLDER } from '../names-in-result';
import { FileNames } from '../originals/file-names';
import { inodeOf, type PhotoFile, photoFile } from '../originals/find';
import { placePhoto } from '../originals/place-photo';
import { makeFolder } from './in-result';
import { peoplesFolders, readMarker } from './marker';
import { isUntouched, type Original, readOriginals } from './originals-file';

/** A photo of an earlier result that was kept in the new one. */
export interface KeptPhoto {
  /** Where it is, in the result's folder. */
  readonly file: string;
  /** Where its original was when it was put into the earlier result; `null` if that is not known. */
  readonly original: string | null;
}

/** A photo in the earlier result. */
interface EarlierPhoto {
  readonly path: string;
  readonly stats: BigIntStats;
  readonly original: Original | undefined;
}

/**
 * Before an earlier result is discarded: puts every photo in it into the new one that is not known to be elsewhere, as
 * the same file or with the same bytes. People delete photos, trusting that the result has them.
 *
 * A photo is looked for where it was when it was put there, and among those of this run. Hard links are found by their
 * inode. Copies are told by the states that both had (see {@link Original}); only where one has changed are they read.
 *
 * @param target the earlier result, if there is one
 * @param result the new one
 * @param photos those of this run that are on the disk
 * @param placed paths of those that the new result holds itself
 * @returns what was kept, with what is known of each
 * @throws FaceError FACE_IO, FACE_ABORTED
 * @internal
 */
export async function keepLastCopies(
  target: string,
  result: string,
  photos: readonly PhotoFile[],
  placed: ReadonlySet<string>,
  signal: AbortSignal | undefined,
): Promise<{ readonly kept: KeptPhoto[]; readonly originals: Map<string, Original> }> {
  const earlier = await earlierPhotos(target, signal);
  const isElsewhere = findElsewhere(target, photos, placed);
  const last = new Set<EarlierPhoto>();
  await forEachConcurrent(earlier, FILES_AT_ONCE, signal, async (photo) => {
    if (!(await isElsewhere(photo))) last.add(photo);
  });
  const kept: KeptPhoto[] = [];
  const originals = new Map<string, Original>();
  if (last.size === 0) return { kept, originals };
  await makeFolder(result, KEPT_FOLDER);
  const names = new FileNames();
  const seen = new PhotoIndex();
  for (const photo of earlier.filter((photo) => last.has(photo))) {
    // One photo may have been in the folders of several people.
    if (await seen.has(photo)) continue;
    const name = `${KEPT_FOLDER}/${names.take(photo.path)}`;
    const file = photoFile(photo.path, photo.stats);
    await placePhoto(file, join(result, name), 'hardlink');
    seen.add(file);
    const { original } = photo;
    if (original) originals.set(name, original);
    kept.push({ file: name, original: original ? resolve(target, original.at) : null });
  }
  return { kept, originals };
}

/** The photos in the folders of a result, those kept before first; links and faces that were cut out are no photos. */
async function earlierPhotos(target: string, signal: AbortSignal | undefined): Promise<EarlierPhoto[]> {
  const originals = await readOriginals(target);
  const isPeoples = peoplesFolders(await readMarker(target));
  const folders = (await list(target)).filter((entry) => entry.isDirectory()).map(({ name }) => name);
  const names: string[] = [];
  for (const folder of folders.filter((name) => name === KEPT_FOLDER || isPeoples(name)).sort()) {
    const files = (await list(join(target, folder))).filter((entry) => entry.isFile());
    const inFolder = files.map(({ name }) => `${folder}/${name}`).sort();
    // Without that record, as another version wrote it, everything may be a photo.
    names.push(...inFolder.filter((name) => folder === KEPT_FOLDER || !originals || originals.has(name)));
  }
  const found = new Map<string, EarlierPhoto>();
  await forEachConcurrent(names, FILES_AT_ONCE, signal, async (name) => {
    const path = join(target, name);
    const stats = await unlessGone(path, lstat(fsPath(path), { bigint: true }));
    if (stats) found.set(name, { path, stats, original: originals?.get(name) });
  });
  return names.flatMap((name) => found.get(name) ?? []);
}

/** Photos that are to be found by their inode or their bytes. */
class PhotoIndex {
  readonly #byInode = new Map<string, PhotoFile[]>();
  readonly #bySize = new Map<number, PhotoFile[]>();
  readonly #hashes = new Map<string, Promise<string | undefined>>();

  constructor(photos: readonly PhotoFile[] = []) {
    for (const photo of photos) this.add(photo);
  }

  add(photo: PhotoFile): void {
    getOrMake(this.#byInode, photo.inode, () => []).push(photo);
    getOrMake(this.#bySize, photo.size, () => []).push(photo);
  }

  /** @param counts whether a photo may stand for the one that is looked for; all of them do by default */
  async has(
    { path, stats }: EarlierPhoto,
    counts: (photo: PhotoFile) => Promise<boolean> = async () => true,
  ): Promise<boolean> {
    for (const photo of this.#byInode.get(inodeOf(stats)) ?? []) {
      if ((await isStill(photo)) && (await counts(photo))) return true;
    }
    for (const photo of this.#bySize.get(Number(stats.size)) ?? []) {
      if ((await counts(photo)) && (await this.haveSameBytes(photo.path, path))) return true;
    }
    return false;
  }

  /** Whether both files can be read and are equal. */
  async haveSameBytes(a: string, b: string): Promise<boolean> {
    const hash = await this.#hash(a);
    return hash !== undefined && hash === (await this.#hash(b));
  }

  #hash(path: string): Promise<string | undefined> {
    return getOrMake(this.#hashes, path, () => sha256OfFile(path).catch(() => undefined));
  }
}

/** Tells whether a photo is still there when the earlier result has gone. */
function findElsewhere(
  target: string,
  photos: readonly PhotoFile[],
  placed: ReadonlySet<string>,
): (photo: EarlierPhoto) => Promise<boolean> {
  const index = new PhotoIndex(photos);
  const isOutside = async (path: string) => {
    const real = await realPath(path).catch(() => undefined);
    return real !== undefined && !real.startsWith(`${target}${sep}`);
  };
  const isAtItsPlace = async ({ path, stats, original }: EarlierPhoto) => {
    if (!original) return false;
    const place = resolve(target, original.at);
    const there = await stat(fsPath(place), { bigint: true }).catch(() => undefined);
    if (!there?.isFile() || there.size !== stats.size || !(await isOutside(place))) return false;
    return (
      inodeOf(there) === inodeOf(stats) ||
      isUntouched(original, there, stats) ||
      index.haveSameBytes(place, path)
    );
  };
  // A photo of this run that is in the new result, too, or outside of the earlier one.
  const stays = async ({ path }: PhotoFile) => placed.has(path) || isOutside(path);
  return async (photo) => (await isAtItsPlace(photo)) || index.has(photo, stays);
}

/** Whether a photo is the file that was found at the beginning of the run, which may be hours ago. */
async function isStill({ path, inode }: PhotoFile): Promise<boolean> {
  const now = await stat(fsPath(path), { bigint: true }).catch(() => undefined);
  return now !== undefined && inodeOf(now) === inode;
}

/** What is not there has nothing to lose; what can't be looked at has. @throws FaceError FACE_IO */
async function list(folder: string) {
  return (await unlessGone(folder, listFolder(folder))) ?? [];
}
