/* All people. */
import type { GalleryOverview, GalleryPerson } from '../src/result/export/gallery/page-types';
import { EVERYBODY, personHash } from './addresses';
import { editing } from './editing';
import { count, element, thumbnail } from './elements';
import { hide, merge } from './gestures';
import { type LongList, longList } from './lists';
import { editableName, nameOn, startNaming } from './naming';
import { amountOf, personName } from './people';
import { Selection } from './selection';
import { hint, type MakeView, summaryOf } from './view';

/** The label of faces that are too unclear to tell. */
const UNCLEAR = -2;

/** Sizes that a cover can have; of 5 thumbnails it shows 4. */
const COVER_SIZES = [6, 4, 3, 2, 1, 0];

export const peopleView: MakeView = ({ overview }) => {
  const { faces, photos, options, version } = overview;
  // Unclear faces are apart: they say nothing of people.
  const people = overview.people.filter(({ label }) => label !== UNCLEAR);
  const known = people.filter(({ label }) => label >= 0);
  const others = overview.people.filter(({ label }) => label < 0);
  const summary = summaryOf(
    `${count(faces, 'face')} on ${count(photos, 'photo')}`,
    ...others.flatMap((group) => [
      ' · ',
      element(
        'a',
        { href: personHash(group) },
        count(group.faces, group.label === UNCLEAR ? 'unclear face' : 'unsorted face'),
      ),
    ]),
  );
  const title = known.length === 1 ? '1 person' : `${known.length.toLocaleString('en')} people`;
  const hidden = editing?.overview.hidden.length ?? 0;
  if (hidden > 0)
    summary.append(' · ', element('a', { href: '#hidden' }, count(hidden, 'hidden person', 'hidden people')));
  const list = longList(
    people,
    (person) => (editing && person.label >= 0 ? editableCard(person) : personCard(person)),
    'people',
    ({ label }) => String(label),
  );
  const selection = editing && selectionOf(list, people);
  const editableCard = (person: GalleryPerson) => {
    const card = cardToEdit(person);
    selection?.mark(card, String(person.label));
    return card;
  };
  const made = element('footer', {}, `Made by face-cluster-native ${version}, ${options}.`);
  return {
    title,
    content: [element('h1', {}, title), summary, hintFor(overview, known.length), list.list, list.rest, made],
    list,
    ...(selection && { selection }),
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
  return element(
    'li',
    {},
    element(
      'a',
      { href: personHash(person) },
      coverOf(person),
      element('h2', {}, element('bdi', {}, personName(person.label)), ...markOf(person)),
      element('p', {}, amountOf(person)),
    ),
  );
}

export function coverOf({ cover }: GalleryPerson): HTMLElement {
  const size = COVER_SIZES.find((n) => n <= cover.length) ?? 0;
  const pictures = size === 0 ? [thumbnail(null)] : cover.slice(0, size).map(thumbnail);
  return element('div', { class: `cover cover-${size}` }, ...pictures);
}

function markOf({ several }: GalleryPerson): Node[] {
  return several ? [element('span', { class: 'mark' }, ' · several people?')] : [];
}

/** A card with a name to click on; dropped on another one, the two are made one. */
function cardToEdit(person: GalleryPerson): HTMLLIElement {
  const name = personName(person.label);
  const link = element(
    'a',
    { href: personHash(person), 'aria-label': `${name}, ${amountOf(person)}`, draggable: 'true' },
    coverOf(person),
    element('span', { class: 'drop-here', 'aria-hidden': 'true' }, 'The same person'),
  );
  const number = person.name === null ? [element('bdi', {}, name), ' · '] : [];
  return element(
    'li',
    {},
    link,
    element('h2', {}, editableName(person), ...markOf(person)),
    element('p', {}, ...number, amountOf(person)),
  );
}

function selectionOf(list: LongList, people: readonly GalleryPerson[]): Selection {
  nameOn(list);
  const byKey = new Map(people.map((person) => [String(person.label), person]));
  const chosen = (keys: ReadonlySet<string>) => people.filter(({ label }) => keys.has(String(label)));
  const selection = new Selection({
    place: EVERYBODY,
    list,
    keys: people.map(({ label }) => (label < 0 ? undefined : String(label))),
    what: ['person', 'people'],
    nameOf: (key) => personName(Number(key)),
    actions: (keys) => [
      {
        text: 'Merge',
        unless: keys.size < 2 && 'Select at least two people.',
        do: () => merge(chosen(keys)),
      },
      { text: 'Hide', do: () => hide(chosen(keys)) },
    ],
  });
  list.list.addEventListener('keydown', (event) => {
    const key = (event.target as Element).closest<HTMLElement>('li[data-key]')?.dataset.key;
    if (event.key !== 'F2' || key === undefined) return;
    event.preventDefault();
    startNaming(Number(key));
  });
  dropOnEachOther(list, selection, (dragged, onto) => {
    const into = byKey.get(onto);
    if (into) merge([...chosen(dragged), into], into);
  });
  return selection;
}

/** Cards can be drawn onto each other. @param drop told of the keys of those that were drawn, and of that which they were dropped on */
function dropOnEachOther(
  { list }: LongList,
  selection: Selection,
  drop: (dragged: ReadonlySet<string>, onto: string) => void,
): void {
  let dragged: ReadonlySet<string> = new Set();
  let target: HTMLElement | undefined;
  const aimAt = (item: HTMLElement | undefined) => {
    target?.classList.remove('target');
    target = item;
    target?.classList.add('target');
  };
  const itemOf = (event: DragEvent) => (event.target as Element).closest<HTMLElement>('li[data-key]');
  list.addEventListener('dragstart', (event) => {
    const { key } = itemOf(event)?.dataset ?? {};
    if (key === undefined || !event.dataTransfer || !editing?.there) return;
    dragged = selection.keys.has(key) ? new Set(selection.keys) : new Set([key]);
    event.dataTransfer.effectAllowed = 'move';
    const cover = itemOf(event)?.querySelector('.cover');
    if (cover) event.dataTransfer.setDragImage(cover, cover.clientWidth / 2, cover.clientHeight / 2);
  });
  list.addEventListener('dragover', (event) => {
    const item = itemOf(event);
    const key = item?.dataset.key;
    const fits =
      dragged.size > 0 && item?.querySelector('.drop-here') && key !== undefined && !dragged.has(key);
    aimAt(fits ? (item ?? undefined) : undefined);
    if (fits) event.preventDefault();
  });
  list.addEventListener('dragleave', (event) => {
    if (!list.contains(event.relatedTarget as Node | null)) aimAt(undefined);
  });
  list.addEventListener('drop', (event) => {
    const key = target?.dataset.key;
    if (key === undefined) return;
    event.preventDefault();
    drop(dragged, key);
  });
  list.addEventListener('dragend', () => {
    aimAt(undefined);
    dragged = new Set();
  });
}
