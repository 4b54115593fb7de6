import { stat } from 'node:fs/promises';
import type { FaceRecord } from '../base/types';
import { estimatedPixels, type ListedPhoto, largestFirst } from '../photos/largest-first';
import { fsPath } from '../system/file-name';
import { forEachConcurrent } from '../system/jobs';
import { type EncodePhotoOptions, PhotoEncoder, type PhotoOutcome } from './encode-photo';
import type { JournalEntry } from './journal/contents';
import type { Journal } from './journal/journal';
import { photoState } from './journal/photo-state';

/** Questions put to the file system at once: they cost nothing here, and a network drive answers them late. */
const STATS_AT_ONCE = 32;

export interface EncodePhotosOptions extends Omit<EncodePhotoOptions, 'store'> {
  readonly journal: Journal;
  readonly jobs: number;
  /** Stops at once. */
  readonly signal: AbortSignal | undefined;
  /** No photo is begun any more. */
  readonly stop: AbortSignal | undefined;
  /** @param work share of the work that is done, see `EncodeProgress.work` */
  readonly onOutcome: (photo: string, outcome: PhotoOutcome, work: number) => void;
}

/**
 * Finds the faces of photos, or what the journal has of them; each result is in the journal before it is told.
 * @returns the outcome of each photo, in their order; a hole for each that was not begun because of `stop`
 * @throws FaceError what concerns more than one photo; FACE_IO if the journal can't be written; FACE_ABORTED
 */
export async function encodePhotos(
  photos: readonly string[],
  options: EncodePhotosOptions,
): Promise<(PhotoOutcome | undefined)[]> {
  const { journal, signal, stop, jobs, onOutcome } = options;
  const encoder = new PhotoEncoder({ ...options, store: journal });
  const outcomes = new Array<PhotoOutcome | undefined>(photos.length).fill(undefined);
  const settle = (index: number, outcome: PhotoOutcome, work: number) => {
    outcomes[index] = outcome;
    onOutcome(photos[index] as string, outcome, work);
  };

  const rest: ListedPhoto[] = [];
  await forEachConcurrent(photos, STATS_AT_ONCE, signal, async (path, index) => {
    if (stop?.aborted) return;
    const stats = await stat(fsPath(path), { bigint: true }).catch(() => undefined);
    // One whose file has not changed since is not even read.
    const content = stats && journal.contentOf(path, photoState(stats));
    const outcome = content === undefined ? undefined : encoder.known(path, content);
    if (outcome) settle(index, outcome, 0);
    else rest.push({ path, index, bytes: Number(stats?.size ?? 0) });
  });
  rest.sort((a, b) => a.index - b.index);
  // A pixel more for each, since opening them is work as well.
  const workOf = (photo: ListedPhoto) => 1 + estimatedPixels(photo);
  const whole = rest.reduce((sum, photo) => sum + workOf(photo), 0);
  let done = 0;
  await encoder.encodeAll(largestFirst(rest), { jobs, signal, stop }, (photo, outcome) => {
    done += workOf(photo);
    settle(photo.index, outcome, Math.min(1, done / whole));
  });
  return outcomes;
}

/** The faces of all photos in the order of the photos, read back from the journal. */
export async function* faceRecords(
  photos: readonly string[],
  outcomes: readonly (PhotoOutcome | undefined)[],
  journal: Journal,
): AsyncGenerator<FaceRecord> {
  for (const [index, outcome] of outcomes.entries()) {
    if (!outcome || 'problem' in outcome || outcome.entry.faces === 0) continue;
    const { faces } = await journal.read(journal.entry(outcome.content) as JournalEntry);
    for (const { box, encoding } of faces) {
      yield { imagePath: photos[index] as string, loc: box, encoding };
    }
  }
}
