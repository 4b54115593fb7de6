import { dbscan } from './dbscan';
import { FaceError, throwIfAborted } from './errors';
import { readEncodings } from './io/encodings';
import { resolveJobs } from './jobs';
import { buildResult, checkOutput } from './output/folder';
import { copyPhotos, drawMontages, type PersonFaces } from './output/people';
import { PhotoSet } from './output/photo-set';
import type { PhotoProblem } from './problem';
import type { FaceRecord } from './types';
import { finiteNumber, integer, path } from './validate';

export interface ClusterFacesOptions {
  /** Path of the encodings file, made by `encodeFaces` or by the Python project. */
  readonly encodings: string;
  /**
   * Folder to put the result into: a new or empty one, or one with an earlier result, which is replaced as a whole
   * unless its files have been changed since.
   */
  readonly output: string;
  /**
   * Folder to look for the photos in, before the place that the encodings file names. Leading folders that all paths
   * in the file have in common may be missing, so the folder that the photos are in now will do.
   */
  readonly photos?: string;
  /** Largest distance between the encodings of two faces that count as alike, inclusive. Default 0.5. */
  readonly eps?: number;
  /** How many faces, itself included, must be alike for a face to be at the heart of a person. Default 5. */
  readonly minSamples?: number;
  /** How many things to do at once; -1, the default, for one on each core. The result does not depend on it. */
  readonly jobs?: number;
  /**
   * Chooses the faces of the montages; the same seed draws the same faces. From 0 to 2^32 - 1, default 0.
   * Cluster `label` draws with SplitMix64, started at `seed * 2^32 + label + 1`.
   */
  readonly seed?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: ClusterProgress) => void;
  /** Called for each photo that could not be used, at once. The summary holds them all, too. */
  readonly onProblem?: (problem: PhotoProblem) => void;
}

export interface ClusterProgress {
  /** What is being done, in this order: reading the encodings, looking for the photos, clustering, writing folders and montages. */
  readonly phase: 'read' | 'locate' | 'cluster' | 'copy' | 'montage';
  /** How much of this phase is done, in units of `total`. */
  readonly done: number;
  /** 1 for `read` and `cluster`, else a number of photos, copies or montages; 0 if there is nothing to do. */
  readonly total: number;
}

/** One person: the faces of one cluster. */
export interface Person {
  /** Number of the cluster, from 0. The person's photos are in `<output>/label<label>`. */
  readonly label: number;
  readonly faces: number;
  /** Number of different photos that the faces are on. */
  readonly photos: number;
}

export interface ClusterSummary {
  /** Number of faces in the encodings file. */
  readonly faces: number;
  /** Number of different photos that they are on. */
  readonly photos: number;
  /** In the order of their labels. */
  readonly people: readonly Person[];
  /** Number of faces that belong to no cluster: label -1. */
  readonly unclustered: number;
  /** The cluster of each face, in the order of the encodings file; -1 for none. */
  readonly labels: Int32Array;
  /** Photos that could not be used, in the order of the encodings file; their faces count all the same. */
  readonly problems: readonly PhotoProblem[];
  /** How long it took. */
  readonly seconds: number;
  /** Folder of the result. */
  readonly output: string;
}

/**
 * Groups the faces of an encodings file into people by DBSCAN and writes
 * - `<output>/label<N>/`: every photo that person N is on, its name, bytes and times kept, once even if the person is
 *   on it twice; where two photos have one name, the later becomes `name (2).jpg`. `label-1` holds the photos of faces
 *   that are alike to too few others.
 * - `<output>/montage/Face ID #<N>.jpg` and `Unknown Faces.jpg`: up to 25 of the person's faces, drawn by `seed`.
 *
 * A photo that is no longer there is reported, and the job goes on; but if not one of them is there, that is an
 * error. `output` is filled as a whole at the end: after an error or an abort it is as it was before.
 * @throws FaceError FACE_INVALID_ARGUMENT; FACE_IO, also if `output` holds files that are not an earlier result;
 *   FACE_PICKLE_UNSAFE, FACE_PICKLE_INVALID, FACE_ENCODINGS_INVALID; FACE_IMAGE_NOT_FOUND; FACE_NATIVE_LOAD;
 *   FACE_ABORTED
 */
export async function clusterFaces(options: ClusterFacesOptions): Promise<ClusterSummary> {
  const started = performance.now();
  const encodings = path('encodings', options?.encodings);
  const output = path('output', options.output);
  const folder = options.photos === undefined ? undefined : path('photos', options.photos);
  const eps = finiteNumber('eps', options.eps ?? 0.5, 0);
  const minSamples = integer('minSamples', options.minSamples ?? 5, 1, 2 ** 31 - 1);
  const seed = integer('seed', options.seed ?? 0, 0, 2 ** 32 - 1);
  const jobs = resolveJobs(options.jobs ?? -1);
  const { signal } = options;
  const abortable = signal ? { signal } : {};
  const report = (phase: ClusterProgress['phase'], done: number, total: number) =>
    options.onProgress?.({ phase, done, total });
  throwIfAborted(signal);
  await checkOutput(output);

  report('read', 0, 1);
  const records = await readEncodings(encodings, abortable);
  report('read', 1, 1);

  const photos = new PhotoSet(records, (problem) => options.onProblem?.(problem));
  await photos.locate(folder, signal, (done) => report('locate', done, photos.paths.length));
  if (photos.allFailed) throw noneThere(encodings, folder, photos);

  report('cluster', 0, 1);
  const { labels } = await dbscan(
    records.map((record) => record.encoding),
    {
      eps,
      minSamples,
      threads: jobs,
      ...abortable,
      onProgress: (fraction) => report('cluster', fraction, 1),
    },
  );
  const clusters = group(labels, records);

  await buildResult(output, async (result) => {
    await copyPhotos(result, clusters, photos, signal, (done, total) => report('copy', done, total));
    await drawMontages(result, clusters, photos, { seed, jobs, signal }, (done, total) =>
      report('montage', done, total),
    );
  });

  const people = clusters.filter(({ label }) => label >= 0).map(describe);
  return {
    faces: records.length,
    photos: photos.paths.length,
    people,
    unclustered: records.length - people.reduce((sum, { faces }) => sum + faces, 0),
    labels,
    problems: photos.problems(),
    seconds: (performance.now() - started) / 1000,
    output,
  };
}

/** The clusters in the order of their labels, -1 first if there is such a face; empty ones don't exist. */
function group(labels: Int32Array, records: readonly FaceRecord[]): PersonFaces[] {
  const clusters = new Map<number, FaceRecord[]>();
  labels.forEach((label, index) => {
    const faces = clusters.get(label);
    if (faces) faces.push(records[index] as FaceRecord);
    else clusters.set(label, [records[index] as FaceRecord]);
  });
  return [...clusters].sort(([a], [b]) => a - b).map(([label, faces]) => ({ label, faces }));
}

function describe({ label, faces }: PersonFaces): Person {
  return { label, faces: faces.length, photos: new Set(faces.map(({ imagePath }) => imagePath)).size };
}

function noneThere(encodings: string, folder: string | undefined, photos: PhotoSet): FaceError {
  const looked = folder === undefined ? 'from the working directory' : `in ${folder}`;
  return new FaceError(
    'FACE_IMAGE_NOT_FOUND',
    `None of the ${photos.paths.length} photos named in ${encodings} was found ${looked}. ` +
      'Say with "photos" (on the command line: --photos) which folder they are in. ' +
      `The first: ${photos.problems()[0]?.reason}`,
  );
}
