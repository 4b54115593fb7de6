import type { PersonId } from './decisions';

/** Who became whom. */
export class Merges {
  readonly #into = new Map<PersonId, PersonId>();

  /** All that is `person` is `into`. */
  join(person: PersonId, into: PersonId): void {
    const [from, to] = [this.rootOf(person), this.rootOf(into)];
    if (from !== to) this.#into.set(from, to);
  }

  rootOf(person: PersonId): PersonId {
    let root = person;
    for (let next = this.#into.get(root); next !== undefined; next = this.#into.get(root)) root = next;
    // So that the next one has a short way.
    for (let at = person; at !== root; ) {
      const next = this.#into.get(at) as PersonId;
      this.#into.set(at, root);
      at = next;
    }
    return root;
  }
}
