import type { BigIntStats } from 'node:fs';
import { stat } from 'node:fs/promises';
import { type PhotoProblem, problemOf } from '../base/photo-problem';
import type { FaceRecord } from '../base/types';
import type { EncodedFace, FaceEngine } from '../engine/engine';
import { AnswerKnown, type OpenedImage, openBytes, PhotoSource } from '../photos/decode';
import { loadSharp } from '../photos/formats/load-sharp';
import { estimatedPixels, type ListedPhoto, largestFirst } from '../photos/largest-first';
import { readPhoto } from '../photos/read';
import { fsPath } from '../system/file-name';
import { forEachConcurrent, OneAtATime } from '../system/jobs';
import { sha256 } from '../system/sha256';
import { programVersion } from '../system/version';
import type { Journal, JournalEntry, PhotoIdentity, PhotoResult } from './journal/journal';
import { photoState } from './journal/photo-state';
import type { EncodeSettings } from './journal/settings';

/** Questions put to the file system at once: they cost nothing here, and a network drive answers them late. */
const STATS_AT_ONCE = 32;

/** What came of one photo. */
export type PhotoOutcome = {
  /** Whether it was there already, from an earlier run or from another photo with the same bytes. */
  readonly known: boolean;
} & (
  | { readonly content: string; readonly entry: JournalEntry }
  | { readonly content?: string; readonly problem: PhotoProblem }
);

export interface EncodePhotosOptions {
  readonly engine: Pick<FaceEngine, 'detectAndEncode'>;
  readonly journal: Journal;
  readonly settings: Pick<EncodeSettings, 'method' | 'upsample' | 'numJitters'>;
  readonly jobs: number;
  readonly maxPixels: number;
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
  const { signal, stop, jobs, onOutcome } = options;
  const outcomes = new Array<PhotoOutcome | undefined>(photos.length).fill(undefined);
  const settle = (index: number, outcome: PhotoOutcome, work: number) => {
    outcomes[index] = outcome;
    onOutcome(photos[index] as string, outcome, work);
  };

  const rest: ListedPhoto[] = [];
  await forEachConcurrent(photos, STATS_AT_ONCE, signal, async (path, index) => {
    if (stop?.aborted) return;
    const stats = await stat(fsPath(path), { bigint: true }).catch(() => undefined);
    const outcome = stats && unchanged(path, stats, options);
    if (outcome) settle(index, outcome, 0);
    else rest.push({ path, index, bytes: Number(stats?.size ?? 0) });
  });
  rest.sort((a, b) => a.index - b.index);
  // A pixel more for each, since opening them is work as well.
  const workOf = (photo: ListedPhoto) => 1 + estimatedPixels(photo);
  const whole = rest.reduce((sum, photo) => sum + workOf(photo), 0);
  let done = 0;

  const contents = new OneAtATime();
  // Twice as many as the engine works on: the others are decoded in the meantime. The engine has them wait for memory.
  await forEachConcurrent(largestFirst(rest), 2 * jobs, signal, async (photo, _, aborted) => {
    if (stop?.aborted) return;
    const outcome = await encodePhoto(photo, contents, aborted, options);
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
    const { faces } = await journal.read(outcome.entry);
    for (const { box, encoding } of faces) {
      yield { imagePath: photos[index] as string, loc: box, encoding };
    }
  }
}

/** What the journal has of a photo whose file has not changed since. */
function unchanged(
  photo: string,
  stats: BigIntStats,
  options: EncodePhotosOptions,
): PhotoOutcome | undefined {
  const content = options.journal.contentOf(photo, photoState(stats));
  return content === undefined ? undefined : knownOutcome(photo, content, options);
}

function knownOutcome(
  photo: string,
  content: string,
  { journal, maxPixels }: Pick<EncodePhotosOptions, 'journal' | 'maxPixels'>,
): PhotoOutcome | undefined {
  const entry = journal.entry(content);
  if (!entry || entry.width * entry.height > maxPixels) return undefined;
  if (!entry.problem) return { content, entry, known: true };
  const { code, reason, by } = entry.problem;
  // Another program may be able to read it; and the reason names the photo.
  if (entry.path !== photo || by !== thisReader()) return undefined;
  return { problem: { path: photo, code, reason }, content, known: true };
}

/** @param contents lets in one photo of each content; the others then find in the journal what came of it */
async function encodePhoto(
  { path, bytes: length }: ListedPhoto,
  contents: OneAtATime,
  signal: AbortSignal,
  options: EncodePhotosOptions,
): Promise<PhotoOutcome> {
  const { engine, journal, settings, maxPixels } = options;
  const read: { photo?: PhotoIdentity; image?: OpenedImage } = {};
  let leave = () => {};
  // The engine opens it, as soon as there is memory for the file.
  const file = new PhotoSource(
    async () => length,
    async () => {
      const { bytes, stats } = await readPhoto(path, signal);
      const content = sha256(bytes);
      read.photo = { path, content, state: stats && photoState(stats) };
      leave = await contents.enter(content);
      const known = knownOutcome(path, content, options);
      if (known) throw new AnswerKnown(known);
      read.image = await openBytes(bytes, `"${path}"`, maxPixels, signal);
      return read.image;
    },
  );
  try {
    const attempt = await engine.detectAndEncode(file, { ...settings, signal }).then(
      (faces) => resultOf(read.image as OpenedImage, faces),
      (error: unknown) =>
        error instanceof AnswerKnown ? (error as AnswerKnown<PhotoOutcome>) : problemOf(path, error),
    );
    const { photo } = read;
    if (!photo) return { problem: attempt as PhotoProblem, known: false };
    if (attempt instanceof AnswerKnown) {
      await journal.recognize(photo);
      return attempt.answer;
    }
    const { content } = photo;
    if (!('code' in attempt)) return { content, entry: await journal.add(photo, attempt), known: false };
    // Only what the file's content is known to be to blame for: another attempt would end the same way.
    if (attempt.code === 'FACE_IMAGE_DECODE') {
      const problem = { code: attempt.code, reason: attempt.reason, by: thisReader() };
      await journal.add(photo, { width: 0, height: 0, faces: [], problem });
    }
    return { problem: attempt, content, known: false };
  } finally {
    leave();
  }
}

function resultOf({ width, height, warning }: OpenedImage, faces: readonly EncodedFace[]): PhotoResult {
  return { width, height, faces, ...(warning !== undefined && { warning }) };
}

let reader: string | undefined;

/** The program that reads photos, with its versions: another one may read what this one can't. */
function thisReader(): string {
  if (reader === undefined) {
    const { versions } = loadSharp();
    reader = `face-cluster-native ${programVersion()}, sharp ${versions.sharp}, libvips ${versions.vips}`;
  }
  return reader;
}
