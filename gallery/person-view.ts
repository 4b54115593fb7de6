/* The faces of one person, or those of nobody. */
import type { GalleryFace, GalleryOverview } from '../src/result/export/gallery/page-types';
import { placeOf, type Route, withOption } from './addresses';
import { possiblyAlso } from './alike';
import { load } from './data';
import { dateWords } from './dates';
import { editing } from './editing';
import { button, element, fileName } from './elements';
import { areNoFaces, areNot, hide, moveTo, named, splitOff, useAsCover } from './gestures';
import { type LongList, longList } from './lists';
import { editableName, nameOn } from './naming';
import { whyNobodys } from './nobody';
import { amountOf, personName } from './people';
import { peopleView } from './people-view';
import { photoList } from './photo-list';
import { Selection } from './selection';
import { type Context, faceItem, hint, type MakeView, summaryOf, viewOfFaces } from './view';
import { severalNote } from './why-together';

export const personView: MakeView = async (context, route) => {
  const { people, lastingLabels } = context.overview;
  const person = people.find(({ label }) => label === route.label);
  if (!person) return peopleView(context, route);
  const loaded = await load('faces', person.first, person.first + person.faces);
  const photos =
    route.options.get('show') === 'photos' ? photosOf(context.overview, loaded, route) : undefined;
  const order = person.label < 0 ? ORDERS[0] : orderOf(route);
  const faces = order.of(loaded);
  const details = detailsOf(faces, lastingLabels);
  const list = longList(
    faces,
    (face) => {
      const item = faceItem(face, route.view, ...details(face));
      selection?.mark(item, face.id);
      return item;
    },
    'faces',
    ({ id }) => id,
  );
  const selection = editing && selectionOf(list, faces, route);
  if (editing) nameOn(undefined);
  const editable = editing !== undefined && person.label >= 0;
  const summary = summaryOf(
    ...(editable && person.name === null ? [named(person.label), ' · '] : []),
    amountOf(person),
  );
  if (person.folder !== null) summary.append(' · ', element('a', { href: person.folder }, 'Open the folder'));
  const explained =
    person.label < 0 ? whyNobodys(person.label) : lastingLabels ? undefined : WHAT_DISTANCES_ARE;
  const heading = editable ? editableName(person) : undefined;
  const toggle = showChoice(route, photos !== undefined);
  if (photos) {
    const view = viewOfFaces(
      personName(person.label),
      [],
      photos.list,
      [summary, element('div', { class: 'tools' }, toggle)],
      heading,
    );
    return { ...view, shots: photos.shots };
  }
  const about = [
    summary,
    element(
      'div',
      { class: 'tools' },
      toggle,
      // Without a centre none is more typical than another.
      ...(person.label >= 0 && person.faces > 1 ? [orderChoice(context, route)] : []),
      ...(editable ? [button('Hide', () => hide([person]), { class: 'small', 'data-part': 'hide' })] : []),
    ),
    ...(explained === undefined ? [] : [hint(explained)]),
    ...(person.onlyCopies ? [hint(MADE_BY_COPIES)] : []),
    ...severalNote(person, lastingLabels),
  ];
  const view = viewOfFaces(personName(person.label), faces, list, about, heading);
  return {
    ...view,
    content: editable ? [...view.content, possiblyAlso(person)] : view.content,
    ...(selection && { selection }),
  };
};

/** What can be done with the faces that are selected. */
function selectionOf(list: LongList, faces: readonly GalleryFace[], route: Route): Selection {
  const label = route.label ?? -1;
  const byId = new Map(faces.map((face) => [face.id, face]));
  return new Selection({
    place: placeOf(route.view),
    list,
    keys: faces.map(({ id }) => id),
    what: ['face', 'faces'],
    nameOf: (id) => `the face on ${fileName(byId.get(id)?.path ?? '')}`,
    actions: (keys) => {
      const chosen = faces.filter(({ id }) => keys.has(id));
      const [one] = chosen;
      return [
        ...(label >= 0 ? [{ text: `Not ${personName(label)}`, do: () => areNot(chosen, label) }] : []),
        { text: 'Move to…', do: () => moveTo(chosen, label) },
        {
          text: 'New person',
          unless: label >= 0 && chosen.length === faces.length && 'Nobody would be left.',
          do: () => splitOff(chosen, label),
        },
        { text: 'Not a face', do: () => areNoFaces(chosen) },
        ...(label >= 0 && one && chosen.length === 1
          ? [{ text: 'Use as cover', do: () => useAsCover(one) }]
          : []),
      ];
    },
  });
}

const WHAT_DISTANCES_ARE =
  'The number with each face is its distance to the centre of the person: the larger, the less typical.';

const MADE_BY_COPIES =
  'Copies of the same photos made this a person: without them there are fewer faces than it takes.';

/** The person's photos, each once. */
function photosOf(overview: GalleryOverview, faces: readonly GalleryFace[], route: Route) {
  const numbers = [...new Set(faces.map(({ onPhoto }) => onPhoto))].sort((a, b) => a - b);
  return photoList(overview, numbers, route.view);
}

/** Links to the two ways of looking at a person. */
function showChoice(route: Route, photos: boolean): HTMLElement {
  const link = (text: string, value: string | undefined, current: boolean) =>
    element('a', { href: withOption(route, 'show', value), 'aria-current': current ? 'true' : false }, text);
  return element('p', { class: 'show' }, link('Faces', undefined, !photos), link('Photos', 'photos', photos));
}

interface Order {
  /** In the address; `undefined` for the one that needs no word there. */
  readonly name: string | undefined;
  readonly text: string;
  /** @param faces the most typical first, as they come */
  of(faces: readonly GalleryFace[]): readonly GalleryFace[];
}

const ORDERS: readonly [Order, ...Order[]] = [
  { name: undefined, text: 'most typical first', of: (faces) => faces },
  { name: 'last', text: 'least typical first', of: (faces) => [...faces].reverse() },
  {
    name: 'name',
    text: 'by file name',
    of: (faces) => {
      const { compare } = new Intl.Collator('en', { numeric: true });
      return [...faces].sort((a, b) => compare(fileName(a.path), fileName(b.path)));
    },
  },
];

function orderOf({ options }: Route): Order {
  const name = options.get('order');
  return ORDERS.find((order) => order.name === name) ?? ORDERS[0];
}

function orderChoice(context: Context, route: Route): HTMLElement {
  const chosen = orderOf(route);
  const select = element(
    'select',
    { 'data-part': 'order' },
    ...ORDERS.map((order) =>
      element('option', { value: order.name ?? '', selected: order === chosen }, order.text),
    ),
  );
  select.addEventListener('change', () =>
    context.replace(withOption(route, 'order', select.value || undefined)),
  );
  return element('label', { class: 'order' }, 'Order ', select);
}

/** What stands under each face. Where people last that is the date: how typical a face is, is among the viewer's details. */
function detailsOf(
  faces: readonly GalleryFace[],
  lastingLabels: boolean,
): (face: GalleryFace) => (Node | string)[] {
  if (!lastingLabels) return distanceOf;
  // All items are of one height.
  const none = faces.some(({ taken }) => taken !== null) ? ['\u00a0'] : [];
  return ({ taken }) => (taken === null ? none : [dateWords(taken)]);
}

function distanceOf({ distance }: GalleryFace): (Node | string)[] {
  if (distance === null) return [];
  return [element('span', { class: 'hidden' }, 'distance '), distance.toFixed(2)];
}
