import { spawnSync } from 'node:child_process';
import { MAIN } from './cli';

/** Number of a user that is in no list of users. */
export const STRANGER = 54321;

/** `test`, or, said aloud, `test.skip` where the command can't be run as {@link STRANGER}. */
export function testAsStranger(what: string) {
  const user = { uid: STRANGER, cwd: '/', env: {} };
  // Not every clone may be read by everybody.
  if (process.getuid?.() === 0 && spawnSync(process.execPath, ['--check', MAIN], user).status === 0)
    return test;
  process.stderr.write(`SKIPPED ${what}: it takes root, and a folder that everybody may read.\n`);
  return test.skip;
}

/** Runs `work` as a user who is not root: root may write anywhere. */
export async function unprivileged<T>(work: () => Promise<T>): Promise<T> {
  const root = process.geteuid?.() === 0;
  if (root) process.seteuid?.(65534);
  try {
    return await work();
  } finally {
    if (root) process.seteuid?.(0);
  }
}
