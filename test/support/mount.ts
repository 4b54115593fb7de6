import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** `test`, or, said aloud, `test.skip` where this process may not mount anything. */
export function testWithMount(what: string) {
  const folder = mkdtempSync(join(tmpdir(), 'mount-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', folder], { stdio: 'ignore' });
    execFileSync('umount', [folder]);
    return test;
  } catch {
    process.stderr.write(`SKIPPED ${what}: it takes root and mount.\n`);
    return test.skip;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
