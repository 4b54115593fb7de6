import { getOrMake } from '../base/maps';
import { type Decision, type DecisionRecord, idsThatCount, type PersonId, peopleIn } from './decisions';
import { tidyName } from './faults';
import { Merges } from './merges';
import type { KnownFaces } from './register';

/**
 * Who is who: what the groupings came to, and over it the decisions that count. It is made anew from these two whenever one
 * changes, so that undoing a decision needs nothing but to leave it out. Making it takes no look at faces on which nothing was
 * decided.
 */
export class View {
  /** Those whom a decision that counts speaks of: no grouping takes them for somebody else. */
  readonly decided = new Set<PersonId>();
  readonly hidden = new Set<PersonId>();
  /** By the place of a face, before merges: whom it is decided to be. */
  readonly #pinned = new Map<number, PersonId>();
  /** By the place of a face: whom it is decided not to be. */
  readonly #not = new Map<number, Set<PersonId>>();
  readonly #noFaces = new Set<number>();
  readonly #ownNames = new Map<PersonId, string>();
  readonly #ownCovers = new Map<PersonId, number>();
  readonly #differ: (readonly [PersonId, PersonId])[] = [];
  readonly #merges = new Merges();
  /** The same, but only those that were decided before what is being applied. */
  readonly #sofar = new Merges();
  /** People made by a split that is undone, and whose faces theirs are; `undefined`: nobody's. */
  readonly #void = new Map<PersonId, PersonId | undefined>();
  /** What was asked for before: nothing changes any more by then. */
  readonly #resolved = new Map<PersonId, PersonId | undefined>();
  readonly #facesOf = new Map<PersonId, readonly number[]>();
  #names: ReadonlyMap<PersonId, string> | undefined;
  #covers: ReadonlyMap<PersonId, readonly number[]> | undefined;
  #members: ReadonlyMap<PersonId, readonly PersonId[]> | undefined;
  #strays: Map<PersonId, Set<number>> | undefined;
  #apart: ReadonlyMap<PersonId, ReadonlySet<PersonId>> | undefined;

  constructor(
    readonly known: KnownFaces,
    records: readonly DecisionRecord[],
  ) {
    const ids = idsThatCount(records);
    for (const record of records) {
      if (record.do === 'split' && !ids.has(record.id)) this.#void.set(record.as, record.person);
    }
    // A split stands, whatever became of the one from whom it was made.
    const valid = records.filter(
      (record) =>
        ids.has(record.id) &&
        (record.do === 'split' || !peopleIn(record).some((person) => this.#void.has(person))),
    );
    for (const record of valid) for (const person of peopleIn(record)) this.decided.add(person);
    for (const record of valid) {
      if (record.do === 'merge') this.#merges.join(this.#alone(record.person), this.#alone(record.into));
    }
    for (const record of valid) this.#apply(record);
  }

  /**
   * Takes in a decision that comes after the others, if that needs no new look at these.
   * @returns whether it has; if not, nothing has changed, and the view has to be made anew
   */
  add(record: DecisionRecord): boolean {
    const people = peopleIn(record);
    const { absorbed } = this.known.register;
    const isSettled = (person: PersonId) =>
      !this.#void.has(person) && (this.decided.has(person) || !absorbed.has(person));
    if (record.do === 'merge' || record.do === 'undo' || !people.every(isSettled)) return false;
    const faces = record.do === 'split' ? record.faces : 'face' in record ? [record.face] : [];
    const places = faces.flatMap((face) => this.known.find(face) ?? []);
    const had = places.map((place) => this.personOf(place));
    for (const person of people) this.decided.add(person);
    this.#apply(record);
    this.#names = undefined;
    this.#covers = undefined;
    this.#apart = undefined;
    for (const [i, place] of places.entries()) {
      const [before, now] = [had[i], this.personOf(place)];
      for (const person of [before, now]) if (person !== undefined) this.#facesOf.delete(person);
      if (!this.#strays) continue;
      if (before !== undefined) this.#strays.get(before)?.delete(place);
      if (now !== undefined) getOrMake(this.#strays, now, () => new Set()).add(place);
    }
    return true;
  }

  #apply(record: Decision): void {
    switch (record.do) {
      case 'name':
        this.#ownNames.set(record.person, tidyName(record.name));
        break;
      case 'unname': {
        const root = this.#sofar.rootOf(this.#alone(record.person));
        for (const person of this.#ownNames.keys()) {
          if (this.#sofar.rootOf(this.#alone(person)) === root) this.#ownNames.delete(person);
        }
        break;
      }
      case 'merge':
        this.#sofar.join(this.#alone(record.person), this.#alone(record.into));
        break;
      case 'split':
        for (const face of record.faces) this.#pin(this.known.find(face), record.as);
        // Who took them apart need not be asked whether they are one.
        if (record.person !== undefined) this.#differ.push([record.person, record.as]);
        break;
      case 'is':
        this.#pin(this.known.find(record.face), record.person);
        break;
      case 'not':
        this.#reject(this.known.find(record.face), record.person);
        break;
      case 'not-a-face': {
        const face = this.known.find(record.face);
        if (face !== undefined) this.#noFaces.add(face);
        break;
      }
      case 'differ':
        this.#differ.push([record.person, record.other]);
        break;
      case 'hide':
        this.hidden.add(record.person);
        break;
      case 'show':
        this.hidden.delete(record.person);
        break;
      case 'cover': {
        const face = this.known.find(record.face);
        if (face !== undefined) this.#ownCovers.set(record.person, face);
        break;
      }
    }
  }

  #pin(face: number | undefined, person: PersonId): void {
    if (face === undefined) return;
    this.#noFaces.delete(face);
    const others = [...(this.#not.get(face) ?? [])].filter((not) => this.root(not) !== this.root(person));
    this.#not.set(face, new Set(others));
    this.#pinned.set(face, person);
  }

  #reject(face: number | undefined, person: PersonId): void {
    if (face === undefined) return;
    const pinned = this.#pinned.get(face);
    if (pinned !== undefined && this.root(pinned) === this.root(person)) this.#pinned.delete(face);
    getOrMake(this.#not, face, () => new Set()).add(person);
  }

  /** By who they are by now; their own name, or that of somebody merged into them. */
  get names(): ReadonlyMap<PersonId, string> {
    if (this.#names) return this.#names;
    const names = new Map<PersonId, string>();
    for (const [person, name] of this.#ownNames) {
      const root = this.root(person);
      if (person === root || !names.has(root)) names.set(root, name);
    }
    this.#names = names;
    return names;
  }

  /** Whether it is a face at all. */
  isFace(face: number): boolean {
    return !this.#noFaces.has(face);
  }

  /** The places of all that was decided to be no face. */
  get noFaces(): Iterable<number> {
    return this.#noFaces;
  }

  /** Whether it was decided who the face at that place is. */
  isPinned(face: number): boolean {
    return this.#pinned.has(face);
  }

  /**
   * Whom the groupings took the face at that place for, before any was taken for another; or whom it is decided to be.
   * `undefined`: nobody.
   */
  origin(face: number): PersonId | undefined {
    if (!this.isFace(face)) return undefined;
    const pinned = this.#pinned.get(face);
    if (pinned !== undefined) return this.isNot(face, pinned) ? undefined : pinned;
    const { person, instead } = this.known.at(face);
    if (person === undefined) return undefined;
    const fits = (one: PersonId) => this.#resolve(one) !== undefined && !this.isNot(face, one);
    // Undoing gives it back to the first; else the last word holds, so that no run moves it unasked.
    return fits(person) ? person : instead?.findLast(fits);
  }

  /** Whom the face at that place is taken for before merges, which may be undone; `undefined`: nobody. */
  before(face: number): PersonId | undefined {
    const origin = this.origin(face);
    return origin === undefined || this.isPinned(face) ? origin : this.#resolve(origin);
  }

  /** Who the face at that place is; `undefined`: nobody. */
  personOf(face: number): PersonId | undefined {
    const person = this.before(face);
    return person === undefined ? undefined : this.root(person);
  }

  /** Whether that face is decided not to be that person. */
  isNot(face: number, person: PersonId): boolean {
    const not = this.#not.get(face);
    if (not === undefined || not.size === 0) return false;
    const root = this.root(person);
    return [...not].some((other) => this.root(other) === root);
  }

  /** By the place of a face: who it is decided not to be, merges applied. */
  *rejected(): Generator<readonly [face: number, person: PersonId], undefined> {
    for (const [face, people] of this.#not) {
      for (const person of new Set([...people].map((one) => this.root(one)))) yield [face, person];
    }
  }

  /** Who that person is by now: themselves, or whom they were merged with. */
  root(person: PersonId): PersonId {
    return this.#merges.rootOf(this.#alone(person));
  }

  /** Whether there is such a person by now, with a name or with faces, though these may be away. */
  isThere(person: PersonId): boolean {
    if (this.root(person) !== person) return false;
    const own = this.known.byPerson.get(person) ?? [];
    return (
      this.names.has(person) || own.some((face) => !this.isDecidedOn(face)) || this.facesOf(person).length > 0
    );
  }

  /** All whom {@link isThere} is true for, by their numbers. */
  everybody(): PersonId[] {
    this.#members ??= this.#groupMembers();
    this.#strays ??= this.#groupStrays();
    const people = new Set([...this.#members.keys(), ...this.#strays.keys(), ...this.names.keys()]);
    return [...people].filter((person) => this.isThere(person)).sort((a, b) => a - b);
  }

  /** The places of a person's faces, rising, also of those that are gone. */
  facesOf(person: PersonId): readonly number[] {
    return getOrMake(this.#facesOf, person, () => {
      this.#members ??= this.#groupMembers();
      this.#strays ??= this.#groupStrays();
      const own = (this.#members.get(person) ?? []).flatMap((one) =>
        (this.known.byPerson.get(one) ?? []).filter((face) => !this.isDecidedOn(face)),
      );
      return [...own, ...(this.#strays.get(person) ?? [])].sort((a, b) => a - b);
    });
  }

  /** The places of the faces that a person had before merges; see {@link View.before}. */
  facesBefore(person: PersonId): readonly number[] {
    const others = [...this.#void.keys(), ...this.known.register.absorbed.keys()];
    const own = [...new Set([person, ...others])]
      .filter((one) => this.#resolve(one) === person)
      .flatMap((one) => (this.known.byPerson.get(one) ?? []).filter((face) => !this.isDecidedOn(face)));
    this.#strays ??= this.#groupStrays();
    const strays = [...(this.#strays.get(this.root(person)) ?? [])].filter(
      (face) => this.before(face) === person,
    );
    return [...own, ...strays].sort((a, b) => a - b);
  }

  /** The place of the face that stands for a person: one of theirs that is not gone. */
  coverOf(person: PersonId): number | undefined {
    this.#covers ??= this.#groupCovers();
    return this.#covers
      .get(person)
      ?.find((face) => this.personOf(face) === person && !this.known.at(face).gone);
  }

  /** Whom groupings have found to be somebody else, by who that is now. */
  absorbed(): Map<PersonId, PersonId[]> {
    const absorbed = new Map<PersonId, PersonId[]>();
    for (const person of [...this.known.register.absorbed.keys()].sort((a, b) => a - b)) {
      const now = this.#alone(person);
      if (now !== person) getOrMake(absorbed, this.root(now), () => []).push(person);
    }
    return absorbed;
  }

  /** Whether they are decided to be two. */
  areApart(one: PersonId, other: PersonId): boolean {
    return this.apart().get(this.root(one))?.has(this.root(other)) ?? false;
  }

  /** Who is decided to be somebody else than whom, each pair both ways. */
  apart(): ReadonlyMap<PersonId, ReadonlySet<PersonId>> {
    if (this.#apart) return this.#apart;
    const apart = new Map<PersonId, Set<PersonId>>();
    for (const [person, other] of this.#differ) {
      const [one, two] = [this.root(person), this.root(other)];
      if (one === two) continue;
      getOrMake(apart, one, () => new Set()).add(two);
      getOrMake(apart, two, () => new Set()).add(one);
    }
    this.#apart = apart;
    return apart;
  }

  /** How many pairs are decided to be two, at most. */
  get pairsApart(): number {
    return this.#differ.length;
  }

  /** Whether anything is decided on the face at that place. */
  isDecidedOn(face: number): boolean {
    return this.#pinned.has(face) || this.#noFaces.has(face) || this.#not.has(face);
  }

  /** By who they are now; the places of faces that were to stand for them, or for somebody merged into them, best first. */
  #groupCovers(): ReadonlyMap<PersonId, readonly number[]> {
    const all = new Map<PersonId, number[]>();
    for (const [person, face] of this.#ownCovers) {
      const root = this.root(person);
      const covers = getOrMake(all, root, () => []);
      if (person === root) covers.unshift(face);
      else covers.push(face);
    }
    return all;
  }

  /** By who they are now: whom the groupings have made. */
  #groupMembers(): ReadonlyMap<PersonId, readonly PersonId[]> {
    const members = new Map<PersonId, PersonId[]>();
    for (const person of this.known.byPerson.keys()) {
      const now = this.#resolve(person);
      if (now !== undefined) getOrMake(members, this.root(now), () => []).push(person);
    }
    return members;
  }

  /** By who they are now: the faces on which something was decided. */
  #groupStrays(): Map<PersonId, Set<number>> {
    const strays = new Map<PersonId, Set<number>>();
    const faces = new Set([
      ...this.#pinned.keys(),
      ...this.#not.keys(),
      ...this.#noFaces,
      ...this.known.retaken,
    ]);
    for (const face of faces) {
      const person = this.personOf(face);
      if (person !== undefined) getOrMake(strays, person, () => new Set()).add(face);
    }
    return strays;
  }

  /** Who they are before merges; themselves if they are nobody any more. */
  #alone(person: PersonId): PersonId {
    return this.#resolve(person) ?? person;
  }

  /**
   * Follows splits that are undone, and groupings that made two into one, unless somebody has decided on the one.
   * @returns `undefined`: nobody
   */
  #resolve(person: PersonId): PersonId | undefined {
    if (this.#resolved.has(person)) return this.#resolved.get(person);
    const seen: PersonId[] = [];
    let end: PersonId | undefined = person;
    for (let at = person; ; ) {
      seen.push(at);
      const next = this.#void.has(at)
        ? this.#void.get(at)
        : this.decided.has(at)
          ? at
          : (this.known.register.absorbed.get(at) ?? at);
      end = next;
      if (next === undefined || next === at) break;
      if (this.#resolved.has(next)) {
        end = this.#resolved.get(next);
        break;
      }
      const since = seen.indexOf(next);
      if (since >= 0) {
        // Undoing can close a circle: it is one person then, whoever is asked for.
        end = Math.min(...seen.slice(since));
        break;
      }
      at = next;
    }
    for (const one of seen) this.#resolved.set(one, end);
    return end;
  }
}
