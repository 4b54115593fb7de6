import { open, stat, unlink } from 'node:fs/promises';
import { dirname, sep } from 'node:path';
import { FaceError } from '../base/errors';
import { PRIVATE_FILE, PRIVATE_FOLDER } from './atomic-file';
import { ioError } from './io-error';
import { makeFolders } from './make-folders';
import { pathBeside, removeLeftovers } from './temporary';

/**
 * Makes sure, before hours of work, that `file` can be written: makes its folder and tries out a file there.
 * @throws FaceError FACE_IO
 */
export async function checkWritable(file: string): Promise<void> {
  const there = await stat(file).catch(() => undefined);
  if (there?.isDirectory() || file.endsWith('/') || file.endsWith(sep)) throw notAFile(file, 'a folder');
  // It would be replaced: of a device, such as /dev/null, everybody else would be without it.
  if (there && !there.isFile()) throw notAFile(file, 'a pipe or a device');
  const folder = dirname(file);
  try {
    await makeFolders(folder, PRIVATE_FOLDER);
    await removeLeftovers(folder);
    const probe = pathBeside(file);
    await (await open(probe, 'wx', PRIVATE_FILE)).close();
    await unlink(probe);
  } catch (error) {
    throw ioError(`write into the folder ${folder}`, error);
  }
}

function notAFile(path: string, what: string): FaceError {
  const remedy = 'Give the path of a file.';
  return new FaceError('FACE_IO', `Could not write ${path}: it is ${what}.`, { path, remedy });
}
