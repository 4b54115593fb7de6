import { appendFileSync, readFileSync } from 'node:fs';
import type { DecisionToMake } from '../../src/people/decisions';
import { People } from '../../src/people/people';
import { useTempFolder } from '../support/files';
import { rejection } from '../support/photos';
import { faceOn, facesAt, grouped, stateOf } from './support';

const inFolder = useTempFolder();
let people: People;
const anna = facesAt(0, 6, 'Anna');
const ben = facesAt(1, 4, 'Ben');
const eva = facesAt(2, 3, 'Eva');
const all = [...anna, ...ben, ...eva];
const text = () => readFileSync(inFolder('people.jsonl'), 'utf8');
const state = () => stateOf(people, all);

beforeEach(async () => {
  people = await People.open(inFolder('people.jsonl'), { by: 'test' });
  await people.update(...grouped([anna, ben, eva]));
});
afterEach(() => people.close());

const gesture: readonly DecisionToMake[] = [
  { do: 'name', person: 1, name: 'Anna' },
  ...ben.slice(0, 2).map((face) => ({ do: 'is' as const, face, person: 1 })),
  { do: 'merge', person: 3, into: 1 },
];

test('a gesture is made together, and its lines name its first', async () => {
  const made = await people.decide(gesture, { by: 'a folder' });
  expect(made.map(({ id, by, with: first, do: kind }) => [id, by, first, kind])).toEqual([
    [1, 'a folder', undefined, 'name'],
    [2, 'a folder', 1, 'is'],
    [3, 'a folder', 1, 'is'],
    [4, 'a folder', 1, 'merge'],
  ]);
  expect(
    text()
      .trimEnd()
      .split('\n')
      .slice(1)
      .map((line) => JSON.parse(line)),
  ).toEqual(made);
  expect(people.list()).toMatchObject([
    { id: 1, name: 'Anna', photos: 11 },
    { id: 2, photos: 2 },
  ]);
  const now = state();
  await people.close();
  people = await People.open(inFolder('people.jsonl'));
  expect(state()).toBe(now);
});

test('each decision is checked as if those before were made', async () => {
  const [, , cover] = await people.decide([
    { do: 'is', face: ben[0] as (typeof ben)[0], person: 1 },
    { do: 'merge', person: 2, into: 3 },
    { do: 'cover', face: ben[0] as (typeof ben)[0] },
    { do: 'unname', person: 3 },
  ]);
  expect(cover).toMatchObject({ person: 1 });
  expect(
    await rejection(
      people.decide([
        { do: 'merge', person: 3, into: 1 },
        { do: 'name', person: 3, name: 'Eva' },
      ]),
    ),
  ).toMatchObject({ argument: 'decisions[1].person', message: expect.stringContaining('this is 1') });
});

test('all or none: what one of them can not be leaves no line', async () => {
  const [before, lines] = [state(), text()];
  for (const [wrong, argument] of [
    [{ do: 'name', person: 9, name: 'Zoe' }, 'decisions[4].person'],
    [{ do: 'is', face: faceOn('unknown', 0), person: 1 }, 'decisions[4].face'],
    [{ do: 'love', person: 1 }, 'decisions[4].do'],
    [{ do: 'undo', of: 1 }, 'decisions[4].do'],
    [{ do: 'hide', person: 1, name: 'Anna' }, 'name'],
    [null, 'decisions[4].decision'],
  ] as [DecisionToMake, string][]) {
    expect(await rejection(people.decide([...gesture, wrong]))).toMatchObject({
      code: 'FACE_INVALID_ARGUMENT',
      argument,
    });
  }
  expect(await rejection(people.decide([]))).toMatchObject({ argument: 'decisions' });
  expect([state(), text()]).toEqual([before, lines]);
  // Nor does it stand in the way of what comes next.
  expect(await people.hide(1)).toMatchObject({ id: 1 });
});

describe('undo', () => {
  test('the last gesture as a whole, by one line, and back', async () => {
    await people.hide(2);
    const before = state();
    await people.decide(gesture);
    const after = state();
    const undone = await people.undo();
    expect(undone).toMatchObject({ id: 6, do: 'undo', of: 2 });
    expect(state()).toBe(before);
    expect(people.decisions().map(({ counts }) => counts)).toEqual([true, false, false, false, false, true]);
    await people.undo(undone.id);
    expect(state()).toBe(after);
    await people.undo();
    await people.undo();
    expect(people.list().map(({ hidden }) => hidden)).toEqual([false, false, false]);
  });

  test('of one in the middle, just that; it stays undone when the others are back', async () => {
    await people.decide(gesture);
    await people.undo(2);
    const without = state();
    expect(people.list()).toMatchObject([{ id: 1, name: 'Anna', photos: 10 }, { id: 2 }]);
    const all0 = await people.undo();
    expect(all0).toMatchObject({ of: 1 });
    expect(people.list().map(({ name, photos }) => [name, photos])).toEqual([
      [undefined, 6],
      [undefined, 4],
      [undefined, 3],
    ]);
    await people.undo(all0.id);
    expect(state()).toBe(without);
    await people.undo(5);
    expect(people.list()).toMatchObject([{ id: 1, photos: 11 }, { id: 2 }]);
  });

  test('after opening', async () => {
    await people.decide(gesture);
    await people.undo();
    const undone = state();
    await people.close();
    people = await People.open(inFolder('people.jsonl'));
    expect(state()).toBe(undone);
    expect(await rejection(people.undo())).toMatchObject({ argument: 'id' });
  });
});

test('decisions that join a gesture later are undone with it', async () => {
  const { id, as } = await people.split(anna.slice(0, 2));
  await people.hide(2);
  const before = state();
  expect(await people.decide([{ do: 'name', person: as, name: 'Ann' }], { with: id })).toMatchObject([
    { id: 3, with: 1 },
  ]);
  // By any of its decisions.
  expect(await people.hide(as, { with: 3 })).toMatchObject({ id: 4, with: 1 });
  expect(await people.undo()).toMatchObject({ of: 1 });
  expect(people.list().map(({ id: person, photos, hidden }) => [person, photos, hidden])).toEqual([
    [1, 6, false],
    [2, 4, true],
    [3, 3, false],
  ]);
  for (const none of [1, 5, 99, 0.5]) {
    expect(await rejection(people.hide(1, { with: none }))).toMatchObject({ argument: 'with' });
  }
  const back = await people.undo(5);
  // One that joins it now is undone, too, when the first undo holds again.
  await people.is(eva[0] as (typeof eva)[0], 1, { with: id });
  await people.undo(back.id);
  expect(people.personOf(eva[0] as (typeof eva)[0])).toBe(3);
  await people.undo(8);
  await people.undo(7);
  await people.undo(3);
  await people.undo(4);
  expect(state()).toBe(before);
});

test('a gesture whose first line somebody has taken out by hand is still one', async () => {
  await people.close();
  const base = { at: '2026-01-02T03:04:05Z', by: 'hand', with: 3 };
  for (const line of [
    { id: 4, ...base, do: 'name', person: 1, name: 'Anna' },
    { id: 5, ...base, do: 'hide', person: 2 },
  ])
    appendFileSync(inFolder('people.jsonl'), `${JSON.stringify(line)}\n`);
  people = await People.open(inFolder('people.jsonl'));
  expect(people.list()[0]?.name).toBe('Anna');
  expect(await people.undo()).toMatchObject({ id: 6, of: 3 });
  expect(people.list().map(({ name, hidden }) => [name, hidden])).toEqual([
    [undefined, false],
    [undefined, false],
    [undefined, false],
  ]);
});

test('two thousand merges in a row are one gesture', async () => {
  const many = Array.from({ length: 2000 }, (_, i) => faceOn(`one ${i}`, i));
  const { newPeople } = await people.update(...grouped(many.map((face) => [face])));
  const chain = newPeople
    .slice(1)
    .map((into, i) => ({ do: 'merge', person: newPeople[i] as number, into }) as const);
  await people.decide(chain);
  expect(people.list()).toMatchObject([{ id: newPeople.at(-1), photos: 2000 }]);
  await people.undo();
  expect(people.list()).toHaveLength(2000);
});
