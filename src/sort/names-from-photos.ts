import { getOrMake, groupBy } from '../base/maps';
import { type PhotoProblem, problemOf } from '../base/photo-problem';
import type { FaceRecord } from '../base/types';
import { count } from '../base/words';
import { type NamesInPhoto, readNamesInPhoto } from '../metadata/names-in-photo';
import { joinNames } from '../metadata/names-in-xmp';
import type { DecisionRecord, DecisionToMake, FaceOnPhoto, PersonId } from '../people/decisions';
import { type FoundFace, faceKey } from '../people/faces';
import { tidyName } from '../people/faults';
import { allInWords } from '../people/in-words';
import { personTitle } from '../people/names';
import type { People } from '../people/people';
import type { WhoIsWho } from '../people/who-is-who';
import { frameIn } from '../photos/video/frame-path';
import { namedFaces } from '../recognize/named-faces';
import { namesAPerson } from '../result/people-folder/names';
import { FILES_AT_ONCE, forEachConcurrent } from '../system/jobs';
import type { FoundFaces } from './found-faces';
import { nameKey, SaidBefore } from './said-before';
import type { TakenOver } from './take-over';

/** Where decisions come from that are made of names in photos. */
export const BY_NAMES_IN_PHOTOS = 'names in photos';

export interface NamesFromPhotosOptions {
  /** Faces that are not to be known: a name on their photos may be theirs, if nothing says where it is. */
  readonly forgotten: readonly FaceOnPhoto[];
  readonly signal: AbortSignal | undefined;
  readonly onProblem: (problem: PhotoProblem) => void;
  /** Told how many photos were read, and how many there are. */
  readonly onRead: (done: number, total: number) => void;
}

/**
 * Makes decisions of the names that other programs have written into photos, or beside them: for each name a gesture.
 * - The name is that of the person whom most of the faces with it are taken for, if more than half of the faces of theirs that have a
 *   name have this one. If they have another name already, they are called that here, and stay so.
 * - Other faces with the name are that person, too. Somebody else who has no name is them as a whole, if half of their faces have the
 *   name, and none has another.
 * - Without such a person, the faces are somebody new.
 *
 * What others have decided on a face or on a name stands; what was undone is not decided again: see {@link SaidBefore}. So the same
 * names make no decision twice.
 * @throws FaceError as `People.decide`; FACE_ABORTED
 */
export async function takeNamesFromPhotos(
  people: People,
  found: FoundFaces,
  options: NamesFromPhotosOptions,
): Promise<TakenOver[]> {
  const taker = new NamesTaker(people, await readNames(people, found, options));
  return taker.takeAll();
}

/** A face, and the name that its photo says. */
interface NamedFace {
  readonly face: FaceOnPhoto;
  /** `undefined`: none. */
  readonly name: string | undefined;
}

/** All faces that are ones, those on copies of a photo once. */
async function readNames(
  people: People,
  { records, faces, photos, onPhoto, known }: FoundFaces,
  { forgotten, signal, onProblem, onRead }: NamesFromPhotosOptions,
): Promise<NamedFace[]> {
  // What is said of a video is not said of one of its frames.
  const files = photos.paths.flatMap((path) => (frameIn(path) ? [] : (photos.file(path)?.path ?? [])));
  const namesIn = new Map<string, NamesInPhoto>();
  let done = 0;
  onRead(done, files.length);
  await forEachConcurrent(files, FILES_AT_ONCE, signal, async (file, _, aborted) => {
    try {
      namesIn.set(file, await readNamesInPhoto(file, aborted));
    } catch (error) {
      onProblem(problemOf(file, error));
    }
    onRead(++done, files.length);
  });
  const forgottenOn = new Set(forgotten.map(({ photo }) => photo));
  return [...onPhoto].flatMap(([photo, places]) => {
    const paths = new Set(places.map((place) => (records[place] as FaceRecord).imagePath));
    const copies = [...paths].flatMap((path) => namesIn.get(photos.file(path)?.path ?? '') ?? []);
    const { regions, people: named } = joinNames(copies);
    const own = places.map((place) => faces[place] as FoundFace).filter((face) => people.isFace(face));
    const areAll = !own.some(({ photo, was = [] }) => [photo, ...was].some((id) => forgottenOn.has(id)));
    const onIt = [...new Map(own.map((face) => [faceKey(face), face])).values()];
    const names = namedFaces(
      {
        regions: regions.filter(({ name }) => isName(name)),
        people: areAll ? named.filter(isName) : [],
      },
      onIt.map(({ box }) => box),
      known?.facts.get(photo),
    );
    return onIt.map((face, i) => ({ face, name: names[i] && tidyName(names[i]) }));
  });
}

function isName(name: string): boolean {
  return namesAPerson(tidyName(name));
}

class NamesTaker {
  readonly #faces: readonly FaceOnPhoto[];
  /** By place: what its photo calls a face, unless others have decided who it is. */
  readonly #keys: readonly (string | undefined)[];
  readonly #said: SaidBefore;
  /** Who has which name here. */
  readonly #called = new Map<string, Set<PersonId>>();
  #who: WhoIsWho;

  constructor(
    private readonly people: People,
    private readonly named: readonly NamedFace[],
  ) {
    this.#faces = named.map(({ face }) => face);
    this.#said = new SaidBefore(people, this.#faces, BY_NAMES_IN_PHOTOS);
    this.#keys = named.map(({ name }, place) =>
      name === undefined || this.#said.isDecided(place) ? undefined : nameKey(name),
    );
    for (const { id, name } of people.list()) if (name !== undefined) this.#call(id, name);
    this.#who = people.whoAre(this.#faces);
  }

  /** Those with the most faces first. */
  async takeAll(): Promise<TakenOver[]> {
    const places = [...this.#keys.keys()].filter((place) => this.#keys[place] !== undefined);
    const byName = groupBy(places, (place) => this.#keys[place] as string);
    const order = [...byName].sort(([a, x], [b, y]) => y.length - x.length || (a < b ? -1 : 1));
    const taken: TakenOver[] = [];
    for (const [key, own] of order) {
      const decisions = this.#decisionsFor(key, own);
      if (decisions.length === 0) continue;
      const made = await this.people.decide(decisions, { by: BY_NAMES_IN_PHOTOS });
      this.#takeIn(made);
      const who = (person: PersonId) =>
        personTitle(person, this.people.about(this.people.whoIs(person) ?? person).name);
      const photos = new Set(own.map((place) => (this.#faces[place] as FaceOnPhoto).photo)).size;
      const says = photos === 1 ? 'says' : 'say';
      const message = `${allInWords(made, who).join(', ')}: so ${count(photos, 'photo')} ${says}`;
      taken.push({ message, decision: made[0]?.id });
    }
    return taken;
  }

  /** What follows from a name. @param places of the faces that have it */
  #decisionsFor(key: string, places: readonly number[]): DecisionToMake[] {
    const name = this.#spelling(places);
    const byPerson = groupBy(places, (place) => this.#personOf(place));
    const holders = [...byPerson]
      .flatMap(([person, own]) => (person === undefined ? [] : [{ person, own }]))
      .sort((a, b) => b.own.length - a.own.length || a.person - b.person);
    const called = this.#called.get(key) ?? new Set();
    const target =
      holders.find(({ person }) => called.has(person))?.person ??
      [...called][0] ??
      holders.find(({ person }) => this.#isMostly(person, key))?.person;
    if (target === undefined) {
      const faces = places.map((place) => this.#faces[place] as FaceOnPhoto);
      return this.#said.isRefusedToAll(name) ? [] : [{ do: 'split', faces, name }];
    }
    const decisions: DecisionToMake[] = [];
    if (!called.has(target)) {
      const before = this.people.about(target).name;
      const isDecided = this.#said.isNameDecided(target);
      if (this.#said.isRefused(name, target) || (isDecided && before === undefined)) return [];
      // What others call them stands; what was in photos before, and is in none now, does not.
      const isFree = before === undefined || !(isDecided || this.#namesOn(target).has(nameKey(before)));
      if (isFree) decisions.push({ do: 'name', person: target, name });
    }
    const moved = [...(byPerson.get(undefined) ?? [])];
    for (const { person, own } of holders) {
      if (person === target || this.#said.isKept(person) || this.people.areApart(person, target)) continue;
      if (this.#isWholly(person, key, own.length)) decisions.push({ do: 'merge', person, into: target });
      else if (this.people.about(person).name === undefined || !this.#isMostly(person, key))
        moved.push(...own);
    }
    for (const place of moved) {
      if (!this.#said.mayBe(place, target)) continue;
      decisions.push({ do: 'is', face: this.#faces[place] as FaceOnPhoto, person: target });
    }
    return decisions;
  }

  #takeIn(made: readonly DecisionRecord[]): void {
    for (const record of made) {
      if (record.do === 'name') this.#call(record.person, record.name);
    }
    this.#who = this.people.whoAre(this.#faces);
  }

  #call(person: PersonId, name: string): void {
    for (const called of this.#called.values()) called.delete(person);
    getOrMake(this.#called, nameKey(name), () => new Set()).add(person);
  }

  #personOf(place: number): PersonId | undefined {
    const person = this.#who.people[place] as number;
    return person < 0 ? undefined : person;
  }

  /** Whether more than half of somebody's faces that have a name have this one. */
  #isMostly(person: PersonId, key: string): boolean {
    const names = this.#namesOn(person);
    const all = [...names.values()].reduce((sum, faces) => sum + faces, 0);
    return (names.get(key) ?? 0) * 2 > all;
  }

  /** Whether somebody on whom nothing is decided is whoever has this name: half of their faces have it, and none has another. */
  #isWholly(person: PersonId, key: string, own: number): boolean {
    if (this.people.about(person).decided) return false;
    const all = this.#who.people.reduce((sum, other) => sum + (other === person ? 1 : 0), 0);
    return own * 2 >= all && [...this.#namesOn(person).keys()].every((other) => other === key);
  }

  /** How many of somebody's faces have which name. */
  #namesOn(person: PersonId): Map<string, number> {
    const names = new Map<string, number>();
    for (const [place, key] of this.#keys.entries()) {
      if (key !== undefined && this.#who.people[place] === person) names.set(key, (names.get(key) ?? 0) + 1);
    }
    return names;
  }

  /** As most photos spell it. */
  #spelling(places: readonly number[]): string {
    const spellings = groupBy(places, (place) => this.named[place]?.name as string);
    const order = [...spellings].sort(([a, x], [b, y]) => y.length - x.length || (a < b ? -1 : 1));
    return (order[0] as [string, number[]])[0];
  }
}
