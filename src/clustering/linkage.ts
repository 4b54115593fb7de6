import { getOrMake } from '../base/maps';
import { finiteNumber, integer, invalidArgument, object } from '../base/validate';
import { type LinkageResult, native } from '../native';
import { checkKnownPeople, type KnownPeople } from './known-people';
import { callWithPoints, checkPoints, isArrayLike, type Matrix, type PointsOptions } from './matrix';

export type { LinkageResult } from '../native';

/** The strictness that was best from 60 faces to 14,000, see docs/grouping.md: with mirror encodings, and without. */
const DEFAULT_THRESHOLD: { readonly mirrored: number; readonly plain: number } = {
  mirrored: 0.56,
  plain: 0.61,
};

/** @internal */
export function defaultThreshold(mirrored: boolean): number {
  return mirrored ? DEFAULT_THRESHOLD.mirrored : DEFAULT_THRESHOLD.plain;
}

/** See {@link LinkageOptions.maxMemory}. */
export const CONTACTS_MEMORY = 2 ** 30;

export interface LinkageOptions extends PointsOptions, Partial<KnownPeople> {
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
   * The photo of each face: anything that is equal for faces of one photo. Few people are twice on one photo, so two groups are
   * not joined while more than 30 % of the faces of the smaller are on photos that the other is on, too. Left out by default: it
   * helps with group photos, and hurts with collages.
   */
  readonly photos?: readonly (string | number)[];
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
 * Where it is known who some points are (`people`), the groups begin with these, and grow by others and by each other as far as
 * `joinPeople`, `keep`, `apart` and `not` allow; all of that holds for whatever joins, at any threshold. Two people in one group
 * have one label.
 *
 * Deterministic: the groups depend neither on the number of threads nor on the machine, and on the order of the points
 * only where distances are equal to the last bit. Made for dlib's encodings: its constants are distances between these.
 * Runs on its own threads. `data` is copied before the call returns, or taken over with `transfer`. Memory beyond that:
 * up to 1.5 KB for each face of 128 values, and `maxMemory`. A person of very many faces takes time: 8,000 some seconds, and four
 * times that with twice as many.
 * @param points (n, d) matrix, or an array of n arrays of d values; computed with in float32
 * @throws FaceError FACE_INVALID_ARGUMENT for bad options, shapes that differ, NaN, infinite values or such beyond float32
 *   (by row); FACE_ABORTED
 */
export async function linkage(
  points: Matrix | readonly ArrayLike<number>[],
  options: LinkageOptions = {},
): Promise<LinkageResult> {
  const { n, take, threshold } = checkFaces(points, options, DEFAULT_THRESHOLD);
  const photos = options.photos === undefined ? undefined : numbersOf(options.photos, n);
  const known = checkKnownPeople(options, n);
  return callWithPoints(options, (run) =>
    native().linkage({ ...take(), threshold, photos, ...known, ...run }),
  );
}

/** A number for each photo. */
function numbersOf(photos: readonly (string | number)[], n: number): Uint32Array {
  if (!Array.isArray(photos) || photos.length !== n) {
    throw invalidArgument('photos', `${n} photos, one for each point,`, photos);
  }
  for (let i = 0; i < n; i++) {
    // Not forEach: it leaves out the holes of a sparse array.
    const photo = photos[i];
    if (typeof photo !== 'string' && typeof photo !== 'number') {
      throw invalidArgument(`photos[${i}]`, 'string or number', photo);
    }
  }
  const numbers = new Map<string | number, number>();
  return Uint32Array.from(photos, (photo) => getOrMake(numbers, photo, () => numbers.size));
}

/**
 * Checks what functions on faces and their mirror images are given.
 * @param defaults of the threshold
 * @returns take, to be called once: see {@link Points.take}
 */
function checkFaces(
  points: Matrix | readonly ArrayLike<number>[],
  options: LinkageOptions,
  defaults: typeof DEFAULT_THRESHOLD,
) {
  const { mirrored } = object('options', options);
  const which = mirrored === undefined ? 'plain' : 'mirrored';
  const threshold = finiteNumber('threshold', options.threshold ?? defaults[which], 0);
  const maxMemory = integer('maxMemory', options.maxMemory ?? CONTACTS_MEMORY, 0);
  const { n, d, take } = checkPoints(points, options);
  const others = mirrored === undefined ? undefined : checkPoints(mirrored, options, 'mirrored');
  if (others && (others.n !== n || (n > 0 && others.d !== d))) {
    throw invalidArgument('mirrored', `the shape of points, (${n}, ${d}),`, `(${others.n}, ${others.d})`);
  }
  if (options.transfer && others && !Array.isArray(points) && bufferOf(mirrored) === bufferOf(points)) {
    throw invalidArgument('mirrored.data', 'a buffer of its own with "transfer"', mirrored);
  }
  return { n, threshold, take: () => ({ points: take(), mirrored: others?.take(), n, d, maxMemory }) };
}

/** What "transfer" would move; nothing of rows, which are copied in any case. */
function bufferOf(points: LinkageOptions['mirrored']): ArrayBufferLike | undefined {
  return Array.isArray(points) ? undefined : (points as Matrix).data.buffer;
}

export interface SuggestMergesOptions
  extends Omit<LinkageOptions, 'threshold' | 'photos' | keyof KnownPeople> {
  /** How many pairs are wanted, at most. From 1 to 1,000,000, default 50. */
  readonly count?: number;
  /** How far apart two people may be, as the threshold of `linkage`. Default 0.6 with `mirrored`, 0.65 without. */
  readonly threshold?: number;
}

/** Two people who may be one. */
export interface MergeSuggestion {
  /** Their labels; that of the person whose first face comes first is the first. */
  readonly labels: readonly [number, number];
  /** How far apart they are, as `linkage` has it: the lower, the likelier they are one. */
  readonly score: number;
}

/** Beyond that hardly any pair is one person: measured, see docs/grouping.md. */
const FARTHEST_SUGGESTION = { mirrored: 0.6, plain: 0.65 };

/**
 * The pairs of people that are most alike, to ask somebody whether they are one. How alike two people are is what `linkage`
 * goes by, so it asks for more where many people look alike; the people may come from any method, and from corrections.
 *
 * Deterministic; threads, memory and errors as for `linkage`.
 * @param points (n, d) matrix, or an array of n arrays of d values
 * @param labels the person of each face; -1: none. Such faces are in nobody's pair.
 * @returns the likeliest pair first
 * @throws FaceError as `linkage`, and if there are not n labels
 */
export async function suggestMerges(
  points: Matrix | readonly ArrayLike<number>[],
  labels: ArrayLike<number>,
  options: SuggestMergesOptions = {},
): Promise<MergeSuggestion[]> {
  const { n, take, threshold } = checkFaces(points, options, FARTHEST_SUGGESTION);
  const most = integer('count', options.count ?? 50, 1, 1e6);
  if (!isArrayLike(labels) || labels.length !== n) {
    throw invalidArgument('labels', `${n} labels, one for each point,`, labels);
  }
  const checked = Int32Array.from(labels, (label, i) => integer(`labels[${i}]`, label, -1, 2 ** 31 - 1));
  const { labels: found, scores } = await callWithPoints(options, (run) =>
    native().similarPeople({ ...take(), labels: checked, threshold, most, ...run }),
  );
  return [...scores].map((score, i) => ({
    labels: [found[2 * i] as number, found[2 * i + 1] as number],
    score,
  }));
}
