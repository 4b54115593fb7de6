import { centreOf } from '../clustering/centre';
import { euclidean } from '../clustering/dbscan';
import { sidesOfHalves } from '../clustering/halves';

/** Pairs of faces that are compared, at most: a second. Of larger halves, those faces are that are nearest to the other's middle. */
const MOST_PAIRS = 1e6;

/** Two faces, by their places, and how far apart they are. */
export interface NearestPair {
  readonly faces: readonly [number, number];
  readonly distance: number;
}

/** The two faces that are nearest to each other, one of each group. */
export function nearestPair(
  one: readonly number[],
  other: readonly number[],
  encodingOf: (place: number) => Float64Array,
  mostPairs = MOST_PAIRS,
): NearestPair {
  const most = Math.max(1, Math.floor(Math.sqrt(mostPairs)));
  const [some, others] =
    one.length * other.length <= mostPairs
      ? [one, other]
      : [nearestTo(other, one, most, encodingOf), nearestTo(one, other, most, encodingOf)];
  let nearest: NearestPair = { faces: [some[0] as number, others[0] as number], distance: Infinity };
  for (const a of some) {
    for (const b of others) {
      const distance = euclidean(encodingOf(a), encodingOf(b));
      if (distance < nearest.distance) nearest = { faces: [a, b], distance };
    }
  }
  return nearest;
}

/** Those of `from` that are nearest to the middle of a group. */
function nearestTo(
  group: readonly number[],
  from: readonly number[],
  most: number,
  encodingOf: (place: number) => Float64Array,
): number[] {
  const centre = centreOf(group.map(encodingOf));
  const distances = new Map(from.map((place) => [place, euclidean(encodingOf(place), centre)]));
  return [...from].sort((a, b) => (distances.get(a) as number) - (distances.get(b) as number)).slice(0, most);
}

/** Why faces are one person, and which of them would be another one. */
export interface Cut {
  readonly link: NearestPair;
  /** The smaller half. */
  readonly smaller: readonly number[];
}

/** @returns `undefined` if there is nothing to cut: fewer than two faces, or all the same */
export function cutOf(
  places: readonly number[],
  encodingOf: (place: number) => Float64Array,
): Cut | undefined {
  const sides = sidesOfHalves(places.map(encodingOf));
  if (!sides) return undefined;
  const halves = [true, false]
    .map((side) => places.filter((_, i) => sides[i] === side))
    .sort((a, b) => a.length - b.length) as [number[], number[]];
  const [smaller, larger] = halves;
  if (smaller.length === 0) return undefined;
  return { link: nearestPair(smaller, larger, encodingOf), smaller };
}
