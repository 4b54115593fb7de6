import { finiteNumber, integer, invalidArgument, object } from '../base/validate';
import { native, type RadiusNeighbors } from '../native';
import { callWithPoints, checkPoints, type Matrix, type PointsOptions } from './matrix';

export type { RadiusNeighbors } from '../native';

export interface RadiusNeighborsOptions extends PointsOptions {
  /**
   * Bytes that the result and what is kept meanwhile may take; a neighbour takes 12. Default 1 GiB. Where the result
   * fits only by itself, the distances are computed twice.
   */
  readonly maxMemory?: number;
}

/**
 * The neighbours of all points among each other: all at a Euclidean distance of at most `eps`, exact in float64
 * arithmetic (the squares are compared, so the root of one may round to more than `eps`). The same as
 * `sklearn.neighbors.radius_neighbors_graph(points, eps, include_self=True)`.
 *
 * Runs on its own threads. `points.data` is copied before the call returns, or taken over with `transfer`. Memory beyond
 * that: up to 120 bytes for each point, a copy in float32 of float64 data, `maxMemory`, and the result's largest array
 * once more while it is handed over.
 * @param points (n, d) matrix, or an array of n arrays of d values
 * @param eps at least 0
 * @throws FaceError FACE_OUT_OF_MEMORY if the neighbours take more than `maxMemory`: none are returned;
 *   FACE_INVALID_ARGUMENT for bad options, NaN or infinite values (by row), ragged rows; FACE_ABORTED
 */
export async function radiusNeighbors(
  points: Matrix | readonly ArrayLike<number>[],
  eps: number,
  options: RadiusNeighborsOptions = {},
): Promise<RadiusNeighbors> {
  object('options', options);
  finiteNumber('eps', eps, 0);
  const maxMemory = integer('maxMemory', options.maxMemory ?? 2 ** 30, 0);
  const { n, d, take } = checkPoints(points, options);
  return callWithPoints(options, (run) =>
    native().radiusNeighbors({ points: take(), n, d, eps, maxMemory, ...run }),
  );
}

export interface KDistancesOptions extends PointsOptions {
  /**
   * Bytes for the distances of the points that are worked on, `8 * k` for each. With less than `1536 * k` for each
   * thread it gets slower. Default 512 MiB.
   */
  readonly maxMemory?: number;
}

/**
 * The Euclidean distance of each point to its k-th nearest other point, exact in float64 arithmetic; duplicates
 * count. To choose `eps` for `dbscan`: with `k = minSamples - 1` these are the distances at which points become core
 * points; sorted, they rise slowly within clusters and steeply between them, and eps belongs where they turn (Ester,
 * Kriegel, Sander, Xu 1996, section 4.2).
 *
 * Runs on its own threads. `points.data` is copied before the call returns, or taken over with `transfer`. Memory beyond
 * that: up to 120 bytes for each point, a copy in float32 of float64 data, and `maxMemory`.
 * @param points (n, d) matrix, or an array of n arrays of d values
 * @param k from 1 to n - 1
 * @returns shape (n)
 * @throws FaceError FACE_INVALID_ARGUMENT for bad options, NaN or infinite values (by row), ragged rows; FACE_ABORTED
 */
export async function kDistances(
  points: Matrix | readonly ArrayLike<number>[],
  k: number,
  options: KDistancesOptions = {},
): Promise<Float64Array> {
  object('options', options);
  integer('k', k, 1, 2 ** 31 - 2);
  const maxMemory = integer('maxMemory', options.maxMemory ?? 2 ** 29, 0);
  const { n, d, take } = checkPoints(points, options);
  if (n > 0 && k >= n) throw invalidArgument('k', `at most n - 1 = ${n - 1}`, k);
  return callWithPoints(options, (run) =>
    native().kDistances({ points: take(), n, d, k, maxMemory, ...run }),
  );
}
