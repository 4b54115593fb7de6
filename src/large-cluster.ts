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
  /**
   * The `eps` to try if several people are in it; `undefined` if none is known to help. For a mixed cluster it has been tried
   * (unless there are more than 50,000 faces): it leaves people, and no large cluster that looks mixed.
   */
  readonly tryEps: number | undefined;
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

/** Without what to try. */
type Found = Omit<LargeCluster, 'tryEps'> & { readonly faces: number };

/**
 * The cluster that holds more than a third of all faces, if there is one; of two, the one that looks mixed, else the larger.
 * For a mixed one, smaller `eps` are tried in steps of 0.05 from 0.6 down to 0.3, which takes a clustering each.
 * @param labels what DBSCAN says with `options`
 * @throws FaceError FACE_ABORTED
 */
export async function findLargeCluster(
  encodings: readonly Float64Array[],
  labels: ArrayLike<number>,
  options: DbscanOptions & { readonly eps: number },
): Promise<LargeCluster | undefined> {
  const found = largest(encodings, labels);
  if (!found) return undefined;
  const { faces: _, ...large } = found;
  const next = stricter(options.eps);
  if (!large.mixed || encodings.length > MANY_FACES) {
    return { ...large, tryEps: next < options.eps ? next : undefined };
  }
  for (let eps = next; eps >= STRICTEST && eps < options.eps; eps = stricter(eps)) {
    const { labels } = await dbscan(encodings, { ...options, eps });
    if (labels.some((label) => label >= 0) && !largest(encodings, labels)?.mixed)
      return { ...large, tryEps: eps };
  }
  return { ...large, tryEps: undefined };
}

function largest(encodings: readonly Float64Array[], labels: ArrayLike<number>): Found | undefined {
  const all = encodings.length;
  if (all < FEW_FACES) return undefined;
  let found: Found | undefined;
  for (const { label, indices } of groupByLabel(labels)) {
    const faces = indices.length;
    if (label < 0 || faces <= LARGE * all) continue;
    const distances = distancesToCentre(indices.map((index) => encodings[index] as Float64Array));
    const spread = distances.reduce((sum, distance) => sum + distance, 0) / faces;
    const large = {
      label,
      percent: Math.floor((100 * faces) / all),
      spread,
      mixed: spread > ONE_PERSON,
      faces,
    };
    if (!found || (large.mixed === found.mixed ? faces > found.faces : large.mixed)) found = large;
  }
  return found;
}

/** The next smaller `eps` to try; the smallest is 0.05. */
function stricter(eps: number): number {
  return Math.min(LOOSEST, Math.max(STEP, Math.round((eps - STEP) * 100) / 100));
}
