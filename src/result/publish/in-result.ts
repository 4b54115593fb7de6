import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { failingTo, ioError } from '../../system/io-error';

/** Makes a folder in the result. @throws FaceError FACE_IO */
export async function makeFolder(result: string, name: string): Promise<void> {
  await mkdir(join(result, name)).catch(failingTo(`make the folder ${name} in the result`));
}

/** Writes a file of the result, and makes the folders that it is in. @throws FaceError FACE_IO */
export async function writeInResult(
  result: string,
  name: string,
  content: string | Iterable<string> | Uint8Array,
): Promise<void> {
  const file = join(result, name);
  try {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, content);
  } catch (error) {
    throw ioError(`write ${name} in the result`, error);
  }
}

/** Where a photo is that was not put into the result, as seen from the folder `output`. */
export function pathFrom(output: string, photo: string): string {
  const path = relative(resolve(output), resolve(photo));
  // From one drive to another there is no way on Windows.
  return isAbsolute(path) ? path : path.split(sep).join('/');
}
