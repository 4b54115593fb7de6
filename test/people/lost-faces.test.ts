import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { SplitMix64, sample } from '../../src/base/random';
import type { GroupedFace } from '../../src/people/carry-over';
import { People } from '../../src/people/people';
import { useTempFolder } from '../support/files';
import { rejection } from '../support/photos';
import { faceOn, facesAt, grouped } from './support';

const inFolder = useTempFolder();
const file = () => inFolder('people.jsonl');
const facesFile = () => `${file()}.faces`;
const anna = facesAt(0, 12, 'Anna');
const ben = facesAt(1, 8, 'Ben');
const benToo = facesAt(1.5, 6, 'Ben, too');
const eva = facesAt(2, 5, 'Eva');
const nobody = facesAt(9, 2, 'nobody');
const all = [...anna, ...ben, ...benToo, ...eva, ...nobody];
const at = (faces: readonly GroupedFace[], place: number) => faces[place] as GroupedFace;

/** Anna, Ben of two, a hidden one, and a few corrections. */
async function decideThings(people: People): Promise<void> {
  await people.update(...grouped([anna, ben, benToo, eva], nobody));
  await people.name(1, 'Anna');
  await people.name(2, 'Ben');
  await people.merge(3, 2);
  await people.hide(4);
  await people.is(at(eva, 0), 1);
  await people.not(at(anna, 0), 1);
  await people.notFace(at(anna, 1));
  await people.cover(at(ben, 3));
  await people.split([at(anna, 2), at(anna, 3)]);
  await people.differ(1, 5);
  await people.update(...grouped([anna, ben, benToo, eva], nobody));
}

beforeEach(async () => {
  const people = await People.open(file());
  await decideThings(people);
  await people.close();
});

/** What people are called, and who each face is; without what only the file of faces had. */
function summary(people: People) {
  return {
    people: people.list().map(({ id, name, hidden, cover, photos }) => [id, name, hidden, cover, photos]),
    faces: all.map((face) => people.personOf(face) ?? null),
  };
}

async function whatItWas() {
  const people = await People.open(file());
  expect(people.facesLost).toBeUndefined();
  const was = summary(people);
  await people.close();
  return was;
}

test('lost: names are there at once, and the next run finds everybody', async () => {
  const was = await whatItWas();
  rmSync(facesFile());
  const people = await People.open(file());
  expect(people.facesLost).toMatchObject({
    code: 'FACE_PEOPLE_INVALID',
    path: facesFile(),
    remedy: expect.any(String),
  });
  expect(people.list().map(({ name, photos }) => [name, photos])).toEqual([
    ['Anna', 0],
    ['Ben', 0],
  ]);
  // What is in the decisions is known, and can be decided on.
  expect(people.personOf(at(eva, 0))).toBe(1);
  expect(people.constraints([at(anna, 0), at(anna, 1)])).toMatchObject({ not: [[0, 1]], noFaces: [1] });
  await people.name(4, 'Eva');
  await people.undo();

  const changes = await people.update(...grouped([anna, ben, benToo, eva], nobody));
  expect(changes).toMatchObject({ newPeople: [], absorbed: [], separated: [], gone: 0, back: 0 });
  expect(people.facesLost).toBeUndefined();
  expect(summary(people)).toEqual(was);
  await people.close();
  expect(await whatItWas()).toEqual(was);
});

test('lost, and found by another threshold: by stricter groups and by laxer ones', async () => {
  const was = await whatItWas();
  for (const groups of [
    // Half of the people in two parts each.
    [anna.slice(0, 8), anna.slice(8), ben.slice(0, 2), ben.slice(2), benToo, eva],
    [anna, [...ben, ...benToo], eva],
    // The hidden one with another.
    [[...anna, ...eva], ben, benToo],
  ]) {
    rmSync(facesFile());
    const people = await People.open(file());
    await people.update(...grouped(groups, nobody));
    const now = summary(people);
    expect(now.people.map(([id, name]) => [id, name])).toEqual(
      expect.arrayContaining(was.people.map(([id, name]) => [id, name])),
    );
    // Whoever was somebody on whom something was decided is none of the others.
    for (const [i, person] of was.faces.entries()) {
      const found = now.faces[i] as number | null;
      // The first is not Anna, and free for anybody else.
      if (i > 0 && found !== null && found <= 5) expect([i, found]).toEqual([i, person]);
    }
    const same = was.faces.filter((person, i) => person !== null && person === now.faces[i]).length;
    expect(same).toBeGreaterThanOrEqual(was.faces.filter((person) => person !== null).length - 4);
    await people.close();
  }
});

test('lost, and found in parts that are all large', async () => {
  const many = facesAt(4, 60, 'many');
  const people = await People.open(file());
  await people.update(...grouped([anna, ben, benToo, eva, many], nobody));
  const id = people.personOf(at(many, 0)) as number;
  const told = ((await people.name(id, 'Many')).seen ?? []).flatMap(({ faces }) => faces);
  await people.close();
  rmSync(facesFile());
  const again = await People.open(file());
  // Of the five faces that are told, two, two and one are in these: neither most nor a quarter of a part.
  const placeOf = (face: GroupedFace) => told.findIndex(({ photo }) => photo === face.photo);
  const parts = [0, 1, 2].map((part) =>
    many.filter((face, i) => (placeOf(face) < 0 ? i : placeOf(face)) % 3 === part),
  );
  await again.update(...grouped([anna, ben, benToo, eva, ...parts], nobody));
  const found = many.filter((face) => again.personOf(face) === id);
  expect(found.length).toBeGreaterThanOrEqual(38);
  expect(again.list().find(({ name }) => name === 'Many')).toMatchObject({ id });
  await again.close();
});

test('lost, with boxes that are elsewhere by now, and new photos', async () => {
  const was = await whatItWas();
  rmSync(facesFile());
  const moved = (faces: readonly GroupedFace[]) =>
    faces.map((face) => ({
      ...face,
      box: { ...face.box, left: face.box.left + 20, right: face.box.right + 20 },
    }));
  const people = await People.open(file());
  const groups = [[...moved(anna), faceOn('new', 0)], moved(ben), moved(benToo), moved(eva)];
  await people.update(...grouped(groups, moved(nobody)));
  expect(moved(all).map((face) => people.personOf(face) ?? null)).toEqual(was.faces);
  expect(people.personOf(faceOn('new', 0))).toBe(1);
  await people.close();
});

test('lost: undoing works as before', async () => {
  rmSync(facesFile());
  const people = await People.open(file());
  await people.update(...grouped([anna, ben, benToo, eva], nobody));
  for (const { id } of people.decisions()) await people.undo(id);
  expect(people.list().map(({ id, name, photos }) => [id, name, photos])).toEqual([
    [1, undefined, 12],
    [2, undefined, 8],
    [3, undefined, 6],
    [4, undefined, 5],
  ]);
  await people.close();
});

test('people on whom nobody decided anything get numbers that nobody has', async () => {
  rmSync(facesFile());
  const people = await People.open(file());
  const changes = await people.update(...grouped([anna, ben, benToo, eva, facesAt(7, 3)], nobody));
  expect(changes.newPeople).toEqual([6]);
  await people.close();
});

test('each line has up to five faces of each person, on different photos', async () => {
  const people = await People.open(file());
  await people.update(...grouped([[...anna, faceOn('Anna, 5', 0, 300)], ben, benToo, eva], nobody));
  const record = await people.differ(1, 4);
  expect(record.seen?.map(({ person }) => person)).toEqual([1, 4]);
  for (const { person, faces } of record.seen ?? []) {
    // Of one, one of five was given to another by a decision.
    expect(faces).toHaveLength(person === 1 ? 5 : 4);
    expect(new Set(faces.map(({ photo }) => photo)).size).toBe(faces.length);
    for (const { photo, box } of faces) {
      const [top, right, bottom, left] = box;
      expect(people.personOf({ photo, box: { top, right, bottom, left } })).toBe(person);
    }
  }
  await people.close();
});

test('whom a run took for somebody is not what they are found again by', async () => {
  const [one, other] = [facesAt(5, 8, 'one'), facesAt(5.5, 7, 'other')];
  const people = await People.open(file());
  await people.update(...grouped([anna, ben, benToo, eva, one, other], nobody));
  const who = (faces: readonly GroupedFace[]) => [...new Set(faces.map((face) => people.personOf(face)))];
  const [id] = who(one) as [number];
  await people.update(...grouped([anna, ben, benToo, eva, [...one, ...other]], nobody));
  expect(who(other)).toEqual([id]);
  const { seen } = await people.name(id, 'One');
  const own = new Set(one.map((face) => face.photo));
  expect(seen?.[0]?.faces.map((face) => own.has(face.photo))).toEqual(new Array(5).fill(true));
  await people.close();
});

test('whoever is forgotten is in neither file, whatever could not be read of one or was to be written yet', async () => {
  const lines = readFileSync(facesFile(), 'utf8').split('\n');
  writeFileSync(facesFile(), lines.with(2, '{"photo"').join('\n'));
  const people = await People.open(file());
  const told = people.updateSome(anna, new Array(anna.length).fill(-1), { minPhotos: 1 });
  await people.forget([1], people.forgottenAmong(anna));
  await told;
  await people.close();
  const left = [file(), facesFile()].map((path) => (existsSync(path) ? readFileSync(path, 'utf8') : ''));
  for (const { photo } of anna) expect(left.join('')).not.toContain(photo);
  const again = await People.open(file());
  expect(again.list().map(({ name }) => name)).toEqual(['Ben']);
  await again.update(...grouped([ben, benToo, eva], nobody));
  expect(again.list().map(({ name, hidden }) => [name, hidden])).toEqual(
    expect.arrayContaining([
      ['Ben', false],
      [undefined, true],
    ]),
  );
  await again.close();
});

test('lines by hand without faces are no harm', async () => {
  const at0 = '2026-01-02T03:04:05Z';
  writeFileSync(
    file(),
    [
      { format: 'face-cluster-native people', version: 1 },
      { id: 1, at: at0, by: 'hand', do: 'name', person: 1, name: 'Anna' },
      { id: 2, at: at0, by: 'hand', do: 'merge', person: 1, into: 2 },
    ]
      .map((line) => `${JSON.stringify(line)}\n`)
      .join(''),
  );
  rmSync(facesFile());
  const people = await People.open(file());
  expect(people.facesLost).toBeUndefined();
  expect(people.list()).toMatchObject([{ id: 2, name: 'Anna', faces: [] }]);
  expect(await people.update(...grouped([anna]))).toMatchObject({ newPeople: [3] });
  await people.close();
});

test('of a few hundred people in groups that another threshold made, who had a name has it', async () => {
  rmSync(file());
  rmSync(facesFile());
  const random = new SplitMix64(5n);
  const groups = Array.from({ length: 200 }, (_, i) => facesAt(i, 3 + random.below(12), `person ${i}`));
  const people = await People.open(file());
  await people.update(...grouped(groups));
  for (const { id } of people.list()) await people.name(id, `name ${id}`);
  const owner = new Map(groups.flat().map((face) => [face, people.personOf(face)]));
  await people.close();
  rmSync(facesFile());

  // A tenth of all faces has left its group, and a third of the groups is in two parts.
  const strays = new Set(sample(groups.flat(), 200, new SplitMix64(6n)));
  const others = groups.flatMap((faces) => {
    const left = faces.filter((face) => !strays.has(face));
    const cut = random.below(3) === 0 ? 1 + random.below(left.length) : left.length;
    return [left.slice(0, cut), left.slice(cut)].filter((part) => part.length > 0);
  });
  const again = await People.open(file());
  await again.update(...grouped(others, [...strays]));
  expect(again.list().filter(({ name }) => name !== undefined)).toHaveLength(200);
  for (const { id, name } of again.list()) if (name !== undefined) expect(name).toBe(`name ${id}`);
  let kept = 0;
  for (const [face, person] of owner) {
    const now = again.personOf(face);
    if (now === person) kept++;
    // Nobody's face is another named one's.
    else expect(now === undefined || now > 200).toBe(true);
  }
  expect(kept).toBeGreaterThan(0.8 * owner.size);
  await again.close();
});

describe('damaged', () => {
  test.each<[string, (lines: string[]) => string[], number]>([
    ['it is empty', () => [], 1],
    ['a line is cut off', (lines) => lines.slice(0, 3), 1],
    ['a line is damaged', (lines) => lines.with(2, '{"photo"'), 3],
    ['a line is no face', (lines) => lines.with(2, '{"photo":"a","box":[1]}'), 3],
    ['a line is null', (lines) => lines.with(1, 'null'), 2],
    ['it is something else', (lines) => lines.slice(1), 1],
    ['its header lacks something', (lines) => lines.with(0, (lines[0] as string).replace('next', 'text')), 1],
    [
      'its next is none',
      (lines) => lines.with(0, (lines[0] as string).replace(/"next":\d+/, '"next":0.5')),
      1,
    ],
    [
      'a photo is none',
      (lines) => lines.with(1, (lines[1] as string).replace(/"photo":"./, '"photo":"X')),
      2,
    ],
    [
      'a box is inside out',
      (lines) => lines.with(1, (lines[1] as string).replace(/"box":\[.*?\]/, '"box":[9,1,2,3]')),
      2,
    ],
    [
      'a person is none',
      (lines) => lines.map((one, i) => (i === 0 ? one : one.replace(/"person":\d+/, '"person":9e9'))),
      2,
    ],
  ])('it says so, and is as if lost: %s', async (_, change, number) => {
    const was = await whatItWas();
    const lines = readFileSync(facesFile(), 'utf8').trimEnd().split('\n');
    const text = change(lines)
      .map((one) => `${one}\n`)
      .join('');
    writeFileSync(facesFile(), text);
    const people = await People.open(file());
    expect(people.facesLost).toMatchObject({
      code: 'FACE_PEOPLE_INVALID',
      path: facesFile(),
      message: expect.stringContaining(`line ${number}:`),
      remedy: 'Delete it: people are found again by the faces in people.jsonl.',
    });
    expect(readFileSync(facesFile(), 'utf8')).toBe(text);
    expect(people.list().map(({ name }) => name)).toEqual(['Anna', 'Ben']);
    await people.update(...grouped([anna, ben, benToo, eva], nobody));
    expect(summary(people)).toEqual(was);
    await people.close();
    expect(await whatItWas()).toEqual(was);
  });

  test('that of a newer version is refused, and left as it is', async () => {
    const text = readFileSync(facesFile(), 'utf8').replace('"version":1', '"version":2');
    writeFileSync(facesFile(), text);
    expect(await rejection(People.open(file()))).toMatchObject({
      code: 'FACE_PEOPLE_INVALID',
      path: facesFile(),
      remedy: 'Use the version of this program that wrote it.',
    });
    expect(readFileSync(facesFile(), 'utf8')).toBe(text);
    expect(existsSync(`${file()}.lock`)).toBe(false);
  });
});
