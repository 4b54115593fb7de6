import { countFiles } from '../base/ids';
import type { FaceOnPhoto, PersonId } from './decisions';
import type { View } from './view';

/** A person, with an id for life. */
export interface KnownPerson {
  readonly id: PersonId;
  /** `undefined` if nobody has named them. */
  readonly name: string | undefined;
  /** Whether they are not to be shown. */
  readonly hidden: boolean;
  /** Whether a decision that counts speaks of them: no grouping takes them for somebody else. */
  readonly decided: boolean;
  /** Their faces that the last run has found, in the order of photos and boxes. */
  readonly faces: readonly FaceOnPhoto[];
  /** On how many different photos these are; a video is one. */
  readonly photos: number;
  /** The face that stands for them; `undefined` if nobody has chosen one that is among `faces`. */
  readonly cover: FaceOnPhoto | undefined;
  /** Whom groupings have found to be them, by their numbers; {@link People.differ} makes each somebody of their own again. */
  readonly absorbed: readonly PersonId[];
}

/** What is known of somebody beside their faces. */
export type AboutPerson = Pick<KnownPerson, 'id' | 'name' | 'hidden' | 'decided' | 'cover'>;

export function aboutPerson(id: PersonId, view: View): AboutPerson {
  const cover = view.coverOf(id);
  return {
    id,
    name: view.names.get(id),
    hidden: view.hidden.has(id),
    decided: view.decided.has(id),
    cover: cover === undefined ? undefined : plain(view.known.at(cover)),
  };
}

/** Everybody who has a name or a face that the last run has found, by their numbers. */
export function listOf(view: View): KnownPerson[] {
  const absorbed = view.absorbed();
  return view
    .everybody()
    .map((id) => {
      const faces = view
        .facesOf(id)
        .map((face) => view.known.at(face))
        .filter(({ gone }) => !gone);
      return {
        ...aboutPerson(id, view),
        faces: faces.map(plain),
        photos: countFiles(faces.map(({ photo }) => photo)),
        absorbed: absorbed.get(id) ?? [],
      };
    })
    .filter(({ name, faces }) => name !== undefined || faces.length > 0);
}

function plain({ photo, box }: FaceOnPhoto): FaceOnPhoto {
  return { photo, box };
}
