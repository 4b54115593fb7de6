import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { groupBy } from '../../src/base/maps';
import type { FaceRecord } from '../../src/base/types';
import type { GroupedFace } from '../../src/people/carry-over';
import { People } from '../../src/people/people';
import { PeopleFolder } from '../../src/result/people-folder/people-folder';
import type { FoundFaces } from '../../src/sort/found-faces';
import { shownPeople } from '../../src/sort/shown';
import { takeOver } from '../../src/sort/take-over';
import { Collection, photoId } from '../result/people-folder/support';
import { useTempFolder } from '../support/files';

/*
 * What was done to the folder, taken over by people who are on file: several things at once, and things that are told a second
 * time, or on people who are somebody else by now, because the run that took them over was killed before the folder was right.
 */
const temp = useTempFolder();
let photos: Collection;
let people: People;
let groups: string[];

/** As many photos as letters, each with the face of one person; a blank parts people. */
async function sorted(who: string): Promise<void> {
  photos = new Collection(temp, 'copy');
  groups = who.split(' ');
  people = await People.open(temp('people.jsonl'));
  await people.update(faces(), labels());
  await arrange();
}

afterEach(() => people.close());

function faces(): GroupedFace[] {
  return groups.flatMap((names, at) =>
    [...names].map((name) => ({
      photo: photoId(name),
      box: { top: 0, right: 10, bottom: 10, left: 0 },
      encoding: Float64Array.of(at),
    })),
  );
}

function labels(): number[] {
  return groups.flatMap((names, at) => [...names].map(() => at));
}

function found(): FoundFaces {
  const all = faces();
  for (const name of groups.join('')) if (!photos.made.has(name)) photos.made.add(photos.make(name) && name);
  const records = groups
    .join('')
    .split('')
    .map((name) => ({ imagePath: photos.photo(name) }) as FaceRecord);
  const unclear = all.map(() => false);
  return {
    faces: all,
    records,
    photos: { file: (path: string) => photos.file(path.slice(path.lastIndexOf('/') + 1, -4)) },
    toCluster: { unclear },
    onPhoto: groupBy(all.keys(), (i) => all[i]?.photo as string),
  } as unknown as FoundFaces;
}

/** Brings the folder up to date. */
async function arrange(): Promise<void> {
  const folder = await PeopleFolder.open(photos.people);
  await folder.gestures();
  await folder.apply(await folder.plan(shownPeople(people, found(), 1).folders), 'copy');
}

/** What a run says that is killed before it brings the folder up to date. */
async function told(): Promise<string[]> {
  const folder = await PeopleFolder.open(photos.people);
  return (await takeOver(folder, people, found(), undefined)).map(({ message }) => message);
}

/** Who is on which photos. */
function who(): Record<string, string> {
  const names = new Map([...groups.join('')].map((name) => [photoId(name), name]));
  return Object.fromEntries(
    people
      .list()
      .filter(({ faces }) => faces.length > 0)
      .map(({ id, name, hidden, faces }) => [
        `${name ?? id}${hidden ? ' hidden' : ''}`,
        faces
          .map(({ photo }) => names.get(photo))
          .sort()
          .join(''),
      ]),
  );
}

const move = (from: string, to: string) => renameSync(photos.in(from), photos.in(to));

test('what nothing follows from is said, and no decision', async () => {
  await sorted('abc de');
  rmSync(photos.in('Person 01 (3)'), { recursive: true });
  rmSync(photos.in('Person 02 (2)'), { recursive: true });
  expect(await told()).toEqual([expect.stringContaining('All folders of people are gone')]);
  expect(people.decisions()).toEqual([]);
});

test.each<[string, string, () => void, number, Record<string, string>]>([
  [
    'a folder that was put into another',
    'abcd efg hi',
    () => move('Person 02 (3)', 'Person 01 (4)/Person 02 (3)'),
    1,
    { 1: 'abcdefg', 3: 'hi' },
  ],
  [
    'and from which a photo was deleted',
    'abcd efg hi',
    () => {
      rmSync(photos.in('Person 02 (3)/e.jpg'));
      move('Person 02 (3)', 'Person 01 (4)/Person 02 (3)');
    },
    2,
    { 1: 'abcdfg', 3: 'hi' },
  ],
  [
    'and into which one was moved',
    'abcd efg hi',
    () => {
      move('Person 03 (2)/h.jpg', 'Person 02 (3)/h.jpg');
      move('Person 02 (3)', 'Person 01 (4)/Person 02 (3)');
    },
    2,
    { 1: 'abcdefgh', 3: 'i' },
  ],
  [
    'a folder in one in another',
    'abcd efg hi',
    () => {
      move('Person 02 (3)', 'Person 01 (4)/Person 02 (3)');
      move('Person 01 (4)', 'Person 03 (2)/Person 01 (4)');
    },
    2,
    { 3: 'abcdefghi' },
  ],
  [
    'a folder that was deleted',
    'abcd efg hi',
    () => rmSync(photos.in('Person 03 (2)'), { recursive: true }),
    1,
    {
      1: 'abcd',
      2: 'efg',
      '3 hidden': 'hi',
    },
  ],
  [
    'all photos of somebody, in two new folders',
    'abcd efg hi',
    () => {
      for (const name of ['Anna', 'Ben']) mkdirSync(photos.in(name));
      for (const name of ['a', 'b']) move(`Person 01 (4)/${name}.jpg`, `Anna/${name}.jpg`);
      for (const name of ['c', 'd']) move(`Person 01 (4)/${name}.jpg`, `Ben/${name}.jpg`);
    },
    3,
    { Anna: 'ab', Ben: 'cd', 2: 'efg', 3: 'hi' },
  ],
])('%s: taken over once, though the run is killed', async (_, start, change, decisions, expected) => {
  await sorted(start);
  change();
  await told();
  expect(who()).toEqual(expected);
  expect(people.decisions()).toHaveLength(decisions);
  await told();
  expect(people.decisions()).toHaveLength(decisions);
  await arrange();
  expect(await told()).toEqual([]);
  expect(who()).toEqual(expected);
});

test('a folder of somebody who has been found to be another since names that one', async () => {
  await sorted('abcd efg hi');
  // Killed when people were known, but the folder was still that of before.
  await people.update(
    faces(),
    labels().map((label) => Math.min(label, 1)),
  );
  expect(who()).toEqual({ 1: 'abcd', 2: 'efghi' });
  move('Person 03 (2)', 'Carl');
  expect(await told()).toEqual(['Person 02 is now Carl.']);
  expect(who()).toEqual({ 1: 'abcd', Carl: 'efghi' });
});

test('a folder of somebody who is nobody any more names nobody, and says so', async () => {
  await sorted('abcd efg hi');
  await people.dissolve();
  move('Person 03 (2)', 'Carl');
  expect(await told()).toEqual([expect.stringContaining('Person 03 is nobody any more')]);
  expect(people.decisions()).toEqual([]);
});

test('what was decided after it holds, though the run was killed that took it over', async () => {
  await sorted('abcd efg hi');
  move('Person 03 (2)', 'Carl');
  rmSync(photos.in('Person 01 (4)/a.jpg'));
  expect(await told()).toEqual(['Person 03 is now Carl.', "1 photo is no longer Person 01's."]);
  await people.name(3, 'Karl');
  await people.undo(2);
  expect(await told()).toEqual([]);
  expect(who()).toEqual({ 1: 'abcd', 2: 'efg', Karl: 'hi' });
  // What is done next is told.
  rmSync(photos.in('Person 01 (4)/b.jpg'));
  expect(await told()).toEqual(["1 photo is no longer Person 01's."]);
  await arrange();
  expect(who()).toEqual({ 1: 'acd', 2: 'efg', Karl: 'hi' });
  rmSync(photos.in('Person 01 (3)/a.jpg'));
  expect(await told()).toEqual(["1 photo is no longer Person 01's."]);
});
