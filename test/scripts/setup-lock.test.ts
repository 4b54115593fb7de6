import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { useTempFolder } from '../support/files';

const temp = useTempFolder();
const lock = () => join(temp(), 'lock');
const LOCK = require.resolve('../../scripts/setup/lock.js');

/** A process that has tried to take the lock, and holds what it has got. */
async function taker(): Promise<{ child: ChildProcess; said: string }> {
  const child = spawn(
    process.execPath,
    [
      '-e',
      'console.log(String(require(process.argv[1]).takeLock(process.argv[2]))); setInterval(() => {}, 1000)',
      LOCK,
      lock(),
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const [said] = (await once(child.stdout as NodeJS.ReadableStream, 'data')) as [Buffer];
  return { child, said: said.toString().trim() };
}

async function end(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL');
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
}

test('of many set-ups that start at once one goes on, also when all find the lock of one that was killed', async () => {
  const killed = await taker();
  expect(killed.said).toBe('undefined');
  await end(killed.child);
  expect(readFileSync(lock(), 'utf8')).toBe(String(killed.child.pid));

  const all = await Promise.all(Array.from({ length: 6 }, taker));
  const holder = all.filter(({ said }) => said === 'undefined');
  expect(holder).toHaveLength(1);
  const others = all.filter(({ said }) => said !== 'undefined');
  expect(new Set(others.map(({ said }) => said))).toEqual(new Set([String(holder[0]?.child.pid)]));
  expect(readdirSync(temp())).toEqual(['lock']);
  await Promise.all(all.map(({ child }) => end(child)));
});

test('a lock that does not say whose it is, yet, is respected', async () => {
  writeFileSync(lock(), '');
  const { child, said } = await taker();
  expect(said).toBe('NaN');
  expect(readdirSync(temp())).toEqual(['lock']);
  await end(child);
});
