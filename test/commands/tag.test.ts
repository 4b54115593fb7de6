import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { arrangePeople } from '../../src/sort/arrange';
import { type CliOptions, runCli } from '../support/cli';
import { useTempFolder } from '../support/files';
import { STRANGER, testAsStranger } from '../support/unprivileged';
import { boxIn, drawPhotos, sortDrawn } from '../web/support';

const temp = useTempFolder();
const run = (args: readonly string[], options: Partial<CliOptions> = {}) =>
  runCli(['tag', ...args], { cwd: temp(), ...options });

const sidecars = () => readdirSync(temp('photos')).filter((name) => name.endsWith('.xmp'));

beforeEach(async () => {
  await drawPhotos(temp('photos'), { 'a.png': [1, 2], 'b.png': [1], 'c.png': [1] });
  await sortDrawn({ photos: temp('photos'), output: temp('people'), minPhotos: 1 });
  await arrangePeople({
    output: temp('people'),
    decide: async ({ people, photoAt, facesOn }) => {
      const faces = facesOn((await photoAt(temp('photos/a.png'))) as string);
      const face = faces.find(({ face }) => face.box.left === boxIn(0).left);
      await people.name(face?.person as number, 'Anna');
    },
  });
});

test('says what was written, and that nothing is left to do', async () => {
  const dry = await run(['--dry-run']);
  expect(dry.code).toBe(0);
  expect(dry.stdout).toMatch(
    /^1 name on 3 photos: 3 sidecars created\. Nothing was written\.\n {2}created: .*a\.png\.xmp \(Anna\)\n/,
  );
  expect(sidecars()).toEqual([]);

  const first = await run([]);
  expect([first.code, first.stdout]).toEqual([0, '1 name on 3 photos: 3 sidecars created.\n']);
  expect(sidecars()).toEqual(['a.png.xmp', 'b.png.xmp', 'c.png.xmp']);
  expect((await run([])).stdout).toBe('1 name on 3 photos: nothing to do.\n');
  expect((await run(['--remove'])).stdout).toBe('3 sidecars deleted.\n');
  expect(sidecars()).toEqual([]);
});

test('--json: an event for what has happened', async () => {
  const { stdout } = await run(['--json', '--sidecar', 'adobe']);
  const events = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(events[0]).toMatchObject({ event: 'start', command: 'tag' });
  expect(events.at(-1)).toMatchObject({
    event: 'done',
    names: 1,
    photos: 3,
    problems: 0,
    dryRun: false,
    changes: ['a', 'b', 'c'].map((name) => ({
      photo: temp(`photos/${name}.png`),
      file: temp(`photos/${name}.xmp`),
      change: 'created',
      names: ['Anna'],
    })),
  });
});

test('a photo that can not be tagged: listed, and the exit code says so', async () => {
  writeFileSync(temp('photos/a.png.xmp'), 'a diary');
  const { code, stdout } = await run([]);
  expect(code).toBe(3);
  expect(stdout).toMatch(/Could not be tagged:\n.*a\.png\.xmp" was left as it is: it is no XMP/);
  expect(readFileSync(temp('photos/a.png.xmp'), 'utf8')).toBe('a diary');
});

test('a full disk: no sidecar is cut off, and nothing of ours stays for ever', async () => {
  const { code } = await run([], { fileLimitKilobytes: 1 });
  expect(code).toBe(3);
  expect(sidecars()).toEqual([]);
  expect((await run([])).code).toBe(0);
  expect((await run(['--remove'])).code).toBe(0);
  expect(sidecars()).toEqual([]);
});

testAsStranger('sidecars in a folder that may not be written')(
  'a folder that may not be written: each photo is a problem',
  async () => {
    chmodSync(temp(), 0o755);
    const opened = (folder: string) => {
      chmodSync(folder, 0o777);
      for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true }))
        chmodSync(join(entry.parentPath, entry.name), entry.isDirectory() ? 0o777 : 0o666);
    };
    opened(temp('people'));
    opened(temp('photos'));
    chmodSync(temp('photos'), 0o755);
    const { code, stdout } = await run([], { uid: STRANGER });
    expect([code, sidecars()]).toEqual([3, []]);
    expect(stdout).toMatch(/permission denied/);
  },
);

test('without exiftool, --embed says where that is to be had; nothing was touched', async () => {
  mkdirSync(temp('nothing'));
  const before = readFileSync(temp('photos/a.png'));
  const { code, stderr } = await run(['--embed'], { env: { PATH: temp('nothing') } });
  expect(code).toBe(1);
  expect(stderr).toMatch(/exiftool is not installed\. Install it \(.*apt-get install.*\), or write sidecars/);
  expect(readFileSync(temp('photos/a.png'))).toEqual(before);
});

test('a folder of nobody', async () => {
  mkdirSync(temp('empty'));
  const { code, stderr } = await run(['-o', 'empty', '--embed']);
  expect([code, readdirSync(temp('empty'))]).toEqual([1, []]);
  expect(stderr).toMatch(/No photos were sorted/);
});
