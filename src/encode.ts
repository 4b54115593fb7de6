import { type DetectOptions, type EncodedFace, type EncodeFaceOptions, FaceEngine } from './engine';
import { FaceError, throwIfAborted } from './errors';
import { openImage } from './images/decode';
import { findImages, IMAGE_EXTENSIONS } from './images/find';
import { largestFirst } from './images/largest-first';
import { writeEncodings } from './io/encodings';
import { forEachConcurrent, resolveJobs } from './jobs';
import { checkWritable } from './output/write';
import { type PhotoProblem, problemOf } from './problem';
import type { DetectionMethod, FaceRecord } from './types';
import { integer, oneOf, path } from './validate';

type Engine = Pick<FaceEngine, 'detectAndEncode' | 'jobs'>;

export interface EncodeFacesOptions {
  /** Folder with the photos, searched with all folders in it. */
  readonly dataset: string;
  /** Path of the encodings file to write; its folder is made if need be. An existing file is replaced at the end. */
  readonly encodings: string;
  /** Default `cnn`. */
  readonly method?: DetectionMethod;
  /** How many photos are worked on at once; -1, the default, for one on each core, or as many as `engine` takes. */
  readonly jobs?: number;
  /** How often each photo is doubled in size before looking for faces. From 0 to 8, default 1. */
  readonly upsample?: number;
  /** How often each face is encoded with small random changes and averaged. At least 1; default 1: once, unchanged. */
  readonly numJitters?: number;
  /** Folder of the model files; default: see `findModelsFolder`. Not used with `engine`. */
  readonly models?: string;
  /**
   * How much memory to take, see `EngineOptions`; the faces found come on top, 1.3 KB each. Not used with `engine`,
   * which has its own.
   */
  readonly maxMemory?: number;
  /** An engine to use instead of a new one; it is not disposed of. */
  readonly engine?: Engine;
  readonly signal?: AbortSignal;
  /** Called once when the photos have been found, then after each photo, in the order in which they are done. */
  readonly onProgress?: (progress: EncodeProgress) => void;
  /** Called for each folder that could not be searched and each photo that could not be read, at once. The summary holds them all, too. */
  readonly onProblem?: (problem: PhotoProblem) => void;
}

export interface EncodeProgress {
  /** The photo that was just done; `undefined` in the first event. */
  readonly photo: string | undefined;
  /** Number of photos done. */
  readonly done: number;
  /** Number of photos found. */
  readonly total: number;
  /** Number of faces found so far. */
  readonly faces: number;
  /** Number of photos so far that could not be read. */
  readonly failed: number;
}

/** A photo that was used although something is wrong with it: what is left of a file that is cut off, say. */
export interface PhotoWarning {
  readonly path: string;
  /** What is wrong, for people: one sentence that names the photo. */
  readonly reason: string;
}

export interface EncodeSummary {
  /** Number of photos found. */
  readonly photos: number;
  /** Number of faces found and written. */
  readonly faces: number;
  /** Number of photos that were read and show no face. */
  readonly photosWithoutFace: number;
  /** Number of photos that could not be read. */
  readonly photosFailed: number;
  /** The folders that could not be searched, then the photos that could not be read, each in the order of their names. */
  readonly problems: readonly PhotoProblem[];
  /** Photos that were used although something is wrong with them, in the order of their names. */
  readonly warnings: readonly PhotoWarning[];
  /** How long it took. */
  readonly seconds: number;
  /** Path of the encodings file. */
  readonly encodings: string;
}

/**
 * Finds and encodes all faces of all photos in a folder and writes them to an encodings file, which `clusterFaces`
 * and the Python project read. Photos are in the order of their names, the faces of each in the detector's order;
 * they are worked on largest first, see `largestFirst`.
 *
 * A photo that can't be read is reported, and the job goes on. The file is written once, at the end: after an error
 * or an abort it is as it was before. Photos without any face give a file with an empty list; but if not one photo
 * could be read, that is an error, and the file stays as it was.
 * @throws FaceError FACE_INVALID_ARGUMENT, FACE_NO_IMAGES, FACE_MODEL_MISSING, FACE_MODEL_DAMAGED,
 *   FACE_NATIVE_LOAD, FACE_IO, FACE_ABORTED
 */
export async function encodeFaces(options: EncodeFacesOptions): Promise<EncodeSummary> {
  const started = performance.now();
  const dataset = path('dataset', options?.dataset);
  const encodings = path('encodings', options.encodings);
  const settings = {
    method: oneOf('method', options.method ?? 'cnn', ['hog', 'cnn']),
    upsample: integer('upsample', options.upsample ?? 1, 0, 8),
    numJitters: integer('numJitters', options.numJitters ?? 1, 1, 100_000),
  };
  const jobs = resolveJobs(options.jobs ?? options.engine?.jobs ?? -1);
  const { signal } = options;
  throwIfAborted(signal);

  const own = options.engine
    ? undefined
    : new FaceEngine({
        jobs,
        ...(options.models !== undefined && { models: options.models }),
        ...(options.maxMemory !== undefined && { maxMemory: options.maxMemory }),
      });
  const engine = options.engine ?? (own as FaceEngine);
  try {
    const found = await findImages(dataset, signal ? { signal } : {});
    const photos = found.images;
    if (photos.length === 0) throw noneFound(dataset);
    await checkWritable(encodings);

    const notSearched = found.problems.map(({ path, error }) => problemOf(path, error));
    for (const problem of notSearched) options.onProblem?.(problem);

    const { facesOf, failed, warnings } = await encodePhotos(photos, engine, jobs, settings, options);
    if (failed.length === photos.length) throw noneReadable(dataset, encodings, failed);
    const records = facesOf.flatMap((faces, index) =>
      faces.map(
        ({ box, encoding }): FaceRecord => ({ imagePath: photos[index] as string, loc: box, encoding }),
      ),
    );
    await writeEncodings(encodings, records, { signal });
    const photosWithFace = facesOf.filter((faces) => faces.length > 0).length;
    return {
      photos: photos.length,
      faces: records.length,
      photosWithoutFace: photos.length - photosWithFace - failed.length,
      photosFailed: failed.length,
      problems: [...notSearched, ...failed],
      warnings,
      seconds: (performance.now() - started) / 1000,
      encodings,
    };
  } finally {
    own?.dispose();
  }
}

interface EncodedPhotos {
  /** The faces of each photo; none where it failed. */
  readonly facesOf: readonly (readonly EncodedFace[])[];
  readonly failed: readonly PhotoProblem[];
  readonly warnings: readonly PhotoWarning[];
}

async function encodePhotos(
  photos: readonly string[],
  engine: Engine,
  jobs: number,
  settings: Pick<DetectOptions & EncodeFaceOptions, 'method' | 'upsample' | 'numJitters'>,
  { signal, onProgress, onProblem }: EncodeFacesOptions,
): Promise<EncodedPhotos> {
  const facesOf = new Array<readonly EncodedFace[]>(photos.length).fill([]);
  const failed = new Array<PhotoProblem | undefined>(photos.length).fill(undefined);
  const warnings = new Array<PhotoWarning | undefined>(photos.length).fill(undefined);
  const count = { done: 0, faces: 0, failed: 0 };
  const report = (photo: string | undefined) => onProgress?.({ photo, total: photos.length, ...count });
  report(undefined);
  // Twice as many as the engine works on: the others are decoded in the meantime. The engine has them wait for memory.
  await forEachConcurrent(await largestFirst(photos, signal), 2 * jobs, signal, async (listed, _, stop) => {
    const { path: photo, index } = listed;
    try {
      const image = await openImage(photo, { signal: stop });
      const faces = await engine.detectAndEncode(image, { ...settings, signal: stop });
      facesOf[index] = faces;
      count.faces += faces.length;
      if (image.warning !== undefined)
        warnings[index] = { path: photo, reason: `"${photo}": ${image.warning}` };
    } catch (error) {
      const problem = problemOf(photo, error);
      failed[index] = problem;
      count.failed++;
      onProblem?.(problem);
    }
    count.done++;
    report(photo);
  });
  const given = <T>(value: T | undefined): value is T => value !== undefined;
  return { facesOf, failed: failed.filter(given), warnings: warnings.filter(given) };
}

function noneFound(dataset: string): FaceError {
  return new FaceError(
    'FACE_NO_IMAGES',
    `No photos were found in ${dataset}: there is no file in it whose name ends in ${IMAGE_EXTENSIONS.join(', ')}.`,
  );
}

function noneReadable(dataset: string, encodings: string, problems: readonly PhotoProblem[]): FaceError {
  const first = problems[0] as PhotoProblem;
  return new FaceError(
    'FACE_NO_IMAGES',
    `None of the ${problems.length} photos in ${dataset} could be read, so ${encodings} was not written. ` +
      `The first: ${first.reason}`,
  );
}
