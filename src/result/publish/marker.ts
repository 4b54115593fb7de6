import { lstat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fsPath } from '../../system/file-name';
import { FILES_AT_ONCE, forEachConcurrent } from '../../system/jobs';
import { listFolder } from '../../system/list-folder';
import { RESULT, readMarkerFile, WASTE } from '../../system/own-folder';
import { sha256 } from '../../system/sha256';
import {
  CACHE_FOLDER,
  GALLERY_FOLDER,
  isLabelFolder,
  KEPT_FOLDER,
  MARKER,
  THUMBNAILS_FOLDER,
} from '../names-in-result';

/** What file managers leave behind in folders that were only looked at. */
export const DROPPINGS: ReadonlySet<string> = new Set(['.DS_Store', 'Thumbs.db', 'desktop.ini']);

/**
 * How to tell that a file in a person's folder has been edited: by its size or, where all are hard links, by its inode.
 * With the photo itself its links change, too, and that is no reason to keep a result; an editor that puts a new file
 * in a link's place has made something that is nowhere else.
 */
export type FileIdentity = 'size' | 'inode';

export interface Marker extends Fingerprint {
  readonly format: typeof RESULT;
  readonly version: 1;
  /** Names of the people's folders; not there if they are called by labels. */
  readonly folders?: readonly string[] | undefined;
}

/** Tells the people's folders in a result from all others, by their names. */
export function peoplesFolders(marker: Pick<Marker, 'folders'> | undefined): (name: string) => boolean {
  if (!Array.isArray(marker?.folders)) return isLabelFolder;
  const folders = new Set<string>(marker.folders);
  return (name) => folders.has(name);
}

export interface Fingerprint {
  /** Number of files and folders. */
  readonly entries: number;
  /** SHA-256 of their names and sizes or inodes. */
  readonly fingerprint: string;
  readonly identity: FileIdentity;
}

/** Folders that are made anew for each result, and that nobody puts anything into: what is missing in them is made again. */
const MADE_ANEW: ReadonlySet<string> = new Set([GALLERY_FOLDER, THUMBNAILS_FOLDER, CACHE_FOLDER]);

/** @param folders see {@link Marker.folders} */
export async function writeMarker(
  folder: string,
  identity: FileIdentity,
  folders?: readonly string[] | undefined,
): Promise<void> {
  const marker: Marker = {
    format: RESULT,
    version: 1,
    ...(await takeFingerprint(folder, { identity, folders })),
    ...(folders && { folders }),
  };
  await writeFile(join(folder, MARKER), `${JSON.stringify(marker)}\n`);
}

/** Says of a folder, in place of its marker, that whoever finds it may delete it: it is unfinished, or was replaced. */
export async function markWaste(folder: string): Promise<void> {
  await writeFile(join(folder, MARKER), `${JSON.stringify({ format: WASTE })}\n`);
}

export async function isMarkedWaste(folder: string): Promise<boolean> {
  return (await readMarkerFile(folder))?.format === WASTE;
}

/** The folder's marker, if it has one of ours. */
export async function readMarker(folder: string): Promise<Marker | undefined> {
  const marker = await readMarkerFile(folder);
  return marker?.format === RESULT && marker.version === 1 ? marker : undefined;
}

/**
 * What `root` holds now, but for {@link MADE_ANEW} and the photos in {@link KEPT_FOLDER}. Names and sizes only: reading every
 * photo again to find an edit that keeps its size is not worth it.
 * @param marker how to tell, and which folders are people's: as the marker says, or is to say
 * @param without names in `root` that are left out
 */
export async function takeFingerprint(
  root: string,
  { identity, folders }: Pick<Marker, 'identity' | 'folders'>,
  without: readonly string[] = [],
): Promise<Fingerprint> {
  const isPeoples = peoplesFolders({ folders });
  const entries: string[] = [];
  const apart = new Set([MARKER, ...MADE_ANEW, ...without]);
  const walk = async (folder: string, prefix: string): Promise<void> => {
    const found = await listFolder(folder);
    await forEachConcurrent(found, FILES_AT_ONCE, undefined, async (entry) => {
      if (DROPPINGS.has(entry.name) || (prefix === '' && apart.has(entry.name))) return;
      // What was kept is the user's to move and to delete, and the next run keeps what is still there.
      if (prefix === `${KEPT_FOLDER}/` && entry.isFile()) return;
      const path = join(folder, entry.name);
      if (prefix === '' && entry.name === KEPT_FOLDER && entry.isDirectory()) {
        await walk(path, `${KEPT_FOLDER}/`);
      } else if (entry.isDirectory()) {
        entries.push(`${prefix}${entry.name}/`);
        await walk(path, `${prefix}${entry.name}/`);
      } else {
        const { size, ino } = await lstat(fsPath(path), { bigint: true });
        const same =
          identity === 'inode' && isPeoples(prefix.split('/', 1)[0] as string) ? `inode ${ino}` : size;
        entries.push(`${prefix}${entry.name}\0${same}`);
      }
    });
  };
  await walk(root, '');
  return { entries: entries.length, fingerprint: sha256(JSON.stringify(entries.sort())), identity };
}
