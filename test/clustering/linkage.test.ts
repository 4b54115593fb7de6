import { linkageClusterer } from '../../src/clustering/clusterer';
import { type LinkageOptions, linkage, suggestMerges } from '../../src/clustering/linkage';
import { rejection } from '../support/photos';

// biome-ignore lint/suspicious/noExplicitAny: programs in plain JavaScript pass anything
type Anything = any;

/** Three faces of one person, two of another, and somebody else. */
const LINE = [0, 0.1, 0.2, 3, 3.1, 9];
const LABELS = [0, 0, 0, 1, 1, 2];
const rows = (values: readonly number[]) => values.map((value) => Float64Array.of(value));

test.each<[string, Anything]>([
  ['rows', LINE.map((x) => [x])],
  ['float32', { data: Float32Array.from(LINE), n: 6, d: 1 }],
  ['float64', { data: Float64Array.from(LINE), n: 6, d: 1 }],
])('%s: a label for each face, from 0 by lowest face, those alone included', async (_, points) => {
  expect(await linkage(points)).toEqual({ labels: Int32Array.from(LABELS), clusters: 3, nearestOnly: 0 });
  expect(await linkage(points, { mirrored: points })).toEqual({
    labels: Int32Array.from(LABELS),
    clusters: 3,
    nearestOnly: 0,
  });
});

test('the mirror images may be in another type than the faces', async () => {
  const points = { data: Float32Array.from(LINE), n: 6, d: 1 };
  expect((await linkage(points, { mirrored: rows(LINE) })).labels).toEqual(Int32Array.from(LABELS));
});

test('no faces', async () => {
  expect(await linkage([])).toEqual({ labels: new Int32Array(0), clusters: 0, nearestOnly: 0 });
  expect((await linkage([], { mirrored: [] })).clusters).toBe(0);
});

test('a higher threshold joins more, a lower one less', async () => {
  const faces = rows([0, 0.45, 0.9]);
  const clusters = async (options: LinkageOptions) => (await linkage(faces, options)).clusters;
  expect(await clusters({ threshold: 0.3 })).toBe(3);
  expect(await clusters({ threshold: 1.2 })).toBe(1);
});

test('a face that is far from its mirror image is given the benefit of the doubt', async () => {
  // Their means are 0.49 apart: too far for one face to be sure, but each may be 0.3 off.
  const options = { mirrored: [Float64Array.of(-0.3), Float64Array.of(0.79)] };
  expect((await linkage([Float64Array.of(0.3), Float64Array.of(0.19)], options)).clusters).toBe(1);
  const same = rows([0, 0.49]);
  expect((await linkage(same, { mirrored: same, threshold: 0.5 })).clusters).toBe(2);
});

test('two groups that are on the same photos again and again are two people, if photos are given', async () => {
  // Two people alike, side by side on three photos; and a fourth photo of each, alone.
  const faces = rows([0, 0.01, 0.02, 0.03, 0.3, 0.31, 0.32, 0.33]);
  const photos = ['a', 'b', 'c', 'd', 'a', 'b', 'c', 'e'];
  expect((await linkage(faces)).clusters).toBe(1);
  const { labels } = await linkage(faces, { photos });
  expect([...labels]).toEqual([0, 0, 0, 0, 1, 1, 1, 1]);
  // One in four on a photo of the other is no sign.
  expect((await linkage(faces, { photos: ['a', 'b', 'c', 'd', 'a', 'f', 'g', 'e'] })).clusters).toBe(1);
});

test.each<[string, Anything, Anything, RegExp]>([
  ['no points', undefined, {}, /points\.data/],
  ['mirror images that are none', rows(LINE), { mirrored: 'a' }, /mirrored\.data/],
  [
    'fewer mirror images',
    rows(LINE),
    { mirrored: rows([1]) },
    /shape of points, \(6, 1\), for mirrored but received.*\(1, 1\)/,
  ],
  ['other values', rows([1]), { mirrored: [[1, 2]] }, /mirrored/],
  ['ragged mirror images', rows([1, 2]), { mirrored: [[1], [2, 3]] }, /mirrored\[1\]\.length/],
  ['a threshold that is none', rows(LINE), { threshold: -1 }, /threshold/],
  ['photos of others', rows(LINE), { photos: [1] }, /6 photos/],
  ['threads', rows(LINE), { threads: 0 }, /threads/],
  ['memory', rows(LINE), { maxMemory: -1 }, /maxMemory/],
  ['NaN', rows([1, Number.NaN]), {}, /row 1 has NaN/],
  ['NaN in a mirror image', rows([1, 2]), { mirrored: rows([Number.NaN, 2]) }, /row 0 has NaN/],
  ['beyond float32', rows([1, 1e300]), {}, /row 1 has an infinite value/],
])('refused: %s', async (_, points, options, message) => {
  expect(await rejection(linkage(points, options))).toMatchObject({
    code: 'FACE_INVALID_ARGUMENT',
    message: expect.stringMatching(message),
  });
});

test('aborted before: nothing is begun', async () => {
  expect(await rejection(linkage(rows(LINE), { signal: AbortSignal.abort() }))).toMatchObject({
    code: 'FACE_ABORTED',
  });
});

describe('as a clusterer', () => {
  test('people have at least minSamples faces; the others are unsorted', async () => {
    const faces = {
      encodings: rows([9, ...LINE.slice(0, 5)]),
      ids: ['f', 'a', 'b', 'c', 'd', 'e'],
      unclear: [],
    };
    const labels = async (minSamples: number) => [
      ...(
        await linkageClusterer({ threshold: undefined, minSamples, keepUnclear: false }, false).cluster(
          faces,
          {},
        )
      ).labels,
    ];
    expect(await labels(1)).toEqual([0, 1, 1, 1, 2, 2]);
    expect(await labels(2)).toEqual([-1, 0, 0, 0, 1, 1]);
    expect(await labels(3)).toEqual([-1, 0, 0, 0, -1, -1]);
    expect(await labels(4)).toEqual([-1, -1, -1, -1, -1, -1]);
  });

  test('where distances are equal, the ids decide, and not the order of the faces', async () => {
    // The middle one is as near to the left as to the right, and too far from both together.
    const faces = [
      { id: 'left', x: 0 },
      { id: 'middle', x: 0.5 },
      { id: 'right', x: 1 },
    ];
    const withMiddle = async (order: readonly number[]) => {
      const own = order.map((i) => faces[i] as (typeof faces)[0]);
      const { labels } = await linkageClusterer(
        { threshold: undefined, minSamples: 1, keepUnclear: false },
        false,
      ).cluster({ encodings: rows(own.map(({ x }) => x)), ids: own.map(({ id }) => id), unclear: [] }, {});
      const label = labels[own.findIndex(({ id }) => id === 'middle')];
      return own
        .filter((_, i) => labels[i] === label)
        .map(({ id }) => id)
        .sort();
    };
    for (const order of [
      [0, 1, 2],
      [2, 1, 0],
      [1, 2, 0],
    ]) {
      expect(await withMiddle(order)).toEqual(['left', 'middle']);
    }
  });

  test('unclear faces make nobody, and join only those whom they are surely like, unless they are kept', async () => {
    // Two people of three clear faces; blurs among themselves, one near the first person, one between the two.
    const encodings = rows([0, 0.05, 0.1, 3, 3.05, 3.1, 0.2, 0.7, 8, 8.01, 8.02, 8.03]);
    const faces = {
      encodings,
      ids: encodings.map((_, i) => String(i).padStart(2, '0')),
      unclear: encodings.map((_, i) => i >= 6),
    };
    const labels = async (keepUnclear: boolean) => [
      ...(
        await linkageClusterer({ threshold: undefined, minSamples: 3, keepUnclear }, false).cluster(faces, {})
      ).labels,
    ];
    expect(await labels(false)).toEqual([0, 0, 0, 1, 1, 1, 0, -1, -1, -1, -1, -1]);
    expect((await labels(true)).slice(8)).toEqual([2, 2, 2, 2]);
  });

  test('says what it has done', () => {
    const parameters = (mirrored: boolean, threshold?: number) =>
      linkageClusterer({ threshold, minSamples: 5, keepUnclear: false }, mirrored).parameters;
    expect(parameters(true)).toEqual({
      method: 'linkage',
      threshold: 0.56,
      mirrored: true,
      minSamples: 5,
      keepUnclear: false,
    });
    expect(parameters(false)).toEqual({
      method: 'linkage',
      threshold: 0.61,
      mirrored: false,
      minSamples: 5,
      keepUnclear: false,
    });
    expect(parameters(true, 0.5)).toMatchObject({ threshold: 0.5 });
  });
});

describe('suggestMerges', () => {
  // Three people: the first two are 0.5 apart, the third is far away; and a face that is nobody's.
  const faces = rows([0, 0.02, 0.5, 0.52, 5, 5.02, 0.7]);
  const labels = [7, 7, 3, 3, 4, 4, -1];

  test('the pairs that are most alike, by their labels; who is nobody is in none', async () => {
    const found = await suggestMerges(faces, labels);
    expect(found).toEqual([{ labels: [7, 3], score: expect.any(Number) }]);
    // The root of the mean square of 0.5, 0.52, 0.48 and 0.5, the surcharge, and nothing for a crowd of fewer than ten.
    const score = found[0]?.score;
    expect(score).toBeCloseTo(
      Math.sqrt((0.5 ** 2 + 0.52 ** 2 + 0.48 ** 2 + 0.5 ** 2) / 4) + 0.08 / Math.sqrt(2),
      6,
    );
  });

  test('as many as are wanted, up to the threshold, whatever the threads', async () => {
    const many = rows(Array.from({ length: 40 }, (_, i) => 0.3 * Math.floor(i / 2) + 0.001 * i));
    const people = many.map((_, i) => Math.floor(i / 2));
    const all = await suggestMerges(many, people, { count: 1000, threads: 1 });
    expect(all.length).toBeGreaterThan(10);
    expect(all.map(({ score }) => score)).toEqual(all.map(({ score }) => score).toSorted((a, b) => a - b));
    expect(await suggestMerges(many, people, { count: 1000, threads: 3 })).toEqual(all);
    expect(await suggestMerges(many, people, { count: 3 })).toEqual(all.slice(0, 3));
    expect(await suggestMerges(many, people, { threshold: 0 })).toEqual([]);
    expect(await suggestMerges(many, people, { mirrored: many, count: 5 })).toHaveLength(5);
  });

  test('no faces, no people', async () => {
    expect(await suggestMerges([], [])).toEqual([]);
    expect(await suggestMerges(faces, new Int32Array(7).fill(-1))).toEqual([]);
  });

  test.each<[string, Anything, Anything, RegExp]>([
    ['no labels', undefined, {}, /7 labels/],
    ['too few', [1], {}, /7 labels/],
    ['labels that are none', [0, 0, 0, 0, 0, 0, -2], {}, /labels\[6\]/],
    ['a count of none', labels, { count: 0 }, /count/],
    ['mirror images of others', labels, { mirrored: rows([1]) }, /mirrored/],
  ])('refused: %s', async (_, wrong, options, message) => {
    expect(await rejection(suggestMerges(faces, wrong, options))).toMatchObject({
      code: 'FACE_INVALID_ARGUMENT',
      message: expect.stringMatching(message),
    });
  });
});
