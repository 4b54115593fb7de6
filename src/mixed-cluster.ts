import type { ClustersData } from './output/clusters-data';

/** A cluster that looks like several people whom DBSCAN has chained together. */
export interface MixedCluster {
  readonly label: number;
  /** How many of all faces it holds. */
  readonly percent: number;
  /** Mean distance of its faces to their centre. */
  readonly spread: number;
  /** A smaller `eps` to try. */
  readonly tryEps: number;
}

/** A cluster with more than this part of all faces is looked at. */
const LARGE = 1 / 3;

/**
 * Mean distance to the centre above which faces are hardly those of one person. On 129 faces of five footballers it was
 * 0.29 to 0.33 for each of them, 0.38 for two of them merged and 0.48 for all.
 */
const ONE_PERSON = 0.36;

/** Each step makes one merged cluster fall apart, often into the right parts; two are too strict for most collections. */
const STEP = 0.05;

/**
 * The largest cluster if it holds more than a third of all faces and these differ more than those of one person do. That
 * one person is on most photos of an album is nothing to warn of.
 */
export function mixedCluster({ encodings, parameters, people }: ClustersData): MixedCluster | undefined {
  for (const { label, faces } of people) {
    if (faces.length <= LARGE * encodings.faces) continue;
    const spread = faces.reduce((sum, face) => sum + (face.distance ?? 0), 0) / faces.length;
    if (spread <= ONE_PERSON) continue;
    const percent = Math.floor((100 * faces.length) / encodings.faces);
    return { label, percent, spread, tryEps: stricter(parameters.eps) };
  }
  return undefined;
}

function stricter(eps: number): number {
  return Math.max(0.05, Math.round((eps - STEP) * 100) / 100);
}
