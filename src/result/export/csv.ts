import { nameCell, pathCell } from '../../base/csv';
import { CLUSTERS_CSV } from '../names-in-result';
import type { ClusterData, ClustersData, FaceData } from './clusters-data';
import type { Exporter } from './exporter';

/** What is in each column, by its name. */
const COLUMNS: Readonly<Record<string, (face: FaceData, person: ClusterData) => string | number | null>> = {
  label: (_, { label }) => label,
  index: ({ index }) => index,
  photo: ({ photo }) => pathCell(photo),
  top: ({ box }) => box.top,
  right: ({ box }) => box.right,
  bottom: ({ box }) => box.bottom,
  left: ({ box }) => box.left,
  distance: ({ distance }) => distance,
  representative: ({ index }, { representative }) => (index === representative ? 1 : 0),
  file: ({ file }) => pathCell(file),
  crop: ({ crop }) => pathCell(crop),
  thumbnail: ({ thumbnail }) => pathCell(thumbnail),
  score: ({ score }) => score,
  inside: ({ inside }) => inside,
  id: ({ id }) => id,
  photo_id: ({ photoId }) => photoId,
  unclear: ({ unclear }) => (unclear ? 1 : 0),
  sharpness: ({ sharpness }) => sharpness,
  name: (_, { name }) => nameCell(name),
};

export const exportCsv: Exporter = (data) => [{ name: CLUSTERS_CSV, content: clustersCsv(data) }];

/** Lines that are put into one piece of text. */
const BATCH = 1000;

/**
 * The faces of a result as a table, in pieces: RFC 4180, in UTF-8, one line for each face in the order of the encodings file, the
 * columns named as in `clusters.json`, and `photo_id` for its `photoId`; `name` is the person's. What is `null` there is empty
 * here; `representative` is 1 for the face that represents its person, else 0; so is `unclear`.
 */
export function* clustersCsv({ people, unclustered }: ClustersData): Generator<string> {
  const columns = Object.values(COLUMNS);
  const lines: string[] = [];
  for (const person of [...people, unclustered]) {
    for (const face of person.faces) {
      lines[face.index] = columns.map((cell) => cell(face, person)).join(',');
    }
  }
  yield `${Object.keys(COLUMNS).join(',')}\r\n`;
  // Without the places of faces that are not there.
  const there = Object.values(lines);
  for (let from = 0; from < there.length; from += BATCH) {
    yield `${there.slice(from, from + BATCH).join('\r\n')}\r\n`;
  }
}
