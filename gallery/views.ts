/* What fills the page: all people, one person, or the faces whose file names were searched for. */
import type { GalleryFace, GalleryOverview, GalleryPerson } from '../src/result/export/gallery/page-types';
import { EVERYBODY, faceHash, personHash, searchHash } from './addresses';
import { load } from './data';
import { count, element, fileName, thumbnail } from './elements';
import { type LongList, longList } from './lists';
import { areNamed, personName } from './people';

/** Sizes that a cover can have; of 5 thumbnails it shows 4. */
const COVER_SIZES = [6, 4, 3, 2, 1, 0];

export interface View {
  /** Of the document and of the page. */
  readonly title: string;
  readonly content: readonly (Node | string)[];
  /** It is in `content`. */
  readonly list: LongList;
  /** Those in the list, which the viewer pages through; none if it is a list of people. */
  readonly faces: readonly GalleryFace[];
  /** The position in the list of what leads to another view, or -1. */
  placeOf(address: string): number;
}

export function overviewView(overview: GalleryOverview): View {
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
  const list = longList(people, personCard, 'people');
  const made = element('footer', {}, `Made by face-cluster-native ${version}, ${options}.`);
  return {
    title,
    content: [element('h1', {}, title), summary, hintFor(overview, known.length), list.list, list.rest, made],
    list,
    faces: [],
    placeOf: (address) => people.findIndex((person) => personHash(person) === address),
  };
}

/** What to try when there is not much to see. */
function hintFor({ faces, lastingLabels }: GalleryOverview, people: number): Node | string {
  if (people > 0) return '';
  if (faces === 0) return hint('No faces were found on these photos.');
  const remedy = lastingLabels ? '' : ' A smaller --min-samples finds people who are on few photos.';
  return hint(`No faces are like enough others to make a person.${remedy}`);
}

function personCard(person: GalleryPerson): HTMLLIElement {
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

function amountOf({ faces, photos, distinctPhotos, unclear }: GalleryPerson): string {
  const copies = distinctPhotos < photos ? ` (${distinctPhotos.toLocaleString('en')} different)` : '';
  const onPhotos = `${count(photos, 'photo')}${copies}`;
  const amount = faces === photos ? onPhotos : `${onPhotos}, ${count(faces, 'face')}`;
  return unclear === 0 ? amount : `${amount}, ${unclear.toLocaleString('en')} too unclear to tell`;
}

export async function personView(
  { lastingLabels }: GalleryOverview,
  person: GalleryPerson,
  order: Order,
  onOrder: (order: Order) => void,
): Promise<View> {
  const loaded = await load('faces', person.first, person.first + person.faces);
  const faces = person.label < 0 ? loaded : inOrder(loaded, order);
  const list = longList(faces, (face) => faceItem(face, personHash(person), ...distanceOf(face)), 'faces');
  const title = personName(person.label);
  const summary = summaryOf(amountOf(person));
  if (person.folder !== null) summary.append(' · ', element('a', { href: person.folder }, 'Open the folder'));
  const explained =
    person.label < 0
      ? 'These faces are like too few others to make a person: people who are seldom on your photos, unusual views, and what was taken for a face.'
      : 'The number with each face is its distance to the centre of the person: the larger, the less typical.';
  return viewOfFaces(title, faces, list, [
    summary,
    hint(explained),
    ...(person.onlyCopies ? [hint(MADE_BY_COPIES)] : []),
    ...(person.several ? [hint(severalText(person.several, lastingLabels))] : []),
    // Without a centre none is more typical than another.
    ...(person.label >= 0 && person.faces > 1 ? [orderChoice(order, onOrder)] : []),
  ]);
}

const MADE_BY_COPIES =
  'Copies of the same photos made this a person: without them there are fewer faces than it takes.';

/** @param last whether the person lasts, however strictly faces are grouped */
function severalText({ reasons, photos }: NonNullable<GalleryPerson['several']>, last: boolean): string {
  const why = {
    spread: 'the faces differ more than those of one person do',
    photos: `two of them are on ${photos === 1 ? 'one photo' : `each of ${count(photos, 'photo')}`}`,
    halves: 'they fall into two groups as far apart as two people',
  };
  const remedy = last ? '' : ' A smaller --eps, or --threshold with --method linkage, keeps people apart.';
  return `These may be several people: ${reasons.map((reason) => why[reason]).join('; ')}.${remedy}`;
}

/** Of a person's faces, which come nearest to the centre first. */
export type Order = 'first' | 'last' | 'name';

function inOrder(faces: readonly GalleryFace[], order: Order): readonly GalleryFace[] {
  if (order === 'first') return faces;
  if (order === 'last') return [...faces].reverse();
  const { compare } = new Intl.Collator('en', { numeric: true });
  return [...faces].sort((a, b) => compare(fileName(a.path), fileName(b.path)));
}

function orderChoice(order: Order, onOrder: (order: Order) => void): HTMLElement {
  const select = element(
    'select',
    {},
    ...[
      { value: 'first', text: 'most typical first' },
      { value: 'last', text: 'least typical first' },
      { value: 'name', text: 'by file name' },
    ].map(({ value, text }) => element('option', { value, selected: value === order }, text)),
  );
  select.addEventListener('change', () => onOrder(select.value as Order));
  return element('label', { class: 'order' }, 'Order ', select);
}

/** @param about what stands above the list, below its title */
function viewOfFaces(
  title: string,
  faces: readonly GalleryFace[],
  list: LongList,
  about: readonly Node[],
): View {
  const back = element('p', { class: 'back' }, element('a', { href: EVERYBODY }, 'All people'));
  const content = [back, element('h1', {}, element('bdi', {}, title)), ...about, list.list, list.rest];
  return { title, content, list, faces, placeOf: () => -1 };
}

function summaryOf(...content: readonly (Node | string)[]): HTMLElement {
  return element('p', { class: 'summary' }, ...content);
}

function hint(text: string): HTMLElement {
  return element('p', { class: 'hint' }, text);
}

/**
 * @param view address of the view that it is in
 * @param detail what to say beside the file name
 */
function faceItem(face: GalleryFace, view: string, ...detail: readonly (Node | string)[]): HTMLLIElement {
  return element(
    'li',
    {},
    element(
      'a',
      { href: faceHash(face, view) },
      thumbnail(face.thumbnail),
      element('span', { class: 'name' }, fileName(face.path)),
      ' ',
      element('span', { class: 'detail', dir: 'auto' }, ...detail),
    ),
  );
}

function distanceOf({ distance }: GalleryFace): (Node | string)[] {
  if (distance === null) return [];
  return [element('span', { class: 'hidden' }, 'distance '), distance.toFixed(2)];
}

/** The faces of people whose name contains `query`, or on photos whose file name does; with a slash in it, whose path does. */
export async function searchView(overview: GalleryOverview, query: string): Promise<View> {
  const wanted = forSearch(query);
  const all = await load('faces', 0, overview.faces);
  const isWanted = (text: string) => forSearch(text).includes(wanted);
  const called = new Set(
    overview.people.flatMap(({ label, name }) => (name !== null && isWanted(name) ? [label] : [])),
  );
  const faces = all.filter(
    ({ label, path }) => called.has(label) || isWanted(query.includes('/') ? path : fileName(path)),
  );
  const photos = new Set(faces.map(({ path }) => path)).size;
  const hash = searchHash(query);
  const list = longList(
    faces,
    (face) => faceItem(face, hash, face.label < 0 ? 'unsorted' : personName(face.label)),
    'faces',
  );
  const found =
    faces.length === 0
      ? `No photo with a face on it has such a file name${areNamed() ? ', and nobody such a name' : ''}.`
      : `${count(faces.length, 'face')} on ${count(photos, 'photo')}`;
  return viewOfFaces(`Search for “${query}”`, faces, list, [summaryOf(found)]);
}

/** Upper and lower case are alike, and so are the two ways to store accents (macOS has its own). */
function forSearch(text: string): string {
  return text.normalize('NFC').toLowerCase();
}
