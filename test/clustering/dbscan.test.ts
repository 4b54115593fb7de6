import { getEventListeners } from 'node:events';
import { FaceError } from '../../src/base/errors';
import { type DbscanOptions, dbscan, faceDistance } from '../../src/clustering/dbscan';
import { rejection } from '../support/photos';
import { faceError, randomIntegers } from '../support/pickle-bytes';

// biome-ignore lint/suspicious/noExplicitAny: programs in plain JavaScript pass anything
type Anything = any;

/** Two clusters on a line, a border point that both reach exactly at eps = 1, and noise. */
const LINE = [0, 0, 0, 1, 2, 3, 4, 4, 4, 9];
const LINE_LABELS = [0, 0, 0, 0, 0, 1, 1, 1, 1, -1];
const LINE_CORE = [1, 1, 1, 1, 0, 1, 1, 1, 1, 0];
const LINE_OPTIONS: DbscanOptions = { eps: 1, minSamples: 4 };

function randomMatrix(n: number, d: number, seed = 1): { data: Float32Array; n: number; d: number } {
  const random = randomIntegers(seed);
  return { data: Float32Array.from({ length: n * d }, () => random(1 << 20) / (1 << 20)), n, d };
}

describe('input', () => {
  const embedded = (kind: typeof Float32Array | typeof Float64Array, memory: ArrayBufferLike) => {
    const buffer = memory as ArrayBuffer;
    const view = new kind(buffer, 3 * kind.BYTES_PER_ELEMENT, LINE.length);
    new kind(buffer).fill(Number.NaN);
    view.set(LINE);
    return view;
  };

  test.each<[string, Anything]>([
    ['rows', LINE.map((x) => [x])],
    ['rows of float32', LINE.map((x) => Float32Array.of(x))],
    ['rows of both', LINE.map((x, i) => (i % 2 ? Float64Array.of(x) : Uint8Array.of(x)))],
    ['float32', { data: Float32Array.from(LINE), n: 10, d: 1 }],
    ['float64', { data: Float64Array.from(LINE), n: 10, d: 1 }],
    ['a float32 view with an offset', { data: embedded(Float32Array, new ArrayBuffer(64)), n: 10, d: 1 }],
    ['a float64 view with an offset', { data: embedded(Float64Array, new ArrayBuffer(128)), n: 10, d: 1 }],
    ['shared memory', { data: embedded(Float64Array, new SharedArrayBuffer(128)), n: 10, d: 1 }],
  ])('%s', async (_, points) => {
    const { labels, core, clusters } = await dbscan(points, LINE_OPTIONS);
    expect(labels).toEqual(Int32Array.from(LINE_LABELS));
    expect(core).toEqual(Uint8Array.from(LINE_CORE));
    expect(clusters).toBe(2);
  });

  test('rows of several values: a row is a point', async () => {
    const rows = [
      [0, 0, 0],
      [0, 3, 4],
      [0, 3, 4.001],
    ];
    expect([...(await dbscan(rows, { eps: 5, minSamples: 2 })).labels]).toEqual([0, 0, 0]);
    expect([...(await dbscan(rows, { eps: 5, minSamples: 3 })).core]).toEqual([0, 1, 0]);
    const matrix = { data: Float64Array.from(rows.flat()), n: 3, d: 3 };
    expect(await dbscan(matrix, { eps: 5, minSamples: 3 })).toEqual(
      await dbscan(rows, { eps: 5, minSamples: 3 }),
    );
  });

  test('no points', async () => {
    const empty = { labels: new Int32Array(0), core: new Uint8Array(0), clusters: 0 };
    expect(await dbscan([])).toEqual(empty);
    expect(await dbscan({ data: new Float32Array(0), n: 0, d: 128 })).toEqual(empty);
  });

  test("the defaults are the Python project's: eps 0.5, five points", async () => {
    const at = (...xs: number[]) => dbscan(xs.map((x) => [x])).then(({ labels }) => [...labels]);
    expect(await at(0, 0.5, 0.5, 0.5, 0.5)).toEqual([0, 0, 0, 0, 0]);
    expect(await at(0, 0.5, 0.5, 0.5)).toEqual([-1, -1, -1, -1]);
    expect(await at(0, 0.5000001, 0.5000001, 0.5000001, 0.5000001)).toEqual([-1, -1, -1, -1, -1]);
  });

  test('eps 0: only equal points are neighbours', async () => {
    const { labels } = await dbscan([[1], [2], [1], [2], [3]], { eps: 0, minSamples: 2 });
    expect([...labels]).toEqual([0, 1, 0, 1, -1]);
  });

  test('values whose squares overflow are far apart, not NaN', async () => {
    const { labels } = await dbscan([[1e200], [1e200], [-1e200]], { eps: 1, minSamples: 2 });
    expect([...labels]).toEqual([0, 0, -1]);
  });
});

describe('bad arguments', () => {
  const nan = Float32Array.from({ length: 30 }, (_, i) => (i === 17 ? Number.NaN : i));
  const holes = [[1], [2], [3]];
  delete holes[1];

  test.each<[string, Anything, Anything, RegExp]>([
    ['null', null, {}, /a matrix, for points but received null/],
    [
      'a plain array as data',
      { data: [1, 2], n: 1, d: 2 },
      {},
      /Float32Array or Float64Array for points\.data but received Array/,
    ],
    [
      'whole numbers as data',
      { data: new Int32Array(4), n: 2, d: 2 },
      {},
      /points\.data but received Int32Array/,
    ],
    [
      'data that is too short',
      { data: new Float32Array(5), n: 2, d: 3 },
      {},
      /n \* d = 6 for points\.data\.length but received 5/,
    ],
    [
      'data that is too long',
      { data: new Float32Array(7), n: 2, d: 3 },
      {},
      /n \* d = 6 for points\.data\.length but received 7/,
    ],
    ['n missing', { data: new Float32Array(4), d: 2 }, {}, /points\.n but received undefined/],
    ['n negative', { data: new Float32Array(4), n: -2, d: -2 }, {}, /points\.n but received -2/],
    ['d 0', { data: new Float32Array(0), n: 2, d: 0 }, {}, /points\.d but received 0/],
    [
      'n * d that overflows',
      { data: new Float32Array(4), n: 2 ** 31 - 1, d: 2 ** 53 - 1 },
      {},
      /points\.data\.length/,
    ],
    ['NaN', { data: nan, n: 10, d: 3 }, {}, /row 5 has NaN in column 2/],
    [
      'infinite',
      [
        [1, 2],
        [3, Infinity],
      ],
      {},
      /row 1 has an infinite value in column 1/,
    ],
    ['text', [['a']], {}, /row 0 has NaN/],
    ['numbers instead of rows', [1, 2, 3], {}, /array of numbers for points\[0\] but received 1$/],
    [
      'ragged rows',
      [[1, 2], [3, 4], [5]],
      {},
      /2, as in points\[0\], for points\[2\]\.length but received 1/,
    ],
    ['a hole', holes, {}, /array of numbers for points\[1\] but received undefined/],
    ['only holes', new Array(3), {}, /points\[0\] but received undefined/],
    ['rows without values', [[], []], {}, /points\[0\]\.length but received 0/],
    ['eps negative', [[1]], { eps: -0.1 }, /a number of at least 0 for eps but received -0\.1/],
    ['eps NaN', [[1]], { eps: Number.NaN }, /eps but received NaN/],
    ['eps infinite', [[1]], { eps: Infinity }, /eps but received Infinity/],
    ['eps as text', [[1]], { eps: '0.5' }, /eps but received "0\.5"/],
    ['minSamples 0', [[1]], { minSamples: 0 }, /minSamples but received 0/],
    ['minSamples 1.5', [[1]], { minSamples: 1.5 }, /minSamples but received 1\.5/],
    ['threads 0', [[1]], { threads: 0 }, /threads but received 0/],
    ['threads -1', [[1]], { threads: -1 }, /threads but received -1/],
    ['maxMemory -1', [[1]], { maxMemory: -1 }, /maxMemory but received -1/],
    ['onProgress true', [[1]], { onProgress: true }, /function for onProgress but received true/],
    ['signal {}', [[1]], { signal: {} }, /AbortSignal for signal but received Object/],
    ['null for the options', [[1]], null, /object for options but received null/],
  ])('%s', async (_, points, options, message) => {
    const error = await rejection(dbscan(points, options));
    expect(error).toBeInstanceOf(FaceError);
    expect(error.code).toBe('FACE_INVALID_ARGUMENT');
    expect(error.message).toMatch(message);
  });
});

test('the labels do not depend on the number of threads, nor on the memory', async () => {
  // Density chosen so that there are clusters of all sizes, contested border points and noise.
  const random = randomIntegers(5);
  const n = 4000;
  const data = Float32Array.from({ length: 2 * n }, () => random(160));
  const runs = await Promise.all(
    [1, 2, 7, 64].flatMap((threads) =>
      [2 ** 30, 0].map((maxMemory) =>
        dbscan({ data, n, d: 2 }, { eps: 2, minSamples: 4, threads, maxMemory }),
      ),
    ),
  );
  for (const run of runs) expect(run).toEqual(runs[0]);
  expect(runs[0]?.clusters).toBeGreaterThan(100);
  expect(runs[0]?.labels.filter((label) => label === -1).length).toBeGreaterThan(100);
});

describe('onProgress', () => {
  test('rises to 1, and is over when the promise settles', async () => {
    const fractions: number[] = [];
    await dbscan(randomMatrix(2000, 16), { onProgress: (fraction) => fractions.push(fraction), threads: 2 });
    const { length } = fractions;
    expect(length).toBeGreaterThan(10);
    expect(length).toBeLessThanOrEqual(101);
    expect(fractions).toEqual([...new Set(fractions)].sort((a, b) => a - b));
    expect(fractions[0]).toBeGreaterThan(0);
    expect(fractions.at(-1)).toBe(1);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(fractions).toHaveLength(length);
  });

  test('that throws: the promise rejects with that error, and the work is stopped', async () => {
    const thrown = new Error('the progress bar fell over');
    let last = 0;
    const error = await rejection(
      dbscan(randomMatrix(60_000, 128), {
        threads: 1,
        onProgress: (fraction) => {
          last = fraction;
          throw thrown;
        },
      }),
    );
    expect(error).toBe(thrown);
    expect(last).toBeLessThan(0.5);
  });

  test('that throws at the very end, or nothing at all: the promise rejects all the same', async () => {
    for (const thrown of ['done?', undefined]) {
      const promise = dbscan([[1], [2]], {
        onProgress: () => {
          throw thrown;
        },
      });
      expect(await rejection(promise)).toBe(thrown);
    }
  });
});

describe('AbortSignal', () => {
  test('aborted during a long run: it stops before the work is done', async () => {
    const controller = new AbortController();
    const reason = new Error('enough');
    let last = 0;
    const error = await rejection(
      dbscan(randomMatrix(60_000, 128), {
        signal: controller.signal,
        threads: 1,
        onProgress: (fraction) => {
          last = fraction;
          if (fraction >= 0.02) controller.abort(reason);
        },
      }),
    );
    expect(error).toBeInstanceOf(FaceError);
    expect(error).toMatchObject({ code: 'FACE_ABORTED', name: 'AbortError' });
    expect(error.cause).toBe(reason);
    expect(last).toBeLessThan(0.5);
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
  });

  test('aborted before: nothing is begun', async () => {
    let called = false;
    const error = await rejection(
      dbscan([[1]], {
        signal: AbortSignal.abort('no'),
        onProgress: () => {
          called = true;
        },
      }),
    );
    expect(error).toMatchObject({ code: 'FACE_ABORTED', cause: 'no' });
    expect(called).toBe(false);
  });
});

describe('faceDistance', () => {
  test('Euclidean, in float64', () => {
    expect(faceDistance([[3, 4], Float32Array.of(0, 1)], Float64Array.of(0, 0))).toEqual(
      Float64Array.of(5, 1),
    );
    expect(faceDistance([[1 + 2 ** -40]], [1])[0]).toBe(2 ** -40);
    expect(faceDistance([], [1, 2])).toEqual(new Float64Array(0));
  });

  test.each<[string, Anything, Anything, RegExp]>([
    [
      'one encoding instead of a list',
      Float64Array.of(1),
      [1],
      /array of encodings for encodings but received Float64Array/,
    ],
    ['no list', undefined, [1], /encodings but received undefined/],
    ['no face', [[1]], undefined, /array of numbers for face but received undefined/],
    ['a missing encoding', [[1], undefined], [1], /encodings\[1\] but received undefined/],
    ['another length', [[1, 2], [1]], [1, 2], /2 for encodings\[1\]\.length but received 1/],
  ])('%s', (_, encodings, face, message) => {
    const error = faceError(() => faceDistance(encodings, face));
    expect(error.code).toBe('FACE_INVALID_ARGUMENT');
    expect(error.message).toMatch(message);
  });
});
