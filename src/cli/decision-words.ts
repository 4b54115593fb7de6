import type { KnownPerson } from '../people/list';
import { personTitle } from '../people/names';
import type { DecisionMade } from '../people/people';
import { count } from './terminal/text';

/** A decision in a line: `4  2026-11-30 10:12  sort: Person 02 is Anna`; those that were undone say so. */
export function describeDecision(decision: DecisionMade, people: readonly KnownPerson[]): string {
  const names = new Map(people.map(({ id, name }) => [id, name]));
  const who = (id: number) => personTitle(id, names.get(id));
  const { id, at, by, counts } = decision;
  const undone = counts ? '' : ' (undone)';
  return `${String(id).padStart(4)}  ${at.slice(0, 16).replace('T', ' ')}  ${by}: ${inWords(decision, who)}${undone}`;
}

function inWords(decision: DecisionMade, who: (person: number) => string): string {
  switch (decision.do) {
    case 'name':
      return `${personTitle(decision.person, undefined)} is called ${decision.name}`;
    case 'unname':
      return `${personTitle(decision.person, undefined)} has no name`;
    case 'merge':
      return `${personTitle(decision.person, undefined)} is ${who(decision.into)}`;
    case 'split':
      return `${count(decision.faces.length, 'face')} ${decision.faces.length === 1 ? 'is' : 'are'} ${who(decision.as)}`;
    case 'differ':
      return `${who(decision.person)} and ${who(decision.other)} are two people`;
    case 'is':
      return `a face is ${who(decision.person)}`;
    case 'not':
      return `a face is not ${who(decision.person)}`;
    case 'not-a-face':
      return 'something is no face';
    case 'hide':
      return `${who(decision.person)} is hidden`;
    case 'show':
      return `${who(decision.person)} is shown`;
    case 'cover':
      return `a face stands for ${who(decision.person)}`;
    case 'undo':
      return `${decision.of} is undone`;
  }
}
