import { getOrMake } from '../base/maps';
import {
  type Decision,
  type DecisionRecord,
  type PersonId,
  type PersonSeen,
  peopleIn,
  type StoredFace,
} from './decisions';
import { compareFaces, FaceIndex, type KnownFace, restoreFace, storeFace } from './faces';
import type { Register } from './register';
import type { View } from './view';

/** By how many of their faces a person is found again. */
const FACES = 5;

/**
 * By which faces the people of a decision are found again.
 * @param view in which it counts
 * @param told whose faces other lines have that are written with it; those that are told now are added
 */
export function seenIn(decision: Decision, view: View, told: Set<PersonId>): PersonSeen[] {
  const made = decision.do === 'split' ? decision.as : undefined;
  const people = peopleIn(decision).filter((person) => person !== made && !told.has(person));
  for (const person of people) told.add(person);
  return [...new Set(people)]
    .map((person) => ({ person, faces: facesThatTell(person, view) }))
    .filter(({ faces }) => faces.length > 0);
}

/**
 * A few faces of a person that were not merged into them, spread over their photos. Those of people whom a run took for them may
 * leave them again, and those that somebody has put there are in other lines already; they do if there is nothing else.
 */
function facesThatTell(person: PersonId, view: View): StoredFace[] {
  const own = view.facesBefore(person);
  const rank = (face: number) =>
    Number(view.isPinned(face)) * 4 +
    Number(view.known.at(face).gone ?? false) * 2 +
    Number(view.origin(face) !== person);
  const lowest = own.reduce((low, face) => Math.min(low, rank(face)), Number.POSITIVE_INFINITY);
  const perPhoto = new Map(
    own.filter((face) => rank(face) === lowest).map((face) => [view.known.at(face).photo, face]),
  );
  const faces = [...perPhoto.values()];
  const count = Math.min(FACES, faces.length);
  return Array.from({ length: count }, (_, i) =>
    storeFace(view.known.at(faces[Math.floor((i * faces.length) / count)] as number)),
  );
}

/** What decisions themselves say of who is who: by that, people are found again if what the runs have found is lost. */
export function registerOf(records: readonly DecisionRecord[]): Register {
  const byPhoto = new Map<string, KnownFace[]>();
  const remember = (stored: StoredFace, person?: PersonId) => {
    const face: KnownFace = { ...restoreFace(stored), gone: true, ...(person !== undefined && { person }) };
    const there = getOrMake(byPhoto, face.photo, () => []);
    const known = new FaceIndex(there).find(face);
    if (known === undefined) there.push(face);
    else if (person !== undefined) there[known] = { ...(there[known] as KnownFace), person };
  };
  for (const record of records) {
    for (const { person, faces } of record.seen ?? []) for (const face of faces) remember(face, person);
    if ('face' in record) remember(record.face);
    if (record.do === 'split') for (const face of record.faces) remember(face);
  }
  const faces = [...byPhoto.values()].flat().sort(compareFaces);
  return { next: 1, absorbed: new Map(), faces, fromDecisions: true };
}
