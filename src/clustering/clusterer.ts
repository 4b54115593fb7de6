import { setImmediate as nextTurn } from 'node:timers/promises';
import { throwIfAborted } from '../base/errors';
import { getOrMake, groupBy } from '../base/maps';
import { centreOf } from './centre';
import { clustersOf } from './clusters';
import { DBSCAN_PAIRS_MEMORY, type DbscanOptions, dbscan } from './dbscan';
import type { KnownPeople } from './known-people';
import { CONTACTS_MEMORY, defaultThreshold, linkage } from './linkage';

/** How a clustering is run; its result does not depend on it, but for {@link Clustering.nearestOnly}. */
export type ClusterRun = Pick<DbscanOptions, 'threads' | 'maxMemory' | 'signal' | 'onProgress'>;

/** What is to be sorted. */
export interface FacesToCluster {
  readonly encodings: readonly Float64Array[];
  /** Encodings of the faces' mirror images; `undefined` unless those of all are known. */
  readonly mirrored?: readonly Float64Array[] | undefined;
  /** Which of them are too unclear to tell who they are. */
  readonly unclear: readonly boolean[];
  /** Names of the faces. Where distances are equal they decide, and not the order of the faces. */
  readonly ids: readonly string[];
  /**
   * Who they are known to be, for `linkage` alone: unclear faces of known people are as good as all others, and no group of theirs
   * is too small. Whoever has no face here may be named in `keep`, `apart` and `not`, and is nobody.
   */
  readonly known?: KnownPeople | undefined;
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
  /** Whether faces that are too unclear to tell who they are were taken like all others. */
  readonly keepUnclear: boolean;
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
 * Average linkage. Unclear faces make nobody, unless they are kept; each is added to the person whom it is surely like, if there is one.
 * Where only `fresh` faces are looked at, only those of them.
 * @param mirrored whether the faces will come with those of their mirror images
 */
export function linkageClusterer(
  {
    threshold,
    minSamples,
    keepUnclear,
  }: {
    readonly threshold: number | undefined;
    readonly minSamples: number;
    readonly keepUnclear: boolean;
  },
  mirrored: boolean,
): Clusterer {
  const parameters = {
    method: 'linkage',
    threshold: threshold ?? defaultThreshold(mirrored),
    mirrored,
    minSamples,
    keepUnclear,
  } as const;
  return {
    parameters,
    async cluster({ encodings, mirrored: others, ids, unclear, known }, run) {
      const isNobodys = (index: number) => known === undefined || (known.people[index] as number) < 0;
      const left = [...ids.keys()].filter((index) => !keepUnclear && unclear[index] && isNobodys(index));
      const isLeft = new Set(left);
      const clear = orderOf(ids).filter((index) => !isLeft.has(index));
      const chosen = (values: readonly Float64Array[]) => clear.map((index) => values[index] as Float64Array);
      const both = mirrored ? others : undefined;
      const { labels, nearestOnly } = await linkage(chosen(encodings), {
        ...(both && { mirrored: chosen(both) }),
        threshold: parameters.threshold,
        ...(known && knownAmong(known, clear)),
        ...run,
        maxMemory: Math.min(CONTACTS_MEMORY, run.maxMemory ?? Infinity),
      });
      const groups = new Int32Array(ids.length).fill(-1);
      const sizes = new Map<number, number>();
      for (const label of labels) sizes.set(label, (sizes.get(label) ?? 0) + 1);
      const ofPeople = new Map<number, number>();
      for (const [place, index] of clear.entries()) {
        if (!isNobodys(index)) ofPeople.set(known?.people[index] as number, labels[place] as number);
      }
      const large = new Set(ofPeople.values());
      for (const [label, size] of sizes) if (size >= minSamples) large.add(label);
      for (const [place, index] of clear.entries()) {
        const label = labels[place] as number;
        if (large.has(label)) groups[index] = label;
      }
      const not = groupBy(known?.not ?? [], ([index]) => index);
      const isNot = (index: number, group: number) =>
        not.get(index)?.some(([, person]) => ofPeople.get(person) === group) ?? false;
      // One face alone is nobody whom others could be surely like.
      const people = new Set(ofPeople.values());
      const isPerson = (group: number) => people.has(group) || (sizes.get(group) as number) > 1;
      const fresh = known?.joinPeople === false && known.fresh && new Set(known.fresh);
      const asked = fresh ? left.filter((index) => fresh.has(index)) : left;
      await addUnclear(groups, asked, isPerson, isNot, encodings, both, run.signal);
      return { labels: numbered(groups), nearestOnly };
    },
  };
}

/**
 * Sorts some of the faces; the others are in no cluster.
 * @param places of those that are sorted
 * @throws FaceError as the clusterer
 */
export async function clusterSome(
  { cluster }: Clusterer,
  { encodings, mirrored, unclear, ids, known }: FacesToCluster,
  places: readonly number[],
  run: ClusterRun,
): Promise<Clustering> {
  const of = <T>(values: ArrayLike<T>) => places.map((place) => values[place] as T);
  const { labels, nearestOnly } = await cluster(
    {
      encodings: of(encodings),
      mirrored: mirrored && of(mirrored),
      unclear: of(unclear),
      ids: of(ids),
      known: known && knownAmong(known, places),
    },
    run,
  );
  const all = new Int32Array(ids.length).fill(-1);
  for (const [i, place] of places.entries()) all[place] = labels[i] as number;
  return { labels: all, nearestOnly };
}

/** What is known of some of the faces, by their places among these. */
function knownAmong(
  { people, joinPeople, keep, apart, not, fresh }: KnownPeople,
  faces: readonly number[],
): KnownPeople {
  const places = new Int32Array(people.length).fill(-1);
  for (const [place, index] of faces.entries()) places[index] = place;
  const placeOf = (index: number) => places[index] ?? -1;
  const own = faces.map((index) => people[index] as number);
  const there = new Set(own);
  return {
    people: own,
    ...(joinPeople !== undefined && { joinPeople }),
    keep: (keep ?? []).filter((person) => there.has(person)),
    apart: (apart ?? []).filter((pair) => pair.every((person) => there.has(person))),
    not: (not ?? [])
      .filter(([index, person]) => placeOf(index) >= 0 && there.has(person))
      .map(([index, person]) => [placeOf(index), person]),
    ...(fresh && { fresh: fresh.map(placeOf).filter((place) => place >= 0) }),
  };
}

/** The places of the names in their order; of equal ones, the lower first. */
function orderOf(ids: readonly string[]): number[] {
  const name = (index: number) => ids[index] as string;
  return ids
    .map((_, index) => index)
    .sort((a, b) => (name(a) < name(b) ? -1 : name(a) > name(b) ? 1 : a - b));
}

/**
 * How near to the centre of a person's faces an unclear face has to be: nearer than most clear ones, as it says less. For means
 * of a face and its mirror image, and for plain encodings: docs/grouping.md.
 */
const SURELY_LIKE = { mirrored: 0.45, plain: 0.5 };

/** Unclear faces that are compared with all people before others have their turn. */
const AT_ONCE = 16;

/**
 * Gives unclear faces the group whose centre is nearest, if one is near enough.
 * @param isPerson whether a group counts
 * @param isNot whether a face must not come into a group
 */
async function addUnclear(
  groups: Int32Array,
  unclear: readonly number[],
  isPerson: (group: number) => boolean,
  isNot: (index: number, group: number) => boolean,
  encodings: readonly Float64Array[],
  mirrored: readonly Float64Array[] | undefined,
  signal: AbortSignal | undefined,
): Promise<void> {
  if (unclear.length === 0) return;
  const point = (index: number) => {
    const encoding = encodings[index] as Float64Array;
    const other = mirrored?.[index];
    return other ? encoding.map((value, k) => (value + (other[k] as number)) / 2) : encoding;
  };
  const centres = clustersOf(groups, encodings)
    .filter(({ label }) => label >= 0 && isPerson(label))
    .map(({ label, indices }) => ({ label, centre: centreOf(indices.map(point)) }));
  for (const [i, index] of unclear.entries()) {
    if (i % AT_ONCE === 0) {
      await nextTurn();
      throwIfAborted(signal);
    }
    const face = point(index);
    let nearest = mirrored ? SURELY_LIKE.mirrored : SURELY_LIKE.plain;
    for (const { label, centre } of centres) {
      const distance = distanceUpTo(face, centre, nearest);
      if (distance > nearest || isNot(index, label)) continue;
      nearest = distance;
      groups[index] = label;
    }
  }
}

/** The same as `euclidean`; or infinity, as soon as it is known to be more than `most`. */
function distanceUpTo(a: Float64Array, b: Float64Array, most: number): number {
  // A little more, so that rounding decides nothing.
  const limit = most * most * (1 + 1e-9);
  let sum = 0;
  for (let i = 0; i < a.length; ) {
    for (const end = Math.min(i + VALUES_AT_ONCE, a.length); i < end; i++) {
      const difference = (a[i] as number) - (b[i] as number);
      sum += difference * difference;
    }
    if (sum > limit) return Number.POSITIVE_INFINITY;
  }
  return Math.sqrt(sum);
}

/** Most that are far are known to be after a few. */
const VALUES_AT_ONCE = 16;

/** The same groups, numbered by lowest face; -1 stays. */
function numbered(groups: Int32Array): Int32Array {
  const labels = new Map<number, number>();
  return groups.map((group) => (group < 0 ? -1 : getOrMake(labels, group, () => labels.size)));
}
