import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ioError } from '../io/io-error';

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
