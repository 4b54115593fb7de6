import type { ClusterRun, DbscanParameters } from './clusterer';
import { type Cluster, clustersOf } from './clusters';
import { dbscan } from './dbscan';
import { differTooMuch } from './several';

/** A cluster that may be several people whom DBSCAN has chained together. */
export interface LargeCluster {
  readonly label: number;
  /** How many of all faces it holds: more than a third. */
  readonly percent: number;
  /** Mean distance of its faces to their centre. */
  readonly spread: number;
  /** Whether its faces differ more than those of one person do. If not, it can well be somebody who is on most photos. */
  readonly mixed: boolean;
  /** Whether smaller `eps` were tried: not, as it takes too long, if there are more than 50,000 faces. */
  readonly tried: boolean;
  /**
   * The largest `eps` of those tried that divides the cluster, leaves most of its faces with somebody, and no large cluster
   * that looks mixed; `undefined` if none does.
   */
  readonly tryEps: number | undefined;
}

/** With more faces, comparing each with each takes so long that it is not done for advice. */
export const MANY_FACES = 50_000;

/** Of fewer faces, a third says nothing. */
const FEW_FACES = 10;
/** A cluster with more than this part of all faces is looked at. */
const LARGE = 1 / 3;

/** How much stricter to try: enough to make a merged cluster fall apart, and not the others. */
const STEP = 0.05;
/** dlib's own border between one person and two: with more, everybody runs together. */
const LOOSEST = 0.6;
/** With less, even the photos of one person are not alike. */
const STRICTEST = 0.3;

/** Before anything was tried. */
interface Found extends Omit<LargeCluster, 'tried' | 'tryEps'> {
  /** Places of its faces. */
  readonly indices: readonly number[];
}

/**
 * The cluster that holds more than a third of all faces, if there is one; of two, the one that looks mixed, else the larger.
 * What to try is looked for in steps of 0.05 from 0.6, or the next one below the given `eps`, down to 0.3: a
 * whole clustering each.
 * @param clusters what DBSCAN finds with the given parameters
 * @throws FaceError FACE_ABORTED
 */
export async function findLargeCluster(
  encodings: readonly Float64Array[],
  clusters: readonly Cluster[],
  { eps: given, minSamples }: Pick<DbscanParameters, 'eps' | 'minSamples'>,
  { onProgress, ...run }: ClusterRun,
): Promise<LargeCluster | undefined> {
  const found = largest(encodings.length, clusters);
  if (!found) return undefined;
  const { indices, ...large } = found;
  const tried = encodings.length <= MANY_FACES;
  const toTry: number[] = [];
  const first = Math.min(LOOSEST, stepBelow(given));
  for (let eps = first; tried && eps >= STRICTEST; eps = stepBelow(eps)) toTry.push(eps);
  for (const [i, eps] of toTry.entries()) {
    onProgress?.(i / toTry.length);
    const { labels } = await dbscan(encodings, { eps, minSamples, ...run });
    const left = indices.map((index) => labels[index] as number).filter((label) => label >= 0);
    const divided = new Set(left).size > 1 && left.length > indices.length / 2;
    if (divided && !largest(encodings.length, clustersOf(labels, encodings))?.mixed)
      return { ...large, tried, tryEps: eps };
  }
  return { ...large, tried, tryEps: undefined };
}

function largest(all: number, clusters: readonly Cluster[]): Found | undefined {
  if (all < FEW_FACES) return undefined;
  let found: Found | undefined;
  for (const cluster of clusters) {
    const { label, indices } = cluster;
    const faces = indices.length;
    if (label < 0 || faces <= LARGE * all) continue;
    const spread = cluster.spread as number;
    const percent = Math.floor((100 * faces) / all);
    const large = { label, percent, spread, mixed: differTooMuch(cluster), indices };
    const before = found?.indices.length ?? 0;
    if (!found || (large.mixed === found.mixed ? faces > before : large.mixed)) found = large;
  }
  return found;
}

/** Rounded, so that messages do not say 0.35000000000000003. */
function stepBelow(eps: number): number {
  return Math.round((eps - STEP) * 100) / 100;
}
