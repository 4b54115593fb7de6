import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Box } from '../../src/base/types';
import { readClusters } from '../../src/result/export/json';
import { arrangePeople } from '../../src/sort/arrange';
import { sortPhotos } from '../../src/sort/sort';
import { runCli } from '../support/cli';
import { PORTRAITS, useTempFolder } from '../support/files';
import { atMoment } from '../support/moment';
import { foldersOf, treeOf } from '../support/people-folder';

/* The one command for people, and those that correct it. */
const temp = useTempFolder();
const run = (...args: string[]) => runCli(args, { cwd: temp() });
const sort = (...args: string[]) => run('sort', PORTRAITS, '-d', 'hog', ...args);

test('sorts photos into people, and says what changed when it is repeated', async () => {
  const first = await sort();
  expect(first).toMatchObject({ code: 0 });
  expect(first.stdout).toMatch(/^\d+ (person|people) on \d+ photos/);
  const folders = foldersOf(temp('people'));
  expect(folders.has('Person 01')).toBe(true);
  expect(folders.get('Person 01')?.length).toBeGreaterThanOrEqual(3);
  expect(existsSync(temp('people/index.html'))).toBe(true);
  expect(readFileSync(temp('people/index.html'), 'utf8')).toContain('.data/page/index.html');
  expect(existsSync(temp('people/.data/page/index.html'))).toBe(true);

  const before = treeOf(temp('people'));
  const again = await run('sort');
  expect(again).toMatchObject({ code: 0 });
  expect(again.stdout).not.toMatch(/Changed:|Took over:/);
  expect(treeOf(temp('people'))).toEqual(before);
});

test('what was left out once is left out again, until nothing is to be left out', async () => {
  expect(await sort('--exclude', 'franck*', '--min-photos', '1')).toMatchObject({ code: 0 });
  const all = () => [...foldersOf(temp('people')).values()].flat();
  expect(all().length).toBeGreaterThan(10);
  expect(await run('sort')).toMatchObject({ code: 0 });
  expect(all().filter((name) => name.startsWith('franck'))).toEqual([]);
  expect(await run('sort', '--exclude', '')).toMatchObject({ code: 0 });
  expect(all().filter((name) => name.startsWith('franck'))).not.toEqual([]);
});

test('a folder of photos is enough', async () => {
  const result = await run(PORTRAITS, '-d', 'hog', '-o', 'here');
  expect(result).toMatchObject({ code: 0 });
  expect(foldersOf(temp('here')).has('Person 01')).toBe(true);
});

test('takes over what was done to the folder, and undoes it', async () => {
  await sort();
  const [folder] = readdirSync(temp('people')).filter((name) => name.startsWith('Person 01'));
  renameSync(temp('people', folder as string), temp('people/Franck'));
  const removed = readdirSync(temp('people/Franck'))[0] as string;
  rmSync(temp('people/Franck', removed));
  const again = await run('sort');
  expect(again.stdout).toContain('Took over: Person 01 is now Franck');
  expect(again.stdout).toMatch(/Took over: .*no longer Franck/);
  const folders = foldersOf(temp('people'));
  expect(folders.get('Franck')).not.toContain(removed);
  expect(existsSync(join(PORTRAITS, removed))).toBe(true);

  expect((await run('people')).stdout).toContain('Franck');
  expect((await run('people', '--history')).stdout).toMatch(/1 .*folder: Person 01 is called Franck/);
  expect(await run('undo', '--all')).toMatchObject({ code: 0 });
  expect(foldersOf(temp('people')).get('Person 01')).toContain(removed);
});

test.each(['hardlink', 'symlink', 'copy'])(
  'a photo that is overwritten in place leaves the folder of who was on it before (%s)',
  async (files) => {
    const photos = temp('photos');
    cpSync(PORTRAITS, photos, { recursive: true, filter: (path) => !/\.(mp4|webm)$/.test(path) });
    expect(await run('sort', photos, '-d', 'hog', '--files', files)).toMatchObject({ code: 0 });
    const [known, empty, ...rest] = foldersOf(temp('people')).get('Person 01') as [string, string];
    const picture = readFileSync(join(photos, 'audrey.jpg'));
    const nobody = readFileSync(join(photos, 'icon_sad.png'));
    writeFileSync(join(photos, known), picture);
    writeFileSync(join(photos, empty), nobody);
    const { stdout } = await run('sort');
    expect(stdout).not.toMatch(/Noticed|Took over/);
    expect(foldersOf(temp('people')).get('Person 01')).toEqual(rest);
    expect(JSON.parse((await run('people', '--history', '--json')).stdout)).toEqual([]);
    expect([readFileSync(join(photos, known)), readFileSync(join(photos, empty))]).toEqual([picture, nobody]);
  },
);

test('commands decide the same', async () => {
  await sort('--min-photos', '1');
  const [one, two] = JSON.parse((await run('people', '--json')).stdout);
  expect(await run('name', String(one.id), 'Anna Schmidt')).toMatchObject({ code: 0 });
  expect(await run('merge', String(two.id), 'anna schmidt')).toMatchObject({ code: 0 });
  const folder = readdirSync(temp('people')).find((name) => name.startsWith('Anna Schmidt')) as string;
  const photos = readdirSync(temp('people', folder));
  expect(photos.length).toBe(one.photos + two.photos);
  const photo = `people/${folder}/${photos[0]}`;
  expect(await run('not', 'Anna Schmidt', photo)).toMatchObject({ code: 0 });
  expect(foldersOf(temp('people')).get('Anna Schmidt')).not.toContain(photos[0]);
  const other = foldersOf(temp('people')).get('Anna Schmidt')?.[0] as string;
  const now = readdirSync(temp('people')).find((name) => name.startsWith('Anna Schmidt')) as string;
  expect(await run('split', 'Anna Schmidt', `people/${now}/${other}`, '--name', 'Berta')).toMatchObject({
    code: 0,
  });
  expect(foldersOf(temp('people')).get('Berta')).toEqual([other]);
  expect(await run('hide', 'Berta')).toMatchObject({ code: 0 });
  expect(foldersOf(temp('people')).has('Berta')).toBe(false);
  expect(await run('undo')).toMatchObject({ code: 0 });
  expect(foldersOf(temp('people')).has('Berta')).toBe(true);
  const noFace = await run('not', 'Berta', `people/Berta (1)/${other}`, '--no-face');
  expect(noFace).toMatchObject({ code: 0, stdout: expect.stringContaining('1 face: not a face.\n') });
});

test('who may be one is suggested, and not again when that was answered', async () => {
  // So strict that one man is several people.
  await sortPhotos({
    photos: PORTRAITS,
    output: temp('people'),
    method: 'hog',
    threshold: 0.35,
    minPhotos: 1,
  });
  const listed = await run('suggest');
  expect(listed.stdout).toMatch(/^ {2}1 {2}Person \d+ \(\d+ photos?\) and Person \d+/);
  const [first] = JSON.parse((await run('suggest', '--json')).stdout);
  expect(await run('suggest', '--no', '1')).toMatchObject({ code: 0 });
  const rest = JSON.parse((await run('suggest', '--json')).stdout);
  expect(rest.map(({ people }: { people: number[] }) => people)).not.toContainEqual(first.people);
});

test('answers on pairs that share people, at once, and people who are named twice', async () => {
  await sortPhotos({
    photos: PORTRAITS,
    output: temp('people'),
    method: 'hog',
    threshold: 0.35,
    minPhotos: 1,
  });
  const [a, b, c] = JSON.parse((await run('people', '--json')).stdout).map(({ id }: { id: number }) => id);
  const ids = async () =>
    JSON.parse((await run('people', '--json')).stdout).map(({ id }: { id: number }) => id);
  // As they may be listed where several folders are one person.
  const listed = JSON.stringify([
    [a, b],
    [b, c],
    [c, a],
  ]);
  writeFileSync(temp('people/.data/suggested.json'), listed);
  expect(await run('suggest', '--yes', '1', '2', '3')).toMatchObject({ code: 0 });
  expect(await ids()).toEqual(expect.arrayContaining([a]));
  expect(await ids()).not.toEqual(expect.arrayContaining([b]));
  expect(await run('undo')).toMatchObject({ code: 0 });
  expect(await run('merge', `${b}`, `Person 0${b}`, `${a}`)).toMatchObject({ code: 0 });
});

test('another strictness is for new faces, unless everybody is to be found anew', async () => {
  const strict = { photos: PORTRAITS, output: temp('people'), method: 'hog' } as const;
  const { people: first } = await sortPhotos({ ...strict, threshold: 0.35 });
  expect(first.length).toBeGreaterThan(0);
  expect((await sortPhotos({ ...strict, threshold: 0.56 })).people[0]?.photos).toBeGreaterThan(
    first[0]?.photos as number,
  );
  const stricter = await run('sort', '--strictness', 'strict');
  expect(stricter.stdout).not.toContain('Changed:');
  expect(await run('name', '1', 'Franck')).toMatchObject({ code: 0 });
  const { people } = await sortPhotos({ ...strict, threshold: 0.35, minPhotos: 1, regroup: true });
  expect(people.find(({ name }) => name === 'Franck')?.id).toBe(1);
  expect(people.filter(({ name }) => name === undefined).every(({ id }) => id > first.length)).toBe(true);
});

test('the face that was chosen comes first on the page', async () => {
  await sort();
  const chosen = async () => (await readClusters(temp('people/.data/page/clusters.json'))).people[0];
  const before = await chosen();
  expect(before?.cover).toBeNull();
  const last = before?.faces.findLast(({ index }) => index !== before.representative);
  await arrangePeople({
    output: temp('people'),
    decide: ({ people }) => people.cover({ photo: last?.photoId as string, box: last?.box as Box }),
  });
  const after = await chosen();
  expect(after?.cover).toBe(last?.index);
  const overview = readFileSync(temp('people/.data/page/gallery/data/overview.js'), 'utf8');
  expect(overview).toContain(
    `"cover":["${after?.faces.find(({ index }) => index === after.cover)?.thumbnail}"`,
  );
});

test('a decision is kept when the command is stopped, and it says so', async () => {
  await sort();
  const stopped = await runCli(['name', '1', 'Franck'], {
    cwd: temp(),
    env: atMoment({ said: 'Comparing the faces' }, 'SIGINT'),
  });
  expect(stopped).toMatchObject({
    code: 130,
    stderr: expect.stringContaining('Person 01 is Franck now.\nThat holds.'),
  });
  expect(JSON.parse((await run('people', '--json')).stdout)).toMatchObject([{ id: 1, name: 'Franck' }]);
  expect((await run('sort')).stdout).toContain('Franck');
});

test.each([
  [['name', '77', 'Anna'], /There is nobody called "77"/],
  [['name', '1', 'a\nb'], /name/],
  [['not', '1', 'nowhere.jpg'], /not among the photos/],
  [['merge', '1'], /two people/],
  [['undo', '77'], /no decision 77 that could be undone/],
  [['suggest', '--yes', '99'], /no pair 99|Nobody was suggested/],
])('%j is refused, and changes nothing', async (args, message) => {
  await sort();
  const before = treeOf(temp('people'));
  const result = await run(...args);
  expect([1, 2]).toContain(result.code);
  expect(result.stderr).toMatch(message);
  expect(treeOf(temp('people'))).toEqual(before);
});

test('a path into a folder that has another number of photos by now is refused with its name of now', async () => {
  await sort();
  const folder = () => readdirSync(temp('people')).find((name) => name.startsWith('Person 01 (')) as string;
  const before = folder();
  const [first, second] = readdirSync(temp('people', before)) as [string, string];
  expect(await run('not', '1', join('people', before, first))).toMatchObject({ code: 0 });
  const now = folder();
  expect(now).not.toBe(before);
  const again = () => run('not', '1', join('people', before, second));
  const told = `The folder "${join('people', before)}" is called "${join('people', now)}" now: the number is that of its photos.`;
  expect(await again()).toMatchObject({ code: 2, stderr: expect.stringContaining(told) });
  // Of two folders of that name it is the one that has the photo, if that is one.
  const other = temp('people', 'Person 01 (1) 2');
  mkdirSync(other);
  expect((await again()).stderr).toContain(told);
  writeFileSync(join(other, second), '');
  expect((await again()).stderr).toContain(
    `"${join('people', before, second)}" is not among the photos that were sorted.`,
  );
});

test('what is no folder of a person is never called the name that a folder has now', async () => {
  await sort();
  const refused = async (path: string) =>
    expect(await run('not', '1', path)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(`"${path}" is not among the photos that were sorted.`),
    });
  writeFileSync(temp('people', 'Somebody'), 'a note');
  await refused(join('people', 'Somebody (2)', 'a.jpg'));
  symlinkSync('nowhere', temp('people', 'Elsewhere (2)'));
  await refused(join('people', 'Elsewhere (2)', 'a.jpg'));
  // A number in the name of any other folder is not ours.
  mkdirSync(temp('trips', 'Rome'), { recursive: true });
  await refused(join('trips', 'Rome (2)', 'a.jpg'));
});

test('without photos, or in a folder of something else', async () => {
  expect(await run('sort')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('Give the folder with your photos'),
  });
  expect(await run('people')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('No photos were sorted'),
  });
  mkdirSync(temp('mine'));
  writeFileSync(temp('mine/letter.txt'), 'x');
  const result = await sort('-o', 'mine');
  expect(result).toMatchObject({ code: 1 });
  expect(result.stderr).toContain('mine');
  expect(readdirSync(temp('mine'))).toEqual(['letter.txt']);
});

test('photos that are away are not forgotten by mistake', async () => {
  mkdirSync(temp('photos'));
  for (const name of readdirSync(PORTRAITS).filter((name) => name.startsWith('franck'))) {
    writeFileSync(temp('photos', name), readFileSync(join(PORTRAITS, name)));
  }
  expect(await run('sort', 'photos', '-d', 'hog')).toMatchObject({ code: 0 });
  const before = treeOf(temp('people'));
  renameSync(temp('photos'), temp('gone'));
  mkdirSync(temp('others'));
  cpSync(join(PORTRAITS, 'audrey.jpg'), temp('others/audrey.jpg'));
  const result = await run('sort', 'others');
  expect(result).toMatchObject({ code: 1, stderr: expect.stringMatching(/disk missing\?.*--forget/s) });
  expect(treeOf(temp('people'))).toEqual(before);
  // Nor where everything is looked at anew.
  expect(await run('sort', 'others', '--fresh')).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/disk missing\?.*--forget/s),
  });
  expect(treeOf(temp('people'))).toEqual(before);
  // Moved, they are known again.
  expect(await run('sort', 'gone')).toMatchObject({ code: 0 });
  expect(treeOf(temp('people'))).toEqual(before);
  // Nor where others are to be forgotten.
  expect(await run('sort', 'others')).toMatchObject({ code: 0 });
  const both = treeOf(temp('people'));
  renameSync(temp('gone'), temp('away'));
  mkdirSync(temp('more'));
  cpSync(join(PORTRAITS, 'audrey.jpg'), temp('more/audrey.jpg'));
  const forgetting = await run('sort', 'more', '--forget', 'others');
  expect(forgetting).toMatchObject({ code: 1, stderr: expect.stringMatching(/disk missing\?.*--forget/s) });
  expect(treeOf(temp('people'))).toEqual(both);
  renameSync(temp('away'), temp('gone'));
  rmSync(temp('gone'), { recursive: true });
  const forgotten = await run('sort', 'others', '--forget', 'gone', '--forget', 'misspelt');
  expect(forgotten).toMatchObject({ code: 0 });
  expect(forgotten.stdout.match(/Not forgotten: .*/g)).toEqual([expect.stringContaining('misspelt')]);
  // What was nowhere else is kept.
  expect(statSync(temp('people/kept-originals-not-found')).isDirectory()).toBe(true);
});
