import { copyFileSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { groupBy } from '../../src/base/maps';
import { invalidArgument } from '../../src/base/validate';
import type { GroupedFace } from '../../src/people/carry-over';
import { People } from '../../src/people/people';
import type { FoundFaces } from '../../src/sort/found-faces';
import { takeOver } from '../../src/sort/take-over';
import { Collection, photoId, type Wanted } from '../result/people-folder/support';
import { useTempFolder } from '../support/files';

const temp = useTempFolder();

/** Each photo with one face, of the person of that number; 0: nobody. */
const ON = { a: 1, b: 1, c: 1, d: 2, e: 2, f: 2, g: 3, h: 3, i: 3, j: 4, k: 4, l: 4, m: 0, n: 0 };

const faces: GroupedFace[] = Object.entries(ON).map(([name, person]) => {
  const encoding = new Float64Array(128);
  encoding[person === 0 ? name.charCodeAt(0) : person] = 1;
  return { photo: photoId(name), box: { top: 0, right: 90, bottom: 90, left: 0 }, encoding };
});

const found = {
  faces,
  toCluster: { unclear: faces.map(() => false) },
  onPhoto: groupBy(faces.keys(), (place) => (faces[place] as GroupedFace).photo),
} as unknown as FoundFaces;

test('what was done to the folder is decided once, though the run was killed before the folder was brought up to date', async () => {
  const people = await People.open(temp('people.jsonl'), { by: 'test' });
  const labels = Object.values(ON).map((person) => person - 1);
  const { newPeople } = await people.update(faces, labels);
  const folder = new Collection(temp, 'hardlink');
  const wanted: Wanted = Object.fromEntries(
    newPeople.map((id) => {
      const own = Object.keys(ON).filter((_, i) => people.personOf(faces[i] as GroupedFace) === id);
      return [id, own.join(' ')];
    }),
  );
  await folder.run({ ...wanted, unsorted: 'm n' });
  renameSync(folder.in('Person 01 (3)'), folder.in('Anna'));
  renameSync(folder.in('Person 03 (3)'), folder.in('Anna', 'Person 03 (3)'));
  renameSync(folder.in('Not sorted', 'm.jpg'), folder.in('Anna', 'm.jpg'));
  rmSync(folder.in('Person 04 (3)'), { recursive: true });
  const moved = wanted[2]?.split(' ')[0] as string;
  mkdirSync(folder.in('Emma'));
  renameSync(folder.in('Person 02 (3)', `${moved}.jpg`), folder.in('Emma', `${moved}.jpg`));
  copyFileSync(folder.photo('n'), folder.in('Emma', 'n.jpg'));
  const first = await takeOver(await folder.open(), people, found, undefined);
  expect(first.filter(({ decision }) => decision !== undefined)).toHaveLength(5);
  const then = people.list();
  expect(then.map(({ name }) => name)).toEqual(['Anna', undefined, undefined, 'Emma']);
  // As if it had been killed there.
  const again = await takeOver(await folder.open(), people, found, undefined);
  expect(again).toEqual([]);
  const plain = (list: typeof then) =>
    list.map(({ id, name, hidden, faces }) => ({ id, name, hidden, faces }));
  expect(plain(people.list())).toEqual(plain(then));
  await people.close();
});

test('what can not be decided is said, and is no end of it', async () => {
  const people = await People.open(temp('people.jsonl'), { by: 'test' });
  await people.update(
    faces,
    Object.values(ON).map((person) => person - 1),
  );
  const folder = new Collection(temp, 'hardlink');
  const own = Object.keys(ON).filter((_, i) => people.personOf(faces[i] as GroupedFace) === 1);
  await folder.run({ 1: own.join(' '), unsorted: 'x y z' });
  mkdirSync(folder.in('Zoe'));
  for (const name of own)
    renameSync(folder.in('Person 01 (3)', `${name}.jpg`), folder.in('Zoe', `${name}.jpg`));
  // No faces are known on these: all that is in the folder is one person, who is there already.
  for (const name of 'xyz')
    renameSync(folder.in('Not sorted', `${name}.jpg`), folder.in('Zoe', `${name}.jpg`));
  const decide = jest.spyOn(people, 'decide').mockRejectedValueOnce(invalidArgument('person', 'a person', 1));
  const taken = await takeOver(await folder.open(), people, found, undefined);
  expect(decide).toHaveBeenCalledTimes(1);
  expect(taken).toEqual([
    { message: expect.stringMatching(/^Nothing could be made of this: .*"Zoe"/), decision: undefined },
  ]);
  expect(people.decisions()).toEqual([]);
  // It is not told again, either.
  expect(await takeOver(await folder.open(), people, found, undefined)).toEqual([]);
  await people.close();
});
