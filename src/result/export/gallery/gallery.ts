import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { groupBy } from '../../../base/maps';
import { frameIn } from '../../../photos/video/frame-path';
import { ioError } from '../../../system/io-error';
import { GALLERY_FOLDER, GALLERY_PAGE } from '../../names-in-result';
import type { ClustersData, FaceData } from '../clusters-data';
import type { Exporter, ResultFile } from '../exporter';
import { describePage, overviewOf, PageFrame, type PersonToShow } from './describe';
import { urlOf } from './urls';

/** The page and what it needs, as the build has made them of the sources in `gallery`. */
const PAGE_FOLDER = join(__dirname, '../../../../lib/gallery');

/**
 * `index.html`, a page to look at the people with, and `gallery/`, which it needs. It opens from the disk, asks no server for
 * anything, and shows the photos and thumbnails that `data` names.
 */
export const exportGallery: Exporter = function* (data) {
  yield* pageItself();
  const people = peopleOf(data);
  const frame = new PageFrame(people.flatMap(({ faces }) => faces));
  const described = describePage(
    people,
    {
      // Of a frame, the video, which browsers begin there.
      photo: ({ file, photo }: FaceData) => file && urlOf(file) + (frameIn(photo)?.name ?? ''),
      photoThumbnail: ({ photoThumbnail }: FaceData) => urlOrNull(photoThumbnail),
      faceThumbnail: ({ thumbnail }) => urlOrNull(thumbnail),
    },
    frame,
  );
  const { lastingLabels, parameters } = data;
  const overview = overviewOf(described, lastingLabels, parameters, data.program.version);
  yield dataFile('overview', 'setOverview', overview);
  for (const kind of ['faces', 'photos'] as const) {
    for (let n = 0; ; n++) {
      const items = described.page(kind, n);
      if (!items) break;
      yield dataFile(`${kind}-${n}`, 'addPage', kind, n, items);
    }
  }
};

/** Faces of nobody that are too unclear to tell are apart from the others. */
function peopleOf({ people, unclustered }: ClustersData): PersonToShow<FaceData>[] {
  const nobody = groupBy(unclustered.faces, ({ unclear }) => unclear);
  return [
    ...people,
    { ...unclustered, faces: nobody.get(false) ?? [] },
    // A folder of nobody's photos need not have theirs.
    { ...unclustered, label: -2, folder: null, faces: nobody.get(true) ?? [] },
  ].map((person) => ({ ...person, folder: person.folder === null ? null : `${urlOf(person.folder)}/` }));
}

/** @throws FaceError FACE_IO if the package lacks the page */
export function* pageItself(): Generator<ResultFile> {
  try {
    for (const file of readdirSync(PAGE_FOLDER)) {
      const name = file === GALLERY_PAGE ? file : `${GALLERY_FOLDER}/${file}`;
      yield { name, content: readFileSync(join(PAGE_FOLDER, file)) };
    }
  } catch (error) {
    throw ioError(`read the page in ${PAGE_FOLDER}`, error);
  }
}

function urlOrNull(path: string | null): string | null {
  return path === null ? null : urlOf(path);
}

/**
 * A script that calls `called` with these values. JSON is JavaScript; `<` and the two line separators that older
 * programs take for the end of a line are escaped, so that it stays one wherever it is put.
 */
function dataFile(name: string, called: string, ...values: readonly unknown[]): ResultFile {
  const json = values.map((value) => JSON.stringify(value)).join(', ');
  const escaped = json.replace(
    /[<\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return { name: `${GALLERY_FOLDER}/data/${name}.js`, content: `${called}(${escaped});\n` };
}
