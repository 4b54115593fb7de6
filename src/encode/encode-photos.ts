import { stat } from 'node:fs/promises';
import type { FaceRecord } from '../base/types';
import { estimatedPixels, type ListedPhoto, largestFirst, orderOfWork } from '../photos/largest-first';
import { fileOfPath } from '../photos/video/frame-path';
import { fsPath } from '../system/file-name';
import { forEachConcurrent } from '../system/jobs';
import { measureAlternatives } from './alternatives';
import { type EncodePhotoOptions, PhotoEncoder, type PhotoOutcome, type PhotoWork } from './encode-photo';
import { Forecast } from './forecast';
import type { JournalEntry } from './journal/contents';
import type { Journal } from './journal/journal';
import { photoState } from './journal/photo-state';
import type { EncodeAlternative, EncodeForecast } from './time-left';
import type { FoundFrame } from './video-frames';

/** Questions put to the file system at once: they cost nothing here, and a network drive answers them late. */
const STATS_AT_ONCE = 32;

/** How many photos of the sample are done, and how many seconds have passed, before anything is said of the rest. */
const TOLD_AFTER = 8;
const TOLD_AFTER_SECONDS = 5;
/** Nobody needs to be told of the rest that takes less. In seconds. */
const WORTH_TELLING = 60;

export interface EncodePhotosOptions extends Omit<EncodePhotoOptions, 'store'> {
  readonly journal: Journal;
  readonly jobs: number;
  /** Of the photos, those that are frames of videos, by their paths. */
  readonly frames: ReadonlyMap<string, FoundFrame>;
  /** Stops at once. */
  readonly signal: AbortSignal | undefined;
  /** No photo is begun any more. */
  readonly stop: AbortSignal | undefined;
  /** @param progress see `EncodeProgress` */
  readonly onOutcome: (photo: string, outcome: PhotoOutcome, progress: WorkProgress) => void;
  /** See `EncodeFacesOptions`. */
  readonly alternativesFrom: number;
  readonly onForecast: ((forecast: EncodeForecast) => void) | undefined;
  /** What finds the faces of photos that are not known, in place of this process alone. */
  readonly work: ((options: EncodePhotoOptions) => PhotoWork) | undefined;
}

/** See `EncodeProgress`. */
export interface WorkProgress {
  readonly work: number;
  readonly secondsLeft: number | undefined;
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
  const { journal, frames, signal, stop, jobs, onOutcome, alternativesFrom, onForecast } = options;
  const encoder = new PhotoEncoder({ ...options, store: journal });
  const work: PhotoWork = options.work?.({ ...options, store: journal }) ?? encoder;
  const outcomes = new Array<PhotoOutcome | undefined>(photos.length).fill(undefined);
  const settle = (index: number, outcome: PhotoOutcome, progress: WorkProgress) => {
    outcomes[index] = outcome;
    onOutcome(photos[index] as string, outcome, progress);
  };

  const rest: ListedPhoto[] = [];
  await forEachConcurrent(photos, STATS_AT_ONCE, signal, async (path, index) => {
    if (stop?.aborted) return;
    const frame = frames.get(path);
    const stats = await stat(fsPath(fileOfPath(path)), { bigint: true }).catch(() => undefined);
    const state = stats && photoState(stats);
    // One whose file has not changed since is not even read.
    const content = frame?.content ?? journal.contentOf(path, state);
    const outcome = content === undefined ? undefined : encoder.known(path, content);
    if (outcome) {
      if (frame) await journal.recognize({ path, content: frame.content, state });
      settle(index, outcome, { work: 0, secondsLeft: undefined });
    } else rest.push({ path, index, bytes: frame?.bytes ?? Number(stats?.size ?? 0) });
  });
  rest.sort((a, b) => a.index - b.index);
  const bySize = largestFirst(rest);
  const { ahead, sample, order } = orderOfWork(bySize, jobs);
  const forecast = new Forecast(bySize, ahead + sample.length, options.settings, jobs);
  // A pixel more for each, since opening them is work as well.
  const workOf = (photo: ListedPhoto) => 1 + estimatedPixels(photo);
  const whole = rest.reduce((sum, photo) => sum + workOf(photo), 0);
  let done = 0;
  let workDone = 0;
  // Where others work, too, what each photo takes is not known here; there may be thousands in hand.
  const isShared = options.work !== undefined;
  const started = performance.now();
  const steadily = () =>
    done < rest.length ? ((performance.now() - started) / 1000) * (whole / workDone - 1) : undefined;
  const onDone = (photo: ListedPhoto, outcome: PhotoOutcome) => {
    const size = 'problem' in outcome ? undefined : outcome.entry.width * outcome.entry.height;
    if (!isShared) forecast.end(photo, size);
    done++;
    workDone += workOf(photo);
    const secondsLeft = isShared ? steadily() : forecast.secondsLeft;
    settle(photo.index, outcome, { work: Math.min(1, workDone / whole), secondsLeft });
  };

  const tell = (secondsLeft: number, instead: readonly EncodeAlternative[]) => {
    const left = rest.filter(({ index }) => outcomes[index] === undefined);
    const framesLeft = left.filter(({ path }) => frames.has(path)).length;
    onForecast?.({ photosLeft: left.length, framesLeft, secondsLeft, instead });
  };
  let told = onForecast === undefined || isShared;
  const queue = order.values();
  /** The photos, until there is something to find out with nothing else going on. */
  function* next(): Generator<ListedPhoto> {
    while (!stop?.aborted) {
      const { secondsLeft } = forecast;
      if (
        !told &&
        done >= ahead + TOLD_AFTER &&
        forecast.elapsed >= TOLD_AFTER_SECONDS &&
        secondsLeft !== undefined
      ) {
        if (secondsLeft >= alternativesFrom) return;
        told = true;
        if (secondsLeft >= WORTH_TELLING) tell(secondsLeft, []);
      }
      const photo = queue.next();
      if (photo.done) return;
      if (!isShared) forecast.begin(photo.value);
      yield photo.value;
    }
  }
  const encodeNext = () =>
    work.encodeAll(next(), { jobs, signal, stop }, onDone, (photo, stage) => forecast.reach(photo, stage));
  await encodeNext();
  const { secondsLeft } = forecast;
  if (!told && secondsLeft !== undefined && !stop?.aborted) {
    // The photos that were under way have made it another estimate.
    const long = secondsLeft >= alternativesFrom;
    const some = sample.slice(0, TOLD_AFTER).filter(({ photo }) => outcomes[photo.index]);
    const instead = long ? await measureAlternatives(some, forecast, options) : [];
    if (!stop?.aborted && secondsLeft >= WORTH_TELLING) tell(secondsLeft, instead);
    told = true;
    await encodeNext();
  }
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
