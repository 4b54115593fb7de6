import { lstat, mkdir, rename, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { FaceError } from '../../base/errors';
import { PRIVATE_FOLDER } from '../../system/atomic-file';
import { foldedName, fsPath } from '../../system/file-name';
import { failingTo, ioError, unlessGone } from '../../system/io-error';
import { listFolder } from '../../system/list-folder';
import { DATA_FOLDER } from '../../system/own-folder';
import type { Plan } from './plan';
import type { Place } from './types';

/** In the data folder: folders on their way from one name to another. */
const ASIDE_FOLDER = 'aside';

/** Gives the folders of a plan their names, and knows where each is by now. */
export class FolderRenames {
  /** Where folders are that are no longer where they were. */
  readonly #moved = new Map<string, string>();
  #count = 0;

  /**
   * @param root the folder of people
   * @param data the folder in it that only this program reads
   */
  constructor(
    private readonly root: string,
    private readonly data: string,
  ) {}

  /** How many folders have another name now. */
  get count(): number {
    return this.#count;
  }

  /** Where a file is by now that was at `path`. */
  now(path: string): string {
    return join(this.root, withFolderAt(path, this.#moved));
  }

  /**
   * Each as soon as its name is free; those that are left wait aside for each other: two have changed names, say, or a name
   * differs in upper case only.
   */
  async run({ folders, unwanted }: Plan): Promise<void> {
    const wanted = new Set(folders.map(({ name }) => foldedName(name)));
    for (const [place, { path }] of unwanted)
      if (wanted.has(foldedName(path))) await this.#putAside(place, path);
    let waiting = folders.flatMap(({ place, source, name }) =>
      source && source.path !== name ? [{ place, from: source.path, to: name }] : [],
    );
    for (let before = -1; before !== waiting.length; ) {
      before = waiting.length;
      const still: typeof waiting = [];
      for (const one of waiting) {
        const to = join(this.root, one.to);
        if (await unlessGone(to, lstat(to))) still.push(one);
        else await this.#rename(one.from, one.to);
      }
      waiting = still;
    }
    for (const { place, from } of waiting) await this.#putAside(place, from);
    for (const { from, to } of waiting) await this.#rename(from, to);
  }

  async #rename(from: string, to: string): Promise<void> {
    await renameFolder(this.now(from), join(this.root, to));
    this.#moved.set(from, to);
    this.#count++;
  }

  async #putAside(place: Place, from: string): Promise<void> {
    const aside = join(this.data, ASIDE_FOLDER);
    await mkdir(aside, { recursive: true, mode: PRIVATE_FOLDER }).catch(
      failingTo(`make the folder ${aside}`),
    );
    const to = join(aside, String(place));
    await rename(fsPath(this.now(from)), to).catch(failingTo(`rename the folder "${from}"`));
    this.#moved.set(from, [DATA_FOLDER, ASIDE_FOLDER, place].join('/'));
  }
}

/**
 * Brings back the folders that a killed run has left on their way.
 * @param names what each is to be called, by place
 */
export async function emptyAside(
  root: string,
  data: string,
  names: ReadonlyMap<string, string>,
): Promise<void> {
  const aside = join(data, ASIDE_FOLDER);
  const entries = (await unlessGone(aside, listFolder(aside))) ?? [];
  for (const { name: place } of entries) {
    const name = names.get(place) ?? `Person ${place}`;
    const list = await listFolder(root).catch(failingTo(`look into the folder ${root}`));
    const taken = new Set(list.map((entry) => foldedName(entry.name)));
    let free = name;
    for (let n = 2; taken.has(foldedName(free)); n++) free = `${name} ${n}`;
    await renameFolder(join(aside, place), join(root, free));
  }
  await rmdir(aside).catch(() => {});
}

/** A path in a folder that is somewhere else by now; the nearest folder above it counts. */
export function withFolderAt(path: string, moved: ReadonlyMap<string, string>): string {
  const parts = path.split('/');
  for (let above = parts.length; above > 0; above--) {
    const to = moved.get(parts.slice(0, above).join('/'));
    if (to !== undefined) return [to, ...parts.slice(above)].join('/');
  }
  return path;
}

/** @throws FaceError FACE_IO, also if something is there */
async function renameFolder(from: string, to: string): Promise<void> {
  const there = await unlessGone(to, lstat(to));
  if (there) throw changedMeanwhile(`${to} was made`, to);
  await rename(fsPath(from), to).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') throw changedMeanwhile(`${from} was moved or renamed`, from);
    throw ioError(`rename the folder ${from} to ${to}`, error);
  });
}

/** Somebody was at work on the folder, too. */
export function changedMeanwhile(what: string, path: string): FaceError {
  const remedy = 'Run it again.';
  return new FaceError('FACE_IO', `${what} while the folder of people was brought up to date. ${remedy}`, {
    path,
    remedy,
  });
}
