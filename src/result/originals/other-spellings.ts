import { stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { getOrMake, groupBy } from '../../base/maps';
import { foldedName, fsPath } from '../../system/file-name';
import { listFolder } from '../../system/list-folder';

/**
 * Finds files whose names have another spelling on this disk than in the encodings file: upper case for lower case
 * (`IMG_0.JPG`), or the other of the two ways to store accents, which macOS and some network drives change.
 */
export class OtherSpellings {
  readonly #folders = new Map<string, Promise<string | undefined>>();
  readonly #entries = new Map<string, Promise<Map<string, string[]>>>();

  /**
   * The path of what is there instead of `path`: each folder on the way, and the file, under its exact name or else as the
   * only one that is equal after NFC and case folding. `undefined` if there is none, or several.
   */
  async find(path: string): Promise<string | undefined> {
    const name = basename(path);
    const folder = await this.#folder(dirname(path));
    if (folder === undefined || name === '..') return folder && join(folder, name);
    const alike = (await this.#list(folder)).get(foldedName(name)) ?? [];
    const found = alike.includes(name) ? name : alike.length === 1 ? alike[0] : undefined;
    return found === undefined ? undefined : join(folder, found);
  }

  #folder(path: string): Promise<string | undefined> {
    return getOrMake(this.#folders, path, async () => {
      const there = await stat(fsPath(path)).catch(() => undefined);
      if (there?.isDirectory()) return path;
      return dirname(path) === path ? undefined : this.find(path);
    });
  }

  #list(folder: string): Promise<Map<string, string[]>> {
    return getOrMake(this.#entries, folder, async () => {
      // What may not be listed has nothing to offer.
      const entries = await listFolder(folder).catch(() => []);
      return groupBy(
        entries.map(({ name }) => name),
        foldedName,
      );
    });
  }
}
