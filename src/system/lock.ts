import { randomBytes } from 'node:crypto';
import { link, open, readFile, stat, unlink, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { FaceError } from '../base/errors';
import { ioError } from './io-error';
import { isRunning, type ProcessIdentity, thisProcess } from './process';
import { pathBeside } from './temporary';
import { everySoOften } from './timer';

/** How often the owner of a lock shows that it is still there. */
const SIGN_OF_LIFE_EVERY_MS = 15_000;
/** After how long without one a lock is given up, where its owner can't be looked up: eight signs of life missed. */
const GIVEN_UP_AFTER_MS = 120_000;

/** What `link` fails with on file systems without hard links (FAT, some network drives; EACCES: Android, WSL). */
const WITHOUT_LINKS = new Set(['EPERM', 'EACCES', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK']);

interface LockContent extends ProcessIdentity {
  readonly format: 'face-cluster-native lock';
  /** Name of the computer, for people. */
  readonly host: string;
  /** What its owner does, see {@link acquireLock}. */
  readonly by?: string;
  /** Tells this lock from all others. */
  readonly nonce: string;
  /** Its owner is done, but was not allowed to remove the file. */
  readonly released?: true;
}

export interface Lock {
  /** Aborted if the lock was taken away: somebody removed its file, or this process was suspended for minutes. */
  readonly lost: AbortSignal;
  /** Lets others have it. Never rejects. */
  release(): Promise<void>;
}

/**
 * Makes this the only run at work on something, for as long as the file `path` exists. A lock whose process is gone
 * without releasing it (SIGKILL, power cut) is removed: at once if the process was one of this system, else when it has
 * shown no sign of life for two minutes.
 *
 * @param path of the lock file; its folder must exist
 * @param what it guards, for the message: a path
 * @param by what this run does, for others to know by {@link ownerOf}: `sort`, say
 * @throws FaceError FACE_LOCKED, naming the process that has it; FACE_IO
 */
export async function acquireLock(path: string, what: string, by?: string): Promise<Lock> {
  for (;;) {
    const lock = await create(path, by);
    if (lock) return lock;
    if ((await holder(path, what)) !== 'gone') continue;
    // Only one process may remove it: another could already have put its own lock in the place of the one seen here.
    const guard = await acquireLock(`${path}.heal`, what);
    try {
      if ((await holder(path, what)) === 'gone') await unlink(path);
    } catch (error) {
      // Somebody was quicker: that is no failure of the disk's.
      throw error instanceof FaceError ? error : ioError(`lock ${path}`, error);
    } finally {
      await guard.release();
    }
  }
}

/** What the run that has a lock does, and its process; `undefined` if there is no lock, or that is not known. */
export async function ownerOf(path: string): Promise<{ by: string | undefined; pid: number } | undefined> {
  const owner = parse(await readFile(path, 'utf8').catch(() => ''));
  return owner && { by: owner.by, pid: owner.pid };
}

/** Makes the lock file, with its content from the first moment on; `undefined` if there is one. */
async function create(path: string, by: string | undefined): Promise<Lock | undefined> {
  const content: LockContent = {
    format: 'face-cluster-native lock',
    host: hostname(),
    ...(by !== undefined && { by }),
    nonce: randomBytes(9).toString('base64url'),
    ...thisProcess(),
  };
  const text = `${JSON.stringify(content)}\n`;
  const temporary = pathBeside(path);
  try {
    await writeNew(temporary, text);
    try {
      await link(temporary, path);
    } catch (error) {
      if (!WITHOUT_LINKS.has((error as NodeJS.ErrnoException).code ?? '')) throw error;
      await writeNew(path, text);
    } finally {
      await unlink(temporary);
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return undefined;
    throw ioError(`lock ${path}`, error);
  }
  return hold(path, text);
}

/** Leaves nothing if it fails. */
async function writeNew(path: string, text: string): Promise<void> {
  const handle = await open(path, 'wx', 0o600);
  try {
    await handle.writeFile(text);
  } catch (error) {
    await unlink(path).catch(() => {});
    throw error;
  } finally {
    await handle.close();
  }
}

function hold(path: string, text: string): Lock {
  const lost = new AbortController();
  const stop = everySoOften(SIGN_OF_LIFE_EVERY_MS, () => {
    showLife(path, text).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT' || error instanceof FaceError) lost.abort(takenAway(path));
    });
  });
  return {
    lost: lost.signal,
    async release() {
      stop();
      if ((await readFile(path, 'utf8').catch(() => '')) === text) {
        await unlink(path).catch(() => markReleased(path, text).catch(() => {}));
      }
    },
  };
}

/** The permission to remove the file is the folder's, and may be gone; that to write into it is the file's own. */
async function markReleased(path: string, text: string): Promise<void> {
  const content: LockContent = { ...(JSON.parse(text) as LockContent), released: true };
  await writeFile(path, `${JSON.stringify(content)}\n`, { flag: 'r+' });
}

/** Written, not given a time: the time is then the file server's, as that of the files it is compared with. */
async function showLife(path: string, text: string): Promise<void> {
  const handle = await open(path, 'r+');
  try {
    if ((await handle.readFile('utf8')) !== text) throw takenAway(path);
    await handle.write(text, 0);
  } finally {
    await handle.close();
  }
}

function takenAway(path: string): FaceError {
  return new FaceError('FACE_LOCKED', `The lock ${path} was removed while this run was at work.`, { path });
}

/**
 * @returns `released` if there is no lock any more, `gone` if its owner is
 * @throws FaceError FACE_LOCKED if the owner is, or may be, at work
 */
async function holder(path: string, what: string): Promise<'released' | 'gone'> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 'released';
    throw ioError(`lock ${path}`, error);
  }
  const owner = parse(text);
  if (owner?.released) return 'gone';
  const running = owner && isRunning(owner);
  if (running === false) return 'gone';
  if (running === undefined && (await silence(path)) > GIVEN_UP_AFTER_MS) return 'gone';
  const who = owner ? `process ${owner.pid}` : 'of which process is not known';
  const elsewhere =
    running === undefined
      ? ` It is on the computer or in the container "${owner?.host ?? 'unknown'}" and can't be looked up from here: ` +
        `if it is gone, the lock ${path} expires two minutes after its end.`
      : '';
  const remedy = 'Wait until it has ended, stop it, or choose another file or folder.';
  throw new FaceError('FACE_LOCKED', `Another run is at work on ${what}: ${who}. ${remedy}${elsewhere}`, {
    path: what,
    remedy,
  });
}

function parse(text: string): LockContent | undefined {
  try {
    const content = JSON.parse(text) as LockContent;
    return content.format === 'face-cluster-native lock' && Number.isInteger(content.pid) && content.pid > 0
      ? content
      : undefined;
  } catch {
    return undefined;
  }
}

/** Milliseconds since the lock's last sign of life, by the clock of the file system that it is on. */
async function silence(path: string): Promise<number> {
  const probe = pathBeside(path);
  try {
    await writeNew(probe, '');
    const [now, then] = [await stat(probe), await stat(path)];
    return now.mtimeMs - then.mtimeMs;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0;
    throw ioError(`lock ${path}`, error);
  } finally {
    await unlink(probe).catch(() => {});
  }
}
