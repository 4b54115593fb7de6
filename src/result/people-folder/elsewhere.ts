import { lstat, stat } from 'node:fs/promises';
import { join, resolve, sep } from 'node:path';
import type { PhotoId } from '../../base/ids';
import { getOrMake } from '../../base/maps';
import { fsPath } from '../../system/file-name';
import { failingTo } from '../../system/io-error';
import { listFolder } from '../../system/list-folder';
import { realPath } from '../../system/real-path';
import { sha256OfFile } from '../../system/sha256';
import { KEPT_FOLDER } from '../names-in-result';
import { inodeOf } from '../originals/find';
import { isUntouched, type Original } from '../publish/originals-file';

/** What exiftool puts behind the name of a photo that it has written into, for the photo of before. */
const BACKUP = '_original';

/** Tells whether the bytes of a file in the folder of people are in another file, too, which stays. */
export class Elsewhere {
  readonly #staying = new Map<PhotoId, Set<string>>();
  readonly #hashes = new Map<string, Promise<string | undefined>>();
  #kept: Promise<ReadonlySet<string>> | undefined;

  /**
   * @param root path of the folder of people
   * @param originals paths of photos outside of it
   */
  constructor(
    private readonly root: string,
    private readonly originals: ReadonlyMap<PhotoId, string>,
  ) {}

  /** Says that a file, no link, which is that photo is in the folder, and stays there. */
  add(photo: PhotoId, path: string): void {
    getOrMake(this.#staying, photo, () => new Set()).add(path);
  }

  /** @param path of the file in the folder */
  async has(path: string, photo: PhotoId, original: Original | undefined): Promise<boolean> {
    const file = await lstat(fsPath(path), { bigint: true }).catch(failingTo(`look at ${path}`));
    const at = original && resolve(this.root, original.at);
    const outside = [at, at && at + BACKUP, this.originals.get(photo)];
    for (const place of new Set(outside)) {
      if (place === undefined) continue;
      const there = await stat(fsPath(place), { bigint: true }).catch(() => undefined);
      if (!there?.isFile() || there.size !== file.size || !(await this.#isOutside(place))) continue;
      if (inodeOf(there) === inodeOf(file)) return true;
      if (original && place === outside[0] && isUntouched(original, there, file)) return true;
      if (await this.#haveSameBytes(path, place)) return true;
    }
    for (const place of this.#staying.get(photo) ?? []) {
      if (place === path) continue;
      const there = await lstat(fsPath(place), { bigint: true }).catch(() => undefined);
      if (!there?.isFile() || there.size !== file.size) continue;
      if (inodeOf(there) === inodeOf(file) || (await this.#haveSameBytes(path, place))) return true;
    }
    return (await this.#inodesKept()).has(inodeOf(file));
  }

  async #isOutside(path: string): Promise<boolean> {
    const real = await realPath(path).catch(() => undefined);
    return real !== undefined && !real.startsWith(`${this.root}${sep}`);
  }

  async #haveSameBytes(a: string, b: string): Promise<boolean> {
    const hash = await this.#hash(a);
    return hash !== undefined && hash === (await this.#hash(b));
  }

  #hash(path: string): Promise<string | undefined> {
    return getOrMake(this.#hashes, path, () => sha256OfFile(path).catch(() => undefined));
  }

  /** Of files that an earlier run was killed on, after they were kept and before they were taken away. */
  #inodesKept(): Promise<ReadonlySet<string>> {
    this.#kept ??= (async () => {
      const folder = join(this.root, KEPT_FOLDER);
      const entries = await listFolder(folder).catch(() => []);
      const files = entries.filter((entry) => entry.isFile());
      const stats = files.map(({ name }) =>
        lstat(fsPath(join(folder, name)), { bigint: true }).then(inodeOf, () => ''),
      );
      return new Set(await Promise.all(stats));
    })();
    return this.#kept;
  }
}
