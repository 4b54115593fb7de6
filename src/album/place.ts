import { lstat, rename, rm } from 'node:fs/promises';
import { basename, extname, join, sep } from 'node:path';
import { FaceError, throwIfAborted } from '../base/errors';
import type { PhotoId } from '../base/ids';
import { getOrMake, groupBy } from '../base/maps';
import { type PhotoProblem, problemOf } from '../base/photo-problem';
import { FilesDone } from '../photos/video/files-done';
import { FileNames, LONGEST_ANYWHERE, portableName } from '../result/originals/file-names';
import { inodeOf, type PhotoFile } from '../result/originals/find';
import type { OnDone, PlacedCounts } from '../result/originals/label-folders';
import { type Placed, placePhoto } from '../result/originals/place-photo';
import { targetOf } from '../result/publish/folder';
import { idOfWhole } from '../sort/shown';
import { PRIVATE_FOLDER } from '../system/atomic-file';
import { foldedName, fsPath } from '../system/file-name';
import { failingTo, isNameRefused, unlessGone } from '../system/io-error';
import { FILES_AT_ONCE, forEachConcurrent } from '../system/jobs';
import { listFolder } from '../system/list-folder';
import { makeFolders } from '../system/make-folders';
import { moveFile } from '../system/move-file';
import { realPath } from '../system/real-path';
import { sha256OfFile } from '../system/sha256';
import { pathBeside, removeLeftovers } from '../system/temporary';
import type { FormerPhotos } from './former-photos';
import type { AlbumPhoto } from './photos';

/** What was put into a folder of one's own. */
export interface PlacedAlbum {
  /** The folder, without links on the way. */
  readonly folder: string;
  /** How many photos are new there, by how they got there. */
  readonly placed: PlacedCounts;
  /** How many were there as they were before names were written into them, and are there as they are now instead. */
  readonly renewed: number;
  /** How many were there already. */
  readonly there: number;
  /** Photos that could not be put there. */
  readonly problems: readonly PhotoProblem[];
}

/** Names that a disk may refuse, or that somebody may take meanwhile. */
const NAMES_TRIED = 3;

/**
 * Makes sure that a folder for photos is not in the folder of people, where it would be taken for somebody's wish.
 * @returns it without links on the way
 * @throws FaceError FACE_IO
 * @internal
 */
export async function mustBeApart(to: string, output: string): Promise<string> {
  const target = await targetOf(to);
  const people = await realPath(output).catch(() => output);
  if (target !== people && !target.startsWith(`${people}${sep}`)) return target;
  const remedy = 'Choose a place beside it.';
  const message = `${to} is ${target === people ? '' : 'in '}the folder of people, where a new folder means somebody new. ${remedy}`;
  throw new FaceError('FACE_IO', message, { path: to, remedy });
}

/**
 * Puts photos into a folder, which is made if need be. What is in it stays: photos that are there, whatever they are called, are not
 * put there again, and those whose names others have get another, `name (2).jpg`. Only what is, to the byte, a photo as it was before this
 * program wrote into it gives way to the photo.
 * @param folder without links on the way
 * @param photos those that are there, each once
 * @param former what they were
 * @returns also what each photo is called there
 * @throws FaceError FACE_IO, FACE_ABORTED
 * @internal
 */
export async function placeAlbum(
  folder: string,
  photos: readonly Pick<AlbumPhoto, 'id' | 'path' | 'file'>[],
  former: FormerPhotos,
  mode: Placed,
  signal: AbortSignal | undefined,
  onDone: OnDone,
): Promise<PlacedAlbum & { readonly names: ReadonlyMap<PhotoId, string> }> {
  await makeFolders(folder, PRIVATE_FOLDER).catch(failingTo(`make the folder ${folder}`));
  await removeLeftovers(folder);
  const present = await Present.in(folder);
  const names = new Map<PhotoId, string>();
  const placed: Record<Placed, number> = { hardlink: 0, copy: 0, symlink: 0 };
  const problems: PhotoProblem[] = [];
  let renewed = 0;
  const fileOf = ({ id, path }: (typeof photos)[number]) => idOfWhole(id, path);
  const files = new FilesDone(photos.map(fileOf), onDone);
  const missing = new Set<(typeof photos)[number]>();
  await forEachConcurrent(photos, FILES_AT_ONCE, signal, async (photo) => {
    const name = await present.nameOf(fileOf(photo), photo.file as PhotoFile);
    if (name === undefined) missing.add(photo);
    else {
      names.set(photo.id, name);
      files.add(fileOf(photo));
    }
  });
  // A video is one file, whose frames are many.
  const there = new Set(names.values()).size;
  /** Of videos, which are put there once for all of their frames. */
  const whole = new Map<PhotoId, string>();
  // One after the other and in order: which of two photos gets a name must not change.
  for (const photo of photos.filter((photo) => missing.has(photo))) {
    throwIfAborted(signal);
    const { id, path, file } = photo;
    const before = whole.get(fileOf(photo));
    if (before !== undefined) {
      names.set(id, before);
      files.add(fileOf(photo));
      continue;
    }
    try {
      const was = former.get(id) ?? [];
      const old = await present.takeFormer(was, path);
      if (old !== undefined && (await renew(join(folder, old), was, file as PhotoFile, mode))) {
        names.set(id, old);
        renewed++;
      } else {
        const { name, how } = await put(folder, file as PhotoFile, present.names, mode);
        names.set(id, name);
        whole.set(fileOf(photo), name);
        placed[how]++;
      }
    } catch (error) {
      // Only what is wrong with the photo; a full disk ends the job.
      if (!(error instanceof FaceError && error.code === 'FACE_IMAGE_NOT_FOUND')) throw error;
      problems.push(problemOf(path, error, file?.path));
    }
    files.add(fileOf(photo));
  }
  return { folder, placed, renewed, there, problems, names };
}

async function put(
  folder: string,
  file: PhotoFile,
  names: FileNames,
  mode: Placed,
): Promise<{ readonly name: string; readonly how: Placed }> {
  for (let attempt = 1; ; attempt++) {
    const { path } = file;
    const name =
      attempt === 1
        ? names.take(path)
        : names.take(portableName(path), '', extname(portableName(path)), LONGEST_ANYWHERE);
    const to = join(folder, name);
    const temporary = pathBeside(to);
    try {
      // Under its name it is whole, or not there.
      const how = await placePhoto(file, temporary, mode);
      await moveFile(temporary, to).catch(failingTo(`write ${to}`));
      return { name, how };
    } catch (error) {
      await rm(temporary, { force: true }).catch(() => {});
      if (!isNameRefused(error) || attempt === NAMES_TRIED) throw error;
    }
  }
}

/** Puts a photo into the place of what it was. @returns false if that is something else by now: then it stays */
async function renew(
  to: string,
  former: readonly PhotoId[],
  file: PhotoFile,
  mode: Placed,
): Promise<boolean> {
  const temporary = pathBeside(to);
  try {
    await placePhoto(file, temporary, mode);
    // A copy takes its time.
    const now = await contentOf(to);
    if (now === undefined || !former.includes(now)) return false;
    await rename(temporary, to).catch(failingTo(`write ${to}`));
    return true;
  } finally {
    await rm(temporary, { force: true }).catch(() => {});
  }
}

const contentOf = (path: string) => sha256OfFile(path).catch(() => undefined);

/** What photos are called that differ in the number behind their names alone, `a (2).jpg`. */
function givenName(name: string): string {
  return foldedName(name.replace(/ \(\d+\)(?=(\.[^.]*)?$)/, ''));
}

/** What is in a folder before photos are put there. */
class Present {
  readonly #byInode = new Map<string, string>();
  readonly #bySize = new Map<number, string[]>();
  readonly #byTarget = new Map<string, string>();
  readonly #hashes = new Map<string, Promise<PhotoId | undefined>>();
  readonly #renewed = new Set<string>();
  #byGivenName: ReadonlyMap<string, readonly string[]> | undefined;

  private constructor(
    private readonly folder: string,
    readonly names: FileNames,
  ) {}

  static async in(folder: string): Promise<Present> {
    const entries = await listFolder(folder).catch(failingTo(`look into the folder ${folder}`));
    const present = new Present(folder, new FileNames(entries.map(({ name }) => name)));
    await forEachConcurrent(entries, FILES_AT_ONCE, undefined, async (entry) => {
      const path = join(folder, entry.name);
      if (entry.isSymbolicLink()) {
        const target = await realPath(path).catch(() => undefined);
        if (target !== undefined) present.#byTarget.set(target, entry.name);
      } else if (entry.isFile()) {
        const stats = await unlessGone(path, lstat(fsPath(path), { bigint: true }));
        if (!stats) return;
        present.#byInode.set(inodeOf(stats), entry.name);
        getOrMake(present.#bySize, Number(stats.size), () => []).push(entry.name);
      }
    });
    return present;
  }

  /**
   * The file that has one of these contents under the name that a photo would be given, and is no other's from then on; `undefined` if
   * there is none.
   */
  async takeFormer(ids: readonly PhotoId[], path: string): Promise<string | undefined> {
    if (ids.length === 0) return undefined;
    this.#byGivenName ??= groupBy([...this.#bySize.values()].flat().sort(), givenName);
    for (const given of new Set([givenName(basename(path)), givenName(portableName(path))])) {
      for (const name of this.#byGivenName.get(given) ?? []) {
        const id = this.#renewed.has(name) ? undefined : await this.#contentOf(name);
        if (id === undefined || !ids.includes(id)) continue;
        this.#renewed.add(name);
        return name;
      }
    }
    return undefined;
  }

  #contentOf(name: string): Promise<PhotoId | undefined> {
    return getOrMake(this.#hashes, name, () => contentOf(join(this.folder, name)));
  }

  /** What a photo is called there; `undefined` if it is not there. Only files of its size are read. */
  async nameOf(id: PhotoId, { path, inode, size }: PhotoFile): Promise<string | undefined> {
    const linked = this.#byInode.get(inode);
    if (linked !== undefined) return linked;
    const target = this.#byTarget.size > 0 ? await realPath(path).catch(() => path) : path;
    const leading = this.#byTarget.get(target);
    if (leading !== undefined) return leading;
    for (const name of this.#bySize.get(size) ?? []) {
      if ((await this.#contentOf(name)) === id) return name;
    }
    return undefined;
  }
}
