import { realpath, stat } from 'node:fs/promises';
import { decodeFileName, fsPath } from './file-name';

/** Node's `realpath`, for names that are not UTF-8, too: see `decodeFileName`. */
export async function realPath(path: string): Promise<string> {
  return decodeFileName(await realpath(fsPath(path), 'buffer'));
}

/** Whether something is there, behind links, too; not whether it may be read. */
export async function isThere(path: string): Promise<boolean> {
  return (await stat(fsPath(path)).catch(() => undefined)) !== undefined;
}
