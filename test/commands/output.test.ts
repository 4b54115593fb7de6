import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeEncodings } from '../../src/encodings/encodings';
import { MAIN, runCli } from '../support/cli';
import { CLUSTER_PHASES, face, useCollection } from '../support/collection';
import { useTempFolder } from '../support/files';
import { atMoment } from '../support/moment';
import { onLinux } from '../support/platform';

const temp = useTempFolder();
const { photos } = useCollection(temp);
const run = (...args: string[]) => runCli(args, { cwd: temp() });

type Event = { event: string } & Record<string, unknown>;

/** Every line of stdout must be an event. */
const eventsOf = (stdout: string): Event[] =>
  stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

/** `faces.pickle` with the faces of one person, of whose photos the second is gone and the third is none. */
async function makeFaces(): Promise<string[]> {
  const paths = photos('a', 5);
  await writeEncodings(
    join(temp(), 'faces.pickle'),
    paths.map((path) => face(path, 0)),
  );
  rmSync(paths[1] as string);
  writeFileSync(paths[2] as string, 'not a photo');
  return paths;
}

describe('--json', () => {
  test('cluster tells each phase, each problem and the end, one event a line', async () => {
    const paths = await makeFaces();
    const { code, stdout, stderr } = await run('cluster', '-e', 'faces.pickle', '-o', 'people', '--json');
    expect([code, stderr]).toEqual([3, '']);
    const events = eventsOf(stdout);
    expect(events[0]).toEqual({
      event: 'start',
      command: 'cluster',
      version: 1,
      program: expect.stringMatching(/^\d+\.\d+\.\d+/),
    });
    const progress = events.filter(({ event }) => event === 'progress');
    const phases = [...new Set(progress.map(({ phase }) => phase))];
    expect(phases).toEqual(CLUSTER_PHASES);
    for (const phase of phases) {
      const last = progress.filter((event) => event.phase === phase).at(-1);
      expect(last?.done).toBe(last?.total);
    }
    expect(progress[0]).toMatchObject({ phase: 'check', done: 0, total: 1, failed: 0 });
    expect(progress.at(-1)).toMatchObject({ failed: 2 });
    // One photo is gone, another one is none.
    expect(progress.filter(({ phase }) => phase === 'faces').at(-1)).toMatchObject({ done: 3, faces: 3 });
    // Photos are looked for at once: who is told of first is a matter of the disk.
    const problems = events.filter(({ event }) => event === 'problem');
    expect(problems.sort((a, b) => (`${a.path}` < `${b.path}` ? -1 : 1))).toEqual([
      {
        event: 'problem',
        path: paths[1],
        code: 'FACE_IMAGE_NOT_FOUND',
        reason: expect.stringContaining('a2'),
      },
      { event: 'problem', path: paths[2], code: 'FACE_IMAGE_DECODE', reason: expect.stringContaining('a3') },
    ]);
    expect(events.at(-1)).toEqual({
      event: 'done',
      seconds: expect.any(Number),
      faces: 5,
      photos: 5,
      people: 1,
      onlyCopies: 0,
      unclustered: 0,
      several: [],
      unclear: 0,
      mirrored: 0,
      nearestOnly: 0,
      large: null,
      problems: 2,
      files: { hardlink: 3, copy: 0, symlink: 0 },
      kept: 0,
      output: 'people',
      data: join('people', 'clusters.json'),
      gallery: join('people', 'index.html'),
    });
  });

  test('encode counts photos and faces, and says what failed', async () => {
    photos('a', 1);
    writeFileSync(join(temp(), 'photos', 'b.jpg'), 'not a photo');
    const { code, stdout } = await run('encode', '-i', 'photos', '-e', 'e.pickle', '-d', 'hog', '--json');
    expect(code).toBe(3);
    const events = eventsOf(stdout);
    const progress = events.filter(({ event }) => event === 'progress');
    expect(progress[0]).toMatchObject({ phase: 'encode', done: 0, total: 2, faces: 0, failed: 0 });
    const done = events.at(-1) as Event;
    expect(progress.at(-1)).toMatchObject({ done: 2, total: 2, faces: done.faces, failed: 1 });
    expect(done).toMatchObject({ event: 'done', photos: 2, photosFailed: 1, encodings: 'e.pickle' });
    expect(done.faces).toBeGreaterThan(0);
    expect(events.filter(({ event }) => event === 'problem')).toHaveLength(1);
  });

  test.each<[string, string[], string, number]>([
    ['a file that is not there', ['cluster', '-e', 'none.pickle'], 'FACE_IO', 1],
    ['a value that makes no sense', ['cluster', '-e', 'none.pickle', '--eps=-1'], 'FACE_INVALID_ARGUMENT', 2],
    ['a folder without photos', ['encode', '-i', 'empty'], 'FACE_NO_IMAGES', 1],
  ])('ends with an error event for %s, which is on stderr, too', async (_, args, error, exitCode) => {
    mkdirSync(join(temp(), 'empty'));
    const { code, stdout, stderr } = await run(...args, '--json');
    expect(code).toBe(exitCode);
    const last = eventsOf(stdout).at(-1);
    expect(last).toMatchObject({ event: 'error', code: error });
    expect(stderr).toContain('Error:');
  });

  test('the error event has what it is about, and what to do, in fields of their own', async () => {
    const gone = await run('cluster', '-e', 'none.pickle', '--json');
    expect(eventsOf(gone.stdout).at(-1)).toMatchObject({
      path: 'none.pickle',
      remedy: 'Check the path, or make the file with: face-cluster-native encode',
    });
    const wrong = await run('cluster', '--min-samples', '0', '--json');
    expect(eventsOf(wrong.stdout).at(-1)).toMatchObject({ argument: 'minSamples' });
    expect(wrong.stderr).toContain(
      'Expected an integer from 1 to 2147483647 for --min-samples but received 0',
    );
  });

  test('a stopped job ends with an error event as well', async () => {
    const paths = photos('a', 30);
    await writeEncodings(
      join(temp(), 'faces.pickle'),
      paths.map((path) => face(path, 0)),
    );
    const result = await runCli(['cluster', '-e', 'faces.pickle', '-o', 'people', '--json'], {
      cwd: temp(),
      env: atMoment({ said: '"faces"' }, 'SIGINT'),
    });
    expect(result.code).toBe(130);
    expect(eventsOf(result.stdout).at(-1)).toMatchObject({ event: 'error', code: 'FACE_ABORTED' });
  });
});

describe('--quiet', () => {
  test('says nothing when all is well', async () => {
    const paths = photos('a', 5);
    await writeEncodings(
      join(temp(), 'faces.pickle'),
      paths.map((path) => face(path, 0)),
    );
    const result = await run('cluster', '-e', 'faces.pickle', '-o', 'people', '--quiet');
    expect(result).toMatchObject({ code: 0, stdout: '', stderr: '' });
  });

  test('names what could not be used on stderr', async () => {
    await makeFaces();
    const { code, stdout, stderr } = await run('cluster', '-e', 'faces.pickle', '-o', 'people', '-q');
    expect([code, stdout]).toEqual([3, '']);
    expect(stderr).toMatch(/^Not found, or not drawn:\n.*a2\.jpg.*\n.*a3\.jpg.*\n$/);
  });

  test('with --json leaves out the progress', async () => {
    await makeFaces();
    const { stdout } = await run('cluster', '-e', 'faces.pickle', '-o', 'people', '--json', '--quiet');
    expect(eventsOf(stdout).map(({ event }) => event)).toEqual(['start', 'problem', 'problem', 'done']);
  });
});

// A full disk that is always at hand.
onLinux.each<[string, string[]]>([
  ['help', ['--help']],
  ['the version', ['--version']],
  ['encode', ['encode', '-i', 'photos', '-e', 'e.pickle', '-d', 'hog', '--quiet', '--json']],
  ['cluster', ['cluster', '-e', 'faces.pickle', '-o', 'people', '--min-samples', '1', '--quiet', '--json']],
  ['info', ['info', 'faces.pickle', '--json']],
  ['models', ['models', '--check']],
  ['doctor', ['doctor', '--json']],
])(
  'where what %s says does not fit on the disk, one sentence says so, and it has failed',
  async (_, args) => {
    const [path] = photos('a', 1);
    await writeEncodings(join(temp(), 'faces.pickle'), [face(path as string, 0)]);
    const full = openSync('/dev/full', 'w');
    const result = await runCli(args, { cwd: temp(), stdout: full });
    closeSync(full);
    expect(result.stderr).toMatch(
      /^(Reading the faces\n)?Error: Could not write the output: .*The disk is full.*\n$/,
    );
    expect(result.code).toBe(1);
    // The work itself was done.
    if (args[0] === 'encode') expect(existsSync(join(temp(), 'e.pickle'))).toBe(true);
    if (args[0] === 'cluster') expect(existsSync(join(temp(), 'people', 'label0'))).toBe(true);
  },
);

onLinux('what has read enough is no reason to fail', async () => {
  const { status, stderr } = spawnSync('bash', [
    '-c',
    `"$0" "${MAIN}" --help | true; echo \${PIPESTATUS[0]} >&2`,
    process.execPath,
  ]);
  expect([status, stderr.toString()]).toEqual([0, '0\n']);
});

test("a warning of the library is one sentence on stderr, without Node.js's words around it", async () => {
  const hook = join(temp(), 'hook.js');
  // As where a disk can't be waited for. The program has begun when the timer ends: its modules are loaded at once.
  writeFileSync(
    hook,
    `setTimeout(() => {
      process.emitWarning('A power cut could cost files.', { code: 'FACE_NOT_DURABLE' });
      process.emitWarning('Something in Node.js is old.');
    }, 0);`,
  );
  const env = { NODE_OPTIONS: `--require ${JSON.stringify(hook)}` };
  const { code, stderr } = await runCli(['--version'], { cwd: temp(), env });
  expect([code, stderr]).toEqual([0, 'A power cut could cost files.\n']);
});
