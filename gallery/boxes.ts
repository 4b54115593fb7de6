/* Where faces are on the photo in the viewer, and who they are. */
import type { PhotoFace, PixelBox, PixelSize } from '../src/result/export/gallery/page-types';
import { faceHash } from './addresses';
import { editing } from './editing';
import { element } from './elements';
import { faceName } from './people';

/** With more faces beside the one that is shown, names on the photo would hide each other: only one that is pointed at has its. */
const MOST_NAMES_ON_PHOTO = 10;

/** @param onClick told of the face whose box was clicked, where that can be changed; else boxes lead to their faces */
export function boxesOf(
  faces: readonly PhotoFace[],
  main: string | undefined,
  size: PixelSize,
  onClick: (face: PhotoFace, box: HTMLElement) => void,
): HTMLElement[] {
  const others = faces.filter(({ id }) => id !== main).length;
  const named = others <= MOST_NAMES_ON_PHOTO ? 'named' : '';
  const area = ({ box: [top, right, bottom, left] }: PhotoFace) => (right - left) * (bottom - top);
  // Of two that overlap, the smaller one can be pointed at.
  return [...faces]
    .sort((a, b) => area(b) - area(a))
    .map((face) => {
      const isMain = face.id === main;
      const name = faceName(face.label);
      const classes = isMain ? 'box' : `other-box ${named} ${sideOf(face.box, size)}`;
      const text =
        isMain || face.label < 0 ? [] : [element('span', { dir: 'auto', 'aria-hidden': 'true' }, name)];
      const box = editing
        ? element(
            'button',
            {
              type: 'button',
              class: classes,
              'aria-label': `Who is this? Now: ${name}`,
              'data-face': face.id,
            },
            ...text,
          )
        : isMain
          ? element('div', { class: classes, 'data-face': face.id })
          : // For the mouse and fingers only: the names below the photo are for all.
            element(
              'a',
              {
                class: classes,
                href: faceHash(face),
                title: name,
                tabindex: -1,
                'aria-hidden': 'true',
                'data-face': face.id,
              },
              ...text,
            );
      if (editing) box.addEventListener('click', () => onClick(face, box));
      return placeAt(box, face.box, size);
    });
}

/** Names must not reach beyond the photo, and so beyond the screen. */
function sideOf([, right, , left]: PixelBox, [width]: PixelSize): string {
  const middle = (left + right) / 2 / width;
  return middle < 0.25 ? 'at-left' : middle > 0.75 ? 'at-right' : '';
}

/** Puts an element at a box on a photo of that size. */
export function placeAt<T extends HTMLElement>(
  onPhoto: T,
  [top, right, bottom, left]: PixelBox,
  [width, height]: PixelSize,
): T {
  onPhoto.style.left = `${(100 * left) / width}%`;
  onPhoto.style.top = `${(100 * top) / height}%`;
  onPhoto.style.width = `${(100 * (right - left)) / width}%`;
  onPhoto.style.height = `${(100 * (bottom - top)) / height}%`;
  return onPhoto;
}
