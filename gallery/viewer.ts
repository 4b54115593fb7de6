/*
 * A photo, large, with the faces on it: a modal dialog over the list that it is in. It was opened for one face, or as a photo
 * among photos.
 */
import type {
  GalleryFace,
  GalleryOverview,
  GalleryPhoto,
  PhotoFace,
  PixelBox,
  PixelSize,
} from '../src/result/export/gallery/page-types';
import type { AddFaceRequest, FaceAdded } from '../src/web/api-types';
import { faceHash, personHash } from './addresses';
import { boxesOf } from './boxes';
import { load } from './data';
import { dateWords, timeWords } from './dates';
import { type Drawing, drawing } from './drawing';
import { editing } from './editing';
import { byId, count, element, fileName, folderName, thumbnail } from './elements';
import { type NamingAtBox, namingAt } from './name-face';
import { faceName, personName } from './people';
import { addressOf, type Shots } from './shots';
import { wordsOf } from './words';
import { KEY_STEP, zoomOn } from './zoom';

/** How many people are named below the photo, and how many above it. */
const MOST_NAMES_BELOW = 12;
const MOST_NAMES_ABOVE = 3;

/** How far the photo moves at a key, as a part of what it is seen through. */
const PAN = 0.1;

/** What is shown of a photo, whether or not its page has been loaded. */
type Look = Pick<GalleryPhoto, 'path' | 'photo' | 'size' | 'thumbnail' | 'taken'>;

const stage = byId('viewer-stage');
const surface = byId('viewer-photo');
const NOTHING: Shots = { length: 0, face: () => undefined, photo: () => 0, find: () => -1 };

const zoom = zoomOn(stage, surface, (by) => viewer.goTo(viewer.position + by));
let naming: NamingAtBox | undefined;
let drawn: Drawing | undefined;
/** What is on the screen: the photo's number, its frame, and its faces once they are known. */
let shown: { number: number; look: Look; frame: HTMLElement | undefined; photo?: GalleryPhoto } | undefined;
/** A face that was added and is to be named as soon as it is there. */
let toName: string | undefined;

export const viewer = {
  dialog: byId('viewer') as HTMLDialogElement,
  shots: NOTHING,
  position: 0,
  /** See {@link GalleryOverview.notShown}. */
  notShown: {} as GalleryOverview['notShown'],
  /** Told when the user has gone on to another face or photo: what is behind the view's address now. */
  onMove: (_address: string): void => {},
  /** Told when the user closes, or has closed, the dialog. */
  onClose: (): void => {},

  /** Shows what is at `position` of `shots`; opens the dialog if it is not open. */
  show(shots: Shots, position: number): void {
    if (position < 0 || position >= shots.length) return;
    const turned = shots === this.shots && position !== this.position;
    const anew = shots !== this.shots;
    this.shots = shots;
    this.position = position;
    // Else people have changed: what is being typed, or drawn, stays.
    if (turned || shown?.number !== shots.photo(position)) leave();
    byId('viewer-position').textContent =
      `${(position + 1).toLocaleString('en')} of ${shots.length.toLocaleString('en')}`;
    const [face, number] = [shots.face(position), shots.photo(position)];
    if (face) {
      showLook(number, { ...face, thumbnail: face.photoThumbnail }, anew);
      describe(face);
      placeBoxes(face);
    }
    load('photos', number, number + 1).then(
      ([photo]) => {
        if (!photo || this.shots !== shots || this.position !== position) return;
        if (!face) showLook(number, photo, anew);
        if (shown) shown.photo = photo;
        describe(face, photo);
        placeBoxes(face);
        nameAdded(photo);
      },
      (error) => {
        if (this.shots !== shots || this.position !== position) return;
        if (!face) {
          showNothing();
          byId('viewer-name').textContent = 'Photo';
        }
        byId('viewer-others').replaceChildren(error.message);
      },
    );
    byId('viewer-draw').hidden = !editing;
    if (!this.dialog.open) {
      // What was done is told, and can be undone, here, too: beside a modal dialog nothing can be used.
      this.dialog.append(byId('lower'));
      this.dialog.showModal();
    }
    keepFocus(position, shots.length);
  },

  close(): void {
    leave();
    if (this.dialog.open) this.dialog.close();
    this.dialog.before(byId('lower'));
    showNothing();
    this.shots = NOTHING;
  },

  goTo(position: number): void {
    if (position < 0 || position >= this.shots.length) return;
    this.show(this.shots, position);
    this.tell();
  },

  /** Has the address say what is shown. */
  tell(): void {
    const { shots, position } = this;
    const face = shots.face(position);
    if (face) {
      this.onMove(addressOf(face));
      return;
    }
    const number = shots.photo(position);
    load('photos', number, number + 1)
      .then(([photo]) => {
        if (photo && this.shots === shots && this.position === position) this.onMove(addressOf(photo));
      })
      // That it is missing is said on the screen.
      .catch(() => {});
  },
};

/** What is disabled or gone can't keep the focus, and without it the keys would go nowhere. */
function keepFocus(position: number, length: number): void {
  const ends = [
    ['viewer-previous', position === 0],
    ['viewer-next', position === length - 1],
  ] as const;
  const [, atEnd] = ends.find(([id]) => document.activeElement === byId(id)) ?? [];
  const { activeElement } = document;
  if (atEnd || !viewer.dialog.contains(activeElement) || activeElement === viewer.dialog) {
    byId('viewer-close').focus();
  }
  for (const [id, disabled] of ends) byId(id).toggleAttribute('disabled', disabled);
}

/** Nothing is done any more to the photo that was shown. */
function leave(): void {
  naming?.close();
  stopDrawing();
  toName = undefined;
}

function showNothing(): void {
  surface.replaceChildren();
  zoom.reset(undefined);
  shown = undefined;
}

/** @param anew whether what is known of it may have changed; the photo itself stays where it is on the screen */
function showLook(number: number, look: Look, anew: boolean): void {
  const same =
    shown?.frame && shown.look.photo === look.photo && String(shown.look.size) === String(look.size);
  if (shown && same && (anew || shown.number === number)) {
    const known = shown.number === number && shown.photo;
    shown = { number, look, frame: shown.frame, ...(known && { photo: known }) };
    return;
  }
  stopDrawing();
  const frame = photoOf(look);
  surface.replaceChildren(frame);
  shown = { number, look, frame: frame.classList.contains('frame') ? frame : undefined };
  zoom.reset(shown.frame);
  byId('viewer-draw').toggleAttribute('disabled', true);
}

/* Words */

/** @param photo as soon as it has been loaded */
function describe(face: GalleryFace | undefined, photo?: GalleryPhoto): void {
  const look = face ?? photo;
  if (!look) return;
  const { taken, path } = look;
  const others = photo?.faces.filter(({ id }) => id !== face?.id) ?? [];
  const folder = folderName(path);
  byId('viewer-name').replaceChildren(...(face ? [nameOf(face)] : headingOf(look, others)));
  const facts = [
    ...(taken === null ? [] : [`${dateWords(taken)}, ${timeWords(taken)}`]),
    ...(folder === '' ? [] : [folder]),
  ];
  byId('viewer-facts').replaceChildren(
    ...facts.flatMap((fact, i) => [
      ...(i > 0 ? [' · '] : []),
      element('span', { class: 'path', dir: 'auto' }, fact),
    ]),
  );
  byId('viewer-details').replaceChildren(
    element('h3', {}, 'Details'),
    element('dl', {}, ...detailsOf(look, face)),
  );
  const below = face || new Set(others.map(({ label }) => label)).size > MOST_NAMES_ABOVE ? others : [];
  byId('viewer-others').replaceChildren(
    ...namesOf(below, face ? 'Also on this photo: ' : 'On this photo: ', MOST_NAMES_BELOW),
  );
}

function nameOf(face: PhotoFace): HTMLElement {
  return element('a', { href: personHash(face), dir: 'auto' }, faceName(face.label));
}

/** A photo is called by who is on it. */
function headingOf({ path, taken }: Look, faces: readonly PhotoFace[]): (Node | string)[] {
  if (faces.length > 0) return namesOf(faces, '', MOST_NAMES_ABOVE);
  return [
    taken === null ? element('span', { class: 'name' }, fileName(path)) : 'Nobody was found on this photo',
  ];
}

/** Who is on the photo, in words: links to these faces. */
function namesOf(faces: readonly PhotoFace[], before: string, most: number): (Node | string)[] {
  const people = new Map<number, PhotoFace[]>();
  for (const face of faces) people.set(face.label, [...(people.get(face.label) ?? []), face]);
  const names = [...people].map(([label, [first, ...more]]) => {
    const kind = label === -1 ? 'unsorted face' : 'unclear face';
    const name = label < 0 ? count(1 + more.length, kind) : personName(label);
    return element('a', { href: first ? faceHash(first) : false, dir: 'auto' }, name);
  });
  if (names.length === 0) return [];
  const left = names.length - most;
  const shown = names.slice(0, most);
  return [
    before,
    // A comma stays in the line of its name.
    ...shown.flatMap((name, i) =>
      i < shown.length - 1 ? [element('span', {}, name, ','), ' '] : [element('span', {}, name)],
    ),
    ...(left > 0 ? [` and ${left} more`] : []),
  ];
}

function detailsOf({ path, photo, size, taken }: Look, face: GalleryFace | undefined): HTMLElement[] {
  const name = element('span', { class: 'name' }, fileName(path));
  const file = photo === null ? name : element('a', { href: photo, target: '_blank', rel: 'noopener' }, name);
  const place = path.slice(0, path.length - fileName(path).length);
  const rows: (readonly [string, Node | string])[] = [['File', file]];
  if (place !== '') rows.push(['In', element('span', { class: 'path' }, place)]);
  if (taken !== null) rows.push(['Taken', `${dateWords(taken)}, ${taken.slice(11, 19)}`]);
  if (size !== null) {
    const megapixels = ((size[0] * size[1]) / 1e6).toFixed(1);
    rows.push(['Size', `${size[0]} × ${size[1]} pixels (${megapixels} megapixels)`]);
  }
  if (face) {
    if (face.distance !== null) rows.push(['Distance to the centre of the person', face.distance.toFixed(2)]);
    if (face.sharpness !== null) rows.push(['Sharpness of the face', face.sharpness.toFixed(2)]);
    rows.push(['Number in the encodings file', String(face.index)]);
  }
  return rows.map(([what, is]) => element('div', {}, element('dt', {}, what), element('dd', {}, is)));
}

/* The photo */

/** The photo in a frame; where it can't be shown, a small picture and the reason. */
function photoOf({ path, photo, thumbnail: small, size }: Look): HTMLElement {
  if (photo === null || size === null) {
    const why =
      'When this page was made, this photo was not found, or could not be read, or was not the one any more that the face was found on.';
    return withNote(small === null ? '' : thumbnail(small), why);
  }
  const framed = framedPhoto(photo, size, () => {
    const reduced = small === null ? '' : framedPhoto(small, size);
    framed.replaceWith(withNote(reduced, whyNotShown(path)));
    zoom.reset(undefined);
    if (shown?.frame !== framed) return;
    shown.frame = reduced === '' ? undefined : reduced;
  });
  // A large photo takes a moment.
  if (small !== null) framed.style.backgroundImage = `url("${small}")`;
  return framed;
}

function framedPhoto(url: string, [width, height]: PixelSize, onError: () => void = () => {}): HTMLElement {
  const frame = element('div', { class: 'frame' });
  // The frame has the photo's shape before the photo is there.
  frame.style.setProperty('--width', String(width));
  frame.style.setProperty('--height', String(height));
  const photo = element('img', { src: url, alt: 'The photo', draggable: 'false' });
  photo.addEventListener('error', onError);
  photo.addEventListener('load', () => {
    frame.style.backgroundImage = '';
    // On another photo in its place, or one that is turned in another way, the box would lie anywhere.
    // Of a small picture the sides are rounded to whole pixels.
    const skew = Math.abs(photo.naturalWidth * height - photo.naturalHeight * width);
    frame.classList.add(skew > Math.max(width, height) ? 'wrong' : 'whole');
    if (shown?.frame !== frame) return;
    placeBoxes(viewer.shots.face(viewer.position));
    preload();
  });
  frame.append(photo);
  return frame;
}

/** Puts the boxes on the photo, if that is there, and is the right one. */
function placeBoxes(face: GalleryFace | undefined): void {
  const { frame, look, photo } = shown ?? {};
  if (!frame?.classList.contains('whole') || !look?.size) return;
  const focused = frame.contains(document.activeElement) && document.activeElement?.getAttribute('data-face');
  for (const box of frame.querySelectorAll('[data-face]')) box.remove();
  frame.classList.toggle('of-face', face !== undefined);
  const faces = photo?.faces ?? (face ? [face] : []);
  frame.append(
    ...boxesOf(faces, face?.id, look.size, (one, box) => {
      // Without the program nobody can be named; it leads to the face, as on a page from the disk.
      if (editing?.there) naming = namingAt(box, stage, one);
      else location.assign(faceHash(one));
    }),
  );
  const named = naming && frame.querySelector<HTMLElement>(`[data-face="${CSS.escape(naming.face)}"]`);
  if (named) naming?.stayAt(named);
  else naming?.close();
  if (focused) frame.querySelector<HTMLElement>(`[data-face="${CSS.escape(focused)}"]`)?.focus();
  byId('viewer-draw').toggleAttribute('disabled', photo === undefined);
}

/** The photos before and after are there when they are turned to. */
function preload(): void {
  const { shots, position } = viewer;
  for (const next of [position + 1, position - 1]) {
    if (next < 0 || next >= shots.length) continue;
    const face = shots.face(next);
    const number = shots.photo(next);
    if (number === shown?.number) continue;
    const look: Promise<Pick<Look, 'photo'> | undefined> = face
      ? Promise.resolve(face)
      : load('photos', number, number + 1).then(([photo]) => photo);
    // What is missing is told when it is turned to.
    look.then((of) => of?.photo && Object.assign(new Image(), { src: of.photo })).catch(() => {});
  }
}

function withNote(picture: Node | string, note: string): HTMLElement {
  return element('div', { class: 'fallback' }, picture, element('p', {}, note));
}

function whyNotShown(path: string): string {
  const [file, seconds] = path.split(/#t=([\d.]+)$/) as [string, string?];
  const kind = viewer.notShown[file.slice(file.lastIndexOf('.')).toLowerCase()];
  if (kind && seconds !== undefined) {
    return `A picture from a video, ${seconds} seconds from its beginning. The file, under “Details”, plays from there.`;
  }
  return kind
    ? `Your browser does not show ${kind}. The file can be opened with other programs.`
    : 'This photo is no longer where it was, or your browser can’t show it.';
}

/* Adding a face */

function startDrawing(): void {
  const { frame, look, photo } = shown ?? {};
  if (!frame || !look?.size || !photo || !editing) return;
  naming?.close();
  const hint = byId('viewer-hint');
  drawn = drawing(
    frame,
    surface,
    look.size,
    (box) => add(photo, box),
    () => {
      hint.textContent = 'This is too small to tell a face by. Draw a larger box.';
    },
    stopDrawing,
  );
  zoom.dragging = drawn;
  stage.classList.add('drawing');
  byId('viewer-draw').setAttribute('aria-pressed', 'true');
  hint.textContent = drawn.hint;
  drawn.box.focus();
}

function stopDrawing(): void {
  if (!drawn) return;
  const hadFocus = drawn.box.contains(document.activeElement);
  drawn.remove();
  drawn = undefined;
  zoom.dragging = undefined;
  stage.classList.remove('drawing');
  byId('viewer-draw').setAttribute('aria-pressed', 'false');
  byId('viewer-hint').textContent = '';
  if (hadFocus) byId('viewer-draw').focus();
}

async function add({ id }: GalleryPhoto, box: PixelBox): Promise<void> {
  const added = drawn;
  if (!editing || !added) return;
  zoom.dragging = undefined;
  added.box.classList.add('busy');
  byId('viewer-hint').textContent = 'Looking at the face …';
  try {
    const { face } = await editing.send<FaceAdded>('faces', { photo: id, box } satisfies AddFaceRequest);
    if (drawn !== added) return;
    stopDrawing();
    toName = face;
    // What is new comes with the next state of the people, unless that was faster.
    if (shown?.photo) nameAdded(shown.photo);
  } catch (error) {
    if (drawn !== added) return;
    added.box.classList.remove('busy');
    zoom.dragging = added;
    byId('viewer-hint').textContent = wordsOf(error);
  }
}

/** Asks who it is that was added, as soon as that face is on the photo. */
function nameAdded({ faces }: GalleryPhoto): void {
  const face = faces.find(({ id }) => id === toName);
  if (!face || !shown) return;
  const box = shown.frame?.querySelector<HTMLElement>(`[data-face="${CSS.escape(face.id)}"]`);
  if (!box) return;
  toName = undefined;
  naming = namingAt(box, stage, face);
}

/* Keys and buttons */

function toggleDetails(): void {
  const details = byId('viewer-details');
  details.hidden = !details.hidden;
  byId('viewer-info').setAttribute('aria-expanded', String(!details.hidden));
}

const KEYS: Readonly<Record<string, () => void>> = {
  ArrowLeft: () => viewer.goTo(viewer.position - 1),
  ArrowRight: () => viewer.goTo(viewer.position + 1),
  Home: () => viewer.goTo(0),
  End: () => viewer.goTo(viewer.shots.length - 1),
  '+': () => zoom.by(KEY_STEP),
  '=': () => zoom.by(KEY_STEP),
  '-': () => zoom.by(1 / KEY_STEP),
  '0': () => zoom.whole(),
  i: toggleDetails,
};
/** With Shift. */
const PANS: Readonly<Record<string, readonly [right: number, down: number]>> = {
  ArrowLeft: [1, 0],
  ArrowRight: [-1, 0],
  ArrowUp: [0, 1],
  ArrowDown: [0, -1],
};

viewer.dialog.addEventListener('keydown', (event) => {
  if (event.altKey || event.ctrlKey || event.metaKey) return;
  if ((event.target as Element).closest('input, [role="application"]')) return;
  const pan = event.shiftKey ? PANS[event.key] : undefined;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (pan) zoom.pan(pan[0] * PAN * surface.clientWidth, pan[1] * PAN * surface.clientHeight);
  else if (KEYS[key]) KEYS[key]();
  else return;
  event.preventDefault();
});
byId('viewer-previous').addEventListener('click', () => viewer.goTo(viewer.position - 1));
byId('viewer-next').addEventListener('click', () => viewer.goTo(viewer.position + 1));
byId('viewer-close').addEventListener('click', () => viewer.onClose());
byId('viewer-info').addEventListener('click', toggleDetails);
byId('viewer-draw').addEventListener('click', () => (drawn ? stopDrawing() : startDrawing()));
// Esc, and the back gesture of phones.
viewer.dialog.addEventListener('cancel', (event) => {
  event.preventDefault();
  viewer.onClose();
});
// Browsers close it without asking when Esc is pressed again and again.
viewer.dialog.addEventListener('close', () => {
  if (!viewer.dialog.open) viewer.onClose();
});
