import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Box, FaceRecord } from '../../src/base/types';
import { clustersOf } from '../../src/clustering/clusters';
import { describeClusters } from '../../src/result/export/clusters-data';
import { clustersSchemaErrors } from '../support/clusters-schema';
import { NOWHERE, UNKNOWN } from '../support/nowhere';

/** A face whose encoding has `x` and `y` as its first two numbers. */
function face(imagePath: string, x: number, y = 0): FaceRecord {
  const encoding = new Float64Array(128);
  encoding[0] = x;
  encoding[1] = y;
  return { imagePath, loc: { top: 1, right: 5, bottom: 7, left: 2 }, encoding };
}

const details = {
  encodings: 'faces.pickle',
  programVersion: '1.2.3',
  parameters: { method: 'dbscan' as const, eps: 0.5, minSamples: 2, seed: 0 },
  lastingLabels: false,
  problems: [],
};

const places = {
  folder: (label: number) => `label${label}`,
  montages: (label: number) => [`montage/${label}.jpg`],
  face: (label: number, index: number) => ({ ...NOWHERE, file: `label${label}/${index}.jpg` }),
};

const describeFaces = (records: FaceRecord[], labels: number[], facts = UNKNOWN) =>
  describeClusters(
    records,
    clustersOf(
      labels,
      records.map(({ encoding }) => encoding),
    ),
    details,
    facts,
    places,
  );

test('each face is with its person, once, under its place in the encodings file', () => {
  const records = [face('a.jpg', 0), face('b.jpg', 5), face('a.jpg', 5), face('c.jpg', 0), face('d.jpg', 9)];
  const data = describeFaces(records, [0, 1, 1, 0, -1]);
  expect(data.people.map(({ label, faces }) => [label, faces.map(({ index }) => index)])).toEqual([
    [0, [0, 3]],
    [1, [1, 2]],
  ]);
  expect(data.unclustered.faces.map(({ index, photo }) => [index, photo])).toEqual([[4, 'd.jpg']]);
  expect(data.encodings).toEqual({ file: 'faces.pickle', faces: 5, photos: 4 });
  expect(data.people[1]?.faces[1]).toMatchObject({
    photo: 'a.jpg',
    box: { top: 1, right: 5, bottom: 7, left: 2 },
    file: 'label1/2.jpg',
  });
});

test('a photo that a person is on twice counts once', () => {
  const data = describeFaces([face('a.jpg', 0), face('a.jpg', 0), face('b.jpg', 0)], [0, 0, 0]);
  expect(data.people[0]?.photos).toBe(2);
});

test('distances are to the mean of the encodings; the nearest face represents the person', () => {
  // The mean is (3, 1).
  const data = describeFaces([face('a', 0), face('b', 3, 4), face('c', 3, 0), face('d', 6, 0)], [0, 0, 0, 0]);
  const distances = data.people[0]?.faces.map(({ distance }) => distance);
  expect(distances).toEqual([3.162278, 3, 1, 3.162278]);
  expect(data.people[0]?.representative).toBe(2);
});

test('of two faces that are as near to the centre, the first represents the person', () => {
  const data = describeFaces([face('stranger', 9), face('a', 1), face('b', -1)], [-1, 0, 0]);
  expect(data.people[0]?.representative).toBe(1);
});

test('faces that belong to nobody have no centre', () => {
  const { unclustered } = describeFaces([face('a', 1), face('b', 2)], [-1, -1]);
  expect(unclustered).toMatchObject({ label: -1, representative: null, photos: 2 });
  expect(unclustered.faces.map(({ distance }) => distance)).toEqual([null, null]);
});

test('an empty file has no people, and still all fields', () => {
  const data = describeFaces([], []);
  expect(data).toMatchObject({ people: [], unclustered: { label: -1, faces: [], folder: null } });
  expect(clustersSchemaErrors(data)).toEqual([]);
});

describe('copies of one photo', () => {
  const copies = { ...UNKNOWN, photoId: (path: string) => path.replace(/^.*\//, '') };

  test('count as photos, and are told from different ones', () => {
    const paths = ['2019/a', 'best/a', '2020/b', '2020/c', 'stranger', 'best/stranger'];
    const records = paths.map((path) => face(path, 0));
    const { people, unclustered } = describeFaces(records, [0, 0, 0, 0, -1, -1], copies);
    expect(people[0]).toMatchObject({ photos: 4, distinctPhotos: 3, onlyCopies: false });
    expect(unclustered).toMatchObject({ photos: 2, distinctPhotos: 1, onlyCopies: false });
  });

  test('alone make a person where there are too few other faces', () => {
    const faces = (...paths: string[]) => paths.map((path) => face(path, 0));
    const only = (records: FaceRecord[]) =>
      describeFaces(
        records,
        records.map(() => 0),
        copies,
      ).people[0]?.onlyCopies;
    expect(only(faces('1/a', '2/a', '3/a'))).toBe(true);
    expect(only(faces('1/a', '2/a', '1/b'))).toBe(false);
    // Two faces on one photo, in a mirror say, are two.
    const mirrored = { ...face('1/a', 0), loc: { top: 1, right: 50, bottom: 7, left: 45 } };
    expect(only([...faces('1/a'), mirrored])).toBe(false);
    // A person of fewer faces than it takes has lost some to another one, whatever is a copy.
    expect(only(faces('1/a'))).toBe(false);
  });
});

test('photos that a person seems to be on more than once are counted', () => {
  const paths = ['a', 'a', 'a', 'b', 'c', 'c', 'd', 'd'];
  const { people, unclustered } = describeFaces(
    paths.map((path) => face(path, 0)),
    [0, 0, 0, 0, 0, 1, -1, -1],
  );
  expect(people.map(({ photosWithSeveral }) => photosWithSeveral)).toEqual([1, 0]);
  expect(unclustered.photosWithSeveral).toBeNull();
});

test('why a person looks like several is said of that person, rounded', () => {
  const several = {
    reasons: ['halves' as const],
    photos: 0,
    halves: { distance: 0.123456789, share: 1 / 3 },
  };
  const facts = { ...UNKNOWN, several: (label: number) => (label === 1 ? several : undefined) };
  const data = describeFaces([face('a', 0), face('b', 1), face('c', 3), face('d', 9)], [0, 1, 1, -1], facts);
  expect(data.people.map(({ spread, several }) => [spread, several])).toEqual([
    [0, null],
    [1, { ...several, halves: { distance: 0.123457, share: 0.333333 } }],
  ]);
  expect([data.unclustered.spread, data.unclustered.several]).toEqual([null, null]);
  expect(clustersSchemaErrors(data)).toEqual([]);
});

test('a face has what was measured of it, and null where nothing is known', () => {
  const records = [face('a', 0), face('b', 0)];
  const facts = {
    ...UNKNOWN,
    measured: (index: number) => (index === 0 ? { score: 1.25, sharpness: 0.12345678 } : undefined),
    unclear: (index: number) => index === 0,
  };
  const faces = describeFaces(records, [0, 0], facts).people[0]?.faces;
  expect(faces?.map(({ score, sharpness, unclear }) => [score, sharpness, unclear])).toEqual([
    [1.25, 0.123457, true],
    [null, null, false],
  ]);
});

test('a face inside the box of another on the same photo names it, the smallest of several', () => {
  const at = (imagePath: string, left: number, top: number, side: number): FaceRecord => {
    const loc: Box = { top, right: left + side, bottom: top + side, left };
    return { ...face(imagePath, 0), loc };
  };
  const records = [
    at('a', 10, 10, 10),
    at('a', 0, 0, 100),
    at('a', 5, 5, 20),
    at('a', 95, 50, 20), // reaches out of the large one
    at('b', 10, 10, 10), // on another photo
    at('a', 0, 0, 100), // the same box again
    at('a', 0, 80, 20), // at the edge, which still is inside
  ];
  const { people } = describeFaces(
    records,
    records.map(() => 0),
  );
  expect(people[0]?.faces.map(({ inside }) => inside)).toEqual([2, null, 1, null, null, 1, 1]);
});

describe('the schema', () => {
  const data = JSON.parse(
    JSON.stringify(describeFaces([face('a', 1), face('b', 2), face('c', 9)], [0, 0, -1])),
  );

  test('fits what is written', () => {
    expect(clustersSchemaErrors(data)).toEqual([]);
  });

  test.each<[string, (broken: typeof data) => void]>([
    ['another version', (broken) => Object.assign(broken, { version: 1 })],
    ['a person without faces', (broken) => Object.assign(broken.people[0], { faces: [] })],
    ['a person without a distance', (broken) => Object.assign(broken.people[0].faces[0], { distance: null })],
    ['a missing field', (broken) => delete broken.people[0].faces[0].thumbnail],
    ['a box that is a list', (broken) => Object.assign(broken.people[0].faces[0], { box: [1, 5, 7, 2] })],
    ['another id', (broken) => Object.assign(broken.people[0].faces[0], { id: '9f86d081_1_5_7_2' })],
    ['a photo on its side twice', (broken) => (broken.people[0].faces[0].photoOrientation = 9)],
    ['a time of its own', (broken) => (broken.people[0].faces[0].photoTaken = '2019:07:14 15:30:12')],
    ['a stranger with a centre', (broken) => Object.assign(broken.unclustered.faces[0], { distance: 1 })],
  ])('refuses %s', (_, change) => {
    const broken = structuredClone(data);
    change(broken);
    expect(clustersSchemaErrors(broken)).not.toEqual([]);
  });

  test('knows every field that is written, at every level', () => {
    const schema = JSON.parse(readFileSync(join(__dirname, '../../schemas/clusters.schema.json'), 'utf8'));
    const keys = (value: object) => Object.keys(value).sort();
    expect(keys(schema.properties)).toEqual(keys(data));
    const linkage = { method: 'linkage', threshold: 0.61, mirrored: false, keepUnclear: false } as const;
    expect(keys(schema.properties.parameters.properties)).toEqual(keys({ ...data.parameters, ...linkage }));
    expect(keys(schema.$defs.cluster.properties)).toEqual(keys(data.people[0]));
    expect(keys(schema.$defs.face.properties)).toEqual(keys(data.people[0].faces[0]));
  });
});
