import { getOrMake } from '../base/maps';
import { centreOf } from '../clustering/centre';
import { euclidean } from '../clustering/dbscan';
import { count, HOME } from './absorb';
import type { CarriedOver } from './carry-over';
import type { PersonId } from './decisions';
import type { View } from './view';

/** Their faces count in a group, too, if they are at least this part of it; fewer have gone astray. */
const PART_OF_GROUP = 0.25;
/** Nor have so many, where nothing is known of a person but the few faces in the decisions. */
const SOME_OF_FEW = 2;
/** Asks more of people with few faces, as `linkage` does. */
const SIZE_WEIGHT = 0.08;

/**
 * Whose the faces are that are nobody's yet, or nobody's any more.
 * @param view who is who by the faces of before, and by decisions
 * @returns for the places of faces: who in the register they are; and the faces of groups that are somebody new
 */
export function assignNew(view: View, { groups, encodingOf }: CarriedOver) {
  const { faces, fromDecisions } = view.known.register;
  const before = Array.from(faces.keys(), (face) => view.before(face));
  const beforeOf = (face: number) => before[face];
  const found = [...faces.keys()].filter((face) => !faces[face]?.gone);
  const total = count(found, beforeOf);
  const person = new Map<number, PersonId>();
  const newGroups: number[][] = [];
  const shapes = new Shapes(view, found, beforeOf, encodingOf);

  /** Those of `shared`, the numbers of their faces in a group, who are more than astray there. */
  const isThere = (members: readonly number[], shared: ReadonlyMap<PersonId, number>) =>
    [...shared]
      .filter(
        ([one, own]) =>
          own > HOME * (total.get(one) as number) ||
          own >= PART_OF_GROUP * members.length ||
          (fromDecisions && own >= SOME_OF_FEW),
      )
      .map(([one]) => one)
      .sort((a, b) => a - b);

  for (const members of groups) {
    const added = members.filter((face) => before[face] === undefined && view.isFace(face));
    if (added.length === 0) continue;
    const candidates = isThere(members, count(members, beforeOf));
    // Whom somebody has put there by hand says less of the others, if there are only a few who say anything.
    const sure = fromDecisions
      ? isThere(
          members,
          count(members, (face) => (view.isPinned(face) ? undefined : before[face])),
        )
      : candidates;
    if (candidates.length === 0) newGroups.push(added);
    for (const face of added) {
      const fits = (one: PersonId) => !view.isNot(face, one);
      const possible = sure.some(fits) ? sure.filter(fits) : candidates.filter(fits);
      if (possible.length > 0) person.set(face, shapes.nearest(encodingOf(face), possible));
    }
  }
  return { person, newGroups };
}

/** Centre, mean squared distance of the faces from it, and their number. */
interface Shape {
  readonly centre: Float64Array;
  readonly spread: number;
  readonly faces: number;
}

/** The shapes of people, and of those of whom they are made: each by the faces that the run has found. */
class Shapes {
  readonly #origins = new Map<PersonId, Map<PersonId, number[]>>();
  readonly #whole = new Map<PersonId, Shape>();
  readonly #parts = new Map<PersonId, Shape>();

  constructor(
    view: View,
    found: readonly number[],
    beforeOf: (face: number) => PersonId | undefined,
    private readonly encodingOf: (face: number) => Float64Array,
  ) {
    for (const face of found) {
      const person = beforeOf(face);
      if (person === undefined) continue;
      const parts = getOrMake(this.#origins, person, () => new Map<PersonId, number[]>());
      getOrMake(parts, view.origin(face) as PersonId, () => []).push(face);
    }
  }

  /**
   * Who of these people is nearest; and of those of whom they are made, in case that these turn out to be several after all.
   */
  nearest(encoding: Float64Array, people: readonly PersonId[]): PersonId {
    const person = nearestOf(encoding, people, (one) => this.#shapeOf(one));
    const parts = this.#origins.get(person) as Map<PersonId, number[]>;
    return nearestOf(
      encoding,
      [...parts.keys()].sort((a, b) => a - b),
      (part) => getOrMake(this.#parts, part, () => this.#shape(parts.get(part) as number[])),
    );
  }

  #shapeOf(person: PersonId): Shape {
    return getOrMake(this.#whole, person, () =>
      this.#shape(
        [...(this.#origins.get(person) as Map<PersonId, number[]>).values()].flat().sort((a, b) => a - b),
      ),
    );
  }

  #shape(faces: readonly number[]): Shape {
    const encodings = faces.map((face) => this.encodingOf(face));
    const centre = centreOf(encodings);
    const spread =
      encodings.reduce((sum, encoding) => sum + euclidean(encoding, centre) ** 2, 0) / encodings.length;
    return { centre, spread, faces: encodings.length };
  }
}

/** Of equally near ones the first. */
function nearestOf(
  encoding: Float64Array,
  people: readonly PersonId[],
  shapeOf: (person: PersonId) => Shape,
): PersonId {
  let nearest = people[0] as PersonId;
  if (people.length === 1) return nearest;
  let lowest = Number.POSITIVE_INFINITY;
  for (const person of people) {
    const { centre, spread, faces } = shapeOf(person);
    const score =
      Math.sqrt(euclidean(encoding, centre) ** 2 + spread) + SIZE_WEIGHT / Math.sqrt((1 + faces) / 2);
    if (score >= lowest) continue;
    lowest = score;
    nearest = person;
  }
  return nearest;
}
