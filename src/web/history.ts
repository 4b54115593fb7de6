import { groupBy } from '../base/maps';
import { allInWords } from '../people/in-words';
import { personTitle } from '../people/names';
import type { DecisionMade, People } from '../people/people';
import type { HistoryEntry } from './api-types';

/** What was decided, gesture by gesture, the latest first. */
export function historyOf(people: People): HistoryEntry[] {
  const who = (person: number) => personTitle(person, people.about(people.whoIs(person) ?? person).name);
  const gestures = groupBy(people.decisions(), ({ id, with: first = id }) => first);
  const said = (decisions: readonly DecisionMade[]) => allInWords(decisions, who);
  const linesOf = (decisions: readonly DecisionMade[]): string[] => {
    const [first] = decisions;
    if (first?.do !== 'undo') return said(decisions);
    const undone = decisionsUndone(first.of, gestures);
    const [undo] = undone;
    // Where that was an undo itself, what it has undone is done again.
    return undo?.do === 'undo'
      ? linesOf(decisionsUndone(undo.of, gestures)).map((line) => `again: ${line}`)
      : said(undone).map((line) => `undone: ${line}`);
  };
  return Array.from(gestures, ([gesture, decisions]): HistoryEntry => {
    const [first] = decisions as [DecisionMade, ...DecisionMade[]];
    return {
      gesture,
      at: first.at,
      by: first.by,
      said: linesOf(decisions),
      counts: decisions.some(({ counts }) => counts),
      undoes: first.do === 'undo' ? first.of : null,
    };
  }).reverse();
}

/** @param of what an undo names: the first decision of a gesture, which stands for all of them, or another one */
function decisionsUndone(
  of: number,
  gestures: ReadonlyMap<number, readonly DecisionMade[]>,
): readonly DecisionMade[] {
  return gestures.get(of) ?? [...gestures.values()].flat().filter(({ id }) => id === of);
}
