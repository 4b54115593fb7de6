import { FaceError } from '../base/errors';
import type { PhotoProblem } from '../base/photo-problem';
import type { EncodeFacesOptions, EncodeSummary } from './encode';
import type { PhotoOutcome } from './encode-photo';

/** Counts photos as they are done, and tells the caller. */
export class EncodeTally {
  readonly #total: number;
  readonly #options: EncodeFacesOptions;
  readonly #count = { done: 0, faces: 0, failed: 0, known: 0, measured: 0, withoutFace: 0 };
  #work = 0;

  constructor(total: number, options: EncodeFacesOptions) {
    this.#total = total;
    this.#options = options;
  }

  add(photo: string, outcome: PhotoOutcome, work: number): void {
    this.#work = work;
    this.#count.done++;
    if (outcome.known) this.#count.known++;
    if (outcome.measured) this.#count.measured++;
    if ('problem' in outcome) {
      this.#count.failed++;
      this.addProblem(outcome.problem);
    } else {
      this.#count.faces += outcome.entry.faces;
      if (outcome.entry.faces === 0) this.#count.withoutFace++;
    }
    this.report(photo);
  }

  /** @throws FaceError the problem's, if none is to be put up with */
  addProblem(problem: PhotoProblem): void {
    this.#options.onProblem?.(problem);
    if (this.#options.strict) throw new FaceError(problem.code, problem.reason, problem);
  }

  report(photo: string | undefined): void {
    const { done, faces, failed, known } = this.#count;
    const work = this.#work;
    this.#options.onProgress?.({ photo, total: this.#total, done, faces, failed, known, work });
  }

  counts(): Pick<
    EncodeSummary,
    'photos' | 'faces' | 'photosWithoutFace' | 'photosFailed' | 'photosKnown' | 'photosMeasured'
  > {
    const { faces, failed, known, measured, withoutFace } = this.#count;
    return {
      photos: this.#total,
      faces,
      photosWithoutFace: withoutFace,
      photosFailed: failed,
      photosKnown: known,
      photosMeasured: measured,
    };
  }
}
