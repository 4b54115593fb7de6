/* What the viewer pages through: the faces of a list, each on its photo, or photos as a whole. */
import type { GalleryFace, GalleryPhoto } from '../src/result/export/gallery/page-types';
import { positionIn, type Route } from './addresses';
import { load } from './data';

export interface Shots {
  readonly length: number;
  /** The face whose photo is at a position; `undefined` where photos are shown as a whole. */
  face(position: number): GalleryFace | undefined;
  /** Number of the photo at a position, see `Pages.photos`. */
  photo(position: number): number;
  /** The position of what an address names, or -1. */
  find(route: Route): number | Promise<number>;
}

/** How many photos are looked at in one step for one that an address names. */
const AT_ONCE = 4000;

export function faceShots(faces: readonly GalleryFace[]): Shots {
  return {
    length: faces.length,
    face: (position) => faces[position],
    photo: (position) => (faces[position] as GalleryFace).onPhoto,
    find: ({ face }) => positionIn(faces, face),
  };
}

/** @param numbers of photos, see `Pages.photos`, in rising order */
export function photoShots(numbers: ArrayLike<number>): Shots {
  return {
    length: numbers.length,
    face: () => undefined,
    photo: (position) => numbers[position] as number,
    async find({ photo }) {
      if (photo === undefined) return -1;
      const [last = -1] = [numbers[numbers.length - 1]];
      for (let first = numbers[0] ?? 0; first <= last; first += AT_ONCE) {
        const photos = await load('photos', first, Math.min(first + AT_ONCE, last + 1));
        const number = first + photos.findIndex(({ id }) => id === photo);
        if (number >= first) return positionOf(numbers, number);
      }
      return -1;
    },
  };
}

/** The numbers from 0 to before `length`. */
export function allNumbers(length: number): ArrayLike<number> {
  return Int32Array.from({ length }, (_, number) => number);
}

function positionOf(numbers: ArrayLike<number>, number: number): number {
  return Array.prototype.indexOf.call(numbers, number);
}

/** What is behind the address of a view while a face, or a photo, is open. */
export function addressOf(shot: GalleryFace | GalleryPhoto): string {
  return 'index' in shot ? `face-${shot.id}` : `photo-${shot.id}`;
}
