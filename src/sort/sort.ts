import { rm } from 'node:fs/promises';
import { FaceError, throwIfAborted } from '../base/errors';
import type { PhotoProblem, PhotoWarning } from '../base/photo-problem';
import type { DetectionMethod } from '../base/types';
import {
  boolean,
  finiteNumber,
  integer,
  options as knownOptions,
  oneOf,
  oneOrMore,
  path,
  text,
} from '../base/validate';
import {
  checkVideo,
  type EncodeFacesOptions,
  type EncodeProgress,
  type EncodeSummary,
  encodeFaces,
  type VideoChoices,
} from '../encode/encode';
import type { JournalReport } from '../encode/journal/journal';
import type { EncodeForecast } from '../encode/time-left';
import type { ForgottenFaces } from '../people/forgotten-faces';
import type { LeaveOutOptions } from '../photos/left-out';
import { RAW_AND_JPEG } from '../photos/raw-and-jpeg';
import { PLACED, type Placed } from '../result/originals/place-photo';
import { isThere } from '../system/real-path';
import { ARRANGE_OPTIONS, type ArrangeOptions, type ArrangeSummary, arrange } from './arrange';
import { readForgotten } from './forgotten';
import { lookAtKnown, nameByKnownPeople, nobodyNamed, readKnown } from './known-names';
import { takeNamesFromPhotos } from './names-from-photos';
import { removeUnused, withPeople } from './open';
import { mustBeOutside, photoFolders } from './photo-folders';
import { FIRST_CHOICES, type SortChoices, writeSettings } from './settings';

/** What is left out ({@link LeaveOutOptions}) is as by the run before, too, unless it is given. */
export interface SortPhotosOptions extends ArrangeOptions, LeaveOutOptions {
  /**
   * Folders with photos, searched with all folders in them, or single photos, besides those of earlier runs. May be left out
   * if there are such.
   */
  readonly photos?: string | readonly string[];
  /** Folders of earlier runs that are not to be sorted any more: faces on photos there are no longer anybody's. */
  readonly forget?: string | readonly string[];
  /**
   * Folder with photos of people who are known: a folder for each, named after them, or a photo for each. Who has no name yet and looks
   * like one of them gets theirs, as a decision that can be undone. Not remembered for the next run, as the names are.
   */
  readonly known?: string;
  /**
   * Whether to take over the names that other programs have written into photos or sidecars beside them, as decisions that can be
   * undone. What was decided here stands. Default `false`; not remembered, as the names are.
   */
  readonly namesFromPhotos?: boolean;
  /** How faces are looked for. Default: as by the run before; the first time `cnn`. */
  readonly method?: DetectionMethod;
  /** See `EncodeFacesOptions`; 0: photos are not reduced. Default: as by the run before; the first time 1600. */
  readonly detectSize?: number;
  /**
   * Whether to look for faces in videos, too, see `EncodeFacesOptions`; a person's folder gets the videos that they are in. Default:
   * as by the run before; the first time `false`.
   */
  readonly video?: boolean | VideoChoices;
  /** See `LinkageOptions`. Default: as by the run before; the first time that of `linkage`. */
  readonly threshold?: number;
  /**
   * On how many different photos, or in how many videos, a group of faces is a person who gets a number and a folder. At least 1. Default: as by the
   * run before; the first time 3.
   */
  readonly minPhotos?: number;
  /** How photos get into the folders, see `FileMode`. Default: as by the run before; the first time `hardlink`. */
  readonly files?: Placed;
  /** Folder of the model files; default: see `findModelsFolder`. */
  readonly models?: string;
  /** See `EncodeFacesOptions`. */
  readonly engine?: NonNullable<EncodeFacesOptions['engine']>;
  /** Whether to look for faces on all photos anew. People and what was decided on them stay. Default `false`. */
  readonly fresh?: boolean;
  /**
   * Whether everybody on whom nothing was decided is forgotten and found anew, with new numbers: for another `threshold` or
   * `minPhotos`, which else count for new faces only. Default `false`.
   */
  readonly regroup?: boolean;
  /** Stops in good order while faces are looked for: see `EncodeFacesOptions.stop`. */
  readonly stop?: AbortSignal;
  /** See `EncodeFacesOptions`. */
  readonly onJournal?: (report: JournalReport) => void;
  /** See `EncodeFacesOptions`; other ways are measured if the rest takes more than ten minutes. */
  readonly onForecast?: (forecast: EncodeForecast) => void;
  /**
   * Asked the first time, if `method` is not given and it would be quicker with another detector: which to take. The work goes
   * on meanwhile; it begins anew with another one.
   */
  readonly choose?: (forecast: EncodeForecast) => Promise<DetectionMethod>;
}

export interface SortSummary extends ArrangeSummary {
  /** What came of looking for faces. */
  readonly encode: EncodeSummary;
  /** Photos that were used although something is wrong: those that are sorted, as in `encode`, then those of people in `known`. */
  readonly warnings: readonly PhotoWarning[];
  /** How strict it was, see `SortPhotosOptions`; `null`: as `linkage` is. */
  readonly threshold: number | null;
  /** Whether that is another `threshold` or `minPhotos` than by the run before and counts for new faces only: there was no `regroup`. */
  readonly forNewFacesOnly: boolean;
  /** Of `forget`, what is not among the folders that are sorted, nor holds one of them: nothing was forgotten there. */
  readonly notForgotten: readonly string[];
}

const OPTIONS: Readonly<Record<keyof SortPhotosOptions, true>> = {
  ...ARRANGE_OPTIONS,
  photos: true,
  forget: true,
  known: true,
  namesFromPhotos: true,
  method: true,
  detectSize: true,
  video: true,
  threshold: true,
  minPhotos: true,
  files: true,
  models: true,
  engine: true,
  fresh: true,
  regroup: true,
  includeHidden: true,
  exclude: true,
  rawAndJpeg: true,
  stop: true,
  onJournal: true,
  onForecast: true,
  choose: true,
};

/** If the rest takes so many seconds, it is found out how long it would take in another way. */
const WORTH_ASKING = 600;

/**
 * Sorts photos into people, a folder for each, who keep their numbers and names from one call to the next:
 * - looks for faces on what is new, see {@link encodeFaces}, mirror images included;
 * - takes over what was done to the folder since the last call: renamed folders, photos that were moved or deleted;
 * - groups the faces by `linkage`, beginning with the people that there are and with what was decided on them;
 * - names people by `known` and `namesFromPhotos`;
 * - brings the folder up to that: `Anna (135)`, `Person 02 (77)`, `Not sorted`, `Too unclear`, and a page, `index.html`. What is
 *   right there is not touched, nor are files that were not put there by this; no photo is deleted whose last copy it would be.
 *
 * All that it needs to know is in `<output>/.data`: the folder can be moved and backed up as a whole. No other program can work
 * on it meanwhile. Whenever it ends, nothing is lost, and the next call goes on.
 * @throws FaceError FACE_INVALID_ARGUMENT, also for options that do not exist; FACE_IO, also if `output` holds other things;
 *   FACE_LOCKED; FACE_PEOPLE_INVALID; FACE_RESULT_INVALID; FACE_ENCODINGS_OTHER_PHOTOS if photos of earlier calls are not where
 *   they were and nowhere else; what `encodeFaces` and `linkage` throw
 */
export async function sortPhotos(options: SortPhotosOptions): Promise<SortSummary> {
  const started = performance.now();
  knownOptions('options', options, OPTIONS);
  const given = options.photos === undefined ? [] : oneOrMore('photos', options.photos, path);
  const forget = options.forget === undefined ? [] : oneOrMore('forget', options.forget, path);
  boolean('fresh', options.fresh ?? false);
  const known = options.known === undefined ? undefined : path('known', options.known);
  const namesFromPhotos = boolean('namesFromPhotos', options.namesFromPhotos ?? false);
  const anew = boolean('regroup', options.regroup ?? false);
  const chosen = checkChoices(options);
  const wasThere = await isThere(path('output', options.output));
  const sorting = withPeople(options.output, 'sort', async ({ settings: before, ...opened }) => {
    const choices = { ...FIRST_CHOICES, ...before, ...chosen };
    await mustBeOutside(given, opened.folder.path);
    const { there, away, forgotten, notKnown } = await photoFolders(before?.photos ?? [], given, forget);
    if (there.length === 0) throw nothingToSort(away);
    // Only a run that knows all photos of before can tell whether these were moved.
    if (away.length > 0 && (forgotten || options.fresh)) throw photosAway(away);
    // Without that file nobody minds that faces go; what is known of each photo is in the journal.
    if (forgotten) await rm(opened.encodings, { force: true });
    const problems: PhotoProblem[] = [];
    const onProblem = (problem: PhotoProblem) => {
      problems.push(problem);
      options.onProblem?.(problem);
    };
    // Before hours of work: its path may have a typing mistake.
    const folder = known === undefined ? [] : await readKnown(known, there, options.signal, onProblem);
    const forgottenFaces = await readForgotten(opened.folder.data);
    const leftOut = opened.people.forgottenAmong(forgottenFaces);
    const { method, summary } = await encode(
      opened.encodings,
      there,
      choices,
      leftOut,
      before === undefined,
      options,
    ).catch((error: unknown) => {
      throw explained(error, away);
    });
    // Under other rules, and when people are found anew, everybody is compared with everybody; also by the next run, if this one
    // is stopped halfway.
    const other = before?.threshold !== choices.threshold || before.minPhotos !== choices.minPhotos;
    const compared = anew || other ? 0 : before.compared;
    const settings = { ...choices, method, photos: there, compared };
    await writeSettings(opened.folder.data, settings);
    const { examples, warnings } = await lookAtKnown(
      opened.folder.data,
      folder,
      knownOptionsOf(settings, options),
      onProblem,
    );
    const arranged = await arrange({ ...opened, settings }, options, {
      anew,
      afterwards: async (people, found, { signal, report }) => {
        // What people have written themselves comes first.
        const written = namesFromPhotos
          ? await takeNamesFromPhotos(people, found, {
              forgotten: forgottenFaces,
              signal,
              onProblem,
              onRead: (done, total) => report('names', done, total),
            })
          : [];
        const named = examples.length > 0 ? await nameByKnownPeople(people, found, examples) : [];
        const none = named.length === 0 ? nobodyNamed(people, folder, examples) : undefined;
        return [...written, ...named, ...(none ? [none] : [])];
      },
    });
    return {
      ...arranged,
      encode: summary,
      threshold: choices.threshold,
      forNewFacesOnly: other && !anew && before !== undefined,
      notForgotten: notKnown,
      problems: [...summary.problems, ...problems, ...arranged.problems],
      warnings: [...summary.warnings, ...warnings],
      seconds: (performance.now() - started) / 1000,
    };
  });
  return sorting.catch(async (error: unknown) => {
    await removeUnused(options.output, wasThere);
    throw error;
  });
}

function checkChoices(options: SortPhotosOptions): Partial<SortChoices> {
  const { method, detectSize, video, threshold, minPhotos, files, includeHidden, exclude, rawAndJpeg } =
    options;
  return {
    ...(method !== undefined && { method: oneOf('method', method, ['cnn', 'hog'] as const) }),
    // What it may be, the engine knows.
    ...(detectSize !== undefined && { detectSize: integer('detectSize', detectSize, 0) }),
    ...(video !== undefined && { video: checkVideo(video) }),
    ...(threshold !== undefined && { threshold: finiteNumber('threshold', threshold, 0) }),
    ...(minPhotos !== undefined && { minPhotos: integer('minPhotos', minPhotos, 1, 2 ** 31 - 1) }),
    ...(files !== undefined && { files: oneOf('files', files, PLACED) }),
    ...(includeHidden !== undefined && { includeHidden: boolean('includeHidden', includeHidden) }),
    ...(exclude !== undefined && { exclude: oneOrMore('exclude', exclude, text) }),
    ...(rawAndJpeg !== undefined && { rawAndJpeg: oneOf('rawAndJpeg', rawAndJpeg, RAW_AND_JPEG) }),
  };
}

/** @param first whether it may be asked which detector to take */
async function encode(
  encodings: string,
  photos: readonly string[],
  { method, detectSize, video = 0, includeHidden, exclude, rawAndJpeg }: SortChoices,
  forgotten: ForgottenFaces,
  first: boolean,
  options: SortPhotosOptions,
): Promise<{ readonly method: DetectionMethod; readonly summary: EncodeSummary }> {
  const { choose, onProgress, onForecast, onProblem, onJournal } = options;
  const another = new AbortController();
  let wanted = method;
  const mayAsk = choose !== undefined && first && options.method === undefined;
  const run = (by: DetectionMethod, stops: readonly (AbortSignal | undefined)[]) =>
    encodeFaces({
      dataset: photos,
      encodings,
      method: by,
      ...(detectSize > 0 && { detectSize }),
      mirror: true,
      ...(video > 0 && { video: { every: video } }),
      leaveOutFace: (photo, box) => forgotten.has({ photo, box }),
      includeHidden,
      exclude,
      ...(rawAndJpeg && { rawAndJpeg }),
      ...pick(options, ['jobs', 'maxMemory', 'maxPixels', 'models', 'engine', 'fresh', 'signal']),
      stop: AbortSignal.any(stops.filter((stop) => stop !== undefined)),
      alternativesFrom: WORTH_ASKING,
      ...(onJournal && { onJournal }),
      ...(onProblem && { onProblem }),
      onVideo: ({ done, total }) => onProgress?.({ phase: 'videos', done, total }),
      onProgress: (progress) =>
        onProgress?.({ phase: 'encode', done: progress.done, total: progress.total, encode: progress }),
      onForecast: (forecast) => {
        onForecast?.(forecast);
        if (!mayAsk || by !== method || !forecast.instead.some((way) => way.method !== method)) return;
        choose(forecast).then(
          (answer) => {
            if (answer === method) return;
            wanted = answer;
            another.abort();
          },
          () => {},
        );
      },
    });
  try {
    return { method, summary: await run(method, [options.stop, another.signal]) };
  } catch (error) {
    throwIfAborted(options.signal);
    throwIfAborted(options.stop);
    if (!another.signal.aborted) throw error;
    return { method: wanted, summary: await run(wanted, [options.stop]) };
  }
}

/** How to look at photos of known people: as at those that are sorted. */
function knownOptionsOf({ method, detectSize }: SortChoices, options: SortPhotosOptions) {
  const { onProgress } = options;
  return {
    method,
    ...(detectSize > 0 && { detectSize }),
    ...pick(options, ['jobs', 'maxMemory', 'maxPixels', 'models', 'engine', 'signal', 'stop']),
    onProgress: (progress: EncodeProgress) =>
      onProgress?.({ phase: 'known', done: progress.done, total: progress.total, encode: progress }),
  };
}

function pick<T, K extends keyof T>(from: T, keys: readonly K[]): Pick<T, K> {
  return Object.fromEntries(
    keys.filter((key) => from[key] !== undefined).map((key) => [key, from[key]]),
  ) as Pick<T, K>;
}

function nothingToSort(away: readonly string[]): FaceError {
  const remedy =
    away.length === 0
      ? 'Give the folder with your photos.'
      : 'Connect the disk, or give the folder that they are in now.';
  return new FaceError(
    'FACE_NO_IMAGES',
    away.length === 0
      ? 'There are no photos to sort.'
      : `The photos of before are not there any more: ${away.join(', ')}.`,
    { remedy },
  );
}

/** An error of `encodeFaces` in the words of those who know nothing of its files. */
function explained(error: unknown, away: readonly string[]): unknown {
  if (!(error instanceof FaceError && error.code === 'FACE_ENCODINGS_OTHER_PHOTOS')) return error;
  return photosAway(away, error);
}

function photosAway(away: readonly string[], cause?: FaceError): FaceError {
  const where = away.length > 0 ? ` (${away.join(', ')} is not there)` : '';
  const alone = cause ? '' : ', first without "fresh" and "forget"';
  const path = cause ? cause.path : away[0];
  const remedy =
    `Is a disk missing? Connect it and try again. If they were moved, give the folder that they are in now${alone}. If they are ` +
    'gone for good, say so with "forget" (on the command line: --forget) and the folder.';
  return new FaceError(
    'FACE_ENCODINGS_OTHER_PHOTOS',
    `Photos that were sorted before are not where they were${where}, and people would lose them. Nothing was changed.`,
    { remedy, ...(cause && { cause }), ...(path !== undefined && { path }) },
  );
}
