import { type DecisionRecord, idsThatCount } from '../people/decisions';
import type { People } from '../people/people';
import type { FoundFaces } from './found-faces';

/** Up to where a people folder shows what people did. */
export interface Applied {
  /** The number of the last decision; 0: none. */
  readonly decision: number;
  /** How many faces had been added by then, see `AddedFaces`. */
  readonly added: number;
}

export function isApplied(value: unknown): value is Applied {
  const { decision, added } = (value ?? {}) as Applied;
  return [decision, added].every((number) => Number.isSafeInteger(number) && number >= 0);
}

export function isSameAs(one: Applied, other: Applied | undefined): boolean {
  return one.decision === other?.decision && one.added === other.added;
}

/** All that there is by now. */
export function latest(people: People, { added }: Pick<FoundFaces, 'added'>): Applied {
  return { decision: people.decisions().at(-1)?.id ?? 0, added };
}

/**
 * How many gestures, and faces that were added, the folder does not show: what was decided and undone since then is none.
 * @param records all decisions
 * @param added how many faces there are that were added
 * @param applied `undefined`: the folder shows all
 */
export function countUnapplied(
  records: readonly DecisionRecord[],
  added: number,
  applied: Applied | undefined,
): number {
  if (applied === undefined) return 0;
  const then = idsThatCount(records.filter(({ id }) => id <= applied.decision));
  const now = idsThatCount(records);
  const gestures = new Set<number>();
  for (const { id, with: first = id, do: kind } of records) {
    if (kind !== 'undo' && then.has(id) !== now.has(id)) gestures.add(first);
  }
  return gestures.size + Math.max(0, added - applied.added);
}
