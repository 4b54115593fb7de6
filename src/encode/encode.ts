import { abortError, FaceError, type FaceErrorCode, throwIfAborted } from '../base/errors';
import type { PhotoId } from '../base/ids';
import { type PhotoProblem, type PhotoWarning, problemOf } from '../base/photo-problem';
import type { Box, DetectionMethod } from '../base/types';
import {
  boolean,
  finiteNumber,
  integer,
  invalidArgument,
  options as knownOptions,
  oneOrMore,
  path,
} from '../base/validate';
import { writeEncodingsFile } from '../encodings/encodings';
import { checkDetectOptions, checkNumJitters, FaceEngine } from '../engine/engine';
import { processBudget } from '../engine/memory-budget';
import { PhotoPipeline } from '../engine/photo-pipeline';
import { DEFAULT_MAX_PIXELS } from '../photos/decode';
import { describeLeftOut } from '../photos/describe-left-out';
import { byPath, findImages } from '../photos/find';
import { IMAGE_EXTENSIONS, kindOf } from '../photos/formats/formats';
import type { LeaveOutOptions, LeftOut } from '../photos/left-out';
import { resolveJobs } from '../system/jobs';
import { checkWritable } from '../system/writable';
import { Looks, type PhotoCopies } from './copies';
import type { EncodePhotoOptions, PhotoOutcome, PhotoWork } from './encode-photo';
import { faceRecords } from './encode-photos';
import { encodeShots } from './encode-shots';
import type { FileCount } from './file-count';
import { Journal, type JournalReport } from './journal/journal';
import { type EncodeChoices, encodeSettings } from './journal/settings';
import { checkMoved, photosOfBefore } from './other-photos';
import { EncodeTally } from './tally';
import type { EncodeForecast } from './time-left';
import { type FoundFrames, findFrames, type VideoProgress } from './video-frames';

/** How videos are looked at. */
export interface VideoChoices {
  /** About how many seconds apart the frames are that are looked at. From 0.1 to 3600, default {@link VIDEO_EVERY}. */
  readonly every?: number;
}

/**
 * Every 3 seconds: people stay in view for longer, and a minute takes as long as 20 photos. Of a clip of a quarter of a minute,
 * as most are, five frames: one with closed eyes, or turned away, is not all there is.
 */
export const VIDEO_EVERY = 3;

/** @returns 0: no videos @throws FaceError FACE_INVALID_ARGUMENT @internal */
export function checkVideo(video: boolean | VideoChoices | undefined): number {
  if (typeof video === 'object' && video !== null) {
    const { every = VIDEO_EVERY } = knownOptions('video', video, { every: true });
    const seconds = finiteNumber('video.every', every, 0.1);
    if (seconds > 3600) throw invalidArgument('video.every', 'number from 0.1 to 3600', every);
    return seconds;
  }
  return boolean('video', video ?? false) ? VIDEO_EVERY : 0;
}

export interface EncodeFacesOptions extends LeaveOutOptions {
  /** Folder with the photos, searched with all folders in it, or one photo; or several of these. See `findImages`. */
  readonly dataset: string | readonly string[];
  /**
   * Path of the encodings file to write; its folder is made if need be. An existing file is replaced at the end, unless it
   * has photos that are elsewhere, see {@link encodeFaces}.
   */
  readonly encodings: string;
  /** Default `cnn`. */
  readonly method?: DetectionMethod;
  /** How many photos are worked on at once; -1, the default, for one on each core, or as many as `engine` takes. */
  readonly jobs?: number;
  /**
   * Whether to look for faces in videos, too: on frames, about one every so many seconds (`true` is {@link VIDEO_EVERY}), at the
   * beginnings of scenes first, and on none that shows what the one before did. Each is a photo like any other, called
   * `clip.mp4#t=12.5`. They are decoded by ffmpeg, which has to be installed; without it, videos are left out, and a problem
   * says so. Default `false`: videos are left out.
   */
  readonly video?: boolean | VideoChoices;
  /** How often each photo is doubled in size before looking for faces. From 0 to 8, default 1. */
  readonly upsample?: number;
  /**
   * To how many pixels the longer side of a photo is brought down before faces are looked for, see `DetectOptions`; what is found is
   * measured on the photo itself. At least 100; default: photos are not reduced.
   */
  readonly detectSize?: number;
  /** How often each face is encoded with small random changes and averaged. At least 1; default 1: once, unchanged. */
  readonly numJitters?: number;
  /**
   * Whether to encode each face as it looks in a mirror, too, see `MeasureOptions`, and keep that in the journal: groupings that
   * take both tell people apart better. The encodings file is the same with and without. Of photos that are known without, the
   * mirror images alone are encoded; those that are known stay in the journal. Default `false`.
   */
  readonly mirror?: boolean;
  /**
   * Whether a face is to be left out, as if it had not been found: asked before anything of it is written. Of photos that are known,
   * what the journal has is taken as it is. Default: none.
   * @param photo SHA-256 of the photo's file
   */
  readonly leaveOutFace?: (photo: PhotoId, box: Box) => boolean;
  /** Folder of the model files; default: see `findModelsFolder`. Not used with `engine`. */
  readonly models?: string;
  /**
   * How much memory to take, see `EngineOptions`; the faces found come on top, 1.3 KB each. Not used with `engine`,
   * which has its own.
   */
  readonly maxMemory?: number;
  /**
   * An engine to use instead of a new one; it is not disposed of. Without `measure`, faces are looked for again where `mirror`
   * asks for more than is known of them.
   */
  readonly engine?: Pick<FaceEngine, 'detectAndEncode' | 'jobs'> & Partial<Pick<FaceEngine, 'measure'>>;
  /** Photos with more pixels are refused before they are decoded. Default: 268 million, see `decodeImage`. */
  readonly maxPixels?: number;
  /**
   * Whether to start over: the journal's results are dropped, and so are photos that are in the encodings file only. Default
   * `false`: go on where the last run ended.
   */
  readonly fresh?: boolean;
  /** Whether the first photo or folder that can't be read ends the job, with its error. Default `false`. */
  readonly strict?: boolean;
  /** Stops the job at once. What is done is in the journal. */
  readonly signal?: AbortSignal;
  /**
   * Stops the job in good order: no photo is begun any more, those in hand are finished and kept in the journal. Then
   * the promise is rejected with FACE_ABORTED, as it is after `signal`. While the encodings file is being written it
   * has no effect.
   */
  readonly stop?: AbortSignal;
  /** Called once, before the first photo: what earlier runs have left. */
  readonly onJournal?: (report: JournalReport) => void;
  /** Called before the first photo, while frames of videos are chosen: once at the beginning, then after each video. */
  readonly onVideo?: (progress: VideoProgress) => void;
  /** Called once when the photos have been found, then after each photo, in the order in which they are done. */
  readonly onProgress?: (progress: EncodeProgress) => void;
  /**
   * From how many seconds on, for the photos that are left, it is found out how long these would take in quicker ways, see
   * `onForecast`. Default 3600.
   */
  readonly alternativesFrom?: number;
  /**
   * Called once, after the first photos, if the others take more than a minute: how long they will take. If that is at least
   * `alternativesFrom`, up to 8 of the photos that are done are looked at again in each of the quicker ways first, with nothing else going on; that
   * takes seconds.
   */
  readonly onForecast?: (forecast: EncodeForecast) => void;
  /** Called for each folder that could not be searched and each photo that could not be read, at once. The summary holds them all, too. */
  readonly onProblem?: (problem: PhotoProblem) => void;
  /** What finds the faces of photos that are not known, in place of this process alone. @internal */
  readonly work?: (options: EncodePhotoOptions) => PhotoWork;
}

const OPTIONS: Readonly<Record<keyof EncodeFacesOptions, true>> = {
  dataset: true,
  encodings: true,
  method: true,
  jobs: true,
  video: true,
  upsample: true,
  detectSize: true,
  numJitters: true,
  mirror: true,
  leaveOutFace: true,
  models: true,
  maxMemory: true,
  engine: true,
  maxPixels: true,
  fresh: true,
  strict: true,
  includeHidden: true,
  exclude: true,
  rawAndJpeg: true,
  signal: true,
  stop: true,
  alternativesFrom: true,
  onJournal: true,
  onVideo: true,
  onProgress: true,
  onForecast: true,
  onProblem: true,
  work: true,
};

export interface EncodeProgress {
  /** The photo that was just done; `undefined` in the first event. */
  readonly photo: string | undefined;
  /** Number of photos done, frames of videos included. */
  readonly done: number;
  /** Number of photos found, and frames of videos that were chosen. */
  readonly total: number;
  /** The same by files, as people count them: a video is done when all of its frames are. */
  readonly files: { readonly done: FileCount; readonly total: FileCount };
  /** Number of faces found so far. */
  readonly faces: number;
  /** Number of photos so far that could not be read. */
  readonly failed: number;
  /** Number of photos so far that needed no work, see `EncodeSummary.photosKnown`. */
  readonly known: number;
  /**
   * Share of the work that is done, from 0 to 1: of the pixels, judged by the sizes of the files, on photos that are worked
   * on.
   */
  readonly work: number;
  /**
   * How long the rest will take, by what photos of their size have taken; `undefined` while nothing can be said, and at the end.
   */
  readonly secondsLeft: number | undefined;
}

export interface EncodeSummary {
  /** Number of photos found, and frames of videos that were chosen. */
  readonly photos: number;
  /** Number of videos looked at, and how many of the photos are frames of these. */
  readonly videos: number;
  readonly frames: number;
  /** Number of faces found and written. */
  readonly faces: number;
  /** Number of photos that were read and show no face. */
  readonly photosWithoutFace: number;
  /** Number of photos that could not be read. */
  readonly photosFailed: number;
  /**
   * Number of photos that were not worked on because what comes of them was known: from an earlier run, or from another
   * photo with the same bytes.
   */
  readonly photosKnown: number;
  /** Number of photos whose faces were known and of which only what was missing was measured, see {@link EncodeFacesOptions.mirror}. */
  readonly photosMeasured: number;
  /** Such counts, in which frames are photos of their own, by files, as people count them. Videos without a frame are in `problems` alone. */
  readonly files: {
    /** That needed no work; of a video, none of its frames. */
    readonly known: FileCount;
    /** All others. */
    readonly done: FileCount;
    /** That were read and show no face; of a video, on no frame. */
    readonly withoutFace: FileCount;
    /** That could not be read; of a video, one frame at least. */
    readonly failed: FileCount;
    /** Of which only what was missing was measured; of a video, of all frames that needed work. */
    readonly measured: FileCount;
  };
  /** The folders that could not be searched, then the photos that could not be read, each in the order of their names. */
  readonly problems: readonly PhotoProblem[];
  /** Photos that were used although something is wrong, in the order of their names. */
  readonly warnings: readonly PhotoWarning[];
  /**
   * Photos that show the same picture in different sizes or formats, see `findPhotoCopies`. All of them were used as photos of their
   * own.
   */
  readonly copies: readonly PhotoCopies[];
  /** What was not looked at: what can't be read yet, what is hidden or excluded, and results of `cluster`. */
  readonly leftOut: LeftOut;
  /** How long it took. */
  readonly seconds: number;
  /** Path of the encodings file. */
  readonly encodings: string;
  /**
   * Number of photos in the encodings file of before that are no longer where they were, within what was given: their faces
   * are no longer in the file.
   */
  readonly photosGone: number;
  /** Path of the journal, see {@link encodeFaces}. */
  readonly journal: string;
}

/**
 * Finds and encodes all faces of all photos in one or more folders and writes them to an encodings file, which `clusterFaces`
 * and the Python project read. Photos are in the order of their names, the faces of each in the detector's order;
 * they are worked on largest first, after a few of all sizes, by which it is known how long the others take.
 *
 * A photo that can't be read is reported, and the job goes on; if it is the JPEG or HEIC of a raw photo that can't be decoded, the raw
 * one is taken in its place, and a warning says so. The file is written once, at the end: after an error
 * or an abort it is as it was before. Photos without any face give a file with an empty list; but if not one photo
 * could be read, that is an error, and the file stays as it was.
 *
 * Beside the file a journal (`<encodings>.journal`) keeps what came of each photo from the moment it is done. The next
 * call, after this one was killed or has ended well, takes from it what it has with the same settings and models, for
 * every photo with the same content wherever that is now; the file then is, byte for byte, what one call without an
 * interruption would have written. Photos that can't be decoded are remembered, too; those that could not be read for
 * other reasons are tried again. Both files are for the user alone.
 *
 * Photos that were removed from `dataset` drop out of the file, and those that were moved into it from elsewhere are known
 * again. But if the file names photos that are in none of the folders that were given, the call is refused before any work:
 * pointed to other folders by mistake, it would replace the faces of all photos by those of a few. `fresh` allows that.
 * @throws FaceError FACE_INVALID_ARGUMENT, FACE_NO_IMAGES, FACE_MODEL_MISSING, FACE_MODEL_DAMAGED,
 *   FACE_NATIVE_LOAD, FACE_IO, FACE_ABORTED; FACE_ENCODINGS_OTHER_PHOTOS if photos would be dropped from the file that is
 *   there, FACE_ENCODINGS_INVALID if that is no encodings file; FACE_LOCKED if another call is at work on the file, here or in another
 *   process; FACE_JOURNAL_INVALID if what is in the journal's place is not one that this version can read; with `strict`
 *   also that of the first problem
 */
export async function encodeFaces(options: EncodeFacesOptions): Promise<EncodeSummary> {
  const started = performance.now();
  const { inputs, encodings, settings, every, mirror, maxPixels, jobs, fresh, alternativesFrom } =
    checkEncodeOptions(options);
  const { signal, stop } = options;
  throwIfAborted(signal);
  throwIfAborted(stop);

  const own = options.engine
    ? undefined
    : new FaceEngine({
        jobs,
        ...(options.models !== undefined && { models: options.models }),
        ...(options.maxMemory !== undefined && { maxMemory: options.maxMemory }),
      });
  const engine = options.engine ?? (own as FaceEngine);
  let journal: Journal | undefined;
  try {
    const stopped = AbortSignal.any([signal, stop].filter((given) => given !== undefined));
    const found = await findImages(inputs, { ...options, video: every > 0, signal: stopped });
    const videos = every > 0 ? found.videos : [];
    if (found.images.length + videos.length === 0) throw noneFound(inputs, found.leftOut);
    await checkWritable(encodings);
    // A video is still there, also if none is to be looked at this time; a raw photo, if its JPEG is.
    const files = [...found.images, ...found.videos, ...found.rawBesideJpeg.keys()];
    const { elsewhere, gone } = await photosOfBefore(encodings, inputs, files, fresh, signal);
    journal = await Journal.open(encodings, encodeSettings(settings), fresh);
    if (!fresh) await checkMoved(elsewhere, files, encodings, journal, signal);
    options.onJournal?.(journal.report);

    const inVideos =
      videos.length > 0
        ? await findFrames(videos, {
            journal,
            every,
            jobs,
            signal: stopped,
            onProgress: (progress) => options.onVideo?.(progress),
          })
        : NO_FRAMES;
    const frames = [...inVideos.frames.values()].flat();
    const toEncode = [...found.images, ...videos]
      .sort(byPath)
      .flatMap(
        (path) =>
          inVideos.frames.get(path)?.map((frame) => frame.path) ?? (kindOf(path) === 'video' ? [] : path),
      );
    const tally = new EncodeTally(toEncode, options);
    const notSearched = found.problems.map(({ path, error }) => problemOf(path, error));
    for (const problem of [...notSearched, ...inVideos.problems]) tally.addProblem(problem);
    if (toEncode.length === 0) throw noneReadable(inputs, encodings, inVideos.problems);
    tally.report(undefined);
    const { photos, outcomes, instead, damaged } = await encodeShots(toEncode, found.rawBesideJpeg, {
      engine,
      // A stand-in has none of its own.
      pipeline:
        engine instanceof FaceEngine
          ? engine.pipeline
          : new PhotoPipeline(jobs, processBudget(undefined, jobs)),
      journal,
      frames: new Map(frames.map((frame) => [frame.path, frame])),
      settings,
      mirror,
      leaveOutFace: options.leaveOutFace,
      jobs,
      maxPixels,
      signal,
      stop,
      onOutcome: (photo, outcome, progress) => tally.add(photo, outcome, progress),
      alternativesFrom,
      onForecast: options.onForecast,
      work: options.work,
    });
    await journal.sync();
    if (stop?.aborted && outcomes.includes(undefined)) throw abortError(stop);

    const problems = outcomes.flatMap((outcome) =>
      outcome && 'problem' in outcome ? [outcome.problem] : [],
    );
    if (problems.length === photos.length) throw noneReadable(inputs, encodings, problems);
    await writeEncodingsFile(encodings, faceRecords(photos, outcomes, journal), signal);
    await journal.tidy(
      new Set([...inVideos.videos, ...damaged, ...outcomes.flatMap((outcome) => outcome?.content ?? [])]),
    );
    return {
      ...tally.counts(),
      videos: inVideos.frames.size,
      frames: frames.length,
      problems: [...notSearched, ...inVideos.problems, ...problems],
      warnings: [...warningsOf(photos, outcomes), ...instead].sort((a, b) => byPath(a.path, b.path)),
      copies: await copiesAmong(photos, outcomes, signal),
      leftOut: { ...found.leftOut, rawBesideJpeg: found.leftOut.rawBesideJpeg - instead.length },
      photosGone: gone,
      seconds: (performance.now() - started) / 1000,
      encodings,
      journal: journal.report.path,
    };
  } finally {
    await journal?.close();
    own?.dispose();
  }
}

const NO_FRAMES: FoundFrames = { frames: new Map(), videos: new Set(), problems: [] };

/**
 * The options of {@link encodeFaces} as they are used, before any work.
 * @throws FaceError FACE_INVALID_ARGUMENT
 * @internal
 */
export function checkEncodeOptions(options: EncodeFacesOptions) {
  knownOptions('options', options, OPTIONS);
  return {
    inputs: oneOrMore('dataset', options.dataset, path),
    encodings: path('encodings', options.encodings),
    settings: checkChoices(options),
    every: checkVideo(options.video),
    mirror: boolean('mirror', options.mirror ?? false),
    maxPixels: integer('maxPixels', options.maxPixels ?? DEFAULT_MAX_PIXELS, 1),
    jobs: resolveJobs(options.jobs ?? options.engine?.jobs ?? -1),
    fresh: boolean('fresh', options.fresh ?? false),
    alternativesFrom: finiteNumber('alternativesFrom', options.alternativesFrom ?? 3600, 0),
  };
}

function checkChoices(options: EncodeFacesOptions): EncodeChoices {
  const { method, upsample, detectSize } = checkDetectOptions(options);
  const numJitters = checkNumJitters(options);
  return { method, upsample, numJitters, ...(detectSize > 0 && { detectSize }) };
}

function copiesAmong(
  photos: readonly string[],
  outcomes: readonly (PhotoOutcome | undefined)[],
  signal: AbortSignal | undefined,
): Promise<PhotoCopies[]> {
  const looks = new Looks();
  for (const [index, outcome] of outcomes.entries()) {
    if (outcome && 'entry' in outcome) looks.add(photos[index] as string, outcome.content, outcome.entry);
  }
  return looks.copies(signal);
}

function warningsOf(
  photos: readonly string[],
  outcomes: readonly (PhotoOutcome | undefined)[],
): PhotoWarning[] {
  return outcomes.flatMap((outcome, index) => {
    if (!outcome || 'problem' in outcome || outcome.entry.warning === undefined) return [];
    const path = photos[index] as string;
    return [{ path, reason: `"${path}": ${outcome.entry.warning}` }];
  });
}

function noneFound(inputs: readonly string[], leftOut: LeftOut): FaceError {
  const left = describeLeftOut(leftOut);
  return new FaceError(
    'FACE_NO_IMAGES',
    `No photos were found in ${inWords(inputs)}. They are told by their names, which end in ${IMAGE_EXTENSIONS.join(', ')}.` +
      (left.length > 0 ? ` Left out were: ${left.join('; ')}.` : ''),
  );
}

const MACHINE_TROUBLE = new Set<FaceErrorCode>(['FACE_IMAGE_DECODER', 'FACE_OUT_OF_MEMORY']);

function noneReadable(
  inputs: readonly string[],
  encodings: string,
  problems: readonly PhotoProblem[],
): FaceError {
  const first = problems[0] as PhotoProblem;
  // Where the machine has too little of something, there is nothing wrong with the folder.
  const alike = problems.every(({ code }) => code === first.code);
  return new FaceError(
    alike && MACHINE_TROUBLE.has(first.code) ? first.code : 'FACE_NO_IMAGES',
    problems.length === 1
      ? `The one photo in ${inWords(inputs)} could not be read, so ${encodings} was not written. ${first.reason}`
      : `None of the ${problems.length} photos in ${inWords(inputs)} could be read, so ${encodings} was not written. ` +
          `The first: ${first.reason}`,
  );
}

function inWords(inputs: readonly string[]): string {
  return inputs.length > 3 ? `${inputs[0]} and ${inputs.length - 1} others` : inputs.join(', ');
}
