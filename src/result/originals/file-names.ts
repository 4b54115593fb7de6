import { basename, extname } from 'node:path';
import { foldedName } from '../../system/file-name';

/** Bytes in the longest name that common file systems take. */
const LONGEST = 255;

/** Bytes that all file systems take: those that encrypt names take 143. */
export const LONGEST_ANYWHERE = 140;

/** Gives the files of one folder their names: each once, also where upper and lower case are the same. */
export class FileNames {
  readonly #taken = new Set<string>();

  /** @param taken names that are not to be had */
  constructor(taken: Iterable<string> = []) {
    for (const name of taken) this.#taken.add(foldedName(name));
  }

  /**
   * The last part of `path` with `suffix` before its extension, or, if that is taken, the first free one of
   * `name (2).jpg`, `name (3).jpg` and so on.
   * @param longest how many bytes it may have; what is longer loses letters before `suffix`
   */
  take(path: string, suffix = '', extension = extname(path), longest = LONGEST): string {
    let stem = basename(path, extname(path));
    for (let n = 1; ; n++) {
      const tail = `${suffix}${n === 1 ? '' : ` (${n})`}${extension}`;
      while (stem !== '' && Buffer.byteLength(stem + tail) > longest) {
        stem = Array.from(stem).slice(0, -1).join('');
      }
      const name = stem + tail;
      if (this.#taken.has(foldedName(name))) continue;
      this.#taken.add(foldedName(name));
      return name;
    }
  }
}

const NOT_PORTABLE = /[<>:"/\\|?*\p{Cc}\p{Cs}]/gu;
/** Devices on Windows, whatever comes after the full stop. */
const RESERVED = /^(con|prn|aux|nul|com\d|lpt\d)(?=\.|$)/i;

/** The last part of `path`, a name that only some file systems take (`8:15.jpg`), as all of them do (`8_15.jpg`). */
export function portableName(path: string): string {
  const name = basename(path).replace(NOT_PORTABLE, '_');
  return name.replace(RESERVED, '$1_').replace(/[. ]+$/, '') || '_';
}
