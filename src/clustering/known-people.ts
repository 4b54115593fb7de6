import { boolean, integer, invalidArgument } from '../base/validate';
import type { NativeKnownPeople } from '../native';
import { isArrayLike } from './matrix';

/** What is known of who is who before points are grouped. */
export interface KnownPeople {
  /**
   * Who each point is known to be: those of equal numbers, from 0, begin as one group and stay in one, however far apart they are;
   * -1: nobody yet.
   */
  readonly people: ArrayLike<number>;
  /**
   * Whether groups that begin with people may be joined with each other. Default true. `false`: points join them or form new groups,
   * which costs little where few points are nobody's.
   */
  readonly joinPeople?: boolean;
  /** People of whom no two come into one group. */
  readonly keep?: readonly number[];
  /** Pairs of people that don't come into one group. */
  readonly apart?: readonly (readonly [number, number])[];
  /** Points that don't come into a group with a person. */
  readonly not?: readonly (readonly [point: number, person: number])[];
  /**
   * With `joinPeople: false`: the points that are new, or on which something new was decided. Others that are nobody's are then looked
   * at only around these, else they stay alone: which costs little however many they are. Left out: all are looked at.
   */
  readonly fresh?: readonly number[];
}

/**
 * Checks what is known of n points.
 * @throws FaceError FACE_INVALID_ARGUMENT if there are not n people, for a person in `keep`, `apart` or `not` whom no point is known
 *   to be, for a person apart from themselves, for a point that is not who it is known to be, and for points that there are not
 */
export function checkKnownPeople(known: Partial<KnownPeople>, n: number): NativeKnownPeople {
  const joinPeople = boolean('joinPeople', known.joinPeople ?? true);
  if (known.people !== undefined && (!isArrayLike(known.people) || known.people.length !== n)) {
    throw invalidArgument('people', `${n} people, one for each point,`, known.people);
  }
  const people = Int32Array.from(known.people ?? [], (person, i) =>
    // The name only if it is needed: there may be a million.
    Number.isInteger(person) && person >= -1 && person < 2 ** 31
      ? person
      : integer(`people[${i}]`, person, -1, 2 ** 31 - 1),
  );
  const there = new Set(people);
  there.delete(-1);
  const personIn = (name: string, person: unknown) => {
    if (!there.has(person as number))
      throw invalidArgument(name, 'somebody whom a point is known to be', person);
    return person as number;
  };
  const pairs = (name: 'apart' | 'not', first: (name: string, value: unknown) => number) =>
    listOf(name, known[name]).flatMap((pair, i) => {
      if (!Array.isArray(pair) || pair.length !== 2)
        throw invalidArgument(`${name}[${i}]`, 'a pair of numbers', pair);
      return [first(`${name}[${i}][0]`, pair[0]), personIn(`${name}[${i}][1]`, pair[1])];
    });

  const keep = listOf('keep', known.keep).map((person, i) => personIn(`keep[${i}]`, person));
  const apart = pairs('apart', personIn);
  const not = pairs('not', (name, point) => integer(name, point, 0, n - 1));
  const fresh = listOf('fresh', known.fresh).map((point, i) => integer(`fresh[${i}]`, point, 0, n - 1));
  for (let i = 0; i < apart.length; i += 2) {
    if (apart[i] === apart[i + 1])
      throw invalidArgument(`apart[${i / 2}]`, 'two people', `${apart[i]} twice`);
  }
  for (let i = 0; i < not.length; i += 2) {
    const [point, person] = [not[i] as number, not[i + 1] as number];
    if (people[point] === person) {
      throw invalidArgument(`not[${i / 2}]`, `somebody else than point ${point} is known to be`, person);
    }
  }
  return {
    people: known.people === undefined ? undefined : people,
    joinPeople,
    keep: Int32Array.from(keep),
    apart: Int32Array.from(apart),
    not: Int32Array.from(not),
    fresh: known.fresh === undefined ? undefined : Uint32Array.from(fresh),
  };
}

function listOf(name: string, value: unknown): readonly unknown[] {
  if (value !== undefined && !Array.isArray(value)) throw invalidArgument(name, 'an array', value);
  return Array.from((value as readonly unknown[] | undefined) ?? []);
}
