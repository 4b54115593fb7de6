import { CLUSTERS_CSV } from '../names-in-result';
import type { ClustersData } from './clusters-data';
import type { Exporter } from './exporter';

const HEADER = [
  'label',
  'index',
  'photo',
  'top',
  'right',
  'bottom',
  'left',
  'distance',
  'representative',
  'file',
  'crop',
  'thumbnail',
  'score',
  'inside',
  'id',
  'photo_id',
];

export const exportCsv: Exporter = (data) => [{ name: CLUSTERS_CSV, content: clustersCsv(data) }];

/** Lines that are put into one piece of text. */
const BATCH = 1000;

/**
 * The faces of a result as a table, in pieces: RFC 4180, in UTF-8, one line for each face in the order of the encodings file, the
 * columns named as in `clusters.json`, and `photo_id` for its `photoId`. What is `null` there is empty here; `representative` is 1 for the face that
 * represents its person, else 0.
 */
export function* clustersCsv({ people, unclustered }: ClustersData): Generator<string> {
  const lines: string[] = [];
  for (const { label, representative, faces } of [...people, unclustered]) {
    for (const face of faces) {
      const { top, right, bottom, left } = face.box;
      const isRepresentative = face.index === representative ? 1 : 0;
      const places = [face.file, face.crop, face.thumbnail].map((place) => place && text(place));
      const cells = [
        top,
        right,
        bottom,
        left,
        face.distance,
        isRepresentative,
        ...places,
        face.score,
        face.inside,
        face.id,
        face.photoId,
      ];
      lines[face.index] = [label, face.index, text(face.photo), ...cells].join(',');
    }
  }
  yield `${HEADER.join(',')}\r\n`;
  for (let from = 0; from < lines.length; from += BATCH) {
    yield `${lines.slice(from, from + BATCH).join('\r\n')}\r\n`;
  }
}

/**
 * A spreadsheet runs what starts with one of these as a formula, and names of files come from strangers, too. `./` in
 * front leads to the same file.
 */
const FORMULA = /^[=+\-@\t\r＝＋－＠]/;

function text(value: string): string {
  const safe = FORMULA.test(value) ? `./${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
