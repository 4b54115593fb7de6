import type { Stats } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { FaceError } from '../errors';
import { isImageName } from '../images/formats';
import { fsPath } from '../io/file-name';

/** A photo that was found on the disk. */
export interface PhotoFile {
  readonly path: string;
  /** In bytes. */
  readonly size: number;
  /** When it was last looked at and changed, in milliseconds since 1970, with fractions. */
  readonly atimeMs: number;
  readonly mtimeMs: number;
}

/**
 * Finds the photos that an encodings file names.
 *
 * They are looked for in `folder`, if that is given, and then, as their paths are, from the working directory. Since a
 * collection that was moved is no longer in the folder it was encoded in, leading folders that all paths have in common
 * may be missing: `photos/2019/a.jpg` is found as `2019/a.jpg` if all paths start with `photos`, but never as `a.jpg`
 * as long as there is a `photos/2020`, too.
 */
export class PhotoFinder {
  readonly #folder: string | undefined;
  /** How many folders all paths start with. */
  readonly #common: number;

  constructor(imagePaths: readonly string[], folder: string | undefined) {
    this.#folder = folder;
    this.#common = commonFolders(imagePaths.map(withSlashes));
  }

  /**
   * The file of one of the photos. Only a regular file with a photo's extension will do: encodings files come from
   * strangers, too, and must not bring `/etc/passwd` into a folder that people pass on.
   * @throws FaceError FACE_IMAGE_NOT_FOUND
   */
  async find(imagePath: string): Promise<PhotoFile> {
    let reason = 'it does not exist';
    for (const path of this.#candidates(imagePath)) {
      let stats: Stats;
      try {
        stats = await stat(fsPath(path));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'EACCES') reason = 'it may not be read';
        continue;
      }
      if (!stats.isFile()) reason = 'it is not a file';
      else if (!isImageName(path)) reason = 'its name is not that of a photo';
      else return { path, size: stats.size, atimeMs: stats.atimeMs, mtimeMs: stats.mtimeMs };
    }
    throw new FaceError('FACE_IMAGE_NOT_FOUND', `The photo "${imagePath}" was not found: ${reason}.`);
  }

  *#candidates(imagePath: string): Generator<string> {
    // Encodings made on Windows have backslashes, which elsewhere are letters of a name like any other.
    const spellings = [...new Set([imagePath, withSlashes(imagePath)])];
    if (this.#folder !== undefined) {
      for (const spelling of spellings) {
        const parts = spelling.split('/');
        for (let cut = 0; cut <= this.#common && cut < parts.length; cut++) {
          yield join(this.#folder, ...parts.slice(cut));
        }
      }
    }
    yield* spellings;
  }
}

function withSlashes(path: string): string {
  return path.replaceAll('\\', '/');
}

function commonFolders(paths: readonly string[]): number {
  let common = paths[0]?.split('/').slice(0, -1) ?? [];
  for (const path of paths) {
    const parts = path.split('/').slice(0, -1);
    const differs = common.findIndex((part, i) => part !== parts[i]);
    if (differs >= 0) common = common.slice(0, differs);
  }
  return common.length;
}

/** Gives the files of one folder their names: each once, also where upper and lower case are the same. */
export class FileNames {
  readonly #taken = new Set<string>();

  /**
   * The last part of `path` with `suffix` before its extension, or, if that is taken, the first free one of
   * `name (2).jpg`, `name (3).jpg` and so on.
   */
  take(path: string, suffix = '', extension = extname(path)): string {
    let stem = basename(path, extname(path));
    for (let n = 1; ; n++) {
      const tail = `${suffix}${n === 1 ? '' : ` (${n})`}${extension}`;
      // 255 bytes is the longest name that common file systems take.
      while (Buffer.byteLength(stem + tail) > 255) stem = Array.from(stem).slice(0, -1).join('');
      const name = stem + tail;
      if (this.#taken.has(key(name))) continue;
      this.#taken.add(key(name));
      return name;
    }
  }
}

function key(name: string): string {
  return name.normalize('NFC').toLowerCase();
}
