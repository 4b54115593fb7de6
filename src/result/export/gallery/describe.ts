import { boxOnPhoto } from '../../../base/box';
import { shortPhotoId } from '../../../base/ids';
import { groupBy } from '../../../base/maps';
import type { ClusteringParameters } from '../../../clustering/clusterer';
import { notShownByBrowsers } from '../../../photos/formats/formats';
import type { ClusterData, FaceData } from '../clusters-data';
import type {
  GalleryFace,
  GalleryOverview,
  GalleryPerson,
  GalleryPhoto,
  PageKind,
  Pages,
  PhotoFace,
} from './page-types';

/** A page of faces is some 160 kB: quick to read, and few files even for a million faces. */
export const PAGE_SIZE = 500;

const COVER_SIZE = 6;

/** A photo that the page is to show. */
export type PhotoToShow = Pick<FaceData, 'photo' | 'photoId' | 'photoWidth' | 'photoHeight' | 'photoTaken'>;

/** A face that the page is to show, and the photo that it is on. */
export type FaceToShow = PhotoToShow &
  Pick<FaceData, 'id' | 'index' | 'box' | 'distance' | 'sharpness' | 'unclear'>;

/** A person, or with label -1 or -2 the faces of nobody: see {@link GalleryPerson}. */
export interface PersonToShow<F extends FaceToShow = FaceToShow>
  extends Pick<ClusterData, 'label' | 'name' | 'onlyCopies' | 'several' | 'cover'> {
  /** As in {@link GalleryPerson}. */
  readonly folder: string | null;
  /** In any order. */
  readonly faces: readonly F[];
}

/** URLs of what the page shows, by what names it there: see {@link GalleryPhoto.id} and {@link GalleryFace.id}. */
export interface PageUrls<F, P> {
  photo(photo: F | P, id: string): string | null;
  photoThumbnail(photo: F | P, id: string): string | null;
  faceThumbnail(face: F, id: string): string | null;
}

/** What the page is given, of which the items are made when they are asked for. */
export interface PageData
  extends Pick<GalleryOverview, 'people' | 'faces' | 'photos' | 'years' | 'photosWithoutFaces'> {
  /** By their places in the encodings file. */
  readonly faceIds: ReadonlyMap<number, string>;
  /** By their paths. */
  readonly photoIds: ReadonlyMap<string, string>;
  /** The items of page number `n`, from 0; `undefined` if there is no such page. */
  page<K extends PageKind>(kind: K, n: number): readonly Pages[K][] | undefined;
}

/**
 * Describes people, faces and photos as the page is given them.
 * @param people in any order
 * @param withoutFaces photos that nobody is on; they must be known by their bytes
 */
export function describePage<F extends FaceToShow, P extends PhotoToShow = never>(
  people: readonly PersonToShow<F>[],
  urls: PageUrls<F, P>,
  withoutFaces: readonly P[] = [],
): PageData {
  const sorted = people
    .filter(({ label, faces }) => label >= 0 || faces.length > 0)
    .map((person) => ({ ...person, ...photosOf(person), faces: byDistance(person.faces) }))
    .sort(compareMostPhotosFirst);
  const faces = sorted.flatMap(({ label, faces }) => faces.map((face) => ({ label, face })));
  const faceIds = faceIdsOf(faces.map(({ face }) => face));

  const onPhotos = groupBy(faces, ({ face }) => face.photo);
  const photos: readonly { readonly photo: F | P; readonly faces: readonly PhotoFace[] }[] = [
    ...Array.from(onPhotos.values(), (own) => ({
      photo: own[0]?.face as F,
      faces: fromLeftToRight(
        own.map(({ label, face }) => ({
          id: faceIds.get(face.index) as string,
          label,
          box: placeOf(face).box,
        })),
      ),
    })),
    ...withoutFaces.map((photo) => ({ photo, faces: [] })),
  ].sort((a, b) => compareLatestFirst(named(a.photo), named(b.photo)));
  const photoIds = photoIdsOf(photos.map(({ photo }) => photo));
  const numbers = new Map(photos.map(({ photo }, number) => [photo.photo, number]));

  const galleryFace = ({ label, face }: (typeof faces)[0]): GalleryFace => {
    const id = faceIds.get(face.index) as string;
    const photoId = photoIds.get(face.photo) as string;
    return {
      id,
      index: face.index,
      label,
      path: face.photo,
      photo: urls.photo(face, photoId),
      ...placeOf(face),
      distance: face.distance,
      sharpness: face.sharpness,
      thumbnail: urls.faceThumbnail(face, id),
      photoThumbnail: urls.photoThumbnail(face, photoId),
      onPhoto: numbers.get(face.photo) as number,
      taken: face.photoTaken,
    };
  };
  const galleryPhoto = ({ photo, faces }: (typeof photos)[0]): GalleryPhoto => {
    const id = photoIds.get(photo.photo) as string;
    return {
      id,
      path: photo.photo,
      photo: urls.photo(photo, id),
      size: 'box' in photo ? placeOf(photo).size : sizeOf(photo),
      thumbnail: urls.photoThumbnail(photo, id),
      taken: photo.photoTaken,
      faces,
    };
  };
  const pages: { readonly [K in PageKind]: (n: number) => readonly Pages[K][] | undefined } = {
    faces: (n) => pageOf(faces, n)?.map(galleryFace),
    photos: (n) => pageOf(photos, n)?.map(galleryPhoto),
  };
  let first = 0;
  return {
    people: sorted.map((person): GalleryPerson => {
      first += person.faces.length;
      return {
        label: person.label,
        name: person.name,
        photos: person.photos,
        distinctPhotos: person.distinctPhotos,
        onlyCopies: person.onlyCopies,
        unclear: person.faces.filter(({ unclear }) => unclear).length,
        several: person.several && { reasons: person.several.reasons, photos: person.several.photos },
        first: first - person.faces.length,
        faces: person.faces.length,
        cover: coverOf(person, (face) => urls.faceThumbnail(face, faceIds.get(face.index) as string)),
        folder: person.folder,
      };
    }),
    faces: faces.length,
    photos: onPhotos.size,
    years: yearsOf(photos.map(({ photo }) => photo.photoTaken)),
    photosWithoutFaces: withoutFaces.length,
    faceIds,
    photoIds,
    page: (kind, n) => pages[kind](n),
  };
}

/**
 * What the page is told first.
 * @param lastingLabels see {@link GalleryOverview}
 * @param parameters of what has made the clusters
 * @param version of this program
 */
export function overviewOf(
  { people, faces, photos, years, photosWithoutFaces }: Omit<PageData, 'page'>,
  lastingLabels: boolean,
  parameters: ClusteringParameters,
  version: string,
): GalleryOverview {
  return {
    people,
    lastingLabels,
    faces,
    photos,
    years,
    photosWithoutFaces,
    pageSize: PAGE_SIZE,
    options: optionsOf(parameters),
    notShown: notShownByBrowsers(),
    version,
  };
}

function optionsOf(parameters: ClusteringParameters): string {
  const strictness =
    parameters.method === 'dbscan'
      ? `--eps ${parameters.eps}`
      : `--method linkage --threshold ${parameters.threshold}`;
  return `${strictness} --min-samples ${parameters.minSamples}`;
}

function pageOf<T>(items: readonly T[], n: number): readonly T[] | undefined {
  const first = n * PAGE_SIZE;
  return n >= 0 && first < items.length ? items.slice(first, first + PAGE_SIZE) : undefined;
}

/** Those on most photos first, then those with most faces; what belongs to nobody last. */
function compareMostPhotosFirst(
  a: Pick<GalleryPerson, 'label' | 'photos'> & { readonly faces: readonly unknown[] },
  b: typeof a,
): number {
  if (a.label < 0 || b.label < 0) return (a.label < 0 ? -a.label : 0) - (b.label < 0 ? -b.label : 0);
  return b.photos - a.photos || b.faces.length - a.faces.length || a.label - b.label;
}

/** The order of {@link Pages.photos}. */
export function compareLatestFirst(
  a: Pick<GalleryPhoto, 'taken' | 'path'>,
  b: Pick<GalleryPhoto, 'taken' | 'path'>,
): number {
  // An offset from UTC behind the time is none of the camera's clock's.
  const [one, other] = [a.taken?.slice(0, CLOCK) ?? '', b.taken?.slice(0, CLOCK) ?? ''];
  if (one !== other) return one > other ? -1 : 1;
  return a.path < b.path ? -1 : a.path > b.path ? 1 : 0;
}

/** `2024-07-31T18:05:09` */
const CLOCK = 19;

function named({ photo, photoTaken }: PhotoToShow): Pick<GalleryPhoto, 'taken' | 'path'> {
  return { taken: photoTaken, path: photo };
}

/** @param taken when photos were taken, the latest first */
function yearsOf(taken: readonly (string | null)[]): GalleryOverview['years'] {
  const byYear = groupBy(taken, (at) => at?.slice(0, 4) ?? null);
  return Array.from(byYear, ([year, photos]) => ({ year, photos: photos.length }));
}

function byDistance<F extends FaceToShow>(faces: readonly F[]): F[] {
  return [...faces].sort((a, b) => (a.distance ?? 0) - (b.distance ?? 0) || a.index - b.index);
}

function photosOf({ faces }: PersonToShow): Pick<GalleryPerson, 'photos' | 'distinctPhotos'> {
  return {
    photos: new Set(faces.map(({ photo }) => photo)).size,
    // What could not be identified is a photo of its own.
    distinctPhotos: new Set(faces.map(({ photo, photoId }) => photoId ?? photo)).size,
  };
}

/**
 * From the most typical face to the least, so that a stranger among them shows; the faces are in that order. One that was chosen
 * comes first.
 */
function coverOf<F extends FaceToShow>(
  { cover, faces }: PersonToShow<F>,
  thumbnail: (face: F) => string | null,
): string[] {
  const chosen = faces.filter(({ index }) => index === cover);
  const pictures = [...chosen, ...faces.filter(({ index }) => index !== cover)].flatMap(
    (face) => thumbnail(face) ?? [],
  );
  const size = Math.min(COVER_SIZE, pictures.length);
  return Array.from({ length: size }, (_, i) => pictures[Math.floor((i * pictures.length) / size)] as string);
}

/** See {@link GalleryFace.id}; by the faces' places in the encodings file, whose order tells copies apart. */
function faceIdsOf(faces: readonly FaceToShow[]): ReadonlyMap<number, string> {
  const inOrder = [...faces].sort((a, b) => a.index - b.index);
  const ids = uniqueIds(inOrder.map(({ id, index }) => id ?? `${index}`));
  return new Map(inOrder.map(({ index }, i) => [index, ids[i] as string]));
}

/** See {@link GalleryPhoto.id}; their paths tell copies apart. */
function photoIdsOf(photos: readonly (PhotoToShow | FaceToShow)[]): ReadonlyMap<string, string> {
  const inOrder = [...photos].sort((a, b) => (a.photo < b.photo ? -1 : a.photo > b.photo ? 1 : 0));
  const ids = uniqueIds(
    inOrder.map((photo) => {
      if (photo.photoId !== null) return shortPhotoId(photo.photoId);
      return 'index' in photo ? `${photo.index}` : photo.photo;
    }),
  );
  return new Map(inOrder.map(({ photo }, i) => [photo, ids[i] as string]));
}

/** Puts a number behind each name that has come before. */
function uniqueIds(names: readonly string[]): string[] {
  const copies = new Map<string, number>();
  return names.map((name) => {
    const copy = (copies.get(name) ?? 0) + 1;
    copies.set(name, copy);
    return copy === 1 ? name : `${name}~${copy}`;
  });
}

function fromLeftToRight(faces: readonly PhotoFace[]): PhotoFace[] {
  return [...faces].sort((a, b) => a.box[3] - b.box[3]);
}

function sizeOf({ photoWidth, photoHeight }: PhotoToShow): GalleryPhoto['size'] {
  return photoWidth !== null && photoHeight !== null ? [photoWidth, photoHeight] : null;
}

/** The size of the photo, and what of the face is on it. If none of it is, it is another photo than the face was found on. */
function placeOf(face: FaceToShow): Pick<GalleryFace, 'size' | 'box'> {
  const size = sizeOf(face);
  const [width, height] = size ?? [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  const inside = boxOnPhoto(face.box, { width, height });
  const { top, right, bottom, left } = inside ?? face.box;
  return { size: inside ? size : null, box: [top, right, bottom, left] };
}
