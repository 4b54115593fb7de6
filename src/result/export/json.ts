import { createReadStream } from 'node:fs';
import { FaceError, messageOf, throwIfAborted } from '../../base/errors';
import { abortSignal, path } from '../../base/validate';
import { fsPath } from '../../system/file-name';
import { ioError } from '../../system/io-error';
import { CLUSTERS_JSON } from '../names-in-result';
import { type ClusterData, type ClustersData, type FaceData, FORMAT, VERSION } from './clusters-data';
import type { Exporter } from './exporter';

export const exportJson: Exporter = (data) => [{ name: CLUSTERS_JSON, content: clustersJson(data) }];

/** Faces that are put into one piece of text. */
const BATCH = 1000;

/**
 * The text of `clusters.json`, in pieces: that of a million faces would be longer than a string can be. Each face is on
 * a line of its own.
 */
export function* clustersJson(data: ClustersData): Generator<string> {
  const { people, unclustered, problems, ...head } = data;
  yield `{\n${members(head)},\n"people": [`;
  for (const [i, person] of people.entries()) {
    yield i === 0 ? '\n' : ',\n';
    yield* clusterJson(person);
  }
  yield '],\n"unclustered": ';
  yield* clusterJson(unclustered);
  yield `,\n"problems": ${lines(problems)}\n}\n`;
}

function* clusterJson({ faces, ...head }: ClusterData): Generator<string> {
  yield `{\n${members(head)},\n"faces": [\n`;
  for (let from = 0; from < faces.length; from += BATCH) {
    const batch = faces.slice(from, from + BATCH).map((face) => JSON.stringify(face));
    yield `${from === 0 ? '' : ',\n'}${batch.join(',\n')}`;
  }
  yield '\n]}';
}

function members(object: object): string {
  return Object.entries(object)
    .map(([name, value]) => `${JSON.stringify(name)}: ${JSON.stringify(value)}`)
    .join(',\n');
}

function lines(values: readonly unknown[]): string {
  return values.length === 0 ? '[]' : `[\n${values.map((value) => JSON.stringify(value)).join(',\n')}\n]`;
}

export interface ReadClustersOptions {
  readonly signal?: AbortSignal;
}

/** What version 1 did not say: of a face it was not known. */
const FACE_OF_1 = {
  id: null,
  photoId: null,
  photoOrientation: null,
  photoTaken: null,
  sharpness: null,
  unclear: false,
};
const PARAMETERS_OF_1 = { method: 'dbscan' } as const;

/**
 * Reads a result's `clusters.json`, of this version or an earlier one, as one of this version. In those of version 1 faces
 * and photos have no ids, and what was not noted yet is `null`.
 * @param file path of the file
 * @throws FaceError FACE_IO; FACE_RESULT_INVALID if it is something else, damaged, or of a newer version;
 *   FACE_INVALID_ARGUMENT; FACE_ABORTED
 */
export async function readClusters(file: string, options: ReadClustersOptions = {}): Promise<ClustersData> {
  const { rest, faces } = await readLines(path('file', file), abortSignal('signal', options.signal));
  let data: ClustersData;
  try {
    data = JSON.parse(rest);
  } catch (error) {
    throw invalid(file, `is no JSON (${messageOf(error)})`);
  }
  if (data?.format !== FORMAT) throw invalid(file, `should say that its format is "${FORMAT}"`);
  // Not `data.version`: that is what it should be.
  const { version } = data as { readonly version: number };
  if (version !== 1 && version !== VERSION) {
    throw invalid(
      file,
      `is of version ${JSON.stringify(version)}; this program knows those up to ${VERSION}`,
    );
  }
  const { people, unclustered, parameters } = data;
  if (
    ![people, unclustered?.faces].every(Array.isArray) ||
    !people.every((one) => Array.isArray(one?.faces))
  ) {
    throw invalid(file, 'lacks people, or their faces');
  }
  const whole = (cluster: ClusterData): ClusterData => {
    const own = (cluster.faces as readonly (FaceData | number)[]).map((item) => {
      const face = typeof item === 'number' ? (faces[item] as FaceData) : item;
      return version === VERSION ? face : { ...FACE_OF_1, ...face };
    });
    // The first files of version 2 lack these as well.
    const {
      name = null,
      cover = null,
      spread = spreadOf(own),
      several = null,
    } = cluster as Partial<ClusterData>;
    return { ...cluster, name, cover, spread, several, faces: own };
  };
  return {
    ...data,
    version: VERSION,
    parameters: { ...PARAMETERS_OF_1, ...parameters },
    // Said since there are people who last.
    lastingLabels: (data as Partial<ClustersData>).lastingLabels ?? false,
    people: people.map(whole),
    unclustered: whole(unclustered),
  };
}

/** What it is said to be where it is said; `null` for faces that have no centre. */
function spreadOf(faces: readonly FaceData[]): number | null {
  if (faces.length === 0 || faces.some(({ distance }) => distance === null)) return null;
  const sum = faces.reduce((sum, { distance }) => sum + (distance as number), 0);
  return Math.round((1e6 * sum) / faces.length) / 1e6;
}

/**
 * The text of the file, with a number instead of each line that is a face, and these faces: all of it may be longer than a
 * string can be.
 */
async function readLines(
  file: string,
  signal: AbortSignal | undefined,
): Promise<{ readonly rest: string; readonly faces: readonly FaceData[] }> {
  const faces: FaceData[] = [];
  const rest: string[] = [];
  const take = (line: string) => {
    const [, face, comma] = FACE_LINE.exec(line) ?? [];
    rest.push(face === undefined ? line : `${faces.push(JSON.parse(face)) - 1}${comma}`);
  };
  try {
    let begun = '';
    for await (const chunk of createReadStream(fsPath(file), { encoding: 'utf8', highWaterMark: 1 << 20 })) {
      throwIfAborted(signal);
      const lines = (begun + chunk).split('\n');
      begun = lines.pop() as string;
      lines.forEach(take);
    }
    take(begun);
    return { rest: rest.join('\n'), faces };
  } catch (error) {
    if (error instanceof FaceError) throw error;
    if (error instanceof SyntaxError) throw invalid(file, `is damaged (${error.message})`);
    throw ioError(`read ${file}`, error);
  }
}

/** Of this version, and of version 1. */
const FACE_LINE = /^(\{"(?:id|index)":.*\})(,?)\r?$/;

function invalid(file: string, what: string): FaceError {
  return new FaceError(
    'FACE_RESULT_INVALID',
    `${file} can't be used as the clusters.json of a result: it ${what}.`,
    { path: file },
  );
}
