import type { PersonId } from './decisions';
import type { View } from './view';

/** In {@link WhoIsWho}: a face that is nobody's. */
export const NOBODY = -1;
/** In {@link WhoIsWho}: what was decided to be no face. */
export const NO_FACE = -2;

/** Who faces are, each by its place among those that were asked for. */
export interface WhoIsWho {
  /** Who each is; {@link NOBODY}, {@link NO_FACE}. */
  readonly people: Int32Array;
  /** The same before merges, see `PeopleConstraints.people`. */
  readonly before: Int32Array;
  /** Places of faces that are nobody's and are to be compared with those that there are, see `PeopleConstraints.fresh`. */
  readonly fresh: readonly number[];
  /** Places of faces of which it was decided who they are. */
  readonly said: ReadonlySet<number>;
}

/** @param places of the faces in the register; -1: no run has found it */
export function whoIsWho(places: Int32Array, view: View): WhoIsWho {
  const people = new Int32Array(places.length).fill(NOBODY);
  const before = new Int32Array(places.length).fill(NOBODY);
  const fresh: number[] = [];
  const said = new Set<number>();
  const roots = new Map<PersonId, PersonId>();
  /** Whom those are by now, before merges, whom groupings have made; {@link NOBODY}. */
  const resolved = new Map<PersonId, PersonId>();
  const beforeOf = (place: number): PersonId | undefined => {
    const { person, instead } = view.known.at(place);
    if (person === undefined || instead || view.isDecidedOn(place)) return view.before(place);
    let now = resolved.get(person);
    if (now === undefined) {
      now = view.before(place) ?? NOBODY;
      resolved.set(person, now);
    }
    return now === NOBODY ? undefined : now;
  };
  for (const [i, place] of places.entries()) {
    if (place < 0) {
      fresh.push(i);
      continue;
    }
    if (!view.isFace(place)) {
      people[i] = NO_FACE;
      continue;
    }
    const person = beforeOf(place);
    if (person === undefined) {
      if (wasElsewhere(view.known.at(place))) fresh.push(i);
      continue;
    }
    let root = roots.get(person);
    if (root === undefined) {
      root = view.root(person);
      roots.set(person, root);
    }
    people[i] = root;
    before[i] = person;
    if (view.isPinned(place)) said.add(i);
  }
  return { people, before, fresh, said };
}

/** Whether a face that is nobody's was somebody's, or was away. */
export function wasElsewhere({
  person,
  gone,
}: {
  readonly person?: PersonId | undefined;
  readonly gone?: true | undefined;
}): boolean {
  return person !== undefined || gone === true;
}
