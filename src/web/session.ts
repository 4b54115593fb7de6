import { join } from 'node:path';
import { FaceError, throwIfAborted } from '../base/errors';
import type { Box } from '../base/types';
import { invalidArgument, options as knownOptions } from '../base/validate';
import { FaceEngine } from '../engine/engine';
import type { GroupedFace } from '../people/carry-over';
import { FaceIndex } from '../people/faces';
import type { People } from '../people/people';
import { NO_FACE, type WhoIsWho } from '../people/who-is-who';
import type { PageKind, Pages } from '../result/export/gallery/page-types';
import { PAGE_FOLDER } from '../result/names-in-result';
import { type AddedFace, writeAddedFace } from '../sort/added-faces';
import { countUnapplied, latest } from '../sort/applied';
import {
  type ArrangeOptions,
  type ArrangeRun,
  bringUpToDate,
  checkRun,
  type Grouped,
  group,
  readAllFaces,
} from '../sort/arrange';
import { type FoundFaces, withOneMore } from '../sort/found-faces';
import { checkSorted, notSorted, type Opened, openPeople } from '../sort/open';
import { PHASE_TITLES } from '../sort/phases';
import { type PhotoWithoutFaces, photosWithoutFaces } from '../sort/photos-without-faces';
import { folderParameters } from '../sort/regroup';
import { FacePoints, regroupSome } from '../sort/regroup-some';
import { type SortSettings, writeSettings } from '../sort/settings';
import { takeOver } from '../sort/take-over';
import { memoryForPhotos } from '../system/machine-memory';
import { type AddingEngine, drawnBox, encodeAdded, undoNoFace } from './add-face';
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
import { appliedInWords } from './applied-in-words';
import { Asking } from './asking';
import { madeBy, makeDecisions } from './decisions';
import { historyOf } from './history';
import { PageNow } from './page-now';
import { PhotoBook, type SessionFace, type SessionPhoto } from './photo-book';

export type { SessionFace, SessionPhoto } from './photo-book';

export interface SessionOptions
  extends Pick<ArrangeOptions, 'jobs' | 'maxMemory' | 'maxPixels' | 'signal' | 'onProgress'> {
  /** Folder of the model files, for faces that are added; default: see `findModelsFolder`. */
  readonly models?: string;
  /** What these are encoded by; default: one of its own, made when it is needed. */
  readonly engine?: AddingEngine;
}

const OPTIONS: Readonly<Record<keyof SessionOptions, true>> = {
  jobs: true,
  maxMemory: true,
  maxPixels: true,
  signal: true,
  onProgress: true,
  models: true,
  engine: true,
};

/** After these, whatever is nobody's stays so. */
const FREE_NOBODY: ReadonlySet<string> = new Set(['name', 'unname', 'hide', 'show', 'cover']);

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
  /** The people folder, without links on the way. */
  readonly output: string;
  readonly #people: People;
  readonly #listeners = new Set<(state: PageState) => void>();
  #settings: SortSettings;
  #found: FoundFaces;
  #points: FacePoints | undefined;
  #book: PhotoBook;
  #who: WhoIsWho;
  #page: PageNow;
  #engine: FaceEngine | undefined;
  readonly #asking: Asking;
  #revision = 1;
  #busy: PageState['busy'] = null;
  #turn: Promise<unknown> = Promise.resolve();
  #applying: Promise<unknown> = Promise.resolve();
  #closing: Promise<void> | undefined;

  private constructor(
    private readonly opened: Opened<SortSettings>,
    private readonly run: ArrangeRun,
    private readonly adding: Pick<SessionOptions, 'models' | 'engine'>,
    found: FoundFaces,
    withoutFaces: readonly PhotoWithoutFaces[],
  ) {
    this.output = opened.folder.path;
    this.#people = opened.people;
    this.#settings = opened.settings;
    this.#found = found;
    this.#book = new PhotoBook(found, withoutFaces, join(opened.folder.data, PAGE_FOLDER));
    this.#who = this.#people.whoAre(found.faces);
    this.#page = this.#newPage(undefined);
    const now = () => ({ found: this.#found, page: this.#page });
    this.#asking = new Asking(this.#people, now, run.jobs);
  }

  /**
   * Opens the people of a folder, takes over what was done to it with a file manager, and groups anew what is nobody's since.
   * @param output the folder that photos were sorted into
   * @throws FaceError FACE_LOCKED if another program works on it; FACE_IO if no photos were sorted into it; FACE_PEOPLE_INVALID,
   *   FACE_RESULT_INVALID; FACE_ABORTED; as `readEncodings`
   */
  static async open(output: string, options: SessionOptions = {}): Promise<PeopleSession> {
    const run = checkRun(knownOptions('options', options, OPTIONS));
    const { signal } = run;
    throwIfAborted(signal);
    await checkSorted(output);
    const { settings, ...others } = await openPeople(output, 'view');
    try {
      if (settings === undefined) throw notSorted(output);
      const { folder, people } = others;
      const found = await readAllFaces({ ...others, settings }, run);
      await found.photos.findChanged(new Map(), signal);
      // What versions did that did not note it: they left nothing undone.
      const known = settings.applied ?? latest(people, found);
      const opened = { ...others, settings: { ...settings, applied: known } };
      if (settings.applied === undefined) await writeSettings(folder.data, opened.settings);
      await takeOver(folder, people, found, signal);
      if (people.facesLost) await group(opened, found, run, false);
      const withoutFaces = await photosWithoutFaces(found.known, settings, signal);
      const session = new PeopleSession(opened, run, options, found, withoutFaces);
      await session.#settle(true);
      return session;
    } catch (error) {
      await others.people.close();
      throw error;
    }
  }

  /** Where the page is. */
  get state(): PageState {
    const { applied } = this.#settings;
    return {
      revision: this.#revision,
      unapplied: countUnapplied(this.#people.decisions(), this.#found.added, applied),
      busy: this.#busy,
    };
  }

  /** Calls `listener` after each change of {@link PeopleSession.state}. @returns what stops that */
  onState(listener: (state: PageState) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Who there is, and how the pages are divided. */
  overview(): ServedOverview {
    return { ...this.#page.overview(), state: this.state };
  }

  /**
   * The items of a page, as the present overview counts them.
   * @param n from 0
   * @returns `undefined` if there is no such page
   */
  page<K extends PageKind>(kind: K, n: number): readonly Pages[K][] | undefined {
    return this.#page.page(kind, n);
  }

  /**
   * Makes decisions, all or none, as one gesture; then groups anew what is nobody's by that.
   * @param decisions at least one
   * @throws FaceError FACE_INVALID_ARGUMENT for people and faces that are not there by now, and for what makes no sense; FACE_IO,
   *   FACE_LOCKED, FACE_DISPOSED as `People.decide`
   */
  decide(decisions: readonly PageDecision[]): Promise<Decided> {
    return this.#inTurn(async () => {
      const made = await makeDecisions(this.#people, decisions, (id) => {
        const place = this.#book.placeOf(id);
        return place === undefined ? undefined : this.#found.faces[place];
      });
      await this.#settle(made.some(({ do: kind }) => !FREE_NOBODY.has(kind)));
      return { state: this.state, gesture: (made[0] as (typeof made)[0]).id, made: madeBy(made) };
    });
  }

  /**
   * Undoes a gesture. That of an undo brings back what it undid.
   * @param gesture default: the last one that counts and is no undo
   * @throws FaceError as {@link PeopleSession.decide}; also if there is nothing to undo
   */
  undo(gesture?: number): Promise<Decided> {
    return this.#inTurn(async () => {
      const { id } = await this.#people.undo(gesture);
      await this.#settle(true);
      return { state: this.state, gesture: id, made: [] };
    });
  }

  /** What was decided, gesture by gesture, the latest first. */
  history(): HistoryEntry[] {
    return historyOf(this.#people);
  }

  /**
   * Who may be one person, surest first; only people whom the page shows, and as long as that helps, see `farthestAsked`.
   * The first time, all people are compared: with 100,000 faces a quarter of a minute.
   * @throws FaceError FACE_ABORTED if it is closed meanwhile
   */
  questions(): Promise<Questions> {
    return this.#asking.questions();
  }

  /** Who may be the same as a person, the likeliest first. @throws FaceError FACE_INVALID_ARGUMENT if nobody has that number */
  alike(person: number): Promise<Alike[]> {
    return this.#asking.alike(person);
  }

  /**
   * Why a person's faces are one person, and how they would be two: the halves that they fall into most clearly.
   * @returns `undefined` if there are too few faces to cut
   * @throws FaceError FACE_INVALID_ARGUMENT if nobody has that number
   */
  async several(person: number): Promise<WhyTogether | undefined> {
    return this.#asking.several(person);
  }

  /**
   * Adds a face that was missed: it is encoded there and then, kept for good, and goes to whom it is like. Where there is one
   * already, it is that one.
   * @throws FaceError FACE_INVALID_ARGUMENT if the box is off the photo or tiny, or there is no such photo; FACE_IMAGE_NOT_FOUND if
   *   the photo is gone; FACE_IMAGE_CHANGED; FACE_IMAGE_DECODE; FACE_MODEL_MISSING and so on as `FaceEngine`
   */
  addFace(request: AddFaceRequest): Promise<FaceAdded> {
    return this.#inTurn(async () => {
      const path = this.#book.pathOf(request.photo);
      if (path === undefined) throw invalidArgument('photo', 'the id of a photo', request.photo);
      const photo = this.#book.photoId(path);
      const box = drawnBox(request.box);
      let place = this.#placeOn(path, box);
      if (place === undefined) {
        const { maxPixels } = this.run;
        const added = await encodeAdded(this.#book.photo(path), photo, box, this.#engineNow(), maxPixels);
        await writeAddedFace(this.opened.folder.data, added);
        this.#takeIn(added);
        place = this.#placeOn(path, added.box) as number;
      } else if (this.#who.people[place] === NO_FACE) {
        await undoNoFace(this.#people, this.#found.faces[place] as GroupedFace);
      }
      await this.#settle(true);
      const person = this.#who.people[place] as number;
      return {
        state: this.state,
        face: this.#book.faceId(place),
        label: this.#page.shows(person) ? person : -1,
      };
    });
  }

  /**
   * Takes over what was done to the folder meanwhile, and brings it and its static page up to who is who. Decisions may be made
   * meanwhile; they count as unapplied after it.
   * @throws FaceError FACE_IO, FACE_ABORTED: the next one goes on
   */
  apply(signal?: AbortSignal): Promise<Applied> {
    const applied = this.#applying.then(() => this.#apply(signal));
    this.#applying = applied.catch(() => {});
    return applied;
  }

  async #apply(signal: AbortSignal | undefined): Promise<Applied> {
    const stops = [signal, this.run.signal].filter((one) => one !== undefined);
    const run: ArrangeRun = {
      ...this.run,
      signal: stops.length > 0 ? AbortSignal.any(stops) : undefined,
      report: (phase, done, total) => {
        this.run.report(phase, done, total);
        this.#setBusy(PHASE_TITLES[phase], total === 0 ? 1 : done / total);
      },
    };
    try {
      const { takenOver, grouped, found } = await this.#inTurn(async () => {
        throwIfAborted(run.signal);
        this.#setBusy(PHASE_TITLES.cluster, 0);
        const { folder } = this.opened;
        const takenOver = await takeOver(folder, this.#people, this.#found, run.signal);
        const grouped: Grouped = await group(this.#opened(), this.#found, run, false);
        this.#settings = grouped.settings;
        this.#who = this.#people.whoAre(this.#found.faces);
        this.#show();
        return { takenOver, grouped, found: this.#found };
      });
      const published = await bringUpToDate(this.#opened(), found, grouped, run);
      this.#settings = published.settings;
      this.#busy = null;
      this.#tell();
      return { state: this.state, ...appliedInWords(takenOver, published.folder) };
    } finally {
      if (this.#busy) {
        this.#busy = null;
        this.#tell();
      }
    }
  }

  /** The photo with this `GalleryPhoto.id`; `undefined` if there is none. */
  photo(id: string): SessionPhoto | undefined {
    const path = this.#book.pathOf(id);
    return path === undefined ? undefined : this.#book.photo(path);
  }

  /** The face with this `GalleryFace.id`; `undefined` if there is none. */
  face(id: string): SessionFace | undefined {
    const place = this.#book.placeOf(id);
    return place === undefined ? undefined : this.#book.face(place);
  }

  /** Lets other programs have the folder, once what was begun is done. Does not apply. Never rejects. */
  close(): Promise<void> {
    this.#closing ??= this.#applying
      .then(() => this.#turn)
      .then(() => {
        this.#asking.close();
        this.#engine?.dispose();
        return this.#people.close();
      });
    return this.#closing;
  }

  /** {@link PeopleSession.close}, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** The place of the face that is in that box, as far as that can be told. */
  #placeOn(path: string, box: Box): number | undefined {
    const { records } = this.#found;
    const photo = this.#book.photoId(path);
    const own = (this.#found.onPhoto.get(photo) ?? []).filter((place) => records[place]?.imagePath === path);
    const found = new FaceIndex(own.map((place) => this.#found.faces[place] as GroupedFace)).find({
      photo,
      box,
    });
    return found === undefined ? undefined : own[found];
  }

  /** Has a face among all others, on each copy of its photo. */
  #takeIn(face: AddedFace): void {
    const on = this.#book.pathsOf(face.photo);
    for (const [i, path] of on.entries()) {
      const { file } = this.#book.photo(path);
      this.#found = withOneMore(this.#found, face, path, file, i === 0);
    }
    const left = this.#book.withoutFaces.filter(({ path }) => !on.includes(path));
    this.#book = new PhotoBook(this.#found, left, join(this.opened.folder.data, PAGE_FOLDER));
    this.#points = undefined;
  }

  #engineNow(): AddingEngine {
    const { jobs, maxMemory } = this.run;
    const { models, engine } = this.adding;
    if (engine) return engine;
    this.#engine ??= new FaceEngine({ jobs, maxMemory, ...(models !== undefined && { models }) });
    return this.#engine;
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.#closing) {
      return Promise.reject(new FaceError('FACE_DISPOSED', 'The page was closed.', { path: this.output }));
    }
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => {});
    return done;
  }

  #opened(): Opened<SortSettings> {
    return { ...this.opened, settings: this.#settings };
  }

  /**
   * Groups what is nobody's by now, if there is such, and shows who is who.
   * @param mayFree whether anything may be nobody's that was somebody's, or may be somebody's now
   */
  async #settle(mayFree: boolean): Promise<void> {
    const { threshold, minPhotos } = this.#settings;
    this.#who = this.#people.whoAre(this.#found.faces);
    try {
      if (mayFree && this.#who.fresh.length > 0) {
        this.#points ??= new FacePoints(this.#found);
        const { jobs, maxMemory } = this.run;
        const run = { threads: jobs, maxMemory: memoryForPhotos(maxMemory), onProgress: () => {} };
        await regroupSome(this.#people, this.#found, this.#points, this.#who, { threshold, minPhotos, run });
        this.#who = this.#people.whoAre(this.#found.faces);
      }
    } finally {
      // What was decided holds, whatever became of the rest.
      if (mayFree) this.#asking.changed();
      this.#show();
    }
  }

  /** Shows who is who. */
  #show(): void {
    this.#page = this.#newPage(this.#page);
    this.#revision++;
    this.#tell();
  }

  #newPage(before: PageNow | undefined): PageNow {
    const parameters = folderParameters(this.#settings, this.#found.toCluster);
    return new PageNow(this.#book, parameters, this.#people, this.#who, before);
  }

  #setBusy(what: string, done: number): void {
    const before = this.#busy;
    // More than what changes the picture of a bar is not worth an event.
    if (before?.what === what && Math.floor(before.done * 100) === Math.floor(done * 100)) return;
    this.#busy = { what, done };
    this.#tell();
  }

  #tell(): void {
    const { state } = this;
    for (const listener of this.#listeners) listener(state);
  }
}
