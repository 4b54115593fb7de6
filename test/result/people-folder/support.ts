import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join, relative } from 'node:path';
import type { PersonId } from '../../../src/people/decisions';
import { type PhotoFile, photoFile } from '../../../src/result/originals/find';
import type { Placed } from '../../../src/result/originals/place-photo';
import { PeopleFolder } from '../../../src/result/people-folder/people-folder';
import type { FolderSummary, Gesture, Place, WantedFolder } from '../../../src/result/people-folder/types';
import { sha256 } from '../../../src/system/sha256';
import { isTemporaryName } from '../../../src/system/temporary';
import { restartJpeg } from '../../support/jpeg';

export const MODES = ['hardlink', 'copy', 'symlink'] as const satisfies Placed[];

/** Who is on which photos: names of photos without their extension, with blanks between. */
export type Wanted = { readonly [place in Place]?: string };

/** The bytes of a photo: others for each name. */
export function photoBytes(name: string): Buffer {
  const levels = [...Buffer.from(sha256(name).slice(0, 8))];
  return Buffer.concat([restartJpeg(levels), Buffer.from(name)]);
}

export function photoId(name: string): string {
  return sha256(photoBytes(name));
}

/** Photos and a folder of people in a temporary folder. */
export class Collection {
  readonly names = new Map<PersonId, string>();

  constructor(
    readonly temp: (...parts: string[]) => string,
    readonly mode: Placed,
  ) {
    mkdirSync(this.photo('.').replace(/\.jpg$/, ''), { recursive: true });
  }

  get people(): string {
    return this.temp('people');
  }

  /** A path in the folder of people. */
  in(...parts: string[]): string {
    return join(this.people, ...parts);
  }

  /** Where the photo of a name is: `a` is `photos/a.jpg`. */
  photo(name: string): string {
    return name === '.' ? this.temp('photos') : this.temp('photos', `${name}.jpg`);
  }

  make(name: string): string {
    const path = this.photo(name);
    mkdirSync(join(path, '..'), { recursive: true });
    writeFileSync(path, photoBytes(name));
    // Long ago: what was changed just now proves nothing.
    utimesSync(path, 1e9, 1e9 + name.length);
    return path;
  }

  file(name: string): PhotoFile | undefined {
    const stats = statSync(this.photo(name), { bigint: true, throwIfNoEntry: false });
    return stats && photoFile(this.photo(name), stats);
  }

  /** Photos that are not there, and never were, are made. */
  wanted(wanted: Wanted, known: ReadonlySet<string> = new Set()): WantedFolder[] {
    return Object.entries(wanted).map(([key, names]) => {
      const place = key === 'unsorted' || key === 'unclear' ? key : Number(key);
      const photos = (names as string).split(' ').filter(Boolean);
      for (const name of photos) if (!known.has(name) && !this.made.has(name)) this.make(name);
      for (const name of photos) this.made.add(name);
      return {
        place,
        name: typeof place === 'number' ? this.names.get(place) : undefined,
        photos: photos.map((name) => ({ id: photoId(name), file: this.file(name) })),
      };
    });
  }

  readonly made = new Set<string>();

  open(): Promise<PeopleFolder> {
    return PeopleFolder.open(this.people);
  }

  /** A run: what was done to the folder is told, and it is brought to be as wanted. */
  async run(wanted: Wanted, mode = this.mode): Promise<{ gestures: Gesture[]; summary: FolderSummary }> {
    const folder = await this.open();
    const gestures = await folder.gestures();
    const plan = await folder.plan(this.wanted(wanted));
    return { gestures, summary: await folder.apply(plan, mode) };
  }

  async gestures(): Promise<Gesture[]> {
    return (await this.open()).gestures();
  }

  /** All files below the folder of people, but for those of the program: what each holds, by path. */
  tree(): Record<string, string> {
    return treeOf(this.people);
  }
}

/**
 * What the files in a folder hold, by path with `/`. Left out are `.data`, and temporary files of this process, which are tidied
 * away when it is gone. Folders that are empty end in `/`.
 */
export function treeOf(folder: string): Record<string, string> {
  const tree: Record<string, string> = {};
  const walk = (at: string) => {
    const entries = readdirSync(at, { withFileTypes: true });
    if (entries.length === 0 && at !== folder) tree[`${relative(folder, at).replaceAll('\\', '/')}/`] = '';
    for (const entry of entries) {
      const path = join(at, entry.name);
      const name = relative(folder, path).replaceAll('\\', '/');
      if (name === '.data' || isTemporaryName(entry.name)) continue;
      if (entry.isDirectory()) walk(path);
      else
        tree[name] = statSync(path, { throwIfNoEntry: false })?.isFile()
          ? sha256(readFileSync(path))
          : readlinkSync(path);
    }
  };
  walk(folder);
  return tree;
}

/** The files of {@link treeOf}, in order. */
export function filesIn(folder: string): string[] {
  return Object.keys(treeOf(folder)).sort();
}

/** Inode and times of all that is in a folder, by path. */
export function statesIn(folder: string): Record<string, string> {
  const states: Record<string, string> = {};
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    const { ino, mtimeNs, ctimeNs } = lstatSync(join(folder, name), { bigint: true });
    states[name] = `${ino} ${mtimeNs} ${ctimeNs}`;
  }
  return states;
}
