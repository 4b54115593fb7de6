import { stat } from 'node:fs/promises';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { throwIfAborted } from './base/errors';
import { SplitMix64 } from './base/random';
import { ENCODING_LENGTH, type FaceRecord } from './base/types';
import { boolean, finiteNumber, integer, path } from './base/validate';
import { MANY_FACES } from './clustering/advice';
import { DEFAULT_EPS, euclidean } from './clustering/dbscan';
import { facesToCluster } from './clustering/faces-to-cluster';
import { kDistances } from './clustering/neighbors';
import { type ClusteringTrial, tryClusterings } from './clustering/trials';
import { readJournalFaces } from './encode/journal/faces';
import { readEncodings } from './encodings/encodings';
import { type EncodingsOrigin, originOfEncodings } from './encodings/origin';
import { frameIn } from './photos/video/frame-path';
import { resolveJobs } from './system/jobs';

export type { EncodingsOrigin } from './encodings/origin';

export interface EncodingsInfoOptions {
  /** Path of the encodings file. */
  readonly encodings: string;
  /** Another `eps` to try the clustering with. Default 0.5, which is tried anyway. */
  readonly eps?: number;
  /** What to try the clusterings with. Default 5. */
  readonly minSamples?: number;
  /** Compare all faces with each other even if there are more than 50,000. Default false. */
  readonly all?: boolean;
  /** How many threads; -1, the default, for one on each core. */
  readonly jobs?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: EncodingsInfoProgress) => void;
}

export interface EncodingsInfoProgress {
  /** Reading the file, comparing pairs, the k-distances, trying to cluster. */
  readonly phase: 'read' | 'pairs' | 'neighbors' | 'cluster';
  /** From 0 to 1. */
  readonly done: number;
}

/** What there is to know about an encodings file. */
export interface EncodingsInfo {
  readonly file: string;
  /** Size of the file. */
  readonly bytes: number;
  readonly origin: EncodingsOrigin;
  readonly faces: number;
  /** Photos, and frames of videos, with a face; the file does not name others. */
  readonly photos: number;
  /** How many of these are frames, and of how many videos. */
  readonly frames: number;
  readonly videos: number;
  /** How many photos have one face, two faces and so on. */
  readonly facesPerPhoto: readonly number[];
  /** Number of values of an encoding. */
  readonly dimensions: number;
  readonly distances: DistanceHistogram;
  /** `undefined` if there are too few faces, or too many and `all` was not set. */
  readonly kDistances: KDistanceCurve | undefined;
  /**
   * What `cluster` would find by either method, from stricter than its default to looser, and what to use; `undefined` for too many
   * faces without `all`.
   */
  readonly trials: readonly ClusteringTrial[] | undefined;
}

/** How far faces are from each other: Euclidean distances of pairs. */
export interface DistanceHistogram {
  /** Number of pairs that were measured. */
  readonly pairs: number;
  /** Whether these are a sample of all pairs. */
  readonly sampled: boolean;
  /** Width of a bin; the first begins at 0. A distance on the edge of two bins is in the upper one. */
  readonly binWidth: number;
  /** Number of pairs in each bin. */
  readonly bins: readonly number[];
}

/** How far faces are from their k-th nearest other face. */
export interface KDistanceCurve {
  /** `minSamples - 1`: a face with that distance up to `eps` is at the heart of a person. */
  readonly k: number;
  /** Rising: the quantiles of the k-distances at 0, 1/100, … 1 (101 values). */
  readonly percentiles: readonly number[];
  /** How many faces have a k-distance of at most `eps`: DBSCAN's core points. */
  readonly withinEps: number;
}

const BINS_PER_UNIT = 20;
/** All pairs are measured if there are no more than that; else so many are drawn. */
const MOST_PAIRS = 2_000_000;
const SAMPLED_PAIRS = 250_000;
/** Pairs measured in one go, some milliseconds: the event loop runs in between. */
const BATCH = 20_000;

/**
 * Describes an encodings file: what is in it, how alike its faces are, what clusterings it gives, and which of them to use.
 *
 * The histogram is of all pairs up to 2 million, else of 250,000 that are drawn with replacement, the same each time.
 * @throws FaceError FACE_INVALID_ARGUMENT; FACE_IO, FACE_PICKLE_UNSAFE, FACE_PICKLE_INVALID, FACE_ENCODINGS_INVALID;
 *   FACE_NATIVE_LOAD; FACE_ABORTED
 */
export async function describeEncodings(options: EncodingsInfoOptions): Promise<EncodingsInfo> {
  const file = path('encodings', options?.encodings);
  const eps = finiteNumber('eps', options.eps ?? DEFAULT_EPS, 0);
  const minSamples = integer('minSamples', options.minSamples ?? 5, 1, 2 ** 31 - 1);
  const threads = resolveJobs(options.jobs ?? -1);
  const all = boolean('all', options.all ?? false);
  const { signal } = options;
  const common = { threads, ...(signal && { signal }) };
  const report = (phase: EncodingsInfoProgress['phase']) => (done: number) =>
    options.onProgress?.({ phase, done });

  report('read')(0);
  const records = await readEncodings(file, { signal });
  report('read')(1);
  const encodings = records.map(({ encoding }) => encoding);
  const compare = all || records.length <= MANY_FACES;
  const k = minSamples - 1;
  return {
    file,
    bytes: (await stat(file)).size,
    origin: await originOfEncodings(file),
    faces: records.length,
    ...countFaces(records),
    dimensions: ENCODING_LENGTH,
    distances: await measurePairs(encodings, signal, report('pairs')),
    kDistances:
      compare && k >= 1 && k < records.length
        ? kDistanceCurve(
            k,
            eps,
            await kDistances(encodings, k, { ...common, onProgress: report('neighbors') }),
          )
        : undefined,
    trials: compare
      ? await tryClusterings(
          records,
          facesToCluster(records, await readJournalFaces(file, records, signal)),
          { eps, minSamples },
          { ...common, onProgress: report('cluster') },
        )
      : undefined,
  };
}

function countFaces(
  records: readonly FaceRecord[],
): Pick<EncodingsInfo, 'photos' | 'frames' | 'videos' | 'facesPerPhoto'> {
  const faces = new Map<string, number>();
  for (const { imagePath } of records) faces.set(imagePath, (faces.get(imagePath) ?? 0) + 1);
  const most = [...faces.values()].reduce((a, b) => Math.max(a, b), 0);
  const facesPerPhoto = new Array<number>(most).fill(0);
  for (const n of faces.values()) facesPerPhoto[n - 1] = (facesPerPhoto[n - 1] as number) + 1;
  const videos = [...faces.keys()].flatMap((path) => frameIn(path)?.video ?? []);
  return { photos: faces.size, frames: videos.length, videos: new Set(videos).size, facesPerPhoto };
}

async function measurePairs(
  encodings: readonly Float64Array[],
  signal: AbortSignal | undefined,
  onProgress: (fraction: number) => void,
): Promise<DistanceHistogram> {
  const n = encodings.length;
  const all = (n * Math.max(0, n - 1)) / 2;
  const sampled = all > MOST_PAIRS;
  const pairs = sampled ? SAMPLED_PAIRS : all;
  const bins: number[] = [];
  let measured = 0;
  onProgress(0);
  for (const [a, b] of sampled ? drawnPairs(n, pairs) : allPairs(n)) {
    const bin = Math.floor(
      euclidean(encodings[a] as Float64Array, encodings[b] as Float64Array) * BINS_PER_UNIT,
    );
    while (bins.length <= bin) bins.push(0);
    bins[bin] = (bins[bin] as number) + 1;
    if (++measured % BATCH === 0) {
      onProgress(measured / pairs);
      await nextTurn();
      throwIfAborted(signal);
    }
  }
  onProgress(1);
  return { pairs, sampled, binWidth: 1 / BINS_PER_UNIT, bins };
}

function* allPairs(n: number): Generator<[number, number]> {
  for (let a = 0; a < n; a++) {
    for (let b = a + 1; b < n; b++) yield [a, b];
  }
}

function* drawnPairs(n: number, pairs: number): Generator<[number, number]> {
  const random = new SplitMix64(0n);
  for (let i = 0; i < pairs; i++) {
    const a = random.below(n);
    const b = random.below(n - 1);
    yield [a, b < a ? b : b + 1];
  }
}

function kDistanceCurve(k: number, eps: number, distances: Float64Array): KDistanceCurve {
  const sorted = distances.slice().sort();
  const last = sorted.length - 1;
  return {
    k,
    percentiles: Array.from({ length: 101 }, (_, i) => sorted[Math.round((last * i) / 100)] as number),
    withinEps: sorted.filter((distance) => distance <= eps).length,
  };
}
