/* All people. */
import type { GalleryOverview, GalleryPerson } from '../src/result/export/gallery/page-types';
import { personHash } from './addresses';
import { count, element, thumbnail } from './elements';
import { longList } from './lists';
import { amountOf, personName } from './people';
import { hint, type MakeView, summaryOf } from './view';

/** Sizes that a cover can have; of 5 thumbnails it shows 4. */
const COVER_SIZES = [6, 4, 3, 2, 1, 0];

export const peopleView: MakeView = ({ overview }) => {
  const { people, faces, photos, options, version } = overview;
  const known = people.filter(({ label }) => label >= 0);
  const others = people.find(({ label }) => label < 0);
  const summary = summaryOf(
    `${count(faces, 'face')} on ${count(photos, 'photo')}`,
    ...(others
      ? [' · ', element('a', { href: personHash(others) }, count(others.faces, 'unsorted face'))]
      : []),
  );
  const title = known.length === 1 ? '1 person' : `${known.length.toLocaleString('en')} people`;
  const list = longList(people, personCard, 'people', ({ label }) => String(label));
  const made = element('footer', {}, `Made by face-cluster-native ${version}, ${options}.`);
  return {
    title,
    content: [element('h1', {}, title), summary, hintFor(overview, known.length), list.list, list.rest, made],
    list,
    placeOf: (address) => people.findIndex((person) => personHash(person) === address),
  };
};

/** What to try when there is not much to see. */
function hintFor({ faces, lastingLabels }: GalleryOverview, people: number): Node | string {
  if (people > 0) return '';
  if (faces === 0) return hint('No faces were found on these photos.');
  const remedy = lastingLabels ? '' : ' A smaller --min-samples finds people who are on few photos.';
  return hint(`No faces are like enough others to make a person.${remedy}`);
}

export function personCard(person: GalleryPerson): HTMLLIElement {
  const size = COVER_SIZES.find((n) => n <= person.cover.length) ?? 0;
  const pictures = size === 0 ? [thumbnail(null)] : person.cover.slice(0, size).map(thumbnail);
  return element(
    'li',
    {},
    element(
      'a',
      { href: personHash(person) },
      element('div', { class: `cover cover-${size}` }, ...pictures),
      element(
        'h2',
        {},
        element('bdi', {}, personName(person.label)),
        ...(person.several ? [element('span', { class: 'mark' }, ' · several people?')] : []),
      ),
      element('p', {}, amountOf(person)),
    ),
  );
}
