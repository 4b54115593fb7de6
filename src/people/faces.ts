import { overlap } from '../base/box';
import type { PhotoId } from '../base/ids';
import { getOrMake } from '../base/maps';
import type { Box } from '../base/types';
import type { FaceOnPhoto, PersonId, StoredFace } from './decisions';

/** From this overlap on, two boxes on one photo are one face: another detector or resolution moves them a little. */
const SAME_FACE = 0.35;

/** A face as a run has found it. */
export interface FoundFace extends FaceOnPhoto {
  /**
   * Other photos that the same face was found on, to the last bit: those that differ in what they say of themselves only, such as
   * its photo before somebody has written names into it.
   */
  readonly was?: readonly PhotoId[] | undefined;
}

/** A face that some run has found; `was` are photos that decisions speak of, and that have become `photo`. */
export interface KnownFace extends FoundFace {
  /** The box that it was first found with, if that is another: decisions stay with their faces, however far these drift. */
  readonly first?: Box | undefined;
  /** Whom the grouping has taken it for, whatever was decided; `undefined`: nobody. */
  readonly person?: PersonId | undefined;
  /** For whom later groupings have taken it, one after the other, as it was decided not to be those before. */
  readonly instead?: readonly PersonId[] | undefined;
  /** Whether the last run did not find it: the photo is away, or another detector has not seen it. */
  readonly gone?: true | undefined;
}

export function storeFace({ photo, box }: FaceOnPhoto): StoredFace {
  return { photo, box: storeBox(box) };
}

export function restoreFace({ photo, box }: StoredFace): FaceOnPhoto {
  return { photo, box: restoreBox(box) };
}

export function storeBox({ top, right, bottom, left }: Box): StoredFace['box'] {
  return [top, right, bottom, left];
}

export function restoreBox([top, right, bottom, left]: StoredFace['box']): Box {
  return { top, right, bottom, left };
}

/** Whether it has what a file of decisions can hold. */
export function isFaceOnPhoto({ photo, box }: Partial<FaceOnPhoto>): boolean {
  return typeof photo === 'string' && /^[0-9a-f]{64}$/.test(photo) && isBox(box);
}

/** Whether there is something in it, from one whole pixel to another. */
export function isBox(box: Partial<Box> | undefined): boolean {
  const { top, right, bottom, left } = (box ?? {}) as Box;
  return [top, right, bottom, left].every(Number.isSafeInteger) && top < bottom && left < right;
}

/** The same for the same face, and in the same order on every machine. */
export function compareFaces(a: FaceOnPhoto, b: FaceOnPhoto): number {
  if (a.photo !== b.photo) return a.photo < b.photo ? -1 : 1;
  return (
    a.box.top - b.box.top ||
    a.box.left - b.box.left ||
    a.box.bottom - b.box.bottom ||
    a.box.right - b.box.right
  );
}

/** Finds faces by photo and box: the present ones, or those with which they were first found. */
export class FaceIndex {
  readonly #byPhoto = new Map<PhotoId, number[]>();

  constructor(private readonly faces: readonly KnownFace[]) {
    for (const [index, { photo, was = [] }] of faces.entries()) {
      for (const id of [photo, ...was]) getOrMake(this.#byPhoto, id, () => []).push(index);
    }
  }

  /** The face that overlaps most with this one; of equals the first. `undefined` if none does enough. */
  find({ photo, box, was = [] }: FoundFace): number | undefined {
    for (const id of [photo, ...was]) {
      let found: number | undefined;
      let most = 0;
      for (const index of this.#byPhoto.get(id) ?? []) {
        const { shared } = this.#shared(index, box);
        if (shared < SAME_FACE || shared <= most) continue;
        most = shared;
        found = index;
      }
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /**
   * Which of these faces are which of `others`: each at most one, those that overlap most first. What a photo was before counts
   * for those alone that are found in no other way.
   * @returns for each of `others`, the place of its face here
   */
  pairWith(others: readonly FoundFace[]): (number | undefined)[] {
    const found = new Array<number | undefined>(others.length).fill(undefined);
    const taken = new Set<number>();
    this.#pair(others, ({ photo }) => [photo], found, taken);
    if (others.some(({ was }) => was)) this.#pair(others, ({ was = [] }) => was, found, taken);
    return found;
  }

  #pair(
    others: readonly FoundFace[],
    photosOf: (face: FoundFace) => readonly PhotoId[],
    found: (number | undefined)[],
    taken: Set<number>,
  ): void {
    const pairs: {
      readonly own: number;
      readonly other: number;
      readonly shared: number;
      readonly now: number;
      readonly here: boolean;
    }[] = [];
    for (const [other, face] of others.entries()) {
      if (found[other] !== undefined) continue;
      for (const photo of photosOf(face)) {
        for (const own of this.#byPhoto.get(photo) ?? []) {
          const both = this.#shared(own, face.box);
          const here = this.faces[own]?.photo === photo;
          if (!taken.has(own) && both.shared >= SAME_FACE) pairs.push({ own, other, ...both, here });
        }
      }
    }
    pairs.sort(
      (a, b) =>
        b.shared - a.shared ||
        Number(b.here) - Number(a.here) ||
        b.now - a.now ||
        a.own - b.own ||
        a.other - b.other,
    );
    for (const { own, other } of pairs) {
      if (taken.has(own) || found[other] !== undefined) continue;
      taken.add(own);
      found[other] = own;
    }
  }

  /** How much of `box` a face covers, with the box that does better, and with the present one. */
  #shared(index: number, box: Box): { readonly shared: number; readonly now: number } {
    const face = this.faces[index] as KnownFace;
    const now = overlap(face.box, box);
    return { shared: face.first ? Math.max(now, overlap(face.first, box)) : now, now };
  }
}

/** The same for the same face on all copies of a photo, and for no other. */
export function faceKey({ photo, box: { top, right, bottom, left } }: FaceOnPhoto): string {
  return `${photo} ${top} ${right} ${bottom} ${left}`;
}
