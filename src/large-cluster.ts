import { type DbscanOptions, dbscan } from './dbscan';
import { distancesToCentre, groupByLabel } from './output/clusters-data';

/** A cluster that may be several people whom DBSCAN has chained together. */
export interface LargeCluster {
  readonly label: number;
  /** How many of all faces it holds: more than a third. */
  readonly percent: number;
  /** Mean distance of its faces to their centre. */
  readonly spread: number;
  /** Whether its faces differ more than those of one person do. If not, it can well be somebody who is on most photos. */
  readonly mixed: boolean;
  /** The `eps` to try if several people are in it. */
  readonly tryEps: number;
}

/** With more faces, comparing each with each takes so long that it is not done for advice. */
export const MANY_FACES = 50_000;

/** Of fewer faces, a third says nothing. */
const FEW_FACES = 10;
/** A cluster with more than this part of all faces is looked at. */
const LARGE = 1 / 3;

/**
 * Mean distance to the centre above which faces are hardly those of one person. On 129 faces of five footballers it was
 * 0.29 to 0.33 for each of them, 0.38 for two of them merged and 0.48 for all.
 */
const ONE_PERSON = 0.36;

/** How much stricter to try: enough to make a merged cluster fall apart, and not the others. */
const STEP = 0.05;
/** dlib's own border between one person and two: with more, everybody runs together. */
const LOOSEST = 0.6;
/** With less, even the photos of one person are not alike. */
const STRICTEST = 0.3;

/**
 * The cluster that holds more than a third of all faces, if there is one; of two, the one that looks mixed, else the larger.
 * For a mixed one `tryEps` is the next smaller `eps` (in steps of 0.05) with which no large cluster looks mixed, which takes
 * a clustering for each step; for another one, or with `many` faces, just the next step.
 * @param labels what DBSCAN says with `options`
 * @param many whether there are too many faces for that
 * @throws FaceError FACE_ABORTED
 */
export async function findLargeCluster(
  encodings: readonly Float64Array[],
  labels: ArrayLike<number>,
  many: boolean,
  options: DbscanOptions & { readonly eps: number },
): Promise<LargeCluster | undefined> {
  const found = largest(encodings, labels);
  if (!found) return undefined;
  const first = stricter(options.eps);
  let tryEps = first;
  for (let eps = first; found.mixed && !many && eps >= STRICTEST; eps = stricter(eps)) {
    const { labels } = await dbscan(encodings, { ...options, eps });
    if (largest(encodings, labels)?.mixed) continue;
    tryEps = eps;
    break;
  }
  return { ...found, tryEps };
}

function largest(
  encodings: readonly Float64Array[],
  labels: ArrayLike<number>,
): Omit<LargeCluster, 'tryEps'> | undefined {
  const faces = encodings.length;
  if (faces < FEW_FACES) return undefined;
  let found: Omit<LargeCluster, 'tryEps'> | undefined;
  for (const { label, indices } of groupByLabel(labels)) {
    if (label < 0 || indices.length <= LARGE * faces) continue;
    const distances = distancesToCentre(indices.map((index) => encodings[index] as Float64Array));
    const spread = distances.reduce((sum, distance) => sum + distance, 0) / distances.length;
    const percent = Math.floor((100 * distances.length) / faces);
    const large = { label, percent, spread, mixed: spread > ONE_PERSON };
    if (!found || (large.mixed === found.mixed ? large.percent > found.percent : large.mixed)) found = large;
  }
  return found;
}

/** The next smaller `eps` to try. */
function stricter(eps: number): number {
  return Math.min(LOOSEST, Math.max(STEP, Math.round((eps - STEP) * 100) / 100));
}
