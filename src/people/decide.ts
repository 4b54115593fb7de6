import { integer, invalidArgument, object, oneOf, options } from '../base/validate';
import { checkFace } from './checks';
import type { Decision, DecisionToMake, FaceOnPhoto, PersonId, StoredFace } from './decisions';
import { type KnownFace, storeFace } from './faces';
import { canBeName, LARGEST, tidyName } from './faults';
import type { View } from './view';

/** What each decision is made of. */
const PARTS = {
  name: { do: true, person: true, name: true },
  unname: { do: true, person: true },
  merge: { do: true, person: true, into: true },
  split: { do: true, faces: true, name: true },
  differ: { do: true, person: true, other: true },
  is: { do: true, face: true, person: true },
  not: { do: true, face: true, person: true },
  'not-a-face': { do: true, face: true },
  hide: { do: true, person: true },
  show: { do: true, person: true },
  cover: { do: true, face: true },
} as const satisfies { readonly [kind in DecisionToMake['do']]: Readonly<Record<string, true>> };
const KINDS = Object.keys(PARTS) as DecisionToMake['do'][];

/** Checks decisions, and makes them what stands in the file. */
export class DecisionMaker {
  /**
   * @param view who is who before the decision
   * @param nextPerson gives a number that nobody has, or had
   * @param argument how an argument is called by the one who gave it
   */
  constructor(
    private readonly view: View,
    private readonly nextPerson: () => PersonId,
    private readonly argument: (part: string) => string,
  ) {}

  /** @throws FaceError FACE_INVALID_ARGUMENT */
  make(wanted: DecisionToMake): Decision {
    const kind = oneOf(this.argument('do'), object(this.argument('decision'), wanted).do, KINDS);
    options(this.argument('decision'), wanted, PARTS[kind]);
    switch (wanted.do) {
      case 'name':
        return { do: 'name', person: this.#person('person', wanted.person), name: this.#name(wanted.name) };
      case 'unname':
      case 'hide':
      case 'show':
        return { do: wanted.do, person: this.#person('person', wanted.person) };
      case 'merge': {
        const [person, into] = [this.#person('person', wanted.person), this.#person('into', wanted.into)];
        if (person === into) throw invalidArgument(this.argument('into'), 'somebody else', into);
        return { do: 'merge', person, into };
      }
      case 'split':
        return this.#split(wanted.faces);
      case 'differ':
        return {
          do: 'differ',
          person: integer(this.argument('person'), wanted.person, 1, LARGEST),
          other: integer(this.argument('other'), wanted.other, 1, LARGEST),
        };
      case 'is':
      case 'not': {
        const face = this.#stored(this.#face('face', wanted.face));
        return { do: wanted.do, face, person: this.#person('person', wanted.person) };
      }
      case 'not-a-face':
        return { do: 'not-a-face', face: this.#stored(this.#face('face', wanted.face)) };
      case 'cover': {
        const face = this.#face('face', wanted.face);
        const person = this.view.personOf(face);
        if (person === undefined)
          throw invalidArgument(this.argument('face'), "a person's face", wanted.face);
        return { do: 'cover', person, face: this.#stored(face) };
      }
    }
  }

  /**
   * Checks what can only be told afterwards: that two people are two, of whom one may have been taken for the other.
   * @param after who is who with it
   */
  check(decision: Decision, after: View): void {
    if (decision.do !== 'differ') return;
    const { person, other } = decision;
    if (person === other) throw invalidArgument(this.argument('other'), 'somebody else', other);
    if (after.root(person) === after.root(other)) {
      const expected = 'two people who were not made one by a decision, which can be undone instead,';
      throw invalidArgument(this.argument('other'), expected, other);
    }
    for (const [part, one] of Object.entries({ person, other })) {
      if (!after.isThere(one)) throw this.#nobody(part, one, after);
    }
  }

  #split(faces: readonly FaceOnPhoto[]): Decision {
    if (!Array.isArray(faces) || faces.length === 0) {
      throw invalidArgument(this.argument('faces'), 'an array of faces', faces);
    }
    const found = [...new Set(faces.map((face, i) => this.#face(`faces[${i}]`, face)))];
    const [person, ...others] = new Set(found.map((face) => this.view.personOf(face)));
    const from = others.length === 0 ? person : undefined;
    if (from !== undefined) {
      const own = new Set(found);
      const shown = this.view.facesOf(from).filter((face) => !this.view.known.at(face).gone);
      if (shown.every((face) => own.has(face))) {
        const expected = `fewer than all faces that person ${from} is seen by`;
        throw invalidArgument(this.argument('faces'), expected, faces);
      }
    }
    return {
      do: 'split',
      ...(from !== undefined && { person: from }),
      as: this.nextPerson(),
      faces: found.map((face) => this.#stored(face)),
    };
  }

  #name(name: string): string {
    const tidy = typeof name === 'string' ? tidyName(name) : name;
    if (canBeName(tidy)) return tidy;
    const expected = 'one line of 1 to 200 characters that can be seen';
    throw invalidArgument(this.argument('name'), expected, name);
  }

  #person(part: string, person: PersonId): PersonId {
    integer(this.argument(part), person, 1, LARGEST);
    if (this.view.isThere(person)) return person;
    throw this.#nobody(part, person, this.view);
  }

  #nobody(part: string, person: PersonId, view: View) {
    const now = view.root(person);
    const who = now === person ? 'the number of a person' : `the number of a person (by now, this is ${now})`;
    return invalidArgument(this.argument(part), who, person);
  }

  #face(part: string, face: FaceOnPhoto): number {
    const found = this.view.known.placeOf(checkFace(this.argument(part), face));
    if (found === undefined) {
      throw invalidArgument(this.argument(part), 'a face that a run has found', face);
    }
    return found;
  }

  /** With the box that it is found by for ever. */
  #stored(face: number): StoredFace {
    const { photo, box, first = box }: KnownFace = this.view.known.at(face);
    return storeFace({ photo, box: first });
  }
}
