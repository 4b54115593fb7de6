/*
 * The photo of a face, large, with the face's box on it, and those of other faces, which lead to these: a modal dialog over the
 * list that the face is in.
 */
import type {
  GalleryFace,
  GalleryOverview,
  PhotoFace,
  PixelBox,
  PixelSize,
} from '../src/result/export/gallery/page-types';
import { faceHash, personHash } from './addresses';
import { load } from './data';
import { byId, count, element, fileName, thumbnail } from './elements';
import { personName } from './people';

/** With more faces beside the one that is shown, names on the photo would hide each other: only one that is pointed at has its. */
const MOST_NAMES_ON_PHOTO = 10;
/** How many people are named below the photo. */
const MOST_NAMES_BELOW = 12;

/** A movement of a finger across the photo that counts as turning the page, in CSS pixels. */
const SWIPE = 50;

export const viewer = {
  dialog: byId('viewer') as HTMLDialogElement,
  faces: [] as readonly GalleryFace[],
  position: 0,
  /** See {@link GalleryOverview.notShown}. */
  notShown: {} as GalleryOverview['notShown'],
  /** Told when the user has gone on to another face. */
  onMove: (_face: GalleryFace): void => {},
  /** Told when the user closes, or has closed, the dialog. */
  onClose: (): void => {},

  /** Shows the face at `position` of `faces`; opens the dialog if it is not open. */
  show(faces: readonly GalleryFace[], position: number): void {
    const face = faces[position];
    if (!face) return;
    this.faces = faces;
    this.position = position;
    byId('viewer-position').textContent =
      `${(position + 1).toLocaleString('en')} of ${faces.length.toLocaleString('en')}`;
    byId('viewer-name').replaceChildren(nameOf(face));
    byId('viewer-facts').replaceChildren(...factsOf(face));
    byId('viewer-thumbnail').replaceChildren(thumbnail(face.thumbnail));
    const others = othersOn(face);
    byId('viewer-photo').replaceChildren(photoOf(face, others));
    byId('viewer-others').replaceChildren();
    others
      .then(namesOf)
      .catch((error) => [error.message])
      .then((names) => {
        if (this.faces[this.position] === face) byId('viewer-others').replaceChildren(...names);
      });
    if (!this.dialog.open) this.dialog.showModal();
    // What is disabled or gone can't keep the focus, and without it the keys would go nowhere.
    const ends = [
      ['viewer-previous', position === 0],
      ['viewer-next', position === faces.length - 1],
    ] as const;
    const [, atEnd] = ends.find(([id]) => document.activeElement === byId(id)) ?? [];
    if (atEnd || !this.dialog.contains(document.activeElement)) byId('viewer-close').focus();
    for (const [id, disabled] of ends) byId(id).toggleAttribute('disabled', disabled);
  },

  close(): void {
    if (this.dialog.open) this.dialog.close();
    byId('viewer-photo').replaceChildren();
  },

  goTo(position: number): void {
    const face = this.faces[position];
    if (!face) return;
    this.show(this.faces, position);
    this.onMove(face);
  },
};

function nameOf(face: GalleryFace): HTMLElement {
  if (face.photo === null) return element('span', {}, fileName(face.path));
  return element('a', { href: face.photo, target: '_blank', rel: 'noopener' }, fileName(face.path));
}

function factsOf(face: GalleryFace): HTMLElement[] {
  const facts: HTMLElement[] = [
    element('a', { href: personHash(face), dir: 'auto' }, personName(face.label)),
  ];
  if (face.distance !== null) {
    facts.push(element('span', {}, `distance to the centre: ${face.distance.toFixed(2)}`));
  }
  facts.push(element('span', {}, `number ${face.index} in the encodings file`));
  facts.push(element('span', { class: 'path' }, face.path));
  return facts;
}

/** The other faces on the photo of a face, from left to right. */
async function othersOn({ id, onPhoto }: GalleryFace): Promise<PhotoFace[]> {
  const [photo] = await load('photos', onPhoto, onPhoto + 1);
  return (photo?.faces ?? []).filter((face) => face.id !== id);
}

/** Who else is on the photo, in words: links to these faces. */
function namesOf(others: readonly PhotoFace[]): (Node | string)[] {
  const people = new Map<number, PhotoFace[]>();
  for (const face of others) people.set(face.label, [...(people.get(face.label) ?? []), face]);
  const names = [...people].map(([label, [first, ...more]]) => {
    const name = label < 0 ? count(1 + more.length, 'unsorted face') : personName(label);
    return element('a', { href: first ? faceHash(first) : false, dir: 'auto' }, name);
  });
  if (names.length === 0) return [];
  const left = names.length - MOST_NAMES_BELOW;
  const shown = names.slice(0, MOST_NAMES_BELOW);
  return [
    'Also on this photo: ',
    // A comma stays in the line of its name.
    ...shown.flatMap((name, i) =>
      i < shown.length - 1 ? [element('span', {}, name, ','), ' '] : [element('span', {}, name)],
    ),
    ...(left > 0 ? [` and ${left} more`] : []),
  ];
}

/** The photo with the boxes on it; where it can't be shown, a small picture and the reason. */
function photoOf(face: GalleryFace, others: Promise<readonly PhotoFace[]>): HTMLElement {
  const { photo, photoThumbnail, size } = face;
  if (photo === null || size === null) {
    const why =
      'When this page was made, this photo was not found, or could not be read, or was not the one any more that the face was found on.';
    return withNote(face.thumbnail === null ? '' : thumbnail(face.thumbnail), why);
  }
  const framed = framedPhoto(photo, face, size, others, () => {
    const small = photoThumbnail === null ? '' : framedPhoto(photoThumbnail, face, size, others);
    framed.replaceWith(withNote(small, whyNotShown(face.path)));
  });
  // A large photo takes a moment.
  if (photoThumbnail !== null) framed.style.backgroundImage = `url("${photoThumbnail}")`;
  return framed;
}

function framedPhoto(
  url: string,
  { box }: GalleryFace,
  [width, height]: PixelSize,
  others: Promise<readonly PhotoFace[]>,
  onError: () => void = () => {},
): HTMLElement {
  const frame = element('div', { class: 'frame' });
  // The frame has the photo's shape before the photo is there.
  frame.style.setProperty('--width', String(width));
  frame.style.setProperty('--height', String(height));
  const photo = element('img', { src: url, alt: 'The photo, with the face in a frame', draggable: 'false' });
  photo.addEventListener('error', onError);
  photo.addEventListener('load', () => {
    frame.style.backgroundImage = '';
    // On another photo in its place, or one that is turned in another way, the box would lie anywhere.
    // Of a small picture the sides are rounded to whole pixels.
    const skew = Math.abs(photo.naturalWidth * height - photo.naturalHeight * width);
    if (skew > Math.max(width, height)) {
      frame.classList.add('wrong');
      return;
    }
    const shade = element(
      'div',
      { class: 'shade' },
      placeAt(element('div', { class: 'box' }), box, width, height),
    );
    frame.append(shade);
    // That they are missing is said below the photo.
    others.then((faces) => frame.append(...boxesOf(faces, width, height))).catch(() => {});
  });
  frame.append(photo);
  return frame;
}

/** The boxes of other faces, which lead to these; for the mouse and fingers only, the names below the photo are for all. */
function boxesOf(faces: readonly PhotoFace[], width: number, height: number): HTMLElement[] {
  const named = faces.length <= MOST_NAMES_ON_PHOTO ? 'named' : '';
  const area = ({ box: [top, right, bottom, left] }: PhotoFace) => (right - left) * (bottom - top);
  // Of two that overlap, the smaller one can be pointed at.
  return [...faces]
    .sort((a, b) => area(b) - area(a))
    .map((face) => {
      const name = face.label < 0 ? 'Unsorted face' : personName(face.label);
      const [, right, , left] = face.box;
      // Names must not reach beyond the photo, and so beyond the screen.
      const middle = (left + right) / 2 / width;
      const side = middle < 0.25 ? 'at-left' : middle > 0.75 ? 'at-right' : '';
      const link = element(
        'a',
        {
          class: `other-box ${named} ${side}`,
          href: faceHash(face),
          title: name,
          tabindex: -1,
          'aria-hidden': 'true',
        },
        ...(face.label < 0 ? [] : [element('span', { dir: 'auto' }, name)]),
      );
      return placeAt(link, face.box, width, height);
    });
}

/** Puts an element at a box on a photo of that size. */
function placeAt(
  onPhoto: HTMLElement,
  [top, right, bottom, left]: PixelBox,
  width: number,
  height: number,
): HTMLElement {
  onPhoto.style.left = `${(100 * left) / width}%`;
  onPhoto.style.top = `${(100 * top) / height}%`;
  onPhoto.style.width = `${(100 * (right - left)) / width}%`;
  onPhoto.style.height = `${(100 * (bottom - top)) / height}%`;
  return onPhoto;
}

function withNote(picture: Node | string, note: string): HTMLElement {
  return element('div', { class: 'fallback' }, picture, element('p', {}, note));
}

function whyNotShown(path: string): string {
  const kind = viewer.notShown[path.slice(path.lastIndexOf('.')).toLowerCase()];
  return kind
    ? `Your browser does not show ${kind}. The file can be opened with other programs.`
    : 'This photo is no longer where it was, or your browser can’t show it.';
}

viewer.dialog.addEventListener('keydown', (event) => {
  if (event.altKey || event.ctrlKey || event.metaKey) return;
  const targets = new Map([
    ['ArrowLeft', viewer.position - 1],
    ['ArrowRight', viewer.position + 1],
    ['Home', 0],
    ['End', viewer.faces.length - 1],
  ]);
  const target = targets.get(event.key);
  if (target === undefined) return;
  event.preventDefault();
  viewer.goTo(target);
});
byId('viewer-previous').addEventListener('click', () => viewer.goTo(viewer.position - 1));
byId('viewer-next').addEventListener('click', () => viewer.goTo(viewer.position + 1));
byId('viewer-close').addEventListener('click', () => viewer.onClose());
// Esc, and the back gesture of phones.
viewer.dialog.addEventListener('cancel', (event) => {
  event.preventDefault();
  viewer.onClose();
});
// Browsers close it without asking when Esc is pressed again and again.
viewer.dialog.addEventListener('close', () => {
  if (!viewer.dialog.open) viewer.onClose();
});

/** Where the one finger that is on the photo came down. */
let touched: Touch | undefined;
byId('viewer-stage').addEventListener(
  'touchstart',
  ({ touches }) => {
    touched = touches.length === 1 ? touches[0] : undefined;
  },
  { passive: true },
);
byId('viewer-stage').addEventListener('touchend', ({ changedTouches: [left] }) => {
  // Someone who has zoomed in moves the photo, not the page.
  if (!touched || !left || (window.visualViewport?.scale ?? 1) > 1) return;
  const right = left.clientX - touched.clientX;
  const down = left.clientY - touched.clientY;
  if (Math.abs(right) < SWIPE || Math.abs(right) < 2 * Math.abs(down)) return;
  viewer.goTo(viewer.position + (right < 0 ? 1 : -1));
});
