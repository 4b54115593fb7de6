import type { GroupedFace } from '../../src/people/carry-over';
import type { FaceOnPhoto } from '../../src/people/decisions';
import { People } from '../../src/people/people';
import { useTempFolder } from '../support/files';
import { rejection } from '../support/photos';
import { faceOn, facesAt, grouped, stateOf } from './support';

const inFolder = useTempFolder();
let people: People;
const anna = facesAt(0, 6, 'Anna');
const ben = facesAt(1, 4, 'Ben');
const eva = facesAt(2, 3, 'Eva');
const nobody = facesAt(9, 2, 'nobody');
const all = [...anna, ...ben, ...eva, ...nobody];
const at = (faces: readonly GroupedFace[], place: number) => faces[place] as GroupedFace;
const names = () => people.list().map(({ id, name, photos }) => [id, name, photos]);

beforeEach(async () => {
  people = await People.open(inFolder('people.jsonl'), { by: 'test' });
  await people.update(...grouped([anna, ben, eva], nobody));
});
afterEach(() => people.close());

/** Does something, and makes sure that undoing it leaves nothing of it, and undoing that brings it back. */
async function undoable(decide: () => Promise<unknown>, check: () => void): Promise<void> {
  const before = stateOf(people, all);
  await decide();
  check();
  const after = stateOf(people, all);
  expect(after).not.toBe(before);
  const { id } = await people.undo();
  expect(stateOf(people, all)).toBe(before);
  await people.undo(id);
  expect(stateOf(people, all)).toBe(after);
  check();
}

test('name', () =>
  undoable(
    () => people.name(2, 'Ben'),
    () => expect(names()).toContainEqual([2, 'Ben', 4]),
  ));

test('another name', async () => {
  await people.name(2, 'Benn');
  await undoable(
    () => people.name(2, 'Ben 🙂 “of Köln”'),
    () => expect(names()).toContainEqual([2, 'Ben 🙂 “of Köln”', 4]),
  );
  await people.undo();
  expect(names()).toContainEqual([2, 'Benn', 4]);
});

test('two people of one name', async () => {
  await people.name(1, 'Kim');
  await people.name(2, 'Kim');
  expect(people.list().map(({ name }) => name)).toEqual(['Kim', 'Kim', undefined]);
});

test('merge', () =>
  undoable(
    () => people.merge(1, 3),
    () =>
      expect(names()).toEqual([
        [2, undefined, 4],
        [3, undefined, 9],
      ]),
  ));

test('merged into somebody without a name, a name stays; two names come apart again', async () => {
  await people.name(1, 'Anna');
  await people.merge(1, 3);
  expect(names()).toContainEqual([3, 'Anna', 9]);
  await people.name(3, 'Annie');
  expect(names()).toContainEqual([3, 'Annie', 9]);
  await people.undo(2);
  expect(names()).toEqual([
    [1, 'Anna', 6],
    [2, undefined, 4],
    [3, 'Annie', 3],
  ]);
});

test('merges of merges', async () => {
  await people.merge(3, 2);
  await people.merge(2, 1);
  expect(names()).toEqual([[1, undefined, 13]]);
  // 3 is 2, who is 1 no more.
  await people.undo();
  expect(names()).toEqual([
    [1, undefined, 6],
    [2, undefined, 7],
  ]);
});

test('split', () =>
  undoable(
    async () => expect((await people.split(anna.slice(0, 2))).as).toBe(4),
    () =>
      expect(names()).toEqual([
        [1, undefined, 4],
        [2, undefined, 4],
        [3, undefined, 3],
        [4, undefined, 2],
      ]),
  ));

test('split off a merged person, of faces of several, of nobody', async () => {
  await people.merge(2, 1);
  expect((await people.split(ben)).as).toBe(4);
  expect((await people.split([at(anna, 0), at(eva, 0)])).as).toBe(5);
  expect((await people.split(nobody)).as).toBe(6);
  expect(names().map(([id, , photos]) => [id, photos])).toEqual([
    [1, 5],
    [3, 2],
    [4, 4],
    [5, 2],
    [6, 2],
  ]);
  expect(people.decisions().map((made) => 'person' in made && made.person)).toEqual([2, 1, false, false]);
});

test('the number of somebody whose split was undone is given to nobody', async () => {
  expect((await people.split(anna.slice(0, 2))).as).toBe(4);
  await people.undo();
  expect((await people.split(anna.slice(0, 2))).as).toBe(5);
  await people.undo();
  expect(await people.update(...grouped([anna, ben, eva, nobody]))).toMatchObject({ newPeople: [6] });
});

test('what was decided on somebody does not count while the split that made them does not', async () => {
  const before = stateOf(people, all);
  await people.split(anna.slice(0, 2));
  await people.name(4, 'Ann');
  await people.merge(4, 2);
  await people.is(at(eva, 0), 2);
  const after = stateOf(people, all);
  await people.undo(1);
  // Not that Anna is merged with Ben.
  expect(names()).toEqual([
    [1, undefined, 6],
    [2, undefined, 5],
    [3, undefined, 2],
  ]);
  await people.undo(5);
  expect(stateOf(people, all)).toBe(after);
  for (const id of [1, 2, 3, 4]) await people.undo(id);
  expect(stateOf(people, all)).toBe(before);
});

test('is', () =>
  undoable(
    () => people.is(at(anna, 0), 2),
    () => expect([at(anna, 0), at(anna, 1)].map((face) => people.personOf(face))).toEqual([2, 1]),
  ));

test('is, of a face that is nobody', () =>
  undoable(
    () => people.is(at(nobody, 0), 2),
    () => expect(people.personOf(at(nobody, 0))).toBe(2),
  ));

test('not', () =>
  undoable(
    () => people.not(at(anna, 0), 1),
    () => expect(people.personOf(at(anna, 0))).toBeUndefined(),
  ));

test('what was said last of a face holds', async () => {
  const face = at(anna, 0);
  await people.not(face, 1);
  await people.is(face, 1);
  expect(people.personOf(face)).toBe(1);
  await people.is(face, 2);
  await people.not(face, 2);
  // It was never said not to be Anna.
  expect(people.personOf(face)).toBe(1);
  await people.notFace(face);
  expect(people.personOf(face)).toBeUndefined();
  await people.is(face, 3);
  expect(people.personOf(face)).toBe(3);
  expect(people.isFace(face)).toBe(true);
});

test('not holds for whom the person is merged with', async () => {
  await people.not(at(anna, 0), 2);
  await people.merge(1, 2);
  expect(people.personOf(at(anna, 0))).toBeUndefined();
  expect(people.personOf(at(anna, 1))).toBe(2);
});

test('not a face', () =>
  undoable(
    () => people.notFace(at(anna, 0)),
    () => {
      expect(people.isFace(at(anna, 0))).toBe(false);
      expect(people.personOf(at(anna, 0))).toBeUndefined();
      expect(people.list()[0]?.faces).toHaveLength(5);
    },
  ));

test('hide, and show', async () => {
  await undoable(
    () => people.hide(2),
    () => expect(people.list().map(({ hidden }) => hidden)).toEqual([false, true, false]),
  );
  await undoable(
    () => people.show(2),
    () => expect(people.list().map(({ hidden }) => hidden)).toEqual([false, false, false]),
  );
});

test('unname takes the name away, also that of those who were merged into them before', async () => {
  await people.name(1, 'Anna');
  await people.merge(1, 3);
  await undoable(
    () => people.unname(3),
    () => expect(names()).toContainEqual([3, undefined, 9]),
  );
  // Who comes later brings their own.
  await people.name(2, 'Ben');
  await people.merge(2, 3);
  expect(names()).toEqual([[3, 'Ben', 13]]);
  await people.name(3, 'Annie');
  expect(names()).toEqual([[3, 'Annie', 13]]);
});

test('cover', async () => {
  await undoable(
    () => people.cover(at(anna, 2)),
    () => expect(people.list()[0]?.cover).toEqual({ photo: at(anna, 2).photo, box: at(anna, 2).box }),
  );
  // It is another's now.
  await people.is(at(anna, 2), 2);
  expect(people.list()[0]?.cover).toBeUndefined();
  await people.undo();
  await people.update(...grouped([anna.toSpliced(2, 1), ben]));
  expect(people.list()[0]?.cover).toBeUndefined();
});

test('a merge keeps the cover, unless the other has one', async () => {
  await people.cover(at(anna, 2));
  await people.merge(1, 3);
  expect(people.list().at(-1)?.cover).toEqual({ photo: at(anna, 2).photo, box: at(anna, 2).box });
  await people.cover(at(eva, 1));
  expect(people.list().at(-1)?.cover).toEqual({ photo: at(eva, 1).photo, box: at(eva, 1).box });
  // Of one who is away, the other's does again.
  await people.notFace(at(eva, 1));
  expect(people.list().at(-1)?.cover).toEqual({ photo: at(anna, 2).photo, box: at(anna, 2).box });
});

test('somebody with a name is listed when all their faces are gone or moved', async () => {
  await people.name(3, 'Eva');
  await people.update(...grouped([anna, ben]));
  expect(names()).toContainEqual([3, 'Eva', 0]);
  for (const face of eva) await people.is(face, 1);
  expect(names()).toContainEqual([3, 'Eva', 0]);
  await people.name(3, 'Eve');
  expect(names()).toContainEqual([3, 'Eve', 0]);
  await people.differ(3, 1);
  await people.hide(3);
  expect(people.list().at(-1)).toMatchObject({ id: 3, hidden: true });
});

test('a split undone leaves nobody, also if its faces were of several', async () => {
  const before = stateOf(people, all);
  const { as } = await people.split([at(anna, 0), at(ben, 0), at(nobody, 0)]);
  await people.name(as, 'Carl');
  await people.hide(as);
  const added = faceOn('added', 0.5);
  await people.update(
    ...grouped(
      [anna.slice(1), ben.slice(1), eva, [at(anna, 0), at(ben, 0), at(nobody, 0), added]],
      nobody.slice(1),
    ),
  );
  expect(people.personOf(added)).toBe(as);
  await people.undo(1);
  expect(stateOf(people, all)).toBe(before);
  // Whom the run has given to somebody who never was is nobody's; nor does their name stay.
  expect(people.personOf(added)).toBeUndefined();
});

test('undo: the last one that counts; each once; undos are undone by number', async () => {
  await people.name(1, 'Anna');
  await people.hide(2);
  expect(await people.undo()).toMatchObject({ id: 3, do: 'undo', of: 2 });
  expect(await people.undo()).toMatchObject({ id: 4, do: 'undo', of: 1 });
  expect(await rejection(people.undo())).toMatchObject({ code: 'FACE_INVALID_ARGUMENT', argument: 'id' });
  expect(await rejection(people.undo(1))).toMatchObject({ argument: 'id' });
  expect(await rejection(people.undo(99))).toMatchObject({ argument: 'id' });
  await people.undo(4);
  expect(people.decisions().map(({ do: kind, counts }) => [kind, counts])).toEqual([
    ['name', true],
    ['hide', false],
    ['undo', true],
    ['undo', false],
    ['undo', true],
  ]);
  expect(people.list()[0]?.name).toBe('Anna');
});

test('decisions say when they were made, and by what', async () => {
  const earliest = new Date().toISOString();
  const made = await people.name(1, 'Anna');
  const seen = [{ person: 1, faces: expect.any(Array) }];
  expect(made).toEqual({ id: 1, at: made.at, by: 'test', do: 'name', person: 1, name: 'Anna', seen });
  expect(made.at >= earliest && made.at <= new Date().toISOString()).toBe(true);
  expect(people.decisions()).toEqual([{ ...made, counts: true }]);
  expect(await people.hide(1, { by: 'a page' })).toMatchObject({ by: 'a page' });
  expect(await people.undo(2, { by: 'a phone' })).toMatchObject({ by: 'a phone' });
});

test('calls that do not wait for each other take their turns', async () => {
  const calls = [people.name(1, 'a'), people.split([at(ben, 0)]), people.split([at(ben, 1)]), people.undo()];
  expect(await Promise.all(calls)).toMatchObject([{ id: 1 }, { as: 4 }, { as: 5 }, { id: 4, of: 3 }]);
  await people.close();
  expect(await rejection(people.name(1, 'b'))).toMatchObject({ code: 'FACE_DISPOSED' });
  await people.close();
});

// biome-ignore lint/suspicious/noExplicitAny: programs in plain JavaScript pass anything
type Anything = any;
const unknown: FaceOnPhoto = faceOn('unknown', 0);

test.each<[string, () => Promise<unknown>, string]>([
  ['a name of nothing', () => people.name(1, ''), 'name'],
  ['a blank name', () => people.name(1, ' \u00a0'), 'name'],
  ['a name of two lines', () => people.name(1, 'An\nna'), 'name'],
  ['a name of joiners', () => people.name(1, '\u200d'), 'name'],
  ['a name with something invisible', () => people.name(1, 'An\u200bna'), 'name'],
  ['a name with a soft hyphen', () => people.name(1, 'An\u00adna'), 'name'],
  ['a name that ends with a joiner', () => people.name(1, 'Anna\u200d'), 'name'],
  ['a name that turns the line', () => people.name(1, 'gpj.\u202eannA'), 'name'],
  ['a name with an escape', () => people.name(1, '\u001b[31mAnna'), 'name'],
  ['half a character', () => people.name(1, 'Anna \ud83d'), 'name'],
  ['a name too long', () => people.name(1, 'a'.repeat(201)), 'name'],
  ['a name that is none', () => people.name(1, 5 as Anything), 'name'],
  ['nobody', () => people.name(4, 'Zoe'), 'person'],
  ['a number too large', () => people.differ(1, 2 ** 31), 'other'],
  ['a blank origin', () => people.hide(1, { by: '' }), 'by'],
  ['another option', () => people.hide(1, { from: 'a' } as Anything), 'from'],
  ['an undo in a gesture', () => people.undo(1, { with: 1 } as Anything), 'with'],
  ['no number', () => people.hide('1' as Anything), 'person'],
  ['a merge with nobody', () => people.merge(1, 7), 'into'],
  ['a merge with oneself', () => people.merge(1, 1), 'into'],
  ['a split of nothing', () => people.split([]), 'faces'],
  ['a split of all', () => people.split([...eva, ...eva]), 'faces'],
  ['a split of unknown faces', () => people.split([unknown]), 'faces[0]'],
  ['a face that is none', () => people.is({ photo: 'a' } as Anything, 1), 'face'],
  ['null', () => people.is(null as Anything, 1), 'face'],
  ['an unknown face', () => people.not(unknown, 1), 'face'],
  ["nobody's face", () => people.not(at(anna, 0), 4), 'person'],
  ['no face of an unknown one', () => people.notFace(unknown), 'face'],
  ["nobody's cover", () => people.cover(at(nobody, 0)), 'face'],
  ['who differs from oneself', () => people.differ(1, 1), 'other'],
  ['who differs from nobody', () => people.differ(1, 4), 'other'],
])('refused, and nothing is written: %s', async (_, call, argument) => {
  expect(await rejection(call())).toMatchObject({ code: 'FACE_INVALID_ARGUMENT', argument });
  expect(people.decisions()).toEqual([]);
});

test('refused: that merged people differ', async () => {
  await people.merge(1, 2);
  expect(await rejection(people.differ(1, 2))).toMatchObject({
    argument: 'other',
    message: expect.stringContaining('undone instead'),
  });
});

test('a split of all faces that are there, though more are away', async () => {
  await people.update(...grouped([anna.slice(0, 2), ben, eva]));
  expect(await rejection(people.split(anna.slice(0, 2)))).toMatchObject({ argument: 'faces' });
  expect((await people.split([at(anna, 0)])).as).toBe(4);
});

test('names are tidied: blanks around them, letters in one way; families and Persian names are names', async () => {
  expect(await people.name(1, ' Zoe\u0308 \u00a0')).toMatchObject({ name: 'Zo\u00eb' });
  for (const name of ['👨‍👩‍👧 home', 'علی‌رضا', 'O’Brien-Łoś', '李', '❤️']) {
    await people.name(1, name);
    expect(people.list()[0]?.name).toBe(name);
  }
});

test('200 characters are a name, whatever their bytes', async () => {
  await people.name(1, '👩'.repeat(200));
  expect(people.list()[0]?.name).toBe('👩'.repeat(200));
});

describe('suggest', () => {
  const near = [...facesAt(0, 4, 'one'), ...facesAt(0.5, 3, 'two'), ...facesAt(1, 2, 'three')];
  beforeEach(async () => {
    await people.update(...grouped([near.slice(0, 4), near.slice(4, 7), near.slice(7)]));
  });
  const pairs = async (count?: number) =>
    (await people.suggest(near, { ...(count !== undefined && { count }) })).map(({ people: pair }) => pair);

  test('the pairs that are most alike, the larger first; not those who differ, are merged or hidden', async () => {
    expect(await pairs()).toEqual([
      [4, 5],
      [5, 6],
    ]);
    expect(await pairs(1)).toHaveLength(1);
    await people.differ(5, 4);
    expect(await pairs(1)).toEqual([[5, 6]]);
    await people.hide(6);
    expect(await pairs()).toEqual([]);
    await people.undo();
    await people.merge(5, 6);
    // Who differs from one of them differs from both.
    expect(await pairs()).toEqual([]);
  });

  test('not a person and who was split off them', async () => {
    await people.split(near.slice(0, 2));
    expect(await pairs()).not.toContainEqual(expect.arrayContaining([4, 7]));
    await people.undo();
    await people.split([near[0] as GroupedFace, near[4] as GroupedFace]);
    // Of several people's faces, any of them may be somebody's whom the new person is.
    expect(await pairs()).toContainEqual(expect.arrayContaining([4]));
  });

  test('with mirror images', async () => {
    const faces = near.map((face) => ({ ...face, mirrored: face.encoding }));
    expect((await people.suggest(faces, { threads: 1 }))[0]).toEqual({
      people: [4, 5],
      score: expect.any(Number),
    });
    expect(await people.suggest(faces, { threshold: 0 })).toEqual([]);
  });

  test('refused: what is none', async () => {
    expect(await rejection(people.suggest(near, { count: 0 }))).toMatchObject({ argument: 'count' });
    expect(await rejection(people.suggest(near, { most: 1 } as object))).toMatchObject({ argument: 'most' });
    expect(await rejection(people.suggest(5 as Anything))).toMatchObject({ argument: 'faces' });
    expect(await rejection(people.suggest(near, { signal: AbortSignal.abort() }))).toMatchObject({
      code: 'FACE_ABORTED',
    });
  });
});
