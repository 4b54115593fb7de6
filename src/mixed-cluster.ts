/** A cluster that looks like several people whom DBSCAN has chained together. */
export interface MixedCluster {
  readonly label: number;
  /** How many of all faces it holds. */
  readonly percent: number;
  /** Mean distance of its faces to their centre. */
  readonly spread: number;
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
 * The largest cluster if it holds more than a third of all faces and these differ more than those of one person do. That
 * one person is on most photos of an album is nothing to warn of.
 * @param faces number of all faces
 * @param clusters the distances of the faces of each cluster to their centre; -1 is none
 */
export function mixedCluster(
  faces: number,
  clusters: Iterable<{ readonly label: number; readonly distances: ArrayLike<number> }>,
): MixedCluster | undefined {
  let largest: MixedCluster | undefined;
  for (const { label, distances } of clusters) {
    if (label < 0 || distances.length <= LARGE * faces) continue;
    const spread = Array.from(distances).reduce((sum, distance) => sum + distance, 0) / distances.length;
    const percent = Math.floor((100 * distances.length) / faces);
    if (spread > ONE_PERSON && percent > (largest?.percent ?? 0)) largest = { label, percent, spread };
  }
  return largest;
}

/** The next smaller `eps` to try. */
export function stricter(eps: number): number {
  return Math.max(STEP, Math.round((eps - STEP) * 100) / 100);
}
