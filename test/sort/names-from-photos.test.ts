import { existsSync, writeFileSync } from 'node:fs';
import type { PhotoProblem } from '../../src/base/photo-problem';
import type { Box } from '../../src/base/types';
import type { GroupedFace } from '../../src/people/carry-over';
import type { FaceOnPhoto } from '../../src/people/decisions';
import { People } from '../../src/people/people';
import type { FoundFaces } from '../../src/sort/found-faces';
import { takeNamesFromPhotos } from '../../src/sort/names-from-photos';
import { sha256 } from '../../src/system/sha256';
import { useTempFolder } from '../support/files';
import { sidecarWithRegions } from '../support/xmp';

const temp = useTempFolder();
let people: People;

beforeEach(async () => {
  people = await People.open(temp('people.jsonl'));
});
afterEach(() => people.close());

const SIZE = { width: 1000, height: 200 };

/** A face: on which photo, which of the photo's faces it is, from the left, whose group it is in, and what the photo calls it. */
interface Face {
  readonly on: string;
  readonly nth?: number;
  readonly group: number;
  readonly name?: string | undefined;
}

const boxOf = ({ nth = 0 }: Face): Box => ({
  top: 50,
  right: 200 * nth + 150,
  bottom: 150,
  left: 200 * nth + 50,
});

const faceOf = (face: Face): GroupedFace => ({
  photo: sha256(face.on),
  box: boxOf(face),
  encoding: Float64Array.of(face.group),
});

/** Groups faces, as a run does, and writes what photos call them. */
async function run(faces: readonly Face[]): Promise<FoundFaces> {
  await people.update(
    faces.map(faceOf),
    faces.map(({ group }) => group),
  );
  for (const on of new Set(faces.map((face) => face.on))) writeNames(on, faces);
  return found(faces);
}

function writeNames(on: string, faces: readonly Face[]): void {
  if (!existsSync(temp(on))) writeFileSync(temp(on), 'no picture, for nobody looks at it');
  const regions = faces
    .filter((face) => face.on === on)
    .flatMap((face) => {
      const { top, right, bottom, left } = boxOf(face);
      const area = {
        left: left / SIZE.width,
        top: top / SIZE.height,
        width: (right - left) / SIZE.width,
        height: (bottom - top) / SIZE.height,
      };
      return face.name === undefined ? [] : [{ name: face.name, area }];
    });
  sidecarWithRegions(temp(on), SIZE, regions);
}

function found(faces: readonly Face[]): FoundFaces {
  const paths = [...new Set(faces.map(({ on }) => temp(on)))];
  return {
    records: faces.map(({ on }) => ({ imagePath: temp(on) })),
    faces: faces.map(faceOf),
    photos: { paths, file: (path: string) => ({ path }) },
    onPhoto: new Map(
      [...new Set(faces.map(({ on }) => on))].map((on) => [
        sha256(on),
        [...faces.keys()].filter((i) => faces[i]?.on === on),
      ]),
    ),
    known: { facts: new Map(faces.map(({ on }) => [sha256(on), { ...SIZE, orientation: 1, taken: null }])) },
  } as unknown as FoundFaces;
}

const problems: PhotoProblem[] = [];
beforeEach(() => {
  problems.length = 0;
});

async function take(from: FoundFaces, forgotten: readonly FaceOnPhoto[] = []) {
  return takeNamesFromPhotos(people, from, {
    forgotten,
    signal: undefined,
    onProblem: (problem) => problems.push(problem),
    onRead: () => {},
  });
}

/** So many faces of a group, on photos of their own. */
const some = (count: number, group: number, name?: string): Face[] =>
  Array.from({ length: count }, (_, i) => ({ on: `${group}-${name}-${i}.jpg`, group, name }));

/** By name, or number, how many faces everybody has. */
const everybody = () => people.list().map(({ id, name, faces }) => [name ?? id, faces.length]);
const whoIs = (face: Face) => people.personOf(faceOf(face));

test('the person most of whose named faces have a name gets it, with where it comes from', async () => {
  const taken = await take(await run([...some(3, 0, 'Anna'), ...some(7, 0), ...some(4, 1)]));
  expect(everybody()).toEqual([
    ['Anna', 10],
    [2, 4],
  ]);
  expect(taken).toEqual([{ message: 'Person 01 is called Anna: so 3 photos say', decision: 1 }]);
  expect(people.decisions()).toMatchObject([{ do: 'name', person: 1, name: 'Anna', by: 'names in photos' }]);
});

test('the same names decide nothing a second time, nor what was undone', async () => {
  const faces = [...some(5, 0, 'Anna'), ...some(2, 0, 'Ben'), ...some(3, 1, 'Anna'), ...some(2, 2, 'Carl')];
  const all = await run(faces);
  expect((await take(all)).length).toBe(3);
  const decided = people.decisions().length;
  expect(await take(all)).toEqual([]);
  await run(faces);
  expect(await take(all)).toEqual([]);
  for (;;) {
    const last = people.decisions().findLast((one) => one.counts && one.do !== 'undo');
    if (!last) break;
    await people.undo(last.with ?? last.id);
  }
  expect(people.list().every(({ name }) => name === undefined)).toBe(true);
  const undone = people.decisions().length;
  expect(undone).toBe(decided + 3);
  expect(await take(all)).toEqual([]);
  await run(faces);
  expect(await take(all)).toEqual([]);
  expect(people.decisions().length).toBe(undone);
});

test('two groups of one name are one, if half of the smaller has it and nobody else is in it', async () => {
  await take(await run([...some(6, 0, 'Anna'), ...some(2, 1, 'Anna'), ...some(2, 1)]));
  expect(everybody()).toEqual([['Anna', 10]]);
  expect(people.decisions()).toMatchObject([{ do: 'name' }, { do: 'merge', person: 2, into: 1, with: 1 }]);
});

test('of a group that has the name here and there, only these faces move', async () => {
  const named = some(2, 1, 'Anna');
  await take(await run([...some(6, 0, 'Anna'), ...named, ...some(3, 1)]));
  expect(everybody()).toEqual([
    ['Anna', 8],
    [2, 3],
  ]);
  expect(named.map(whoIs)).toEqual([1, 1]);
});

test('a group of two people comes apart by their names', async () => {
  const bens = some(2, 0, 'Ben');
  await take(await run([...some(5, 0, 'Anna'), ...bens]));
  expect(everybody()).toEqual([
    ['Anna', 5],
    ['Ben', 2],
  ]);
  expect(new Set(bens.map(whoIs))).toEqual(new Set([2]));
});

test('where two names are equally many, both are people of their own in the end', async () => {
  await take(await run([...some(1, 0, 'Anna'), ...some(1, 0, 'Ben')]));
  expect(new Map(everybody() as [string, number][])).toEqual(
    new Map([
      ['Anna', 1],
      ['Ben', 1],
    ]),
  );
});

test('faces of nobody are somebody by their name', async () => {
  const faces = [
    ...some(4, 0, 'Anna'),
    { on: 'x.jpg', group: -1, name: 'Anna' },
    { on: 'y.jpg', group: -1, name: 'Carl' },
  ];
  await take(await run(faces));
  expect(everybody()).toEqual([
    ['Anna', 5],
    ['Carl', 1],
  ]);
});

test('names that differ in case, blanks or how accents are stored are one, as most spell it', async () => {
  await take(
    await run([
      ...some(3, 0, 'Zoë Maier'),
      ...some(2, 1, 'zoë  maier'),
      ...some(1, 2, ' Zoë Maier '.normalize('NFD')),
    ]),
  );
  expect(everybody()).toEqual([['Zoë Maier', 6]]);
});

test('several people on a photo', async () => {
  const faces = ['a.jpg', 'b.jpg', 'c.jpg'].flatMap((on) => [
    { on, nth: 0, group: 0, name: 'Anna' },
    { on, nth: 1, group: 1, name: 'Ben' },
    { on, nth: 2, group: 2 },
  ]);
  await take(await run(faces));
  expect(everybody()).toEqual([
    ['Anna', 3],
    ['Ben', 3],
    [3, 3],
  ]);
});

describe('what somebody decided here stands', () => {
  test('another name', async () => {
    const all = await run([...some(5, 0, 'Anna'), ...some(1, 1, 'Anna'), ...some(3, 1)]);
    await people.name(1, 'Anna Schmidt');
    await take(all);
    // Who is called Anna there is called Anna Schmidt here.
    expect(everybody()).toEqual([
      ['Anna Schmidt', 6],
      [2, 3],
    ]);
  });

  test('no name', async () => {
    const all = await run(some(4, 0, 'Anna'));
    await people.name(1, 'Ann');
    await people.unname(1);
    expect(await take(all)).toEqual([]);
    expect(everybody()).toEqual([[1, 4]]);
  });

  test('a name given from photos that was changed or taken away since', async () => {
    const faces = [...some(4, 0, 'Anna'), ...some(3, 1, 'Ben')];
    const all = await run(faces);
    await take(all);
    await people.name(1, 'Anna Schmidt');
    await people.unname(2);
    expect(await take(all)).toEqual([]);
    expect(everybody()).toEqual([
      ['Anna Schmidt', 4],
      [2, 3],
    ]);
  });

  test('whose a face is', async () => {
    const [moved, not, none, ...others] = some(6, 0, 'Anna') as [Face, Face, Face, ...Face[]];
    const all = await run([moved, not, none, ...others, ...some(3, 1, 'Ben')]);
    await people.is(faceOf(moved), 2);
    await people.not(faceOf(not), 1);
    await people.notFace(faceOf(none));
    await take(all);
    expect(whoIs(moved)).toBe(2);
    expect(whoIs(not)).toBeUndefined();
    expect(people.isFace(faceOf(none))).toBe(false);
    expect(everybody()).toEqual([
      ['Anna', 3],
      ['Ben', 4],
    ]);
  });

  test('that two people are two', async () => {
    const all = await run([...some(6, 0, 'Anna'), ...some(4, 1, 'Anna')]);
    await people.differ(1, 2);
    await take(all);
    expect(everybody()).toEqual([
      ['Anna', 6],
      [2, 4],
    ]);
  });

  test('that a merge was undone', async () => {
    const all = await run([...some(6, 0, 'Anna'), ...some(4, 1, 'Anna')]);
    await take(all);
    const merge = people.decisions().find((one) => one.do === 'merge');
    await people.undo(merge?.id as number);
    expect(await take(all)).toEqual([]);
    expect(everybody()).toEqual([
      ['Anna', 6],
      [2, 4],
    ]);
  });

  test('that a face that was moved by its name was put back', async () => {
    const [face, ...others] = some(2, 1, 'Anna') as [Face, Face];
    const all = await run([...some(6, 0, 'Anna'), face, ...others, ...some(5, 1)]);
    await take(all);
    await people.is(faceOf(face), 2);
    expect(await take(all)).toEqual([]);
    expect(whoIs(face)).toBe(2);
  });
});

test('who is called that already gets the other faces, however few of theirs are named', async () => {
  const named = some(5, 1, 'Anna');
  const all = await run([...some(3, 0), ...named, ...some(9, 1)]);
  await people.name(2, 'Anna');
  await take(all);
  expect(everybody()).toEqual([
    [1, 9],
    ['Anna', 8],
  ]);
  expect(new Set(named.map(whoIs))).toEqual(new Set([2]));
});

test('a name that was changed in the photos is changed here, if it came from there', async () => {
  const faces = some(4, 0, 'Anna');
  const all = await run(faces);
  await take(all);
  for (const face of faces) writeNames(face.on, [{ ...face, name: 'Anna Schmidt' }]);
  await take(all);
  expect(everybody()).toEqual([['Anna Schmidt', 4]]);
});

test('a name without a place may be that of somebody who is forgotten', async () => {
  const face: Face = { on: 'party.jpg', group: 1 };
  const faces = await run([face]);
  writeFileSync(
    temp('party.jpg.xmp'),
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:digiKam="http://www.digikam.org/ns/1.0/">' +
      '<rdf:Description><digiKam:TagsList><rdf:Seq><rdf:li>People/Anna</rdf:li></rdf:Seq></digiKam:TagsList></rdf:Description></rdf:RDF>',
  );
  expect(await take(faces, [faceOf({ ...face, nth: 1 })])).toEqual([]);
  expect(everybody()).toEqual([[1, 1]]);
  await take(faces);
  expect(everybody()).toEqual([['Anna', 1]]);
});

test('what names nobody is no name', async () => {
  const taken = await take(
    await run([
      ...some(3, 0, 'Person 07'),
      ...some(3, 1, 'Not sorted'),
      ...some(3, 2, '\u200b'),
      ...some(3, 3, '\u202eevil'),
      ...some(3, 4, 'x'.repeat(201)),
    ]),
  );
  expect(taken).toEqual([]);
});

test('damaged sidecars and photos that are gone say nothing, and the others are read', async () => {
  const [one, two, ...others] = some(4, 0, 'Anna') as [Face, Face, ...Face[]];
  const all = await run([one, two, ...others]);
  writeFileSync(
    temp(`${one.on}.xmp`),
    Buffer.from('<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF\0\xff', 'latin1'),
  );
  writeFileSync(temp(`${two.on}.xmp`), '<!DOCTYPE a [<!ENTITY b "&b;&b;">]><a>&b;</a>');
  await take(all);
  expect(everybody()).toEqual([['Anna', 4]]);
  expect(problems).toEqual([]);
});
