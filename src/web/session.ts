import { FaceError } from '../base/errors';
import type { Box } from '../base/types';
import type { Pages } from '../result/export/gallery/page-types';
import type { PhotoFile } from '../result/originals/find';
import type { ArrangeOptions } from '../sort/arrange';
import type {
  AddFaceRequest,
  Alike,
  Applied,
  Decided,
  FaceAdded,
  HistoryEntry,
  PageDecision,
  PageState,
  Questions,
  ServedOverview,
  WhyTogether,
} from './api-types';

export interface SessionOptions
  extends Pick<ArrangeOptions, 'jobs' | 'maxMemory' | 'maxPixels' | 'signal' | 'onProgress'> {
  /** Folder of the model files, for faces that are added; default: see `findModelsFolder`. */
  readonly models?: string;
}

/** A photo that the page shows. */
export interface SessionPhoto {
  /** Where it is; `undefined` if it is not there any more, or was changed since it was sorted. */
  readonly file: PhotoFile | undefined;
  /** In pixels of the upright photo; `undefined` if that is not known. */
  readonly width: number | undefined;
  readonly height: number | undefined;
  /** Absolute path of a small picture of it, a JPEG; `undefined` if there is none yet. */
  readonly thumbnail: string | undefined;
}

/** A face that the page shows. */
export interface SessionFace {
  readonly photo: SessionPhoto;
  /** In pixels of the upright photo; may reach beyond its edges. */
  readonly box: Box;
  /** As {@link SessionPhoto.thumbnail}, of the face. */
  readonly thumbnail: string | undefined;
}

/**
 * The people of a folder while somebody works on them: who is who, by all that is decided meanwhile, and what the page is given
 * of it.
 *
 * ```ts
 * const session = await PeopleSession.open('people');
 * await session.decide([{ do: 'name', person: 2, name: 'Anna' }]);
 * await session.apply(); // the folders follow
 * await session.close();
 * ```
 *
 * Each decision is on the disk when it is answered, and who is who follows from it; the folders follow when
 * {@link PeopleSession.apply} is called, or by the next `sort`. While it is open, no other program can work on the folder. Calls
 * wait for those before, but for those that only look, which see the people as the last answered call left them.
 */
export class PeopleSession {
  private constructor(
    /** The people folder, without links on the way. */
    readonly output: string,
  ) {}

  /**
   * Opens the people of a folder, takes over what was done to it with a file manager, and groups anew what is nobody's since.
   * @param output the folder that photos were sorted into
   * @throws FaceError FACE_LOCKED if another program works on it; FACE_IO if no photos were sorted into it; FACE_PEOPLE_INVALID,
   *   FACE_RESULT_INVALID; FACE_ABORTED; as `readEncodings`
   */
  static async open(_output: string, _options: SessionOptions = {}): Promise<PeopleSession> {
    throw notYet();
  }

  /** Where the page is. */
  get state(): PageState {
    throw notYet();
  }

  /** Calls `listener` after each change of {@link PeopleSession.state}. @returns what stops that */
  onState(_listener: (state: PageState) => void): () => void {
    throw notYet();
  }

  /** Who there is, and how the pages are divided. */
  overview(): ServedOverview {
    throw notYet();
  }

  /**
   * The items of a page, as the present overview counts them.
   * @param n from 0
   * @returns `undefined` if there is no such page
   */
  page<K extends keyof Pages>(_kind: K, _n: number): readonly Pages[K][] | undefined {
    throw notYet();
  }

  /**
   * Makes decisions, all or none, as one gesture; then groups anew what is nobody's by that.
   * @param decisions at least one
   * @throws FaceError FACE_INVALID_ARGUMENT for people and faces that are not there by now, and for what makes no sense; FACE_IO,
   *   FACE_LOCKED, FACE_DISPOSED as `People.decide`
   */
  async decide(_decisions: readonly PageDecision[]): Promise<Decided> {
    throw notYet();
  }

  /**
   * Undoes a gesture. That of an undo brings back what it undid.
   * @param gesture default: the last one that counts and is no undo
   * @throws FaceError as {@link PeopleSession.decide}; also if there is nothing to undo
   */
  async undo(_gesture?: number): Promise<Decided> {
    throw notYet();
  }

  /** What was decided, gesture by gesture, the latest first. */
  history(): HistoryEntry[] {
    throw notYet();
  }

  /** Who may be one person, surest first. @throws FaceError FACE_ABORTED, FACE_DISPOSED */
  async questions(): Promise<Questions> {
    throw notYet();
  }

  /** Who may be the same as a person, the likeliest first. @throws FaceError FACE_INVALID_ARGUMENT if nobody has that number */
  async alike(_person: number): Promise<Alike[]> {
    throw notYet();
  }

  /**
   * Why a person's faces are one person, and how they would be two.
   * @returns `undefined` if there are too few faces to cut
   * @throws FaceError FACE_INVALID_ARGUMENT if nobody has that number
   */
  async several(_person: number): Promise<WhyTogether | undefined> {
    throw notYet();
  }

  /**
   * Adds a face that was missed: it is encoded there and then, kept for good, and goes to whom it is like.
   * @throws FaceError FACE_INVALID_ARGUMENT if the box is off the photo or tiny, or there is no such photo; FACE_IMAGE_NOT_FOUND if
   *   the photo is gone or was changed; FACE_IMAGE_DECODE; FACE_MODEL_NOT_FOUND and so on as `FaceEngine.create`
   */
  async addFace(_request: AddFaceRequest): Promise<FaceAdded> {
    throw notYet();
  }

  /**
   * Takes over what was done to the folder meanwhile, and brings it and its static page up to who is who. Decisions may be made
   * meanwhile; they count as unapplied after it.
   * @throws FaceError FACE_IO, FACE_ABORTED: the next one goes on
   */
  async apply(_signal?: AbortSignal): Promise<Applied> {
    throw notYet();
  }

  /** The photo with this `GalleryPhoto.id`; `undefined` if there is none. */
  photo(_id: string): SessionPhoto | undefined {
    throw notYet();
  }

  /** The face with this `GalleryFace.id`; `undefined` if there is none. */
  face(_id: string): SessionFace | undefined {
    throw notYet();
  }

  /** Lets other programs have the folder, once what was begun is done. Does not apply. Never rejects. */
  async close(): Promise<void> {}
}

function notYet(): FaceError {
  return new FaceError('FACE_INTERNAL', 'This is not there yet.');
}
