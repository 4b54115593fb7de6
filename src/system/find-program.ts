import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { delimiter, isAbsolute, join } from 'node:path';

/**
 * The absolute path of a program in one of the folders of `PATH`. Not left to the system: Windows looks in the working directory
 * first, which may be a folder of somebody else's files.
 */
export async function findProgram(name: string): Promise<string | undefined> {
  const file = process.platform === 'win32' ? `${name}.exe` : name;
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    if (!isAbsolute(folder)) continue;
    const path = join(folder, file);
    const isProgram = await access(path, constants.X_OK)
      .then(() => stat(path))
      .then((stats) => stats.isFile())
      .catch(() => false);
    if (isProgram) return path;
  }
  return undefined;
}
