import { count } from '../base/words';
import type { DecisionRecord } from './decisions';
import { personTitle } from './names';

/**
 * What was decided, in words: `Person 02 is Anna`.
 * @param who what people are called
 * @param times of how many faces it was said at once, each in a decision like this one
 */
export function inWords(decision: DecisionRecord, who: (person: number) => string, times = 1): string {
  const faces = times === 1 ? 'a face is' : `${count(times, 'face')} are`;
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
      return `${faces} ${who(decision.person)}`;
    case 'not':
      return `${faces} not ${who(decision.person)}`;
    case 'not-a-face':
      return times === 1 ? 'something is no face' : `${times.toLocaleString('en')} things are no faces`;
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

/** The same of decisions that were made together: what was said of several faces is said once. */
export function allInWords(decisions: readonly DecisionRecord[], who: (person: number) => string): string[] {
  const same = new Map<string, { readonly decision: DecisionRecord; times: number }>();
  for (const decision of decisions) {
    const line = inWords(decision, who);
    const before = same.get(line);
    if (before) before.times++;
    else same.set(line, { decision, times: 1 });
  }
  return Array.from(same.values(), ({ decision, times }) => inWords(decision, who, times));
}
