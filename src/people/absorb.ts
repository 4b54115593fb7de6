import type { PersonId } from './decisions';
import type { View } from './view';

/** A person is at home in a group that has more than this part of their faces: in one at most. */
export const HOME = 0.5;

/** How many of the faces are whose. */
export function count(faces: Iterable<number>, personOf: (face: number) => PersonId | undefined) {
  const counts = new Map<PersonId, number>();
  for (const face of faces) {
    const person = personOf(face);
    if (person !== undefined) counts.set(person, (counts.get(person) ?? 0) + 1);
  }
  return counts;
}

/**
 * Who was taken for somebody else, and is not any more: both are at home, in different groups.
 * @param groups the places of the faces of each
 * @returns who is whom now, and what has changed
 */
export function findSeparated(view: View, groups: readonly (readonly number[])[]) {
  const { absorbed, faces } = view.known.register;
  const into = new Map(absorbed);
  const separated: { person: PersonId; from: PersonId }[] = [];
  if (absorbed.size === 0) return { into, separated };
  // Whoever was put somewhere by hand says nothing of who is like whom.
  const originOf = (face: number) => (view.isPinned(face) ? undefined : view.origin(face));
  const total = count(faces.keys(), originOf);
  const homes = new Map<PersonId, number>();
  for (const [group, members] of groups.entries()) {
    for (const [person, shared] of count(members, originOf)) {
      if (shared > HOME * (total.get(person) as number)) homes.set(person, group);
    }
  }
  // The first on the way who is at home: of some all faces may be away.
  const homeOf = (person: PersonId) => {
    const seen = new Set<PersonId>();
    let at: PersonId | undefined = person;
    while (at !== undefined && !seen.has(at)) {
      const home = homes.get(at);
      if (home !== undefined) return home;
      seen.add(at);
      at = view.decided.has(at) ? undefined : absorbed.get(at);
    }
    return undefined;
  };
  for (const [person, keeper] of absorbed) {
    if (view.decided.has(person)) continue;
    const [own, other] = [homes.get(person), homeOf(keeper)];
    if (own === undefined || other === undefined || own === other) continue;
    into.delete(person);
    separated.push({ person, from: view.root(keeper) });
  }
  return { into, separated: separated.sort((a, b) => a.person - b.person) };
}

/**
 * Who is at home with somebody else.
 * @param groups the places of the faces of each
 * @returns who is whom now, and what has changed
 */
export function findAbsorbed(view: View, groups: readonly (readonly number[])[], mayAbsorb: boolean) {
  const personOf = (face: number) => (view.isPinned(face) ? undefined : view.personOf(face));
  // Those that are gone, too: a few faces of a person are no evidence.
  const total = count(view.known.register.faces.keys(), personOf);
  const into = new Map(view.known.register.absorbed);
  const absorbed: { person: PersonId; into: PersonId }[] = [];
  const mayBeOne: [PersonId, PersonId][] = [];
  for (const members of groups) {
    const home = [...count(members, personOf)]
      .filter(([person, shared]) => shared > HOME * (total.get(person) as number))
      .map(([person]) => person)
      .sort(
        (a, b) =>
          Number(view.names.has(b)) - Number(view.names.has(a)) ||
          (total.get(b) as number) - (total.get(a) as number) ||
          a - b,
      );
    const [keeper, ...others] = home;
    if (keeper === undefined) continue;
    // Between two on whom somebody has decided, it can't be told whose the others are; and nobody is to vanish unseen.
    const clear = mayAbsorb && !view.hidden.has(keeper) && !others.some((person) => view.decided.has(person));
    for (const person of others) {
      const faces = view.facesOf(person);
      const rejected = faces.filter((face) => view.isNot(face, keeper)).length;
      if (view.areApart(keeper, person) || rejected === faces.length) continue;
      if (!clear || rejected > 0) {
        mayBeOne.push([keeper, person]);
        continue;
      }
      absorbed.push({ person, into: keeper });
      into.set(person, keeper);
      // Of an earlier run, when nobody had decided on the keeper: there must be no circle.
      into.delete(keeper);
    }
  }
  return { into, absorbed, mayBeOne };
}
