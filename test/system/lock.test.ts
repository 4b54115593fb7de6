import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { acquireLock } from '../../src/system/lock';
import { isRunning, thisProcess } from '../../src/system/process';
import { pathBeside, removeLeftovers } from '../../src/system/temporary';
import { useTempFolder } from '../support/files';
import { onLinux } from '../support/platform';

const temp = useTempFolder();
const path = () => join(temp(), 'lock');

/** The content of a lock of this very process, changed. */
async function lockOf(change: Record<string, unknown>): Promise<string> {
  const lock = await acquireLock(path(), 'it');
  const content = JSON.parse(readFileSync(path(), 'utf8'));
  await lock.release();
  return JSON.stringify({ ...content, ...change });
}

async function sleeper(): Promise<ChildProcess & { readonly pid: number }> {
  const child = spawn('sleep', ['600']);
  await once(child, 'spawn');
  return child as ChildProcess & { readonly pid: number };
}

test('a lock keeps others out until it is released, and leaves nothing', async () => {
  const lock = await acquireLock(path(), 'faces.pickle');
  await expect(acquireLock(path(), 'faces.pickle')).rejects.toMatchObject({
    code: 'FACE_LOCKED',
    message: expect.stringMatching(new RegExp(`faces.pickle: process ${process.pid}\\.`)),
  });
  expect(readdirSync(temp())).toEqual(['lock']);
  await lock.release();
  expect(readdirSync(temp())).toEqual([]);
  await (await acquireLock(path(), 'faces.pickle')).release();
});

test('of many that come at once exactly one gets it, also when all of them find a dead one in its place', async () => {
  const dead = await lockOf({ pid: 2 ** 30 });
  for (const before of [undefined, ...Array<string>(20).fill(dead)]) {
    if (before !== undefined) writeFileSync(path(), before);
    const all = await Promise.allSettled(Array.from({ length: 20 }, () => acquireLock(path(), 'it')));
    const got = all.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    expect(got).toHaveLength(1);
    expect(all.filter((one) => one.status === 'rejected' && one.reason.code === 'FACE_LOCKED')).toHaveLength(
      19,
    );
    await got[0]?.release();
    expect(readdirSync(temp())).toEqual([]);
  }
});

test('a lock of a killed process is taken over at once', async () => {
  const child = await sleeper();
  const content = await lockOf({ pid: child.pid, started: startOf(child.pid) });
  writeFileSync(path(), content);
  await expect(acquireLock(path(), 'it')).rejects.toMatchObject({
    message: expect.stringContaining(`process ${child.pid}`),
  });
  child.kill('SIGKILL');
  await once(child, 'exit');
  await (await acquireLock(path(), 'it')).release();
});

onLinux('so is one whose process number now belongs to another process', async () => {
  const child = await sleeper();
  try {
    writeFileSync(path(), await lockOf({ pid: child.pid, started: '1' }));
    await (await acquireLock(path(), 'it')).release();
  } finally {
    child.kill('SIGKILL');
  }
});

onLinux('a process that has ended but was not waited for is not running', async () => {
  // The shell has a child, and becomes a program that does not wait for it; only then may the child end.
  const parent = spawn('sh', ['-c', 'sleep 600 & echo $!; exec sleep 601'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  try {
    const [output] = (await once(parent.stdout, 'data')) as [Buffer];
    const pid = Number(output.toString());
    const says = (file: string, text: string) => () => readFileSync(`/proc/${file}`, 'latin1').includes(text);
    await until(says(`${parent.pid}/cmdline`, 'sleep\x00601'));
    expect(isRunning({ ...thisProcess(), pid, started: startOf(pid) })).toBe(true);
    process.kill(pid, 'SIGKILL');
    await until(says(`${pid}/stat`, ') Z'));
    expect(isRunning({ ...thisProcess(), pid, started: startOf(pid) })).toBe(false);
  } finally {
    parent.kill('SIGKILL');
  }
});

test('a lock left half-made by the one who was healing does not block for ever', async () => {
  const dead = await lockOf({ pid: 2 ** 30 });
  writeFileSync(path(), dead);
  writeFileSync(`${path()}.heal`, dead);
  await (await acquireLock(path(), 'it')).release();
  expect(readdirSync(temp())).toEqual([]);
});

test('a process of another computer or container is believed while it shows signs of life, for two minutes', async () => {
  const foreign = await lockOf({ space: '0123456789ab', host: 'nas', pid: 1 });
  writeFileSync(path(), foreign);
  const silentFor = (seconds: number) =>
    utimesSync(path(), new Date(), new Date(Date.now() - seconds * 1000));
  for (const seconds of [0, 100]) {
    silentFor(seconds);
    await expect(acquireLock(path(), 'it')).rejects.toMatchObject({
      code: 'FACE_LOCKED',
      message: expect.stringMatching(/process 1\..*"nas".*two minutes/s),
    });
  }
  silentFor(130);
  await (await acquireLock(path(), 'it')).release();
});

test.each(['', '{', 'null', '[]', '{"format":"face-cluster-native lock","pid":-1}', '\0\0\0'])(
  'a lock that says %j is respected for two minutes',
  async (text) => {
    writeFileSync(path(), text);
    await expect(acquireLock(path(), 'it')).rejects.toMatchObject({ code: 'FACE_LOCKED' });
    utimesSync(path(), new Date(), new Date(Date.now() - 130_000));
    await (await acquireLock(path(), 'it')).release();
  },
);

test('who lost the lock does not remove that of another', async () => {
  const lock = await acquireLock(path(), 'it');
  unlinkSync(path());
  const next = await acquireLock(path(), 'it');
  await lock.release();
  expect(existsSync(path())).toBe(true);
  await next.release();
});

describe('who holds a lock', () => {
  beforeEach(() => jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'performance'] }));
  afterEach(() => jest.useRealTimers());

  test('shows that it is there every 15 seconds', async () => {
    const lock = await acquireLock(path(), 'it');
    utimesSync(path(), new Date(), new Date(0));
    jest.advanceTimersByTime(15_000);
    await until(() => statSync(path()).mtimeMs > 0);
    expect(lock.lost.aborted).toBe(false);
    await lock.release();
  });

  test('is told when it was taken away', async () => {
    const lock = await acquireLock(path(), 'it');
    unlinkSync(path());
    const next = await acquireLock(path(), 'it');
    jest.advanceTimersByTime(15_000);
    await until(() => lock.lost.aborted);
    expect(lock.lost.reason).toMatchObject({ code: 'FACE_LOCKED' });
    expect(next.lost.aborted).toBe(false);
    await next.release();
  });
});

test('a folder that is not there is an error, not a wait', async () => {
  await expect(acquireLock(join(temp(), 'none', 'lock'), 'it')).rejects.toMatchObject({ code: 'FACE_IO' });
});

test('temporary files of processes that are gone are removed, and nothing else', async () => {
  const own = pathBeside(join(temp(), 'x'));
  const dead = own.replace(`-${process.pid}-`, `-${2 ** 30}-`);
  const foreign = own.replace(thisProcess().space, '0123456789ab');
  const old = foreign.replace('-0123', '-1123');
  const folder = dead.replace(/....\.tmp$/, '0000.tmp');
  const similar = own.replace(/-[0-9a-f]{12}\.tmp$/, '.tmp');
  for (const file of [own, dead, foreign, old, similar, join(temp(), 'photo.tmp')]) writeFileSync(file, '');
  mkdirSync(folder);
  utimesSync(old, new Date(), new Date(Date.now() - 25 * 3600 * 1000));
  await removeLeftovers(temp());
  const left = [own, foreign, similar, folder, join(temp(), 'photo.tmp')];
  expect(readdirSync(temp()).sort()).toEqual(left.map((file) => file.slice(temp().length + 1)).sort());
  await removeLeftovers(temp(), async () => true);
  expect(existsSync(folder)).toBe(false);
  await expect(removeLeftovers(join(temp(), 'none'))).resolves.toBeUndefined();
});

/** Field 22 of proc(5)'s stat; empty where there is none. */
function startOf(pid: number): string {
  const file = `/proc/${pid}/stat`;
  return existsSync(file) ? (readFileSync(file, 'latin1').split(') ')[1]?.split(' ')[19] as string) : '';
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}
