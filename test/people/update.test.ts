import type { GroupedFace } from '../../src/people/carry-over';
import { People } from '../../src/people/people';
import { useTempFolder } from '../support/files';
import { rejection } from '../support/photos';
import { faceOn, facesAt, grouped, photo } from './support';

const inFolder = useTempFolder();
let people: People;
beforeEach(async () => {
  people = await People.open(inFolder('people.jsonl'));
});
afterEach(() => people.close());

/** Changes of a run that changes nothing. */
const none = {
  joined: [],
  newPeople: [],
  absorbed: [],
  separated: [],
  mayBeOne: [],
  gone: 0,
  back: 0,
};
/** The person of each face. */
const who = (faces: readonly GroupedFace[]) => faces.map((face) => people.personOf(face));
const anna = facesAt(0, 6, 'Anna');
const ben = facesAt(1, 4, 'Ben');
const eva = facesAt(2, 3, 'Eva');

test('the first run: people are numbered by size, whatever the labels; faces without a group are nobody', async () => {
  const stranger = faceOn('stranger', 9);
  const changes = await people.update(...grouped([eva, anna, ben], [stranger]));
  expect(changes).toEqual({ ...none, newPeople: [1, 2, 3] });
  expect(who([anna[0], ben[0], eva[0], stranger] as GroupedFace[])).toEqual([1, 2, 3, undefined]);
  expect(people.list()).toMatchObject([
    { id: 1, name: undefined, hidden: false, photos: 6, cover: undefined },
    { id: 2, photos: 4 },
    { id: 3, photos: 3 },
  ]);
  expect(people.list()[2]?.faces).toHaveLength(3);
  expect(people.list()[2]?.faces[0]).toEqual({ photo: expect.any(String), box: eva[0]?.box });
});

test('the same run again changes nothing, in whatever order and with whatever labels', async () => {
  await people.update(...grouped([anna, ben, eva]));
  const before = people.list();
  expect(await people.update(...grouped([eva.toReversed(), ben, anna.toReversed()]))).toEqual(none);
  expect(people.list()).toEqual(before);
});

test('new faces join the people of their group, and are told by faces and photos', async () => {
  await people.update(...grouped([anna, ben]));
  const more = [...facesAt(0.1, 2, 'more of Anna'), faceOn('Anna, 0', 0.2, 300)];
  const changes = await people.update(...grouped([[...anna, ...more], ben, eva]));
  // The third is in a mirror, on a photo that Anna was on before.
  expect(changes).toMatchObject({ joined: [{ person: 1, faces: 3, photos: 2 }], newPeople: [3] });
  expect(who(more)).toEqual([1, 1, 1]);
});

test('a face that was nobody joins; one that was somebody stays, with its group or without', async () => {
  const late = faceOn('late', 0);
  await people.update(...grouped([anna, ben], [late]));
  const changes = await people.update(...grouped([[late, ...anna.slice(2)], ben], anna.slice(0, 2)));
  expect(changes).toMatchObject({ joined: [{ person: 1, faces: 1, photos: 1 }], newPeople: [], gone: 0 });
  expect(who([...anna, late])).toEqual(new Array(7).fill(1));
});

test('a person whose group falls apart stays one, and both parts grow it', async () => {
  await people.update(...grouped([anna, ben]));
  const [one, other] = [faceOn('one', 0), faceOn('other', 0)];
  const changes = await people.update(
    ...grouped([[...anna.slice(0, 3), one], [...anna.slice(3), other], ben]),
  );
  expect(changes).toMatchObject({ joined: [{ person: 1, faces: 2 }], newPeople: [] });
});

test('one face that has gone astray does not make strangers its person', async () => {
  await people.update(...grouped([anna, ben]));
  const strangers = facesAt(5, 8, 'strangers');
  const changes = await people.update(
    ...grouped([anna.slice(1), ben, [anna[0] as GroupedFace, ...strangers]]),
  );
  expect(changes).toMatchObject({ joined: [], newPeople: [3] });
  expect(people.personOf(anna[0] as GroupedFace)).toBe(1);
  expect(new Set(who(strangers))).toEqual(new Set([3]));
});

test('faces that nobody finds any more are remembered, and are who they were when they are back', async () => {
  await people.update(...grouped([anna, ben]));
  expect(await people.update(...grouped([anna]))).toMatchObject({ gone: 4, back: 0 });
  expect(await people.update(...grouped([anna]))).toEqual(none);
  expect(people.list().map(({ id }) => id)).toEqual([1]);
  expect(people.personOf(ben[0] as GroupedFace)).toBe(2);
  expect(await people.update(...grouped([ben, anna]))).toEqual({ ...none, back: 4 });
  // Some come as others go.
  const half = [...anna.slice(0, 3), ...ben];
  await people.update(...grouped([anna]));
  expect(await people.update(...grouped([half]))).toMatchObject({ gone: 3, back: 4 });
  await people.update(...grouped([anna, ben]));
  expect(people.list().map(({ id, photos }) => [id, photos])).toEqual([
    [1, 6],
    [2, 4],
  ]);
});

test('the faces on copies of a photo are one', async () => {
  await people.update(...grouped([[...anna, ...anna], ben]));
  expect(people.list()[0]?.faces).toHaveLength(6);
});

describe('two people whose faces are in one group', () => {
  beforeEach(() => people.update(...grouped([anna, ben, eva])));
  const together = () => people.update(...grouped([[...anna, ...ben], eva]));

  test("the smaller is the larger from now on, and it is told; their number is nobody else's", async () => {
    expect(await together()).toMatchObject({ absorbed: [{ person: 2, into: 1 }], mayBeOne: [], joined: [] });
    expect(who(ben)).toEqual([1, 1, 1, 1]);
    expect(await together()).toMatchObject({ absorbed: [] });
    expect(await people.update(...grouped([[...anna, ...ben], eva, facesAt(7, 2)]))).toMatchObject({
      newPeople: [4],
    });
    expect(people.list()[0]).toMatchObject({ id: 1, absorbed: [2] });
    expect(await rejection(people.name(2, 'Ben'))).toMatchObject({
      code: 'FACE_INVALID_ARGUMENT',
      argument: 'person',
      message: expect.stringContaining('by now, this is 1'),
    });
  });

  test('a named one is not absorbed, but absorbs, also the larger', async () => {
    await people.name(2, 'Ben');
    expect(await together()).toMatchObject({ absorbed: [{ person: 1, into: 2 }] });
    expect(people.list()).toMatchObject([{ id: 2, name: 'Ben', photos: 10 }, { id: 3 }]);
  });

  test('two named ones stay two, and it is told', async () => {
    await people.name(1, 'Anna');
    await people.name(2, 'Ben');
    expect(await together()).toMatchObject({ absorbed: [], mayBeOne: [[1, 2]] });
    expect(who(ben)).toEqual([2, 2, 2, 2]);
  });

  test("a third without a name stays as well: it can't be told whose it is", async () => {
    await people.name(1, 'Anna');
    await people.name(2, 'Ben');
    expect(await people.update(...grouped([[...anna, ...ben, ...eva]]))).toMatchObject({
      absorbed: [],
      mayBeOne: [
        [1, 2],
        [1, 3],
      ],
    });
  });

  test('of those who were said to differ nothing is told', async () => {
    await people.differ(1, 2);
    expect(await together()).toMatchObject({ absorbed: [], mayBeOne: [] });
    expect(who(ben)).toEqual([2, 2, 2, 2]);
  });

  test('saying that they differ undoes it afterwards, and undoing that does it again', async () => {
    await together();
    await people.differ(2, 1);
    expect(who([...anna.slice(0, 1), ...ben])).toEqual([1, 2, 2, 2, 2]);
    await people.undo();
    expect(who(ben)).toEqual([1, 1, 1, 1]);
  });

  test('a later run that has each at home in a group of its own makes them two again, and tells it', async () => {
    await together();
    await people.name(1, 'Anna');
    // Faces that have come meanwhile are whose they are like.
    const added = [faceOn('near Anna', 0.3), faceOn('near Ben', 0.7)];
    await people.update(...grouped([[...anna, ...ben, ...added], eva]));
    expect(who(added)).toEqual([1, 1]);
    const apart = [[...anna, added[0] as GroupedFace], [...ben, added[1] as GroupedFace], eva];
    expect(await people.update(...grouped(apart))).toEqual({
      ...none,
      separated: [{ person: 2, from: 1 }],
    });
    expect(who([...ben, ...added])).toEqual([2, 2, 2, 2, 1, 2]);
    expect(people.list()[0]?.absorbed).toEqual([]);
    expect(await people.update(...grouped(apart))).toEqual(none);
    // And one again, as they were.
    expect(await people.update(...grouped([[...anna, ...ben], eva], added))).toMatchObject({
      absorbed: [{ person: 2, into: 1 }],
    });
  });

  test('a run that has one of them nowhere, or both in parts, leaves them one', async () => {
    await together();
    expect(await people.update(...grouped([anna, eva], ben))).toEqual(none);
    expect(await people.update(...grouped([anna, ben.slice(0, 2), ben.slice(2), eva]))).toEqual(none);
    expect(await people.update(...grouped([anna, eva]))).toEqual({ ...none, gone: 4 });
    expect(who(ben)).toEqual([1, 1, 1, 1]);
  });

  test('one by one in a row, each comes apart from whom they were taken for', async () => {
    await together();
    await people.update(...grouped([[...anna, ...ben, ...eva]]));
    expect(people.list()).toMatchObject([{ id: 1, absorbed: [2, 3], photos: 13 }]);
    expect(await people.update(...grouped([[...anna, ...eva], ben]))).toEqual({
      ...none,
      separated: [{ person: 2, from: 1 }],
    });
    expect(who([...ben, ...eva])).toEqual([2, 2, 2, 2, 1, 1, 1]);
  });

  test('a hidden one absorbs nobody, and it is told', async () => {
    await people.hide(1);
    expect(await together()).toMatchObject({ absorbed: [], mayBeOne: [[1, 2]] });
    expect(who(ben)).toEqual([2, 2, 2, 2]);
    expect(people.list().map(({ id, hidden }) => [id, hidden])).toEqual([
      [1, true],
      [2, false],
      [3, false],
    ]);
  });

  test('one who was only corrected does not absorb a larger one', async () => {
    await people.is(eva[0] as GroupedFace, 2);
    expect(await together()).toMatchObject({ absorbed: [], mayBeOne: [[1, 2]] });
    expect(who(anna)).toEqual(new Array(6).fill(1));
  });

  test('nobody is absorbed by whom their faces were said not to be', async () => {
    const [moved] = ben as [GroupedFace, ...GroupedFace[]];
    await people.not(moved, 1);
    expect(await together()).toMatchObject({ absorbed: [], mayBeOne: [[1, 2]] });
    for (const face of ben) await people.not(face, 1);
    expect(await together()).toMatchObject({ absorbed: [], mayBeOne: [] });
    expect(who(ben)).toEqual([2, 2, 2, 2]);
  });

  test('not if not wanted', async () => {
    const [faces, labels] = grouped([[...anna, ...ben], eva]);
    expect(await people.update(faces, labels, { absorb: false })).toMatchObject({
      absorbed: [],
      mayBeOne: [[1, 2]],
    });
    expect(who(ben)).toEqual([2, 2, 2, 2]);
  });

  test('a few faces are no evidence: most have to be there', async () => {
    expect(await people.update(...grouped([[...anna, ...ben.slice(0, 2)], ben.slice(2), eva]))).toMatchObject(
      { absorbed: [], mayBeOne: [] },
    );
    // Nor if the others are away.
    expect(await people.update(...grouped([[...anna, ...ben.slice(0, 2)], eva]))).toMatchObject({
      absorbed: [],
    });
    expect(who(ben)).toEqual([2, 2, 2, 2]);
  });

  test('faces moved by hand say nothing of their group', async () => {
    for (const face of anna.slice(0, 5)) await people.is(face, 2);
    expect(await people.update(...grouped([anna, ben, eva]))).toMatchObject({ absorbed: [], mayBeOne: [] });
    expect(who(anna)).toEqual([2, 2, 2, 2, 2, 1]);
  });

  test('one for the other, and then the other for the one, there is no circle', async () => {
    await people.name(2, 'Ben');
    const { id } = await people.undo();
    expect(await together()).toMatchObject({ absorbed: [{ person: 2, into: 1 }] });
    await people.undo(id);
    expect(await together()).toMatchObject({ absorbed: [{ person: 1, into: 2 }] });
    expect(who([...anna, ...ben])).toEqual(new Array(10).fill(2));
    await people.undo();
    expect(who([...anna, ...ben])).toEqual(new Array(10).fill(2));
  });

  test('in turn, each with the next, nobody is lost', async () => {
    await together();
    await people.name(3, 'Eva');
    await people.update(...grouped([[...anna, ...ben, ...eva]]));
    expect(who(anna)).toEqual(new Array(6).fill(3));
    await people.undo();
    expect(who([...anna, ...ben, ...eva])).toEqual(new Array(13).fill(3));
    await people.name(3, 'Eva again');
    await people.differ(1, 3);
    expect(who([...anna, ...ben])).toEqual(new Array(10).fill(1));
    expect(who(eva)).toEqual([3, 3, 3]);
  });
});

describe('new faces in a group with several people', () => {
  test('go to the nearer one, however the two are kept apart', async () => {
    await people.update(...grouped([anna, ben]));
    await people.name(1, 'Anna');
    await people.name(2, 'Ben');
    const added = [faceOn('near Anna', 0.3), faceOn('near Ben', 0.7)];
    const changes = await people.update(...grouped([[...anna, ...ben, ...added]]));
    expect(who(added)).toEqual([1, 2]);
    expect(changes.joined).toEqual([
      { person: 1, faces: 1, photos: 1 },
      { person: 2, faces: 1, photos: 1 },
    ]);
  });

  test('that was split, too; and if that is undone, all are one again', async () => {
    const both = [...facesAt(0, 5, 'one'), ...facesAt(0.4, 5, 'two')];
    await people.update(...grouped([both]));
    expect(await people.split(both.slice(5))).toMatchObject({ as: 2 });
    const added = [faceOn('near one', 0.05), faceOn('near two', 0.35)];
    expect(await people.update(...grouped([[...both, ...added]]))).toMatchObject({
      mayBeOne: [],
      newPeople: [],
    });
    expect(who(added)).toEqual([1, 2]);
    await people.undo();
    expect(new Set(who([...both, ...added]))).toEqual(new Set([1]));
  });

  test('are nearer to those who lie close together, at the same distance from the centre', async () => {
    const wide = [-0.4, -0.3, 0.3, 0.4].map((x, i) => faceOn(`wide ${i}`, x));
    const close = facesAt(1, 4, 'close');
    await people.update(...grouped([wide, close]));
    await people.differ(1, 2);
    const added = faceOn('added', 0.49);
    await people.update(...grouped([[...wide, ...close, added]]));
    expect(people.personOf(added)).toBe(people.personOf(close[0] as GroupedFace));
  });

  test('are theirs again whose they look like, if people who were taken for one differ', async () => {
    await people.update(...grouped([anna, ben]));
    const added = [faceOn('near Anna', 0.3), faceOn('near Ben', 0.7), faceOn('Ben, 0', 0.1, 300)];
    const changes = await people.update(...grouped([[...anna, ...ben, ...added]]));
    // One is on a photo that Ben, who is Anna now, was on before.
    expect(changes).toMatchObject({
      absorbed: [{ person: 2, into: 1 }],
      joined: [{ person: 1, faces: 3, photos: 2 }],
    });
    expect(who(added)).toEqual([1, 1, 1]);
    await people.differ(1, 2);
    expect(who(added)).toEqual([1, 2, 1]);
  });

  test('mirror images count, where all are known', async () => {
    const with2 = (faces: GroupedFace[], by: number) =>
      faces.map((face) => ({ ...face, mirrored: face.encoding.map((value) => value + by) }));
    await people.update(...grouped([with2(anna, 0), with2(ben, 0)]));
    await people.differ(1, 2);
    // Its encoding is nearer to Anna, the mean of both to Ben.
    const added = with2([faceOn('added', 0.4)], 0.6);
    await people.update(...grouped([[...with2(anna, 0), ...with2(ben, 0), ...added]]));
    expect(who(added)).toEqual([2]);
  });

  test("people of another group who have lost a face there don't get them", async () => {
    await people.update(...grouped([anna, ben]));
    await people.differ(1, 2);
    const added = facesAt(1, 3, 'added');
    await people.update(...grouped([[anna[0] as GroupedFace, ...ben, ...added], anna.slice(1)]));
    expect(who(added)).toEqual([2, 2, 2]);
  });
});

describe('found by other means', () => {
  const moved = (face: GroupedFace, by: number): GroupedFace => ({
    ...face,
    box: { ...face.box, left: face.box.left + by, right: face.box.right + by },
  });

  test.each([
    // 52 of 148 pixels in a row: 0.351; 51 of 149: 0.342.
    [48, 1],
    [49, 2],
  ])('a box that is %i pixels to the right is person %i', async (by, person) => {
    await people.update(...grouped([[faceOn('a', 0)]]));
    await people.update(...grouped([[moved(faceOn('a', 0), by)]]));
    expect(people.list().map(({ id }) => id)).toEqual([person]);
  });

  test('each box is one face of before, those that overlap most first', async () => {
    const [left, right] = [faceOn('pair', 0), faceOn('pair', 1, 60)];
    await people.update(...grouped([[left, ...anna], [right]]));
    // Both boxes overlap both, after a step to the right.
    await people.update(...grouped([[moved(left, 25), ...anna], [moved(right, 25)]]));
    expect(who([moved(left, 25), moved(right, 25)])).toEqual([1, 2]);
    // Only one is found, at a place where both were; it is nearer to the second.
    await people.update(...grouped([[left, ...anna], [right]]));
    await people.update(...grouped([anna], [moved(left, 45)]));
    expect(people.personOf(moved(left, 45))).toBe(2);
  });

  test('a box is one face, though two overlap with it', async () => {
    const left = faceOn('pair', 0);
    await people.update(...grouped([[left, ...anna]]));
    await people.update(...grouped([anna], [moved(left, 10), moved(left, 40)]));
    expect(who([moved(left, 10), moved(left, 40)])).toEqual([1, undefined]);
  });

  test('decisions follow', async () => {
    await people.update(...grouped([anna, ben]));
    await people.name(1, 'Anna');
    await people.is(ben[0] as GroupedFace, 1);
    await people.not(ben[1] as GroupedFace, 2);
    await people.notFace(ben[2] as GroupedFace);
    await people.cover(anna[3] as GroupedFace);
    const [anna2, ben2] = [anna.map((face) => moved(face, 20)), ben.map((face) => moved(face, -20))];
    await people.update(...grouped([[...ben2, ...anna2]]));
    expect(who(anna2)).toEqual(new Array(6).fill(1));
    expect(ben2.map((face) => people.isFace(face))).toEqual([true, true, false, true]);
    // The second is not Ben, so it is free to be Anna.
    expect(who(ben2).slice(0, 3)).toEqual([1, 1, undefined]);
    expect(people.list()[0]?.cover).toEqual({ photo: anna2[3]?.photo, box: anna2[3]?.box });
  });
});

test('decisions stay with their faces however far these drift, step by step', async () => {
  await people.update(...grouped([anna, ben]));
  await people.not(anna[0] as GroupedFace, 1);
  const by = (pixels: number) =>
    anna.map((face) => ({
      ...face,
      box: { ...face.box, left: face.box.left + pixels, right: face.box.right + pixels },
    }));
  for (let pixels = 20; pixels <= 200; pixels += 20) {
    await people.update(...grouped([by(pixels), ben]));
    // One that was decided on its way.
    if (pixels === 100) await people.is(by(pixels)[1] as GroupedFace, 2);
  }
  expect(who(by(200))).toEqual([undefined, 2, 1, 1, 1, 1]);
  expect(people.list()[0]?.faces).toHaveLength(4);
  const path = people.path;
  await people.close();
  people = await People.open(path);
  expect(who(by(200))).toEqual([undefined, 2, 1, 1, 1, 1]);
});

test('a new person has to be on that many photos', async () => {
  const mirror = [faceOn('mirror', 7), faceOn('mirror', 7, 200), faceOn('other', 7)];
  const groups = grouped([anna, ben, mirror]);
  expect(await people.update(...groups, { minPhotos: 3 })).toMatchObject({ newPeople: [1, 2] });
  expect(who(mirror)).toEqual([undefined, undefined, undefined]);
  expect(await people.update(...groups, { minPhotos: 2 })).toMatchObject({ newPeople: [3] });
  // Who is there may become smaller.
  await people.update(...grouped([anna, ben, mirror.slice(0, 1)]), { minPhotos: 3 });
  expect(people.list().at(-1)).toMatchObject({ id: 3, photos: 1 });
});

test('copies of a photo with different labels are in the larger group, in whatever order', async () => {
  const copy = faceOn('copy', 0.5);
  const [faces, labels] = grouped([
    [...ben, copy],
    [...anna, copy],
  ]);
  await people.update(faces, labels);
  expect(who([copy])).toEqual([1]);
  expect(people.list().map(({ id, photos }) => [id, photos])).toEqual([
    [1, 7],
    [2, 4],
  ]);
  await people.close();
  const again = await People.open(inFolder('again.jsonl'));
  await again.update(
    faces.toReversed(),
    labels.toReversed().map((label) => 5 - label),
  );
  expect(again.personOf(copy)).toBe(1);
  await again.close();
});

test('of groups of one size, copies are in that with the first face', async () => {
  const [one, two] = [anna.slice(0, 3), ben.slice(0, 3)];
  const copy = faceOn('copy', 0.5);
  const owners = [];
  for (const groups of [
    [one, two],
    [two, one],
  ]) {
    const people0 = await People.open(inFolder(`copies ${owners.length}.jsonl`));
    await people0.update(...grouped(groups.map((faces) => [copy, ...faces])));
    const together = [...one, ...two].filter((face) => people0.personOf(face) === people0.personOf(copy));
    owners.push(together.map((face) => face.photo).sort());
    await people0.close();
  }
  expect(owners[0]).toEqual(owners[1]);
  expect(owners[0]).toHaveLength(3);
});

test('what is no face makes nobody', async () => {
  await people.update(...grouped([], anna));
  await people.notFace(anna[0] as GroupedFace);
  expect(await people.update(...grouped([[anna[0] as GroupedFace], ben]))).toMatchObject({ newPeople: [1] });
  expect(people.list().map(({ photos }) => photos)).toEqual([4]);
});

describe('a face that is not a person', () => {
  const odd = faceOn('odd', 0);
  beforeEach(() => people.update(...grouped([[...anna, odd], ben])));

  test('is nobody, does not come back with its group, and is free for others', async () => {
    await people.not(odd, 1);
    expect(await people.update(...grouped([[...anna, odd], ben]))).toEqual(none);
    expect(people.personOf(odd)).toBeUndefined();
    expect(await people.update(...grouped([anna, [...ben, odd]]))).toEqual({
      ...none,
      joined: [{ person: 2, faces: 1, photos: 1 }],
    });
    expect(people.personOf(odd)).toBe(2);
    // It stays there.
    expect(await people.update(...grouped([[...anna, odd], ben]))).toEqual(none);
    expect(people.personOf(odd)).toBe(2);
  });

  test('may be somebody new, and nobody absorbs them into whom it is not', async () => {
    await people.not(odd, 1);
    expect(await people.update(...grouped([anna, ben, [odd]]))).toMatchObject({ newPeople: [3] });
    expect(await people.update(...grouped([[...anna, odd], ben]))).toEqual(none);
    expect(people.personOf(odd)).toBe(3);
  });

  test('is theirs again when that is undone, whatever came meanwhile; and after opening', async () => {
    await people.not(odd, 1);
    await people.update(...grouped([anna, [...ben, odd]]));
    await people.not(odd, 2);
    await people.update(...grouped([anna, ben, [odd]]));
    expect(people.personOf(odd)).toBe(3);
    const path = people.path;
    await people.close();
    people = await People.open(path);
    expect(people.personOf(odd)).toBe(3);
    await people.undo(1);
    await people.undo(2);
    expect(people.personOf(odd)).toBe(1);
    expect(people.list().map(({ id }) => id)).toEqual([1, 2]);
  });
});

test.each<[string, unknown, unknown, RegExp]>([
  ['no faces', undefined, [], /faces/],
  ['a photo that is none', [{ ...faceOn(1, 0), photo: 'a.jpg' }], [0], /faces\[0\]/],
  [
    'a box that is none',
    [{ ...faceOn(1, 0), box: { top: 0, left: 0, right: 0, bottom: 5 } }],
    [0],
    /faces\[0\]/,
  ],
  ['half pixels', [{ ...faceOn(1, 0), box: { top: 0, left: 0, right: 0.5, bottom: 5 } }], [0], /faces\[0\]/],
  ['no encoding', [{ photo: photo(1), box: faceOn(1, 0).box }], [0], /encoding/],
  [
    'other encodings',
    [faceOn(1, 0), { ...faceOn(2, 0), encoding: Float64Array.of(1, 2) }],
    [0, 0],
    /faces\[1\]\.encoding/,
  ],
  ['no number in an encoding', [{ ...faceOn(1, 0), encoding: Float64Array.of(Number.NaN) }], [0], /finite/],
  ['too much in a mirrored one', [{ ...faceOn(1, 0), mirrored: Float64Array.of(1 / 0) }], [0], /finite/],
  ['too few labels', [faceOn(1, 0)], [], /1 labels/],
  ['labels that are none', [faceOn(1, 0)], [-2], /labels\[0\]/],
])('refused: %s', async (_, faces, labels, message) => {
  expect(await rejection(people.update(faces as GroupedFace[], labels as number[]))).toMatchObject({
    code: 'FACE_INVALID_ARGUMENT',
    message: expect.stringMatching(message),
  });
});

test('refused: options that there are not', async () => {
  expect(await rejection(people.update([], [], { absorbed: true } as object))).toMatchObject({
    argument: 'absorbed',
  });
  expect(await rejection(people.update([], [], { absorb: 1 } as object))).toMatchObject({
    argument: 'absorb',
  });
  expect(await rejection(people.update([], [], { minPhotos: 0 }))).toMatchObject({ argument: 'minPhotos' });
});
