import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PRIVATE_FILE } from '../system/atomic-file';

/** How long a browser that can't be started may take to say so. */
const PATIENCE_MS = 3000;

/** Whether a browser has a screen to be seen on. Windows and macOS always have one; Windows lends its own to Linux in it. */
export function hasDisplay({ env, platform } = process): boolean {
  if (platform === 'win32' || platform === 'darwin') return true;
  return Boolean(env.DISPLAY || env.WAYLAND_DISPLAY || env.WSL_DISTRO_NAME);
}

/** Opens a file or an address in the browser. @throws Error that says why it could not be opened */
export async function openInBrowser(target: string): Promise<void> {
  // Loaded only now: most commands open nothing. It is an ES module, which can't be required everywhere.
  const { default: open } = await import('open');
  const failure = await earlyFailure(await open(target));
  if (failure !== undefined) throw failure;
}

/**
 * What went wrong with the program that opens files, if it says so soon. It ends at once where it hands the page to a
 * browser that runs, and with the browser where it has to start one: nobody waits for that.
 */
async function earlyFailure(opener: ChildProcess): Promise<Error | undefined> {
  const patience = new AbortController();
  const timer = setTimeout(() => patience.abort(), PATIENCE_MS);
  try {
    if (opener.exitCode === null) await once(opener, 'exit', { signal: patience.signal });
  } catch (error) {
    if (!patience.signal.aborted) throw error;
  } finally {
    clearTimeout(timer);
  }
  return opener.exitCode
    ? new Error(`no browser could be started (exit code ${opener.exitCode})`)
    : undefined;
}

/** A file that leads to an address that no other user may see: on the command line of a browser, everybody would. */
export class PrivateLink {
  private constructor(
    readonly path: string,
    private readonly made: string,
  ) {}

  /**
   * @param folder where it is made, if nobody else can read it there: browsers that are packed in a container of their own (Snap)
   *   see no temporary folders, but most of the user's own
   */
  static async make(address: string, folder: string): Promise<PrivateLink> {
    // Loaded only now: most commands open nothing.
    const { pageLeadingTo } =
      require('../result/export/gallery/lead-to-page') as typeof import('../result/export/gallery/lead-to-page');
    const page = pageLeadingTo(address);
    if (process.platform === 'linux') {
      const path = join(folder, 'open.html');
      try {
        await rm(path, { force: true });
        await writeFile(path, '', { mode: PRIVATE_FILE, flag: 'wx' });
        // Disks without permissions, and network drives, may let everybody in.
        const { mode, uid } = await stat(path);
        if ((mode & 0o077) === 0 && uid === process.getuid?.()) {
          await writeFile(path, page);
          return new PrivateLink(path, path);
        }
        await rm(path, { force: true });
      } catch {
        // A folder that can't be written to.
      }
    }
    // For this user alone, whatever the system.
    const made = await mkdtemp(join(tmpdir(), 'face-cluster-'));
    const path = join(made, 'open.html');
    await writeFile(path, page, { mode: PRIVATE_FILE, flag: 'wx' });
    return new PrivateLink(path, made);
  }

  /** Never rejects. */
  async remove(): Promise<void> {
    await rm(this.made, { recursive: true, force: true }).catch(() => {});
  }
}
