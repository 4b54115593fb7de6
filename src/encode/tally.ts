import { FaceError } from '../base/errors';
import type { PhotoProblem } from '../base/photo-problem';
import type { EncodeFacesOptions, EncodeSummary } from './encode';
import type { PhotoOutcome } from './encode-photo';
import type { WorkProgress } from './encode-photos';

/** Counts photos as they are done, and tells the caller. */
export class EncodeTally {
  readonly #count = { done: 0, faces: 0, failed: 0, known: 0 };
  #progress: WorkProgress = { work: 0, secondsLeft: undefined };
  #withoutFace = 0;
  #measured = 0;

  constructor(
    private readonly total: number,
    private readonly options: EncodeFacesOptions,
  ) {}

  add(photo: string, outcome: PhotoOutcome, progress: WorkProgress): void {
    this.#progress = progress;
    this.#count.done++;
    if (outcome.known) this.#count.known++;
    if (outcome.measured) this.#measured++;
    if ('problem' in outcome) {
      this.#count.failed++;
      this.addProblem(outcome.problem);
    } else {
      this.#count.faces += outcome.entry.faces;
      if (outcome.entry.faces === 0) this.#withoutFace++;
    }
    this.report(photo);
  }

  /** @throws FaceError the problem's, if none is to be put up with */
  addProblem(problem: PhotoProblem): void {
    this.options.onProblem?.(problem);
    if (this.options.strict) throw new FaceError(problem.code, problem.reason, problem);
  }

  report(photo: string | undefined): void {
    this.options.onProgress?.({ photo, total: this.total, ...this.#count, ...this.#progress });
  }

  counts(): Pick<
    EncodeSummary,
    'photos' | 'faces' | 'photosWithoutFace' | 'photosFailed' | 'photosKnown' | 'photosMeasured'
  > {
    const { faces, failed, known } = this.#count;
    return {
      photos: this.total,
      faces,
      photosWithoutFace: this.#withoutFace,
      photosFailed: failed,
      photosKnown: known,
      photosMeasured: this.#measured,
    };
  }
}
