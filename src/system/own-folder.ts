import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fsPath } from './file-name';

/** In each result folder, or in its {@link DATA_FOLDER}: says that the folder was made here. */
export const MARKER = '.face-cluster-result.json';

/** What only this program reads of a folder that people change as they like. */
export const DATA_FOLDER = '.data';

/**
 * What a marker says of its folder: a finished result, one that is unfinished or was replaced, or the {@link DATA_FOLDER} of a
 * folder of people.
 */
export const RESULT = 'face-cluster-native result';
export const WASTE = 'face-cluster-native waste';
export const PEOPLE = 'face-cluster-native people folder';

/** What the folder's marker holds; `undefined` if it has none, or none that can be read. */
export async function readMarkerFile(folder: string) {
  try {
    return JSON.parse(await readFile(fsPath(join(folder, MARKER)), 'utf8'));
  } catch {
    // Absent, unreadable or somebody else's.
    return undefined;
  }
}

/** Whether a folder was made by this program, of whatever version: a result, finished or not, or a folder of people. */
export async function isOwnFolder(folder: string): Promise<boolean> {
  const format = (await readMarkerFile(folder))?.format;
  if (format === RESULT || format === WASTE || format === PEOPLE) return true;
  return (await readMarkerFile(join(folder, DATA_FOLDER)))?.format === PEOPLE;
}
