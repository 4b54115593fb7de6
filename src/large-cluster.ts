/** A cluster that may be several people whom DBSCAN has chained together. */
export interface LargeCluster {
  readonly label: number;
  /** How many of all faces it holds: more than a third. */
  readonly percent: number;
  /** Mean distance of its faces to their centre. */
  readonly spread: number;
  /** Whether its faces differ more than those of one person do. If not, it can well be somebody who is on most photos. */
  readonly mixed: boolean;
}

/** A cluster with more than this part of all faces is looked at. */
const LARGE = 1 / 3;

/**
 * Mean distance to the centre above which faces are hardly those of one person. On 129 faces of five footballers it was
 * 0.29 to 0.33 for each of them, 0.38 for two of them merged and 0.48 for all.
 */
const ONE_PERSON = 0.36;

/** How much stricter to try: enough to make a merged cluster fall apart, and not the others. */
const STEP = 0.05;

/**
 * The cluster that holds more than a third of all faces, if there is one; of two, the one that looks mixed, else the larger.
 * @param faces number of all faces
 * @param clusters the distances of the faces of each cluster to their centre; -1 is none
 */
export function largeCluster(
  faces: number,
  clusters: Iterable<{ readonly label: number; readonly distances: ArrayLike<number> }>,
): LargeCluster | undefined {
  let found: LargeCluster | undefined;
  for (const { label, distances } of clusters) {
    if (label < 0 || distances.length <= LARGE * faces) continue;
    const spread = Array.from(distances).reduce((sum, distance) => sum + distance, 0) / distances.length;
    const percent = Math.floor((100 * distances.length) / faces);
    const large = { label, percent, spread, mixed: spread > ONE_PERSON };
    if (!found || (large.mixed === found.mixed ? large.percent > found.percent : large.mixed)) found = large;
  }
  return found;
}

/** The next smaller `eps` to try. */
export function stricter(eps: number): number {
  return Math.max(STEP, Math.round((eps - STEP) * 100) / 100);
}
