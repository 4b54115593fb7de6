import { integer, options as onlyOptions } from '../base/validate';
import { suggestMerges } from '../clustering/linkage';
import type { GroupedFace } from './carry-over';
import { checkGrouped } from './checks';
import type { PersonId } from './decisions';
import type { View } from './view';

export interface PeopleSuggestOptions {
  /** How many pairs are wanted, at most. From 1 to 1,000,000, default 50. */
  readonly count?: number;
  /** How far apart two people may be, as for `suggestMerges`. */
  readonly threshold?: number;
  /** Number of threads; default: all cores. The result does not depend on it. */
  readonly threads?: number;
  readonly signal?: AbortSignal;
}

/** Two people who may be one. */
export interface PeopleSuggestion {
  /** The one with more faces first. */
  readonly people: readonly [PersonId, PersonId];
  /** How far apart they are, as `linkage` has it: the lower, the likelier they are one. */
  readonly score: number;
}

/** See `People.suggest`. */
export async function suggestIn(
  view: View,
  faces: readonly GroupedFace[],
  options: PeopleSuggestOptions,
): Promise<PeopleSuggestion[]> {
  const known = { count: true, threshold: true, threads: true, signal: true } as const;
  const { count: wanted = 50, ...others } = onlyOptions('options', options, known);
  const most = integer('count', wanted, 1, 1e6);
  checkGrouped(faces);
  const sizes = new Map<PersonId, number>();
  const people = faces.map((face) => {
    const found = view.known.placeOf(face);
    const person = found === undefined ? undefined : view.personOf(found);
    if (person === undefined || view.hidden.has(person)) return -1;
    sizes.set(person, (sizes.get(person) ?? 0) + 1);
    return person;
  });
  const mirrored = faces.flatMap((face) => face.mirrored ?? []);
  const encodings = faces.map(({ encoding }) => encoding);
  const pairs = await suggestMerges(encodings, people, {
    ...others,
    ...(mirrored.length > 0 && mirrored.length === faces.length && { mirrored }),
    count: Math.min(1e6, most + view.pairsApart),
  });
  return pairs
    .filter(({ labels: [one, other] }) => !view.areApart(one, other))
    .slice(0, most)
    .map(({ labels, score }) => {
      const [one, other] = [...labels].sort(
        (a, b) => (sizes.get(b) as number) - (sizes.get(a) as number) || a - b,
      ) as [PersonId, PersonId];
      return { people: [one, other], score };
    });
}
