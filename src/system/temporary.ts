import { randomBytes } from 'node:crypto';
import { type Dirent, promises as fs } from 'node:fs';
import { dirname, join } from 'node:path';
import { isRunning, thisProcess } from './process';

/** Whose temporary file it is stands in its name: of one that is found, it can be told whether it is still in use. */
const NAME = /^\.face-cluster-([0-9a-f]{12})-(\d{1,10})-(\d*)-[0-9a-f]{12}\.tmp$/;

/** Older ones have no owner any more, wherever that was: what is written to lives minutes. */
const ABANDONED_AFTER_MS = 24 * 60 * 60 * 1000;

/**
 * Name of a file or folder to build `path` in: beside it, so that a rename moves it into place, and not there yet. It
 * has nothing of the name of `path`, which may be as long as names can be.
 */
export function pathBeside(path: string): string {
  const { space, pid, started } = thisProcess();
  return join(
    dirname(path),
    `.face-cluster-${space}-${pid}-${started}-${randomBytes(6).toString('hex')}.tmp`,
  );
}

/** Whether a file or folder of this name is one of {@link pathBeside}, of this run or another. */
export function isTemporaryName(name: string): boolean {
  return NAME.test(name);
}

/**
 * Removes the temporary files that processes which are gone (SIGKILL, power cut) have left in `folder`; folders only if
 * `isWaste` says so. Never rejects: it is not what the caller came for.
 */
export async function removeLeftovers(
  folder: string,
  isWaste: (folder: string) => Promise<boolean> = async () => false,
): Promise<void> {
  const entries = await fs.readdir(folder, { withFileTypes: true }).catch((): Dirent[] => []);
  for (const entry of entries) {
    const path = join(folder, entry.name);
    try {
      if (!(await isAbandoned(path, entry.name))) continue;
      if (entry.isFile() || (entry.isDirectory() && (await isWaste(path)))) {
        await fs.rm(path, { recursive: true, force: true });
      }
    } catch {
      // Somebody else's to remove, or gone meanwhile.
    }
  }
}

async function isAbandoned(path: string, name: string): Promise<boolean> {
  const [, space, pid, started] = NAME.exec(name) ?? [];
  if (space === undefined || pid === undefined || started === undefined) return false;
  const running = isRunning({ space, pid: Number(pid), started });
  return running === undefined ? Date.now() - (await fs.lstat(path)).mtimeMs > ABANDONED_AFTER_MS : !running;
}
