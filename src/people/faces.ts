import { overlap } from '../base/box';
import { groupBy } from '../base/maps';
import type { Box } from '../base/types';
import type { FaceOnPhoto, PersonId, StoredFace } from './decisions';

/** From this overlap on, two boxes on one photo are one face: another detector or resolution moves them a little. */
const SAME_FACE = 0.35;

/** A face that some run has found. */
export interface KnownFace extends FaceOnPhoto {
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

/** Finds faces by photo and box: the present one, or that with which they were first found. */
export class FaceIndex {
  readonly #byPhoto: ReadonlyMap<string, readonly number[]>;

  constructor(private readonly faces: readonly KnownFace[]) {
    this.#byPhoto = groupBy(faces.keys(), (index) => (faces[index] as KnownFace).photo);
  }

  /** The face that overlaps most with this one; of equals the first. `undefined` if none does enough. */
  find({ photo, box }: FaceOnPhoto): number | undefined {
    let found: number | undefined;
    let most = 0;
    for (const index of this.#byPhoto.get(photo) ?? []) {
      const { shared } = this.#shared(index, box);
      if (shared < SAME_FACE || shared <= most) continue;
      most = shared;
      found = index;
    }
    return found;
  }

  /**
   * Which of these faces are which of `others`: each at most one, those that overlap most first.
   * @returns for each of `others`, the place of its face here
   */
  pairWith(others: readonly FaceOnPhoto[]): (number | undefined)[] {
    const pairs: {
      readonly own: number;
      readonly other: number;
      readonly shared: number;
      readonly now: number;
    }[] = [];
    for (const [other, { photo, box }] of others.entries()) {
      for (const own of this.#byPhoto.get(photo) ?? []) {
        const both = this.#shared(own, box);
        if (both.shared >= SAME_FACE) pairs.push({ own, other, ...both });
      }
    }
    pairs.sort((a, b) => b.shared - a.shared || b.now - a.now || a.own - b.own || a.other - b.other);
    const taken = new Set<number>();
    const found = new Array<number | undefined>(others.length).fill(undefined);
    for (const { own, other } of pairs) {
      if (taken.has(own) || found[other] !== undefined) continue;
      taken.add(own);
      found[other] = own;
    }
    return found;
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
