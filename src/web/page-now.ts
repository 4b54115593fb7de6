import { countFiles } from '../base/ids';
import { groupBy } from '../base/maps';
import type { FaceRecord } from '../base/types';
import type { LinkageParameters } from '../clustering/clusterer';
import { Cluster } from '../clustering/clusters';
import { looksLikeSeveral } from '../clustering/several';
import type { GroupedFace } from '../people/carry-over';
import { faceKey } from '../people/faces';
import type { AboutPerson } from '../people/list';
import type { People } from '../people/people';
import { NO_FACE, NOBODY, type WhoIsWho } from '../people/who-is-who';
import {
  type DescribedPeople,
  describePage,
  type FaceToShow,
  overviewOf,
  type PageData,
  type PersonToShow,
  type PhotoToShow,
} from '../result/export/gallery/describe';
import type { GalleryFace, PageKind, Pages } from '../result/export/gallery/page-types';
import { hasFolder } from '../sort/shown';
import { programVersion } from '../system/version';
import type { ServedOverview } from './api-types';
import type { PhotoBook } from './photo-book';

/** Labels of faces of nobody who has a folder, and of those of them that are too unclear to tell, see `GalleryPerson`. */
const UNSORTED = -1;
const UNCLEAR = -2;

/** Somebody as they were described, and of what. */
interface Described {
  readonly places: readonly number[];
  readonly about: AboutPerson | undefined;
  /** Those of the places of which somebody has said who they are. */
  readonly said: readonly number[];
  readonly person: PersonToShow;
}

/** What the page shows of who is who. */
export class PageNow {
  readonly #described = new Map<number, Described>();
  readonly #shown: PageData;
  readonly #hidden: PageData;
  /** What the page was told of people, as long as these are the same. */
  readonly #known: DescribedPeople<FaceToShow>;

  /** @param before whoever has not changed since then is not described anew */
  constructor(
    private readonly book: PhotoBook,
    private readonly parameters: LinkageParameters,
    people: People,
    who: WhoIsWho,
    before: PageNow | undefined,
  ) {
    const { found } = book;
    const nobodys: number[] = [];
    for (const [person, places] of groupBy(who.people.keys(), (place) => who.people[place] as number)) {
      if (person === NO_FACE) continue;
      const about = person === NOBODY ? undefined : people.about(person);
      const photos = countFiles(places.map((place) => (found.faces[place] as GroupedFace).photo));
      if (about && (about.hidden || hasFolder({ ...about, photos }, parameters.minSamples))) {
        this.#describe(person, places, about, who, before);
      } else for (const place of places) nobodys.push(place);
    }
    const byClarity = groupBy(
      nobodys.sort((a, b) => a - b),
      (place) => (found.toCluster.unclear[place] ? UNCLEAR : UNSORTED),
    );
    for (const [label, places] of byClarity) this.#describe(label, places, undefined, who, before);

    const all = [...this.#described.values()];
    const urls = {
      photo: ({ photo }: PhotoToShow, id: string) => (book.isThere(photo) ? `photos/${id}` : null),
      photoThumbnail: ({ photo }: PhotoToShow, id: string) =>
        book.isThere(photo) || book.photo(photo).thumbnail ? `thumbnails/photos/${id}` : null,
      faceThumbnail: ({ photo, index }: FaceToShow, id: string) =>
        book.isThere(photo) || book.face(index).thumbnail ? `thumbnails/faces/${id}` : null,
    };
    const isHidden = ({ about }: Described) => about?.hidden === true;
    this.#known = before ? before.#known : new WeakMap();
    const describe = (some: readonly Described[], noFaces?: ReadonlySet<string>) =>
      describePage(
        some.map(({ person }) => person),
        urls,
        book.frame,
        noFaces,
        this.#known,
      );
    this.#shown = describe(
      all.filter((one) => !isHidden(one)),
      pathsOfNoFaces(book, who),
    );
    this.#hidden = describe(all.filter(isHidden));
  }

  overview(): Omit<ServedOverview, 'state'> {
    return {
      ...overviewOf(this.#shown, true, this.parameters, programVersion()),
      hidden: this.#hidden.people,
    };
  }

  page<K extends PageKind>(kind: K, n: number): readonly Pages[K][] | undefined {
    return this.#shown.page(kind, n);
  }

  /** The faces at some places of those that the page shows. */
  galleryFaces(places: readonly number[]): GalleryFace[] {
    return places.map((place) => this.#shown.face(place) as GalleryFace);
  }

  /** The places of the faces that the page shows under a label. */
  facesOf(label: number): readonly number[] {
    return this.#described.get(label)?.places ?? [];
  }

  /** Whether the page shows somebody with that number. */
  shows(person: number): boolean {
    const one = this.#described.get(person);
    return one?.about?.hidden === false;
  }

  #describe(
    label: number,
    places: readonly number[],
    about: AboutPerson | undefined,
    who: WhoIsWho,
    before: PageNow | undefined,
  ): void {
    const last = before === undefined ? undefined : before.#described.get(label);
    const said = places.filter((place) => who.said.has(place));
    this.#described.set(
      label,
      last && isSame(last, places, about, said, before?.book === this.book ? undefined : this.book)
        ? last
        : {
            places,
            about,
            said,
            person: describePerson(this.book, this.parameters.minSamples, label, places, about, who.said),
          },
    );
  }
}

function isSame(
  last: Described,
  places: readonly number[],
  about: AboutPerson | undefined,
  said: readonly number[],
  changed: PhotoBook | undefined,
): boolean {
  const [one, other] = [last.about, about];
  return (
    one?.name === other?.name &&
    one?.hidden === other?.hidden &&
    (one?.cover && faceKey(one.cover)) === (other?.cover && faceKey(other.cover)) &&
    last.places.length === places.length &&
    last.places.every((place, i) => place === places[i]) &&
    last.said.length === said.length &&
    last.said.every((place, i) => place === said[i]) &&
    // A face that was added may hold others in it.
    (changed === undefined ||
      last.person.faces.every(({ index, unclear }) => unclear === changed.found.toCluster.unclear[index]))
  );
}

function describePerson(
  book: PhotoBook,
  minPhotos: number,
  label: number,
  places: readonly number[],
  about: AboutPerson | undefined,
  said: ReadonlySet<number>,
): PersonToShow {
  const { records, faces, toCluster } = book.found;
  const cluster = new Cluster(label, places, toCluster.encodings);
  const { distances } = cluster;
  const wanted = about?.cover && faceKey(about.cover);
  const chosen = places.find((place) => wanted && faceKey(faces[place] as GroupedFace) === wanted);
  return {
    label,
    name: about?.name ?? null,
    onlyCopies: label >= 0 && onlyCopiesMakeIt(book, places, minPhotos),
    several: looksLikeSeveral(cluster, records, said),
    cover: chosen ?? null,
    folder: null,
    faces: places.map((place, i) => book.faceToShow(place, distances?.[i])),
  };
}

/** See `ClusterData.onlyCopies`. */
function onlyCopiesMakeIt({ found }: PhotoBook, places: readonly number[], minPhotos: number): boolean {
  if (places.length < minPhotos) return false;
  return new Set(places.map((place) => faceKey(found.faces[place] as GroupedFace))).size < minPhotos;
}

/** The photos on which there are only such as are no faces. */
function pathsOfNoFaces({ found }: PhotoBook, { people }: WhoIsWho): ReadonlySet<string> {
  const paths = new Set<string>();
  for (const [place, person] of people.entries()) {
    if (person === NO_FACE) paths.add((found.records[place] as FaceRecord).imagePath);
  }
  if (paths.size === 0) return paths;
  for (const [place, person] of people.entries()) {
    if (person !== NO_FACE) paths.delete((found.records[place] as FaceRecord).imagePath);
  }
  return paths;
}
