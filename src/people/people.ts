import { FaceError } from '../base/errors';
import {
  boolean,
  integer,
  invalidArgument,
  options as onlyOptions,
  path as pathOf,
  text,
} from '../base/validate';
import type { GroupedFace } from './carry-over';
import { checkFace, checkFaces, checkGrouped, checkLabels } from './checks';
import { constraintsOn, type PeopleConstraints } from './constraints';
import {
  type DecisionRecord,
  type DecisionToMake,
  type FaceOnPhoto,
  idsThatCount,
  type PersonId,
} from './decisions';
import { dissolveUndecided } from './dissolve';
import type { FaceIndex } from './faces';
import { LARGEST } from './faults';
import { decisionsWithout, facesOfNumbers, numbersOf, registerWithout, withUndone } from './forget';
import { ForgottenFaces } from './forgotten-faces';
import { makeGesture, makeUndo } from './gesture';
import { type AboutPerson, aboutPerson, type KnownPerson, listOf } from './list';
import { matchGroups, type PeopleChanges } from './match';
import { matchSome } from './match-some';
import { PersonNumbers } from './numbers';
import { PeopleFiles } from './people-files';
import { KnownFaces, type Register } from './register';
import { facesPath } from './register-file';
import { registerOf } from './seen';
import { type PeopleSuggestion, type PeopleSuggestOptions, suggestIn } from './suggest';
import { View } from './view';
import { type WhoIsWho, whoIsWho } from './who-is-who';

export interface PeopleOptions {
  /** Where the decisions come from, for those who read the file: a program or a command. Default `library`. */
  readonly by?: string;
  /**
   * To look only: makes no file and needs no lock, so it also works while another program has the file; nothing can be decided
   * or taken over. Default `false`.
   */
  readonly readOnly?: boolean;
}

export interface DecideOptions {
  /** Where the decisions come from. Default: what `People.open` was told. */
  readonly by?: string;
  /**
   * The number of a decision that counts: these belong to its gesture, and are undone with it, such as the name of somebody whom
   * a split has made. Default: a new gesture.
   */
  readonly with?: number;
}

export interface PeopleUpdateOptions {
  /**
   * Whether a person on whom nobody has decided anything may be taken for another, if the groups say so. `false`: such pairs
   * are in {@link PeopleChanges.mayBeOne}. Default `true`.
   */
  readonly absorb?: boolean;
  /** On how many different photos faces of a group have to be to become a new person. From 1, the default. */
  readonly minPhotos?: number;
}

/** A decision as it stands in the file, and whether it counts. */
export type DecisionMade = DecisionRecord & {
  /** `false` if it was undone. */
  readonly counts: boolean;
};

/** A split as it stands in the file. */
export type SplitRecord = Extract<DecisionRecord, { do: 'split' }>;

/**
 * People that last: who is who, from one run to the next, and what somebody has decided on it.
 *
 * ```ts
 * const people = await People.open('people.jsonl');
 * const { newPeople } = await people.update(faces, labels); // of linkage, dbscan or whatever
 * await people.name(newPeople[0]!, 'Anna');
 * await people.undo(); // nameless again
 * await people.close();
 * ```
 *
 * Two files: the decisions, of which `schemas/people.schema.json` describes the lines, and beside them, with `.faces` at the
 * end of its name, what the runs have found. Who is who follows from both, so any decision can be undone, in any order: the file
 * keeps it and its undo, and people are as if neither had been. Faces are found again by the photo's SHA-256 and by their box,
 * if it overlaps by 0.35 (intersection over union) with the present one or with the first, or by another photo that they are the
 * same on ({@link GroupedFace}.was): names and corrections outlive other file names, detectors, thresholds and groupings, and
 * what other programs write into photos.
 *
 * Each decision also says by which faces its people are found again. If the file of faces is lost, the next
 * {@link People.update} gives everybody on whom something was decided the groups of these faces; of others, only the numbers
 * are lost. See {@link People.facesLost}.
 *
 * What a call returns is on the disk by then. While it is open, no other program can open it but to look only. Calls wait for
 * those before.
 */
export class People {
  #view: View;
  #list: readonly KnownPerson[] | undefined;
  /** Of faces that were asked for, the places in the register. */
  readonly #places = new WeakMap<
    readonly FaceOnPhoto[],
    { readonly index: FaceIndex; readonly places: Int32Array }
  >();
  #facesLost: FaceError | undefined;
  #turn: Promise<unknown> = Promise.resolve();
  #closing: Promise<void> | undefined;

  private constructor(
    /** Path of the file of decisions, without links on the way. */
    readonly path: string,
    private readonly by: string,
    private readonly files: PeopleFiles,
    found: Register | FaceError | undefined,
  ) {
    const lost = found instanceof FaceError || found === undefined;
    const register = lost ? registerOf(files.records) : found;
    if (found instanceof FaceError) this.#facesLost = found;
    else if (lost && register.faces.length > 0) this.#facesLost = notThere(facesPath(path));
    this.#view = new View(new KnownFaces(register), files.records);
  }

  /**
   * Opens a file of decisions, or makes it. A last line that was cut off, by a power cut say, is dropped.
   * @param path of the file, `people.jsonl` say; missing folders are made
   * @throws FaceError FACE_LOCKED if another program has it; FACE_PEOPLE_INVALID if a line is damaged, with its number, or of a
   *   newer version, or if the file is gone while the one of faces is there; FACE_IO; FACE_INVALID_ARGUMENT. Nothing was changed then.
   */
  static async open(path: string, options: PeopleOptions = {}): Promise<People> {
    const { by = 'library', readOnly = false } = onlyOptions('options', options, {
      by: true,
      readOnly: true,
    });
    text('by', by);
    pathOf('path', path);
    const { files, found } = boolean('readOnly', readOnly)
      ? await PeopleFiles.read(path)
      : await PeopleFiles.open(path, by);
    try {
      return new People(files.path, by, files, found);
    } catch (error) {
      // Nobody else could.
      await files.close();
      throw error;
    }
  }

  /**
   * Why nothing is known of what the runs have found, if that is so: FACE_PEOPLE_INVALID, with what to do about it. Names and
   * corrections are there; nobody has faces but those in the decisions, until {@link People.update} has found people again and
   * written the file anew.
   */
  get facesLost(): FaceError | undefined {
    return this.#facesLost;
  }

  /** Everybody who has a name or a face that the last run has found, hidden or not, by their numbers. */
  list(): KnownPerson[] {
    this.#list ??= listOf(this.#view);
    return [...this.#list];
  }

  /**
   * Who a face is; `undefined` if that is nobody, or the face is not known.
   * @throws FaceError FACE_INVALID_ARGUMENT
   */
  personOf(face: FaceOnPhoto): PersonId | undefined {
    const found = this.#view.known.placeOf(checkFace('face', face));
    return found === undefined ? undefined : this.#view.personOf(found);
  }

  /**
   * Who somebody is by now: they themselves, or with whom a decision or a run has made them one; `undefined` if there is nobody
   * like that any more, or never was.
   * @throws FaceError FACE_INVALID_ARGUMENT
   */
  whoIs(person: PersonId): PersonId | undefined {
    const now = this.#view.root(integer('person', person, 1, LARGEST));
    return this.#view.isThere(now) ? now : undefined;
  }

  /** Whether a run has found a face, and decisions can be made on it. @throws FaceError FACE_INVALID_ARGUMENT */
  knows(face: FaceOnPhoto): boolean {
    return this.#view.known.placeOf(checkFace('face', face)) !== undefined;
  }

  /**
   * Whether a face is one: `false` only for those on which it was decided that there is none. These are better left out when
   * faces are grouped.
   * @throws FaceError FACE_INVALID_ARGUMENT
   */
  isFace(face: FaceOnPhoto): boolean {
    const found = this.#view.known.placeOf(checkFace('face', face));
    return found === undefined || this.#view.isFace(found);
  }

  /**
   * Who all these faces are, as {@link People.personOf} and {@link People.isFace} tell of each: quick when the same array is asked for
   * again after a decision.
   * @internal
   */
  whoAre(faces: readonly FaceOnPhoto[]): WhoIsWho {
    const { known } = this.#view;
    let found = this.#places.get(faces);
    if (found?.index !== known.index) {
      found = { index: known.index, places: Int32Array.from(faces, (face) => known.placeOf(face) ?? -1) };
      this.#places.set(faces, found);
    }
    return whoIsWho(found.places, this.#view);
  }

  /** Whether two people are decided to be two. @internal */
  areApart(one: PersonId, other: PersonId): boolean {
    return this.#view.areApart(one, other);
  }

  /** What is known of somebody beside their faces. @internal */
  about(person: PersonId): AboutPerson {
    return aboutPerson(person, this.#view);
  }

  /** All decisions, undone ones and undos included, in the order in which they were made. */
  decisions(): DecisionMade[] {
    const counting = idsThatCount(this.files.records);
    return this.files.records.map((record) => ({ ...record, counts: counting.has(record.id) }));
  }

  /**
   * What a grouping of faces has to respect, so that it breaks nothing that was decided.
   * @param faces of the coming run; those on copies of a photo are one
   * @throws FaceError FACE_INVALID_ARGUMENT
   */
  constraints(faces: readonly FaceOnPhoto[]): PeopleConstraints {
    checkFaces(faces);
    return constraintsOn(faces, this.#view);
  }

  /**
   * Forgets everybody on whom nothing was decided, so that the next {@link People.update} finds people anew among their faces: with
   * another threshold, say. Nobody gets their numbers.
   * @returns how many people are no more
   * @throws FaceError FACE_IO, FACE_LOCKED if the lock was taken away: all is as before then
   */
  dissolve(): Promise<number> {
    return this.#inTurn(async () => {
      await this.files.checkWritable();
      const before = this.list().filter(({ decided }) => !decided);
      const view = new View(new KnownFaces(dissolveUndecided(this.#view)), this.files.records);
      await this.files.writeRegister(view.known.register);
      this.#show(view);
      return before.length;
    });
  }

  /**
   * Takes over what a run has found: finds the people of before in its groups. A face that was somebody's stays theirs. Two
   * people most of whose faces are in one group are one from now on, unless somebody has decided anything on both, or that
   * they differ, or the larger is hidden; see {@link PeopleUpdateOptions.absorb}. If a later run has most of the faces of each
   * in groups of their own, they are two again. Of the faces in a group that are nobody's, new ones or such as were decided not
   * to be whom they were taken for, each goes to the nearest of the people who have most of their faces there, or a quarter of
   * the group; without such, they are a new person. New people get numbers by size, the largest first. Faces that are not there
   * any more are remembered.
   *
   * Decisions hold, whatever the groups: see {@link People}. Nothing depends on the order of faces or on the labels' numbers.
   * @param faces all faces of the run; those on copies of a photo count once
   * @param labels the group of each face; -1: none
   * @returns what has changed
   * @throws FaceError FACE_INVALID_ARGUMENT; FACE_IO, also if another program has changed the file of decisions; FACE_LOCKED if
   *   the lock was taken away: all is as before then
   */
  update(
    faces: readonly GroupedFace[],
    labels: ArrayLike<number>,
    options: PeopleUpdateOptions = {},
  ): Promise<PeopleChanges> {
    return this.#inTurn(async () => {
      const known = { absorb: true, minPhotos: true } as const;
      const { absorb = true, minPhotos = 1 } = onlyOptions('options', options, known);
      boolean('absorb', absorb);
      integer('minPhotos', minPhotos, 1);
      checkGrouped(faces);
      checkLabels(labels, faces);
      await this.files.checkWritable();
      const { register } = this.#view.known;
      const numbers = new PersonNumbers(register, this.files.records);
      const { view, changes } = matchGroups(register, this.files.records, faces, labels, {
        absorb,
        minPhotos,
        nextPerson: () => numbers.take(),
      });
      await this.files.writeRegister(view.known.register);
      this.#facesLost = undefined;
      this.#show(view);
      return changes;
    });
  }

  /**
   * {@link People.update} for some of the faces: the others stay whose they are, and nobody is taken for anybody else. Where it only
   * says whose the faces are that decisions have left to nobody, the file of faces follows in the background, at the latest when these
   * people are closed: after a power cut, the same comes of the same decisions.
   * @param faces all that the last run has found of whoever is among them; and any others, such as one that is new
   * @param labels the group of each face; -1: none
   * @throws FaceError as `update`
   * @internal
   */
  updateSome(
    faces: readonly GroupedFace[],
    labels: ArrayLike<number>,
    { minPhotos }: Pick<Required<PeopleUpdateOptions>, 'minPhotos'>,
  ): Promise<void> {
    return this.#inTurn(async () => {
      checkGrouped(faces);
      await this.files.checkWritable();
      const { register } = this.#view.known;
      const numbers = new PersonNumbers(register, this.files.records);
      const nextPerson = () => numbers.take();
      const view = matchSome(this.#view.known, this.files.records, faces, labels, { minPhotos, nextPerson });
      const { next, faces: all } = view.known.register;
      // Decisions may speak of new people and faces from now on.
      if (next !== register.next || all.length !== register.faces.length)
        await this.files.writeRegister(view.known.register);
      else this.files.writeRegisterLater(() => this.#view.known.register);
      this.#show(view);
    });
  }

  /**
   * Makes decisions that belong together, as one gesture: all of them, or none; only a power cut in the middle of writing may
   * leave the first ones. {@link People.undo} undoes them together. Each is checked as if those before were made.
   * @param decisions at least one
   * @returns what stands in the file
   * @throws FaceError FACE_INVALID_ARGUMENT for people and faces that are not there, and for what makes no sense; FACE_IO, also
   *   if another program has changed the file; FACE_LOCKED if the lock was taken away; FACE_DISPOSED
   */
  async decide(decisions: readonly DecisionToMake[], options: DecideOptions = {}): Promise<DecisionRecord[]> {
    if (!Array.isArray(decisions) || decisions.length === 0) {
      throw invalidArgument('decisions', 'an array of decisions', decisions);
    }
    return this.#decide(decisions, options, (place, part) => `decisions[${place}].${part}`);
  }

  /**
   * Names a person, or gives them another name. Two people may have one name.
   * @param name one line of up to 200 characters, of which some can be seen and none is of those that turn the direction of a
   *   line; blanks around it are dropped, and its letters written in one way (NFC)
   * @throws FaceError as {@link People.decide}
   */
  name(person: PersonId, name: string, options: DecideOptions = {}): Promise<DecisionRecord> {
    return this.#decideOne({ do: 'name', person, name }, options);
  }

  /** Takes a person's name away. @throws FaceError as {@link People.decide} */
  unname(person: PersonId, options: DecideOptions = {}): Promise<DecisionRecord> {
    return this.#decideOne({ do: 'unname', person }, options);
  }

  /**
   * Says that `person` is `into`, who keeps their number, and their name and cover if they have one.
   * @throws FaceError as {@link People.decide}
   */
  merge(person: PersonId, into: PersonId, options: DecideOptions = {}): Promise<DecisionRecord> {
    return this.#decideOne({ do: 'merge', person, into }, options);
  }

  /**
   * Says that these faces are one person, and somebody new, whoever they were taken for.
   * @returns with the number of the new person, `as`
   * @throws FaceError as {@link People.decide}; also if these are all faces that a person is seen by
   */
  async split(faces: readonly FaceOnPhoto[], options: DecideOptions = {}): Promise<SplitRecord> {
    return (await this.#decideOne({ do: 'split', faces }, options)) as SplitRecord;
  }

  /**
   * Says that two people are two, however alike they are. If one was taken for the other by a run, it is undone by that.
   * @throws FaceError as {@link People.decide}; also if a decision has made them one: undo that instead
   */
  differ(person: PersonId, other: PersonId, options: DecideOptions = {}): Promise<DecisionRecord> {
    return this.#decideOne({ do: 'differ', person, other }, options);
  }

  /** Says that a face is that person. @throws FaceError as {@link People.decide} */
  is(face: FaceOnPhoto, person: PersonId, options: DecideOptions = {}): Promise<DecisionRecord> {
    return this.#decideOne({ do: 'is', face, person }, options);
  }

  /**
   * Says that a face is not that person. If it was taken for them, it is nobody's until the next {@link People.update}, which
   * may give it to somebody else.
   * @throws FaceError as {@link People.decide}
   */
  not(face: FaceOnPhoto, person: PersonId, options: DecideOptions = {}): Promise<DecisionRecord> {
    return this.#decideOne({ do: 'not', face, person }, options);
  }

  /** Says that there is no face. @throws FaceError as {@link People.decide} */
  notFace(face: FaceOnPhoto, options: DecideOptions = {}): Promise<DecisionRecord> {
    return this.#decideOne({ do: 'not-a-face', face }, options);
  }

  /** Says that a person is not to be shown. @throws FaceError as {@link People.decide} */
  hide(person: PersonId, options: DecideOptions = {}): Promise<DecisionRecord> {
    return this.#decideOne({ do: 'hide', person }, options);
  }

  /** Says that a person is to be shown, though they were hidden. @throws FaceError as {@link People.decide} */
  show(person: PersonId, options: DecideOptions = {}): Promise<DecisionRecord> {
    return this.#decideOne({ do: 'show', person }, options);
  }

  /** Chooses the face that stands for its person. @throws FaceError as {@link People.decide}; also if it is nobody's */
  cover(face: FaceOnPhoto, options: DecideOptions = {}): Promise<DecisionRecord> {
    return this.#decideOne({ do: 'cover', face }, options);
  }

  /**
   * Undoes decisions. They may be such as others were built on: what can't hold without them does not count until they are back.
   * @param id of a decision; that of the first of a gesture undoes all of it, that of another one just that; that of an undo
   *   brings back what it undid. Default: the last gesture that counts and is no undo
   * @returns one line, whatever the number of decisions
   * @throws FaceError as {@link People.decide}; also if there is nothing to undo
   */
  undo(id?: number, options: Pick<DecideOptions, 'by'> = {}): Promise<DecisionRecord> {
    return this.#inTurn(async () => {
      const { by = this.by } = onlyOptions('options', options, { by: true });
      const record = makeUndo(this.files, id, by);
      await this.files.append([record]);
      this.#show(new View(this.#view.known, this.files.records));
      return record;
    });
  }

  /**
   * All numbers that people have or had.
   * @throws FaceError FACE_INVALID_ARGUMENT if somebody is nobody
   * @internal
   */
  numbersOf(people: readonly PersonId[]): PersonId[] {
    for (const [i, person] of people.entries()) {
      integer(`people[${i}]`, person, 1, LARGEST);
      if (!this.#view.isThere(person))
        throw invalidArgument(`people[${i}]`, 'the number of a person', person);
    }
    return numbersOf(people, this.#view, this.files.records);
  }

  /** All faces of a person, also those that the last run has not found. @internal */
  everyFaceOf(person: PersonId): FaceOnPhoto[] {
    return this.#view.facesOf(person).map((face) => this.#view.known.at(face));
  }

  /** The faces of all who have these numbers, see {@link facesOfNumbers}. @internal */
  facesOfNumbers(numbers: readonly PersonId[]): FaceOnPhoto[] {
    return facesOfNumbers(numbers, this.#view);
  }

  /** Tells faces that are forgotten from those that runs have found. @internal */
  forgottenAmong(faces: readonly FaceOnPhoto[]): ForgottenFaces {
    return new ForgottenFaces(faces, this.#view.known.register.faces);
  }

  /**
   * Takes people out of both files, with all decisions that speak of them: nothing can be undone of that. A file of faces that could not
   * be read is removed. Killed in between, the same call ends it.
   * @param numbers all that they have or had
   * @param forgotten their faces
   * @throws FaceError FACE_IO, FACE_LOCKED
   * @internal
   */
  forget(numbers: readonly PersonId[], forgotten: ForgottenFaces): Promise<void> {
    return this.#inTurn(async () => {
      await this.files.checkWritable();
      const people = withUndone(this.files.records, new Set(numbers), forgotten);
      const records = decisionsWithout(this.files.records, people, forgotten);
      if (this.#facesLost) {
        // What is in the way of reading it may be one line: all others still say whose the faces are.
        await this.files.removeRegister();
      } else {
        // First: by the decisions of before it is known who was kept from being whom.
        const register = registerWithout(this.#view, this.files.records, people, forgotten);
        this.#show(new View(new KnownFaces(register), this.files.records));
        await this.files.writeRegister(this.#view.known.register);
      }
      await this.files.replaceDecisions(records);
      const register = this.#facesLost ? registerOf(this.files.records) : this.#view.known.register;
      this.#show(new View(new KnownFaces(register), this.files.records));
    });
  }

  /**
   * The pairs of people that are most alike, to ask somebody whether they are one: {@link People.merge} says yes,
   * {@link People.differ} no, and they are not among the pairs any more. Nobody is asked about hidden people.
   * @param faces of the last run
   * @returns the likeliest pair first
   * @throws FaceError FACE_INVALID_ARGUMENT, FACE_NATIVE_LOAD, FACE_ABORTED
   */
  suggest(faces: readonly GroupedFace[], options: PeopleSuggestOptions = {}): Promise<PeopleSuggestion[]> {
    return suggestIn(this.#view, faces, options);
  }

  /** Lets other programs have the files. Never rejects. */
  close(): Promise<void> {
    this.#closing ??= this.#turn.then(() => this.files.close());
    return this.#closing;
  }

  /** {@link People.close}, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Runs `work` when all that was begun before is done. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.#closing) {
      return Promise.reject(new FaceError('FACE_DISPOSED', `${this.path} was closed.`, { path: this.path }));
    }
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => {});
    return done;
  }

  async #decideOne(decision: DecisionToMake, options: DecideOptions): Promise<DecisionRecord> {
    const [record] = await this.#decide([decision], options, (_, part) => part);
    return record as DecisionRecord;
  }

  /** @param argument how a part of a decision is called by the one who gave it */
  #decide(
    decisions: readonly DecisionToMake[],
    options: DecideOptions,
    argument: (place: number, part: string) => string,
  ): Promise<DecisionRecord[]> {
    return this.#inTurn(async () => {
      const { by = this.by, with: member } = onlyOptions('options', options, { by: true, with: true });
      const { made, view } = makeGesture(this.files, this.#view, decisions, { by, with: member, argument });
      await this.files.append(made);
      this.#show(view);
      return made;
    });
  }

  #show(view: View): void {
    this.#view = view;
    this.#list = undefined;
  }
}

function notThere(path: string): FaceError {
  const remedy = 'People are found again by the faces in the decisions when faces are grouped the next time.';
  return new FaceError('FACE_PEOPLE_INVALID', `${path} is not there, and it has who all faces are.`, {
    path,
    remedy,
  });
}
