import type { PhotoId } from '../../base/ids';
import { getOrMake } from '../../base/maps';
import { foldedName } from '../../system/file-name';
import type { FolderRecord, RecordedFile, RecordedFolder } from './record';
import {
  baseName,
  filesBelow,
  type Scan,
  type ScannedFile,
  type ScannedFolder,
  withFoldersBelow,
} from './scan';
import type { Place } from './types';

/** A file that was left in a folder. */
export interface LeftFile {
  readonly place: Place;
  readonly file: RecordedFile;
}

/** What has become of what was left in the folder of people. */
export interface Matching {
  /** The folders that are places' by now, wherever they are. */
  readonly folders: ReadonlyMap<Place, ScannedFolder>;
  /** Which of the files that were left a file is, as the photo that it is now. All others are somebody else's. */
  readonly left: ReadonlyMap<ScannedFile, LeftFile>;
  /** Files that were left and are nowhere. */
  readonly lost: readonly LeftFile[];
  /** Whose folder it is, or is in; `undefined` if that is nobody's. */
  ownerOf(folder: ScannedFolder): Place | undefined;
  /** Whether it was somebody else's when the folder was left, and in the same place. */
  isSeen(file: ScannedFile): boolean;
}

/** Finds what was left in what is there. */
export function matchFolder(record: FolderRecord, scan: Scan): Matching {
  const folders = matchFolders(record.folders, scan);
  const places = new Map([...folders].map(([place, folder]) => [folder, place]));
  const ownerOf = (folder: ScannedFolder): Place | undefined =>
    places.get(folder) ?? (folder.parent && ownerOf(folder.parent));
  const isSeen = seenIn(record, folders);
  return { folders, ownerOf, isSeen, ...matchFiles(record, scan, folders, ownerOf, isSeen) };
}

function seenIn({ folders, seen }: FolderRecord, found: ReadonlyMap<Place, ScannedFolder>) {
  const now = new Map(folders.map(({ place, folder }) => [folder, found.get(place)?.path ?? folder]));
  const keys = seen.map(({ path, photo }) => {
    const [folder, ...rest] = path.split('/');
    return [now.get(folder as string) ?? folder, ...rest, photo].join('/');
  });
  const all = new Set(keys);
  return ({ path, photo }: ScannedFile) => photo !== undefined && all.has(`${path}/${photo}`);
}

/** A recorded folder and one that it may be. */
interface Pair {
  readonly recorded: RecordedFolder;
  readonly folder: ScannedFolder;
  /** How many of the photos that were left are in it. */
  readonly shared: number;
  /** What part they are of all photos of ours that were left or are in it. */
  readonly likeness: number;
  readonly sameInode: boolean;
  readonly sameName: boolean;
}

/**
 * Whose folder is which. A person follows their photos, whatever the folder is called: it is known by its inode, if any of
 * the photos is still in it (inodes are used again), and where those are new, as in a backup that was brought back, by most
 * of its photos, or by its name and one of them. Last, by inode and name, though all that was in it is gone.
 */
function matchFolders(recorded: readonly RecordedFolder[], scan: Scan): Map<Place, ScannedFolder> {
  const found = new Map<Place, ScannedFolder>();
  const pairs = pairsOf(recorded, scan);
  const stages: ((pair: Pair) => boolean)[] = [
    ({ sameInode, shared }) => sameInode && shared > 0,
    ({ sameName, shared, recorded }) => sameName && shared * 2 > recorded.files.length,
    ({ likeness }) => likeness > 0.5,
    ({ sameName, shared }) => sameName && shared > 0,
    ({ sameName, sameInode }) => sameName && sameInode,
  ];
  const taken = new Set<ScannedFolder>();
  for (const isIt of stages) {
    for (const { recorded: one, folder } of pairs.filter(isIt)) {
      if (found.has(one.place) || taken.has(folder)) continue;
      found.set(one.place, folder);
      taken.add(folder);
    }
  }
  return found;
}

/** The likeliest first. */
function pairsOf(recorded: readonly RecordedFolder[], scan: Scan): Pair[] {
  const all = scan.folders.flatMap((folder) => [...withFoldersBelow(folder)]);
  // Of their own files: what is in a person's folder that was put into another one is not the other's.
  const byPhoto = new Map<PhotoId, Set<ScannedFolder>>();
  const photosIn = new Map<ScannedFolder, number>();
  const ours = new Set(recorded.flatMap(({ files }) => files.map(({ photo }) => photo)));
  for (const folder of all) {
    const own = new Set(
      ownFiles(folder).flatMap(({ was }) => (was !== undefined && ours.has(was) ? [was] : [])),
    );
    photosIn.set(folder, own.size);
    for (const photo of own) getOrMake(byPhoto, photo, () => new Set()).add(folder);
  }
  const byInode = new Map(all.map((folder) => [folder.inode, folder]));
  const byName = new Map(all.map((folder) => [folder.path, folder]));
  const pairs = recorded.flatMap((one) => {
    const shared = new Map<ScannedFolder, number>();
    for (const { photo } of one.files) {
      for (const folder of byPhoto.get(photo) ?? []) shared.set(folder, (shared.get(folder) ?? 0) + 1);
    }
    for (const folder of [byInode.get(one.inode), byName.get(one.folder)]) {
      if (folder && !shared.has(folder)) shared.set(folder, 0);
    }
    return [...shared].map(([folder, shared]) => ({
      recorded: one,
      folder,
      shared,
      likeness: shared / (one.files.length + (photosIn.get(folder) ?? 0) - shared || 1),
      sameInode: folder.inode === one.inode,
      sameName: folder.path === one.folder,
    }));
  });
  return pairs.sort((a, b) => b.likeness - a.likeness);
}

/** The files in a folder, those in folders that somebody has made in it included if they have no photos of their own there. */
function ownFiles(folder: ScannedFolder): readonly ScannedFile[] {
  return folder.parent === undefined ? filesBelow(folder) : folder.files;
}

function matchFiles(
  record: FolderRecord,
  scan: Scan,
  folders: ReadonlyMap<Place, ScannedFolder>,
  ownerOf: Matching['ownerOf'],
  isSeen: Matching['isSeen'],
) {
  const files = scan.folders.flatMap(filesBelow);
  const byPath = new Map(files.map((file) => [file.path, file]));
  const byPhoto = new Map<PhotoId, ScannedFile[]>();
  for (const file of files) {
    if (file.was !== undefined && !isSeen(file)) getOrMake(byPhoto, file.was, () => []).push(file);
  }
  const left = new Map<ScannedFile, LeftFile>();
  let open: LeftFile[] = record.folders.flatMap(({ place, files }) => files.map((file) => ({ place, file })));
  const find = (candidates: (one: LeftFile) => readonly ScannedFile[]) => {
    open = open.filter((one) => {
      const found = candidates(one).find((file) => file.was === one.file.photo && !left.has(file));
      if (found) left.set(found, { ...one, file: { ...one.file, photo: found.photo as PhotoId } });
      return !found;
    });
  };
  find(({ place, file }) => {
    const there = byPath.get(`${folders.get(place)?.path}/${file.name}`);
    return there ? [there] : [];
  });
  const others = ({ file }: LeftFile) => byPhoto.get(file.photo) ?? [];
  find((one) => others(one).filter(({ folder }) => ownerOf(folder) === one.place));
  const isSame =
    ({ file }: LeftFile) =>
    (other: ScannedFile) =>
      other.state === file.state;
  const isNamedAlike =
    ({ file }: LeftFile) =>
    (other: ScannedFile) =>
      foldedName(baseName(other.path)) === foldedName(baseName(file.name));
  const isPlaced = ({ folder }: ScannedFile) => ownerOf(folder) !== undefined;
  find((one) => others(one).filter(isPlaced).filter(isSame(one)).filter(isNamedAlike(one)));
  find((one) => others(one).filter(isPlaced).filter(isSame(one)));
  find((one) => others(one).filter(isPlaced));
  find((one) => others(one).filter(isNamedAlike(one)));
  find(others);
  return { left, lost: open };
}
