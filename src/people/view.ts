import { getOrMake } from '../base/maps';
import {
  type Decision,
  type DecisionRecord,
  idsThatCount,
  type PersonId,
  peopleIn,
  type StoredFace,
} from './decisions';
import { FaceIndex, restoreFace } from './faces';
import type { Register } from './register';

/**
 * Who is who: what the groupings came to, and over it the decisions that count. It is made anew from these two whenever one
 * changes, so that undoing a decision needs nothing but to leave it out.
 */
export class View {
  /** Those whom a decision that counts speaks of: no grouping takes them for somebody else. */
  readonly decided = new Set<PersonId>();
  readonly hidden = new Set<PersonId>();
  /** By who they are by now; their own name, or that of somebody merged into them. */
  readonly names = new Map<PersonId, string>();
  /** The place of the face that stands for them. */
  readonly covers = new Map<PersonId, number>();
  /** By the place of a face, before merges: whom it is decided to be. */
  readonly #pinned = new Map<number, PersonId>();
  /** By the place of a face: whom it is decided not to be. */
  readonly #not = new Map<number, Set<PersonId>>();
  readonly #noFaces = new Set<number>();
  readonly #ownNames = new Map<PersonId, string>();
  readonly #apart: (readonly [PersonId, PersonId])[] = [];
  readonly #mergedInto = new Map<PersonId, PersonId>();
  /** People made by a split that is undone, and whose faces theirs are. */
  readonly #void = new Map<PersonId, PersonId>();

  /** @param index of the register's faces */
  constructor(
    readonly register: Register,
    records: readonly DecisionRecord[],
    readonly index = new FaceIndex(register.faces),
  ) {
    const ids = idsThatCount(records);
    const counting = records.filter(({ id }) => ids.has(id));
    for (const record of records) {
      if (record.do === 'split' && record.person !== undefined && !ids.has(record.id)) {
        this.#void.set(record.as, record.person);
      }
    }
    // A split stands, whatever became of the one from whom it was made.
    const valid = counting.filter(
      (record) => record.do === 'split' || !peopleIn(record).some((person) => this.#void.has(person)),
    );
    for (const record of valid) for (const person of peopleIn(record)) this.decided.add(person);
    for (const record of valid) if (record.do === 'merge') this.#merge(record.person, record.into);
    for (const record of valid) this.#apply(record);
    for (const [person, name] of this.#ownNames) {
      const root = this.root(person);
      if (person === root || !this.names.has(root)) this.names.set(root, name);
    }
  }

  #merge(person: PersonId, into: PersonId): void {
    const [from, to] = [this.root(person), this.root(into)];
    if (from !== to) this.#mergedInto.set(from, to);
  }

  #apply(record: Decision): void {
    switch (record.do) {
      case 'name':
        this.#ownNames.set(record.person, record.name);
        break;
      case 'split':
        for (const face of record.faces) this.#pin(face, record.as);
        break;
      case 'is':
        this.#pin(record.face, record.person);
        break;
      case 'not': {
        const face = this.#find(record.face);
        if (face === undefined) break;
        const pinned = this.#pinned.get(face);
        if (pinned !== undefined && this.root(pinned) === this.root(record.person)) this.#pinned.delete(face);
        getOrMake(this.#not, face, () => new Set()).add(record.person);
        break;
      }
      case 'not-a-face': {
        const face = this.#find(record.face);
        if (face !== undefined) this.#noFaces.add(face);
        break;
      }
      case 'differ':
        this.#apart.push([record.person, record.other]);
        break;
      case 'hide':
        this.hidden.add(record.person);
        break;
      case 'cover': {
        const face = this.#find(record.face);
        if (face !== undefined) this.covers.set(record.person, face);
        break;
      }
    }
  }

  #pin(stored: StoredFace, person: PersonId): void {
    const face = this.#find(stored);
    if (face === undefined) return;
    this.#noFaces.delete(face);
    const others = [...(this.#not.get(face) ?? [])].filter((not) => this.root(not) !== this.root(person));
    this.#not.set(face, new Set(others));
    this.#pinned.set(face, person);
  }

  #find(stored: StoredFace): number | undefined {
    return this.index.find(restoreFace(stored));
  }

  /** Whether it is a face at all. */
  isFace(face: number): boolean {
    return !this.#noFaces.has(face);
  }

  /** Whether it was decided who the face at that place is. */
  isPinned(face: number): boolean {
    return this.#pinned.has(face);
  }

  /** Whom the face at that place is taken for before merges, which may be undone; `undefined`: nobody. */
  before(face: number): PersonId | undefined {
    if (!this.isFace(face)) return undefined;
    const grouped = this.register.faces[face]?.person;
    const person = this.#pinned.get(face) ?? (grouped === undefined ? undefined : this.#resolve(grouped));
    return person === undefined || this.isNot(face, person) ? undefined : person;
  }

  /** Who the face at that place is; `undefined`: nobody. */
  personOf(face: number): PersonId | undefined {
    const person = this.before(face);
    return person === undefined ? undefined : this.root(person);
  }

  /** Whether that face is decided not to be that person. */
  isNot(face: number, person: PersonId): boolean {
    const root = this.root(person);
    return [...(this.#not.get(face) ?? [])].some((not) => this.root(not) === root);
  }

  /** Who that person is by now: themselves, or whom they were merged with. */
  root(person: PersonId): PersonId {
    let root = this.#resolve(person);
    for (;;) {
      const into = this.#mergedInto.get(root);
      if (into === undefined) return root;
      root = into;
    }
  }

  /** Whether they are decided to be two. */
  areApart(one: PersonId, other: PersonId): boolean {
    const [a, b] = [this.root(one), this.root(other)];
    return this.#apart.some(([c, d]) => {
      const [e, f] = [this.root(c), this.root(d)];
      return (a === e && b === f) || (a === f && b === e);
    });
  }

  /** How many pairs are decided to be two. */
  get pairsApart(): number {
    return this.#apart.length;
  }

  /** Follows splits that are undone, and groupings that made two into one, unless somebody has decided on the one. */
  #resolve(person: PersonId): PersonId {
    const seen: PersonId[] = [];
    for (let at = person; ; ) {
      const next = this.#void.get(at) ?? (this.decided.has(at) ? undefined : this.register.absorbed.get(at));
      if (next === undefined) return at;
      const since = seen.indexOf(at);
      // Undoing can close a circle: it is one person then, whoever is asked for.
      if (since >= 0) return Math.min(...seen.slice(since));
      seen.push(at);
      at = next;
    }
  }
}
