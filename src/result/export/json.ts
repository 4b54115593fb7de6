import type { ClusterData, ClustersData } from './clusters-data';

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
