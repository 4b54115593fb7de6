import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dbscan } from '../../src/clustering/dbscan';
import { readEncodings } from '../../src/encodings/encodings';
import { native } from '../../src/native';
import { useInstructionSet } from '../support/instruction-sets';
import { describeWithPython, runPython } from '../support/python';
import { describeWithShared } from '../support/shared';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dbscan-sklearn-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));
afterEach(() => useInstructionSet());

/**
 * Makes the sets and what scikit-learn says of them.
 *
 * A pair of points may be exactly at eps only where float64 holds all numbers on the way: coordinates and eps of
 * those sets are small integers. From 16 dimensions on scikit-learn computes distances as |x|² - 2xy + |y|², whose
 * rounding would decide such a tie between other numbers; there, eps lies in a gap between the distances.
 */
const MAKE_SETS = `
import json, sys
import numpy as np
from scipy.spatial.distance import pdist, squareform
from sklearn.cluster import DBSCAN

path, stride = sys.argv[1], int(sys.argv[2])
DIMENSIONS = [1, 2, 3, 8, 16, 17, 128, 512, 2048]

def size(rng, d):
    return int(rng.integers(3, 420 if d <= 128 else 120))

def eps_in_gap(rng, points, low, high):
    distances = np.unique(pdist(points))
    if len(distances) < 2: return 0.5
    gaps = np.flatnonzero(np.diff(distances) > 1e-6 * (1 + distances[1:]))
    if len(gaps) == 0: return float(distances[-1] * 2 + 1)
    at = gaps[int(rng.uniform(low, high) * (len(gaps) - 1))]
    return float((distances[at] + distances[at + 1]) / 2)

def blobs(rng, d):
    centres = rng.normal(size=(rng.integers(1, 8), d)) * rng.uniform(1, 4)
    points = centres[rng.integers(len(centres), size=size(rng, d))]
    points = points + rng.normal(size=points.shape) * rng.uniform(0.1, 1)
    return points, None, int(rng.integers(1, 9)), (0.0, 0.4)

def duplicates(rng, d):
    points, _, samples, quantiles = blobs(rng, d)
    return points[rng.integers(max(1, len(points) // 5), size=len(points))], None, samples, quantiles

def encodings(rng, d):
    people = rng.normal(size=(rng.integers(2, 12), d))
    people *= 1.4 / np.linalg.norm(people, axis=1, keepdims=True)
    points = people[rng.integers(len(people), size=size(rng, d))]
    return points + rng.normal(size=points.shape) * 0.3 / np.sqrt(d), None, 5, (0.0, 0.3)

def noise(rng, d):
    points = rng.uniform(-1, 1, size=(size(rng, d), d))
    if rng.random() < 0.5: return points, None, len(points) + 1, (0.2, 0.8)
    return points * 1000, 0.001, int(rng.integers(2, 6)), None

def lattice(rng, d):
    span = int(rng.integers(2, 7)) if d <= 8 else 2
    points = rng.integers(0, span, size=(size(rng, d), d)).astype(float)
    # Distances of random corners of a cube are about sqrt(d / 2): eps must lie there, and eps * eps be a square.
    eps = float(rng.integers(1, 3)) if d <= 8 else float(max(1, round(np.sqrt(d / 2)) - rng.integers(0, 2)))
    return points, eps, int(rng.integers(2, 9)), None

def chain(rng, d):
    eps = float(rng.integers(1, 4))
    steps = np.zeros((size(rng, d), d))
    steps[np.arange(len(steps)), rng.integers(d, size=len(steps))] = eps
    steps[rng.random(len(steps)) < 0.05] += 2 * eps
    return rng.permutation(np.cumsum(steps, axis=0)), eps, int(rng.integers(1, 4)), None

def contested(rng, d):
    # A border point in the middle of a star, exactly at eps from the innermost core point of each arm.
    eps, crowd, stars = float(rng.integers(1, 4)), 6, []
    for star in range(int(rng.integers(1, 8))):
        points = [np.zeros(d)]
        for axis in range(min(d, 2)):
            for side in (-1, 1):
                for at, times in ((1, 1), (2, crowd)):
                    arm = np.zeros(d)
                    arm[axis] = side * at * eps
                    points += [arm] * times
        stars.append(np.array(points) + 20 * eps * star)
    return rng.permutation(np.concatenate(stars)), eps, crowd + 2, None

def large(rng, d):
    points = rng.integers(0, 40, size=(2500, d)).astype(float) if d <= 3 else blobs(rng, d)[0]
    return points, 1.0 if d <= 3 else None, 4, (0.0, 0.1)

def tiny(n):
    def make(rng, d):
        points = rng.integers(0, 2, size=(n, d)).astype(float)
        return points, float(rng.integers(1, 3)), int(rng.integers(1, 3)), None
    return make

KINDS = [blobs, duplicates, encodings, noise, lattice, chain, contested, large, tiny(0), tiny(1), tiny(2)]
NAMES = ["blobs", "duplicates", "encodings", "noise", "lattice", "chain", "contested", "large", "n0", "n1", "n2"]

sets, offset = [], 0
with open(path, "wb") as out:
    for index in range(len(KINDS) * len(DIMENSIONS) * 3)[::stride]:
        kind, d = index % len(KINDS), DIMENSIONS[index // len(KINDS) % len(DIMENSIONS)]
        rng = np.random.default_rng([7, index])
        points, eps, samples, quantiles = KINDS[kind](rng, d)
        # Every third round as float32: scikit-learn gets the rounded values, as float64.
        float32 = index // len(KINDS) // len(DIMENSIONS) == 2
        if float32: points = points.astype("f4").astype("f8")
        if eps is None: eps = eps_in_gap(rng, points, *quantiles)
        n = len(points)
        entry = {"kind": NAMES[kind], "n": n, "d": d, "eps": eps, "minSamples": samples, "float32": float32,
                 "offset": offset, "labels": [], "core": [], "atEps": 0, "contested": 0}
        # scikit-learn refuses an empty array.
        if n > 0:
            found = DBSCAN(eps=eps, min_samples=samples, metric="euclidean").fit(points)
            entry["labels"], entry["core"] = found.labels_.tolist(), found.core_sample_indices_.tolist()
            squared = squareform(pdist(points, "sqeuclidean"))
            entry["atEps"] = int((np.triu(squared, 1) == eps * eps).sum()) if quantiles is None else 0
            core = np.zeros(n, bool)
            core[found.core_sample_indices_] = True
            entry["contested"] = sum(
                len(set(found.labels_[core & (squared[i] <= eps * eps)])) > 1 for i in np.flatnonzero(~core))
        raw = points.astype("<f4" if float32 else "<f8").tobytes()
        raw += bytes(-len(raw) % 8)
        out.write(raw)
        offset += len(raw)
        sets.append(entry)
print(json.dumps(sets))
`;

interface PointSet {
  readonly kind: string;
  readonly n: number;
  readonly d: number;
  readonly eps: number;
  readonly minSamples: number;
  readonly float32: boolean;
  readonly offset: number;
  readonly labels: readonly number[];
  /** Indices of the core points. */
  readonly core: readonly number[];
  /** Pairs of points exactly at eps. */
  readonly atEps: number;
  /** Border points that more than one cluster reaches. */
  readonly contested: number;
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

describeWithPython('DBSCAN and scikit-learn', (environment) => {
  // All sets with one version of scikit-learn; a fraction shows that the other agrees.
  const stride = environment.name === 'NumPy 2' ? 1 : 7;

  test('the same labels and core points on random sets, with 1, 2 and 7 threads and each instruction set', async () => {
    const file = join(folder, `sets-${stride}`);
    const sets: PointSet[] = JSON.parse(runPython(environment, MAKE_SETS, [file, `${stride}`]));
    const { buffer, byteOffset } = await readFile(file);

    const instructionSets = native().instructionSets();
    const ways = [
      ...instructionSets.map((instructions) => [2, instructions] as const),
      ...[1, 7].map((threads) => [threads, undefined] as const),
    ];
    const wrong: string[] = [];
    for (const { kind, n, d, eps, minSamples, float32, offset, labels, core } of sets) {
      const data = new (float32 ? Float32Array : Float64Array)(buffer, byteOffset + offset, n * d);
      for (const [threads, instructions] of ways) {
        useInstructionSet(instructions);
        const found = await dbscan({ data, n, d }, { eps, minSamples, threads });
        const ours = [...found.core.entries()].filter(([, isCore]) => isCore).map(([i]) => i);
        if (
          found.labels.join() !== labels.join() ||
          ours.join() !== core.join() ||
          found.clusters !== Math.max(-1, ...labels) + 1
        ) {
          wrong.push(
            `${kind}: ${n} x ${d}, eps ${eps}, minSamples ${minSamples}, ${threads} threads, ${instructions}`,
          );
        }
      }
    }
    expect(wrong).toEqual([]);

    const { length } = sets;
    const atEps = sum(sets.map((set) => set.atEps));
    const contested = sum(sets.map((set) => set.contested));
    const clusters = sum(sets.map(({ labels }) => Math.max(-1, ...labels) + 1));
    process.stdout.write(
      `DBSCAN equals scikit-learn (${environment.name}) on ${length} sets: ${clusters} clusters, ` +
        `${atEps} pairs exactly at eps, ${contested} border points reached by several clusters; ` +
        `with ${instructionSets.join(', ')}\n`,
    );
    // The sets are hard: an implementation with < instead of <=, or that takes another cluster, would be caught.
    expect(length).toBeGreaterThanOrEqual(stride === 1 ? 200 : 30);
    expect(atEps).toBeGreaterThan(100);
    expect(contested).toBeGreaterThan(10);
    expect(clusters).toBeGreaterThan(length);
  });

  describeWithShared('golden encodings', (shared) => {
    test.each(['players-original-2020', 'players-hog', 'players-cnn'])(
      '%s: the label of every face is the same',
      async (name) => {
        const path = join(shared, 'golden', `${name}.pickle`);
        const printed = runPython(
          environment,
          `
import json, pickle, sys
from sklearn.cluster import DBSCAN
data = pickle.load(open(sys.argv[1], "rb"))
print(json.dumps(DBSCAN(metric="euclidean").fit([d["encoding"] for d in data]).labels_.tolist()))`,
          [path],
        );
        const encodings = (await readEncodings(path)).map(({ encoding }) => encoding);
        expect(encodings.length).toBeGreaterThan(100);
        for (const threads of [1, 2, 7]) {
          const { labels } = await dbscan(encodings, { threads });
          expect([...labels]).toEqual(JSON.parse(printed));
        }
      },
    );
  });
});
