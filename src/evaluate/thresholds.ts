import {
  type Clusterer,
  type ClusteringParameters,
  type ClusterRun,
  dbscanClusterer,
  type FacesToCluster,
  linkageClusterer,
} from '../clustering/clusterer';
import { DEFAULT_EPS } from '../clustering/dbscan';
import { defaultThreshold } from '../clustering/linkage';
import { type ClusteringQuality, evaluateClustering } from './clustering-quality';

/** How right the groups are that a method makes with certain parameters. */
export interface EvaluatedClustering extends ClusteringQuality {
  /** Of `dbscan` as `cluster` takes it, or of `linkage` as `sort` does: groups of any size count. */
  readonly parameters: ClusteringParameters;
  /** Whether these are the defaults. One of each method. */
  readonly usual: boolean;
  /** Whether B-cubed F is highest with these, of all of its method; of equal ones the nearest to the default. One of each method. */
  readonly best: boolean;
}

/** A way of grouping that takes one number, how strict to be. */
interface Method {
  readonly usual: number;
  clusterer(value: number): Clusterer;
}

const STEP = 0.02;
/** So many steps to either side are measured in any case. */
const STEPS = 5;
/** Beyond, all faces are one group. */
const LOOSEST = 1.2;

/**
 * Groups faces by both methods, from strict to loose, and measures how right that is. If none does better than the strictest or
 * the loosest, it goes on there.
 * @param faces as for a `Clusterer`
 * @param truth who they are, as for `evaluateClustering`
 * @returns those of `dbscan` first, the stricter first
 * @throws FaceError FACE_ABORTED
 */
export async function evaluateThresholds(
  faces: FacesToCluster,
  truth: readonly (string | undefined)[],
  { minSamples }: { readonly minSamples: number },
  { onProgress, ...run }: ClusterRun,
): Promise<EvaluatedClustering[]> {
  const mirrored = faces.mirrored !== undefined;
  const methods: Method[] = [
    { usual: DEFAULT_EPS, clusterer: (eps) => dbscanClusterer({ eps, minSamples }) },
    {
      usual: defaultThreshold(mirrored),
      clusterer: (threshold) => linkageClusterer({ threshold, minSamples: 1, keepUnclear: false }, mirrored),
    },
  ];
  const evaluated: EvaluatedClustering[] = [];
  for (const [i, method] of methods.entries()) {
    const measure = async ({ parameters, cluster }: Clusterer) => {
      const { labels } = await cluster(faces, run);
      return { parameters, ...evaluateClustering(labels, truth) };
    };
    const report = (done: number) => onProgress?.((i + done) / methods.length);
    evaluated.push(...(await evaluateMethod(method, measure, report)));
  }
  return evaluated;
}

type Measured = Omit<EvaluatedClustering, 'usual' | 'best'>;

async function evaluateMethod(
  { usual, clusterer }: Method,
  measure: (clusterer: Clusterer) => Promise<Measured>,
  onProgress: (fraction: number) => void,
): Promise<EvaluatedClustering[]> {
  const valueAt = (step: number) => Math.round(100 * (usual + step * STEP)) / 100;
  const found = new Map<number, Measured>();
  const add = async (step: number) => {
    found.set(step, await measure(clusterer(valueAt(step))));
    // How many more there will be, nobody knows.
    onProgress(Math.min(1, found.size / (2 * STEPS + 1)));
  };
  for (let step = -STEPS; step <= STEPS; step++) await add(step);
  for (const direction of [-1, 1]) {
    for (let step = direction * STEPS; mayRise(found, step); ) {
      step += direction;
      if (valueAt(step) <= 0 || valueAt(step) > LOOSEST) break;
      await add(step);
    }
  }
  const best = bestOf(found);
  return [...found]
    .sort(([a], [b]) => a - b)
    .map(([step, measured]) => ({ ...measured, usual: step === 0, best: step === best }));
}

function fAt(found: ReadonlyMap<number, Measured>, step: number): number {
  return found.get(step)?.bcubed.f1 ?? 0;
}

/** Whether the outermost step does as well as any, so that the next one may do better. */
function mayRise(found: ReadonlyMap<number, Measured>, step: number): boolean {
  const most = fAt(found, bestOf(found));
  return fAt(found, step) === most && most < 1;
}

/** The step that does best; of equal ones the nearest to the default, the stricter first. */
function bestOf(found: ReadonlyMap<number, Measured>): number {
  return [...found.keys()].reduce((best, step) => {
    const better = fAt(found, step) - fAt(found, best) || Math.abs(best) - Math.abs(step) || best - step;
    return better > 0 ? step : best;
  });
}
