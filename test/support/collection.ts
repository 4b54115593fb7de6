import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import type { Box, FaceRecord } from '../../src/base/types';
import {
  type ClusterFacesOptions,
  type ClusterProgress,
  type ClusterSummary,
  clusterFaces,
} from '../../src/cluster';
import { Journal } from '../../src/encode/journal/journal';
import { photoState } from '../../src/encode/journal/photo-state';
import { encodeSettings } from '../../src/encode/journal/settings';
import { writeEncodings } from '../../src/encodings/encodings';
import type { FaceMeasures } from '../../src/engine/faces';
import type { ClustersData, FaceData } from '../../src/result/export/clusters-data';
import { sha256 } from '../../src/system/sha256';
import { samplePhoto } from './files';

/** All phases of a run, in their order. */
export const CLUSTER_PHASES = [
  'check',
  'read',
  'locate',
  'cluster',
  'advice',
  'files',
  'faces',
  'montage',
  'finish',
] as const satisfies ClusterProgress['phase'][];

/** A face of person number `person`: the same encoding each time, sqrt(2) from that of any other. */
export function face(
  imagePath: string,
  person: number,
  loc: Box = { top: 20, right: 120, bottom: 120, left: 20 },
): FaceRecord {
  const encoding = new Float64Array(128);
  encoding[person] = 1;
  return { imagePath, loc, encoding };
}

/**
 * The files that users look for in a result, as sorted relative paths: not our marker, what is for later runs, the small
 * pictures and what is about all of it.
 */
export function resultListing(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
    .filter((name) => !/^(\.|thumbnails\/|gallery\/|clusters\.json$|index\.html$)/.test(name))
    .sort();
}

/** All faces of a result, those that belong to nobody last. */
export function facesOf({ people, unclustered }: ClustersData): FaceData[] {
  return [...people, unclustered].flatMap(({ faces }) => faces);
}

/** Makes photos and clusters their faces in a temporary folder: `photos`, `faces.pickle` and the result `people`. */
export function useCollection(temp: () => string) {
  let photosMade = 0;

  /** A real photo, different from every other: bytes after the end of a JPEG are ignored. */
  function photo(name: string): string {
    const path = join(temp(), 'photos', name);
    mkdirSync(dirname(path), { recursive: true });
    const bytes = readFileSync(samplePhoto(`sample${1 + (photosMade % 6)}.jpg`));
    writeFileSync(path, Buffer.concat([bytes, Buffer.from(`photo ${photosMade++}`)]));
    return path;
  }

  const photos = (prefix: string, count: number) =>
    Array.from({ length: count }, (_, i) => photo(`${prefix}${i + 1}.jpg`));

  /** Two people and a stranger; anna is on one photo twice (in a mirror, say), and bob is on one of hers. */
  function family(): FaceRecord[] {
    const anna = photos('anna', 5);
    const bob = photos('bob', 5);
    return [
      ...anna.map((path) => face(path, 0)),
      face(anna[2] as string, 0, { top: 30, right: 90, bottom: 90, left: 30 }),
      ...bob.map((path) => face(path, 1)),
      face(anna[0] as string, 1),
      face(photo('stranger.jpg'), 2),
    ];
  }

  const inResult = (...parts: string[]) => join(temp(), 'people', ...parts);

  const readData = (): ClustersData => JSON.parse(readFileSync(inResult('clusters.json'), 'utf8'));

  async function cluster(
    records: readonly FaceRecord[],
    options: Partial<ClusterFacesOptions> = {},
  ): Promise<ClusterSummary> {
    const encodings = join(temp(), 'faces.pickle');
    await writeEncodings(encodings, records);
    return clusterFaces({ encodings, output: inResult(), ...options });
  }

  /** Writes the journal that `encode` leaves beside `faces.pickle`: the faces were found on the photos as they are now. */
  async function keepJournal(
    records: readonly FaceRecord[],
    score = 1,
    measures: FaceMeasures = {},
  ): Promise<void> {
    const settings = encodeSettings({ method: 'hog', upsample: 1, numJitters: 1 });
    const journal = await Journal.open(join(temp(), 'faces.pickle'), settings);
    for (const path of new Set(records.map(({ imagePath }) => imagePath))) {
      const own = records.filter(({ imagePath }) => imagePath === path);
      const faces = own.map(({ loc, encoding }, i) => ({
        box: loc,
        score: score + i,
        encoding,
        ...measures,
      }));
      const content = sha256(readFileSync(path));
      await journal.add(
        { path, content, state: photoState(statSync(path, { bigint: true })) },
        { width: 1000, height: 1000, faces },
      );
    }
    await journal.close();
  }

  return { photo, photos, family, cluster, inResult, readData, keepJournal };
}
