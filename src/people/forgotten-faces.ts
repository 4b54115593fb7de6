import type { FaceOnPhoto } from './decisions';
import { FaceIndex, faceKey, type KnownFace } from './faces';

/** Faces that are not to be known any more, told from those that are. */
export class ForgottenFaces {
  readonly #keys: ReadonlySet<string>;
  readonly #index: FaceIndex;
  readonly #kept: number;

  /** @param known faces that runs have found; those that are forgotten may be among them */
  constructor(forgotten: readonly FaceOnPhoto[], known: readonly KnownFace[]) {
    this.#keys = new Set(forgotten.map(faceKey));
    const kept = known.filter((face) => !this.isExactly(face));
    this.#kept = kept.length;
    this.#index = new FaceIndex([...kept, ...forgotten]);
  }

  /** Whether it is a forgotten face with just that box. */
  isExactly(face: FaceOnPhoto): boolean {
    return this.#keys.has(faceKey(face));
  }

  /** Whether it is a forgotten face, as another detector or resolution may see it, and none of those that are known. */
  has(face: FaceOnPhoto): boolean {
    const found = this.#index.find(face);
    return found !== undefined && found >= this.#kept;
  }
}
