import { getOrMake, groupBy } from '../../base/maps';
import type { PersonId } from '../../people/decisions';
import { titleIn } from '../../people/names';
import { foldedName } from '../../system/file-name';
import type { LeftFile, Matching } from './match';
import { namesAPerson, titleOf } from './names';
import type { FolderRecord, RecordedFile, RecordedFolder } from './record';
import { baseName, filesBelow, type Scan, type ScannedFile, type ScannedFolder } from './scan';
import type { Gesture, Place } from './types';

/** From so many people on, it is no decision on each of them if more than half of the folders are gone. */
const MANY = 4;

/** What somebody did to the folder since it was left. */
export function gesturesOf(record: FolderRecord, scan: Scan, matching: Matching): Gesture[] {
  return new Comparison(record, scan, matching).gestures();
}

class Comparison {
  readonly #said: Gesture[] = [];
  /** Those whose folder is gone, or has nothing in it. */
  readonly #gone = new Set<Place>();
  readonly #mergedInto = new Map<Place, PersonId>();
  readonly #lost: ReadonlyMap<Place, readonly LeftFile[]>;
  /** By whose folder they were left in: files that are in another one, and what they were. */
  readonly #strayed = new Map<Place, [ScannedFile, RecordedFile][]>();
  /** Files in folders that are somebody's. */
  readonly #inPlaces = new Map<Place, ScannedFile[]>();

  constructor(
    private readonly record: FolderRecord,
    private readonly scan: Scan,
    private readonly matching: Matching,
  ) {
    this.#lost = groupBy(matching.lost, ({ place }) => place);
    for (const file of scan.folders.flatMap(filesBelow)) {
      const owner = matching.ownerOf(file.folder);
      if (owner !== undefined) getOrMake(this.#inPlaces, owner, () => []).push(file);
      const left = matching.left.get(file);
      if (left && left.place !== owner)
        getOrMake(this.#strayed, left.place, () => []).push([file, left.file]);
    }
  }

  gestures(): Gesture[] {
    for (const folder of this.record.folders) this.#lookAtFolder(folder);
    for (const folder of this.record.folders) this.#findMerged(folder);
    this.#findDeleted();
    this.#findMoved();
    this.#findRemoved();
    this.#findNewFolders();
    this.#findAdded();
    return this.#said;
  }

  /** Names, and folders that were put into others. */
  #lookAtFolder({ place, folder: was }: RecordedFolder): void {
    const { matching } = this;
    const folder = matching.folders.get(place);
    if (!folder || !this.#photosOf(place).some((file) => this.matching.left.has(file))) {
      this.#gone.add(place);
      if (this.scan.entries.get(was) === false) {
        const why = `"${was}" is no folder any more, so it is left alone, and the folder is made anew under another name.`;
        this.#said.push({ kind: 'ignored', file: was, why });
      }
      return;
    }
    if (folder.parent) {
      const into = matching.ownerOf(folder.parent);
      if (this.#wasIn(was, into)) return;
      if (typeof place === 'number' && typeof into === 'number') this.#merge(place, into, folder.path);
      else if (typeof place === 'number' && into !== undefined) return;
      else this.#ignore(folder.path, `"${was}" belongs beside the other folders, and is put back there.`);
      return;
    }
    const [before, now] = [titleIn(baseName(was)), titleIn(folder.path)];
    if (now === before) return;
    if (typeof place !== 'number') {
      this.#ignore(folder.path, `The folder "${was}" can't have another name, and gets it back.`);
    } else if (namesAPerson(now)) {
      this.#said.push({ kind: 'renamed', person: place, from: before, name: now });
    } else if (now !== titleOf(place, undefined)) {
      this.#ignore(folder.path, `"${now}" can't be the name of a person, so ${before} keeps theirs.`);
    } else {
      this.#ignore(
        folder.path,
        `"${now}" is what people without a name are called, so ${before} keeps theirs.`,
      );
    }
  }

  /** Whether a folder was in that place's folder when it was left: a run that takes such a folder out was killed. */
  #wasIn(was: string, place: Place | undefined): boolean {
    const above = this.record.folders.filter(({ folder }) => was.startsWith(`${folder}/`));
    const nearest = above.sort((a, b) => b.folder.length - a.folder.length)[0];
    return was.includes('/') && nearest?.place === place;
  }

  /** People without a folder all of whose photos are in one other person's. */
  #findMerged({ place, files }: RecordedFolder): void {
    if (!this.#gone.has(place) || typeof place !== 'number') return;
    const photos = new Set(files.map(({ photo }) => photo));
    const targets = new Set(this.#movedFrom(place).map(([file]) => this.matching.ownerOf(file.folder)));
    for (const into of targets) {
      if (typeof into !== 'number') continue;
      const there = new Set(this.#photosOf(into).map(({ was }) => was));
      if (![...photos].every((photo) => there.has(photo))) continue;
      const folder = this.record.folders.find((other) => other.place === place)?.folder as string;
      this.#merge(place, into, folder);
      return;
    }
  }

  #merge(person: PersonId, into: PersonId, folder: string): void {
    this.#mergedInto.set(person, into);
    this.#said.push({ kind: 'merged', person, into, folder });
  }

  #findDeleted(): void {
    const people = this.record.folders.filter(
      ({ place, files }) => typeof place === 'number' && files.length > 0,
    );
    const deleted = people.filter(
      ({ place, folder }) =>
        this.#gone.has(place) &&
        !this.#mergedInto.has(place) &&
        this.#lost.has(place) &&
        this.scan.entries.get(folder) !== false,
    );
    if (deleted.length === 0) return;
    if (deleted.length === people.length || (people.length >= MANY && deleted.length * 2 > people.length)) {
      const all = deleted.length === people.length ? 'All' : `${deleted.length} of ${people.length}`;
      const why =
        `${all} folders of people are gone or empty. That is no decision on each of them, so they are made again; ` +
        'to hide people, delete their folders a few at a time.';
      this.#ignore('', why);
      return;
    }
    for (const { place, folder } of deleted) {
      this.#said.push({ kind: 'deleted', person: place as PersonId, folder });
    }
  }

  #findMoved(): void {
    for (const { place, folder: was } of this.record.folders) {
      for (const [file, { photo }] of this.#movedFrom(place)) {
        const to = this.matching.ownerOf(file.folder);
        if (to === undefined || this.#mergedInto.get(place) === to) continue;
        this.#said.push({ kind: 'moved', photo, file: file.path, from: place, to });
      }
      // Into the folder of those who are nobody.
      const folder = this.matching.folders.get(place);
      const around = folder?.parent && this.matching.ownerOf(folder.parent);
      if (typeof place !== 'number' || around === undefined || typeof around === 'number') continue;
      if (this.#wasIn(was, around)) continue;
      for (const { path, photo } of this.#photosOf(place)) {
        if (photo !== undefined)
          this.#said.push({ kind: 'moved', photo, file: path, from: place, to: around });
      }
    }
  }

  #findRemoved(): void {
    for (const { place } of this.record.folders) {
      if (this.#gone.has(place)) continue;
      const folder = this.matching.folders.get(place) as ScannedFolder;
      const there = new Map(this.#photosOf(place).map((file) => [file.path, file]));
      for (const { file } of this.#lost.get(place) ?? []) {
        const path = `${folder.path}/${file.name}`;
        // Where another file has its name, it was edited.
        const other = there.get(path);
        if (other && !this.matching.left.has(other)) continue;
        this.#said.push({ kind: 'removed', photo: file.photo, file: path, from: place });
      }
    }
  }

  #findNewFolders(): void {
    for (const folder of this.scan.folders) {
      const photos = filesBelow(folder).flatMap((file) => {
        const left = this.matching.left.get(file);
        if (!left || this.matching.ownerOf(file.folder) !== undefined) return [];
        return [{ photo: left.file.photo, file: file.path, from: left.place }];
      });
      if (photos.length === 0) continue;
      const name = titleIn(folder.path);
      const called = this.record.folders.filter(
        ({ folder }) => foldedName(titleIn(folder)) === foldedName(name),
      );
      if (called.length !== 1) {
        this.#said.push({
          kind: 'new-folder',
          name,
          photos: photos.map(({ photo, from }) => ({ photo, from })),
        });
        continue;
      }
      // Somebody of that name has a folder.
      const to = (called[0] as RecordedFolder).place;
      for (const { photo, file, from } of photos) {
        if (from !== to) this.#said.push({ kind: 'moved', photo, file, from, to });
      }
    }
  }

  #findAdded(): void {
    for (const [to, files] of this.#inPlaces) {
      for (const file of files) {
        if (file.photo === undefined || this.matching.left.has(file) || this.matching.isSeen(file)) continue;
        this.#said.push({ kind: 'added', photo: file.photo, file: file.path, to });
      }
    }
  }

  #photosOf(place: Place): readonly ScannedFile[] {
    return this.#inPlaces.get(place) ?? [];
  }

  #movedFrom(place: Place): readonly [ScannedFile, RecordedFile][] {
    return this.#strayed.get(place) ?? [];
  }

  #ignore(file: string, why: string): void {
    this.#said.push({ kind: 'ignored', file, why });
  }
}
