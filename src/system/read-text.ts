import { readFile } from 'node:fs/promises';
import { ioError } from './io-error';

/** What is in a text file; `undefined` if there is none. @throws FaceError FACE_IO */
export async function readTextIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw ioError(`read ${path}`, error);
  }
}
