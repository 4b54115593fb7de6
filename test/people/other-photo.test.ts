import { rmSync } from 'node:fs';
import { People } from '../../src/people/people';
import { useTempFolder } from '../support/files';

/*
 * What photos say of themselves is part of their bytes, and by these they are known: a photo into which some program has written a
 * keyword is another one. A face that is the same on it, to the last bit, is told so by `was`.
 */
const temp = useTempFolder();

const photo = (letter: string) => letter.repeat(64);
const box = { top: 0, right: 10, bottom: 10, left: 0 };
/** Whose each is: somebody is told by a number, and no two are alike. */
const face = (letter: string, who: number, ...was: readonly string[]) => ({
  photo: photo(letter),
  box,
  encoding: Float64Array.of(who),
  ...(was.length > 0 && { was: was.map(photo) }),
});

let people: People;
const open = async () => {
  people = await People.open(temp('people.jsonl'));
};
beforeEach(open);
afterEach(() => people.close());

/** Groups everybody with whom they look like. */
const update = (...faces: readonly ReturnType<typeof face>[]) =>
  people.update(
    faces,
    faces.map(({ encoding }) => encoding[0] as number),
  );

const names = () => people.list().map(({ name, faces }) => [name, faces.map((one) => one.photo[0]).join('')]);

async function annaAndBen(): Promise<void> {
  await update(face('a', 1), face('b', 1), face('c', 2));
  const [anna, ben] = people.list().map(({ id }) => id) as [number, number];
  await people.name(anna, 'Anna');
  await people.name(ben, 'Ben');
}

test('all photos at once: everybody keeps name and number', async () => {
  await annaAndBen();
  const numbers = people.list().map(({ id }) => id);
  const changes = await update(face('d', 1, 'a'), face('e', 1, 'b'), face('f', 2, 'c'));
  expect(changes).toMatchObject({ newPeople: [], joined: [], absorbed: [], gone: 0 });
  expect(names()).toEqual([
    ['Anna', 'de'],
    ['Ben', 'f'],
  ]);
  expect(people.list().map(({ id }) => id)).toEqual(numbers);
});

test('who they are is known before a run has grouped them', async () => {
  await annaAndBen();
  const faces = [face('d', 1, 'a'), face('f', 2, 'c')];
  expect(people.constraints(faces).people).toEqual(Int32Array.from(people.list().map(({ id }) => id)));
  expect(people.constraints(faces).fresh).toEqual([]);
});

test('decisions on faces hold, also when the file of faces was written and read, and when photos change again', async () => {
  await annaAndBen();
  const ben = people.list()[1]?.id as number;
  await people.decide([
    { do: 'is', face: face('a', 1), person: ben },
    { do: 'not-a-face', face: face('b', 1) },
  ]);
  await update(face('d', 1, 'a'), face('e', 1, 'b'), face('f', 2, 'c'));
  await people.close();
  await open();
  await update(face('1', 1, 'd'), face('2', 1, 'e'), face('3', 2, 'f'));
  expect(names()).toEqual([
    ['Anna', ''],
    ['Ben', '13'],
  ]);
  expect(people.isFace(face('2', 1))).toBe(false);
  // Undone, all is as it was.
  await people.undo();
  expect(names()).toEqual([
    ['Anna', '12'],
    ['Ben', '3'],
  ]);
});

test('the photo of before comes back', async () => {
  await annaAndBen();
  await update(face('d', 1, 'a'), face('b', 1), face('c', 2));
  await update(face('a', 1, 'd'), face('b', 1), face('c', 2));
  expect(names()).toEqual([
    ['Anna', 'ab'],
    ['Ben', 'c'],
  ]);
});

test('both are there: two photos, and what was decided on one is of that one', async () => {
  await annaAndBen();
  const anna = people.list()[0]?.id as number;
  await people.decide([{ do: 'not', face: face('a', 1), person: anna }]);
  await update(face('a', 1, 'd'), face('d', 1, 'a'), face('b', 1), face('c', 2));
  const all = people
    .list()
    .find(({ id }) => id === anna)
    ?.faces.map((one) => one.photo[0]);
  expect(all).toEqual(['b', 'd']);
});

test('found again by what decisions alone say', async () => {
  await annaAndBen();
  await people.close();
  rmSync(temp('people.jsonl.faces'));
  await open();
  await update(face('d', 1, 'a'), face('e', 1, 'b'), face('f', 2, 'c'));
  expect(names()).toEqual([
    ['Anna', 'de'],
    ['Ben', 'f'],
  ]);
});

test('arguments', async () => {
  const wrong = { ...face('a', 1), was: ['nothing'] };
  await expect(people.update([wrong], [0])).rejects.toMatchObject({ argument: 'faces[0].was' });
});
