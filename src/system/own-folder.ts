import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fsPath } from './file-name';

/** In each result folder; says that the folder was made here and what it held when it was finished. */
export const MARKER = '.face-cluster-result.json';

/** What a marker says of its folder: a finished result, or one that is unfinished or was replaced. */
export const RESULT = 'face-cluster-native result';
export const WASTE = 'face-cluster-native waste';

/** What the folder's marker holds; `undefined` if it has none, or none that can be read. */
export async function readMarkerFile(folder: string) {
  try {
    return JSON.parse(await readFile(fsPath(join(folder, MARKER)), 'utf8'));
  } catch {
    // Absent, unreadable or somebody else's.
    return undefined;
  }
}

/** Whether a folder was made by this program, of whatever version: a result, finished or not. */
export async function isOwnFolder(folder: string): Promise<boolean> {
  const format = (await readMarkerFile(folder))?.format;
  return format === RESULT || format === WASTE;
}
