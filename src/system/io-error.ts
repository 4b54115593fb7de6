import { FaceError, messageOf } from '../base/errors';

const HINTS = new Map([
  ['EACCES', 'Choose a place that you may write to, or change its permissions.'],
  ['EPERM', 'Choose a place that you may write to, or change its permissions.'],
  ['EROFS', 'That disk is read-only: choose another place.'],
  ['ENOSPC', 'The disk is full: free some space or choose another place.'],
  ['EDQUOT', 'Your disk quota is used up: free some space or choose another place.'],
  ['EFBIG', 'The file grew beyond what this disk, or a limit set for you (ulimit -f), allows.'],
  ['EISDIR', 'There is a folder of that name: choose another name.'],
  ['ENOTDIR', 'Part of the path is a file, not a folder: choose another place.'],
  ['EEXIST', 'Part of the path is a file, not a folder: choose another place.'],
  ['ENAMETOOLONG', 'Choose a shorter name.'],
]);

/** What to do about an error of the file system, in a sentence; `undefined` if nothing is known that would help. */
export function hintFor(error: unknown): string | undefined {
  return HINTS.get((error as NodeJS.ErrnoException)?.code ?? '');
}

/** What file systems answer to a name that they can't hold, or that is another one's to them. */
const NAME_REFUSED = new Set(['EINVAL', 'EILSEQ', 'ENAMETOOLONG', 'ENOENT', 'EEXIST', 'EPROTO']);

/** Whether an error of {@link ioError} may be about nothing but the name: `8:15.jpg` on exFAT, 200 letters in an encrypted folder. */
export function isNameRefused(error: unknown): boolean {
  if (!(error instanceof FaceError && error.code === 'FACE_IO')) return false;
  return NAME_REFUSED.has((error.cause as NodeJS.ErrnoException | undefined)?.code ?? '');
}

/** The FACE_IO error for `error`, met while trying to `attempt` (a verb and its object). */
export function ioError(attempt: string, error: unknown): FaceError {
  const remedy = hintFor(error);
  const { path } = error as NodeJS.ErrnoException;
  return new FaceError(
    'FACE_IO',
    `Could not ${attempt}: ${messageOf(error)}${remedy === undefined ? '' : `. ${remedy}`}`,
    { cause: error, path, remedy },
  );
}
