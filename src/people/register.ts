import { groupBy } from '../base/maps';
import type { FaceOnPhoto, PersonId, StoredFace } from './decisions';
import { FaceIndex, type KnownFace, restoreFace } from './faces';

/** What the groupings of all runs have come to, whatever was decided. */
export interface Register {
  /** Beyond the number of everybody that a grouping has made. */
  readonly next: PersonId;
  /** Whom a grouping has found to be whom: nothing is thrown away by that, so a decision or a later run can bring them back. */
  readonly absorbed: ReadonlyMap<PersonId, PersonId>;
  /** In the order of photos and boxes. */
  readonly faces: readonly KnownFace[];
  /** Nothing is known but what decisions say: a few faces of those of whom they speak. */
  readonly fromDecisions?: true;
}

export const EMPTY_REGISTER: Register = { next: 1, absorbed: new Map(), faces: [] };

/** A register, and what is quick to find in it. */
export class KnownFaces {
  /** The places of the faces of whom the groupings made them, but of those in `retaken`. */
  readonly byPerson: ReadonlyMap<PersonId, readonly number[]>;
  /** The places of faces that were taken for somebody else after a decision. */
  readonly retaken: readonly number[];
  readonly #found = new WeakMap<StoredFace, number | typeof NONE>();

  constructor(
    readonly register: Register,
    readonly index = new FaceIndex(register.faces),
  ) {
    const { faces } = register;
    const places = [...faces.keys()];
    this.retaken = places.filter((i) => faces[i]?.instead !== undefined);
    const people = groupBy(
      places.filter((i) => faces[i]?.instead === undefined),
      (i) => faces[i]?.person,
    );
    people.delete(undefined);
    this.byPerson = people as Map<PersonId, number[]>;
  }

  /** The place of a face of a decision; `undefined` if no run has found it. */
  find(stored: StoredFace): number | undefined {
    const known = this.#found.get(stored);
    if (known !== undefined) return known === NONE ? undefined : known;
    const found = this.index.find(restoreFace(stored));
    this.#found.set(stored, found ?? NONE);
    return found;
  }

  /** The place of a face; `undefined` if no run has found it. */
  placeOf(face: FaceOnPhoto): number | undefined {
    return this.index.find(face);
  }

  at(place: number): KnownFace {
    return this.register.faces[place] as KnownFace;
  }
}

const NONE = -1;
