import type { FaceRecord } from '../../src/base/types';
import { facesToCluster } from '../../src/clustering/faces-to-cluster';
import { findUnclear, type MeasuredFace } from '../../src/clustering/unclear';

const face = (imagePath: string, left = 0, size = 100): FaceRecord => ({
  imagePath,
  loc: { top: 0, right: left + size, bottom: size, left },
  encoding: new Float64Array(128).fill(left),
});

test.each<[string, MeasuredFace | undefined, boolean]>([
  ['nothing is known', undefined, false],
  ['only a score is known, as in older journals', { score: 0.1 }, false],
  ['sharp and sure', { score: 1.2, sharpness: 0.9 }, false],
  ['just sharp enough', { score: 1.2, sharpness: 0.25 }, false],
  ['a blur', { score: 1.2, sharpness: 0.24 }, true],
  ['of HOG, doubtful, confirmed', { score: 0.1, sharpness: 0.9, confirmed: true }, false],
  ['of HOG, doubtful, not confirmed', { score: 0.1, sharpness: 0.9, confirmed: false }, true],
  ['of the CNN detector, tentative', { score: 0.49, sharpness: 0.9 }, true],
  ['of the CNN detector, not tentative', { score: 0.5, sharpness: 0.9 }, false],
])('%s: unclear %s', (_, measured, unclear) => {
  expect(findUnclear([face('a.jpg')], () => measured)).toEqual([unclear]);
});

test('a face inside another of the same photo is unclear, the other is not', () => {
  expect(
    findUnclear([face('a.jpg', 0, 100), face('a.jpg', 10, 50), face('b.jpg', 10, 50)], () => undefined),
  ).toEqual([false, true, false]);
});

test('what lies inside a box that is no face may be the face', () => {
  const measured = [
    { score: 0.1, sharpness: 0.9, confirmed: false },
    { score: 1.2, sharpness: 0.9 },
  ];
  const found = findUnclear([face('a.jpg', 0, 100), face('a.jpg', 10, 50)], (index) => measured[index]);
  expect(found).toEqual([true, false]);
});

test('mirror images count if those of all faces are known; photos are named by what they contain', () => {
  const records = [face('a.jpg'), face('b.jpg', 200)];
  const mirrored = new Float64Array(128);
  const known = {
    faces: [{ score: 1, mirrored }, { score: 1 }],
    photos: new Map([['a.jpg', { content: 'ab'.repeat(32) }]]),
  };
  expect(facesToCluster(records, known)).toMatchObject({
    mirrored: undefined,
    ids: ['abababababababab_0_100_100_0', '["b.jpg",0,300,100,200]'],
  });
  const all = {
    ...known,
    faces: [
      { score: 1, mirrored },
      { score: 1, mirrored },
    ],
  };
  expect(facesToCluster(records, all).mirrored).toEqual([mirrored, mirrored]);
  expect(facesToCluster(records, undefined).mirrored).toBeUndefined();
});
