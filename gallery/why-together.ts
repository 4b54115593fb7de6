/*
 * That a person may be several, and why; where `view` serves the page, also what holds them together, and how they would be taken
 * apart.
 */
import type { GalleryFace, GalleryPerson } from '../src/result/export/gallery/page-types';
import type { WhyTogether } from '../src/web/api-types';
import { load } from './data';
import { type Editing, editing } from './editing';
import { button, count, element, thumbnail } from './elements';
import { largeFace } from './large-face';
import { personName } from './people';
import { toast } from './toasts';
import { hint } from './view';
import { wordsOf } from './words';

/** How many faces of each half are shown. */
const MOST_FACES = 12;

/** @param last whether the person lasts, however strictly faces are grouped. @returns nothing if the person is one */
export function severalNote(person: GalleryPerson, last: boolean): readonly Node[] {
  if (!person.several) return [];
  const why = hint(severalText(person.several, last));
  if (!editing) return [why];
  const note = element('section', { class: 'several', 'aria-labelledby': 'several' });
  const shown = element('div', { id: 'together' });
  const made = editing;
  const asked = button('Why together?', show, {
    'data-part': 'together',
    'aria-expanded': 'false',
    'aria-controls': 'together',
  });
  function show(): void {
    const open = asked.getAttribute('aria-expanded') === 'false';
    asked.setAttribute('aria-expanded', String(open));
    shown.replaceChildren();
    if (!open) return;
    shown.setAttribute('aria-busy', 'true');
    whyTogether(made, person)
      .then((content) => {
        if (asked.getAttribute('aria-expanded') === 'true') shown.replaceChildren(...content);
      })
      .catch((error) => {
        asked.setAttribute('aria-expanded', 'false');
        toast(wordsOf(error));
      })
      .finally(() => shown.removeAttribute('aria-busy'));
  }
  note.append(element('h2', { id: 'several' }, 'Several people?'), why, asked, shown);
  return [note];
}

function severalText({ reasons, photos }: NonNullable<GalleryPerson['several']>, last: boolean): string {
  const why = {
    spread: 'the faces differ more than those of one person do',
    photos: `two of them are on ${photos === 1 ? 'one photo' : `each of ${count(photos, 'photo')}`}`,
    halves: 'they fall into two groups as far apart as two people',
  };
  const remedy = last ? '' : ' A smaller --eps, or --threshold with --method linkage, keeps people apart.';
  return `These may be several people: ${reasons.map((reason) => why[reason]).join('; ')}.${remedy}`;
}

async function whyTogether(made: Editing, person: GalleryPerson): Promise<Node[]> {
  const { label } = person;
  const [{ link, cut }, faces] = await Promise.all([
    made.ask<WhyTogether>(`people/${label}/several`),
    load('faces', person.first, person.first + person.faces),
  ]);
  const name = personName(label);
  const ids = new Set(cut.map(({ id }) => id));
  const stay = faces.filter(({ id }) => !ids.has(id));
  const [one, other] = link.faces;

  const takeApart = () =>
    made.decide(
      [{ do: 'split', faces: [...ids] }],
      `${count(cut.length, 'face')} of ${name} ${cut.length === 1 ? 'is' : 'are'} somebody else now.`,
    );
  // A face of each half is said to be them: people of whom that was said are not marked.
  const leaveTogether = () =>
    made.decide(
      [{ do: 'is', faces: link.faces.map(({ id }) => id), person: label }],
      `${name} is one person.`,
    );
  return [
    element(
      'p',
      { class: 'hint' },
      `The faces fall into two groups. These two, one of each, are the most alike, and they hold the groups together: if they are one person, all are; if not, take the groups apart.`,
    ),
    element('div', { class: 'pair' }, largeFace(one, name, 'link-one'), largeFace(other, name, 'link-other')),
    ...half(`${count(stay.length, 'face')} that would stay`, stay),
    ...half(`${count(cut.length, 'face')} that would be somebody else`, cut),
    element(
      'p',
      { class: 'buttons' },
      button('Take them apart', takeApart, { class: 'main', 'data-part': 'apart' }),
      button('They are one', leaveTogether, { 'data-part': 'one' }),
    ),
  ];
}

function half(title: string, faces: readonly GalleryFace[]): Node[] {
  const left = faces.length - MOST_FACES;
  const shown = faces.slice(0, left > 0 ? MOST_FACES - 1 : MOST_FACES);
  return [
    element('h3', {}, title),
    element(
      'div',
      { class: 'half' },
      ...shown.map((face) => thumbnail(face.thumbnail)),
      ...(left > 0
        ? [element('span', { class: 'thumbnail none' }, `and ${(left + 1).toLocaleString('en')} more`)]
        : []),
    ),
  ];
}
