import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { runCli } from '../support/cli';
import { PORTRAITS, useTempFolder } from '../support/files';
import { atMoment } from '../support/moment';
import { foldersOf, treeOf } from '../support/people-folder';

/* What goes wrong on command lines and in the folder of data: nothing is lost, and it is said in words. */
const temp = useTempFolder();
const run = (...args: string[]) => runCli(args, { cwd: temp() });
const sort = (...args: string[]) => run('sort', PORTRAITS, '-d', 'hog', ...args);
const folderOf = (title: string) =>
  readdirSync(temp('people')).find((name) => name.startsWith(title)) as string;

test.each([
  ['deleted', () => rmSync(temp('people/.data/people.jsonl'))],
  ['emptied', () => writeFileSync(temp('people/.data/people.jsonl'), '')],
])('no name is lost if the file of decisions was %s', async (_, damage) => {
  await sort();
  await run('name', '1', 'Anna');
  const decisions = readFileSync(temp('people/.data/people.jsonl'));
  damage();
  const before = treeOf(temp('people'));
  for (const args of [['sort'], ['people'], ['undo'], ['name', '1', 'Berta']]) {
    const result = await run(...args);
    expect(result).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/is gone or empty, and with it all names/),
    });
    expect(result.stderr).not.toContain('ENOENT');
  }
  expect(treeOf(temp('people'))).toEqual(before);
  writeFileSync(temp('people/.data/people.jsonl'), decisions);
  expect(await run('sort')).toMatchObject({ code: 0 });
  expect(foldersOf(temp('people')).has('Anna')).toBe(true);
});

test('names are not what folders of others are called, and people are found by whatever they are called', async () => {
  await sort('--min-photos', '1');
  for (const name of ['Person 02', 'not sorted', 'a\nb']) {
    expect(await run('name', '1', name)).toMatchObject({ code: 2, stderr: expect.stringMatching(/name/) });
  }
  const photo = `people/${folderOf('Person 01')}/${readdirSync(temp('people', folderOf('Person 01')))[0]}`;
  const failed = await run('split', '1', photo, '--name', 'Too unclear');
  expect(failed).toMatchObject({ code: 2 });
  expect((await run('people', '--history')).stdout).toContain('Nothing was decided yet');

  expect(await run('name', 'person 1', 'AC/DC')).toMatchObject({ code: 0 });
  expect(await run('name', 'ac/dc', '2')).toMatchObject({ code: 0 });
  // It is the number of somebody, whoever is called like that.
  expect(await run('name', '2', 'Zoe')).toMatchObject({ code: 0 });
  const again = await run('name', '1', 'zoe');
  expect(again.stdout).toMatch(/Number 2 has that name, too.*merge 1 2/);
  const both = await run('name', 'ZOE', 'X');
  expect(both).toMatchObject({ code: 2, stderr: expect.stringMatching(/Several people.*Give the number/) });
});

test('undo says what it has undone, and what there is to undo', async () => {
  await sort();
  expect((await run('undo')).stderr).toContain('There is nothing to undo.');
  expect((await run('undo', '7')).stderr).toContain('There is no decision 7 that could be undone.');
  await run('name', '1', 'Anna');
  expect((await run('undo')).stdout).toContain('Person 01 is called Anna');
});

test('photos are known in a folder that is given by a link', async () => {
  await sort();
  renameSync(temp('people'), temp('real'));
  symlinkSync('real', temp('people'));
  const folder = folderOf('Person 01');
  const photo = `people/${folder}/${readdirSync(temp('people', folder))[0]}`;
  expect(await run('not', '1', photo)).toMatchObject({ code: 0 });
  expect(existsSync(temp(photo))).toBe(false);
});

test('no folder of people is made in another one', async () => {
  await sort();
  const before = treeOf(temp('people'));
  const inside = await run('sort', PORTRAITS, '-d', 'hog', '-o', 'people/more/of');
  expect(inside).toMatchObject({ code: 1, stderr: expect.stringContaining("can't be in another one") });
  expect(treeOf(temp('people'))).toEqual(before);
});

test("photos in the folder of people are not sorted into it: they are others' second names", async () => {
  await sort();
  const before = treeOf(temp('people'));
  const folder = `people/${folderOf('Person 01')}`;
  for (const given of [folder, `${folder}/${readdirSync(temp(folder))[0]}`]) {
    const result = await run('sort', given);
    expect(result).toMatchObject({ code: 1, stderr: expect.stringContaining('is in the folder of people') });
  }
  expect(treeOf(temp('people'))).toEqual(before);
  // Nothing of it is remembered.
  expect((await run('sort')).stdout).toMatch(/, 0 new photos/);
});

test('what is missing on a command line is said', async () => {
  await sort();
  expect((await run('hide')).stderr).toContain('Something is missing');
  expect((await run('name', '1', '')).stderr).toContain('<name> needs a value.');
  const all = readdirSync(temp('people', folderOf('Person 01'))).map(
    (name) => `people/${folderOf('Person 01')}/${name}`,
  );
  expect((await run('split', '1', ...all)).stderr).toContain('These are all photos of Person 01');
});

test('a first run that fails leaves no folder', async () => {
  mkdirSync(temp('empty'));
  for (const photos of ['nosuch', 'empty']) {
    expect(await run('sort', photos)).toMatchObject({ code: 1 });
    expect(existsSync(temp('people'))).toBe(false);
  }
  mkdirSync(temp('people'));
  expect(await run('sort', 'nosuch')).toMatchObject({ code: 1 });
  expect(readdirSync(temp('people'))).toEqual([]);
});

test.each([
  ['sort', ['sort'], 'Took over: Person 01 is now Anna'],
  ['a command', ['name', '1', 'Berta'], 'Person 01 is Berta now.'],
])('what was decided is told, though %s is stopped before the folder is up to it', async (_, args, told) => {
  await sort();
  if (args[0] === 'sort') renameSync(temp('people', folderOf('Person 01')), temp('people/Anna'));
  const stopped = await runCli(args, {
    cwd: temp(),
    env: atMoment({ said: 'Comparing the faces' }, 'SIGINT'),
  });
  expect(stopped).toMatchObject({ code: 130 });
  expect(stopped.stderr).toContain(told);
  expect(stopped.stderr).toContain('That holds.');
  expect(stopped.stderr).not.toContain('Nothing was');
  const again = await run('sort');
  expect(again).toMatchObject({ code: 0 });
  expect(again.stdout).not.toContain('Took over');
  expect(foldersOf(temp('people')).has(args[0] === 'sort' ? 'Anna' : 'Berta')).toBe(true);
});

test('one of two folders of photos is renamed, and renamed again at once', async () => {
  const photos = readdirSync(PORTRAITS).filter((name) => name.endsWith('.jpg'));
  for (const [folder, names] of [
    ['stays', photos.slice(0, 10)],
    ['moves', photos.slice(10, 14)],
  ] as const) {
    mkdirSync(temp(folder));
    for (const name of names) cpSync(`${PORTRAITS}/${name}`, temp(folder, name));
  }
  expect(await run('sort', 'stays', 'moves', '-d', 'hog')).toMatchObject({ code: 0 });
  renameSync(temp('moves'), temp('moved'));
  expect(await run('sort', 'moved')).toMatchObject({ code: 0 });
  renameSync(temp('moved'), temp('again'));
  expect(await run('sort', 'again')).toMatchObject({ code: 0 });
});

test('two people of one name are told, and a number that was somebody says who it is now', async () => {
  await sort('--min-photos', '1');
  const [one, two] = JSON.parse((await run('people', '--json')).stdout);
  renameSync(temp('people', folderOf(`Person 0${one.id}`)), temp('people/Anna'));
  expect((await run('sort')).stdout).not.toContain('have that name');
  renameSync(temp('people', folderOf(`Person 0${two.id}`)), temp('people/Anna 2'));
  await run('name', String(two.id), 'Berta');
  renameSync(temp('people', folderOf('Berta')), temp('people/Anna (1)'));
  expect((await run('sort')).stdout).toMatch(/2 people\s+have that name now/);
  expect(await run('merge', String(two.id), String(one.id))).toMatchObject({ code: 0 });
  expect((await run('name', String(two.id), 'Carla')).stdout).toContain('Anna is Carla now');
  expect(JSON.parse((await run('people', '--json')).stdout)[0]).toMatchObject({ id: one.id, name: 'Carla' });
});
