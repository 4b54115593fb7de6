import { overlap } from '../base/box';
import { groupBy } from '../base/maps';
import type { Box } from '../base/types';
import type { FaceOnPhoto, PersonId, StoredFace } from './decisions';

/** From this overlap on, two boxes on one photo are one face: another detector or resolution moves them a little. */
const SAME_FACE = 0.35;

/** A face that some run has found. */
export interface KnownFace extends FaceOnPhoto {
  /** Whom the grouping has taken it for, whatever was decided; `undefined`: nobody. */
  readonly person?: PersonId | undefined;
  /** Whether the last run did not find it: the photo is away, or another detector has not seen it. */
  readonly gone?: true | undefined;
}

export function storeFace({ photo, box }: FaceOnPhoto): StoredFace {
  return { photo, box: [box.top, box.right, box.bottom, box.left] };
}

export function restoreFace({ photo, box: [top, right, bottom, left] }: StoredFace): FaceOnPhoto {
  return { photo, box: { top, right, bottom, left } };
}

/** Whether it has what a file of decisions can hold. */
export function isFaceOnPhoto({ photo, box }: Partial<FaceOnPhoto>): boolean {
  const { top, right, bottom, left } = (box ?? {}) as Box;
  return (
    /^[0-9a-f]{64}$/.test(photo ?? '') &&
    [top, right, bottom, left].every(Number.isSafeInteger) &&
    top < bottom &&
    left < right
  );
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

/** Finds faces by photo and box. */
export class FaceIndex {
  readonly #byPhoto: ReadonlyMap<string, readonly number[]>;

  constructor(private readonly faces: readonly FaceOnPhoto[]) {
    this.#byPhoto = groupBy(faces.keys(), (index) => (faces[index] as FaceOnPhoto).photo);
  }

  /** The face that overlaps most with this one; of equals the first. `undefined` if none does enough. */
  find({ photo, box }: FaceOnPhoto): number | undefined {
    let found: number | undefined;
    let most = 0;
    for (const index of this.#byPhoto.get(photo) ?? []) {
      const shared = overlap((this.faces[index] as FaceOnPhoto).box, box);
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
    const pairs: { readonly own: number; readonly other: number; readonly shared: number }[] = [];
    for (const [other, { photo, box }] of others.entries()) {
      for (const own of this.#byPhoto.get(photo) ?? []) {
        const shared = overlap((this.faces[own] as FaceOnPhoto).box, box);
        if (shared >= SAME_FACE) pairs.push({ own, other, shared });
      }
    }
    pairs.sort((a, b) => b.shared - a.shared || a.own - b.own || a.other - b.other);
    const taken = new Set<number>();
    const found = new Array<number | undefined>(others.length).fill(undefined);
    for (const { own, other } of pairs) {
      if (taken.has(own) || found[other] !== undefined) continue;
      taken.add(own);
      found[other] = own;
    }
    return found;
  }
}
