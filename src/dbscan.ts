import { availableParallelism } from 'node:os';
import { types } from 'node:util';
import { callNative, native } from './native';
import { abortSignal, finiteNumber, integer, invalidArgument, object } from './validate';

/** Points to cluster: row-major values of shape (n, d). */
export interface Matrix {
  readonly data: Float32Array | Float64Array;
  /** Number of points. */
  readonly n: number;
  /** Number of values of each point. */
  readonly d: number;
}

export interface DbscanOptions {
  /** Largest distance between two neighbours, inclusive. Default 0.5, the original's. */
  readonly eps?: number;
  /** Number of points, the point itself included, within `eps` that make a point a core point. Default 5. */
  readonly minSamples?: number;
  /** Number of threads; default: all cores. The labels do not depend on it. */
  readonly threads?: number;
  readonly signal?: AbortSignal;
  /** Called with the done fraction, from 0 to 1. If it throws, the work is stopped and the promise rejects with that. */
  readonly onProgress?: (fraction: number) => void;
}

export interface DbscanResult {
  /** Shape (n): the cluster of each point, numbered from 0 by lowest core point; -1 is noise. */
  readonly labels: Int32Array;
  /** Shape (n): 1 where the point is a core point. */
  readonly core: Uint8Array;
  /** Number of clusters. */
  readonly clusters: number;
}

/**
 * DBSCAN with Euclidean distance, exact in float64 arithmetic and deterministic: labels equal those of
 * `sklearn.cluster.DBSCAN(eps, min_samples, metric="euclidean")`. Neighbours are at `d <= eps`; clusters are
 * numbered by their lowest core point; a border point goes to the lowest-numbered cluster that reaches it.
 *
 * Runs on its own threads; memory beyond the input is O(n). `points.data` is not copied: leave it as it is
 * until the promise settles.
 * @param points (n, d) matrix, or an array of n arrays of d values
 * @throws FaceError FACE_INVALID_ARGUMENT for bad options, NaN or infinite values (by row), ragged rows;
 *   FACE_ABORTED
 */
export async function dbscan(
  points: Matrix | readonly ArrayLike<number>[],
  options: DbscanOptions = {},
): Promise<DbscanResult> {
  const { onProgress } = object('options', options);
  const signal = abortSignal('signal', options.signal);
  if (onProgress !== undefined && typeof onProgress !== 'function') {
    throw invalidArgument('onProgress', 'function', onProgress);
  }
  const eps = finiteNumber('eps', options.eps ?? 0.5, 0);
  const minSamples = integer('minSamples', options.minSamples ?? 5, 1, 2 ** 31 - 1);
  const threads = integer('threads', options.threads ?? availableParallelism(), 1, 1024);
  const { data, n, d } = toMatrix(points);
  if (!onProgress) {
    return callNative(signal, (cancel) =>
      native().dbscan(data, n, d, eps, minSamples, threads, undefined, cancel),
    );
  }

  // An exception must not leave a callback that native code calls: it would end the process.
  const stop = new AbortController();
  let thrown: { error: unknown } | undefined;
  const report = (fraction: number) => {
    if (thrown) return;
    try {
      onProgress(fraction);
    } catch (error) {
      thrown = { error };
      stop.abort(error);
    }
  };
  const either = signal ? AbortSignal.any([signal, stop.signal]) : stop.signal;
  const done = callNative(either, (cancel) =>
    native().dbscan(data, n, d, eps, minSamples, threads, report, cancel),
  );
  const result = await done.catch((error) => {
    throw thrown ? thrown.error : error;
  });
  // The work may have been done before it could be stopped.
  if (thrown) throw thrown.error;
  return result;
}

/**
 * Euclidean distance of each of `encodings` to `face`, as float64; the smaller, the more alike.
 * The original's rule of thumb: up to 0.6 is the same person.
 * @returns shape (encodings.length)
 */
export function faceDistance(encodings: readonly ArrayLike<number>[], face: ArrayLike<number>): Float64Array {
  if (!Array.isArray(encodings)) throw invalidArgument('encodings', 'array of encodings', encodings);
  if (!isArrayLike(face)) throw invalidArgument('face', 'array of numbers', face);
  return Float64Array.from(encodings, (encoding: ArrayLike<number>, row) => {
    if (!isArrayLike(encoding)) throw invalidArgument(`encodings[${row}]`, 'array of numbers', encoding);
    if (encoding.length !== face.length) {
      throw invalidArgument(`encodings[${row}].length`, `${face.length}`, encoding.length);
    }
    let sum = 0;
    for (let i = 0; i < face.length; i++) {
      const difference = (encoding[i] as number) - (face[i] as number);
      sum += difference * difference;
    }
    return Math.sqrt(sum);
  });
}

function toMatrix(points: Matrix | readonly ArrayLike<number>[]): Matrix {
  if (Array.isArray(points)) return fromRows(points);
  const { data, n, d } = (points ?? {}) as Matrix;
  if (!types.isFloat32Array(data) && !types.isFloat64Array(data)) {
    throw invalidArgument('points.data', 'Float32Array or Float64Array', data);
  }
  integer('points.n', n, 0, 2 ** 31 - 1);
  integer('points.d', d, 1);
  if (data.length !== n * d) throw invalidArgument('points.data.length', `n * d = ${n * d}`, data.length);
  return { data, n, d };
}

function fromRows(rows: readonly ArrayLike<number>[]): Matrix {
  const n = rows.length;
  const d = n === 0 ? 1 : rows[0]?.length;
  // Not forEach: it leaves out the holes of a sparse array.
  for (let i = 0; i < n; i++) {
    const row = rows[i];
    if (!isArrayLike(row)) throw invalidArgument(`points[${i}]`, 'array of numbers', row);
    if (row.length !== d) throw invalidArgument(`points[${i}].length`, `${d}, as in points[0],`, row.length);
  }
  const width = integer('points[0].length', d, 1);
  const data = new Float64Array(n * width);
  rows.forEach((row, i) => {
    data.set(row, i * width);
  });
  return { data, n, d: width };
}

function isArrayLike(value: unknown): value is ArrayLike<number> {
  return typeof value === 'object' && value !== null && Number.isInteger((value as ArrayLike<number>).length);
}
