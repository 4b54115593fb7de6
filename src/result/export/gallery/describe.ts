import { boxOnPhoto } from '../../../base/box';
import { shortPhotoId } from '../../../base/ids';
import { groupBy } from '../../../base/maps';
import type { ClusteringParameters } from '../../../clustering/clusterer';
import { notShownByBrowsers } from '../../../photos/formats/formats';
import { comparePaths, fileOfPath, frameIn } from '../../../photos/video/frame-path';
import { type ClusterData, countPhotos, type FaceData } from '../clusters-data';
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
  extends Pick<GalleryOverview, 'people' | 'faces' | 'photos' | 'videos' | 'years' | 'photosWithoutFaces'> {
  /** The items of page number `n`, from 0; `undefined` if there is no such page. */
  page<K extends PageKind>(kind: K, n: number): readonly Pages[K][] | undefined;
  /** The face at that place in the encodings file; `undefined` if the page does not have it. */
  face(index: number): GalleryFace | undefined;
}

interface PhotoAndFaces<F, P> {
  readonly photo: F | P;
  /** From left to right. */
  readonly faces: readonly F[];
}

/** What pages have in common that show the same faces and photos, whoever is who: made once for all of them. */
export class PageFrame<F extends FaceToShow = FaceToShow, P extends PhotoToShow = never> {
  /** By their places in the encodings file. */
  readonly faceIds: ReadonlyMap<number, string>;
  /** By their paths. */
  readonly photoIds: ReadonlyMap<string, string>;
  /** The latest first; with the faces on them. */
  readonly photos: readonly PhotoAndFaces<F, P>[];

  /**
   * @param faces in any order
   * @param withoutFaces photos that nobody is on; they must be known by their bytes
   */
  constructor(faces: readonly F[], withoutFaces: readonly P[] = []) {
    this.faceIds = faceIdsOf(faces);
    this.photos = [
      ...Array.from(groupBy(faces, ({ photo }) => photo).values(), (own) => ({
        photo: own[0] as F,
        faces: fromLeftToRight(own),
      })),
      ...withoutFaces.map((photo) => ({ photo, faces: [] })),
    ].sort((a, b) => compareLatestFirst(named(a.photo), named(b.photo)));
    this.photoIds = photoIdsOf(this.photos.map(({ photo }) => photo));
  }
}

/** What follows from a person alone. */
interface DescribedPerson<F extends FaceToShow> {
  readonly person: Omit<GalleryPerson, 'first'>;
  /** Nearest to the centre first. */
  readonly faces: readonly F[];
}

/** Describes people once, as long as they are the same objects. */
export type DescribedPeople<F extends FaceToShow> = WeakMap<PersonToShow<F>, DescribedPerson<F>>;

/**
 * Describes people, faces and photos as the page is given them.
 * @param people in any order
 * @param frame has all of their faces
 * @param noFaces paths of photos on which there are only such as are no faces
 * @param known people that were described before
 */
export function describePage<F extends FaceToShow, P extends PhotoToShow = never>(
  people: readonly PersonToShow<F>[],
  urls: PageUrls<F, P>,
  frame: PageFrame<F, P>,
  noFaces: ReadonlySet<string> = new Set(),
  known: DescribedPeople<F> = new WeakMap(),
): PageData {
  const idOf = ({ index }: F) => frame.faceIds.get(index) as string;
  const sorted = people
    .filter(({ label, faces }) => label >= 0 || faces.length > 0)
    .map((person) => {
      const described =
        known.get(person) ?? describePerson(person, (face) => urls.faceThumbnail(face, idOf(face)));
      known.set(person, described);
      return described;
    })
    .sort((a, b) => compareMostPhotosFirst(a.person, b.person));
  /** By their places in the encodings file. */
  const labels: (number | undefined)[] = [];
  for (const { person, faces } of sorted) for (const { index } of faces) labels[index] = person.label;
  const photos: PhotoAndFaces<F, P>[] = [];
  const withFaces: string[] = [];
  for (const one of frame.photos) {
    const isShown = one.faces.some(({ index }) => labels[index] !== undefined);
    if (!isShown && one.faces.length > 0 && !noFaces.has(one.photo.photo)) continue;
    photos.push(one);
    if (isShown) withFaces.push(fileOfPath(one.photo.photo));
  }
  let numbers: ReadonlyMap<string, number> | undefined;
  const numberOf = (path: string) => {
    numbers ??= new Map(photos.map(({ photo }, number) => [photo.photo, number]));
    return numbers.get(path) as number;
  };

  const galleryFace = ({ label, face }: { readonly label: number; readonly face: F }): GalleryFace => {
    const id = idOf(face);
    const photoId = frame.photoIds.get(face.photo) as string;
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
      onPhoto: numberOf(face.photo),
      taken: face.photoTaken,
    };
  };
  const galleryPhoto = ({ photo, faces }: PhotoAndFaces<F, P>): GalleryPhoto => {
    const id = frame.photoIds.get(photo.photo) as string;
    return {
      id,
      path: photo.photo,
      photo: urls.photo(photo, id),
      size: 'box' in photo ? placeOf(photo).size : sizeOf(photo),
      thumbnail: urls.photoThumbnail(photo, id),
      taken: photo.photoTaken,
      faces: faces.flatMap((face): PhotoFace[] => {
        const label = labels[face.index];
        return label === undefined ? [] : [{ id: idOf(face), label, box: placeOf(face).box }];
      }),
    };
  };
  let first = 0;
  const described = sorted.map(({ person }): GalleryPerson => {
    first += person.faces;
    return { ...person, first: first - person.faces };
  });
  const facesOfPage = (n: number) => {
    const from = n * PAGE_SIZE;
    if (n < 0 || from >= first) return undefined;
    return described.flatMap((person, i) => {
      const { label, first } = person;
      const own =
        sorted[i]?.faces.slice(Math.max(0, from - first), Math.max(0, from + PAGE_SIZE - first)) ?? [];
      return own.map((face) => galleryFace({ label, face }));
    });
  };
  const pages: { readonly [K in PageKind]: (n: number) => readonly Pages[K][] | undefined } = {
    faces: facesOfPage,
    photos: (n) => pageOf(photos, n)?.map(galleryPhoto),
  };
  return {
    people: described,
    faces: first,
    photos: new Set(withFaces).size,
    videos: videosAmong(photos.map(({ photo }) => photo.photo)),
    years: yearsOf(photos.map(({ photo }) => photo.photoTaken)),
    photosWithoutFaces: photos.length - withFaces.length,
    page: (kind, n) => pages[kind](n),
    face: (index) => {
      const label = labels[index];
      const own = sorted.find(({ person }) => person.label === label)?.faces;
      const face = own?.find((one) => one.index === index);
      return face && label !== undefined ? galleryFace({ label, face }) : undefined;
    },
  };
}

function describePerson<F extends FaceToShow>(
  person: PersonToShow<F>,
  thumbnail: (face: F) => string | null,
): DescribedPerson<F> {
  const faces = byDistance(person.faces);
  return {
    person: {
      label: person.label,
      name: person.name,
      ...countPhotos(faces),
      onlyCopies: person.onlyCopies,
      unclear: faces.filter(({ unclear }) => unclear).length,
      several: person.several && { reasons: person.several.reasons, photos: person.several.photos },
      faces: faces.length,
      cover: coverOf(person.cover, faces, thumbnail),
      folder: person.folder,
    },
    faces,
  };
}

/**
 * What the page is told first.
 * @param lastingLabels see {@link GalleryOverview}
 * @param parameters of what has made the clusters
 * @param version of this program
 */
export function overviewOf(
  { people, faces, photos, videos, years, photosWithoutFaces }: Omit<PageData, 'page' | 'face'>,
  lastingLabels: boolean,
  parameters: ClusteringParameters,
  version: string,
): GalleryOverview {
  return {
    people,
    lastingLabels,
    faces,
    photos,
    videos,
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
  a: Pick<GalleryPerson, 'label' | 'photos' | 'faces'>,
  b: Pick<GalleryPerson, 'label' | 'photos' | 'faces'>,
): number {
  if (a.label < 0 || b.label < 0) return (a.label < 0 ? -a.label : 0) - (b.label < 0 ? -b.label : 0);
  return b.photos - a.photos || b.faces - a.faces || a.label - b.label;
}

/** The order of {@link Pages.photos}. */
export function compareLatestFirst(
  a: Pick<GalleryPhoto, 'taken' | 'path'>,
  b: Pick<GalleryPhoto, 'taken' | 'path'>,
): number {
  // An offset from UTC behind the time is none of the camera's clock's.
  const [one, other] = [a.taken?.slice(0, CLOCK) ?? '', b.taken?.slice(0, CLOCK) ?? ''];
  if (one !== other) return one > other ? -1 : 1;
  return comparePaths(a.path, b.path);
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

/** See {@link GalleryOverview.videos}. @param paths of photos, in the order of {@link Pages.photos} */
function videosAmong(paths: readonly string[]): GalleryOverview['videos'] {
  const videos: [first: number, frames: number][] = [];
  let last: string | undefined;
  for (const [number, path] of paths.entries()) {
    const video = frameIn(path)?.video;
    const current = videos.at(-1);
    if (video !== undefined && video === last && current) current[1]++;
    else if (video !== undefined) videos.push([number, 1]);
    last = video;
  }
  return videos;
}

/**
 * From the most typical face to the least, so that a stranger among them shows; the faces are in that order. One that was chosen
 * comes first.
 */
function coverOf<F extends FaceToShow>(
  cover: number | null,
  faces: readonly F[],
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

function fromLeftToRight<F extends FaceToShow>(faces: readonly F[]): F[] {
  return faces.length === 1 ? [...faces] : [...faces].sort((a, b) => placeOf(a).box[3] - placeOf(b).box[3]);
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
