/*
 * A face as large as its photo has it, for looking at it closely; pressed, the whole photo with the face in a frame. The small
 * picture is there at once, and stays where the photo can't be shown.
 */
import type { GalleryFace } from '../src/result/export/gallery/page-types';
import { element, fileName } from './elements';

/** How much of the photo is shown around a face, as a part of its box: what the small pictures have, too. */
const MARGIN = 0.3;

/**
 * @param who who the face is taken for
 * @param key by which the focus finds it again, see focus.ts
 */
export function largeFace(face: GalleryFace, who: string, key: string): HTMLButtonElement {
  const label = `${who}, on ${fileName(face.path)}: show the whole photo`;
  const button = element('button', {
    type: 'button',
    class: 'large-face',
    'aria-pressed': 'false',
    'aria-label': label,
    'data-part': key,
    title: face.path,
  });
  if (face.thumbnail !== null)
    button.append(element('img', { class: 'small', src: face.thumbnail, alt: '' }));
  else button.append(element('span', { class: 'thumbnail none' }, 'no picture'));
  const { size } = face;
  const whole = wholePhoto(face);
  if (size === null || whole === undefined) {
    button.disabled = true;
    return button;
  }
  button.append(whole);
  const show = (all: boolean) => {
    button.setAttribute('aria-pressed', String(all));
    place(whole, all ? [0, 0, Math.max(...size)] : around(face, size), size);
  };
  show(false);
  button.addEventListener('click', () => show(button.getAttribute('aria-pressed') === 'false'));
  return button;
}

/** What was fetched ahead: kept, lest browsers forget it. */
let ahead: ReadonlyMap<string, HTMLImageElement> = new Map();

/** Has the browser fetch what {@link largeFace} shows of these faces; what was fetched for others is let go. */
export function fetchAhead(faces: readonly GalleryFace[]): void {
  const urls = faces.flatMap(({ thumbnail, photo }) => [thumbnail, photo]).filter((url) => url !== null);
  ahead = new Map(
    urls.map((url) => {
      const image = ahead.get(url) ?? new Image();
      if (image.src === '') image.src = url;
      return [url, image];
    }),
  );
}

/** The photo with a frame on it; `undefined` if there is none. */
function wholePhoto({ photo, photoThumbnail, size, box }: GalleryFace): HTMLElement | undefined {
  const urls = [photo, photoThumbnail].filter((url) => url !== null);
  const [first, second] = urls;
  if (first === undefined || size === null) return undefined;
  const [width, height] = size;
  const image = element('img', { src: first, alt: '', decoding: 'async', draggable: 'false' });
  const frame = element('span', { class: 'photo', hidden: true }, image, element('span', { class: 'mark' }));
  // Browsers don't show all formats; the small picture of the photo is of one that all do.
  image.addEventListener('error', () => {
    frame.hidden = true;
    if (second !== undefined && image.getAttribute('src') !== second) image.src = second;
  });
  image.addEventListener('load', () => {
    // Another photo in its place, or turned in another way, has the face elsewhere.
    const skew = Math.abs(image.naturalWidth * height - image.naturalHeight * width);
    frame.hidden = skew > Math.max(width, height);
  });
  const [top, right, bottom, left] = box;
  const mark = frame.lastElementChild as HTMLElement;
  mark.style.left = `${(100 * left) / width}%`;
  mark.style.top = `${(100 * top) / height}%`;
  mark.style.width = `${(100 * (right - left)) / width}%`;
  mark.style.height = `${(100 * (bottom - top)) / height}%`;
  return frame;
}

/** A square part of a photo, in its pixels; it may reach beyond it. */
type Part = readonly [left: number, top: number, side: number];

/** The part around a face. */
function around(
  { box: [top, right, bottom, left] }: GalleryFace,
  [width, height]: readonly [number, number],
): Part {
  const side = Math.min((1 + 2 * MARGIN) * Math.max(right - left, bottom - top), Math.max(width, height));
  const inside = (middle: number, length: number) => Math.max(0, Math.min(middle - side / 2, length - side));
  return [inside((left + right) / 2, width), inside((top + bottom) / 2, height), side];
}

/** Places the photo so that `part` of it fills the square that it is in; a whole photo stands in the middle. */
function place(
  frame: HTMLElement,
  [left, top, side]: Part,
  [width, height]: readonly [number, number],
): void {
  const x = width < side ? (side - width) / 2 : -left;
  const y = height < side ? (side - height) / 2 : -top;
  frame.style.left = `${(100 * x) / side}%`;
  frame.style.top = `${(100 * y) / side}%`;
  frame.style.width = `${(100 * width) / side}%`;
  frame.style.height = `${(100 * height) / side}%`;
}
