import { FaceError } from '../../src/base/errors';
import { kDistances, radiusNeighbors } from '../../src/clustering/neighbors';
import { rejection } from '../support/photos';

// biome-ignore lint/suspicious/noExplicitAny: programs in plain JavaScript pass anything
type Anything = any;

/** Distances: 5 between the first two, 0 between the last two. */
const POINTS = [
  [0, 0],
  [3, 4],
  [100, 0],
  [100, 0],
];

describe('radiusNeighbors', () => {
  test('CSR: where each begins, who it is, how far', async () => {
    expect(await radiusNeighbors(POINTS, 5)).toEqual({
      offsets: Float64Array.of(0, 2, 4, 6, 8),
      indices: Uint32Array.of(0, 1, 0, 1, 2, 3, 2, 3),
      distances: Float64Array.of(0, 5, 5, 0, 0, 0, 0, 0),
    });
    const { offsets } = await radiusNeighbors(POINTS, 4.999);
    expect(offsets).toEqual(Float64Array.of(0, 1, 2, 4, 6));
  });

  test('a float32 matrix, and no points', async () => {
    const data = Float32Array.from(POINTS.flat());
    const { indices } = await radiusNeighbors({ data, n: 4, d: 2 }, 5, { threads: 1 });
    expect(indices).toEqual(Uint32Array.of(0, 1, 0, 1, 2, 3, 2, 3));
    expect((await radiusNeighbors([], 1)).offsets).toEqual(Float64Array.of(0));
  });

  test('more neighbours than maxMemory holds: an error that says how many', async () => {
    const error = await rejection(radiusNeighbors(POINTS, 5, { maxMemory: 95 }));
    expect(error).toBeInstanceOf(FaceError);
    expect(error.code).toBe('FACE_OUT_OF_MEMORY');
    expect(error.message).toContain('8 take 96');
    expect((await radiusNeighbors(POINTS, 5, { maxMemory: 96 })).indices).toHaveLength(8);
  });
});

describe('kDistances', () => {
  test('the k-th nearest other point', async () => {
    expect(await kDistances(POINTS, 1)).toEqual(Float64Array.of(5, 5, 0, 0));
    expect(await kDistances(POINTS, 2)).toEqual(
      Float64Array.of(100, Math.hypot(97, 4), Math.hypot(97, 4), Math.hypot(97, 4)),
    );
    expect(await kDistances([], 7)).toEqual(new Float64Array(0));
  });

  test('at k = minSamples - 1, it is the eps at which a point becomes a core point', async () => {
    const line = [0, 1, 3, 6, 10].map((x) => [x]);
    expect([...(await kDistances(line, 2, { maxMemory: 0 }))]).toEqual([3, 2, 3, 4, 7]);
  });
});

describe('bad arguments', () => {
  test.each<[string, () => Promise<unknown>, RegExp]>([
    ['eps missing', () => radiusNeighbors(POINTS, undefined as Anything), /eps but received undefined/],
    ['eps -1', () => radiusNeighbors(POINTS, -1), /eps but received -1/],
    ['k 0', () => kDistances(POINTS, 0), /k but received 0/],
    ['k of n', () => kDistances(POINTS, 4), /at most n - 1 = 3 for k but received 4/],
    ['NaN', () => kDistances([[1], [Number.NaN]], 1), /row 1 has NaN/],
    ['options null', () => radiusNeighbors(POINTS, 1, null as Anything), /options but received null/],
    ['maxMemory 0.5', () => kDistances(POINTS, 1, { maxMemory: 0.5 }), /maxMemory but received 0\.5/],
  ])('%s', async (_, call, message) => {
    const error = await rejection(call());
    expect(error.code).toBe('FACE_INVALID_ARGUMENT');
    expect(error.message).toMatch(message);
  });
});

test('progress rises to 1, and an abort stops the work', async () => {
  // Seconds of work for one thread: none may be done before the abort is heard of.
  const n = 60_000;
  const data = Float32Array.from({ length: n * 64 }, (_, i) => Math.sin(i * i));
  for (const run of [radiusNeighbors, kDistances]) {
    const controller = new AbortController();
    let aborted = false;
    const error = await rejection(
      run({ data, n, d: 64 }, 1, {
        threads: 1,
        signal: controller.signal,
        onProgress: (fraction) => {
          if (fraction < 0.02 || aborted) return;
          aborted = true;
          controller.abort();
        },
      }),
    );
    expect(error.code).toBe('FACE_ABORTED');
    const fractions: number[] = [];
    await run({ data, n: 1000, d: data.length / 1000 }, 1, {
      onProgress: (fraction) => fractions.push(fraction),
    });
    expect(fractions.at(-1)).toBe(1);
    expect(fractions).toEqual([...fractions].sort((a, b) => a - b));
  }
});
