/*
 * What the page asks the server of `view` for, and what it is told. Types only: the page, in the folder `gallery` of the
 * project, is compiled with them, too.
 *
 * | request | answer |
 * |---|---|
 * | `GET api/overview` | {@link ServedOverview} |
 * | `GET api/pages/<kind>/<n>?revision=<r>` | the items of a page, see {@link Pages}; 409 if the revision is another by now |
 * | `POST api/decisions` {@link DecisionsRequest} | {@link Decided} |
 * | `POST api/undo` {@link UndoRequest} | {@link Decided} |
 * | `GET api/history` | {@link HistoryEntry}[], the latest first |
 * | `GET api/questions` | {@link Questions} |
 * | `GET api/people/<label>/alike` | {@link Alike}[], the likeliest first |
 * | `GET api/people/<label>/several` | {@link WhyTogether}; 404 if there are not enough faces to cut |
 * | `POST api/faces` {@link AddFaceRequest} | {@link FaceAdded} |
 * | `POST api/apply` | {@link Applied}, when it is done |
 * | `POST api/goodbye` | nothing: the tab is about to be closed, or loaded anew; a server that has heard it ends sooner after the last |
 * | `GET api/events` | server-sent events `state`, each with a {@link PageState}; the tab is open as long as this is |
 *
 * A body is JSON of at most 1 MB, also where nothing is asked for (`{}`). Beside these there are, by the ids in the URLs that
 * page data has: `photos/<id>`, `thumbnails/photos/<id>`, `thumbnails/faces/<id>`. What went wrong is told with a status from 400
 * on and a {@link Failure}.
 */
import type {
  GalleryFace,
  GalleryOverview,
  GalleryPerson,
  Pages,
  PixelBox,
} from '../result/export/gallery/page-types';

export type { Pages };

/** Where the page is. Each answer that tells of people has it, or comes with an event that does. */
export interface PageState {
  /** Rises with each change of who is who. What was asked for with an earlier one is to be asked for again. */
  readonly revision: number;
  /** Number of decisions that the folders on the disk do not show yet. */
  readonly unapplied: number;
  /** What is being done, in words, and which part of it, from 0 to 1; `null`: nothing. */
  readonly busy: { readonly what: string; readonly done: number } | null;
}

export interface ServedOverview extends GalleryOverview {
  readonly state: PageState;
  /** People who are not to be shown; no page has their faces. */
  readonly hidden: readonly GalleryPerson[];
}

/** What somebody decides. People are named by their labels, faces by their ids, see {@link GalleryFace.id}. */
export type PageDecision =
  | { readonly do: 'name'; readonly person: number; readonly name: string }
  | { readonly do: 'unname' | 'hide' | 'show'; readonly person: number }
  /** All that is `person` is `into`. */
  | { readonly do: 'merge'; readonly person: number; readonly into: number }
  | { readonly do: 'differ'; readonly person: number; readonly other: number }
  /** These faces are somebody new; called `name`, if it is given. */
  | { readonly do: 'split'; readonly faces: readonly string[]; readonly name?: string }
  /** Those faces are that person, or are not. */
  | { readonly do: 'is' | 'not'; readonly faces: readonly string[]; readonly person: number }
  | { readonly do: 'not-a-face'; readonly faces: readonly string[] }
  | { readonly do: 'cover'; readonly face: string };

export interface DecisionsRequest {
  /** At least one; they are one gesture. */
  readonly decisions: readonly PageDecision[];
}

export interface UndoRequest {
  /** See {@link Decided.gesture}. Default: the last one that counts. */
  readonly gesture?: number;
}

export interface Decided {
  readonly state: PageState;
  /** By which it can be undone; an undo has one, too. */
  readonly gesture: number;
  /** Labels of the people whom splits have made, in their order. */
  readonly made: readonly number[];
}

/** A gesture: decisions that were made together, and are undone together. */
export interface HistoryEntry {
  readonly gesture: number;
  /** ISO 8601, UTC. */
  readonly at: string;
  /** Where it came from: `view`, `sort`, `name` and so on. */
  readonly by: string;
  /** What was decided, in words. */
  readonly said: readonly string[];
  /** Whether it counts: `false` if it was undone. */
  readonly counts: boolean;
  /** The gesture that this one undoes; `null` if it is no undo. */
  readonly undoes: number | null;
}

/** Whether two people are one, to be answered by a `merge` or a `differ`. */
export interface Question {
  /** The one with more faces first. */
  readonly people: readonly [number, number];
  /** See `PeopleSuggestion`: the lower, the likelier. */
  readonly score: number;
  /** A face of each: those that tell most. */
  readonly faces: readonly [GalleryFace, GalleryFace];
}

export interface Questions {
  /** How many are left, of which `questions` are the first, surest first. */
  readonly left: number;
  readonly questions: readonly Question[];
}

/** Who may be the same person. */
export interface Alike {
  readonly person: number;
  readonly score: number;
}

/** Why faces are one person, and how they would be two. */
export interface WhyTogether {
  /** The weakest link: the two nearest faces of the two halves. */
  readonly link: { readonly faces: readonly [GalleryFace, GalleryFace]; readonly distance: number };
  /** The faces of the smaller half, by which a split takes it apart. */
  readonly cut: readonly GalleryFace[];
}

export interface AddFaceRequest {
  /** See `GalleryPhoto.id`. */
  readonly photo: string;
  /** In pixels of the upright photo. */
  readonly box: PixelBox;
}

export interface FaceAdded {
  readonly state: PageState;
  /** The id of the face; it may be one that was there already. */
  readonly face: string;
  /** Who it is, as far as it was told by its likeness; -1: nobody. */
  readonly label: number;
}

export interface Applied {
  readonly state: PageState;
  /** What was done to the folders, in words. */
  readonly said: readonly string[];
  /** What went wrong there, or is left to people to do; mostly nothing. */
  readonly left: readonly string[];
}

export interface Failure {
  /** For people: what went wrong and what to do. */
  readonly message: string;
  /** A code of `FaceError`, or what the server itself refuses. */
  readonly code: string;
}
