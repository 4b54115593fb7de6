import { randomBytes } from 'node:crypto';
import { chmod, type FileHandle, open, realpath, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { FaceError, messageOf } from '../base/errors';
import { waitForDisk } from './durable';
import { hintFor } from './io-error';
import { makeFolders } from './make-folders';
import { pathBeside } from './temporary';

/** Faces are biometric data: what is made is the user's alone, whatever the umask. */
export const PRIVATE_FILE = 0o600;
export const PRIVATE_FOLDER = 0o700;

/**
 * Writes the file at `path` through `write`, all or nothing: the bytes go to a temporary file beside it, to the disk,
 * and only then take its name. Missing parent folders are made. If anything fails, the temporary file is removed and
 * what was at `path` before is still there. A symbolic link stays one; the file it points to is replaced.
 *
 * A new file, and folders made for it, are for the user alone; a file that is replaced hands on its permissions, where the
 * file system has such.
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
    await makeFolders(dirname(path), PRIVATE_FOLDER);
    const target = await realpath(path).catch(() => path);
    const earlier = await stat(target).catch(() => undefined);
    const folder = dirname(target);
    temporary = pathBeside(target);
    const handle = await open(temporary, 'wx', PRIVATE_FILE);
    try {
      if (earlier) await setMode(handle, earlier.mode & 0o777);
      await write(handle);
      if (durable) await waitForDisk(() => handle.sync());
    } finally {
      await handle.close();
    }
    await takePlace(temporary, target);
    if (durable) await syncFolder(folder);
  } catch (error) {
    if (temporary !== undefined) await rm(temporary, { force: true }).catch(() => {});
    if (error instanceof FaceError) throw error;
    const remedy = hintFor(error) ?? 'Check the place, or choose another.';
    throw new FaceError(
      'FACE_IO',
      `Could not write the ${what} ${path}: ${messageOf(error)}. ${remedy} What was there before is unchanged.`,
      { cause: error, path, remedy },
    );
  }
}

/** Where permissions can't be set (WSL, FUSE, exFAT, network drives) they are what the disk gives everything on it. */
const WITHOUT_MODES: ReadonlySet<string> = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EINVAL']);

/** Sets the permissions of a file or folder of ours, where the file system has such. @throws the system's error */
export async function setMode(file: string | FileHandle, mode: number): Promise<void> {
  try {
    await (typeof file === 'string' ? chmod(file, mode) : file.chmod(mode));
  } catch (error) {
    if (!WITHOUT_MODES.has((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
}

/**
 * Renames `temporary` to `target`. Some network drives and FUSE file systems rename over nothing that is there: then the
 * earlier file goes aside first, and comes back if that does not help.
 * @throws the error of the first attempt
 */
async function takePlace(temporary: string, target: string): Promise<void> {
  try {
    await rename(temporary, target);
  } catch (error) {
    if (!['EPERM', 'EACCES', 'EEXIST', 'ENOTSUP'].includes((error as NodeJS.ErrnoException).code ?? ''))
      throw error;
    // No temporary name: should this end here, the next run must not tidy it away.
    const aside = `${target}.${randomBytes(4).toString('hex')}.old`;
    await rename(target, aside).catch(() => {
      throw error;
    });
    try {
      await rename(temporary, target);
    } catch {
      await rename(aside, target);
      throw error;
    }
    await rm(aside, { force: true }).catch(() => {});
  }
}

/** Whether a name is one that {@link writeFileAtomically} gives to what it replaces, where it can't be replaced at once. */
export function isLeftAside(name: string): boolean {
  return /\.[0-9a-f]{8}\.old$/.test(name);
}

/** Makes the new name survive a power cut. Not every system can open a folder; the file itself is safe already. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => undefined);
  await handle?.sync().catch(() => {});
  await handle?.close().catch(() => {});
}
