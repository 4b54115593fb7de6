import { FaceError } from '../base/errors';
import type { PhotoId } from '../base/ids';
import { getOrMake } from '../base/maps';
import { centreOf } from '../clustering/centre';
import { euclidean } from '../clustering/dbscan';
import type { GroupedFace } from '../people/carry-over';
import type { FaceOnPhoto, PersonId } from '../people/decisions';
import { personTitle } from '../people/names';
import type { People } from '../people/people';
import type { PeopleFolder } from '../result/people-folder/people-folder';
import { decisionsOf } from '../result/people-folder/taken-over';
import type { GestureFacts } from '../result/people-folder/types';
import type { FoundFaces } from './found-faces';

/** What somebody did to the folder, and what was made of it. */
export interface TakenOver {
  /** For people: `Person 02 is now Anna`. */
  readonly message: string;
  /** The number of the decision to undo; `undefined` if nothing was decided. */
  readonly decision: number | undefined;
}

/** Makes decisions of what was done to the folder since it was left. @throws FaceError as `People.decide`; FACE_IO @internal */
export async function takeOver(
  folder: PeopleFolder,
  people: People,
  found: FoundFaces,
  signal: AbortSignal | undefined,
): Promise<TakenOver[]> {
  const gestures = await folder.gestures(signal);
  if (gestures.length === 0) return [];
  const taken: TakenOver[] = [];
  for (const { decisions, message, name } of decisionsOf(gestures, factsFor(people, found))) {
    const [first] = await people.decide(decisions, { by: 'folder' }).catch((error: unknown) => {
      // What can't be decided must not keep all runs from their work: the folder is put back as it was.
      if (error instanceof FaceError && error.code === 'FACE_INVALID_ARGUMENT') return [undefined];
      throw error;
    });
    if (decisions.length > 0 && first === undefined) {
      taken.push({ message: `Nothing could be made of this: ${message}`, decision: undefined });
      continue;
    }
    if (first?.do === 'split' && name !== undefined) {
      await people.decide([{ do: 'name', person: first.as, name }], { by: 'folder', with: first.id });
    }
    taken.push({ message, decision: first?.id });
  }
  return taken;
}

/** What is known of the faces on photos, as far as people were told of them. @internal */
export function factsFor(people: People, { faces, toCluster, onPhoto }: FoundFaces): GestureFacts {
  const names = new Map(people.list().map(({ id, name }) => [id, name]));
  const centres = new Map<PersonId, Float64Array | undefined>();
  const centreFor = (person: PersonId) =>
    getOrMake(centres, person, () => {
      const own = faces.filter((face) => people.personOf(face) === person);
      return own.length > 0 ? centreOf(own.map(({ encoding }) => encoding)) : undefined;
    });
  const onPhotos = (photo: PhotoId) => onPhoto.get(photo) ?? [];
  const encodingOf = (face: FaceOnPhoto) =>
    onPhotos(face.photo)
      .map((i) => faces[i] as GroupedFace)
      .find(({ box }) => box === face.box)?.encoding;
  return {
    facesOn: (photo) =>
      onPhotos(photo)
        .map((i) => ({ face: faces[i] as GroupedFace, unclear: toCluster.unclear[i] as boolean }))
        .filter(({ face }) => people.knows(face))
        .map(({ face: { photo, box }, unclear }) => ({
          face: { photo, box },
          person: people.personOf({ photo, box }),
          unclear,
        })),
    likest(candidates, person) {
      const centre = centreFor(person);
      const distance = (face: FaceOnPhoto) => {
        const encoding = encodingOf(face);
        return centre && encoding ? euclidean(encoding, centre) : 0;
      };
      return candidates.reduce((best, face) => (distance(face) < distance(best) ? face : best));
    },
    nameOf: (person) => personTitle(person, names.get(person)),
    now: (person) => people.personNow(person),
  };
}
