import {
  type Clusterer,
  clusterSome,
  type LinkageParameters,
  linkageClusterer,
} from '../clustering/clusterer';
import type { PeopleChanges } from '../people/match';
import type { People } from '../people/people';
import type { FoundFaces } from './found-faces';

/**
 * People are compared with each other when so many times as many faces are there as the last time: each time a few are added,
 * these would be joined too early, on too few faces. Measured: docs/grouping.md.
 */
const GROWN = 1.2;

export interface RegroupOptions {
  readonly threshold: number | null;
  readonly minPhotos: number;
  /** How many faces there were when people were last compared with each other; 0: never. */
  readonly compared: number;
  /** Whether to begin anew with everybody on whom nothing was decided; `compared` is 0 then. */
  readonly anew: boolean;
  readonly run: {
    readonly threads: number;
    readonly maxMemory: number;
    readonly signal?: AbortSignal;
    readonly onProgress: (fraction: number) => void;
  };
}

export interface Regrouped {
  readonly changes: PeopleChanges;
  readonly parameters: LinkageParameters;
  /** See {@link RegroupOptions.compared}. */
  readonly compared: number;
  /** See `LinkageResult`. */
  readonly nearestOnly: number;
}

/** What groups the faces of a people folder: on how many photos somebody has to be, people are asked afterwards. */
export function folderClusterer(threshold: number | null, { mirrored }: FoundFaces['toCluster']): Clusterer {
  return linkageClusterer(
    { threshold: threshold ?? undefined, minSamples: 1, keepUnclear: false },
    mirrored !== undefined,
  );
}

/** What the people of a folder come from, as results say it. */
export function folderParameters(
  { threshold, minPhotos }: Pick<RegroupOptions, 'threshold' | 'minPhotos'>,
  toCluster: FoundFaces['toCluster'],
): LinkageParameters {
  const { parameters } = folderClusterer(threshold, toCluster);
  return { ...(parameters as LinkageParameters), minSamples: minPhotos };
}

/**
 * Groups all faces, beginning with the people that there are and what was decided on them: new faces join them, or become new
 * people; when many have been added, people without a name may turn out to be others.
 * @throws FaceError as `linkage` and `People.update`
 */
export async function regroup(
  people: People,
  { faces, toCluster }: FoundFaces,
  { threshold, minPhotos, compared, anew, run }: RegroupOptions,
): Promise<Regrouped> {
  if (anew) await people.dissolve();
  const { noFaces, ...constraints } = people.constraints(faces);
  const without = new Set(noFaces);
  const places = [...faces.keys()].filter((place) => !without.has(place));
  const joinPeople = faces.length >= GROWN * compared;
  const clusterer = folderClusterer(threshold, toCluster);
  const known = { ...constraints, joinPeople };
  const { labels, nearestOnly } = await clusterSome(clusterer, { ...toCluster, known }, places, run);
  const changes = await people.update(faces, labels, { absorb: joinPeople, minPhotos });
  return {
    changes,
    parameters: folderParameters({ threshold, minPhotos }, toCluster),
    compared: joinPeople ? faces.length : compared,
    nearestOnly,
  };
}
