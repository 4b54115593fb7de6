import { setImmediate as nextTurn } from 'node:timers/promises';
import { throwIfAborted } from '../base/errors';
import { groupBy } from '../base/maps';
import type { FaceRecord } from '../base/types';
import type { ClusterRun } from './clusterer';
import type { Cluster } from './clusters';
import { sidesOfHalves } from './halves';
import { findHolders } from './holders';

/**
 * Why a person looks like several: `spread`: the faces differ more than those of one person do; `photos`: two of them are on
 * one photo, in different places; `halves`: they fall into two groups that are as far apart as two people.
 */
export type SeveralReason = 'spread' | 'photos' | 'halves';

/** What makes a person look like several people. */
export interface Several {
  /** At least one. */
  readonly reasons: readonly SeveralReason[];
  /** How many photos have two of the faces, in different places: a box inside another is the same face, found twice. */
  readonly photos: number;
  /** The two groups that the faces fall into most clearly; `null` if they are all the same. */
  readonly halves: {
    /** About the mean distance of a face of one group to a face of the other. */
    readonly distance: number;
    /** Which part of the faces are in the smaller group, up to 0.5. */
    readonly share: number;
  } | null;
}

/*
 * Chosen on half of the people with 5 faces or more of LFW, and on footballers: none of 108 people is found, and 220 of 228 pairs
 * of people who look alike; on the other half 2 of 121, and 229 of 242. See docs/grouping.md.
 */

/** Mean distance of faces to their centre above which they are hardly those of one person. */
const ONE_PERSON_SPREAD = 0.375;
/** Distance of two halves above which they are hardly of one person, if the smaller one has some faces: one or two are odd photos. */
const ONE_PERSON_HALVES = 0.58;
const LEAST_FACES = 3;
/** Which part of somebody's photos may have two of their faces: mirrors, collages. Of groups of several people, most have more. */
const MIRRORS = 0.01;

/** Whether the faces of a cluster differ more than those of one person do, on whatever photos they are. */
export function differTooMuch(cluster: Cluster): boolean {
  return reasonsOf(cluster, 0, 1).length > 0;
}

/**
 * Why a cluster looks like several people; `null` if it does not, and for label -1.
 * @param records of all faces
 * @param said the faces of which somebody has said who they are: if both halves have one, somebody has said that they are one person
 */
export function looksLikeSeveral(
  cluster: Cluster,
  records: readonly FaceRecord[],
  said: ReadonlySet<number> = new Set(),
): Several | null {
  const byPhoto = groupBy(
    cluster.indices.map((index) => records[index] as FaceRecord),
    ({ imagePath }) => imagePath,
  );
  const withSeveral = [...byPhoto.values()].filter(inSeveralPlaces).length;
  const reasons = reasonsOf(cluster, withSeveral, byPhoto.size);
  if (reasons.length === 0 || isSaidToBeOne(cluster, said)) return null;
  const { halves } = cluster;
  return {
    reasons,
    photos: withSeveral,
    halves: halves ? { distance: halves.distance, share: halves.share } : null,
  };
}

function isSaidToBeOne(cluster: Cluster, said: ReadonlySet<number>): boolean {
  const known = [...cluster.indices.keys()].filter((i) => said.has(cluster.indices[i] as number));
  if (known.length < 2) return false;
  const sides = sidesOfHalves(cluster.encodings);
  return new Set(known.map((i) => sides?.[i])).size > 1;
}

function reasonsOf(cluster: Cluster, withSeveral: number, photos: number): SeveralReason[] {
  const { label, spread = 0, halves } = cluster;
  if (label < 0) return [];
  const apart = halves && halves.smaller >= LEAST_FACES && halves.distance > ONE_PERSON_HALVES;
  return [
    ...(spread > ONE_PERSON_SPREAD ? (['spread'] as const) : []),
    ...(withSeveral > MIRRORS * photos ? (['photos'] as const) : []),
    ...(apart ? (['halves'] as const) : []),
  ];
}

/** Whether a photo has two faces neither of which is inside the other. */
function inSeveralPlaces(onPhoto: readonly FaceRecord[]): boolean {
  return onPhoto.length > 1 && findHolders(onPhoto).filter((holder) => holder === null).length > 1;
}

/** Faces that are looked at before others have their turn: tens of milliseconds. */
const BATCH = 10_000;

/**
 * {@link looksLikeSeveral} for all clusters.
 * @param said as there
 * @returns by label, those that do
 * @throws FaceError FACE_ABORTED
 */
export async function findSeveral(
  clusters: readonly Cluster[],
  records: readonly FaceRecord[],
  { signal, onProgress }: Pick<ClusterRun, 'signal' | 'onProgress'>,
  said?: ReadonlySet<number>,
): Promise<Map<number, Several>> {
  const found = new Map<number, Several>();
  let [done, reported] = [0, 0];
  for (const cluster of clusters) {
    const several = looksLikeSeveral(cluster, records, said);
    if (several) found.set(cluster.label, several);
    done += cluster.indices.length;
    if (done - reported < BATCH) continue;
    reported = done;
    onProgress?.(done / records.length);
    await nextTurn();
    throwIfAborted(signal);
  }
  return found;
}
