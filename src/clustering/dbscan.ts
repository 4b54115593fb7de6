import { finiteNumber, integer, invalidArgument, object } from '../base/validate';
import { type DbscanResult, native } from '../native';
import { callWithPoints, checkPoints, isArrayLike, type Matrix, type PointsOptions } from './matrix';

export type { DbscanResult } from '../native';

/** The original's. */
export const DEFAULT_EPS = 0.5;

/** See {@link DbscanOptions.maxMemory}. */
export const DBSCAN_PAIRS_MEMORY = 2 ** 29;

export interface DbscanOptions extends PointsOptions {
  /** Largest distance between two neighbours, inclusive. Default 0.5, the original's. */
  readonly eps?: number;
  /** Number of points, the point itself included, within `eps` that make a point a core point. Default 5. */
  readonly minSamples?: number;
  /**
   * Bytes that pairs of neighbours may take that are kept for later; when there are more, the distances are computed
   * again, up to twice. At most `8 * n * minSamples` are ever needed. Default 512 MiB. The labels do not depend on it.
   */
  readonly maxMemory?: number;
}

/**
 * DBSCAN with Euclidean distance, exact in float64 arithmetic and deterministic: labels equal those of
 * `sklearn.cluster.DBSCAN(eps, min_samples, metric="euclidean")`. Neighbours are at `d <= eps`; clusters are
 * numbered by their lowest core point; a border point goes to the lowest-numbered cluster that reaches it.
 *
 * Runs on its own threads. `points.data` is copied before the call returns, or taken over with `transfer`. Memory beyond
 * that: up to 120 bytes for each point, a copy in float32 of float64 data, and `maxMemory`.
 * The time grows with the square of n for points that have no order, such as faces: 100,000 of 128 values take seconds,
 * a million minutes; see docs/benchmarks.md.
 * @param points (n, d) matrix, or an array of n arrays of d values
 * @throws FaceError FACE_INVALID_ARGUMENT for bad options, NaN or infinite values (by row), ragged rows;
 *   FACE_ABORTED
 */
export async function dbscan(
  points: Matrix | readonly ArrayLike<number>[],
  options: DbscanOptions = {},
): Promise<DbscanResult> {
  object('options', options);
  const eps = finiteNumber('eps', options.eps ?? DEFAULT_EPS, 0);
  const minSamples = integer('minSamples', options.minSamples ?? 5, 1, 2 ** 31 - 1);
  const maxMemory = integer('maxMemory', options.maxMemory ?? DBSCAN_PAIRS_MEMORY, 0);
  const { n, d, take } = checkPoints(points, options);
  return callWithPoints(options, (run) =>
    native().dbscan({ points: take(), n, d, eps, minSamples, maxMemory, ...run }),
  );
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
    return euclidean(encoding, face);
  });
}

/** The distance of two points of as many dimensions. */
export function euclidean(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) {
    const difference = (a[i] as number) - (b[i] as number);
    sum += difference * difference;
  }
  return Math.sqrt(sum);
}
