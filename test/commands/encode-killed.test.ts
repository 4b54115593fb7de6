import { type ChildProcess, execFileSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { SplitMix64 } from '../../src/base/random';
import { type CliResult, runCli } from '../support/cli';
import { PORTRAITS, useTempFolder } from '../support/files';
import { atMoment } from '../support/moment';
import { testWithMount } from '../support/mount';
import { NO_FACES } from '../support/pickle-bytes';

/*
 * The real command, ended in every way that a night can bring: whatever happened, the same command again gives the file
 * of a run that nothing happened to, byte for byte. FACE_CLUSTER_KILLS=50 kills it that often (see CONTRIBUTING.md).
 */
const temp = useTempFolder();
const KILLS = Number(process.env.FACE_CLUSTER_KILLS ?? 8);

const photos = readdirSync(PORTRAITS).filter((name) => name.endsWith('.jpg'));
const output = () => join(temp(), 'out');
// Few are in hand at once, whatever machine it is: with many, all are done at about the same time.
const args = () => ['encode', '-i', PORTRAITS, '-d', 'hog', '-j', '2', '-e', join(output(), 'faces.pickle')];
const encode = (onStderr?: Parameters<typeof runCli>[1]['onStderr']) =>
  runCli(args(), { cwd: temp(), ...(onStderr && { onStderr }) });

const journal = () => join(output(), 'faces.pickle.journal');

let expected: Buffer;
let milliseconds: number;
let journalBytes: number;

/** The encodings file of a run without trouble, how long that takes and how large its journal gets. */
async function reference(): Promise<Buffer> {
  if (expected === undefined) {
    const started = performance.now();
    expect(await encode()).toMatchObject({ code: 0 });
    milliseconds = performance.now() - started;
    expected = readFileSync(join(output(), 'faces.pickle'));
    journalBytes = statSync(journal()).size;
    rmSync(output(), { recursive: true });
  }
  return expected;
}

function expectSame(result: CliResult): void {
  expect(result).toMatchObject({ code: 0 });
  expect(readFileSync(join(output(), 'faces.pickle')).equals(expected)).toBe(true);
  expect(readdirSync(output()).sort()).toEqual(['faces.pickle', 'faces.pickle.journal']);
}

const known = ({ stdout }: CliResult) => Number(/Known: +(\d+)/.exec(stdout)?.[1] ?? 0);

/** When the journal is longer than that. */
const journalHas = (bytes: number) => ({ longer: [journal(), bytes] }) as const;

function killAfter(moment: number, child: ChildProcess): void {
  const timer = setTimeout(() => child.kill('SIGKILL'), moment);
  child.on('exit', () => clearTimeout(timer));
}

test(
  `killed at ${KILLS} moments`,
  async () => {
    await reference();
    const random = new SplitMix64(20n);
    const saved: number[] = [];
    for (let run = 0; saved.length < KILLS; run++) {
      // Half of them at any moment at all, half with some part of the work done, however slow the machine is just now.
      const moment = random.below(Math.ceil(milliseconds));
      const bytes = random.below(journalBytes);
      const killed = await runCli(args(), {
        cwd: temp(),
        ...(run % 2 === 0
          ? { onSpawn: (child) => killAfter(moment, child) }
          : { env: atMoment(journalHas(bytes), 'SIGKILL') }),
      });
      // It was done before its moment came: no kill, and the machine is quicker by now.
      if (killed.signal !== 'SIGKILL' && run % 2 === 0) milliseconds = Math.max(1, moment);
      if (killed.signal === 'SIGKILL') {
        const file = join(output(), 'faces.pickle');
        if (existsSync(file)) expect(readFileSync(file).equals(expected)).toBe(true);
        const next = await encode();
        expectSame(next);
        saved.push(known(next));
      }
      rmSync(output(), { recursive: true, force: true });
    }
    process.stdout.write(`Killed ${KILLS} times; photos that were kept each time: ${saved.join(' ')}\n`);
    // Or nothing was ever at stake.
    expect(Math.max(...saved)).toBeGreaterThan(5);
  },
  600_000 + KILLS * 30_000,
);

test('killed again and again, a run comes to its end all the same', async () => {
  await reference();
  let kills = 0;
  let done = 0;
  for (;;) {
    const begun = existsSync(journal()) ? statSync(journal()).size : 0;
    // After some five more photos.
    const result = await runCli(args(), { cwd: temp(), env: atMoment(journalHas(begun + 5000), 'SIGKILL') });
    done = known(result);
    if (result.signal !== 'SIGKILL') {
      expectSame(result);
      break;
    }
    kills++;
  }
  expect(kills).toBeGreaterThan(2);
  expect(done).toBeGreaterThan(photos.length / 2);
});

test('the output folder is removed while it works', async () => {
  await reference();
  const result = await runCli(args(), {
    cwd: temp(),
    env: atMoment(journalHas(5000), {
      program: `require('node:fs').rmSync(${JSON.stringify(output())}, { recursive: true })`,
    }),
  });
  expect(result).toMatchObject({
    code: 1,
    stdout: '',
    stderr: expect.stringContaining('was removed or replaced'),
  });
  expect(existsSync(output())).toBe(false);
  expectSame(await encode());
});

/** Every stage: not even the lock, part of the journal, the journal and part of the file. */
test.each([1, 8, 20, 40, 56])('no file may be longer than %i KB', async (kilobytes) => {
  await reference();
  mkdirSync(output());
  writeFileSync(join(output(), 'faces.pickle'), NO_FACES);
  const limited = await runCli(args(), { cwd: temp(), fileLimitKilobytes: kilobytes });
  if (limited.code !== 0) {
    expect(limited).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(/^Error: .*ulimit -f/ms),
    });
    expect(readFileSync(join(output(), 'faces.pickle'), 'utf8')).toBe(NO_FACES);
    expect(readdirSync(output()).filter((name) => !/^faces\.pickle(\.journal)?$/.test(name))).toEqual([]);
  }
  if (kilobytes < 50) expect(limited.code).toBe(1);
  const next = await encode();
  if (kilobytes >= 8) expect(known(next)).toBeGreaterThan(3);
  expectSame(next);
});

/** On a disk of its own, if this machine lets us make one; the test above tries the same by another way everywhere. */
testWithMount('a full disk')('the disk is full, and gets larger bit by bit', async () => {
  await reference();
  mkdirSync(output());
  mount('-t', 'tmpfs', '-o', 'size=4k', 'tmpfs', output());
  try {
    const failures: string[] = [];
    for (let kilobytes = 4; ; kilobytes += 16) {
      mount('-o', `remount,size=${kilobytes}k`, output());
      const result = await encode();
      if (result.code === 0) {
        expectSame(result);
        break;
      }
      expect(result).toMatchObject({
        code: 1,
        stdout: '',
        stderr: expect.stringContaining('The disk is full'),
      });
      expect(existsSync(join(output(), 'faces.pickle'))).toBe(false);
      expect(readdirSync(output()).filter((name) => name !== 'faces.pickle.journal')).toEqual([]);
      failures.push(result.stderr);
    }
    expect(failures.length).toBeGreaterThan(3);
  } finally {
    execFileSync('umount', [output()]);
  }
});

function mount(...args: string[]): void {
  execFileSync('mount', args, { stdio: 'ignore' });
}

test('a photo that vanishes while it works, and things that are no photos', async () => {
  const folder = join(temp(), 'in');
  mkdirSync(join(folder, 'folder.jpg'), { recursive: true });
  for (const name of photos.slice(0, 6)) copyFileSync(join(PORTRAITS, name), join(folder, name));
  copyFileSync(join(PORTRAITS, photos[6] as string), join(folder, 'folder.jpg', 'inside.jpg'));
  writeFileSync(join(folder, '._apple.jpg'), 'metadata');
  execFileSync('ln', ['-s', 'loop.jpg', join(folder, 'loop.jpg')]);
  execFileSync('ln', ['-s', '.', join(folder, 'round')]);
  execFileSync('mkfifo', [join(folder, 'pipe.jpg')]);
  const result = await runCli(['encode', '-i', 'in', '-d', 'hog', '-j', '1', '-e', 'f'], {
    cwd: temp(),
    env: atMoment(
      { said: 'Encoding' },
      { program: `require('node:fs').rmSync(${JSON.stringify(join(folder, smallest(folder)))})` },
    ),
  });
  expect(result.code).toBe(3);
  expect(result.stdout).toMatch(/in 6 photos; 1 photo could not be read/);
  expect(result.stdout).toContain('There is no photo');
  expect(result.stdout).toContain('loop.jpg');
  expect(result.stdout).not.toContain('pipe.jpg');
  expect(result.stdout).not.toContain('._apple');
});

/** Of the photos right in the folder, that which is worked on last. */
function smallest(folder: string): string {
  const [first] = photos
    .slice(0, 6)
    .sort((a, b) => statSync(join(folder, a)).size - statSync(join(folder, b)).size);
  return first as string;
}
