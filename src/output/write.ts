import { mkdir, open, stat, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { FaceError, messageOf } from '../errors';
import { pathBeside } from '../io/atomic-file';

/** The FACE_IO error for `error`, met while trying to `attempt` (a verb and its object). */
export function ioError(attempt: string, error: unknown): FaceError {
  return new FaceError('FACE_IO', `Could not ${attempt}: ${messageOf(error)}`, { cause: error });
}

/**
 * Makes sure, before hours of work, that `file` can be written: makes its folder and tries out a file there.
 * @throws FaceError FACE_IO
 */
export async function checkWritable(file: string): Promise<void> {
  const folder = dirname(file);
  try {
    await mkdir(folder, { recursive: true });
    const probe = pathBeside(file);
    await (await open(probe, 'wx')).close();
    await unlink(probe);
  } catch (error) {
    throw ioError(`write into the folder ${folder}`, error);
  }
  const there = await stat(file).catch(() => undefined);
  if (there?.isDirectory()) {
    throw new FaceError('FACE_IO', `Could not write ${file}: it is a folder. Give the path of a file.`);
  }
}
