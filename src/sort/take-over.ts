import { FaceError } from '../base/errors';
import { fileOfPhoto, type PhotoId } from '../base/ids';
import { getOrMake, groupBy } from '../base/maps';
import { centreOf } from '../clustering/centre';
import { euclidean } from '../clustering/dbscan';
import type { GroupedFace } from '../people/carry-over';
import type { DecisionToMake, FaceOnPhoto, PersonId } from '../people/decisions';
import { faceKey } from '../people/faces';
import { personTitle } from '../people/names';
import type { People } from '../people/people';
import type { PeopleFolder } from '../result/people-folder/people-folder';
import { decisionsOf, type GestureDecision } from '../result/people-folder/taken-over';
import type { GestureFacts } from '../result/people-folder/types';
import type { FoundFaces } from './found-faces';

/** What somebody did to the folder, and what was made of it. */
export interface TakenOver {
  /** For people: `Person 02 is now Anna`. */
  readonly message: string;
  /** The number of the decision to undo; `undefined` if nothing was decided. */
  readonly decision: number | undefined;
}

/**
 * Makes decisions of what was done to the folder since it was left. Of people who are somebody else by now, by what was decided just
 * before or by a run that was killed before it brought the folder up to date, these are meant; where nobody is left, it says so.
 * @throws FaceError as `People.decide`; FACE_IO
 * @internal
 */
export async function takeOver(
  folder: PeopleFolder,
  people: People,
  found: FoundFaces,
  signal: AbortSignal | undefined,
): Promise<TakenOver[]> {
  const gestures = await folder.gestures(signal);
  if (gestures.length === 0) return [];
  const taken: TakenOver[] = [];
  const facts = factsFor(people, found);
  for (const { decisions, message, name } of decisionsOf(gestures, facts)) {
    const now = decisions.flatMap((decision) => asOfNow(decision, name, people));
    const refused = (error: unknown) => {
      // What can't be decided must not keep all runs from their work: the folder is put back as it was.
      if (error instanceof FaceError && error.code === 'FACE_INVALID_ARGUMENT') return undefined;
      throw error;
    };
    const made = now.length > 0 ? await people.decide(now, { by: 'folder' }).catch(refused) : [];
    if (made === undefined) {
      taken.push({ message: `Nothing could be made of this: ${message}`, decision: undefined });
      continue;
    }
    const [first] = made;
    const lost = decisions.flatMap((decision) =>
      'person' in decision && people.whoIs(decision.person) === undefined ? decision.person : [],
    );
    taken.push({
      message:
        first === undefined && lost[0] !== undefined
          ? nobodyAnyMore(lost[0], facts)
          : `${message}${first?.do === 'name' ? namesakes(first.person, people) : ''}`,
      decision: first?.id,
    });
  }
  await folder.tookOver();
  return taken;
}

/** A decision on the people that there are by now; none if it says nothing any more. */
function asOfNow(
  decision: GestureDecision,
  name: string | undefined,
  people: People,
): DecisionToMake | readonly [] {
  if (decision.do === 'split') {
    const whole = wholePerson(decision.faces, people);
    if (whole === undefined) return { ...decision, ...(name !== undefined && { name }) };
    return name === undefined ? [] : { do: 'name', person: whole, name };
  }
  const person = people.whoIs(decision.person);
  if (person === undefined) return [];
  if (decision.do !== 'merge') return { ...decision, person };
  const into = people.whoIs(decision.into);
  return into === undefined || into === person ? [] : { ...decision, person, into };
}

/** Whose faces these are, if they are all that the person is seen by. */
function wholePerson(faces: readonly FaceOnPhoto[], people: People): PersonId | undefined {
  const [person, ...others] = new Set(faces.map((face) => people.personOf(face)));
  if (person === undefined || others.length > 0) return undefined;
  const own = new Set(faces.map(faceKey));
  const known = people.list().find(({ id }) => id === person);
  return known?.faces.every((face) => own.has(faceKey(face))) ? person : undefined;
}

/** A hint if somebody else has the same name: two people may, but they may be meant as one. */
function namesakes(person: PersonId, people: People): string {
  const all = people.list();
  const name = all.find(({ id }) => id === person)?.name;
  const others = all.filter((one) => one.name !== undefined && one.name === name);
  if (others.length < 2) return '';
  return ` ${others.length} people have that name now; if they are one, put one of their folders into the other.`;
}

function nobodyAnyMore(person: PersonId, { nameOf }: GestureFacts): string {
  return `${nameOf(person)} is nobody any more: nothing follows from what was done to their folder.`;
}

/** What is known of the faces on photos, as far as people were told of them. @internal */
export function factsFor(people: People, { faces, toCluster, onPhoto }: FoundFaces): GestureFacts {
  const known = new Map(people.list().map((person) => [person.id, person]));
  const now = (person: PersonId) => people.whoIs(person) ?? person;
  let facesOf: ReadonlyMap<PersonId | undefined, readonly GroupedFace[]> | undefined;
  const centres = new Map<PersonId, Float64Array | undefined>();
  const centreFor = (person: PersonId) =>
    getOrMake(centres, person, () => {
      facesOf ??= groupBy(faces, (face) => people.personOf(face));
      const own = facesOf.get(person);
      return own && centreOf(own.map(({ encoding }) => encoding));
    });
  // Of a video, those on all of its frames.
  const onFiles = groupBy([...onPhoto.entries()], ([photo]) => fileOfPhoto(photo));
  const onPhotos = (photo: PhotoId) =>
    onPhoto.get(photo) ?? (onFiles.get(fileOfPhoto(photo)) ?? []).flatMap(([, places]) => places);
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
      const centre = centreFor(now(person));
      const distance = (face: FaceOnPhoto) => {
        const encoding = encodingOf(face);
        return centre && encoding ? euclidean(encoding, centre) : 0;
      };
      return candidates.reduce((best, face) => (distance(face) < distance(best) ? face : best));
    },
    nameOf: (person) => personTitle(now(person), known.get(now(person))?.name),
    areOne: (one, other) => now(one) === now(other),
    isHidden: (person) => known.get(now(person))?.hidden ?? false,
  };
}
