import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { arrangePeople } from '../../src/sort/arrange';
import { type CliOptions, runCli } from '../support/cli';
import { useTempFolder } from '../support/files';
import { testWithTools } from '../support/metadata-tools';
import { STRANGER, testAsStranger } from '../support/unprivileged';
import { boxIn, drawPhotos, sortDrawn } from '../web/support';

const temp = useTempFolder();
const run = (args: readonly string[], options: Partial<CliOptions> = {}) =>
  runCli(['tag', ...args], { cwd: temp(), ...options });

const sidecars = () => readdirSync(temp('photos')).filter((name) => name.endsWith('.xmp'));

beforeEach(async () => {
  await drawPhotos(temp('photos'), { 'a.png': [1, 2], 'b.png': [1], 'c.png': [1] });
  await sortDrawn({ photos: temp('photos'), output: temp('people'), minPhotos: 1 });
  await nameIt('Anna');
});

/** Names the person who is on all photos. */
function nameIt(name: string) {
  return arrangePeople({
    output: temp('people'),
    decide: async ({ people, photoAt, facesOn }) => {
      const faces = facesOn((await photoAt(temp('photos/a.png'))) as string);
      const face = faces.find(({ face }) => face.box.left === boxIn(0).left);
      await people.name(face?.person as number, name);
    },
  });
}

test('says what was written, and that nothing is left to do', async () => {
  const dry = await run(['--dry-run']);
  expect(dry.code).toBe(0);
  expect(dry.stdout).toMatch(
    /^1 name on 3 photos: 3 sidecars would be created\.\n {2}create: .*a\.png\.xmp \(Anna\)\n/,
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
  expect(stdout).toMatch(
    /Could not be tagged:\n.*a\.png\.xmp" was left as it is: it is damaged, or no XMP\. Move it away/,
  );
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

test('a disk that fills up behind the record: what is in the sidecar is still known to be ours', async () => {
  // Of another program, and too large to be written again then; the record is small.
  const foreign = `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/></x:xmpmeta>${' '.repeat(200_000)}`;
  writeFileSync(temp('photos/a.png.xmp'), foreign);
  expect((await run([])).code).toBe(0);
  await nameIt('Annette');
  const full = await run([], { fileLimitKilobytes: 100 });
  expect([full.code, full.stdout]).toEqual([3, expect.stringContaining('Could not be tagged:\n')]);
  expect(readFileSync(temp('photos/a.png.xmp'), 'utf8')).toContain('People/Anna<');

  const removing = await run(['--remove'], { fileLimitKilobytes: 100 });
  expect([removing.code, sidecars()]).toEqual([3, ['a.png.xmp']]);
  expect((await run(['--remove'])).code).toBe(0);
  expect(readFileSync(temp('photos/a.png.xmp'), 'utf8')).toBe(foreign);
  expect((await run(['--remove'])).stdout).toBe('nothing to do.\n');
});

const testStranger = testAsStranger('what may not be written');

/** The photos and the people, as if they were everybody's. */
function openToAll(): void {
  chmodSync(temp(), 0o755);
  for (const folder of [temp('people'), temp('photos')]) {
    chmodSync(folder, 0o777);
    for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true }))
      chmodSync(join(entry.parentPath, entry.name), entry.isDirectory() ? 0o777 : 0o666);
  }
}

testStranger('a folder that may not be written: each photo is a problem', async () => {
  openToAll();
  chmodSync(temp('photos'), 0o755);
  const { code, stdout } = await run([], { uid: STRANGER });
  expect([code, sidecars()]).toEqual([3, []]);
  expect(stdout).toMatch(/permission denied/);
});

testStranger('a sidecar that may not be written stays as it is, also where its folder may be', async () => {
  const foreign = '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/>';
  writeFileSync(temp('photos/a.png.xmp'), foreign);
  openToAll();
  chmodSync(temp('photos/a.png.xmp'), 0o444);
  const { code, stdout } = await run([], { uid: STRANGER });
  expect(readFileSync(temp('photos/a.png.xmp'), 'utf8')).toBe(foreign);
  expect([code, sidecars()]).toEqual([3, ['a.png.xmp', 'b.png.xmp', 'c.png.xmp']]);
  expect(stdout).toMatch(
    /^1 name on 3 photos: 2 sidecars created\.\n[\s\S]*a\.png\.xmp: .*permission denied/,
  );
});

if (testStranger === test) {
  testWithTools(
    ['exiftool'],
    'a photo that may not be written stays as it is, with --embed, too',
    async () => {
      openToAll();
      chmodSync(temp('photos/a.png'), 0o444);
      const before = readFileSync(temp('photos/a.png'));
      const { code, stdout } = await run(['--embed'], { uid: STRANGER });
      expect(readFileSync(temp('photos/a.png'))).toEqual(before);
      expect([code, stdout]).toEqual([
        3,
        expect.stringMatching(/: 2 photos written\.\n[\s\S]*a\.png: .*permission/),
      ]);
      expect(readdirSync(temp('photos')).filter((name) => name.endsWith('_original'))).toHaveLength(2);
    },
  );
}

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
