import type { PhotoId } from '../../base/ids';
import { damaged, headerOf, linesOf } from '../../people/lines';
import { writeFileAtomically } from '../../system/atomic-file';
import { readTextIfThere } from '../../system/read-text';
import { FILE_MODES, type Placed } from '../originals/place-photo';
import type { Original } from '../publish/originals-file';
import type { Place } from './types';

/** A photo in a folder, as it was left. */
export interface RecordedFile {
  /** In its folder; with `/` if somebody has put it into a folder there. */
  readonly name: string;
  readonly photo: PhotoId;
  readonly placed: Placed;
  /** How it was to be placed, if that is not how it could be. */
  readonly asked?: Placed;
  /** See `stateOf` of `scan.ts`. */
  readonly state: string;
  /** Where it came from, unless it is a link, or was there already. */
  readonly original?: Original;
}

/** A folder, as it was left. */
export interface RecordedFolder {
  readonly place: Place;
  readonly folder: string;
  readonly inode: string;
  readonly files: readonly RecordedFile[];
}

/** A picture that is not ours, and is known: it is not read again, and is no news. */
export interface SeenFile {
  /** In the folder of people, with `/`. */
  readonly path: string;
  readonly state: string;
  readonly photo: PhotoId;
}

/** What was left in the folder of people. */
export interface FolderRecord {
  readonly folders: readonly RecordedFolder[];
  readonly seen: readonly SeenFile[];
}

export const EMPTY_RECORD: FolderRecord = { folders: [], seen: [] };

/** A photo that is going to be in a folder. */
export interface IntendedFile extends Omit<RecordedFile, 'state'> {
  /** Of one that is there already, in this folder or another. */
  readonly state?: string;
}

/** What is going to be done to a folder. */
export interface IntendedFolder {
  readonly place: Place;
  /** Its inode; none if it is to be made. */
  readonly inode?: string;
  /** Where it is, and where it is going to be; the same if it is going to vanish. */
  readonly from?: string;
  readonly to: string;
  readonly files: readonly IntendedFile[];
  /** Photos of ours in it that are going to leave it. */
  readonly leaving: readonly RecordedFile[];
}

/** What is going to be done to the folder of people, written down before it is done. */
export interface Intent {
  readonly folders: readonly IntendedFolder[];
  readonly seen: readonly SeenFile[];
}

const FORMAT = 'face-cluster-native folder of people';
const NEXT_FORMAT = 'face-cluster-native changes to a folder of people';
const VERSION = 1;

const REMEDY =
  'Delete that file, and "folder.next.jsonl" or "folder.jsonl" beside it: photos that are in their folders already stay there, ' +
  'but what was done to the folders since the last run is not taken over.';

/** The text of a record. */
export function recordText({ folders, seen }: FolderRecord): string {
  return textOf(FORMAT, folders, seen);
}

/** @returns `undefined` if there is no file @throws FaceError FACE_PEOPLE_INVALID with the number of the line that is damaged; FACE_IO */
export async function readRecord(path: string): Promise<FolderRecord | undefined> {
  const read = await readLines(path, FORMAT);
  return read as FolderRecord | undefined;
}

/** As {@link readRecord}. */
export async function readIntent(path: string): Promise<Intent | undefined> {
  const read = await readLines(path, NEXT_FORMAT);
  return read as Intent | undefined;
}

/** @throws FaceError FACE_IO; what was there before is still there then */
export async function writeRecord(path: string, text: string): Promise<void> {
  await writeFileAtomically(path, 'record of the folder', async (handle) => {
    await handle.appendFile(text);
  });
}

/** As {@link writeRecord}. */
export async function writeIntent(path: string, { folders, seen }: Intent): Promise<void> {
  await writeRecord(path, textOf(NEXT_FORMAT, folders, seen));
}

function textOf(format: string, folders: readonly object[], seen: readonly SeenFile[]): string {
  const header = { format, version: VERSION, folders: folders.length, seen: seen.length };
  return [header, ...folders, ...seen].map((line) => `${JSON.stringify(line)}\n`).join('');
}

async function readLines(path: string, format: string): Promise<object | undefined> {
  const text = await readTextIfThere(path);
  if (text === undefined) return undefined;
  const lines = linesOf(text, path, REMEDY);
  const header = headerOf(lines.next().value, path, format, VERSION, REMEDY);
  const folders: object[] = [];
  const seen: object[] = [];
  const places = new Set<unknown>();
  for (const { number, value } of lines) {
    const line = (value ?? {}) as Record<string, unknown>;
    if (Object.hasOwn(line, 'place')) {
      const fault =
        faultInFolder(line, format === FORMAT) ?? (places.has(line.place) && 'is the second one of a place');
      if (fault) throw damaged(path, number, fault, REMEDY);
      places.add(line.place);
      folders.push(line);
    } else {
      if (![line.path, line.state].every(isPath) || !isPhoto(line.photo))
        throw damaged(path, number, 'is no file', REMEDY);
      seen.push(line);
    }
  }
  if (folders.length !== header.folders || seen.length !== header.seen) {
    throw damaged(path, 1, `speaks of more or fewer lines than there are`, REMEDY);
  }
  return { folders, seen };
}

function faultInFolder(line: Record<string, unknown>, finished: boolean): string | undefined {
  const { place, files, leaving } = line;
  const isPlace =
    place === 'unsorted' || place === 'unclear' || (Number.isSafeInteger(place) && (place as number) >= 1);
  if (!isPlace) return 'names no place';
  const names = finished ? [line.folder] : [line.to, line.from ?? '_'];
  if (!names.every(isPath) || (finished && typeof line.inode !== 'string')) return 'names no folder';
  const areFiles = (list: unknown, whole: boolean) =>
    Array.isArray(list) && list.every((file) => isFile(file, whole));
  if (!areFiles(files, finished) || (!finished && !areFiles(leaving, true)))
    return "has a file that can't be used";
  return undefined;
}

function isFile(value: unknown, whole: boolean): boolean {
  const { name, photo, placed, asked, state, original } = (value ?? {}) as Partial<RecordedFile>;
  const isMode = (mode: unknown) => FILE_MODES.some((known) => known === mode && known !== 'none');
  return (
    isPath(name) &&
    isPhoto(photo) &&
    isMode(placed) &&
    (asked === undefined || isMode(asked)) &&
    (state === undefined ? !whole : typeof state === 'string') &&
    (original === undefined || typeof original.at === 'string')
  );
}

function isPhoto(value: unknown): boolean {
  return typeof value === 'string' && /^[0-9a-f]{64}$/.test(value);
}

/** One that stays in the folder of people. */
function isPath(value: unknown): boolean {
  return (
    typeof value === 'string' &&
    value !== '' &&
    !value.split('/').some((part) => part === '..' || part === '')
  );
}
