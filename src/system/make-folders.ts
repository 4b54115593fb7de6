import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Makes a folder, and those above it that are missing. Node's own way (`recursive`) never ends where a system says of a
 * folder that is there that nothing is (`/proc`, and others that make up what they show).
 * @throws the system's error
 */
export async function makeFolders(folder: string, mode = 0o777): Promise<void> {
  try {
    await makeOne(folder, mode);
  } catch (error) {
    const parent = dirname(folder);
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || parent === folder) throw error;
    await makeFolders(parent, mode);
    await makeOne(folder, mode);
  }
}

async function makeOne(folder: string, mode: number): Promise<void> {
  // Also for folders that may not be written to, and links to folders.
  await mkdir(folder, { mode }).catch(async (error: NodeJS.ErrnoException) => {
    const there = await stat(folder).catch(() => undefined);
    if (!there?.isDirectory()) throw error;
  });
}
