import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { PeopleFolder } from '../../../src/result/people-folder/people-folder';
import { sha256 } from '../../../src/system/sha256';
import { useTempFolder } from '../../support/files';
import { unprivileged } from '../../support/unprivileged';
import { Collection, filesIn, MODES, photoBytes, photoId, treeOf } from './support';

const temp = useTempFolder();
const RECORD = ['.data', 'folder.jsonl'];
const MARKER = ['.data', '.face-cluster-result.json'];

describe.each(MODES)('a folder of people that was treated badly (%s)', (mode) => {
  let people: Collection;
  const FIRST = { 1: 'a b c d', 2: 'e f g d', 3: 'h i j', 4: 'k l m', unsorted: 'n o' };

  beforeEach(async () => {
    people = new Collection(temp, mode);
    people.names.set(1, 'Anna').set(2, 'Ben');
    await people.run(FIRST);
  });

  const swap = (one: string, other: string) => {
    renameSync(people.in(one), people.in('aside'));
    renameSync(people.in(other), people.in(one));
    renameSync(people.in('aside'), people.in(other));
  };
  const kindsOf = async () => (await people.gestures()).map(({ kind }) => kind);

  test('two folders that have changed names: people follow their photos', async () => {
    const before = [treeOf(people.in('Anna (4)')), treeOf(people.in('Ben (4)'))];
    swap('Anna (4)', 'Ben (4)');
    expect(await people.gestures()).toEqual([
      { kind: 'renamed', person: 1, from: 'Anna', name: 'Ben' },
      { kind: 'renamed', person: 2, from: 'Ben', name: 'Anna' },
    ]);
    // Nothing comes of it: all is put back.
    const { summary } = await people.run(FIRST);
    expect(summary.renamed).toBe(2);
    expect([treeOf(people.in('Anna (4)')), treeOf(people.in('Ben (4)'))]).toEqual(before);
    // And it does.
    swap('Anna (4)', 'Ben (4)');
    people.names.set(1, 'Ben').set(2, 'Anna');
    expect((await people.run(FIRST)).summary.renamed).toBe(0);
    expect(await people.gestures()).toEqual([]);
    expect(filesIn(people.in('Ben (4)'))).toEqual(['a.jpg', 'b.jpg', 'c.jpg', 'd.jpg']);
  });

  test('two folders that have changed all their photos', async () => {
    const move = (from: string, to: string) => {
      mkdirSync(people.in(to), { recursive: true });
      for (const name of filesIn(people.in(from))) renameSync(people.in(from, name), people.in(to, name));
    };
    move('Anna (4)', 'aside');
    move('Ben (4)', 'Anna (4)');
    move('aside', 'Ben (4)');
    rmSync(people.in('aside'), { recursive: true });
    // One photo is in both folders: these are who they were, and the photos have moved.
    expect(new Set(await kindsOf())).toEqual(new Set(['moved']));
    await people.run({ ...FIRST, 1: 'e f g d', 2: 'a b c d' });
    expect(await people.gestures()).toEqual([]);
    // Of these, nothing is left where it was: they are who their photos show.
    move('Person 03 (3)', 'aside');
    move('Person 04 (3)', 'Person 03 (3)');
    move('aside', 'Person 04 (3)');
    expect(new Set(await kindsOf())).toEqual(new Set(['ignored']));
  });

  test.each([
    ['AC:DC', 'AC_DC (3)'],
    ['one\\two', 'one_two (3)'],
    ['CON', 'CON_ (3)'],
    ['what?', 'what_ (3)'],
    ['Ann.', 'Ann (3)'],
    [' Zoë ', 'Zoë (3)'],
    ['Zoe\u0308', 'Zoë (3)'],
    ['😀', '😀 (3)'],
    ['ANNA', 'ANNA (3)'],
    ['Maria (2012) (3)', 'Maria (2012) (3)'],
    ['kept-originals-not-found x', 'kept-originals-not-found x (3)'],
  ])('a name that not every disk takes: %s', async (name, folder) => {
    renameSync(people.in('Person 03 (3)'), people.in(name));
    const [gesture] = await people.gestures();
    if (gesture?.kind !== 'renamed') throw new Error(`${gesture?.kind}`);
    people.names.set(3, gesture.name);
    await people.run(FIRST);
    expect(filesIn(people.in(folder))).toEqual(['h.jpg', 'i.jpg', 'j.jpg']);
    expect(await people.gestures()).toEqual([]);
  });

  test('names with slashes, dots and 200 letters become folders that stay theirs', async () => {
    people.names.set(1, 'A/B').set(2, '..').set(3, '.hidden').set(4, 'ä'.repeat(200));
    await people.run(FIRST);
    const folders = new Set(filesIn(people.people).map((name) => name.split('/')[0] as string));
    expect(folders).toEqual(
      new Set(['A_B (4)', '_ (4)', '_hidden (3)', `${'ä'.repeat(68)} (3)`, 'Not sorted']),
    );
    expect(await people.gestures()).toEqual([]);
  });

  test.each(['Person 07', 'person 1', 'Not sorted (3)', 'too unclear'])(
    'a name that is none: %s',
    async (name) => {
      if (name.startsWith('Not')) renameSync(people.in('Not sorted'), people.in('x'));
      const before = people.tree();
      renameSync(people.in('Person 03 (3)'), people.in(name));
      const gestures = await people.gestures();
      expect(gestures.map(({ kind }) => kind)).not.toContain('renamed');
      expect(gestures).toContainEqual({
        kind: 'ignored',
        file: name,
        why: expect.stringContaining(name.split(' (')[0] as string),
      });
      await people.run(FIRST);
      expect(filesIn(people.in('Person 03 (3)'))).toEqual(['h.jpg', 'i.jpg', 'j.jpg']);
      if (!name.startsWith('Not')) expect(people.tree()).toEqual(before);
    },
  );

  test('a name that is not UTF-8', async () => {
    if (process.platform !== 'linux') return;
    renameSync(
      people.in('Person 03 (3)'),
      Buffer.concat([Buffer.from(`${people.people}/`), Buffer.from([0x4a, 0xff])]),
    );
    expect(await kindsOf()).toEqual(['ignored']);
    await people.run(FIRST);
    expect(filesIn(people.in('Person 03 (3)'))).toEqual(['h.jpg', 'i.jpg', 'j.jpg']);
  });

  test('files whose names are not UTF-8', async () => {
    if (process.platform !== 'linux') return;
    const odd = (folder: string) =>
      Buffer.concat([
        Buffer.from(`${people.in(folder)}/`),
        Buffer.from([0x61, 0xff, 0x2e, 0x6a, 0x70, 0x67]),
      ]);
    renameSync(people.in('Anna (4)', 'a.jpg'), odd('Anna (4)'));
    expect((await people.run(FIRST)).gestures).toEqual([]);
    renameSync(odd('Anna (4)'), odd('Ben (4)'));
    expect(await people.gestures()).toMatchObject([{ kind: 'moved', photo: photoId('a'), from: 1, to: 2 }]);
    await people.run({ ...FIRST, 1: 'b c d', 2: 'e f g d a' });
    expect(existsSync(odd('Ben (5)'))).toBe(true);
    expect(await people.gestures()).toEqual([]);
  });

  test('two people with one name, also in another case, whose folders are told apart', async () => {
    people.names.set(3, 'Ann').set(4, 'ANN');
    await people.run(FIRST);
    expect(filesIn(people.in('Ann (3)'))).toEqual(['h.jpg', 'i.jpg', 'j.jpg']);
    expect(filesIn(people.in('ANN (3) 2'))).toEqual(['k.jpg', 'l.jpg', 'm.jpg']);
    expect((await people.run(FIRST)).gestures).toEqual([]);
    swap('Ann (3)', 'ANN (3) 2');
    expect(await people.gestures()).toHaveLength(2);
    await people.run(FIRST);
    expect(filesIn(people.in('Ann (3)'))).toEqual(['h.jpg', 'i.jpg', 'j.jpg']);
  });

  test('a name in another case is a new name', async () => {
    renameSync(people.in('Anna (4)'), people.in('ANNA (4)'));
    expect(await people.gestures()).toEqual([{ kind: 'renamed', person: 1, from: 'Anna', name: 'ANNA' }]);
    people.names.set(1, 'aNNa');
    await people.run(FIRST);
    expect(filesIn(people.in('aNNa (4)'))).toHaveLength(4);
  });

  test('a file has the name that a folder is to have', async () => {
    writeFileSync(people.in('Carl (3)'), 'not a folder');
    mkdirSync(people.in('dora (3)'));
    people.names.set(3, 'Carl').set(4, 'Dora');
    await people.run(FIRST);
    expect(filesIn(people.in('Carl (3) 2'))).toHaveLength(3);
    expect(filesIn(people.in('Dora (3) 2'))).toHaveLength(3);
    expect(readFileSync(people.in('Carl (3)'), 'utf8')).toBe('not a folder');
    expect((await people.run(FIRST)).gestures).toEqual([]);
  });

  test('everything deleted: no decision, and all is made again', async () => {
    const before = people.tree();
    for (const name of new Set(filesIn(people.people).map((file) => file.split('/')[0] as string))) {
      rmSync(people.in(name), { recursive: true });
    }
    expect(await people.gestures()).toEqual([
      { kind: 'ignored', file: '', why: expect.stringMatching(/^All folders of people are gone/) },
    ]);
    await people.run(FIRST);
    expect(people.tree()).toEqual(before);
    expect(await people.gestures()).toEqual([]);
  });

  test('three of four folders deleted: no decision; two of four: two decisions', async () => {
    for (const name of ['Anna (4)', 'Person 03 (3)']) rmSync(people.in(name), { recursive: true });
    expect(await kindsOf()).toEqual(['deleted', 'deleted']);
    rmSync(people.in('Ben (4)'), { recursive: true });
    expect(await people.gestures()).toEqual([
      { kind: 'ignored', file: '', why: expect.stringMatching(/^3 of 4 folders of people are gone/) },
    ]);
  });

  test('all photos gone from all folders: no decision', async () => {
    for (const name of filesIn(people.people)) unlinkSync(people.in(name));
    expect(await kindsOf()).toEqual(['ignored']);
    await people.run(FIRST);
    expect(filesIn(people.people)).toHaveLength(16);
  });

  test('the marker gone: the record tells whose folder it is, and the marker comes back', async () => {
    unlinkSync(people.in(...MARKER));
    expect((await people.run(FIRST)).gestures).toEqual([]);
    expect(existsSync(people.in(...MARKER))).toBe(true);
  });

  test("marker and record gone: it is somebody else's, and nothing is touched", async () => {
    rmSync(people.in('.data'), { recursive: true });
    const before = people.tree();
    await expect(people.open()).rejects.toMatchObject({
      code: 'FACE_IO',
      message: expect.stringContaining('is not empty and is no folder of people that was made here'),
      remedy: 'Choose another folder for the people, or move this one away.',
    });
    expect(people.tree()).toEqual(before);
    expect(existsSync(people.in('.data'))).toBe(false);
  });

  test.each([
    ['cut off', (text: string) => text.slice(0, -20)],
    ['of garbage', () => 'garbage\n'],
    ['empty', () => ''],
    ['short of a line', (text: string) => `${text.split('\n').slice(0, -2).join('\n')}\n`],
    ['with a way out', (text: string) => text.replace('"a.jpg"', '"../a.jpg"')],
    ['with a place twice', (text: string) => text.replace('"place":2', '"place":1')],
  ])('a record that is %s is refused; without it, all stays where it is', async (_, damage) => {
    const record = people.in(...RECORD);
    const text = readFileSync(record, 'utf8');
    writeFileSync(record, damage(text));
    const before = people.tree();
    await expect(people.open()).rejects.toMatchObject({
      code: 'FACE_PEOPLE_INVALID',
      path: record,
      remedy: expect.stringContaining('Delete that file'),
    });
    expect(people.tree()).toEqual(before);
    unlinkSync(record);
    const { gestures, summary } = await people.run(FIRST);
    expect(gestures).toEqual([]);
    expect(summary).toMatchObject({ placed: { hardlink: 0, copy: 0, symlink: 0 }, renamed: 0 });
    expect(people.tree()).toEqual(before);
  });

  test('a record of a newer version', async () => {
    const record = people.in(...RECORD);
    writeFileSync(record, readFileSync(record, 'utf8').replace('"version":1', '"version":2'));
    await expect(people.open()).rejects.toMatchObject({
      remedy: 'Use the version of this program that wrote it.',
    });
  });

  test('a folder replaced by a file, or by a link to somewhere else: left alone, no decision', async () => {
    rmSync(people.in('Person 03 (3)'), { recursive: true });
    writeFileSync(people.in('Person 03 (3)'), 'a file');
    const outside = temp('outside');
    renameSync(people.in('Anna (4)'), outside);
    symlinkSync(outside, people.in('Anna (4)'));
    expect(await kindsOf()).toEqual(['ignored', 'ignored']);
    await people.run(FIRST);
    expect(readFileSync(people.in('Person 03 (3)'), 'utf8')).toBe('a file');
    expect(filesIn(outside)).toHaveLength(4);
    expect(filesIn(people.in('Person 03 (3) 2'))).toHaveLength(3);
    expect(filesIn(people.in('Anna (4) 2'))).toHaveLength(4);
    expect(await people.gestures()).toEqual([]);
  });

  test("a photo replaced by another picture is somebody else's: both are there", async () => {
    const path = people.in('Anna (4)', 'a.jpg');
    unlinkSync(path);
    writeFileSync(path, photoBytes('never seen'));
    const gestures = await people.gestures();
    expect(gestures).toEqual([
      { kind: 'added', photo: photoId('never seen'), file: 'Anna (4)/a.jpg', to: 1 },
    ]);
    await people.run(FIRST);
    expect(sha256(readFileSync(path))).toBe(photoId('never seen'));
    expect(sha256(readFileSync(people.in('Anna (4)', 'a (2).jpg')))).toBe(photoId('a'));
    expect(await people.gestures()).toEqual([]);
  });

  test('a photo replaced by one of another person', async () => {
    const path = people.in('Anna (4)', 'a.jpg');
    unlinkSync(path);
    copyFileSync(people.photo('h'), path);
    expect(await people.gestures()).toEqual([
      { kind: 'added', photo: photoId('h'), file: 'Anna (4)/a.jpg', to: 1 },
    ]);
    await people.run(FIRST);
    expect(sha256(readFileSync(path))).toBe(photoId('h'));
  });

  test('a photo that was edited is never touched again, whatever becomes of the person', async () => {
    const path = people.in('Anna (4)', 'a.jpg');
    const bytes = Buffer.concat([photoBytes('a'), Buffer.from('edited')]);
    // As editors do it: a new file in the old one's place.
    writeFileSync(`${path}.new`, bytes);
    renameSync(`${path}.new`, path);
    const { gestures } = await people.run(FIRST);
    expect(gestures.map(({ kind }) => kind)).toEqual(['added']);
    expect(filesIn(people.in('Anna (4)'))).toEqual(['a (2).jpg', 'a.jpg', 'b.jpg', 'c.jpg', 'd.jpg']);
    await people.run({ ...FIRST, 1: '' });
    expect(filesIn(people.in('Anna (4)'))).toEqual(['a.jpg']);
    expect(readFileSync(path).equals(bytes)).toBe(true);
    // She is back: her folder is made anew beside it, or is that one.
    await people.run(FIRST);
    expect(readFileSync(path).equals(bytes)).toBe(true);
    expect(await people.gestures()).toEqual([]);
  });

  test('an empty folder that is called as a person is nobody', async () => {
    mkdirSync(people.in('Person 05 (7)'));
    mkdirSync(people.in('Zoe'));
    expect((await people.run(FIRST)).gestures).toEqual([]);
    expect(filesIn(people.people)).toEqual(expect.arrayContaining(['Person 05 (7)/', 'Zoe/']));
  });

  test('a folder that is moved away hides the person, and is left where it is', async () => {
    renameSync(people.in('Person 03 (3)'), temp('taken'));
    expect(await kindsOf()).toEqual(['deleted']);
    await people.run({ ...FIRST, 3: '' });
    expect(filesIn(temp('taken'))).toHaveLength(3);
  });

  test('a folder in a folder in a folder', async () => {
    renameSync(people.in('Person 04 (3)'), people.in('Person 03 (3)', 'Person 04 (3)'));
    renameSync(people.in('Person 03 (3)'), people.in('Anna (4)', 'Person 03 (3)'));
    const gestures = await people.gestures();
    expect(gestures).toEqual([
      { kind: 'merged', person: 3, into: 1, folder: 'Anna (4)/Person 03 (3)' },
      { kind: 'merged', person: 4, into: 3, folder: 'Anna (4)/Person 03 (3)/Person 04 (3)' },
    ]);
    await people.run({ 1: 'a b c d h i j k l m', 2: FIRST[2], unsorted: FIRST.unsorted });
    expect(filesIn(people.in('Anna (10)'))).toEqual('abcdhijklm'.split('').map((name) => `${name}.jpg`));
  });

  test('a folder in a folder, of which nothing comes, goes back', async () => {
    const before = people.tree();
    renameSync(people.in('Person 04 (3)'), people.in('Person 03 (3)', 'Person 04 (3)'));
    renameSync(people.in('Person 03 (3)'), people.in('Anna (4)', 'Person 03 (3)'));
    await people.run(FIRST);
    expect(people.tree()).toEqual(before);
    expect(await people.gestures()).toEqual([]);
  });

  test("folders of people in a folder that is nobody's, or of nobody in a person's, go back", async () => {
    const before = people.tree();
    mkdirSync(people.in('Family'));
    renameSync(people.in('Anna (4)'), people.in('Family', 'Anna (4)'));
    renameSync(people.in('Not sorted'), people.in('Ben (4)', 'Not sorted'));
    expect(await kindsOf()).toEqual(['ignored', 'ignored']);
    await people.run(FIRST);
    rmSync(people.in('Family'), { recursive: true });
    expect(people.tree()).toEqual(before);
  });

  test("a folder of a person among those who are nobody: each photo is nobody's", async () => {
    renameSync(people.in('Person 03 (3)'), people.in('Not sorted', 'Person 03 (3)'));
    expect(await kindsOf()).toEqual(['moved', 'moved', 'moved']);
    await people.run({ ...FIRST, 3: '', unsorted: 'n o h i j' });
    expect(filesIn(people.in('Not sorted'))).toEqual(['h.jpg', 'i.jpg', 'j.jpg', 'n.jpg', 'o.jpg']);
    expect(await people.gestures()).toEqual([]);
  });

  test("a copy of a folder beside it is nobody's", async () => {
    cpSync(people.in('Anna (4)'), people.in('Anna (4) - Copy'), { recursive: true });
    expect((await people.run(FIRST)).gestures).toEqual([]);
    await people.run({ ...FIRST, 1: 'a b' });
    expect(filesIn(people.in('Anna (4) - Copy'))).toHaveLength(4);
  });

  test('all of it brought back from a backup: other inodes, the same people', async () => {
    cpSync(people.people, temp('backup'), {
      recursive: true,
      preserveTimestamps: true,
      verbatimSymlinks: true,
    });
    rmSync(people.people, { recursive: true });
    renameSync(temp('backup'), people.people);
    expect((await people.run(FIRST)).gestures).toEqual([]);
    cpSync(people.people, temp('backup'), { recursive: true, verbatimSymlinks: true });
    rmSync(people.people, { recursive: true });
    renameSync(temp('backup'), people.people);
    renameSync(people.in('Ben (4)'), people.in('Bernd'));
    expect(await people.gestures()).toEqual([{ kind: 'renamed', person: 2, from: 'Ben', name: 'Bernd' }]);
  });

  test('moved as a whole', async () => {
    const folder = temp('elsewhere', 'people');
    mkdirSync(temp('elsewhere'));
    renameSync(people.people, folder);
    expect(await (await PeopleFolder.open(folder)).gestures()).toEqual([]);
  });

  test('files of others, hidden ones and links among the photos are left alone', async () => {
    const inAnna = (name: string) => people.in('Anna (4)', name);
    writeFileSync(inAnna('notes.txt'), 'mine');
    writeFileSync(inAnna('.hidden.jpg'), photoBytes('hidden'));
    symlinkSync('/nowhere', inAnna('dead.jpg'));
    symlinkSync('.', inAnna('circle'));
    writeFileSync(inAnna('.DS_Store'), 'x');
    writeFileSync(people.in('loose.txt'), 'mine');
    const { gestures } = await people.run({ ...FIRST, 1: '' });
    expect(gestures).toEqual([]);
    expect(existsSync(inAnna('notes.txt'))).toBe(true);
    expect(filesIn(people.in('Anna (4)'))).toEqual([
      '.DS_Store',
      '.hidden.jpg',
      'circle',
      'dead.jpg',
      'notes.txt',
    ]);
    // What file managers leave is no reason to keep a folder.
    writeFileSync(people.in('Ben (4)', '.DS_Store'), 'x');
    await people.run({ ...FIRST, 1: '', 2: '' });
    expect(existsSync(people.in('Ben (4)'))).toBe(false);
  });

  test('touched, and given other rights: the same photos', async () => {
    for (const name of filesIn(people.in('Anna (4)'))) {
      utimesSync(people.in('Anna (4)', name), 5e8, 5e8);
      chmodSync(people.in('Anna (4)', name), 0o600);
    }
    expect((await people.run(FIRST)).gestures).toEqual([]);
  });

  test('a photo with two names in one folder', async () => {
    copyFileSync(people.photo('a'), people.in('Anna (4)', 'a again.jpg'));
    for (let run = 0; run < 2; run++) {
      await people.run({ ...FIRST, 1: 'b c d' });
      expect(filesIn(people.in('Anna (3)'))).toEqual(['a again.jpg', 'b.jpg', 'c.jpg', 'd.jpg']);
    }
  });

  test('a folder that may not be written to: an error that says so, and all is right afterwards', async () => {
    if (process.platform === 'win32') return;
    const anna = people.in('Anna (4)');
    renameSync(people.in('Anna (4)', 'a.jpg'), people.in('Ben (4)', 'a.jpg'));
    const wanted = { ...FIRST, 1: 'b c', 2: 'e f g d a' };
    chmodSync(temp(), 0o777);
    for (const path of [people.people, temp('photos')]) {
      for (const entry of ['.', ...readdirSync(path, { recursive: true, encoding: 'utf8' })]) {
        const at = join(path, entry);
        if (!lstatSync(at).isSymbolicLink()) chmodSync(at, statSync(at).isDirectory() ? 0o777 : 0o666);
      }
    }
    chmodSync(anna, 0o555);
    await unprivileged(async () => {
      await expect(people.run(wanted)).rejects.toMatchObject({ code: 'FACE_IO', remedy: expect.any(String) });
    });
    chmodSync(people.in('Anna (2)'), 0o755);
    expect((await people.run(wanted)).gestures).toEqual([]);
    expect(filesIn(people.in('Anna (2)'))).toEqual(['b.jpg', 'c.jpg']);
    expect(filesIn(people.in('Ben (5)'))).toHaveLength(5);
  });

  test('many files', async () => {
    const many = Array.from({ length: 2000 }, (_, i) => `many${i}`).join(' ');
    await people.run({ ...FIRST, 5: many });
    expect(filesIn(people.in('Person 05 (2000)'))).toHaveLength(2000);
    renameSync(people.in('Person 05 (2000)'), people.in('Emma'));
    expect((await people.run({ ...FIRST, 5: many })).gestures).toHaveLength(1);
    expect(await people.gestures()).toEqual([]);
  });

  test('a record that an editor has left a line feed in is read', async () => {
    appendFileSync(people.in(...RECORD), '\n');
    expect(await people.gestures()).toEqual([]);
  });
});

test.each([
  ['a file', (path: string) => writeFileSync(path, 'x')],
  ['a folder with something in it', (path: string) => mkdirSync(join(path, 'photos'), { recursive: true })],
  [
    'a folder with data of something else',
    (path: string) => {
      mkdirSync(join(path, '.data'), { recursive: true });
      writeFileSync(join(path, '.data', 'x'), 'x');
    },
  ],
])('%s is no folder of people', async (_, make) => {
  make(temp('people'));
  await expect(PeopleFolder.open(temp('people'))).rejects.toMatchObject({ code: 'FACE_IO' });
});

test.each([
  ['nothing', () => {}],
  ['an empty folder', (path: string) => mkdirSync(path)],
  [
    'a folder that was only looked at',
    (path: string) => {
      mkdirSync(path);
      writeFileSync(join(path, '.DS_Store'), 'x');
    },
  ],
  [
    'a folder whose making was cut short',
    (path: string) => mkdirSync(join(path, '.data'), { recursive: true }),
  ],
])('where there is %s, a folder of people is made', async (_, make) => {
  make(temp('people'));
  const folder = await PeopleFolder.open(temp('people'));
  expect(folder.data).toBe(temp('people', '.data'));
  expect(await folder.gestures()).toEqual([]);
});
