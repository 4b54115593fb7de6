import { spawnSync } from 'node:child_process';

/** `test`, or, said aloud, `test.skip` without "script" of util-linux: what it runs has a terminal. */
export function testWithTerminal(what: string) {
  const { stdout } = spawnSync('script', ['--version'], { encoding: 'utf8' });
  if (stdout?.includes('util-linux')) return test;
  process.stderr.write(`SKIPPED ${what}: needs "script" of util-linux\n`);
  return test.skip;
}
