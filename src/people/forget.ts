import { groupBy } from '../base/maps';
import {
  type DecisionRecord,
  type FaceOnPhoto,
  idsThatCount,
  type PersonId,
  type PersonSeen,
  peopleIn,
  type StoredFace,
} from './decisions';
import { faceKey, type KnownFace, restoreFace } from './faces';
import { LARGEST } from './faults';
import type { ForgottenFaces } from './forgotten-faces';
import type { Register } from './register';
import type { View } from './view';

/** All numbers that people have or had: their own, and those of whoever was merged with them or taken for them. */
export function numbersOf(
  people: readonly PersonId[],
  view: View,
  records: readonly DecisionRecord[],
): PersonId[] {
  const { absorbed, faces } = view.known.register;
  const all = new Set([
    ...people,
    ...[...absorbed].flat(),
    ...faces.flatMap(({ person, instead = [] }) => (person === undefined ? [] : [person, ...instead])),
    ...records.flatMap((record) => peopleIn(record)),
  ]);
  const roots = new Set(people.map((person) => view.root(person)));
  return [...all].filter((person) => roots.has(view.root(person))).sort((a, b) => a - b);
}

/** The faces that are somebody's of these, as runs have found them first and last; those that are gone included. */
export function facesOfNumbers(numbers: readonly PersonId[], view: View): FaceOnPhoto[] {
  const roots = new Set(numbers.map((person) => view.root(person)));
  const own = [...roots].flatMap((person) => view.facesOf(person).map((place) => view.known.at(place)));
  return own.flatMap(({ photo, box, first, was = [] }) =>
    [photo, ...was].flatMap((id) => [{ photo: id, box }, ...(first ? [{ photo: id, box: first }] : [])]),
  );
}

/**
 * What groupings have come to, as if those with these numbers had never been. Everybody else is who they were; nobody gets a
 * number that somebody had.
 * @param view of the register
 */
export function registerWithout(
  view: View,
  records: readonly DecisionRecord[],
  people: ReadonlySet<PersonId>,
  forgotten: ForgottenFaces,
): Register {
  const { register } = view.known;
  // Who was kept from being somebody else by a decision that is gone stays so.
  const followed = new Set([...view.absorbed().values()].flat());
  const isKept = ([person, into]: readonly [PersonId, PersonId]) =>
    followed.has(person) && !people.has(person) && !people.has(into);
  const highest = records
    .flatMap((record) => peopleIn(record))
    .reduce((most, person) => Math.max(most, person), register.next - 1);
  return {
    ...register,
    next: highest + 1,
    absorbed: new Map([...register.absorbed].filter(isKept)),
    faces: register.faces.flatMap((face, place) =>
      forgotten.isExactly(face) ? [] : faceWithout(face, place, view, people),
    ),
  };
}

/** A face of somebody else, or nobody's, that a grouping may have taken for one of them. */
function faceWithout(face: KnownFace, place: number, view: View, people: ReadonlySet<PersonId>): KnownFace {
  const { person, instead = [], ...rest } = face;
  if (person === undefined || ![person, ...instead].some((one) => people.has(one))) return face;
  const now = view.isPinned(place) ? undefined : view.before(place);
  return now === undefined || people.has(now) ? rest : { ...rest, person: now };
}

/**
 * Those with these numbers, and whom splits have made that are undone and would not be known to be undone any more: they are nobody
 * now, and must not come back.
 */
export function withUndone(
  records: readonly DecisionRecord[],
  people: ReadonlySet<PersonId>,
  forgotten: ForgottenFaces,
): ReadonlySet<PersonId> {
  const counting = idsThatCount(records);
  const undone = records.filter((record) => record.do === 'split' && !counting.has(record.id));
  for (let all = new Set(people); ; ) {
    const left = new Set(decisionsWithout(records, all, forgotten).map(({ id }) => id));
    const lost = undone.flatMap((record) => (record.do === 'split' && !left.has(record.id) ? record.as : []));
    const more = new Set([...all, ...lost]);
    if (more.size === all.size) return all;
    all = more;
  }
}

/**
 * Decisions without all that speaks of those with these numbers, or of forgotten faces. What is left of a gesture that did are
 * decisions of their own, if they count: its undo, which spoke of all, has nothing to undo any more.
 */
export function decisionsWithout(
  records: readonly DecisionRecord[],
  people: ReadonlySet<PersonId>,
  forgotten: ForgottenFaces,
): DecisionRecord[] {
  const counting = idsThatCount(records);
  const overruled = lastWords(records, counting, people);
  const isGone = (face: StoredFace, id: number) =>
    forgotten.has(restoreFace(face)) || id < (overruled.get(keyOf(face)) ?? 0);
  const isForgotten = (face: StoredFace) => isGone(face, LARGEST);
  const gestureOf = ({ id, with: first = id }: DecisionRecord) => first;
  const left = new Map(records.map((record) => [record.id, recordWithout(record, people, isGone)]));
  const broken = new Set(records.filter(({ id }) => left.get(id) === undefined).map(gestureOf));
  const toldIn = groupBy(records, gestureOf);
  const kept = new Set<number>();
  return records.flatMap((record): DecisionRecord | readonly [] => {
    const rest = left.get(record.id);
    if (!rest || (rest.do === 'undo' && !kept.has(rest.of))) return [];
    const gesture = gestureOf(record);
    if (!broken.has(gesture)) {
      kept.add(rest.id);
      return rest;
    }
    if (!counting.has(rest.id)) return [];
    kept.add(rest.id);
    const { with: _, seen: __, ...alone } = rest;
    const told = (toldIn.get(gesture) ?? []).flatMap((one) => one.seen ?? []);
    const own = new Set(peopleIn(rest));
    const seen = seenWithout(
      told.filter(({ person }) => own.has(person)),
      people,
      isForgotten,
    );
    return { ...alone, ...(seen.length > 0 && { seen }) } as DecisionRecord;
  });
}

/** `undefined` if nothing is left of it. */
function recordWithout(
  record: DecisionRecord,
  people: ReadonlySet<PersonId>,
  isGone: (face: StoredFace, id: number) => boolean,
): DecisionRecord | undefined {
  const { seen, ...decision } = record;
  const rest = decisionWithout(decision as DecisionRecord, people, isGone);
  const faces = seenWithout(seen ?? [], people, (face) => isGone(face, LARGEST));
  return rest && ({ ...rest, ...(faces.length > 0 && { seen: faces }) } as DecisionRecord);
}

function decisionWithout(
  record: DecisionRecord,
  people: ReadonlySet<PersonId>,
  isGone: (face: StoredFace, id: number) => boolean,
): DecisionRecord | undefined {
  if (record.do === 'split' && !people.has(record.as)) {
    const { person, faces, ...rest } = record;
    const left = faces.filter((face) => !isGone(face, record.id));
    const from = person !== undefined && !people.has(person) ? { person } : {};
    return left.length > 0 ? { ...rest, ...from, faces: left } : undefined;
  }
  if (peopleIn(record).some((person) => people.has(person))) return undefined;
  if (!('face' in record)) return record;
  // What a face is not, it is not whoever it was said to be meanwhile.
  const id = record.do === 'is' || record.do === 'not-a-face' ? record.id : LARGEST;
  return isGone(record.face, id) ? undefined : record;
}

/**
 * The decisions that a face is one of those who are forgotten, the last on each face: with them, what was said of it before would
 * count again.
 */
function lastWords(
  records: readonly DecisionRecord[],
  counting: ReadonlySet<number>,
  people: ReadonlySet<PersonId>,
): ReadonlyMap<string, number> {
  const undone = new Set(
    records.flatMap((record) => (record.do === 'split' && !counting.has(record.id) ? record.as : [])),
  );
  const isTheirs = (person: PersonId) => people.has(person) && !undone.has(person);
  const words = new Map<string, number>();
  for (const record of records) {
    if (!counting.has(record.id)) continue;
    if (record.do === 'is' && isTheirs(record.person)) words.set(keyOf(record.face), record.id);
    if (record.do === 'split' && isTheirs(record.as)) {
      for (const face of record.faces) words.set(keyOf(face), record.id);
    }
  }
  return words;
}

function keyOf(face: StoredFace): string {
  return faceKey(restoreFace(face));
}

function seenWithout(
  seen: readonly PersonSeen[],
  people: ReadonlySet<PersonId>,
  isForgotten: (face: StoredFace) => boolean,
): PersonSeen[] {
  return seen
    .filter(({ person }) => !people.has(person))
    .map(({ person, faces }) => ({ person, faces: faces.filter((face) => !isForgotten(face)) }))
    .filter(({ faces }) => faces.length > 0);
}
