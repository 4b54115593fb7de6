import { FaceError } from '../base/errors';
import { type DecisionRecord, type PersonId, peopleIn } from './decisions';
import { LARGEST } from './faults';
import type { Register } from './register';

/** Numbers for people that nobody has, or had. */
export class PersonNumbers {
  #next: PersonId;
  #taken: ReadonlySet<PersonId> | undefined;

  constructor(
    private readonly register: Register,
    private readonly records: readonly DecisionRecord[],
  ) {
    this.#next = records
      .flatMap((record) => peopleIn(record))
      .reduce((next, person) => Math.max(next, person + 1), register.next);
  }

  take(): PersonId {
    // Somebody has written a line with a very large number: smaller ones do.
    while (this.#next > LARGEST || this.#taken?.has(this.#next)) {
      if (this.#next > LARGEST) {
        if (this.#taken) throw new FaceError('FACE_INTERNAL', 'There is no number left for a person.');
        this.#taken = this.#allTaken();
        this.#next = 1;
      } else this.#next++;
    }
    return this.#next++;
  }

  #allTaken(): ReadonlySet<PersonId> {
    const taken = new Set(this.records.flatMap((record) => peopleIn(record)));
    for (const { person, instead = [] } of this.register.faces) {
      for (const one of person === undefined ? instead : [person, ...instead]) taken.add(one);
    }
    for (const pair of this.register.absorbed) for (const one of pair) taken.add(one);
    return taken;
  }
}
