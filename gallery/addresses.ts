/*
 * What is shown stands in the address, so that going back, reloading and bookmarks work: `#people`, `#person-3`,
 * `#others`, `#search=beach`; with `/face-<id>` behind it, the viewer is open on that face. No element has such an id:
 * the browser would scroll to it.
 */
import type { GalleryFace, PhotoFace } from '../src/result/export/gallery/page-types';

export const EVERYBODY = '#people';

export interface Route {
  /** The address without the face. */
  readonly view: string;
  readonly label: number | undefined;
  readonly query: string;
  /** Its id; in addresses from before there were any, its number in the encodings file. */
  readonly face: string | undefined;
}

export function parseRoute(hash: string): Route {
  const [, view = '', face] = /^(.*?)(?:\/face-([^/]+))?$/.exec(hash) ?? [];
  const label = view === '#others' ? '-1' : /^#person-(\d+)$/.exec(view)?.[1];
  return {
    view: view.length > 1 ? view : EVERYBODY,
    label: label === undefined ? undefined : Number(label),
    query: view.startsWith('#search=') ? decode(view.slice('#search='.length)) : '',
    face,
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
  return label < 0 ? '#others' : `#person-${label}`;
}

export function searchHash(query: string): string {
  return query === '' ? EVERYBODY : `#search=${encodeURIComponent(query)}`;
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
