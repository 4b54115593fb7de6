import { rm } from 'node:fs/promises';
import { FaceError, throwIfAborted } from '../base/errors';
import { groupBy } from '../base/maps';
import type { PhotoProblem } from '../base/photo-problem';
import type { FaceRecord } from '../base/types';
import {
  boolean,
  finiteNumber,
  integer,
  options as knownOptions,
  oneOf,
  oneOrMore,
  path,
} from '../base/validate';
import { facesToCluster } from '../clustering/faces-to-cluster';
import {
  type EncodeFacesOptions,
  type EncodeProgress,
  type EncodeSummary,
  encodeFaces,
} from '../encode/encode';
import { type JournalKnowledge, readJournalFaces } from '../encode/journal/faces';
import { readEncodings } from '../encodings/encodings';
import { FIRST_CHOICES } from '../sort/settings';
import { foldedName } from '../system/file-name';
import { resolveJobs } from '../system/jobs';
import { checkMaxMemory, memoryForPhotos } from '../system/machine-memory';
import { type EvaluatedClustering, evaluateThresholds } from './thresholds';
import { type FactsOf, type Names, namesInPhotos, namesOfFolders } from './truth';

/** What says who faces are: names in photos and their sidecars, or folders that are named after people. */
export type TruthSource = 'photos' | 'folders';

const TRUTHS = ['photos', 'folders'] as const satisfies readonly TruthSource[];

export interface EvaluatePhotosOptions
  extends Pick<
    EncodeFacesOptions,
    | 'encodings'
    | 'jobs'
    | 'models'
    | 'maxMemory'
    | 'maxPixels'
    | 'includeHidden'
    | 'exclude'
    | 'rawAndJpeg'
    | 'engine'
    | 'fresh'
    | 'signal'
    | 'stop'
    | 'onJournal'
    | 'onForecast'
    | 'onProblem'
  > {
  /** Folders with photos of people whose names are known, searched with all folders in them, or single photos. */
  readonly photos: string | readonly string[];
  /**
   * Whether photos that the encodings file names and that are not among these are dropped from it, instead of the call being refused, see
   * {@link encodeFaces}; what is known of them stays in the journal. Default `false`.
   */
  readonly dropOthers?: boolean;
  /** What says who faces are. Default: names in photos, or, where there are none, folders. */
  readonly truth?: TruthSource;
  /** How faces are looked for. Default: as by {@link sortPhotos}, `cnn`. */
  readonly method?: EncodeFacesOptions['method'];
  /** See `EncodeFacesOptions`; 0: photos are not reduced. Default: as by {@link sortPhotos}, 1600. */
  readonly detectSize?: number;
  /** Of `dbscan`, see `DbscanOptions`. Default 5. */
  readonly minSamples?: number;
  readonly onProgress?: (progress: EvaluateProgress) => void;
}

export interface EvaluateProgress {
  /** Looking for faces, as `encodeFaces`; looking for names; grouping in all ways. */
  readonly phase: 'encode' | 'names' | 'cluster';
  /** How much of this phase is done, in units of `total`. */
  readonly done: number;
  /** A number of photos; 1 for `cluster`. */
  readonly total: number;
  /** In the phase `encode`: what `encodeFaces` reports. */
  readonly encode?: EncodeProgress;
}

export interface EvaluateSummary {
  /** Number of faces that were grouped; those on copies of a photo count once. */
  readonly faces: number;
  /** Number of different photos that they are on. */
  readonly photos: number;
  /** What says who faces are. */
  readonly truth: TruthSource;
  /** Who is known, and by how many faces; who has most comes first. */
  readonly people: readonly { readonly name: string; readonly faces: number }[];
  /** Whether `linkage` had the mirror images of all faces, as it has in {@link sortPhotos}. */
  readonly mirrored: boolean;
  /** How right each way of grouping is: `dbscan` and then `linkage`, each from strict to loose. */
  readonly settings: readonly EvaluatedClustering[];
  /** What came of looking for faces. */
  readonly encode: EncodeSummary;
  /** Photos that could not be used, or in which no names could be looked for. */
  readonly problems: readonly PhotoProblem[];
  /** How long it took. */
  readonly seconds: number;
}

const OPTIONS: Readonly<Record<keyof EvaluatePhotosOptions, true>> = {
  photos: true,
  encodings: true,
  dropOthers: true,
  truth: true,
  method: true,
  detectSize: true,
  minSamples: true,
  jobs: true,
  models: true,
  maxMemory: true,
  maxPixels: true,
  includeHidden: true,
  exclude: true,
  rawAndJpeg: true,
  engine: true,
  fresh: true,
  signal: true,
  stop: true,
  onJournal: true,
  onForecast: true,
  onProgress: true,
  onProblem: true,
};

/**
 * Measures how well people are told apart on photos of whom it is known who they are: looks for faces, mirror images included,
 * groups them by both methods from strict to loose, and compares the groups with
 * - names in the photos and their sidecars, as other programs write them: those that {@link sortPhotos} takes over with
 *   `namesFromPhotos`;
 * - or, if there are none, the names of folders: each folder in `photos` is a person, with all photos in it. Of several faces on a
 *   photo that is the one that is both the largest and the nearest to the middle; if these are two, nobody is known there.
 *
 * Faces of whom nobody is known are grouped along, as they would be in life, and left out of the figures. Copies of a photo count
 * once; where they contradict each other, as a photo in two people's folders does, nobody is known.
 *
 * The encodings file and its journal are written as {@link encodeFaces} does it, so that a second call looks for no face again.
 * @throws FaceError FACE_NO_NAMES if nobody is known; what `encodeFaces` throws
 */
export async function evaluatePhotos(options: EvaluatePhotosOptions): Promise<EvaluateSummary> {
  const started = performance.now();
  knownOptions('options', options, OPTIONS);
  const { photos, dropOthers = false, truth, minSamples = 5, onProgress, ...encoding } = options;
  const inputs = oneOrMore('photos', photos, path);
  const encodings = path('encodings', options.encodings);
  const source = truth === undefined ? undefined : oneOf('truth', truth, TRUTHS);
  const { method = FIRST_CHOICES.method, detectSize = FIRST_CHOICES.detectSize, ...others } = encoding;
  finiteNumber('detectSize', detectSize, 0);
  integer('minSamples', minSamples, 1, 2 ** 31 - 1);
  const threads = resolveJobs(options.jobs ?? -1);
  const maxMemory = memoryForPhotos(checkMaxMemory(options.maxMemory));
  // What comes after the faces is lost by stopping it at once, and found again soon.
  const signal = AbortSignal.any([options.signal, options.stop].filter((one) => one !== undefined));
  throwIfAborted(signal);
  if (boolean('dropOthers', dropOthers)) {
    // Without the file nobody minds; the journal has all that is in it.
    await rm(encodings, { force: true });
  }
  const encode = await encodeFaces({
    ...others,
    dataset: inputs,
    method,
    ...(detectSize > 0 && { detectSize }),
    mirror: true,
    onProgress: (encode) => onProgress?.({ phase: 'encode', done: encode.done, total: encode.total, encode }),
  });
  const problems = [...encode.problems];
  const found = await readEncodings(encodings, { signal });
  const known = await readJournalFaces(encodings, found, signal);
  const { names, from } = await findNames(source, inputs, found, known, { ...options, signal }, (problem) => {
    problems.push(problem);
    options.onProblem?.(problem);
  });
  const { ids } = facesToCluster(found, known);
  const faces = withoutCopies(ids, names);
  const records = faces.map(({ place }) => found[place] as FaceRecord);
  const toCluster = facesToCluster(
    records,
    known && { ...known, faces: faces.map(({ place }) => known.faces[place]) },
  );
  const settings = await evaluateThresholds(
    toCluster,
    faces.map(({ name }) => name && foldedName(name)),
    { minSamples },
    {
      threads,
      maxMemory,
      signal,
      onProgress: (done) => onProgress?.({ phase: 'cluster', done, total: 1 }),
    },
  );
  const named = faces.flatMap(({ name }) => name ?? []);
  return {
    faces: faces.length,
    photos: new Set(records.map(({ imagePath }) => imagePath)).size,
    truth: from,
    people: [...groupBy(named, foldedName).values()]
      .map((own) => ({ name: own[0] as string, faces: own.length }))
      .sort((a, b) => b.faces - a.faces || (a.name < b.name ? -1 : 1)),
    mirrored: toCluster.mirrored !== undefined,
    settings,
    encode,
    problems,
    seconds: (performance.now() - started) / 1000,
  };
}

/** @throws FaceError FACE_NO_NAMES */
async function findNames(
  source: TruthSource | undefined,
  inputs: readonly string[],
  records: readonly FaceRecord[],
  known: JournalKnowledge | undefined,
  { signal, onProgress }: Pick<EvaluatePhotosOptions, 'signal' | 'onProgress'>,
  onProblem: (problem: PhotoProblem) => void,
): Promise<{ readonly names: Names; readonly from: TruthSource }> {
  const factsOf: FactsOf = (imagePath) => {
    const content = known?.photos.get(imagePath)?.content;
    return content === undefined ? undefined : known?.facts.get(content);
  };
  if (source !== 'folders') {
    const names = await namesInPhotos(records, factsOf, signal, onProblem, (done, total) =>
      onProgress?.({ phase: 'names', done, total }),
    );
    if (names.some((name) => name !== undefined)) return { names, from: 'photos' };
  }
  if (source !== 'photos') {
    const names = await namesOfFolders(inputs, records, factsOf, signal);
    if (names.some((name) => name !== undefined)) return { names, from: 'folders' };
  }
  throw nobodyKnown(records.length, source);
}

/** The first of the faces on all copies of a photo, and who they are; nobody is known if they are said to be several. */
function withoutCopies(
  ids: readonly string[],
  names: Names,
): { readonly place: number; readonly name: string | undefined }[] {
  return [...groupBy(ids.keys(), (place) => ids[place]).values()].map((places) => {
    const said = places.flatMap((place) => names[place] ?? []);
    const name = new Set(said.map(foldedName)).size === 1 ? said[0] : undefined;
    return { place: places[0] as number, name };
  });
}

function nobodyKnown(faces: number, source: TruthSource | undefined): FaceError {
  const where = {
    photos: 'no names were found in them or beside them',
    folders: 'they are not in folders named after people',
    both: 'no names were found in them or beside them, and they are not in folders named after people',
  }[source ?? 'both'];
  const remedy =
    'What can say it: names that programs such as digiKam, Lightroom or Picasa have written into photos or their sidecars, with the ' +
    'place of the face; or a folder for each person, named after them, in the folder that is given: photos/Anna/1.jpg, photos/Ben/1.jpg.';
  return new FaceError(
    'FACE_NO_NAMES',
    faces === 0
      ? 'There are no faces on these photos, so nothing can be measured.'
      : `Who the people on these photos are is not known (${where}), so nothing can be measured. ${remedy}`,
    faces === 0 ? {} : { remedy },
  );
}
