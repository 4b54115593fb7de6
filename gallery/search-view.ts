/* The faces of people whose name contains what is searched for, or on photos whose file name does. */
import { load } from './data';
import { count, fileName } from './elements';
import { longList } from './lists';
import { areNamed, personName } from './people';
import { faceItem, type MakeView, summaryOf, viewOfFaces } from './view';

/** With a slash in it, it is looked for in the paths of photos. */
export const searchView: MakeView = async ({ overview }, { query, view }) => {
  const wanted = forSearch(query);
  const all = await load('faces', 0, overview.faces);
  const isWanted = (text: string) => forSearch(text).includes(wanted);
  const called = new Set(
    overview.people.flatMap(({ label, name }) => (name !== null && isWanted(name) ? [label] : [])),
  );
  const faces = all.filter(
    ({ label, path }) => called.has(label) || isWanted(query.includes('/') ? path : fileName(path)),
  );
  const photos = new Set(faces.map(({ path }) => path)).size;
  const list = longList(
    faces,
    (face) => faceItem(face, view, face.label < 0 ? 'unsorted' : personName(face.label)),
    'faces',
    ({ id }) => id,
  );
  const found =
    faces.length === 0
      ? `No photo with a face on it has such a file name${areNamed() ? ', and nobody such a name' : ''}.`
      : `${count(faces.length, 'face')} on ${count(photos, 'photo')}`;
  return viewOfFaces(`Search for “${query}”`, faces, list, [summaryOf(found)]);
};

/** Upper and lower case are alike, and so are the two ways to store accents (macOS has its own). */
export function forSearch(text: string): string {
  return text.normalize('NFC').toLowerCase();
}
