/* Who a person may be, too: asked one by one below their faces. */
import type { GalleryPerson } from '../src/result/export/gallery/page-types';
import type { Alike } from '../src/web/api-types';
import { personHash } from './addresses';
import { editing } from './editing';
import { button, element, thumbnail } from './elements';
import { areTwo, everybody, merge, named } from './gestures';
import { amountOf } from './people';

/** How many are asked about. */
const MOST_ASKED = 6;

/** Whether one was just answered: the keyboard goes on to the next. */
let answered = false;

/** Empty until it is known who is asked about. */
export function possiblyAlso(person: GalleryPerson): HTMLElement {
  const place = element('section', { class: 'alike', 'aria-labelledby': 'alike', hidden: true });
  const fill = async () => {
    const alike = (await editing?.ask<Alike[]>(`people/${person.label}/alike`)) ?? [];
    const known = new Map(everybody().map((one) => [one.label, one]));
    const others = alike.flatMap((one) => known.get(one.person) ?? []).slice(0, MOST_ASKED);
    const goesOn = answered && !document.activeElement?.closest('a, button, input, select');
    answered = false;
    if (others.length === 0) return;
    place.append(
      element('h2', { id: 'alike' }, 'Possibly also'),
      element('ul', { role: 'list' }, ...others.map((other) => question(person, other))),
    );
    place.hidden = false;
    if (goesOn) place.querySelector('button')?.focus({ preventScroll: true });
  };
  // Without it, the page is whole all the same.
  fill().catch(() => {});
  return place;
}

function question(person: GalleryPerson, other: GalleryPerson): HTMLLIElement {
  const who = () => named(other.label);
  const answer = async (does: () => Promise<unknown>) => {
    answered = true;
    if (!(await does())) answered = false;
  };
  return element(
    'li',
    {},
    element(
      'a',
      { href: personHash(other) },
      thumbnail(other.cover[0] ?? null),
      element('strong', {}, who()),
      element('span', { class: 'amount' }, amountOf(other)),
    ),
    element(
      'div',
      { class: 'choices' },
      button('Yes', () => answer(() => merge([person, other], person)), {
        'aria-label': `Yes, ${who().textContent} is the same person`,
        'data-part': `yes-${other.label}`,
      }),
      button('No', () => answer(() => areTwo(person, other)), {
        'aria-label': `No, ${who().textContent} is somebody else`,
        'data-part': `no-${other.label}`,
      }),
    ),
  );
}
