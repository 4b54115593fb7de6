/* People who are hidden, and can be shown again. */
import { EVERYBODY } from './addresses';
import { editing } from './editing';
import { button, count, element } from './elements';
import { named, showAgain } from './gestures';
import { longList } from './lists';
import { amountOf, personName } from './people';
import { coverOf } from './people-view';
import { hint, type MakeView, summaryOf } from './view';

export const hiddenView: MakeView = () => {
  const hidden = editing?.overview.hidden ?? [];
  const list = longList(
    hidden,
    (person) =>
      element(
        'li',
        {},
        coverOf(person),
        element('h2', {}, named(person.label)),
        element('p', {}, amountOf(person)),
        button('Show again', () => showAgain({ ...person, hidden: true }), {
          class: 'small',
          'data-part': 'show',
          'aria-label': `Show again: ${personName(person.label)}`,
        }),
      ),
    'people',
    ({ label }) => String(label),
  );
  const title = 'Hidden people';
  return {
    title,
    content: [
      element('p', { class: 'back' }, element('a', { href: EVERYBODY }, 'All people')),
      element('h1', {}, title),
      summaryOf(hidden.length === 0 ? 'Nobody is hidden.' : count(hidden.length, 'person', 'people')),
      hint('They have no folder, and nobody sees them among the others. Their photos are not touched.'),
      list.list,
      list.rest,
    ],
    list,
    placeOf: () => -1,
  };
};
