'use strict';
/* What fills the page: all people, one person, or the faces whose file names were searched for. */

/** Sizes that a cover can have; of 5 thumbnails it shows 4. */
const COVER_SIZES = [6, 4, 3, 2, 1, 0];

/**
 * @typedef {object} View
 * @property {string} title of the document and of the page
 * @property {readonly (Node | string)[]} content
 * @property {LongList} list which is in `content`
 * @property {readonly GalleryFace[]} faces in the list, which the viewer pages through; none if it is a list of people
 * @property {(address: string) => number} placeOf the position in the list of what leads to another view, or -1
 */

/**
 * @param {GalleryOverview} overview
 * @returns {View}
 */
function overviewView({ people, faces, photos, eps, minSamples, version }) {
  const known = people.filter(({ label }) => label >= 0);
  const others = people.find(({ label }) => label < 0);
  const summary = element(
    'p',
    { class: 'summary' },
    `${count(faces, 'face')} on ${count(photos, 'photo')}`,
    ...(others
      ? [' · ', element('a', { href: personHash(others) }, count(others.faces, 'unsorted face'))]
      : []),
  );
  const title = known.length === 1 ? '1 person' : `${known.length.toLocaleString('en')} people`;
  const list = longList(people, personCard, 'people');
  const hint = hintFor(faces, known.length);
  const made = element(
    'footer',
    {},
    `Made by face-cluster-native ${version}, --eps ${eps}, --min-samples ${minSamples}.`,
  );
  return {
    title,
    content: [element('h1', {}, title), summary, hint, list.list, list.rest, made],
    list,
    faces: [],
    placeOf: (address) => people.findIndex((person) => personHash(person) === address),
  };
}

/**
 * What to try when there is not much to see.
 * @param {number} faces
 * @param {number} people
 */
function hintFor(faces, people) {
  if (people > 0) return '';
  return element(
    'p',
    { class: 'hint' },
    faces === 0
      ? 'No faces were found on these photos.'
      : 'No faces are like enough others to make a person. A smaller --min-samples finds people who are on few photos.',
  );
}

/** @param {{ readonly label: number }} person */
function personHash({ label }) {
  return label < 0 ? '#others' : `#person-${label}`;
}

/** @param {GalleryPerson} person */
function personCard(person) {
  const size = COVER_SIZES.find((n) => n <= person.cover.length) ?? 0;
  const pictures = size === 0 ? [thumbnail(null)] : person.cover.slice(0, size).map(thumbnail);
  return element(
    'li',
    {},
    element(
      'a',
      { href: personHash(person) },
      element('div', { class: `cover cover-${size}` }, ...pictures),
      element('h2', {}, personName(person.label)),
      element('p', {}, amountOf(person)),
    ),
  );
}

/** @param {GalleryPerson} person */
function amountOf({ faces, photos, distinctPhotos }) {
  const copies = distinctPhotos < photos ? ` (${distinctPhotos.toLocaleString('en')} different)` : '';
  const onPhotos = `${count(photos, 'photo')}${copies}`;
  return faces === photos ? onPhotos : `${onPhotos}, ${count(faces, 'face')}`;
}

/**
 * @param {GalleryPerson} person
 * @param {Order} order
 * @param {(order: Order) => void} onOrder
 * @returns {Promise<View>}
 */
async function personView(person, order, onOrder) {
  const loaded = await load('faces', person.first, person.first + person.faces);
  const faces = person.label < 0 ? loaded : inOrder(loaded, order);
  const list = longList(faces, (face) => faceItem(face, personHash(person), ...distanceOf(face)), 'faces');
  const title = personName(person.label);
  const summary = element('p', { class: 'summary' }, amountOf(person));
  if (person.folder !== null) summary.append(' · ', element('a', { href: person.folder }, 'Open the folder'));
  const explained =
    person.label < 0
      ? 'These faces are like too few others to make a person: people who are seldom on your photos, unusual views, and what was taken for a face.'
      : 'The number with each face is its distance to the centre of the person: the larger, the less typical.';
  return {
    title,
    content: [
      backLink(),
      element('h1', {}, title),
      summary,
      element('p', { class: 'hint' }, explained),
      ...(person.onlyCopies ? [element('p', { class: 'hint' }, MADE_BY_COPIES)] : []),
      // Without a centre none is more typical than another.
      ...(person.label >= 0 && person.faces > 1 ? [orderChoice(order, onOrder)] : []),
      list.list,
      list.rest,
    ],
    list,
    faces,
    placeOf: () => -1,
  };
}

const MADE_BY_COPIES =
  'Copies of the same photos made this a person: without them there are fewer faces than it takes.';

/** @typedef {'first' | 'last' | 'name'} Order of a person's faces, which come nearest to the centre first */

/**
 * @param {readonly GalleryFace[]} faces
 * @param {Order} order
 */
function inOrder(faces, order) {
  if (order === 'first') return faces;
  if (order === 'last') return [...faces].reverse();
  const { compare } = new Intl.Collator('en', { numeric: true });
  return [...faces].sort((a, b) => compare(fileName(a.path), fileName(b.path)));
}

/**
 * @param {Order} order
 * @param {(order: Order) => void} onOrder
 */
function orderChoice(order, onOrder) {
  const select = element(
    'select',
    {},
    ...[
      { value: 'first', text: 'most typical first' },
      { value: 'last', text: 'least typical first' },
      { value: 'name', text: 'by file name' },
    ].map(({ value, text }) => element('option', { value, selected: value === order }, text)),
  );
  select.addEventListener('change', () => onOrder(/** @type {Order} */ (select.value)));
  return element('label', { class: 'order' }, 'Order ', select);
}

function backLink() {
  return element('p', { class: 'back' }, element('a', { href: EVERYBODY }, 'All people'));
}

/**
 * @param {GalleryFace} face
 * @param {string} hash of the view that it is in
 * @param {...(Node | string)} detail what to say beside the file name
 */
function faceItem(face, hash, ...detail) {
  return element(
    'li',
    {},
    element(
      'a',
      { href: `${hash}/face-${face.index}` },
      thumbnail(face.thumbnail),
      element('span', { class: 'name' }, fileName(face.path)),
      ' ',
      element('span', { class: 'detail' }, ...detail),
    ),
  );
}

/** @param {GalleryFace} face */
function distanceOf({ distance }) {
  if (distance === null) return [];
  return [element('span', { class: 'hidden' }, 'distance '), distanceText(distance)];
}

/**
 * The faces on photos whose file name contains `query`; with a slash in it, whose path does.
 * @param {GalleryOverview} overview
 * @param {string} query
 * @returns {Promise<View>}
 */
async function searchView(overview, query) {
  const wanted = forSearch(query);
  const all = await load('faces', 0, overview.faces);
  const faces = all.filter(({ path }) =>
    forSearch(query.includes('/') ? path : fileName(path)).includes(wanted),
  );
  const photos = new Set(faces.map(({ path }) => path)).size;
  const hash = `#search=${encodeURIComponent(query)}`;
  const list = longList(
    faces,
    (face) => faceItem(face, hash, face.label < 0 ? 'unsorted' : personName(face.label)),
    'faces',
  );
  const title = `Search for “${query}”`;
  return {
    title,
    content: [
      backLink(),
      element('h1', {}, title),
      element(
        'p',
        { class: 'summary' },
        faces.length === 0
          ? 'No photo with a face on it has such a file name.'
          : `${count(faces.length, 'face')} on ${count(photos, 'photo')}`,
      ),
      list.list,
      list.rest,
    ],
    list,
    faces,
    placeOf: () => -1,
  };
}

/**
 * Upper and lower case are alike, and so are the two ways to store accents (macOS has its own).
 * @param {string} text
 */
function forSearch(text) {
  return text.normalize('NFC').toLowerCase();
}
