import { DBSCAN_PAIRS_MEMORY, type DbscanOptions, dbscan } from './dbscan';
import { CONTACTS_MEMORY, DEFAULT_THRESHOLD, linkage } from './linkage';

/** How a clustering is run; its result does not depend on it. */
export type ClusterRun = Pick<DbscanOptions, 'threads' | 'maxMemory' | 'signal' | 'onProgress'>;

/** What is to be sorted. */
export interface FacesToCluster {
  readonly encodings: readonly Float64Array[];
  /** Encodings of the faces' mirror images; `undefined` unless those of all are known. */
  readonly mirrored?: readonly Float64Array[] | undefined;
  /** Names of the faces. Where distances are equal they decide, and not the order of the faces. */
  readonly ids: readonly string[];
}

export interface Clustering {
  /** The cluster of each face, numbered from 0 by lowest face; -1: unsorted. */
  readonly labels: Int32Array;
  /** See {@link LinkageResult.nearestOnly}; 0 with other methods. */
  readonly nearestOnly: number;
}

/** A way to sort faces into clusters. */
export interface Clusterer {
  /** Its name, as `method`, and what its result depends on beside the faces: for the record. */
  readonly parameters: ClusteringParameters;
  /** @throws FaceError FACE_ABORTED */
  cluster(faces: FacesToCluster, run: ClusterRun): Promise<Clustering>;
}

/** Those of all ways there are. */
export type ClusteringParameters = DbscanParameters | LinkageParameters;

export const CLUSTERING_METHODS = ['dbscan', 'linkage'] as const satisfies ClusteringParameters['method'][];

export interface DbscanParameters {
  readonly method: 'dbscan';
  /** Largest distance between two faces that count as alike, inclusive. */
  readonly eps: number;
  /** How many faces, itself included, must be alike for a face to be at the heart of a person. */
  readonly minSamples: number;
}

export interface LinkageParameters {
  readonly method: 'linkage';
  /** How far apart two groups of faces may be to be one person, see {@link LinkageOptions.threshold}. */
  readonly threshold: number;
  /** Whether the faces' mirror images were compared, too. */
  readonly mirrored: boolean;
  /** How many faces make a person; those of smaller groups are unsorted. */
  readonly minSamples: number;
}

/** The Python project's way. */
export function dbscanClusterer({ eps, minSamples }: Omit<DbscanParameters, 'method'>): Clusterer {
  return {
    parameters: { method: 'dbscan', eps, minSamples },
    async cluster({ encodings }, run) {
      const { labels } = await dbscan(encodings, {
        eps,
        minSamples,
        ...run,
        maxMemory: Math.min(DBSCAN_PAIRS_MEMORY, run.maxMemory ?? Infinity),
      });
      return { labels, nearestOnly: 0 };
    },
  };
}

/**
 * Average linkage.
 * @param mirrored whether the faces will come with those of their mirror images
 */
export function linkageClusterer(
  { threshold, minSamples }: { readonly threshold: number | undefined; readonly minSamples: number },
  mirrored: boolean,
): Clusterer {
  const parameters = {
    method: 'linkage',
    threshold: threshold ?? (mirrored ? DEFAULT_THRESHOLD.mirrored : DEFAULT_THRESHOLD.plain),
    mirrored,
    minSamples,
  } as const;
  return {
    parameters,
    async cluster(faces, run) {
      const order = orderOf(faces.ids);
      const inOrder = (values: readonly Float64Array[]) =>
        order.map((index) => values[index] as Float64Array);
      const { labels, nearestOnly } = await linkage(inOrder(faces.encodings), {
        ...(mirrored && faces.mirrored && { mirrored: inOrder(faces.mirrored) }),
        threshold: parameters.threshold,
        ...run,
        maxMemory: Math.min(CONTACTS_MEMORY, run.maxMemory ?? Infinity),
      });
      const groups = new Int32Array(labels.length);
      for (const [place, index] of order.entries()) groups[index] = labels[place] as number;
      return { labels: numberPeople(groups, minSamples), nearestOnly };
    },
  };
}

/** The places of the names in their order; of equal ones, the lower first. */
function orderOf(ids: readonly string[]): number[] {
  const name = (index: number) => ids[index] as string;
  return ids
    .map((_, index) => index)
    .sort((a, b) => (name(a) < name(b) ? -1 : name(a) > name(b) ? 1 : a - b));
}

/** Labels for groups that are large enough, by lowest face; -1 for the faces of others. */
function numberPeople(groups: Int32Array, minSamples: number): Int32Array {
  const sizes = new Map<number, number>();
  for (const group of groups) sizes.set(group, (sizes.get(group) ?? 0) + 1);
  const labels = new Map<number, number>();
  return groups.map((group) => {
    if ((sizes.get(group) as number) < minSamples) return -1;
    const label = labels.get(group) ?? labels.size;
    labels.set(group, label);
    return label;
  });
}
