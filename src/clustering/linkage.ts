import { finiteNumber, integer, invalidArgument, object } from '../base/validate';
import { type LinkageResult, native } from '../native';
import { callWithPoints, checkPoints, type Matrix, type PointsOptions } from './matrix';

export type { LinkageResult } from '../native';

/** The strictness that was best from 60 faces to 14,000, see docs/grouping.md: with mirror encodings, and without. */
export const DEFAULT_THRESHOLD = { mirrored: 0.56, plain: 0.61 } as const;

/** See {@link LinkageOptions.maxMemory}. */
export const CONTACTS_MEMORY = 2 ** 30;

export interface LinkageOptions extends PointsOptions {
  /**
   * The encodings of the same faces on their mirrored pictures, in the same shape as `points`: one person's photos are then
   * told from those of somebody alike better. `transfer` takes them over, too.
   */
  readonly mirrored?: Matrix | readonly ArrayLike<number>[];
  /**
   * How far apart two groups of faces may be, in about the mean distance of a face of one to a face of the other, to be one
   * person. Lower is stricter. Default 0.56 with `mirrored`, 0.61 without.
   */
  readonly threshold?: number;
  /**
   * Bytes that pairs of faces which are looked at may take, 8 for each of two. Default 1 GiB. With more, only as many of
   * the nearest faces of each are looked at as fit: see `LinkageResult.nearestOnly`.
   */
  readonly maxMemory?: number;
}

/**
 * Groups encodings of faces into people: average linkage in two passes, which asks for more likeness where many people
 * look alike to the encoder. Every group is made of faces that are alike on average, so that people are not chained
 * together as by `dbscan`. The method, and how it compares: docs/grouping.md.
 *
 * Deterministic: the groups depend neither on the number of threads nor on the machine, and on the order of the points
 * only where distances are equal to the last bit. Made for dlib's encodings: its constants are distances between these.
 * Runs on its own threads. `data` is copied before the call returns, or taken over with `transfer`. Memory beyond that:
 * up to 1 KiB for each face of 128 values, and `maxMemory`.
 * @param points (n, d) matrix, or an array of n arrays of d values; computed with in float32
 * @throws FaceError FACE_INVALID_ARGUMENT for bad options, shapes that differ, NaN, infinite values or such beyond float32
 *   (by row); FACE_ABORTED
 */
export async function linkage(
  points: Matrix | readonly ArrayLike<number>[],
  options: LinkageOptions = {},
): Promise<LinkageResult> {
  object('options', options);
  const { mirrored } = options;
  const threshold = finiteNumber(
    'threshold',
    options.threshold ?? (mirrored ? DEFAULT_THRESHOLD.mirrored : DEFAULT_THRESHOLD.plain),
    0,
  );
  const maxMemory = integer('maxMemory', options.maxMemory ?? CONTACTS_MEMORY, 0);
  const { n, d, take } = checkPoints(points, options);
  const others = mirrored === undefined ? undefined : checkPoints(mirrored, options, 'mirrored');
  if (others && (others.n !== n || (n > 0 && others.d !== d))) {
    throw invalidArgument('mirrored', `the shape of points, (${n}, ${d}),`, `(${others.n}, ${others.d})`);
  }
  return callWithPoints(options, (run) =>
    native().linkage({ points: take(), mirrored: others?.take(), n, d, threshold, maxMemory, ...run }),
  );
}
