import { type DbscanOptions, dbscan } from './dbscan';

/** How a clustering is run; its result does not depend on it. */
export type ClusterRun = Pick<DbscanOptions, 'threads' | 'maxMemory' | 'signal' | 'onProgress'>;

/** A way to sort faces into clusters. */
export interface Clusterer {
  /** Its name, as `method`, and what its result depends on beside the faces: for the record. */
  readonly parameters: ClusteringParameters;
  /**
   * @returns the cluster of each encoding, numbered from 0; -1: unsorted
   * @throws FaceError FACE_ABORTED
   */
  cluster(encodings: readonly Float64Array[], run: ClusterRun): Promise<Int32Array>;
}

/** Those of all ways there are. */
export type ClusteringParameters = DbscanParameters;

export interface DbscanParameters {
  readonly method: 'dbscan';
  /** Largest distance between two faces that count as alike, inclusive. */
  readonly eps: number;
  /** How many faces, itself included, must be alike for a face to be at the heart of a person. */
  readonly minSamples: number;
}

/** The Python project's way. */
export function dbscanClusterer(parameters: Omit<DbscanParameters, 'method'>): Clusterer {
  const { eps, minSamples } = parameters;
  return {
    parameters: { method: 'dbscan', eps, minSamples },
    async cluster(encodings, run) {
      const { labels } = await dbscan(encodings, { eps, minSamples, ...run });
      return labels;
    },
  };
}
