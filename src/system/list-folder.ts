import type { Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { decodeFileName, fsPath, maybeUndecoded } from './file-name';

export type FolderEntry = Pick<Dirent, 'isDirectory' | 'isFile' | 'isSymbolicLink' | 'name'>;

/**
 * What is in a folder; names that are not UTF-8 as `decodeFileName` gives them, so that `fsPath` leads to them.
 * Rejects as `readdir` does.
 */
export async function listFolder(path: string): Promise<FolderEntry[]> {
  const entries = await readdir(fsPath(path), { withFileTypes: true });
  if (!entries.some(({ name }) => maybeUndecoded(name))) return entries;
  const undecoded = await readdir(fsPath(path), { withFileTypes: true, encoding: 'buffer' });
  return undecoded.map((entry) => ({
    isDirectory: () => entry.isDirectory(),
    isFile: () => entry.isFile(),
    isSymbolicLink: () => entry.isSymbolicLink(),
    name: decodeFileName(entry.name),
  }));
}
