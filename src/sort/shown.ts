import { frameOfVideo, type PhotoId } from '../base/ids';
import { getOrMake } from '../base/maps';
import type { FaceRecord } from '../base/types';
import type { PersonId } from '../people/decisions';
import type { KnownPerson } from '../people/list';
import type { People } from '../people/people';
import { NO_FACE } from '../people/who-is-who';
import { frameIn } from '../photos/video/frame-path';
import type { PhotoFile } from '../result/originals/find';
import type { WantedFolder } from '../result/people-folder/types';
import type { FoundFaces } from './found-faces';

/** The label of faces of hidden people, and of what is no face. */
export const HIDDEN = -2;

/** Who is shown, and where the photos are to be. */
export interface Shown {
  /** Those who have a folder. */
  readonly people: readonly KnownPerson[];
  /** The person of each face; -1: nobody who has a folder; {@link HIDDEN}: not to be shown. */
  readonly labels: Int32Array;
  /** Places of the faces of which somebody has said who they are. */
  readonly said: ReadonlySet<number>;
  readonly folders: readonly WantedFolder[];
  /** How many faces are nobody's, and how many of these are too unclear to tell. */
  readonly unsorted: number;
  readonly unclear: number;
}

/** Whether somebody who is not hidden has a folder: on enough photos, or somebody has decided on them. */
export function hasFolder(
  { decided, hidden, photos }: Pick<KnownPerson, 'decided' | 'hidden' | 'photos'>,
  minPhotos: number,
): boolean {
  return !hidden && photos > 0 && (decided || photos >= minPhotos);
}

/** The id of the file that a photo is in: of a frame, that of its video. */
export function idOfWhole(photo: PhotoId, imagePath: string): PhotoId {
  const frame = frameIn(imagePath);
  return frame ? frameOfVideo(photo, frame.name) : photo;
}

/**
 * Everybody on enough photos has a folder, and everybody on whom somebody has decided. A photo without anybody of these is not
 * sorted, or too unclear; photos of hidden people alone are nowhere.
 */
export function shownPeople(people: People, found: FoundFaces, minPhotos: number): Shown {
  const { faces, records, photos, toCluster } = found;
  const known = new Map(people.list().map((person) => [person.id, person]));
  const labels = new Int32Array(faces.length).fill(-1);
  const byPerson = new Map<PersonId, Map<PhotoId, PhotoFile | undefined>>();
  const unsorted = new Map<PhotoId, PhotoFile | undefined>();
  const unclear = new Map<PhotoId, PhotoFile | undefined>();
  const put = (to: Map<PhotoId, PhotoFile | undefined>, place: number) => {
    const { imagePath } = records[place] as FaceRecord;
    // Of a video, the folder has all of it, once.
    const id = idOfWhole((faces[place] as (typeof faces)[0]).photo, imagePath);
    // Of copies the first that is there.
    const file = to.get(id) ?? photos.file(imagePath);
    to.set(id, file);
  };
  const counts = { unsorted: 0, unclear: 0 };
  const who = people.whoAre(faces);
  for (const place of faces.keys()) {
    const person = known.get(who.people[place] as number);
    if (person?.hidden) labels[place] = HIDDEN;
    else if (person && hasFolder(person, minPhotos)) {
      labels[place] = person.id;
      put(
        getOrMake(byPerson, person.id, () => new Map()),
        place,
      );
    } else if (who.people[place] !== NO_FACE) {
      const isUnclear = toCluster.unclear[place] as boolean;
      counts.unsorted++;
      if (isUnclear) counts.unclear++;
      put(isUnclear ? unclear : unsorted, place);
    } else labels[place] = HIDDEN;
  }
  const sorted = new Set([...byPerson.values()].flatMap((own) => [...own.keys()]));
  const rest = (
    all: Map<PhotoId, PhotoFile | undefined>,
    ...others: readonly { has(photo: PhotoId): boolean }[]
  ) => [...all].filter(([photo]) => !others.some((other) => other.has(photo)));
  const listed = (entries: Iterable<[PhotoId, PhotoFile | undefined]>) =>
    Array.from(entries, ([id, file]) => ({ id, file }));
  const shown = [...known.values()].filter((person) => byPerson.has(person.id));
  return {
    people: shown,
    labels,
    said: who.said,
    folders: [
      ...shown.map(({ id, name }) => ({ place: id, name, photos: listed(byPerson.get(id) ?? []) })),
      { place: 'unsorted', name: undefined, photos: listed(rest(unsorted, sorted)) },
      { place: 'unclear', name: undefined, photos: listed(rest(unclear, sorted, unsorted)) },
    ],
    ...counts,
  };
}
