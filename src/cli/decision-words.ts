import { inWords } from '../people/in-words';
import type { KnownPerson } from '../people/list';
import { personTitle } from '../people/names';
import type { DecisionMade } from '../people/people';

/** A decision in a line: `4  2026-11-30 10:12  sort: Person 02 is Anna`; those that were undone say so. */
export function describeDecision(decision: DecisionMade, people: readonly KnownPerson[]): string {
  const names = new Map(people.map(({ id, name }) => [id, name]));
  const who = (id: number) => personTitle(id, names.get(id));
  const { id, at, by, counts } = decision;
  const undone = counts ? '' : ' (undone)';
  return `${String(id).padStart(4)}  ${at.slice(0, 16).replace('T', ' ')}  ${by}: ${inWords(decision, who)}${undone}`;
}
