import { FaceError, throwIfAborted } from '../base/errors';
import { type PhotoProblem, type PhotoWarning, problemOf } from '../base/photo-problem';
import type { Box, DetectionMethod } from '../base/types';
import { options as knownOptions, oneOrMore, path } from '../base/validate';
import { checkDetectOptions, type DetectOptions, FaceEngine } from '../engine/engine';
import type { EncodedFace } from '../engine/faces';
import { facesOf, type PhotoFaces } from '../engine/faces-of';
import { processBudget } from '../engine/memory-budget';
import { PhotoPipeline } from '../engine/photo-pipeline';
import { DEFAULT_MAX_PIXELS } from '../photos/decode';
import { type FoundImages, findImages } from '../photos/find';
import { photoAt } from '../photos/given';
import type { LeaveOutOptions } from '../photos/left-out';
import { isDamage, RawInstead, type Shot, shotsWithRaw } from '../photos/raw-instead';
import { forEachConcurrent, resolveJobs } from '../system/jobs';
import { checkIdentifyOptions, type Identified, type IdentifyOptions, identify } from './identify';
import { readKnownFolder, withRawInstead } from './known-folder';
import { knownPeople } from './known-people';

/** What is left out ({@link LeaveOutOptions}) is so of `photos`. */
export interface RecognizePhotosOptions extends IdentifyOptions, LeaveOutOptions {
  /**
   * Folder with photos of people who are known: a folder for each, named after them, with one photo of them or several; or a photo for
   * each, named after them. A photo counts if there is one face on it, or one that is twice as wide as all others.
   */
  readonly known: string;
  /** Folders with photos, searched with all folders in them, or single photos. See `findImages`. */
  readonly photos: string | readonly string[];
  /** How faces are looked for. Default `hog`, as by `face_recognition`'s command. */
  readonly method?: DetectionMethod;
  /** See `DetectOptions`; 0: photos are not reduced. Default 1600. */
  readonly detectSize?: number;
  /** How many photos are worked on at once; -1, the default, for one on each core, or as many as `engine` takes. */
  readonly jobs?: number;
  /** How much memory to take, see `EngineOptions`. Not used with `engine`, which has its own. */
  readonly maxMemory?: number;
  /** Folder of the model files; default: see `findModelsFolder`. Not used with `engine`. */
  readonly models?: string;
  /** An engine to use instead of a new one; it is not disposed of. */
  readonly engine?: Pick<FaceEngine, 'detectAndEncode' | 'jobs'>;
  /** Stops the work at once. */
  readonly signal?: AbortSignal;
  /** Called for each photo that could be read, in the order of their names; for a raw one where the picture would have its turn. */
  readonly onPhoto: (photo: RecognizedPhoto) => void;
  readonly onProgress?: (progress: RecognizeProgress) => void;
  /** Called for each photo that could not be used, at once. The summary holds them all, too. */
  readonly onProblem?: (problem: PhotoProblem) => void;
}

/** A face on a photo, and who it is. */
export interface RecognizedFace extends Identified {
  /** In pixels of the upright photo. */
  readonly box: Box;
  /** The detector's, see `DetectedFace`. */
  readonly score: number;
}

export interface RecognizedPhoto {
  readonly path: string;
  /** Surest first; empty if none was found. */
  readonly faces: readonly RecognizedFace[];
}

export interface RecognizeProgress {
  /** What is being done, in this order: looking at photos of those who are known, and at the others. */
  readonly phase: 'known' | 'recognize';
  /** How many photos of this phase are done, of `total`. */
  readonly done: number;
  readonly total: number;
}

export interface RecognizeSummary {
  /** Who is known, and by how many photos. */
  readonly known: readonly { readonly name: string; readonly photos: number }[];
  /** Number of photos that were found. */
  readonly photos: number;
  /** Number of faces on them. */
  readonly faces: number;
  /** How many of these are somebody who is known. */
  readonly recognized: number;
  /** Photos that could not be used, those of people who are known first. */
  readonly problems: readonly PhotoProblem[];
  /**
   * Photos of which only a part could be decoded, and raw photos that were taken in the place of their JPEGs or HEICs, which are damaged;
   * those of people who are known first.
   */
  readonly warnings: readonly PhotoWarning[];
  /** How long it took. */
  readonly seconds: number;
}

const OPTIONS: Readonly<Record<keyof RecognizePhotosOptions, true>> = {
  known: true,
  photos: true,
  tolerance: true,
  margin: true,
  method: true,
  detectSize: true,
  jobs: true,
  maxMemory: true,
  models: true,
  engine: true,
  includeHidden: true,
  exclude: true,
  rawAndJpeg: true,
  signal: true,
  onPhoto: true,
  onProgress: true,
  onProblem: true,
};

/**
 * Tells who is on photos, by photos of people who are known: looks for faces on all of them, and gives each face on `photos` to
 * {@link identify}. Where no JPEG or HEIC of a shot can be decoded, a raw photo beside it is taken in its place, and a warning says so.
 * Nothing is written.
 *
 * ```ts
 * await recognizePhotos({
 *   known: 'known',
 *   photos: 'photos',
 *   onPhoto: ({ path, faces }) => console.log(path, faces.map(({ name }) => name ?? 'unknown')),
 * });
 * ```
 * @throws FaceError FACE_INVALID_ARGUMENT; FACE_IO if `known` or one of `photos` is not there or may not be read; FACE_NO_IMAGES if
 *   there are no photos, or nobody is known by them; FACE_MODEL_MISSING, FACE_MODEL_DAMAGED, FACE_NATIVE_LOAD, FACE_ABORTED
 */
export async function recognizePhotos(options: RecognizePhotosOptions): Promise<RecognizeSummary> {
  const started = performance.now();
  knownOptions('options', options, OPTIONS);
  const known = path('known', options.known);
  const photos = oneOrMore('photos', options.photos, path);
  const rule = checkIdentifyOptions(options);
  const { method = 'hog', detectSize = 1600, signal, onPhoto, onProgress } = options;
  const { includeHidden, exclude, rawAndJpeg, models, maxMemory } = options;
  const detect: DetectOptions = { method, ...(detectSize !== 0 && { detectSize }) };
  checkDetectOptions(detect);
  const jobs = resolveJobs(options.jobs ?? options.engine?.jobs ?? -1);
  throwIfAborted(signal);
  const problems: PhotoProblem[] = [];
  const report = (problem: PhotoProblem) => {
    problems.push(problem);
    options.onProblem?.(problem);
  };
  const warnings: PhotoWarning[] = [];
  const warn = (warning: PhotoWarning) => warnings.push(warning);
  const folder = await readKnownFolder(known, signal, report);
  const found = await findImages(photos, {
    ...(includeHidden !== undefined && { includeHidden }),
    ...(exclude !== undefined && { exclude }),
    ...(rawAndJpeg !== undefined && { rawAndJpeg }),
    ...(signal && { signal }),
  });
  for (const { path, error } of found.problems) report(problemOf(path, error));
  if (found.images.length === 0) {
    throw new FaceError('FACE_NO_IMAGES', `There are no photos in ${photos.join(', ')}.`);
  }
  const own = options.engine
    ? undefined
    : new FaceEngine({
        jobs,
        ...(models !== undefined && { models }),
        ...(maxMemory !== undefined && { maxMemory }),
      });
  const engine = options.engine ?? (own as FaceEngine);
  // A stand-in has none of its own.
  const pipeline =
    engine instanceof FaceEngine ? engine.pipeline : new PhotoPipeline(jobs, processBudget(undefined, jobs));
  try {
    const facesOn = (phase: RecognizeProgress['phase'], photos: PhotosAndRaw, use: UseFaces) =>
      lookAt(photos, { engine, pipeline, detect, jobs, signal }, { use, report, warn }, (done) =>
        onProgress?.({ phase, done, total: photos.images.length }),
      );
    const examples = new Map<string, FoundOnPhoto>();
    const theirs = {
      images: folder.flatMap((person) => person.photos),
      rawBesideJpeg: new Map(folder.flatMap((person) => [...person.rawBeside])),
    };
    await facesOn('known', theirs, (photo, faces) => examples.set(photo, faces));
    const used = withRawInstead(folder, warnings);
    const people = knownPeople(used, (photo) => examples.get(photo), report);
    if (people.length === 0) throw nobodyKnown(known, problems);
    let faces = 0;
    let recognized = 0;
    await facesOn('recognize', found, (path, onIt) => {
      const who = identify(
        onIt.map(({ encoding }) => encoding),
        people,
        rule,
      );
      faces += who.length;
      recognized += who.filter(({ name }) => name !== undefined).length;
      onPhoto({ path, faces: onIt.map(({ box, score }, i) => ({ box, score, ...(who[i] as Identified) })) });
    });
    return {
      known: people.map(({ name, encodings }) => ({ name, photos: encodings.length })),
      photos: found.images.length,
      faces,
      recognized,
      problems,
      warnings,
      seconds: (performance.now() - started) / 1000,
    };
  } finally {
    own?.dispose();
  }
}

type PhotosAndRaw = Pick<FoundImages, 'images' | 'rawBesideJpeg'>;
type FoundOnPhoto = readonly EncodedFace[];
type UseFaces = (photo: string, faces: FoundOnPhoto) => void;

/**
 * Finds the faces of photos, which are worked on in their order.
 * @param to.use is given those of each photo that could be read, in the same order
 * @param to.report is told of the others, as soon as it is known
 * @param to.warn is told of photos that are only partly there, in the same order, and of raw photos that are taken instead
 * @throws FaceError what concerns more than one photo; FACE_ABORTED; what `to.use` throws
 */
async function lookAt(
  { images, rawBesideJpeg }: PhotosAndRaw,
  {
    engine,
    pipeline,
    detect,
    jobs,
    signal,
  }: {
    readonly engine: Pick<FaceEngine, 'detectAndEncode'>;
    readonly pipeline: PhotoPipeline;
    readonly detect: DetectOptions;
    readonly jobs: number;
    readonly signal: AbortSignal | undefined;
  },
  to: {
    readonly use: UseFaces;
    readonly report: (problem: PhotoProblem) => void;
    readonly warn: (warning: PhotoWarning) => void;
  },
  onDone: (done: number) => void,
): Promise<void> {
  const shots = new Map(
    shotsWithRaw(rawBesideJpeg).flatMap((shot) => shot.pictures.map((picture) => [picture, shot] as const)),
  );
  // All pictures of a shot at the place of its first.
  const places = images.filter((photo) => (shots.get(photo)?.pictures[0] ?? photo) === photo);
  /** Of places that are done before one that comes first. */
  const waiting = new Map<number, readonly FoundFaces[]>();
  let next = 0;
  let done = 0;
  onDone(done);
  // Twice as many as are worked on: the others are decoded meanwhile.
  await forEachConcurrent(places, 2 * jobs, signal, async (photo, place, aborted) => {
    const look = (path: string) =>
      facesAt(path, pipeline, engine, { ...detect, signal: aborted }).then(
        ({ faces, warning }): FoundFaces => ({ path, faces, warning }),
        (error: unknown) => problemOf(path, error),
      );
    const { pictures, raw } = shots.get(photo) ?? { pictures: [photo] as const, raw: [] };
    const found = await lookAtShot({ pictures, raw }, look, to);
    waiting.set(place, found);
    for (let ready = waiting.get(next); ready; ready = waiting.get(++next)) {
      waiting.delete(next);
      for (const { path, faces, warning } of ready) {
        if (warning !== undefined) to.warn({ path, reason: `"${path}": ${warning}` });
        to.use(path, faces);
      }
    }
    done += pictures.length;
    onDone(done);
  });
}

/** As the engine does it of a path, and what is wrong with the photo although it can be used. */
async function facesAt(
  path: string,
  pipeline: PhotoPipeline,
  engine: Pick<FaceEngine, 'detectAndEncode'>,
  options: DetectOptions,
): Promise<PhotoFaces> {
  const photo = await pipeline.read(photoAt(path), options.signal);
  try {
    return await facesOf(await photo.open(DEFAULT_MAX_PIXELS, options.signal), engine, options);
  } finally {
    photo.release();
  }
}

interface FoundFaces {
  readonly path: string;
  readonly faces: FoundOnPhoto;
  readonly warning: string | undefined;
}

/** The faces on the pictures of a shot; where none of them can be decoded, those on a raw photo beside them. */
async function lookAtShot(
  shot: Shot,
  look: (path: string) => Promise<FoundFaces | PhotoProblem>,
  { report, warn }: Pick<Parameters<typeof lookAt>[2], 'report' | 'warn'>,
): Promise<FoundFaces[]> {
  const found: FoundFaces[] = [];
  const damaged = new Map<string, PhotoProblem>();
  for (const picture of shot.pictures) {
    const outcome = await look(picture);
    if ('faces' in outcome) found.push(outcome);
    else if (isDamage(outcome)) damaged.set(picture, outcome);
    else report(outcome);
  }
  const lost = RawInstead.of(shot, damaged);
  for (const [picture, problem] of damaged) if (picture !== lost?.picture) report(problem);
  if (!lost) return found;
  for (let raw = lost.raw; raw !== undefined; raw = lost.raw) {
    const outcome = await look(raw);
    if ('faces' in outcome) {
      warn(lost.warning);
      return [outcome];
    }
    lost.fail(outcome);
  }
  report(lost.problem);
  return found;
}

function nobodyKnown(known: string, problems: readonly PhotoProblem[]): FaceError {
  const first = problems[0] ? ` The first: ${problems[0].reason}` : '';
  return new FaceError(
    'FACE_NO_IMAGES',
    `There is no photo in "${known}" by which somebody is known.${first}`,
    {
      path: known,
      remedy:
        'Put photos with one face each in there, in a folder for each person, or named after who is on them.',
    },
  );
}
