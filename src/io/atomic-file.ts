import { randomBytes } from 'node:crypto';
import { type FileHandle, mkdir, open, realpath, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { FaceError, messageOf } from '../errors';

const HINTS = new Map([
  ['EACCES', 'Choose a place that you may write to, or change its permissions.'],
  ['EPERM', 'Choose a place that you may write to, or change its permissions.'],
  ['EROFS', 'That disk is read-only: choose another place.'],
  ['ENOSPC', 'The disk is full: free some space or choose another place.'],
  ['EDQUOT', 'Your disk quota is used up: free some space or choose another place.'],
  ['EISDIR', 'There is a folder of that name: choose another name.'],
  ['ENOTDIR', 'Part of the path is a file, not a folder: choose another place.'],
  ['EEXIST', 'Part of the path is a file, not a folder: choose another place.'],
  ['ENAMETOOLONG', 'Choose a shorter name.'],
]);

/**
 * Name of a file or folder to build `path` in: beside it, so that a rename moves it into place, and not there yet. It
 * has nothing of the name of `path`, which may be as long as names can be.
 */
export function pathBeside(path: string): string {
  return join(dirname(path), `.${randomBytes(6).toString('hex')}.tmp`);
}

/**
 * Writes the file at `path` through `write`, all or nothing: the bytes go to a temporary file beside it, to the disk,
 * and only then take its name. Missing parent folders are made. If anything fails, the temporary file is removed and
 * what was at `path` before is still there. A symbolic link stays one; the file it points to is replaced.
 *
 * @param what the kind of file, for messages, e.g. "encodings file".
 * @param durable whether to wait for the disk: for hours of work, not for hundreds of files that are soon made again.
 * @throws FACE_IO; errors that are a FaceError already pass through.
 */
export async function writeFileAtomically(
  path: string,
  what: string,
  write: (handle: FileHandle) => Promise<void>,
  durable = true,
): Promise<void> {
  let temporary: string | undefined;
  try {
    await mkdir(dirname(path), { recursive: true });
    const target = await realpath(path).catch(() => path);
    const folder = dirname(target);
    temporary = pathBeside(target);
    const handle = await open(temporary, 'wx');
    try {
      await write(handle);
      if (durable) await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, target);
    if (durable) await syncFolder(folder);
  } catch (error) {
    if (temporary !== undefined) await rm(temporary, { force: true }).catch(() => {});
    if (error instanceof FaceError) throw error;
    const hint = HINTS.get((error as NodeJS.ErrnoException).code ?? '');
    throw new FaceError(
      'FACE_IO',
      `Could not write the ${what} ${path}: ${messageOf(error)}. ` +
        `${hint ?? 'Check the place, or choose another.'} What was there before is unchanged.`,
      { cause: error },
    );
  }
}

/** Makes the new name survive a power cut. Not every system can open a folder; the file itself is safe already. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => undefined);
  await handle?.sync().catch(() => {});
  await handle?.close().catch(() => {});
}
