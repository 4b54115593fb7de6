import { basename, join } from 'node:path';
import { FaceError } from '../errors';
import { listFolder } from '../io/list-folder';

/**
 * Makes sure that replacing an earlier result does not delete the last copy of a photo: one that is no longer where it
 * was, but whose name is that of a file in one of the people's folders.
 * @param missing paths of photos that were looked for and not found
 * @throws FaceError FACE_IO
 */
export async function checkLastCopies(output: string, missing: readonly string[]): Promise<void> {
  if (missing.length === 0) return;
  const names = new Set(missing.map((path) => basename(path.replaceAll('\\', '/'))));
  for (const folder of await list(output)) {
    if (!folder.isDirectory() || !/^label-?\d+$/.test(folder.name)) continue;
    // A symbolic link is no copy.
    const last = (await list(join(output, folder.name))).find(
      (entry) => entry.isFile() && names.has(entry.name),
    );
    if (!last) continue;
    throw new FaceError(
      'FACE_IO',
      `The photo ${last.name} is no longer where it was, but the earlier result has it in ` +
        `${join(output, folder.name)}: replacing that result could delete the last copy. Move it away, or choose ` +
        'another folder for the result; or say with "photos" (on the command line: --photos) where the photos are now.',
    );
  }
}

function list(folder: string) {
  // What is not there has nothing to lose; what can't be read is found when it is to be replaced.
  return listFolder(folder).catch(() => []);
}
