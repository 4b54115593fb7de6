import { readdir, rm, rmdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { FaceError } from '../base/errors';
import { path } from '../base/validate';
import { People } from '../people/people';
import { lockPath } from '../people/people-files';
import { loadSharp } from '../photos/formats/load-sharp';
import { MARKER } from '../result/names-in-result';
import { PeopleFolder } from '../result/people-folder/people-folder';
import { ownerOf } from '../system/lock';
import { DATA_FOLDER } from '../system/own-folder';
import { isThere } from '../system/real-path';
import { eraseForgotten } from './erase';
import { readSettings, type SortSettings } from './settings';

/** A people folder that nobody else works on. @internal */
export interface Opened<Settings> {
  readonly folder: PeopleFolder;
  readonly people: People;
  /** Path of the encodings file. */
  readonly encodings: string;
  readonly settings: Settings;
}

/** Opens a people folder and closes it again after the work. @throws FaceError as {@link openPeople} @internal */
export async function withPeople<T>(
  output: string,
  by: string,
  work: (opened: Opened<SortSettings | undefined>) => Promise<T>,
): Promise<T> {
  const opened = await openPeople(output, by);
  try {
    return await work(opened);
  } finally {
    await opened.people.close();
  }
}

/**
 * Opens a people folder, or makes one; nobody else can work on it until its people are closed.
 * @param by see `PeopleOptions`
 * @throws FaceError as `PeopleFolder.open` and `People.open`
 * @internal
 */
export async function openPeople(output: string, by: string): Promise<Opened<SortSettings | undefined>> {
  // Without it no picture can be made: to be told now, not when the faces have been compared.
  loadSharp();
  const { data } = await PeopleFolder.prepare(path('output', output));
  // With that, nobody else is at work on the folder.
  const people = await People.open(join(data, PEOPLE_FILE), { by }).catch(async (error: unknown) => {
    throw await asOpenPage(error, output, lockPath(join(data, PEOPLE_FILE)));
  });
  try {
    await eraseForgotten(data, join(data, ENCODINGS_FILE), people);
    const folder = await PeopleFolder.open(output);
    const settings = await readSettings(data);
    return { folder, people, encodings: join(data, ENCODINGS_FILE), settings };
  } catch (error) {
    await people.close();
    throw error;
  }
}

/** What has people locked that everybody knows by another word. */
async function asOpenPage(error: unknown, output: string, lock: string): Promise<unknown> {
  if (!(error instanceof FaceError && error.code === 'FACE_LOCKED')) return error;
  const owner = await ownerOf(lock);
  if (owner?.by !== 'view') return error;
  const remedy = 'Close it, or press Ctrl-C where "view" runs; what was decided on it is kept.';
  const message = `The page of the people in ${output} is open, by "view" in process ${owner.pid}. ${remedy}`;
  return new FaceError('FACE_LOCKED', message, { path: output, remedy, cause: error });
}

/**
 * Opens the people of a folder to look at them; close them when done.
 * @throws FaceError FACE_IO if no photos were sorted into `output`; FACE_PEOPLE_INVALID, FACE_RESULT_INVALID
 * @internal
 */
export async function openSorted(output: string): Promise<{
  readonly people: People;
  /** The folder of data. */
  readonly data: string;
  /** Path of the encodings file. */
  readonly encodings: string;
  readonly settings: SortSettings;
}> {
  await checkSorted(output);
  const data = join(output, DATA_FOLDER);
  const settings = await readSettings(data);
  if (settings === undefined) throw notSorted(output);
  const people = await People.open(join(data, PEOPLE_FILE), { readOnly: true });
  return { people, data, encodings: join(data, ENCODINGS_FILE), settings };
}

/** The encodings file that somebody means by a path: that of a folder of people, or the file itself. @internal */
export async function encodingsAt(place: string): Promise<string> {
  const inFolder = join(place, DATA_FOLDER, ENCODINGS_FILE);
  return (await isThere(inFolder)) ? inFolder : place;
}

/**
 * Removes what {@link withPeople} has made, if nothing else came to be in it: after a typing mistake, no folder is left.
 * Never rejects.
 * @param wasThere whether the folder was there before, empty
 * @internal
 */
export async function removeUnused(output: string, wasThere: boolean): Promise<void> {
  const data = join(output, DATA_FOLDER);
  const ours = [MARKER, PEOPLE_FILE];
  const names = await readdir(data).catch(() => []);
  const all = await readdir(output).catch(() => []);
  if (names.length === 0 || !names.every((name) => ours.includes(name)) || all.length > 1) return;
  try {
    if ((await stat(join(data, PEOPLE_FILE))).size > LONGEST_EMPTY) return;
    for (const name of names) await rm(join(data, name));
    await rmdir(data);
    if (!wasThere) await rmdir(output);
  } catch {}
}

/** A file of decisions without any has its header alone. */
const LONGEST_EMPTY = 100;

/** In the folder of data. */
const ENCODINGS_FILE = 'faces.pickle';
const PEOPLE_FILE = 'people.jsonl';

/** @throws FaceError FACE_IO if it is no people folder: none is made for those who only want to look */
export async function checkSorted(output: string): Promise<void> {
  if (!(await isThere(join(path('output', output), DATA_FOLDER, ENCODINGS_FILE)))) throw notSorted(output);
}

export function notSorted(output: string): FaceError {
  return new FaceError('FACE_IO', `No photos were sorted into the folder ${output} yet.`, {
    path: output,
    remedy: 'Sort some first ("sort" on the command line), or give the folder that they were sorted into.',
  });
}
