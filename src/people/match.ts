import { getOrMake, groupBy } from '../base/maps';
import { centreOf } from '../clustering/centre';
import { euclidean } from '../clustering/dbscan';
import type { DecisionRecord, FaceOnPhoto, PersonId } from './decisions';
import { compareFaces, FaceIndex, type KnownFace } from './faces';
import type { Register } from './register';
import { View } from './view';

/** A face that a run has found and grouped. */
export interface GroupedFace extends FaceOnPhoto {
  readonly encoding: Float64Array;
  /** The mirror image's encoding; used if that of all faces is known. */
  readonly mirrored?: Float64Array | undefined;
}

/** What a run has changed. */
export interface PeopleChanges {
  /** People of before who have more faces now. */
  readonly joined: readonly {
    readonly person: PersonId;
    /** Number of faces that are new to them. */
    readonly faces: number;
    /** Number of photos that they were not on before. */
    readonly photos: number;
  }[];
  /** People who were not there before, by number. */
  readonly newPeople: readonly PersonId[];
  /** People without a name, or any other decision on them, who turned out to be somebody else. */
  readonly absorbed: readonly { readonly person: PersonId; readonly into: PersonId }[];
  /**
   * People most of whose faces are in one group, but who stay two: somebody has decided something on both, or on two others in
   * the group, or nobody was to be absorbed.
   */
  readonly mayBeOne: readonly (readonly [PersonId, PersonId])[];
  /** Number of faces that were there in the run before and are no more. */
  readonly gone: number;
}

/** A person is at home in a group that has more than this part of their faces: in one at most. */
const HOME = 0.5;
/** Their faces count in a group, too, if they are at least this part of it; fewer have gone astray. */
const PART_OF_GROUP = 0.25;
/** Asks more of people with few faces, as `linkage` does. */
const SIZE_WEIGHT = 0.08;

/**
 * Finds the people of before in the groups of a run. No face of before changes its person: at most a person on whom nobody
 * has decided anything is taken for another, whole.
 * - A face is one of before if it is on the same photo and its box overlaps by {@link FaceIndex.pairWith}.
 * - Two people who are at home in one group are one, unless both were decided on.
 * - New faces of a group go to the people whose faces are there; to whom of several, the distance decides that `linkage` goes
 *   by. If there is nobody, they are a new person.
 *
 * @param labels the group of each face; -1: none
 * @param mayAbsorb whether anybody may be taken for another
 * @returns what is the same whatever the order of faces and the numbers of groups
 */
export function matchGroups(
  before: Register,
  records: readonly DecisionRecord[],
  given: readonly GroupedFace[],
  labels: ArrayLike<number>,
  next: PersonId,
  mayAbsorb: boolean,
): { readonly register: Register; readonly changes: PeopleChanges } {
  const { faces, group, encodings } = carryOver(before, given, labels);
  const groups = groupBy(
    [...faces.keys()].filter((i) => (group[i] as number) >= 0),
    (i) => group[i] as number,
  );
  // In the order of their first faces: numbers of groups mean nothing.
  const members = [...groups.values()];

  const view = new View({ ...before, faces }, records);
  const { absorbed, into, mayBeOne } = findAbsorbed(view, members, mayAbsorb);

  const assigned = assignNew(view, members, encodings);
  const fresh = assigned.newGroups.sort((a, b) => b.length - a.length || (a[0] as number) - (b[0] as number));
  const newPeople = fresh.map((own, i) => {
    for (const face of own) assigned.person.set(face, next + i);
    return next + i;
  });
  const result = faces.map((face, i) =>
    assigned.person.has(i) ? { ...face, person: assigned.person.get(i) } : face,
  );
  const register = { next: next + fresh.length, absorbed: into, faces: result };
  const after = new View(register, records);
  return {
    register,
    changes: {
      joined: joinedIn(view, after, assigned.person.keys(), new Set(newPeople)),
      newPeople,
      absorbed,
      mayBeOne,
      gone: faces.filter(({ gone }) => gone).length - before.faces.filter(({ gone }) => gone).length,
    },
  };
}

/** The faces of a run and those of before that it did not find, in the order of photos and boxes. */
function carryOver(before: Register, given: readonly GroupedFace[], labels: ArrayLike<number>) {
  const order = [...given.keys()].sort(
    (a, b) => compareFaces(given[a] as GroupedFace, given[b] as GroupedFace) || a - b,
  );
  // The faces on copies of a photo are the same.
  const found = order.filter(
    (place, i) =>
      i === 0 ||
      compareFaces(given[order[i - 1] as number] as GroupedFace, given[place] as GroupedFace) !== 0,
  );
  const foundFaces = found.map((place) => given[place] as GroupedFace);
  const mirrored = foundFaces.every((face) => face.mirrored !== undefined);
  const earlier = new FaceIndex(before.faces).pairWith(foundFaces);
  const again = new Set(earlier);
  const all: { readonly face: KnownFace; readonly group: number; readonly encoding?: Float64Array }[] = [
    ...foundFaces.map(({ photo, box, encoding: own, mirrored: other }, i) => {
      const known = earlier[i];
      const person = known === undefined ? undefined : before.faces[known]?.person;
      const face = { photo, box, ...(person !== undefined && { person }) };
      const encoding = mirrored && other ? centreOf([own, other]) : own;
      return { face, group: labels[found[i] as number] as number, encoding };
    }),
    ...before.faces
      .filter((_, i) => !again.has(i))
      .map((face) => ({ face: { ...face, gone: true as const }, group: -1 })),
  ];
  all.sort((a, b) => compareFaces(a.face, b.face));
  return {
    faces: all.map(({ face }) => face),
    group: all.map(({ group }) => group),
    encodings: all.map(({ encoding }) => encoding),
  };
}

/** How many of the faces are whose. */
function count(faces: Iterable<number>, personOf: (face: number) => PersonId | undefined) {
  const counts = new Map<PersonId, number>();
  for (const face of faces) {
    const person = personOf(face);
    if (person !== undefined) counts.set(person, (counts.get(person) ?? 0) + 1);
  }
  return counts;
}

function present(view: View): number[] {
  return [...view.register.faces.keys()].filter((i) => !view.register.faces[i]?.gone);
}

/** Who is at home with somebody else. */
function findAbsorbed(view: View, members: readonly (readonly number[])[], mayAbsorb: boolean) {
  // Whoever was put somewhere by hand says nothing of who is like whom.
  const personOf = (face: number) => (view.isPinned(face) ? undefined : view.personOf(face));
  // Those that are gone, too: a few faces of a person are no evidence.
  const total = count(view.register.faces.keys(), personOf);
  const into = new Map(view.register.absorbed);
  const absorbed: { person: PersonId; into: PersonId }[] = [];
  const mayBeOne: [PersonId, PersonId][] = [];
  for (const faces of members) {
    const home = [...count(faces, personOf)]
      .filter(([person, shared]) => shared > HOME * (total.get(person) as number))
      .map(([person]) => person)
      .sort(
        (a, b) =>
          Number(view.decided.has(b)) - Number(view.decided.has(a)) ||
          (total.get(b) as number) - (total.get(a) as number) ||
          a - b,
      );
    const [keeper, ...others] = home;
    if (keeper === undefined) continue;
    // Between two on whom somebody has decided, it can't be told whose the others are.
    const clear = mayAbsorb && !others.some((person) => view.decided.has(person));
    for (const person of others) {
      if (view.areApart(keeper, person)) continue;
      if (!clear) {
        mayBeOne.push([keeper, person]);
        continue;
      }
      absorbed.push({ person, into: keeper });
      into.set(person, keeper);
      // Of an earlier run, when nobody had decided on the keeper: there must be no circle.
      into.delete(keeper);
    }
  }
  return { absorbed, into, mayBeOne };
}

/** Whose the faces are that are nobody's yet. */
function assignNew(
  view: View,
  members: readonly (readonly number[])[],
  encodings: readonly (Float64Array | undefined)[],
) {
  const before = (face: number) => view.before(face);
  const all = present(view);
  const total = count(all, before);
  const person = new Map<number, PersonId>();
  const newGroups: number[][] = [];
  const isNew = (face: number) =>
    view.isFace(face) && view.register.faces[face]?.person === undefined && before(face) === undefined;
  const facesOf = new Map<PersonId, number[]>();
  for (const face of all) {
    const own = before(face);
    if (own !== undefined) getOrMake(facesOf, own, () => []).push(face);
  }
  const shapes = new Map<PersonId, Shape>();
  const shapeOf = (one: PersonId) =>
    getOrMake(shapes, one, () =>
      shape((facesOf.get(one) ?? []).map((face) => encodings[face] as Float64Array)),
    );

  for (const faces of members) {
    const added = faces.filter(isNew);
    if (added.length === 0) continue;
    const candidates = [...count(faces, before)]
      .filter(
        ([one, shared]) =>
          shared > HOME * (total.get(one) as number) || shared >= PART_OF_GROUP * faces.length,
      )
      .map(([one]) => one)
      .sort((a, b) => a - b);
    if (candidates.length === 0) newGroups.push(added);
    for (const face of added) {
      const possible = candidates.filter((one) => !view.isNot(face, one));
      const nearest =
        possible.length < 2 ? possible[0] : nearestOf(encodings[face] as Float64Array, possible, shapeOf);
      if (nearest !== undefined) person.set(face, nearest);
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

function shape(encodings: readonly Float64Array[]): Shape {
  const centre = centreOf(encodings);
  const spread =
    encodings.reduce((sum, encoding) => sum + euclidean(encoding, centre) ** 2, 0) / encodings.length;
  return { centre, spread, faces: encodings.length };
}

/** Of equally near ones the lowest number. */
function nearestOf(
  encoding: Float64Array,
  people: readonly PersonId[],
  shapeOf: (person: PersonId) => Shape,
): PersonId | undefined {
  let nearest: PersonId | undefined;
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

/** What people of before have more. */
function joinedIn(view: View, after: View, added: Iterable<number>, newPeople: ReadonlySet<PersonId>) {
  const photosBefore = new Map<PersonId, Set<string>>();
  for (const face of present(view)) {
    const person = view.personOf(face);
    const { photo } = view.register.faces[face] as KnownFace;
    // Of those who were absorbed, too.
    if (person !== undefined) getOrMake(photosBefore, after.root(person), () => new Set()).add(photo);
  }
  const joined = groupBy(added, (face) => after.personOf(face));
  return [...joined]
    .filter((entry): entry is [PersonId, number[]] => entry[0] !== undefined && !newPeople.has(entry[0]))
    .map(([person, faces]) => {
      const had = photosBefore.get(person);
      const photos = new Set(faces.map((face) => (after.register.faces[face] as KnownFace).photo));
      return { person, faces: faces.length, photos: [...photos].filter((photo) => !had?.has(photo)).length };
    })
    .sort((a, b) => a.person - b.person);
}
