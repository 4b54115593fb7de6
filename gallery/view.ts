/* What fills the page, and what views are made of. */
import type { GalleryFace, GalleryOverview } from '../src/result/export/gallery/page-types';
import { EVERYBODY, faceHash, type Route } from './addresses';
import { element, fileName, thumbnail } from './elements';
import type { LongList } from './lists';
import type { Selection } from './selection';
import { faceShots, type Shots } from './shots';

export interface View {
  /** Of the document and of the page. */
  readonly title: string;
  readonly content: readonly (Node | string)[];
  /** It is in `content`. */
  readonly list?: LongList;
  /** What is in the list, which the viewer pages through; none if it is a list of something else. */
  readonly shots?: Shots;
  /** Of what is in the list, where it can be changed. */
  readonly selection?: Selection;
  /** The position in the list of what leads to another view, or -1. */
  placeOf(address: string): number;
}

/** What views are made with. */
export interface Context {
  /** The present one. */
  readonly overview: GalleryOverview;
  /** Goes elsewhere, in place of the present address: to another order or filter, which is no step that one goes back. */
  replace(address: string): void;
}

/** Makes the view that an address names, of what is so at present; it is made anew after each change. */
export type MakeView = (context: Context, route: Route) => View | Promise<View>;

/**
 * @param about what stands above the list, below its title
 * @param heading the title, as it is shown
 */
export function viewOfFaces(
  title: string,
  faces: readonly GalleryFace[],
  list: LongList,
  about: readonly Node[],
  heading: Node = element('bdi', {}, title),
): View {
  const back = element('p', { class: 'back' }, element('a', { href: EVERYBODY }, 'All people'));
  const content = [back, element('h1', {}, heading), ...about, list.list, list.rest];
  return { title, content, list, shots: faceShots(faces), placeOf: () => -1 };
}

export function summaryOf(...content: readonly (Node | string)[]): HTMLElement {
  return element('p', { class: 'summary' }, ...content);
}

export function hint(text: string): HTMLElement {
  return element('p', { class: 'hint' }, text);
}

/**
 * @param view address of the view that it is in
 * @param detail what to say beside the file name
 */
export function faceItem(
  face: GalleryFace,
  view: string,
  ...detail: readonly (Node | string)[]
): HTMLLIElement {
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
