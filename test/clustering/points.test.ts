import { dbscan } from '../../src/clustering/dbscan';
import { linkage } from '../../src/clustering/linkage';
import { kDistances, radiusNeighbors } from '../../src/clustering/neighbors';
import { checkBuilt } from '../support/cli';
import { rejection } from '../support/photos';
import { CLEAN, runProgram } from '../support/program';

beforeAll(checkBuilt);

test('the caller may transfer, change or shrink the points while they are clustered', async () => {
  const ending = await runProgram(`
    const n = 60000, d = 16;
    const make = () => Float32Array.from({ length: n * d }, (_, i) => Math.imul(i, 0x9e3779b1) >>> 8);
    const all = { eps: 1e9, minSamples: 2, maxMemory: 0, threads: 2 };
    const calls = [];
    const cluster = (data) => calls.push(library().dbscan({ data, n, d }, all).then(({ clusters }) => clusters));
    const changed = make();
    cluster(changed);
    changed.fill(NaN);
    const transferred = make();
    cluster(transferred);
    structuredClone(transferred.buffer, { transfer: [transferred.buffer] });
    const buffer = new ArrayBuffer(4 * n * d, { maxByteLength: 4 * n * d });
    cluster(new Float32Array(buffer));
    buffer.resize?.(0);
    console.log((await Promise.all(calls)).join());
  `);
  expect(ending).toMatchObject({ ...CLEAN, stdout: '1,1,1\n' });
});

describe('transfer', () => {
  const matrix = (buffer = new ArrayBuffer(4 * 9) as ArrayBufferLike) => {
    const data = new Float32Array(buffer, 4, 6);
    data.set([0, 0, 3, 4, 100, 0]);
    return { data, n: 3, d: 2 };
  };

  test('takes the buffer over, with the same result', async () => {
    for (const call of [
      (transfer: boolean, points = matrix()) => ({
        points,
        done: dbscan(points, { eps: 5, minSamples: 2, transfer }),
      }),
      (transfer: boolean, points = matrix()) => ({ points, done: radiusNeighbors(points, 5, { transfer }) }),
      (transfer: boolean, points = matrix()) => ({ points, done: kDistances(points, 1, { transfer }) }),
      (transfer: boolean, points = matrix()) => ({ points, done: linkage(points, { transfer }) }),
      (transfer: boolean, points = matrix()) => ({
        points,
        done: linkage(matrix(), { mirrored: points, transfer }),
      }),
    ]) {
      const taken = call(true);
      expect(taken.points.data).toHaveLength(0);
      const copied = call(false);
      expect(copied.points.data).toHaveLength(6);
      expect(await taken.done).toEqual(await copied.done);
    }
  });

  test('leaves the buffer alone when an argument is wrong', async () => {
    const points = matrix();
    for (const wrong of [
      { threads: 0 },
      { eps: -1 },
      { signal: {} },
      { maxMemory: -1 },
      { transfer: 'yes' },
    ]) {
      const call = dbscan(points, { transfer: true, ...wrong } as object);
      expect((await rejection(call)).code).toBe('FACE_INVALID_ARGUMENT');
    }
    expect((await rejection(kDistances(points, 3, { transfer: true }))).code).toBe('FACE_INVALID_ARGUMENT');
    expect(points.data).toHaveLength(6);
  });

  test('of shared memory is refused: others could still reach it', async () => {
    const error = await rejection(dbscan(matrix(new SharedArrayBuffer(36)), { transfer: true }));
    expect([error.code, error.message]).toEqual([
      'FACE_INVALID_ARGUMENT',
      expect.stringContaining('transfer'),
    ]);
  });
});
