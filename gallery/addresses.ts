/*
 * What is shown stands in the address, so that going back, reloading and bookmarks work: `#people`, `#person-3`, `#unsorted`,
 * `#search=beach`; behind a `?`, how: `#person-3?order=last`; with `/face-<id>` or `/photo-<id>` behind it, the viewer is open on
 * that face or photo. No element has such an id: the browser would scroll to it.
 */
import type { GalleryFace, PhotoFace } from '../src/result/export/gallery/page-types';

export const EVERYBODY = '#people';

/** What can fill the page: see `views.ts`. */
export const VIEW_KINDS = [
  'people',
  'person',
  'unsorted',
  'unclear',
  'photos',
  'search',
  'questions',
  'history',
  'hidden',
] as const;
export type ViewKind = (typeof VIEW_KINDS)[number];

export interface Route {
  /** The address without the face or photo. */
  readonly view: string;
  readonly kind: ViewKind;
  /** The person's whose page it is: -1 and -2 are those whose faces belong to nobody. */
  readonly label: number | undefined;
  /** What is searched for. */
  readonly query: string;
  /** Order and filters. */
  readonly options: URLSearchParams;
  /** Its id; in addresses from before there were any, its number in the encodings file. */
  readonly face: string | undefined;
  /** The id of a photo that is shown as a whole. */
  readonly photo: string | undefined;
}

/** The labels of those who belong to nobody. */
const NOBODY: Readonly<Partial<Record<ViewKind, number>>> = { unsorted: -1, unclear: -2 };

export function parseRoute(hash: string): Route {
  const [, address = '', shot, id] = /^(.*?)(?:\/(face|photo)-([^/]+))?$/.exec(hash) ?? [];
  // From before there were unclear faces beside the unsorted ones.
  const view = address.replace(/^#others\b/, '#unsorted');
  const [, name = '', options = ''] = /^#([^?]*)\??(.*)$/.exec(view) ?? [];
  const person = /^person-(\d+)$/.exec(name)?.[1];
  const kind =
    person !== undefined
      ? 'person'
      : name.startsWith('search=')
        ? 'search'
        : (VIEW_KINDS.find((one) => one === name && one !== 'person' && one !== 'search') ?? 'people');
  return {
    view: view.length > 1 ? view : EVERYBODY,
    kind,
    label: person === undefined ? NOBODY[kind] : Number(person),
    query: kind === 'search' ? decode(name.slice('search='.length)) : '',
    options: new URLSearchParams(options),
    face: shot === 'face' ? id : undefined,
    photo: shot === 'photo' ? id : undefined,
  };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // Typed by hand.
    return text;
  }
}

export function personHash({ label }: { readonly label: number }): string {
  return label >= 0 ? `#person-${label}` : label === NOBODY.unclear ? '#unclear' : '#unsorted';
}

export function searchHash(query: string): string {
  return query === '' ? EVERYBODY : `#search=${encodeURIComponent(query)}`;
}

/** The address of a view with one of its options changed; `undefined` is what it is without. */
export function withOption({ view, options }: Route, name: string, value: string | undefined): string {
  const changed = new URLSearchParams(options);
  if (value === undefined) changed.delete(name);
  else changed.set(name, value);
  // Commas need no escaping, and lists of people have them.
  const text = changed.toString().replace(/%2C/g, ',');
  return text === '' ? placeOf(view) : `${placeOf(view)}?${text}`;
}

/** The address of a view without its options: two with the same are one place, looked at in two ways. */
export function placeOf(view: string): string {
  return view.replace(/\?.*$/, '');
}

/** @param view the address of the view that the face is in; that of its person unless told otherwise */
export function faceHash(face: PhotoFace, view = personHash(face)): string {
  return `${view}/face-${face.id}`;
}

/** The position among `faces` of the one that an address names, or -1. */
export function positionIn(faces: readonly GalleryFace[], named: string | undefined): number {
  const position = faces.findIndex(({ id }) => id === named);
  return position >= 0 ? position : faces.findIndex(({ index }) => String(index) === named);
}
