import { getOrMake } from '../base/maps';
import type { FaceOnPhoto, PersonId } from './decisions';
import { faceKey } from './faces';
import type { View } from './view';
import { wasElsewhere } from './who-is-who';

/** What a grouping of faces has to respect; places are those of the faces that were given. */
export interface PeopleConstraints {
  /**
   * Who each face is; -1: nobody yet, or no longer the one it was taken for. Those who were merged by a decision are several, as
   * before: somebody as a child and as a grown-up, say. What is like one of them is not like the mean of both.
   */
  readonly people: Int32Array;
  /** People of whom no two may be joined by a grouping: those on whom somebody has decided. By their numbers. */
  readonly keep: readonly PersonId[];
  /** Pairs of people who are two, the lower number first. */
  readonly apart: readonly (readonly [PersonId, PersonId])[];
  /** Faces that are not a person. */
  readonly not: readonly (readonly [face: number, person: PersonId])[];
  /** Places of what is no face: better left out of the grouping. */
  readonly noFaces: readonly number[];
  /** Places of faces that no run has compared yet with those that there are, or that were somebody's and are nobody's now. */
  readonly fresh: readonly number[];
}

export function constraintsOn(faces: readonly FaceOnPhoto[], view: View): PeopleConstraints {
  // The faces on copies of a photo are the same.
  const places = new Map<string, number[]>();
  for (const [i, face] of faces.entries()) getOrMake(places, faceKey(face), () => []).push(i);
  const copies = [...places.values()];
  const known = view.known.index.pairWith(copies.map(([first]) => faces[first as number] as FaceOnPhoto));
  const people = new Int32Array(faces.length).fill(-1);
  const fresh: number[] = [];
  const merged = new Map<PersonId, Set<PersonId>>();
  const placesOf = new Map<number, readonly number[]>();
  for (const [i, own] of copies.entries()) {
    const face = known[i];
    const person = face === undefined ? undefined : view.before(face);
    if (face === undefined || (person === undefined && wasElsewhere(view.known.at(face)))) fresh.push(...own);
    if (face === undefined) continue;
    placesOf.set(face, own);
    if (person === undefined) continue;
    for (const place of own) people[place] = person;
    getOrMake(merged, view.root(person), () => new Set()).add(person);
  }
  const given = (face: number) => placesOf.get(face) ?? [];
  return {
    people,
    keep: [...view.decided].sort((a, b) => a - b),
    apart: [...view.apart()]
      .flatMap(([one, others]) => [...others].map((other) => [one, other] as const))
      .filter(([one, other]) => one < other)
      .sort((a, b) => a[0] - b[0] || a[1] - b[1]),
    not: [...view.rejected()]
      .flatMap(([face, root]) =>
        [...(merged.get(root) ?? [root])].flatMap((person) =>
          given(face).map((place) => [place, person] as const),
        ),
      )
      .sort((a, b) => a[0] - b[0] || a[1] - b[1]),
    noFaces: [...view.noFaces].flatMap(given).sort((a, b) => a - b),
    fresh: fresh.sort((a, b) => a - b),
  };
}
