import { SplitMix64, sample } from '../base/random';
import { centreOf } from './centre';
import { euclidean } from './dbscan';

/** The two groups that faces fall into most clearly. */
export interface Halves {
  /** How far apart they are: about the mean distance of a face of one to a face of the other, as in `linkage`. */
  readonly distance: number;
  /** How many of the faces that were looked at are in the smaller one. */
  readonly smaller: number;
  /** Which part of the faces these are, up to 0.5. */
  readonly share: number;
}

/** Of more faces, so many are drawn, the same each time: two halves of that many are known well enough. */
const MOST_FACES = 10_000;
/** Enough to have the direction: it is only where 2-means begins. */
const AXIS_ROUNDS = 10;
/** It is done after a few; this is for what goes round in circles by rounding. */
const MEANS_ROUNDS = 30;

/**
 * Splits faces by 2-means, which begins with the direction in which they differ most: no chance is in it, and each round is
 * one pass over the faces.
 * @returns `undefined` if all are the same
 */
export function halvesOf(encodings: readonly Float64Array[]): Halves | undefined {
  const points = pointsOf(encodings);
  const border = borderOf(points);
  return border && measure(...groupsOf(points, sidesOf(points, border.direction, border.at)));
}

/** In which of the {@link halvesOf} faces each of them is. @returns `undefined` if all are the same */
export function sidesOfHalves(encodings: readonly Float64Array[]): readonly boolean[] | undefined {
  const border = encodings.length > 0 ? borderOf(pointsOf(encodings)) : undefined;
  return border && sidesOf(encodings, border.direction, border.at);
}

function pointsOf(encodings: readonly Float64Array[]): readonly Float64Array[] {
  return encodings.length > MOST_FACES ? sample(encodings, MOST_FACES, new SplitMix64(0n)) : encodings;
}

/** Where two halves meet: at a point, across a direction. */
function borderOf(
  points: readonly Float64Array[],
): { readonly direction: Float64Array; readonly at: Float64Array } | undefined {
  const centre = centreOf(points);
  let border = { direction: principalAxis(points, centre), at: centre };
  let sides = sidesOf(points, border.direction, border.at);
  for (let round = 0; round < MEANS_ROUNDS; round++) {
    const [a, b] = groupsOf(points, sides);
    if (a.length === 0 || b.length === 0) return undefined;
    const [centreA, centreB] = [centreOf(a), centreOf(b)];
    const at = centreA.map((value, i) => (value + (centreB[i] as number)) / 2);
    border = { direction: difference(centreA, centreB), at };
    const next = sidesOf(points, border.direction, border.at);
    if (next.every((side, i) => side === sides[i])) break;
    sides = next;
  }
  return border;
}

function measure(a: readonly Float64Array[], b: readonly Float64Array[]): Halves | undefined {
  const smaller = Math.min(a.length, b.length);
  if (smaller === 0) return undefined;
  const [centreA, centreB] = [centreOf(a), centreOf(b)];
  const apart = difference(centreA, centreB);
  const squared = dot(apart, apart) + variance(a, centreA) + variance(b, centreB);
  return { distance: Math.sqrt(squared), smaller, share: smaller / (a.length + b.length) };
}

/** The direction in which the points differ most: power iteration, from the point that is farthest from the centre. */
function principalAxis(points: readonly Float64Array[], centre: Float64Array): Float64Array {
  const distances = points.map((point) => euclidean(point, centre));
  const farthest = distances.reduce(
    (best, distance, i) => (distance > (distances[best] as number) ? i : best),
    0,
  );
  let axis = difference(points[farthest] ?? centre, centre);
  for (let round = 0; round < AXIS_ROUNDS; round++) {
    const middle = dot(centre, axis);
    const next = new Float64Array(centre.length);
    for (const point of points) {
      const along = dot(point, axis) - middle;
      for (let i = 0; i < next.length; i++) next[i] = (next[i] as number) + along * (point[i] as number);
    }
    const length = Math.sqrt(dot(next, next));
    if (length === 0) break;
    axis = next.map((value) => value / length);
  }
  return axis;
}

/** Which points are on the side of `border` that `direction` points to. */
function sidesOf(
  points: readonly Float64Array[],
  direction: Float64Array,
  border: Float64Array,
): readonly boolean[] {
  const least = dot(border, direction);
  return points.map((point) => dot(point, direction) > least);
}

function groupsOf(
  points: readonly Float64Array[],
  sides: readonly boolean[],
): [Float64Array[], Float64Array[]] {
  return [points.filter((_, i) => sides[i]), points.filter((_, i) => !sides[i])];
}

/** Mean squared distance of the points to their centre. */
function variance(points: readonly Float64Array[], centre: Float64Array): number {
  return points.reduce((sum, point) => sum + euclidean(point, centre) ** 2, 0) / points.length;
}

function difference(a: Float64Array, b: Float64Array) {
  return Float64Array.from(a, (value, i) => value - (b[i] as number));
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number);
  return sum;
}
