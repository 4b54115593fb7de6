import type { PhotoId } from '../../base/ids';
import type { PhotoProblem } from '../../base/photo-problem';
import type { FaceOnPhoto, PersonId } from '../../people/decisions';
import type { PhotoFile } from '../originals/find';
import type { PlacedCounts } from '../originals/label-folders';
import type { KeptPhoto } from '../publish/last-copies';

/** Whose folder it is: a person's, that of faces that are nobody's, or that of faces that are too unclear to tell. */
export type Place = PersonId | 'unsorted' | 'unclear';

/** A photo that belongs into a folder. @internal */
export interface PhotoToPlace {
  readonly id: PhotoId;
  /** Where it is now; `undefined` if that is not known: if it is in the folder already, it stays there. */
  readonly file: PhotoFile | undefined;
}

/** A folder as it has to be. Without photos there is none. @internal */
export interface WantedFolder {
  /** Each at most once. */
  readonly place: Place;
  /** The person's name; `undefined` if they have none, and for places that are nobody's. */
  readonly name: string | undefined;
  /** Each photo once. */
  readonly photos: readonly PhotoToPlace[];
}

/** What somebody did to the folder. Names of files and folders are as they are now, with `/`, seen from the folder of people. */
export type Gesture =
  /** The person's folder has another name: `from` is what they were called, `name` what they are to be called. */
  | {
      readonly kind: 'renamed';
      readonly person: PersonId;
      readonly from: string;
      readonly name: string;
    }
  /** A photo is in another folder than it was put into. */
  | {
      readonly kind: 'moved';
      readonly photo: PhotoId;
      readonly file: string;
      readonly from: Place;
      readonly to: Place;
    }
  /** A photo was put there, and still is where it was put before, or was nowhere. */
  | { readonly kind: 'added'; readonly photo: PhotoId; readonly file: string; readonly to: Place }
  /** A photo is in none of the folders any more; `file` is where it was. */
  | { readonly kind: 'removed'; readonly photo: PhotoId; readonly file: string; readonly from: Place }
  /** The person's folder is gone, or nothing is in it. */
  | { readonly kind: 'deleted'; readonly person: PersonId; readonly folder: string }
  /** The person's folder, or all that was in it, is in another person's folder. */
  | {
      readonly kind: 'merged';
      readonly person: PersonId;
      readonly into: PersonId;
      readonly folder: string;
    }
  /** Photos were put into a folder that is nobody's; `name` is what it is called. */
  | {
      readonly kind: 'new-folder';
      readonly name: string;
      readonly photos: readonly { readonly photo: PhotoId; readonly from: Place }[];
    }
  /** Something that nothing follows from; `why` says so in whole sentences. */
  | { readonly kind: 'ignored'; readonly file: string; readonly why: string };

/** What is known of faces and people when gestures are to become decisions. */
export interface GestureFacts {
  /** The faces on a photo, or on all frames of a video: who each is now, and whether it is unclear. None if the photo is not known. */
  facesOn(photo: PhotoId): readonly {
    readonly face: FaceOnPhoto;
    readonly person: PersonId | undefined;
    readonly unclear: boolean;
  }[];
  /** The face that is most like a person, or the first if nothing is known. */
  likest(faces: readonly FaceOnPhoto[], person: PersonId): FaceOnPhoto;
  /** As people are called: `Anna`, `Person 02`. */
  nameOf(person: PersonId): string;
  /** Whether two people are one by now. */
  areOne(one: PersonId, other: PersonId): boolean;
  /** Whether the person is not shown. */
  isHidden(person: PersonId): boolean;
}

/** What has to be done to a folder; see `PeopleFolder.plan`. */
export interface FolderPlan {
  /** Name of the folder of a place; `undefined` if it gets none. */
  folder(place: Place): string | undefined;
  /** Where a photo is going to be in a place's folder: its path in the folder of people, with `/`; `undefined` if it won't be. */
  file(place: Place, photo: PhotoId): string | undefined;
}

/** What was done to a folder. */
export interface FolderSummary {
  /** Photos that were put into folders where they were not. */
  readonly placed: PlacedCounts;
  /** Number of photos that went from one folder to another. */
  readonly moved: number;
  /** Number of photos that were taken out of folders, those that were kept included. */
  readonly removed: number;
  /** Number of folders that have another name now. */
  readonly renamed: number;
  /** Photos that no longer belong into a folder and are nowhere else. */
  readonly kept: readonly KeptPhoto[];
  /** Number of files in people's folders that are not ours, and were left alone. */
  readonly foreign: number;
  /** Photos that could not be put into a folder. */
  readonly problems: readonly PhotoProblem[];
}
