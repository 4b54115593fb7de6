import { stat } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import type { PhotoId } from '../../base/ids';
import { getOrMake, groupBy } from '../../base/maps';
import { titleIn } from '../../people/names';
import { foldedName, fsPath } from '../../system/file-name';
import { KEPT_FOLDER } from '../names-in-result';
import { FileNames } from '../originals/file-names';
import { inodeOf, type PhotoFile } from '../originals/find';
import type { Placed } from '../originals/place-photo';
import { DROPPINGS } from '../publish/marker';
import type { Matching } from './match';
import { folderName, titleOf } from './names';
import type { FolderRecord, RecordedFile, SeenFile } from './record';
import { baseName, filesBelow, type Scan, type ScannedFile, type ScannedFolder } from './scan';
import type { FolderPlan, Place, WantedFolder } from './types';

/** A photo that is to be in a folder. */
export interface PlannedFile {
  readonly photo: PhotoId;
  /** In its folder. Where the file system does not take it, another one is found. */
  name: string;
  /** The file that it is already, in its folder or in another one, which it leaves; none if it has to be placed. */
  readonly source?: ScannedFile;
  /** What is known of `source` if it is ours already. */
  readonly left?: RecordedFile;
  /** Where the photo is. */
  readonly file: PhotoFile | undefined;
  /** Whether `source` is a link that leads nowhere, or elsewhere. */
  readonly isStale?: boolean;
}

/** Whether it is not where it is to be. @param folder that it is to be in, as it is now */
export function isMoved({ source, name }: PlannedFile, folder: ScannedFolder | undefined): boolean {
  return source !== undefined && source.path !== `${folder?.path}/${name}`;
}

/** Whether the photo is to be placed anew, in another way. */
export function isReplaced({ source, left, file, isStale }: PlannedFile, mode: Placed): boolean {
  if (!source || !left || !file) return false;
  return isStale === true || (left.asked ?? left.placed) !== mode;
}

/** A folder that is to be there. */
export interface PlannedFolder {
  readonly place: Place;
  readonly name: string;
  /** What it is now. */
  readonly source: ScannedFolder | undefined;
  /** Names in it that are taken. */
  readonly names: FileNames;
  readonly files: readonly PlannedFile[];
}

/** A photo of ours that belongs nowhere any more. */
export interface SurplusFile {
  readonly source: ScannedFile;
  readonly left: RecordedFile;
}

/** What has to be done to the folder of people. */
export class Plan implements FolderPlan {
  readonly #folders: ReadonlyMap<Place, PlannedFolder>;
  readonly #files: ReadonlyMap<Place, ReadonlyMap<PhotoId, PlannedFile>>;

  constructor(
    readonly folders: readonly PlannedFolder[],
    readonly surplus: readonly SurplusFile[],
    /** Folders that are to vanish if nothing is in them by the end. */
    readonly unwanted: ReadonlyMap<Place, ScannedFolder>,
    /** Folders of nobody that our photos leave, which are to vanish as well. */
    readonly emptied: readonly ScannedFolder[],
    /** Pictures of others, and which photos they are. */
    readonly seen: readonly SeenFile[],
    /** Number of files of others. */
    readonly foreign: number,
    /** Whose folder it is, or is in. */
    readonly ownerOf: (folder: ScannedFolder) => Place | undefined,
  ) {
    this.#folders = new Map(folders.map((folder) => [folder.place, folder]));
    this.#files = new Map(
      folders.map(({ place, files }) => [place, new Map(files.map((file) => [file.photo, file]))]),
    );
  }

  folder(place: Place): string | undefined {
    return this.#folders.get(place)?.name;
  }

  file(place: Place, photo: PhotoId): string | undefined {
    const name = this.#files.get(place)?.get(photo)?.name;
    return name === undefined ? undefined : `${this.folder(place)}/${name}`;
  }
}

/** What was found out about the folder of people. */
export interface Findings {
  readonly root: string;
  readonly record: FolderRecord;
  readonly scan: Scan;
  readonly matching: Matching;
  /** Whether gestures have told of a file: what was put there since is news for the next run. */
  readonly isTold: (file: ScannedFile) => boolean;
}

/** @param given each place once */
export async function planFolder(findings: Findings, given: readonly WantedFolder[]): Promise<Plan> {
  const { scan, matching } = findings;
  const wanted = given.filter(({ photos }) => photos.length > 0).sort(byPlace);
  const sources = sourcesOf(findings, wanted);
  const places = new Map([...sources].map(([place, folder]) => [folder, place]));
  /** As the matching has it, and of folders that become somebody's. */
  const ownerOf = (folder: ScannedFolder): Place | undefined =>
    places.get(folder) ?? matching.ownerOf(folder) ?? (folder.parent && ownerOf(folder.parent));

  const files = new FilesToPlan(findings, ownerOf);
  const kept = new Map(wanted.map((folder) => [folder, files.keep(folder, sources.get(folder.place))]));
  const unwanted = new Map(matching.folders);
  const filled: Omit<PlannedFolder, 'name'>[] = [];
  const titles = new Map<Place, string | undefined>();
  for (const folder of wanted) {
    const { place, name } = folder;
    const source = sources.get(place);
    const names = new FileNames(source ? files.namesStayingIn(source) : []);
    const own = await files.fill(folder, kept.get(folder) as Map<PhotoId, PlannedFile>, names);
    if (own.length === 0) continue;
    filled.push({ place, source, names, files: own });
    titles.set(place, name);
    unwanted.delete(place);
  }
  const isFree = freeNames(findings, filled, unwanted);
  const folders = filled.map((folder) => {
    const { place, files } = folder;
    return { ...folder, name: folderName(place, titles.get(place), files.length, isFree) };
  });
  const used = new Set(folders.flatMap(({ files }) => files.flatMap(({ source }) => source ?? [])));
  const surplus = [...matching.left]
    .filter(([file]) => !used.has(file))
    .map(([source, { file }]) => ({ source, left: file }));
  const others = scan.folders
    .flatMap(filesBelow)
    .filter((file) => !matching.left.has(file) && !used.has(file));
  const seen = others.flatMap((file) => {
    const { path, state, photo } = file;
    return photo !== undefined && findings.isTold(file) ? [{ path, state, photo }] : [];
  });
  const foreign = others.filter(({ folder }) => ownerOf(folder) !== undefined).length;
  const emptied = scan.folders.filter(
    (folder) =>
      ownerOf(folder) === undefined &&
      filesBelow(folder).some((file) => matching.left.has(file) && ownerOf(file.folder) === undefined),
  );
  return new Plan(folders, surplus, unwanted, emptied, seen, foreign, ownerOf);
}

function byPlace(a: WantedFolder, b: WantedFolder): number {
  const order = ({ place }: WantedFolder) =>
    typeof place === 'number' ? place : Number.MAX_SAFE_INTEGER - (place === 'unsorted' ? 1 : 0);
  return order(a) - order(b);
}

/**
 * The folders that are wanted, as far as they are there: those of the places, and for others a folder of nobody that holds some
 * of the photos and is called like that, or into which most of ours were put that are in it.
 */
function sourcesOf({ scan, matching }: Findings, wanted: readonly WantedFolder[]): Map<Place, ScannedFolder> {
  const sources = new Map<Place, ScannedFolder>();
  for (const { place } of wanted) {
    const folder = matching.folders.get(place);
    if (folder) sources.set(place, folder);
  }
  const nobodys = scan.folders
    .filter((folder) => matching.ownerOf(folder) === undefined)
    .map((folder, order) => ({ folder, order, title: foldedName(titleIn(folder.path)), ours: 0 }));
  type Nobodys = (typeof nobodys)[0];
  const byPhoto = new Map<PhotoId, { readonly there: Nobodys; readonly isOurs: boolean }[]>();
  for (const there of nobodys) {
    for (const file of filesBelow(there.folder)) {
      const isOurs = matching.left.has(file);
      if (isOurs) there.ours++;
      if (file.photo !== undefined) getOrMake(byPhoto, file.photo, () => []).push({ there, isOurs });
    }
  }
  const taken = new Set<Nobodys>();
  for (const { place, name, photos } of wanted) {
    if (sources.has(place)) continue;
    const title = foldedName(titleOf(place, name));
    const shared = new Map<Nobodys, { files: number; ours: number }>();
    for (const { id } of photos) {
      for (const { there, isOurs } of byPhoto.get(id) ?? []) {
        const counts = getOrMake(shared, there, () => ({ files: 0, ours: 0 }));
        counts.files++;
        if (isOurs) counts.ours++;
      }
    }
    let best: Nobodys | undefined;
    let most = 0;
    for (const [there, { files, ours }] of shared) {
      const isIt = !taken.has(there) && (there.title === title || ours * 2 > there.ours);
      // Of those that hold as many, the first by name.
      if (!isIt || files < most || (files === most && best && best.order < there.order)) continue;
      best = there;
      most = files;
    }
    if (!best) continue;
    sources.set(place, best.folder);
    taken.add(best);
  }
  return sources;
}

/** Gives each name away once, also where upper and lower case are the same, and none that stays somebody else's. */
function freeNames(
  { scan, matching }: Findings,
  folders: readonly Omit<PlannedFolder, 'name'>[],
  unwanted: ReadonlyMap<Place, ScannedFolder>,
): (name: string) => boolean {
  const vanishing = [...unwanted.values()].filter(isOnlyOurs);
  const leaving = new Set(
    [...folders.flatMap(({ source }) => source ?? []), ...vanishing].map(({ path }) => path),
  );
  const taken = new Set([...scan.entries.keys()].filter((name) => !leaving.has(name)).map(foldedName));
  taken.add(foldedName(KEPT_FOLDER));
  return (name) => {
    const isFree = !taken.has(foldedName(name));
    taken.add(foldedName(name));
    return isFree;
  };

  /** Whether nothing is left in it when our photos are out. */
  function isOnlyOurs(folder: ScannedFolder): boolean {
    const looked = new Set([...folder.files, ...folder.folders].map(({ path }) => baseName(path)));
    return (
      folder.folders.every(isOnlyOurs) &&
      folder.files.every((file) => matching.left.has(file)) &&
      folder.entries.every((name) => DROPPINGS.has(name) || looked.has(name))
    );
  }
}

/** Finds the files of folders: those that are there, then those of other folders that are over, then the photos themselves. */
class FilesToPlan {
  readonly #used = new Set<ScannedFile>();
  /** Those that stay in their folders. */
  readonly #kept = new Set<ScannedFile>();
  readonly #inPlace: ReadonlyMap<Place | undefined, readonly ScannedFile[]>;
  readonly #ours: ReadonlyMap<PhotoId, readonly ScannedFile[]>;

  constructor(
    private readonly findings: Findings,
    ownerOf: (folder: ScannedFolder) => Place | undefined,
  ) {
    const { scan, matching } = findings;
    this.#inPlace = groupBy(scan.folders.flatMap(filesBelow), ({ folder }) => ownerOf(folder));
    this.#ours = groupBy(matching.left.keys(), ({ photo }) => photo as PhotoId);
  }

  /** What is in the folder already: ours first, under their names. */
  keep({ place, photos }: WantedFolder, folder: ScannedFolder | undefined): Map<PhotoId, PlannedFile> {
    const { left } = this.findings.matching;
    const there = new Map<PhotoId, ScannedFile[]>();
    for (const file of this.#inPlace.get(place) ?? []) {
      if (file.photo !== undefined) getOrMake(there, file.photo, () => []).push(file);
    }
    const rank = (file: ScannedFile) => (left.get(file)?.place === place ? 0 : left.has(file) ? 1 : 2);
    const kept = new Map<PhotoId, PlannedFile>();
    for (const { id, file } of photos) {
      const source = (there.get(id) ?? []).sort((a, b) => rank(a) - rank(b))[0];
      if (!source) continue;
      this.#used.add(source);
      this.#kept.add(source);
      const name = source.path.slice((folder?.path.length ?? 0) + 1);
      kept.set(id, { photo: id, name, source, ...this.#leftOf(source), file });
    }
    return kept;
  }

  /** Names in a folder but those of our photos that leave it. */
  namesStayingIn(folder: ScannedFolder): string[] {
    const { left } = this.findings.matching;
    const leaving = folder.files.filter((file) => left.has(file) && !this.#kept.has(file));
    const names = new Set(leaving.map(({ path }) => baseName(path)));
    return folder.entries.filter((name) => !names.has(name));
  }

  /** All files of the folder. @param names those in the folder */
  async fill(
    { photos }: WantedFolder,
    kept: ReadonlyMap<PhotoId, PlannedFile>,
    names: FileNames,
  ): Promise<PlannedFile[]> {
    const files: PlannedFile[] = [];
    for (const { id, file } of photos) {
      const there = kept.get(id);
      if (there) {
        files.push({ ...there, isStale: await this.#isStale(there) });
        continue;
      }
      const source = (this.#ours.get(id) ?? []).find((other) => !this.#used.has(other));
      if (source) this.#used.add(source);
      else if (!file) continue;
      const name = names.take(nameOf(source, file));
      const planned = { photo: id, name, ...(source && { source, ...this.#leftOf(source) }), file };
      files.push({ ...planned, isStale: await this.#isStale(planned) });
    }
    return files;
  }

  #leftOf(file: ScannedFile): { readonly left?: RecordedFile } {
    const left = this.findings.matching.left.get(file);
    return left ? { left: left.file } : {};
  }

  /** Whether it is a link of ours that does not lead to the photo. */
  async #isStale({ source, left, file }: PlannedFile): Promise<boolean> {
    if (!source?.isLink || !left || !file) return false;
    const there = await stat(fsPath(join(this.findings.root, source.path)), { bigint: true }).catch(
      () => undefined,
    );
    return !there || inodeOf(there) !== file.inode;
  }
}

/** What a photo is called in a folder that it is not in yet: as its file, or as somebody has renamed it in another folder. */
function nameOf(source: ScannedFile | undefined, file: PhotoFile | undefined): string {
  if (!source || !file) return source?.path ?? (file as PhotoFile).path;
  const stem = (path: string) => foldedName(basename(path, extname(path))).replace(/ \(\d+\)$/, '');
  return stem(source.path) === stem(file.path) ? file.path : source.path;
}
