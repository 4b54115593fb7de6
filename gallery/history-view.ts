/* All that was decided, the latest first, and can be undone. */
import type { HistoryEntry } from '../src/web/api-types';
import { EVERYBODY } from './addresses';
import { editing } from './editing';
import { button, count, element } from './elements';
import { longList } from './lists';
import { hint, type MakeView, summaryOf } from './view';

export const historyView: MakeView = async () => {
  const entries = (await editing?.ask<HistoryEntry[]>('history')) ?? [];
  const byGesture = new Map(entries.map((entry) => [entry.gesture, entry]));
  const isUndo = ({ undoes }: HistoryEntry): boolean => {
    if (undoes === null) return false;
    const undone = byGesture.get(undoes);
    return undone === undefined || !isUndo(undone);
  };
  const list = longList(
    entries,
    (entry) => entryItem(entry, isUndo(entry)),
    'history',
    ({ gesture }) => String(gesture),
  );
  const title = 'History';
  return {
    title,
    content: [
      element('p', { class: 'back' }, element('a', { href: EVERYBODY }, 'All people')),
      element('h1', {}, title),
      summaryOf(entries.length === 0 ? 'Nothing was changed yet.' : count(entries.length, 'change')),
      ...(entries.length === 0
        ? []
        : [hint('Each can be undone, in any order; what was undone stays here.')]),
      list.list,
      list.rest,
    ],
    list,
    placeOf: () => -1,
  };
};

/** Where a change was made. */
const BY: Readonly<Record<string, string>> = {
  view: 'on this page',
  folder: 'in the folders',
  'names in photos': 'by names in photos',
  'known people': 'by photos of known people',
  library: 'by a program',
};

/** @param isUndo whether something is not so since then, rather than done, or done again */
function entryItem({ gesture, at, by, said, counts }: HistoryEntry, isUndo: boolean): HTMLLIElement {
  const when = new Date(at);
  const time = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'short' }).format(when);
  const [first = '', ...more] = said;
  const what = element('p', { class: 'what', dir: 'auto', title: said.join('\n') }, first);
  if (more.length > 0) what.append(` (and ${more.length.toLocaleString('en')} more)`);
  const where = BY[by] ?? `by the command “${by}”`;
  return element(
    'li',
    { class: counts ? '' : 'undone' },
    element(
      'div',
      {},
      what,
      element(
        'p',
        { class: 'amount' },
        element('time', { datetime: at }, time),
        ` · ${where}`,
        counts ? '' : ' · undone',
      ),
    ),
    ...(counts
      ? [
          button(isUndo ? 'Do it again' : 'Undo', () => editing?.undo(gesture, isUndo), {
            class: 'small',
            'data-part': 'undo',
          }),
        ]
      : []),
  );
}
