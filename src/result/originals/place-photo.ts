import { constants } from 'node:fs';
import { access, link, realpath, symlink, utimes } from 'node:fs/promises';
import { FaceError } from '../../base/errors';
import { copyBytes } from '../../system/copy-file';
import { fsPath } from '../../system/file-name';
import { failingTo, ioError } from '../../system/io-error';
import type { PhotoFile } from './find';

/** How photos get into the folders of people. */
export const FILE_MODES = ['hardlink', 'copy', 'symlink', 'none'] as const;

/**
 * - `hardlink`: a second name for the same file, which takes no space; a copy where the file system has no such names or
 *   the photo is on another disk. Both names stay equal: who edits one in place edits the other, and the bytes are gone
 *   when the last name is.
 * - `copy`: a file of its own, with the photo's times.
 * - `symlink`: a link to the photo's absolute path, which breaks when the photo is moved.
 * - `none`: nothing.
 */
export type FileMode = (typeof FILE_MODES)[number];

/** What has become of a photo in a person's folder. */
export type Placed = Exclude<FileMode, 'none'>;

export const PLACED = ['hardlink', 'copy', 'symlink'] as const satisfies Placed[];

/**
 * Puts a photo at `to`, where nothing may be.
 * @returns how: a hard link that can't be made becomes a copy
 * @throws FaceError FACE_IMAGE_NOT_FOUND if the photo can't be read; FACE_IO if `to` can't be written
 * @internal
 */
export async function placePhoto(photo: PhotoFile, to: string, mode: Placed): Promise<Placed> {
  // Of what a link points to: a name for the link itself, or a link to it, would break with it.
  const path = fsPath(photo.path);
  const source = mode === 'copy' ? path : await realpath(path, 'buffer').catch(() => path);
  if (mode === 'hardlink' && (await linked(source, to))) return 'hardlink';
  if (mode === 'symlink') {
    await mustBeReadable(photo);
    await symlink(source, fsPath(to)).catch(failingTo(`link ${to} to the photo (for copies: --files copy)`));
    return 'symlink';
  }
  await copyPhoto(photo, to);
  return 'copy';
}

/** Whether `to` is now a second name of the file `source`. What keeps it from being one is found when it is copied. */
function linked(source: string | Buffer, to: string): Promise<boolean> {
  return link(source, fsPath(to)).then(
    () => true,
    () => false,
  );
}

async function copyPhoto(photo: PhotoFile, to: string): Promise<void> {
  try {
    await copyBytes(fsPath(photo.path), fsPath(to));
  } catch (error) {
    await mustBeReadable(photo);
    if ((error as NodeJS.ErrnoException).syscall === 'read') throw unreadable(photo, error);
    throw ioError(`write ${to}`, error);
  }
  // Some network file systems keep their own times; the photo itself is what matters.
  await utimes(fsPath(to), utimesTime(photo.atimeMs), utimesTime(photo.mtimeMs)).catch(() => {});
}

/**
 * A time as `utimes` needs it to keep its microseconds: it cuts off what is behind them, and a number of seconds since 1970
 * can't hold them exactly. It takes a negative number for "now", but not a date before 1970.
 */
function utimesTime(milliseconds: number): number | Date {
  return milliseconds < 0 ? new Date(milliseconds) : (Math.floor(milliseconds * 1000) + 0.5) / 1e6;
}

async function mustBeReadable(photo: PhotoFile): Promise<void> {
  await access(fsPath(photo.path), constants.R_OK).catch((cause: unknown) => {
    throw unreadable(photo, cause);
  });
}

function unreadable({ path }: PhotoFile, cause: unknown): FaceError {
  return new FaceError('FACE_IMAGE_NOT_FOUND', `The photo "${path}" is no longer there or can't be read.`, {
    cause,
    path,
  });
}
