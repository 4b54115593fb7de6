import { getOrMake } from '../base/maps';
import type { FaceOnPhoto, PersonId, StoredFace } from '../people/decisions';
import { FaceIndex, restoreFace } from '../people/faces';
import { tidyName } from '../people/faults';
import type { DecisionMade, People } from '../people/people';
import { foldedName } from '../system/file-name';

/** What names are compared by: the same for names that differ in upper and lower case, or in blanks, only. */
export function nameKey(name: string): string {
  return foldedName(tidyName(name).replace(/\s+/g, ' '));
}

/**
 * What was decided so far, for one who gives names by what is known from elsewhere: nothing is decided against people's own word, nor
 * again what they have undone.
 */
export class SaidBefore {
  /** Whose name, or that they have none, is decided by others. */
  readonly #named = new Set<PersonId>();
  /** Of names that were undone: who had them, and what they were. */
  readonly #refused = new Map<string, Set<PersonId>>();
  /** Names that this one gave, and that were undone. */
  readonly #refusedToThis = new Set<string>();
  /** The places of faces of which others have decided who they are. */
  readonly #decided = new Set<number>();
  /** By the place of a face: who it is not, and whom this one has decided it to be, undone or not. */
  readonly #told = new Map<number, PersonId[]>();
  /** Whom this one has made somebody else, and it was undone. */
  readonly #kept = new Set<PersonId>();

  /**
   * @param faces by whose places questions are asked
   * @param by where the decisions come from that this one makes
   */
  constructor(
    private readonly people: People,
    faces: readonly FaceOnPhoto[],
    private readonly by: string,
  ) {
    const index = new FaceIndex(faces);
    for (const decision of people.decisions()) this.#take(decision, index);
  }

  /** Whether somebody else has decided what a person is called, or that they have no name. */
  isNameDecided(person: PersonId): boolean {
    return this.#named.has(person);
  }

  /** Whether it was undone that a person is called that. */
  isRefused(name: string, person: PersonId): boolean {
    return this.#refused.get(nameKey(name))?.has(person) ?? false;
  }

  /** Whether it was undone that somebody is called that, whoever it was, by this one. */
  isRefusedToAll(name: string): boolean {
    return this.#refusedToThis.has(nameKey(name));
  }

  /** Whether it can be decided that a face is that person: nobody has said otherwise, nor was it said, and undone. */
  mayBe(face: number, person: PersonId): boolean {
    return !this.#decided.has(face) && !this.#told.get(face)?.some((told) => this.#now(told) === person);
  }

  /** Whether others have decided who the face at a place is. */
  isDecided(face: number): boolean {
    return this.#decided.has(face);
  }

  /** Whether somebody has undone that a person is somebody else. */
  isKept(person: PersonId): boolean {
    return this.#kept.has(person);
  }

  #take(decision: DecisionMade, index: FaceIndex): void {
    const { counts } = decision;
    const own = decision.by === this.by;
    const placesOf = (faces: readonly StoredFace[]) =>
      faces.flatMap((face) => index.find(restoreFace(face)) ?? []);
    const tell = (faces: readonly StoredFace[], person: PersonId) => {
      for (const place of placesOf(faces)) getOrMake(this.#told, place, () => []).push(person);
    };
    const decide = (faces: readonly StoredFace[]) => {
      for (const place of placesOf(faces)) this.#decided.add(place);
    };
    switch (decision.do) {
      case 'name': {
        const person = this.#now(decision.person);
        const key = nameKey(decision.name);
        if (!counts) getOrMake(this.#refused, key, () => new Set()).add(person);
        if (!counts && own) this.#refusedToThis.add(key);
        if (counts && !own) this.#named.add(person);
        break;
      }
      case 'unname':
        if (counts) this.#named.add(this.#now(decision.person));
        break;
      case 'merge':
        if (own && !counts) this.#kept.add(decision.person);
        break;
      case 'is':
        if (own) tell([decision.face], decision.person);
        else if (counts) decide([decision.face]);
        break;
      case 'split':
        if (own) tell(decision.faces, decision.as);
        else if (counts) decide(decision.faces);
        break;
      case 'not':
        if (counts) tell([decision.face], decision.person);
        break;
      case 'not-a-face':
        if (counts) decide([decision.face]);
        break;
    }
  }

  #now(person: PersonId): PersonId {
    return this.people.whoIs(person) ?? person;
  }
}
