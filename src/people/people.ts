import { realpath } from 'node:fs/promises';
import { dirname } from 'node:path';
import { FaceError } from '../base/errors';
import { getOrMake } from '../base/maps';
import {
  integer,
  invalidArgument,
  object,
  options as onlyOptions,
  path as pathOf,
  text,
} from '../base/validate';
import { suggestMerges } from '../clustering/linkage';
import { isArrayLike } from '../clustering/matrix';
import { PRIVATE_FOLDER } from '../system/atomic-file';
import { failingTo } from '../system/io-error';
import { acquireLock, type Lock } from '../system/lock';
import { makeFolders } from '../system/make-folders';
import {
  canBeName,
  type Decision,
  type DecisionRecord,
  type FaceOnPhoto,
  idsThatCount,
  type PersonId,
  peopleIn,
} from './decisions';
import { DecisionsFile } from './decisions-file';
import { type FaceIndex, isFaceOnPhoto, type KnownFace, storeFace } from './faces';
import { type GroupedFace, matchGroups, type PeopleChanges } from './match';
import { type Register, readRegister, writeRegister } from './register';
import { View } from './view';

export interface PeopleOptions {
  /** Where the decisions come from, for those who read the file: a program or a command. Default `library`. */
  readonly by?: string;
}

/** A person, with an id for life. */
export interface KnownPerson {
  readonly id: PersonId;
  /** `undefined` if nobody has named them. */
  readonly name: string | undefined;
  /** Whether they are not to be shown. */
  readonly hidden: boolean;
  /** Their faces that the last run has found, in the order of photos and boxes. */
  readonly faces: readonly FaceOnPhoto[];
  /** On how many different photos these are. */
  readonly photos: number;
  /** The face that stands for them; `undefined` if nobody has chosen one that is among `faces`. */
  readonly cover: FaceOnPhoto | undefined;
}

export interface PeopleUpdateOptions {
  /**
   * Whether a person on whom nobody has decided anything may be taken for another, if the groups say so. `false`: such pairs
   * are in {@link PeopleChanges.mayBeOne}. Default `true`.
   */
  readonly absorb?: boolean;
}

export interface PeopleSuggestOptions {
  /** How many pairs are wanted, at most. From 1 to 1,000,000, default 50. */
  readonly count?: number;
  /** How far apart two people may be, as for `suggestMerges`. */
  readonly threshold?: number;
  /** Number of threads; default: all cores. The result does not depend on it. */
  readonly threads?: number;
  readonly signal?: AbortSignal;
}

/** Two people who may be one. */
export interface PeopleSuggestion {
  /** The one with more faces first. */
  readonly people: readonly [PersonId, PersonId];
  /** How far apart they are, as `linkage` has it: the lower, the likelier they are one. */
  readonly score: number;
}

/** A decision as it stands in the file, and whether it counts. */
export type DecisionMade = DecisionRecord & {
  /** `false` if it was undone. */
  readonly counts: boolean;
};

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
 * end of its name, what the runs have found. Who is who follows from both, so any decision can be undone, in any order. Faces
 * are found again by the photo's SHA-256 and by their box, if it overlaps by 0.35 (intersection over union): names and
 * corrections outlive other file names, detectors, thresholds and groupings.
 *
 * Keep the two files together: without the second one, nobody knows whose faces a name stands for. No command uses them yet, and
 * they may still change before the first release.
 *
 * What a call returns is on the disk by then. While it is open, no other program can open it. Calls wait for those before.
 */
export class People {
  #view: View;
  #faces: ReadonlyMap<PersonId, readonly number[]> | undefined;
  #turn: Promise<unknown> = Promise.resolve();
  #closed = false;

  private constructor(
    /** Path of the file of decisions. */
    readonly path: string,
    private readonly by: string,
    private readonly lock: Lock,
    private readonly file: DecisionsFile,
    private register: Register,
  ) {
    this.#view = new View(register, file.records);
  }

  /**
   * Opens a file of decisions, or makes it. A last line that was cut off, by a power cut say, is dropped.
   * @param path of the file, `people.jsonl` say; missing folders are made
   * @throws FaceError FACE_LOCKED if another program has it; FACE_PEOPLE_INVALID if a line is damaged, with its number, or of a
   *   newer version; FACE_IO; FACE_INVALID_ARGUMENT. Nothing was changed then.
   */
  static async open(path: string, options: PeopleOptions = {}): Promise<People> {
    const { by = 'library' } = onlyOptions('options', options, { by: true });
    text('by', by);
    const folder = dirname(pathOf('path', path));
    await makeFolders(folder, PRIVATE_FOLDER).catch(failingTo(`make the folder ${folder}`));
    // Two names of one file are one file.
    const target = await realpath(path).catch(() => path);
    const lock = await acquireLock(`${target}.lock`, path);
    try {
      const register = await readRegister(facesPath(target));
      return new People(target, by, lock, await DecisionsFile.open(target), register);
    } catch (error) {
      await lock.release();
      throw error;
    }
  }

  /** Everybody who has a name or a face that the last run has found, hidden or not, by their numbers. */
  list(): KnownPerson[] {
    const { names, hidden, covers } = this.#view;
    const ids = [...new Set([...this.#facesOf().keys(), ...names.keys()])].sort((a, b) => a - b);
    return ids
      .map((id) => {
        const own = this.#facesOf().get(id) ?? [];
        const faces = own.map((face) => this.#known(face)).filter(({ gone }) => !gone);
        const cover = covers.get(id);
        const shown = cover !== undefined && own.includes(cover) ? this.#known(cover) : undefined;
        return {
          id,
          name: names.get(id),
          hidden: hidden.has(id),
          faces: faces.map(plain),
          photos: new Set(faces.map(({ photo }) => photo)).size,
          cover: shown && !shown.gone ? plain(shown) : undefined,
        };
      })
      .filter(({ name, faces }) => name !== undefined || faces.length > 0);
  }

  /**
   * Who a face is; `undefined` if that is nobody, or the face is not known.
   * @throws FaceError FACE_INVALID_ARGUMENT
   */
  personOf(face: FaceOnPhoto): PersonId | undefined {
    const found = this.#view.index.find(checkFace('face', face));
    return found === undefined ? undefined : this.#view.personOf(found);
  }

  /**
   * Whether a face is one: `false` only for those on which it was decided that there is none. These are better left out when
   * faces are grouped.
   * @throws FaceError FACE_INVALID_ARGUMENT
   */
  isFace(face: FaceOnPhoto): boolean {
    const found = this.#view.index.find(checkFace('face', face));
    return found === undefined || this.#view.isFace(found);
  }

  /** All decisions, undone ones and undos included, in the order in which they were made. */
  decisions(): DecisionMade[] {
    const counting = idsThatCount(this.file.records);
    return this.file.records.map((record) => ({ ...record, counts: counting.has(record.id) }));
  }

  /**
   * Takes over what a run has found: finds the people of before in its groups. A face that was somebody's stays theirs. Two
   * people most of whose faces are in one group are one from now on, unless somebody has decided anything on both, or that
   * they differ; see {@link PeopleUpdateOptions.absorb}. Of the new faces in a group, each goes to the nearest of the people
   * who have most of their faces there, or a quarter of the group; without such, the new faces are a new person. New people
   * get numbers by size, the largest first. Faces that are not there any more are remembered.
   *
   * Decisions hold, whatever the groups: see {@link People}. Nothing depends on the order of faces or on the labels' numbers.
   * @param faces all faces of the run; those on copies of a photo count once
   * @param labels the group of each face; -1: none
   * @returns what has changed
   * @throws FaceError FACE_INVALID_ARGUMENT; FACE_IO, FACE_LOCKED if the lock was taken away: all is as before then
   */
  update(
    faces: readonly GroupedFace[],
    labels: ArrayLike<number>,
    options: PeopleUpdateOptions = {},
  ): Promise<PeopleChanges> {
    return this.#inTurn(async () => {
      const { absorb = true } = onlyOptions('options', options, { absorb: true });
      if (typeof absorb !== 'boolean') throw invalidArgument('absorb', 'true or false', absorb);
      checkGrouped(faces);
      if (!isArrayLike(labels) || labels.length !== faces.length) {
        throw invalidArgument('labels', `${faces.length} labels, one for each face,`, labels);
      }
      for (let i = 0; i < labels.length; i++) integer(`labels[${i}]`, labels[i], -1, 2 ** 31 - 1);
      const { register, changes } = matchGroups(
        this.register,
        this.file.records,
        faces,
        labels,
        this.#nextPerson(),
        absorb,
      );
      this.#checkLock();
      await writeRegister(facesPath(this.path), register);
      this.register = register;
      this.#renew();
      return changes;
    });
  }

  /**
   * Names a person, or gives them another name. Two people may have one name.
   * @param name one line of up to 200 characters, not blank
   * @throws FaceError as all that decide: FACE_INVALID_ARGUMENT for people and faces that are not there; FACE_IO;
   *   FACE_LOCKED if the lock was taken away; FACE_DISPOSED
   */
  name(person: PersonId, name: string): Promise<DecisionRecord> {
    return this.#decide(() => {
      if (!canBeName(name)) throw invalidArgument('name', 'one line of 1 to 200 characters', name);
      return { do: 'name', person: this.#person('person', person), name };
    });
  }

  /**
   * Says that `person` is `into`, who keeps their number, and their name if they have one.
   * @throws FaceError as {@link People.name}
   */
  merge(person: PersonId, into: PersonId): Promise<DecisionRecord> {
    return this.#decide(() => {
      const [from, to] = [this.#person('person', person), this.#person('into', into)];
      if (from === to) throw invalidArgument('into', 'somebody else', into);
      return { do: 'merge', person: from, into: to };
    });
  }

  /**
   * Says that these faces are one person, and somebody new, whoever they were taken for.
   * @returns the number of the new person
   * @throws FaceError as {@link People.name}; also if these are all faces of one person
   */
  async split(faces: readonly FaceOnPhoto[]): Promise<PersonId> {
    let as = 0;
    await this.#decide(() => {
      if (!Array.isArray(faces) || faces.length === 0)
        throw invalidArgument('faces', 'an array of faces', faces);
      const found = [...new Set(faces.map((face, i) => this.#face(`faces[${i}]`, face)))];
      const [person, ...others] = new Set(found.map((face) => this.#view.personOf(face)));
      const from = others.length === 0 ? person : undefined;
      if (from !== undefined && found.length === this.#facesOf().get(from)?.length) {
        throw invalidArgument('faces', `fewer than all faces of person ${from}`, faces);
      }
      as = this.#nextPerson();
      const stored = found.map((face) => storeFace(this.#known(face)));
      return { do: 'split', ...(from !== undefined && { person: from }), as, faces: stored };
    });
    return as;
  }

  /**
   * Says that two people are two, however alike they are. If one was taken for the other by a run, it is undone by that.
   * @throws FaceError as {@link People.name}; also if they were merged by a decision: undo that instead
   */
  differ(person: PersonId, other: PersonId): Promise<DecisionRecord> {
    return this.#decide((id) => {
      const decision = {
        do: 'differ',
        person: integer('person', person, 1),
        other: integer('other', other, 1),
      } as const;
      const records = [...this.file.records, { ...decision, id, at: '', by: '' }];
      const after = new View(this.register, records, this.#view.index);
      const people = peopleOf(after);
      for (const [name, one] of [
        ['person', person],
        ['other', other],
      ] as const) {
        if (!people.has(one)) throw invalidArgument(name, 'the number of a person', one);
      }
      if (person === other) throw invalidArgument('other', 'somebody else', other);
      return decision;
    });
  }

  /** Says that a face is that person. @throws FaceError as {@link People.name} */
  is(face: FaceOnPhoto, person: PersonId): Promise<DecisionRecord> {
    return this.#decide(() => ({ do: 'is', ...this.#faceAndPerson(face, person) }));
  }

  /** Says that a face is not that person; if it was taken for them, it is nobody's. @throws FaceError as {@link People.name} */
  not(face: FaceOnPhoto, person: PersonId): Promise<DecisionRecord> {
    return this.#decide(() => ({ do: 'not', ...this.#faceAndPerson(face, person) }));
  }

  /** Says that there is no face. @throws FaceError as {@link People.name} */
  notFace(face: FaceOnPhoto): Promise<DecisionRecord> {
    return this.#decide(() => ({
      do: 'not-a-face',
      face: storeFace(this.#known(this.#face('face', face))),
    }));
  }

  /** Says that a person is not to be shown. @throws FaceError as {@link People.name} */
  hide(person: PersonId): Promise<DecisionRecord> {
    return this.#decide(() => ({ do: 'hide', person: this.#person('person', person) }));
  }

  /** Chooses the face that stands for its person. @throws FaceError as {@link People.name}; also if it is nobody's */
  cover(face: FaceOnPhoto): Promise<DecisionRecord> {
    return this.#decide(() => {
      const found = this.#face('face', face);
      const person = this.#view.personOf(found);
      if (person === undefined) throw invalidArgument('face', "a person's face", face);
      return { do: 'cover', person, face: storeFace(this.#known(found)) };
    });
  }

  /**
   * Undoes a decision. It may be one that others were built on: what can't hold without it does not count until it is back.
   * @param id of the decision; that of an undo brings back what it undid. Default: the last one that counts and is no undo
   * @throws FaceError as {@link People.name}; also if there is nothing to undo
   */
  undo(id?: number): Promise<DecisionRecord> {
    return this.#decide(() => {
      const counting = idsThatCount(this.file.records);
      const standing = this.file.records.filter((record) => counting.has(record.id));
      const found =
        id === undefined
          ? standing.findLast((record) => record.do !== 'undo')
          : standing.find((record) => record.id === id);
      if (!found) throw invalidArgument('id', 'the number of a decision that counts', id);
      return { do: 'undo', of: found.id };
    });
  }

  /**
   * The pairs of people that are most alike, to ask somebody whether they are one: {@link People.merge} says yes,
   * {@link People.differ} no, and they are not among the pairs any more. Nobody is asked about hidden people.
   * @param faces of the last run
   * @returns the likeliest pair first
   * @throws FaceError FACE_INVALID_ARGUMENT, FACE_NATIVE_LOAD, FACE_ABORTED
   */
  async suggest(
    faces: readonly GroupedFace[],
    options: PeopleSuggestOptions = {},
  ): Promise<PeopleSuggestion[]> {
    const known = { count: true, threshold: true, threads: true, signal: true } as const;
    const { count: wanted = 50, ...others } = onlyOptions('options', options, known);
    const most = integer('count', wanted, 1, 1e6);
    checkGrouped(faces);
    const view = this.#view;
    const sizes = new Map<PersonId, number>();
    const people = faces.map((face) => {
      const found = view.index.find(face);
      const person = found === undefined ? undefined : view.personOf(found);
      if (person === undefined || view.hidden.has(person)) return -1;
      sizes.set(person, (sizes.get(person) ?? 0) + 1);
      return person;
    });
    const mirrored = faces.flatMap((face) => face.mirrored ?? []);
    const encodings = faces.map(({ encoding }) => encoding);
    const pairs = await suggestMerges(encodings, people, {
      ...others,
      ...(mirrored.length > 0 && mirrored.length === faces.length && { mirrored }),
      count: Math.min(1e6, most + view.pairsApart),
    });
    return pairs
      .filter(({ labels: [one, other] }) => !view.areApart(one, other))
      .slice(0, most)
      .map(({ labels, score }) => {
        const [one, other] = [...labels].sort(
          (a, b) => (sizes.get(b) as number) - (sizes.get(a) as number) || a - b,
        ) as [PersonId, PersonId];
        return { people: [one, other], score };
      });
  }

  /** Lets other programs have the files. Never rejects; called again, it does nothing. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#turn;
    await this.file.close();
    await this.lock.release();
  }

  /** Runs `work` when all that was begun before is done. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.#closed) {
      return Promise.reject(new FaceError('FACE_DISPOSED', `${this.path} was closed.`, { path: this.path }));
    }
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => {});
    return done;
  }

  /** @param decision checked and made when its turn has come; is given its number */
  #decide(decision: (id: number) => Decision): Promise<DecisionRecord> {
    return this.#inTurn(async () => {
      const id = (this.file.records.at(-1)?.id ?? 0) + 1;
      const record = { id, at: new Date().toISOString(), by: this.by, ...decision(id) };
      this.#checkLock();
      await this.file.append(record);
      this.#renew(this.#view.index);
      return record;
    });
  }

  #checkLock(): void {
    if (this.lock.lost.aborted) throw this.lock.lost.reason;
  }

  /** @param index of the register's faces */
  #renew(index?: FaceIndex): void {
    this.#view = new View(this.register, this.file.records, index);
    this.#faces = undefined;
  }

  #facesOf(): ReadonlyMap<PersonId, readonly number[]> {
    this.#faces ??= peopleOf(this.#view);
    return this.#faces;
  }

  /** A number that nobody has, or had. */
  #nextPerson(): PersonId {
    const made = this.file.records.flatMap((record) => peopleIn(record));
    return made.reduce((next, person) => Math.max(next, person + 1), this.register.next);
  }

  #known(face: number): KnownFace {
    return this.register.faces[face] as KnownFace;
  }

  #person(name: string, person: PersonId): PersonId {
    integer(name, person, 1);
    if (this.#facesOf().has(person) || this.#view.names.has(person)) return person;
    const now = this.#view.root(person);
    const who = now === person ? 'the number of a person' : `the number of a person (by now, this is ${now})`;
    throw invalidArgument(name, who, person);
  }

  #face(name: string, face: FaceOnPhoto): number {
    const found = this.#view.index.find(checkFace(name, face));
    if (found === undefined) throw invalidArgument(name, 'a face that a run has found', face);
    return found;
  }

  #faceAndPerson(face: FaceOnPhoto, person: PersonId) {
    return {
      face: storeFace(this.#known(this.#face('face', face))),
      person: this.#person('person', person),
    };
  }
}

function facesPath(path: string): string {
  return `${path}.faces`;
}

/** By person, the places of their faces, also of those that are gone. */
function peopleOf(view: View): Map<PersonId, number[]> {
  const people = new Map<PersonId, number[]>();
  for (const face of view.register.faces.keys()) {
    const person = view.personOf(face);
    if (person !== undefined) getOrMake(people, person, () => []).push(face);
  }
  return people;
}

function plain({ photo, box }: FaceOnPhoto): FaceOnPhoto {
  return { photo, box };
}

function checkFace(name: string, face: FaceOnPhoto): FaceOnPhoto {
  if (!isFaceOnPhoto(object(name, face))) {
    throw invalidArgument(
      name,
      'a face: photo (SHA-256 in 64 hexadecimal digits) and box (whole pixels)',
      face,
    );
  }
  return face;
}

function checkGrouped(faces: readonly GroupedFace[]): void {
  if (!Array.isArray(faces)) throw invalidArgument('faces', 'an array of faces', faces);
  const values = (faces[0]?.encoding as ArrayLike<number> | undefined)?.length;
  for (const [i, face] of faces.entries()) {
    checkFace(`faces[${i}]`, face);
    const given = [face.encoding, face.mirrored ?? face.encoding];
    if (!given.every((encoding) => isArrayLike(encoding) && encoding.length === values)) {
      throw invalidArgument(`faces[${i}].encoding`, `${values ?? 128} values`, face.encoding);
    }
  }
}
