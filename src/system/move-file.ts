import { link, lstat, rename, unlink } from 'node:fs/promises';
import { fsPath } from './file-name';

/**
 * Renames a file or link on one file system, where nothing may be: unlike `rename`, it never replaces what is there, where the
 * file system has hard links. Killed in the middle, it may leave both names.
 * @throws the system's error; EEXIST if something is there
 */
export async function moveFile(from: string, to: string): Promise<void> {
  const [source, target] = [fsPath(from), fsPath(to)];
  // Some systems make the hard link to what a link leads to.
  const isLink = (await lstat(source)).isSymbolicLink();
  try {
    if (!isLink) await link(source, target);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw error;
    return renameWhereNothingIs(source, target);
  }
  await (isLink ? renameWhereNothingIs(source, target) : unlink(source));
}

async function renameWhereNothingIs(source: string | Buffer, target: string | Buffer): Promise<void> {
  const there = await lstat(target).catch(() => undefined);
  if (there)
    throw Object.assign(new Error(`EEXIST: file already exists, rename '${source}'`), { code: 'EEXIST' });
  await rename(source, target);
}
