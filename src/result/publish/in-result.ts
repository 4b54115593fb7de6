import { mkdir, writeFile } from 'node:fs/promises';
import { isAbsolute, join, relative, resolve, sep } from 'node:path';
import { ioError } from '../../system/io-error';

/**
 * Folder in the result for photos of the earlier result that are nowhere else: their originals are gone, or were changed.
 * Whoever looks through it may move and delete what is in it: no run minds.
 */
export const KEPT_FOLDER = 'kept-originals-not-found';

/** Makes a folder in the result. @throws FaceError FACE_IO */
export async function makeFolder(result: string, name: string): Promise<void> {
  await mkdir(join(result, name)).catch((error: unknown) => {
    throw ioError(`make the folder ${name} in the result`, error);
  });
}

/** Writes a file of the result. @throws FaceError FACE_IO */
export async function writeInResult(
  result: string,
  name: string,
  content: Iterable<string> | Uint8Array,
): Promise<void> {
  await writeFile(join(result, name), content).catch((error: unknown) => {
    throw ioError(`write ${name} in the result`, error);
  });
}

/** Where a photo is that was not put into the result, as seen from the folder `output`. */
export function pathFrom(output: string, photo: string): string {
  const path = relative(resolve(output), resolve(photo));
  // From one drive to another there is no way on Windows.
  return isAbsolute(path) ? path : path.split(sep).join('/');
}
