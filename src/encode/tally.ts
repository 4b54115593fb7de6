import { FaceError } from '../base/errors';
import { getOrMake } from '../base/maps';
import type { PhotoProblem } from '../base/photo-problem';
import { frameIn } from '../photos/video/frame-path';
import type { EncodeFacesOptions, EncodeSummary } from './encode';
import type { PhotoOutcome } from './encode-photo';
import type { WorkProgress } from './encode-photos';
import type { FileCount } from './file-count';

/** What came of photos, or of the frames of one video. */
class Count {
  total = 0;
  done = 0;
  faces = 0;
  failed = 0;
  known = 0;
  measured = 0;
  withoutFace = 0;

  add(outcome: PhotoOutcome): void {
    this.done++;
    if (outcome.known) this.known++;
    if (outcome.measured) this.measured++;
    if ('problem' in outcome) this.failed++;
    else {
      this.faces += outcome.entry.faces;
      if (outcome.entry.faces === 0) this.withoutFace++;
    }
  }
}

/** Counts photos, and frames of videos, as they are done, and tells the caller. */
export class EncodeTally {
  readonly #all = new Count();
  readonly #photos = new Count();
  /** By the paths of the videos. */
  readonly #videos = new Map<string, Count>();
  #videosDone = 0;
  #progress: WorkProgress = { work: 0, secondsLeft: undefined };

  /** @param photos all that are to be looked at */
  constructor(
    photos: readonly string[],
    private readonly options: EncodeFacesOptions,
  ) {
    for (const path of photos) {
      this.#all.total++;
      this.#fileOf(path).total++;
    }
  }

  add(photo: string, outcome: PhotoOutcome, progress: WorkProgress): void {
    this.#progress = progress;
    this.#all.add(outcome);
    const file = this.#fileOf(photo);
    file.add(outcome);
    if (file !== this.#photos && file.done === file.total) this.#videosDone++;
    if ('problem' in outcome) this.addProblem(outcome.problem);
    this.report(photo);
  }

  #fileOf(path: string): Count {
    const frame = frameIn(path);
    return frame ? getOrMake(this.#videos, frame.video, () => new Count()) : this.#photos;
  }

  /** @throws FaceError the problem's, if none is to be put up with */
  addProblem(problem: PhotoProblem): void {
    this.options.onProblem?.(problem);
    if (this.options.strict) throw new FaceError(problem.code, problem.reason, problem);
  }

  report(photo: string | undefined): void {
    const { done, total, faces, failed, known } = this.#all;
    const files = {
      done: { photos: this.#photos.done, videos: this.#videosDone },
      total: { photos: this.#photos.total, videos: this.#videos.size },
    };
    this.options.onProgress?.({ photo, done, total, faces, failed, known, files, ...this.#progress });
  }

  counts(): Pick<
    EncodeSummary,
    'photos' | 'faces' | 'photosWithoutFace' | 'photosFailed' | 'photosKnown' | 'photosMeasured' | 'files'
  > {
    const { total, faces, failed, known, measured, withoutFace } = this.#all;
    return {
      photos: total,
      faces,
      photosWithoutFace: withoutFace,
      photosFailed: failed,
      photosKnown: known,
      photosMeasured: measured,
      files: {
        known: this.#files(this.#photos.known, (video) => video.known === video.total),
        done: this.#files(this.#photos.done - this.#photos.known, (video) => video.known < video.total),
        withoutFace: this.#files(
          this.#photos.withoutFace,
          (video) => video.faces === 0 && video.withoutFace > 0,
        ),
        failed: this.#files(this.#photos.failed, (video) => video.failed > 0),
        measured: this.#files(
          this.#photos.measured,
          (video) => video.measured > 0 && video.measured + video.known === video.total,
        ),
      },
    };
  }

  #files(photos: number, isOne: (video: Count) => boolean): FileCount {
    return { photos, videos: [...this.#videos.values()].filter(isOne).length };
  }
}
