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
  ['no points', undefined, {}, /a matrix, for points but received undefined/],
  ['mirror images that are none', rows(LINE), { mirrored: 'a' }, /a matrix, for mirrored but received "a"/],
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

describe('with people who are known', () => {
  /** Two people of two faces each, alike enough to be one, and somebody else. */
  const faces = rows([0, 0.1, 0.2, 0.3, 9]);
  const people = [40, 40, 7, 7, -1];
  const grouped = async (options: LinkageOptions) => [...(await linkage(faces, options)).labels];

  test.each<[string, LinkageOptions, readonly number[]]>([
    ['nobody', { people: [-1, -1, -1, -1, -1] }, [0, 0, 0, 0, 1]],
    ['they may be joined', { people }, [0, 0, 0, 0, 1]],
    ['they are not to be joined', { people, joinPeople: false }, [0, 0, 1, 1, 2]],
    ['two to be kept', { people, keep: [40, 7] }, [0, 0, 1, 1, 2]],
    ['one to be kept', { people, keep: [40] }, [0, 0, 0, 0, 1]],
    ['two who are apart', { people, apart: [[7, 40]] }, [0, 0, 1, 1, 2]],
    ['a face that is not the other', { people, not: [[1, 7]] }, [0, 0, 1, 1, 2]],
    ['somebody with faces far apart', { people: [3, -1, -1, -1, 3] }, [0, 1, 1, 1, 0]],
    [
      'a face that is neither',
      {
        people: [1, 1, -1, 2, 2],
        not: [
          [2, 1],
          [2, 2],
        ],
      },
      [0, 0, 1, 2, 2],
    ],
    ['any array', { people: Int32Array.from(people), joinPeople: false }, [0, 0, 1, 1, 2]],
  ])('%s', async (_, options, labels) => {
    expect(await grouped(options)).toEqual(labels);
    expect(await grouped({ ...options, mirrored: faces })).toEqual(labels);
  });

  test('where people are not joined, only what is around new points is looked at', async () => {
    // A face of each of two people, and one beside it that is nobody's yet.
    const own = rows([0, 0.1, 8, 8.1]);
    const labels = async (fresh: readonly number[] | undefined, joinPeople = false) => [
      ...(await linkage(own, { people: [5, -1, 9, -1], joinPeople, ...(fresh && { fresh }) })).labels,
    ];
    expect(await labels(undefined)).toEqual([0, 0, 1, 1]);
    expect(await labels([])).toEqual([0, 1, 2, 3]);
    expect(await labels([3])).toEqual([0, 1, 2, 2]);
    expect(await labels([1, 0])).toEqual([0, 0, 1, 2]);
    expect(await labels([], true)).toEqual([0, 0, 1, 1]);
  });

  test('who may not join the nearest joins the next', async () => {
    const own = rows([0, 0, 0.2, 0.5, 0.5]);
    const labels = async (not: LinkageOptions['not']) => [
      ...(await linkage(own, { people: [0, 0, -1, 1, 1], joinPeople: false, ...(not && { not }) })).labels,
    ];
    expect(await labels(undefined)).toEqual([0, 0, 0, 1, 1]);
    expect(await labels([[2, 0]])).toEqual([0, 0, 1, 1, 1]);
  });

  test.each<[string, Anything, RegExp]>([
    ['people of others', { people: [1] }, /5 people, one for each point, for people/],
    ['people that are none', { people: [0, 0, 0, 0, -2] }, /people\[4\] but received -2/],
    ['no numbers', { people: [0, 0, 0, 0, 'a'] }, /people\[4\]/],
    ['joinPeople', { people, joinPeople: 1 }, /true or false for joinPeople/],
    [
      'nobody to keep',
      { people, keep: [7, 8] },
      /somebody whom a point is known to be for keep\[1\] but received 8/,
    ],
    ['keep -1', { people, keep: [-1] }, /keep\[0\]/],
    ['keep without people', { keep: [0] }, /keep\[0\]/],
    ['no list', { people, keep: 7 }, /an array for keep/],
    [
      'nobody to hold apart',
      {
        people,
        apart: [
          [7, 40],
          [7, 1],
        ],
      },
      /apart\[1\]\[1\] but received 1/,
    ],
    ['no pair', { people, apart: [[7]] }, /a pair of numbers for apart\[0\]/],
    ['the same twice', { people, apart: [[7, 7]] }, /two people for apart\[0\] but received "7 twice"/],
    ['a point that is none', { people, not: [[5, 7]] }, /from 0 to 4 for not\[0\]\[0\] but received 5/],
    ['not nobody', { people, not: [[4, 8]] }, /not\[0\]\[1\] but received 8/],
    [
      'not oneself',
      {
        people,
        not: [
          [4, 7],
          [0, 40],
        ],
      },
      /somebody else than point 0 is known to be for not\[1\]/,
    ],
    ['new points that are none', { people, fresh: [4, 5] }, /from 0 to 4 for fresh\[1\] but received 5/],
    ['no list of new points', { people, fresh: 4 }, /an array for fresh/],
  ])('refused: %s', async (_, options, message) => {
    expect(await rejection(linkage(faces, options))).toMatchObject({
      code: 'FACE_INVALID_ARGUMENT',
      message: expect.stringMatching(message),
    });
  });

  describe('as a clusterer', () => {
    const clusterer = (minSamples: number, keepUnclear = false) =>
      linkageClusterer({ threshold: undefined, minSamples, keepUnclear }, false);
    const labels = async (
      values: readonly number[],
      known: Anything,
      { minSamples = 3, unclear = [] as readonly number[], reversed = false } = {},
    ) => {
      const ids = values.map((_, i) => String(reversed ? 50 - i : 10 + i));
      const is = values.map((_, i) => unclear.includes(i));
      const all = { encodings: rows(values), ids, unclear: is, known };
      return [...(await clusterer(minSamples).cluster(all, {})).labels];
    };

    test('groups of people are never too small, whatever the order of the faces', async () => {
      const values = [5, 0, 0.1, 5.1, 9];
      const known = { people: [2, -1, -1, -1, 1], joinPeople: false };
      for (const reversed of [false, true]) {
        expect(await labels(values, known, { reversed })).toEqual([0, -1, -1, 0, 1]);
      }
    });

    test('unclear faces of people begin with them; of nobody, they join nobody whom they are not', async () => {
      // Three of one, an unclear one of theirs far away; two unclear ones that are surely like them.
      const values = [0, 0.01, 0.02, 4, 0.03, 0.04];
      const known = { people: [6, 6, -1, 6, -1, -1], not: [[4, 6]] };
      // Their centre is far from all of them now: nobody unclear is like that.
      expect(await labels(values, known, { unclear: [3, 4, 5] })).toEqual([0, 0, -1, 0, -1, -1]);
      const near = [0, 0.01, 0.02, 0.4, 0.03, 0.04];
      expect(await labels(near, known, { unclear: [3, 4, 5] })).toEqual([0, 0, 0, 0, -1, 0]);
    });

    test('new faces are told by their places, whatever the order', async () => {
      const known = { people: [5, -1, 9, -1], joinPeople: false, fresh: [3] };
      for (const reversed of [false, true]) {
        expect(await labels([0, 0.1, 8, 8.1], known, { minSamples: 1, reversed })).toEqual([0, 1, 2, 2]);
      }
      // The new one is left out: nothing is new. It is surely like the last person.
      expect(await labels([0, 0.1, 8, 8.1], known, { unclear: [3] })).toEqual([0, -1, 1, 1]);
    });

    test('constraints on people without a face, and on faces that are left out, are no mistakes', async () => {
      const known = {
        people: [6, 6, -1],
        keep: [6, 7],
        apart: [[6, 7]],
        not: [
          [2, 7],
          [2, 6],
        ],
      };
      expect(await labels([0, 0.1, 0.05], known, { unclear: [2] })).toEqual([0, 0, -1]);
      expect(await labels([0, 0.1, 0.05], known)).toEqual([0, 0, -1]);
    });
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
