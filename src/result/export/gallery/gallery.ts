import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { boxOnPhoto } from '../../../base/box';
import { groupBy } from '../../../base/maps';
import { notShownByBrowsers } from '../../../photos/formats/formats';
import { ioError } from '../../../system/io-error';
import { GALLERY_FOLDER, GALLERY_PAGE } from '../../names-in-result';
import type { ClusterData, ClustersData, FaceData } from '../clusters-data';
import type { Exporter, ResultFile } from '../exporter';
import type {
  GalleryFace,
  GalleryOverview,
  GalleryPerson,
  GalleryPhoto,
  PageKind,
  PhotoFace,
} from './page-types';
import { urlOf } from './urls';

/** The page and what it needs, as the build has made them of the sources in `gallery`. */
const PAGE_FOLDER = join(__dirname, '../../../../lib/gallery');

/** A page of faces is some 160 kB: quick to read, and few files even for a million faces. */
const PAGE_SIZE = 500;

const COVER_SIZE = 6;

/**
 * `index.html`, a page to look at the people with, and `gallery/`, which it needs. It opens from the disk, asks no server for
 * anything, and shows the photos and thumbnails that `data` names.
 */
export const exportGallery: Exporter = function* (data) {
  yield* pageItself();
  const clusters = inOrder(data).map((cluster) => ({ ...cluster, faces: byDistance(cluster) }));
  yield dataFile('overview', 'setOverview', overviewOf(data, clusters));
  const ids = uniqueIds(clusters);
  const found = clusters.flatMap((cluster) => facesOf(cluster, ids));
  const photos = photosOf(found);
  const numbers = new Map(photos.map(({ path }, number) => [path, number]));
  const faces = found.map((face): GalleryFace => ({ ...face, onPhoto: numbers.get(face.path) as number }));
  yield* inPages('faces', faces);
  yield* inPages('photos', photos);
};

/** The photos that faces are on, see {@link Pages.photos}. */
function photosOf(faces: readonly Omit<GalleryFace, 'onPhoto'>[]): GalleryPhoto[] {
  const photos = [...groupBy(faces, ({ path }) => path)].map(([path, onPhoto]): GalleryPhoto => {
    const [{ id, photo, size, photoThumbnail, taken }] = onPhoto as [(typeof onPhoto)[0]];
    const left = ({ box }: PhotoFace) => box[3];
    return {
      id,
      path,
      photo,
      size,
      thumbnail: photoThumbnail,
      taken,
      faces: onPhoto.map(({ id, label, box }) => ({ id, label, box })).sort((a, b) => left(a) - left(b)),
    };
  });
  return photos.sort(compareLatestFirst);
}

/** The order of {@link Pages.photos}. */
export function compareLatestFirst(
  a: Pick<GalleryPhoto, 'taken' | 'path'>,
  b: Pick<GalleryPhoto, 'taken' | 'path'>,
): number {
  const [one, other] = [a.taken ?? '', b.taken ?? ''];
  if (one !== other) return one > other ? -1 : 1;
  return a.path < b.path ? -1 : a.path > b.path ? 1 : 0;
}

/** @throws FaceError FACE_IO if the package lacks the page */
function* pageItself(): Generator<ResultFile> {
  try {
    for (const file of readdirSync(PAGE_FOLDER)) {
      const name = file === GALLERY_PAGE ? file : `${GALLERY_FOLDER}/${file}`;
      yield { name, content: readFileSync(join(PAGE_FOLDER, file)) };
    }
  } catch (error) {
    throw ioError(`read the page in ${PAGE_FOLDER}`, error);
  }
}

function* inPages(kind: PageKind, items: readonly unknown[]): Generator<ResultFile> {
  for (let page = 0; page * PAGE_SIZE < items.length; page++) {
    const onPage = items.slice(page * PAGE_SIZE, (page + 1) * PAGE_SIZE);
    yield dataFile(`${kind}-${page}`, 'addPage', kind, page, onPage);
  }
}

/** Those on most photos first, then those with most faces; what belongs to nobody last. */
function inOrder({ people, unclustered }: ClustersData): ClusterData[] {
  const sorted = [...people].sort(
    (a, b) => b.photos - a.photos || b.faces.length - a.faces.length || a.label - b.label,
  );
  return unclustered.faces.length > 0 ? [...sorted, unclustered] : sorted;
}

function overviewOf(data: ClustersData, clusters: readonly ClusterData[]): GalleryOverview {
  let first = 0;
  const people = clusters.map((cluster): GalleryPerson => {
    const faces = cluster.faces.length;
    first += faces;
    return {
      label: cluster.label,
      name: cluster.name,
      photos: cluster.photos,
      distinctPhotos: cluster.distinctPhotos,
      onlyCopies: cluster.onlyCopies,
      unclear: cluster.faces.filter(({ unclear }) => unclear).length,
      several: cluster.several && { reasons: cluster.several.reasons, photos: cluster.several.photos },
      first: first - faces,
      faces,
      cover: coverOf(cluster),
      folder: cluster.folder === null ? null : `${urlOf(cluster.folder)}/`,
    };
  });
  const { parameters, program } = data;
  return {
    people,
    lastingLabels: data.lastingLabels,
    faces: first,
    photos: new Set(clusters.flatMap(({ faces }) => faces.map(({ photo }) => photo))).size,
    pageSize: PAGE_SIZE,
    options: optionsOf(parameters),
    notShown: notShownByBrowsers(),
    version: program.version,
  };
}

function optionsOf(parameters: ClustersData['parameters']): string {
  const strictness =
    parameters.method === 'dbscan'
      ? `--eps ${parameters.eps}`
      : `--method linkage --threshold ${parameters.threshold}`;
  return `${strictness} --min-samples ${parameters.minSamples}`;
}

/**
 * From the most typical face to the least, so that a stranger among them shows; the faces are in that order. One that was chosen
 * comes first.
 */
function coverOf({ cover, faces }: ClusterData): string[] {
  const chosen = faces.filter(({ index }) => index === cover);
  const pictures = [...chosen, ...faces.filter(({ index }) => index !== cover)].flatMap(
    ({ thumbnail }) => thumbnail ?? [],
  );
  const size = Math.min(COVER_SIZE, pictures.length);
  const picked = (i: number) => pictures[Math.floor((i * pictures.length) / size)] as string;
  return Array.from({ length: size }, (_, i) => urlOf(picked(i)));
}

function byDistance({ faces }: ClusterData): FaceData[] {
  return [...faces].sort((a, b) => (a.distance ?? 0) - (b.distance ?? 0) || a.index - b.index);
}

/** See {@link GalleryFace.id}; by the faces' places in the encodings file, whose order tells copies apart. */
function uniqueIds(clusters: readonly ClusterData[]): ReadonlyMap<number, string> {
  const copies = new Map<string, number>();
  const inOrder = clusters.flatMap(({ faces }) => faces).sort((a, b) => a.index - b.index);
  return new Map(
    inOrder.map(({ id, index }) => {
      if (id === null) return [index, `${index}`];
      const copy = (copies.get(id) ?? 0) + 1;
      copies.set(id, copy);
      return [index, copy === 1 ? id : `${id}~${copy}`];
    }),
  );
}

function facesOf(cluster: ClusterData, ids: ReadonlyMap<number, string>): Omit<GalleryFace, 'onPhoto'>[] {
  return cluster.faces.map((face) => ({
    id: ids.get(face.index) as string,
    index: face.index,
    label: cluster.label,
    path: face.photo,
    photo: urlOrNull(face.file),
    ...onPhoto(face),
    distance: face.distance,
    thumbnail: urlOrNull(face.thumbnail),
    photoThumbnail: urlOrNull(face.photoThumbnail),
    taken: face.photoTaken,
  }));
}

function urlOrNull(path: string | null): string | null {
  return path === null ? null : urlOf(path);
}

/** The size of the photo, and what of the face is on it. If none of it is, it is another photo than the face was found on. */
function onPhoto({ box, photoWidth, photoHeight }: FaceData): Pick<GalleryFace, 'size' | 'box'> {
  const [width, height] = [photoWidth ?? Number.POSITIVE_INFINITY, photoHeight ?? Number.POSITIVE_INFINITY];
  const inside = boxOnPhoto(box, { width, height });
  const { top, right, bottom, left } = inside ?? box;
  return {
    size: inside && photoWidth !== null && photoHeight !== null ? [photoWidth, photoHeight] : null,
    box: [top, right, bottom, left],
  };
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
