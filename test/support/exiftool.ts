import { execFileSync, spawnSync } from 'node:child_process';

const there = spawnSync('exiftool', ['-ver']).status === 0;

/** `test`, or, where exiftool is not installed, none, and a line says so. */
export function testWithExiftool(name: string, run: () => Promise<void>): void {
  if (there) {
    test(name, run);
    return;
  }
  process.stderr.write(`SKIPPED "${name}": there is no exiftool. Run: npm run setup\n`);
  test.skip(name, run);
}

/** What exiftool prints. */
export function exiftool(...args: readonly string[]): Buffer {
  return execFileSync('exiftool', args, { maxBuffer: 1 << 28, stdio: ['ignore', 'pipe', 'ignore'] });
}
