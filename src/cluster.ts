import { join } from 'node:path';
import { FaceError, throwIfAborted } from './base/errors';
import type { PhotoProblem } from './base/photo-problem';
import {
  boolean,
  finiteNumber,
  integer,
  invalidArgument,
  options as knownOptions,
  oneOf,
  path,
} from './base/validate';
import { findLargeCluster, type LargeCluster } from './clustering/advice';
import {
  CLUSTERING_METHODS,
  type Clusterer,
  type ClusteringParameters,
  clusterSome,
  dbscanClusterer,
  linkageClusterer,
} from './clustering/clusterer';
import { clustersOf } from './clustering/clusters';
import { facesToCluster } from './clustering/faces-to-cluster';
import type { KnownPeople } from './clustering/known-people';
import { findSeveral, type Several } from './clustering/several';
import { readJournalFaces } from './encode/journal/faces';
import { readEncodings } from './encodings/encodings';
import type { PeopleChanges } from './people/match';
import { peopleOfRun, peoplePath } from './people/people-of-run';
import { DEFAULT_MAX_PIXELS } from './photos/decode';
import { loadSharp } from './photos/formats/load-sharp';
import type { ClustersData } from './result/export/clusters-data';
import { checkLayout } from './result/montage/layout';
import { MONTAGE_ORDERS, type MontageOrder } from './result/montage/result-montages';
import { GALLERY_PAGE } from './result/names-in-result';
import type { PlacedCounts } from './result/originals/label-folders';
import { checkPhotoFolder, PhotoSet } from './result/originals/photo-set';
import { FILE_MODES, type FileMode } from './result/originals/place-photo';
import { buildResult, checkOutput } from './result/publish/folder';
import type { KeptPhoto } from './result/publish/last-copies';
import { RESULT_LAYOUTS, type ResultLayout, writeResult } from './result/result';
import { resolveJobs } from './system/jobs';
import { checkMaxMemory, memoryForPhotos } from './system/machine-memory';

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
   * in the file have in common may be missing, so the folder that the photos are in now will do. It must be there.
   */
  readonly photos?: string;
  /**
   * How faces are grouped: `dbscan`, the default, as the Python project does; or `linkage`, which keeps people apart better,
   * see `linkage`.
   */
  readonly method?: ClusteringParameters['method'];
  /** With `dbscan`: largest distance between the encodings of two faces that count as alike, inclusive. Default 0.5. */
  readonly eps?: number;
  /** With `linkage`: how far apart two groups of faces may be to be one person; `LinkageOptions` has the default. */
  readonly threshold?: number;
  /**
   * Whether faces that are too unclear to tell who they are (blurs, parts of faces, what hardly is one) are taken like all others
   * by `linkage`. If not, the default, they make nobody, and are added only to people whom they are surely like. Which are is
   * measured by `encodeFaces`. With `dbscan` they are taken in any case.
   */
  readonly keepUnclear?: boolean;
  /**
   * With `dbscan`: how many faces, itself included, must be alike for a face to be at the heart of a person. With
   * `linkage`: how many faces make a person; those of smaller groups are unsorted. Default 5.
   */
  readonly minSamples?: number;
  /**
   * How many threads compare faces; when faces are cut out, twice as many photos are worked on at once. -1, the default, is
   * the number of cores. The result does not depend on it.
   */
  readonly jobs?: number;
  /**
   * What people and their folders are called: by `labels`, the default, as in the Python project; or by `names`, which makes them
   * people who last: they are found again by each run, keep their numbers, and are called `Anna (135)` or, without a name,
   * `Person 02 (77)`. Who is who, names and other decisions are in `<encodings>.people.jsonl`, see `People`. Those who are hidden
   * are left out, and so is what is no face. `linkage` begins with them, and keeps apart who is to be; `dbscan` finds them again in
   * its groups.
   */
  readonly folders?: FolderNaming;
  /** How the photos get into the people's folders. Default `hardlink`: links where there can be, else copies. */
  readonly files?: FileMode;
  /**
   * What the people's folders hold: `photos`, the default, or `faces`, cut out of the photos as JPEGs of quality 95
   * without halved colour resolution, named `<photo> face <index>.jpg`. `files` has no effect on these.
   */
  readonly layout?: ResultLayout;
  /** Whether to make `index.html` and the small pictures that it shows. Default true. */
  readonly gallery?: boolean;
  /** Whether to write `clusters.csv`, too, one line for each face. Default false. */
  readonly csv?: boolean;
  readonly montage?: ClusterMontageOptions;
  /**
   * Chooses the faces of the montages; the same seed draws the same faces. From 0 to 2^32 - 1, default 0.
   * A person draws with SplitMix64, started at `seed * 2^32 + i + 1`, where `i` is the place of the person's first face in
   * the encodings file.
   */
  readonly seed?: number;
  /** Photos with more pixels are not drawn; they are put into the folders all the same. Default: 268 million. */
  readonly maxPixels?: number;
  /**
   * How much memory the whole process may take for photos and for comparing faces, in bytes, see `EngineOptions`; the faces
   * themselves come on top, 1.3 KB each, with mirror images 2.5 KB. The result does not depend on it, but with `linkage` where
   * it is very little: see `ClusterSummary.nearestOnly`.
   */
  readonly maxMemory?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: ClusterProgress) => void;
  /** Called for each photo that could not be used, at once. The summary holds them all, too. */
  readonly onProblem?: (problem: PhotoProblem) => void;
}

export const FOLDER_NAMINGS = ['labels', 'names'] as const;

/** What people and their folders are called, see {@link ClusterFacesOptions.folders}. */
export type FolderNaming = (typeof FOLDER_NAMINGS)[number];

/** What the overview pictures look like. */
export interface ClusterMontageOptions {
  /** Faces side by side, and one below the other. Default 5 each. */
  readonly columns?: number;
  readonly rows?: number;
  /** Width and height of a face in pixels. From 1 to 4096, default 96. */
  readonly tile?: number;
  /** Which faces come first. Default `random`. */
  readonly order?: MontageOrder;
  /** Whether to draw all faces, on as many pictures as it takes, instead of as many as fit onto one. Default false. */
  readonly all?: boolean;
}

export interface ClusterProgress {
  /**
   * What is being done, in this order: looking at what is in the folder for the result, reading the encodings, looking for
   * the photos, telling photos from each other (with {@link ClusterFacesOptions.folders} `names` only), clustering, looking for
   * people who look like several and trying what would keep them apart where many faces are in one cluster, filling the folders
   * with photos, cutting the faces out of the photos, drawing the montages, writing the rest and putting the result into
   * its place.
   */
  readonly phase:
    | 'check'
    | 'read'
    | 'locate'
    | 'identify'
    | 'cluster'
    | 'advice'
    | 'files'
    | 'faces'
    | 'montage'
    | 'finish';
  /** How much of this phase is done, in units of `total`. */
  readonly done: number;
  /** 1 for `check`, `read`, `identify`, `cluster`, `advice` and `finish`, else a number of photos, files, photos or people; 0 if there are none. */
  readonly total: number;
  /** How many photos could not be used so far. */
  readonly failed: number;
  /** How many faces were cut out so far; in the phase `faces` only. */
  readonly faces?: number;
}

/** One person: the faces of one cluster. */
export interface Person {
  /** Number of the cluster, from 0; of people who last, that of the person, from 1. */
  readonly label: number;
  /** What somebody has named the person; `null` without a name. */
  readonly name: string | null;
  /** Where in `output` the person's photos, or faces, are; `null` if there is no such folder. */
  readonly folder: string | null;
  readonly faces: number;
  /** Number of different photos that the faces are on. */
  readonly photos: number;
  /** The same without copies: photos with the same bytes count once. */
  readonly distinctPhotos: number;
  /** Whether copies of the same photos alone made this a person: without them there are fewer faces than `minSamples`. */
  readonly onlyCopies: boolean;
  /** Mean distance of the faces to the person's centre. */
  readonly spread: number;
  /** What makes this look like several people; `null` if nothing does. */
  readonly several: Several | null;
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
  /** How many of these are too unclear to tell who they are, as far as that was measured: see `FaceData.unclear`. */
  readonly unclear: number;
  /** The cluster of each face, or its person, of those who are hidden, too; in the order of the encodings file; -1 for none. */
  readonly labels: Int32Array;
  /** What has changed since the last run with people who last; `null` where they don't. */
  readonly changes: PeopleChanges | null;
  /** How many files are in the people's folders, by how they got there; not counted are faces. */
  readonly files: PlacedCounts;
  /**
   * Photos of the earlier result in `output` that are nowhere else, as far as is known: their originals are gone or were
   * changed. They are in its folder `kept-originals-not-found` now, from where they may be moved or deleted; the next
   * result keeps what is left there.
   */
  readonly kept: readonly KeptPhoto[];
  /** Path of the page to look at the people with, `index.html`; `undefined` without a gallery. */
  readonly gallery: string | undefined;
  /** Of how many faces the encodings of their mirror images are known; `linkage` takes them if it is all. */
  readonly mirrored: number;
  /**
   * With `linkage`, if there was not enough memory to compare all faces that are somewhat alike: of how many of the nearest
   * each face was. Else 0.
   */
  readonly nearestOnly: number;
  /**
   * With `dbscan`, unless people last, whom no other parameter parts: a cluster with more than a third of all faces (if these are
   * 10 at least), and what to try if several people are in it.
   */
  readonly large: LargeCluster | undefined;
  /** What `clusters.json` holds. */
  readonly data: ClustersData;
  /** Photos that could not be used, in the order of the encodings file; their faces count all the same. */
  readonly problems: readonly PhotoProblem[];
  /** How long it took. */
  readonly seconds: number;
  /** Folder of the result. */
  readonly output: string;
}

/**
 * Groups the faces of an encodings file into people and writes
 * - `<output>/label<N>/`, or `<output>/Anna (135)/`: every photo that person N is on, its name, bytes and times kept, once even if the person is
 *   on it twice; where two photos have one name, the later becomes `name (2).jpg`. `label-1` holds the photos of faces
 *   that are alike to too few others.
 * - `<output>/montage/Face ID #<N>.jpg` and `Unknown Faces.jpg`: up to 25 of the person's faces, drawn by `seed`.
 * - `<output>/clusters.json`: who is on which photo, see {@link ClustersData}.
 * - `<output>/index.html`: a page that shows all this in a web browser, with what it needs in `gallery/`; none of it
 *   needs a network.
 * - `<output>/thumbnails/`: small pictures of all faces and photos. These and the tiles of the montages are used again
 *   by the next result in the same folder.
 *
 * A photo that was changed since it was encoded, which the journal beside the encodings file tells, is put into the folders,
 * but its faces are not shown: the boxes are another photo's.
 *
 * An earlier result in `output` is replaced. Photos in it that are nowhere else are kept, see {@link ClusterSummary.kept}.
 *
 * A photo that is no longer there is reported, and the job goes on; but if not one of them is there, that is an
 * error. `output` is filled as a whole at the end: after an error or an abort it is as it was before.
 * @throws FaceError FACE_INVALID_ARGUMENT, also for options that do not exist; FACE_IO, also if `output` holds files that
 *   are not an earlier result; FACE_PICKLE_UNSAFE, FACE_PICKLE_INVALID, FACE_ENCODINGS_INVALID; FACE_IMAGE_NOT_FOUND;
 *   FACE_NATIVE_LOAD; FACE_ABORTED; with `folders` `names`, also FACE_LOCKED and FACE_PEOPLE_INVALID
 */
export async function clusterFaces(options: ClusterFacesOptions): Promise<ClusterSummary> {
  const started = performance.now();
  const { encodings, output, folder, folders, makeClusterer, jobs, result } = checkOptions(options);
  const { signal } = options;
  let failed = 0;
  const report = (phase: ClusterProgress['phase'], done: number, total: number, faces?: number) =>
    options.onProgress?.({ phase, done, total, failed, ...(faces !== undefined && { faces }) });
  throwIfAborted(signal);
  // Without it no picture can be made: to be told now, not when the faces have been compared.
  loadSharp();
  report('check', 0, 1);
  if (folder !== undefined) await checkPhotoFolder(folder);
  await checkOutput(output);
  report('check', 1, 1);

  report('read', 0, 1);
  const records = await readEncodings(encodings, { signal });
  const known = await readJournalFaces(encodings, records, signal);
  report('read', 1, 1);

  const fail = (problem: PhotoProblem) => {
    failed++;
    options.onProblem?.(problem);
  };
  const photos = new PhotoSet(records, known, fail, 'encode');
  await photos.locate(folder, signal, (done, total) => report('locate', done, total));
  if (photos.allFailed) throw noneThere(encodings, folder, photos);

  const lasts = folders === 'names';
  report(lasts ? 'identify' : 'cluster', 0, 1);
  const faces = facesToCluster(records, known);
  const run = { threads: jobs, maxMemory: memoryForPhotos(result.maxMemory), ...(signal && { signal }) };
  const clusterer = makeClusterer(faces.mirrored !== undefined);
  const { parameters } = clusterer;
  let nearestOnly = 0;
  const group = async (places?: readonly number[], known?: KnownPeople) => {
    if (lasts) report('cluster', 0, 1);
    const whole = { ...run, onProgress: (fraction: number) => report('cluster', fraction, 1) };
    const groups = places
      ? await clusterSome(clusterer, { ...faces, known }, places, whole)
      : await clusterer.cluster(faces, whole);
    nearestOnly = groups.nearestOnly;
    return groups.labels;
  };
  const lasting = lasts
    ? await peopleOfRun(
        await peoplePath(encodings),
        'cluster',
        records,
        await photos.identify(new Map(), signal, (share) => report('identify', share, 1)),
        faces.mirrored,
        group,
      )
    : undefined;
  const labels = lasting?.labels ?? (await group());
  const isShown = (index: number) => !lasting?.hidden.has(index);
  const clusters = clustersOf(labels, faces.encodings, isShown);
  report('advice', 0, 1);
  const several = await findSeveral(clusters, records, {
    ...run,
    onProgress: (fraction) => report('advice', fraction / 2, 1),
  });
  const large =
    parameters.method === 'dbscan' && !lasts
      ? await findLargeCluster(faces.encodings, clusters, parameters, {
          ...run,
          onProgress: (fraction) => report('advice', 0.5 + fraction / 2, 1),
        })
      : undefined;
  report('advice', 1, 1);

  const { data, files, kept } = await buildResult(output, (unfinished, target) =>
    writeResult(
      unfinished,
      target,
      {
        records,
        clusters,
        several,
        unclear: faces.unclear,
        photos,
        known,
        encodings,
        parameters,
        names: lasting?.names,
      },
      { ...result, jobs, signal, onDone: report },
    ),
  );

  report('finish', 1, 1);

  const { people, unclustered } = data;
  return {
    faces: records.length,
    photos: data.encodings.photos,
    people: people.map(
      ({ faces, label, name, folder, photos, distinctPhotos, onlyCopies, spread, several }) => {
        const counted = { faces: faces.length, photos, distinctPhotos, onlyCopies };
        return { label, name, folder, ...counted, spread: spread ?? 0, several };
      },
    ),
    unclustered: unclustered.faces.length,
    unclear: unclustered.faces.filter(({ unclear }) => unclear).length,
    labels,
    changes: lasting?.changes ?? null,
    files,
    kept,
    gallery: result.gallery ? join(output, GALLERY_PAGE) : undefined,
    mirrored: known?.faces.filter((face) => face?.mirrored).length ?? 0,
    nearestOnly,
    large,
    data,
    problems: photos.problems(),
    seconds: (performance.now() - started) / 1000,
    output,
  };
}

/** @returns makes the clusterer, once it is known whether the encodings of all mirror images are there */
function checkMethod(options: ClusterFacesOptions): (mirrored: boolean) => Clusterer {
  const { eps, threshold } = options;
  const minSamples = integer('minSamples', options.minSamples ?? 5, 1, 2 ** 31 - 1);
  if (oneOf('method', options.method ?? 'dbscan', CLUSTERING_METHODS) === 'dbscan') {
    if (threshold !== undefined) {
      throw invalidArgument(
        'threshold',
        'no value, as only the method "linkage" has that and "dbscan" has eps,',
        threshold,
      );
    }
    if (options.keepUnclear) {
      throw invalidArgument('keepUnclear', 'false, as the method "dbscan" keeps all faces,', true);
    }
    const clusterer = dbscanClusterer({ eps: finiteNumber('eps', eps ?? 0.5, 0), minSamples });
    return () => clusterer;
  }
  if (eps !== undefined)
    throw invalidArgument(
      'eps',
      'no value, as only the method "dbscan" has that and "linkage" has threshold,',
      eps,
    );
  if (threshold !== undefined) finiteNumber('threshold', threshold, 0);
  const keepUnclear = boolean('keepUnclear', options.keepUnclear ?? false);
  return (mirrored) => linkageClusterer({ threshold, minSamples, keepUnclear }, mirrored);
}

const OPTIONS: Readonly<Record<keyof ClusterFacesOptions, true>> = {
  encodings: true,
  output: true,
  photos: true,
  method: true,
  eps: true,
  threshold: true,
  keepUnclear: true,
  minSamples: true,
  jobs: true,
  folders: true,
  files: true,
  layout: true,
  gallery: true,
  csv: true,
  montage: true,
  seed: true,
  maxPixels: true,
  maxMemory: true,
  signal: true,
  onProgress: true,
  onProblem: true,
};
const MONTAGE_OPTIONS: Readonly<Record<keyof ClusterMontageOptions, true>> = {
  columns: true,
  rows: true,
  tile: true,
  order: true,
  all: true,
};

function checkOptions(options: ClusterFacesOptions) {
  knownOptions('options', options, OPTIONS);
  const montage = knownOptions('montage', options.montage ?? {}, MONTAGE_OPTIONS);
  const side = integer('tile', montage.tile ?? 96, 1, 4096);
  return {
    encodings: path('encodings', options.encodings),
    output: path('output', options.output),
    folder: options.photos === undefined ? undefined : path('photos', options.photos),
    makeClusterer: checkMethod(options),
    jobs: resolveJobs(options.jobs ?? -1),
    folders: oneOf('folders', options.folders ?? 'labels', FOLDER_NAMINGS),
    result: {
      files: oneOf('files', options.files ?? 'hardlink', FILE_MODES),
      layout: oneOf('layout', options.layout ?? 'photos', RESULT_LAYOUTS),
      gallery: boolean('gallery', options.gallery ?? true),
      csv: boolean('csv', options.csv ?? false),
      montage: {
        layout: checkLayout({
          columns: montage.columns,
          rows: montage.rows,
          tileWidth: side,
          tileHeight: side,
        }),
        order: oneOf('order', montage.order ?? 'random', MONTAGE_ORDERS),
        all: boolean('all', montage.all ?? false),
        seed: integer('seed', options.seed ?? 0, 0, 2 ** 32 - 1),
      },
      maxPixels: integer('maxPixels', options.maxPixels ?? DEFAULT_MAX_PIXELS, 1),
      maxMemory: checkMaxMemory(options.maxMemory),
    },
  };
}

function noneThere(encodings: string, folder: string | undefined, photos: PhotoSet): FaceError {
  const looked = folder === undefined ? 'from the working directory' : `in ${folder}`;
  const remedy = 'Say with "photos" (on the command line: --photos) which folder they are in.';
  const reason = photos.problems()[0]?.reason;
  return new FaceError(
    'FACE_IMAGE_NOT_FOUND',
    photos.paths.length === 1
      ? `The one photo named in ${encodings} was not found ${looked}. ${remedy} ${reason}`
      : `None of the ${photos.paths.length} photos named in ${encodings} was found ${looked}. ${remedy} The first: ${reason}`,
    { remedy },
  );
}
