import { countFiles, fileOfPhoto } from '../base/ids';
import { getOrMake, groupBy } from '../base/maps';
import { findAbsorbed, findSeparated } from './absorb';
import { assignNew } from './assign';
import { carryOver, type GroupedFace } from './carry-over';
import type { DecisionRecord, PersonId } from './decisions';
import type { KnownFace } from './faces';
import { KnownFaces, type Register } from './register';
import { View } from './view';

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
  /** People whom an earlier run took for somebody else, and who are not: each side is at home in a group of its own. */
  readonly separated: readonly { readonly person: PersonId; readonly from: PersonId }[];
  /**
   * People most of whose faces are in one group, but who stay two: somebody has decided something on both, or on two others in
   * the group, or the first is hidden, or nobody was to be absorbed.
   */
  readonly mayBeOne: readonly (readonly [PersonId, PersonId])[];
  /** Number of faces that the run before has found, and this one has not. */
  readonly gone: number;
  /** Number of faces that are known from earlier runs, and that this one has found again, but the one before had not. */
  readonly back: number;
}

export interface MatchOptions {
  /** Whether anybody may be taken for another. */
  readonly absorb: boolean;
  /** On how many different photos faces have to be to be somebody new; a video is one. */
  readonly minPhotos: number;
  /** Gives numbers that nobody has, or had. */
  readonly nextPerson: () => PersonId;
}

/**
 * Finds the people of before in the groups of a run. No face of before changes its person: at most a person on whom nobody
 * has decided anything is taken for another, whole, or comes apart again from whom they were taken for.
 * - A face is one of before if it is on the same photo and its box overlaps by {@link FaceIndex.pairWith}.
 * - Two people who are at home in one group are one, unless both were decided on; they are two again if each is at home in
 *   another one later.
 * - Faces of a group that are nobody's go to the people whose faces are there; to whom of several, the distance decides that
 *   `linkage` goes by. If there is nobody, they are a new person.
 *
 * @param labels the group of each face; -1: none
 * @returns what is the same whatever the order of faces and the numbers of groups
 */
export function matchGroups(
  before: Register,
  records: readonly DecisionRecord[],
  given: readonly GroupedFace[],
  labels: ArrayLike<number>,
  { absorb, minPhotos, nextPerson }: MatchOptions,
): { readonly known: KnownFaces; readonly view: View; readonly changes: PeopleChanges } {
  const carried = carryOver(before, given, labels);
  const first = new View(new KnownFaces({ ...before, faces: carried.faces }), records);
  const apart = findSeparated(first, carried.groups);
  const view =
    apart.separated.length === 0
      ? first
      : new View(
          new KnownFaces({ ...first.known.register, absorbed: apart.into }, first.known.index),
          records,
        );
  const one = findAbsorbed(view, carried.groups, absorb);

  const { person, newGroups } = assignNew(view, carried);
  const photosOf = (faces: readonly number[]) => countFiles(faces.map((face) => view.known.at(face).photo));
  const newPeople = newGroups
    .filter((faces) => photosOf(faces) >= minPhotos)
    .sort((a, b) => b.length - a.length || (a[0] as number) - (b[0] as number))
    .map((faces) => {
      const added = nextPerson();
      for (const face of faces) person.set(face, added);
      return added;
    });
  const register = {
    next: newPeople.reduce((next, added) => Math.max(next, added + 1), before.next),
    absorbed: one.into,
    faces: carried.faces.map((face, i) => takenFor(face, person.get(i))),
  };
  const known = new KnownFaces(register, view.known.index);
  const after = new View(known, records);
  const again = new Set(one.absorbed.map((pair) => `${pair.person} ${pair.into}`));
  const separated = apart.separated.filter((pair) => !again.has(`${pair.person} ${pair.from}`));
  const anew = new Set(apart.separated.map((pair) => `${pair.person} ${pair.from}`));
  return {
    known,
    view: after,
    changes: {
      joined: joinedIn(view, after, person.keys(), new Set(newPeople)),
      newPeople,
      absorbed: one.absorbed.filter((pair) => !anew.has(`${pair.person} ${pair.into}`)),
      separated,
      mayBeOne: one.mayBeOne,
      gone: carried.gone,
      back: before.fromDecisions ? 0 : carried.back,
    },
  };
}

function takenFor(face: KnownFace, person: PersonId | undefined): KnownFace {
  if (person === undefined) return face;
  if (face.person === undefined) return { ...face, person };
  return { ...face, instead: [...(face.instead ?? []), person] };
}

/** What people of before have more. */
function joinedIn(view: View, after: View, added: Iterable<number>, newPeople: ReadonlySet<PersonId>) {
  const joined = groupBy(added, (face) => after.personOf(face));
  const photosBefore = new Map<PersonId, Set<string>>();
  for (const person of view.everybody()) {
    // Of those who were absorbed, too.
    const now = after.root(person);
    if (!joined.has(now)) continue;
    const photos = getOrMake(photosBefore, now, () => new Set());
    for (const face of view.facesOf(person)) {
      const { photo, gone } = view.known.at(face);
      if (!gone) photos.add(fileOfPhoto(photo));
    }
  }
  return [...joined]
    .filter((entry): entry is [PersonId, number[]] => entry[0] !== undefined && !newPeople.has(entry[0]))
    .map(([person, faces]) => {
      const had = photosBefore.get(person);
      const photos = new Set(faces.map((face) => fileOfPhoto(after.known.at(face).photo)));
      return { person, faces: faces.length, photos: [...photos].filter((photo) => !had?.has(photo)).length };
    })
    .sort((a, b) => a.person - b.person);
}
