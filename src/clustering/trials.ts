import type { FaceRecord } from '../base/types';
import {
  type Clusterer,
  type ClusteringParameters,
  type ClusterRun,
  dbscanClusterer,
  type FacesToCluster,
  linkageClusterer,
} from './clusterer';
import { clustersOf } from './clusters';
import { DEFAULT_EPS } from './dbscan';
import { defaultThreshold } from './linkage';
import { findSeveral } from './several';

/** What a clustering with certain parameters comes to. */
export interface ClusteringTrial {
  readonly parameters: ClusteringParameters;
  readonly people: number;
  /** Number of faces of the largest. */
  readonly largest: number;
  /** Number of faces that belong to nobody. */
  readonly unclustered: number;
  /** How many of these are too unclear to tell who they are. */
  readonly unclear: number;
  /**
   * How many faces somebody should look at: those that are clear and belong to nobody, and those of people who look like several,
   * or who are mostly unclear faces and so are nobody.
   */
  readonly toLookAfter: number;
  /** How many of the people look like several in one. */
  readonly several: number;
  /** How many faces these have. */
  readonly severalFaces: number;
  /**
   * Whether this is what to use. That is the one with the fewest faces `toLookAfter`; of equal ones that of `dbscan`, and the
   * loosest. Looser ones than the defaults are recommended only if nothing else finds anybody: what they mix is often not
   * seen. One at most.
   */
  readonly recommended: boolean;
}

/** How much stricter and looser than the default is tried. */
const STEPS = [-0.1, -0.05, 0, 0.05, 0.1];

/**
 * Clusters faces by both methods, from stricter than the default to looser.
 * @param faces as for a `Clusterer`
 * @param parameters of all trials; one of them is with this `eps`
 * @returns those of `dbscan` first, the stricter first
 * @throws FaceError FACE_ABORTED
 */
export async function tryClusterings(
  records: readonly FaceRecord[],
  faces: FacesToCluster,
  { eps, minSamples }: { readonly eps: number; readonly minSamples: number },
  { onProgress, ...run }: ClusterRun,
): Promise<ClusteringTrial[]> {
  const mirrored = faces.mirrored !== undefined;
  const clusterers = [
    ...around(DEFAULT_EPS, eps).map((eps) => dbscanClusterer({ eps, minSamples })),
    ...around(defaultThreshold(mirrored)).map((threshold) =>
      linkageClusterer({ threshold, minSamples, keepUnclear: false }, mirrored),
    ),
  ];
  const trials: Omit<ClusteringTrial, 'recommended'>[] = [];
  for (const [i, clusterer] of clusterers.entries()) {
    const report = (fraction: number) => onProgress?.((i + fraction) / clusterers.length);
    trials.push(await tryOne(clusterer, records, faces, { ...run, onProgress: report }));
  }
  const recommended = recommend(trials);
  return trials.map((trial) => ({ ...trial, recommended: trial === recommended }));
}

/** Rising, without one twice; rounded, so that none is 0.5800000000000001. */
function around(usual: number, ...others: number[]): number[] {
  const values = STEPS.map((step) => Math.round((usual + step) * 100) / 100);
  return [...new Set([...values, ...others])].sort((a, b) => a - b);
}

async function tryOne(
  { parameters, cluster }: Clusterer,
  records: readonly FaceRecord[],
  faces: FacesToCluster,
  run: ClusterRun,
): Promise<Omit<ClusteringTrial, 'recommended'>> {
  const { labels } = await cluster(faces, run);
  const clusters = clustersOf(labels, faces.encodings);
  const people = clusters.filter(({ label }) => label >= 0);
  const several = await findSeveral(clusters, records, run.signal ? { signal: run.signal } : {});
  const unclearOf = (indices: readonly number[]) => indices.filter((index) => faces.unclear[index]).length;
  const facesOf = (which: typeof people) => which.reduce((sum, { indices }) => sum + indices.length, 0);
  const unclustered = records.length - facesOf(people);
  const unclear = unclearOf([...labels.keys()].filter((index) => (labels[index] as number) < 0));
  const doubtful = ({ label, indices }: (typeof people)[0]) =>
    several.has(label) || 2 * unclearOf(indices) > indices.length;
  return {
    parameters,
    people: people.length,
    largest: people.reduce((most, { indices }) => Math.max(most, indices.length), 0),
    unclustered,
    unclear,
    toLookAfter: unclustered - unclear + facesOf(people.filter(doubtful)),
    several: several.size,
    severalFaces: facesOf(people.filter(({ label }) => several.has(label))),
  };
}

function recommend<T extends Omit<ClusteringTrial, 'recommended'>>(trials: readonly T[]): T | undefined {
  const some = trials.filter(({ people }) => people > 0);
  const usual = some.filter(({ parameters }) => !looserThanDefault(parameters));
  const isBetter = (trial: T, best: T) => {
    const fewer = best.toLookAfter - trial.toLookAfter;
    return fewer > 0 || (fewer === 0 && trial.parameters.method === best.parameters.method);
  };
  return (usual.length > 0 ? usual : some).reduce<T | undefined>(
    (best, trial) => (!best || isBetter(trial, best) ? trial : best),
    undefined,
  );
}

function looserThanDefault(parameters: ClusteringParameters): boolean {
  return parameters.method === 'dbscan'
    ? parameters.eps > DEFAULT_EPS
    : parameters.threshold > defaultThreshold(parameters.mirrored);
}
