import type { BigIntStats } from 'node:fs';
import { lstat, readlink, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { PhotoId } from '../../base/ids';
import { getOrMake } from '../../base/maps';
import { isImageName, isVideoName } from '../../photos/formats/formats';
import { decodeFileName, fsPath } from '../../system/file-name';
import { failingTo, unlessGone } from '../../system/io-error';
import { FILES_AT_ONCE, forEachConcurrent } from '../../system/jobs';
import { listFolder } from '../../system/list-folder';
import { sha256OfFile } from '../../system/sha256';
import { KEPT_FOLDER } from '../names-in-result';
import { inodeOf } from '../originals/find';
import type { FolderRecord, RecordedFile } from './record';

/** Reading waits for the disk; more than this at once gains nothing. */
const READS_AT_ONCE = 4;

/** A file, or a link, in the folder of people. */
export interface ScannedFile {
  /** In the folder of people, with `/`. */
  readonly path: string;
  readonly state: string;
  readonly isLink: boolean;
  readonly folder: ScannedFolder;
  /** Which photo it is; `undefined` if it is no picture, or can't be read. */
  photo: PhotoId | undefined;
  /** Which photo it was when it was left: another than `photo` if it was changed in place, with its original. */
  was: PhotoId | undefined;
}

/** A folder in the folder of people, or in one of its folders. */
export interface ScannedFolder {
  readonly path: string;
  readonly inode: string;
  readonly parent: ScannedFolder | undefined;
  /** All that is in it, by name. */
  readonly entries: readonly string[];
  readonly files: readonly ScannedFile[];
  readonly folders: readonly ScannedFolder[];
}

/** What is in the folder of people. */
export interface Scan {
  /** All that is directly in it, by name, whether it is a folder. */
  readonly entries: ReadonlyMap<string, boolean>;
  readonly folders: readonly ScannedFolder[];
}

/** A folder and all folders below it, from above. */
export function* withFoldersBelow(folder: ScannedFolder): Generator<ScannedFolder> {
  yield folder;
  for (const other of folder.folders) yield* withFoldersBelow(other);
}

/** All files in a folder and in the folders below it. */
export function filesBelow(folder: ScannedFolder): ScannedFile[] {
  return [...withFoldersBelow(folder)].flatMap(({ files }) => files);
}

/**
 * What tells a file from others without reading it: size, time of change and inode, or where a link leads. Other hard links to
 * a file, and moving it, change nothing of that.
 */
export function stateOf({ size, mtimeNs, ino }: BigIntStats): string {
  return `${size} ${mtimeNs} ${ino}`;
}

/** The state of what is at `path`; `undefined` if that is no file or link. @throws the system's error */
export async function stateAt(
  path: string,
): Promise<{ readonly state: string; readonly isLink: boolean } | undefined> {
  const stats = await lstat(fsPath(path), { bigint: true });
  if (stats.isFile()) return { state: stateOf(stats), isLink: false };
  if (!stats.isSymbolicLink()) return undefined;
  return { state: linkState(await linkTarget(path)), isLink: true };
}

export async function linkTarget(path: string): Promise<string> {
  return decodeFileName(await readlink(fsPath(path), 'buffer'));
}

export function linkState(target: string): string {
  return `-> ${target}`;
}

function withoutInode(state: string): string {
  return state.startsWith('-> ') ? state : state.slice(0, state.lastIndexOf(' '));
}

function inodeIn(state: string): string {
  return state.slice(state.lastIndexOf(' ') + 1);
}

export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/**
 * Looks through the folder of people. Left out is what is hidden, {@link KEPT_FOLDER}, and whatever links to folders lead to.
 * @param root its path
 * @param record tells which photo a file is, if that has the inode, size and time, or the name, size and time of one, or is a
 *   link to the same place
 * @param known photos of files that were read already, by path and state; those that are read now are added
 * @throws FaceError FACE_IO, FACE_ABORTED
 */
export async function scanFolder(
  root: string,
  record: FolderRecord,
  known: Map<string, PhotoId>,
  signal: AbortSignal | undefined,
): Promise<Scan> {
  const list = await listFolder(root).catch(failingTo(`look into the folder ${root}`));
  const isShown = (name: string) => !name.startsWith('.');
  const scan: Scan = {
    entries: new Map(list.map((entry) => [entry.name, entry.isDirectory()])),
    folders: [],
  };
  const all: ScannedFile[] = [];
  const read = async (
    path: string,
    parent: ScannedFolder | undefined,
  ): Promise<ScannedFolder | undefined> => {
    const at = join(root, path);
    const stats = await unlessGone(at, lstat(fsPath(at), { bigint: true }));
    const entries = stats?.isDirectory() ? await unlessGone(at, listFolder(at)) : undefined;
    if (!stats || !entries) return undefined;
    const files: ScannedFile[] = [];
    const folders: ScannedFolder[] = [];
    const names = entries.map(({ name }) => name);
    const folder = { path, inode: `${stats.ino}`, parent, entries: names, files, folders };
    const shown = entries.filter(({ name }) => isShown(name)).sort((a, b) => (a.name < b.name ? -1 : 1));
    const places = shown.filter((entry) => entry.isFile() || entry.isSymbolicLink());
    const found = new Map<string, ScannedFile>();
    await forEachConcurrent(places, FILES_AT_ONCE, signal, async ({ name }) => {
      const there = await unlessGone(join(at, name), stateAt(join(at, name)));
      if (there)
        found.set(name, { path: `${path}/${name}`, ...there, folder, photo: undefined, was: undefined });
    });
    // In the order of names, whatever was looked at first.
    for (const { name } of places) {
      const file = found.get(name);
      if (!file) continue;
      files.push(file);
      all.push(file);
    }
    for (const { name } of shown.filter((entry) => entry.isDirectory())) {
      const below = await read(`${path}/${name}`, folder);
      if (below) folders.push(below);
    }
    return folder;
  };
  const names = list.filter(
    (entry) => entry.isDirectory() && isShown(entry.name) && entry.name !== KEPT_FOLDER,
  );
  for (const { name } of names.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const folder = await read(name, undefined);
    if (folder) (scan.folders as ScannedFolder[]).push(folder);
  }
  await identify(root, all, record, known, signal);
  return scan;
}

async function identify(
  root: string,
  files: readonly ScannedFile[],
  record: FolderRecord,
  known: Map<string, PhotoId>,
  signal: AbortSignal | undefined,
): Promise<void> {
  const recorded = new KnownStates(record);
  const unknown: ScannedFile[] = [];
  for (const file of files) {
    file.photo = recorded.photoOf(file) ?? known.get(keyOf(file));
    if (file.photo === undefined && (isImageName(file.path) || isVideoName(file.path))) unknown.push(file);
  }
  await forEachConcurrent(unknown, READS_AT_ONCE, signal, async (file, _, stop) => {
    const path = join(root, file.path);
    // Reading a pipe would never end.
    const there = await stat(fsPath(path)).catch(() => undefined);
    if (!there?.isFile()) return;
    file.photo = await sha256OfFile(path, stop).catch(() => undefined);
    if (file.photo !== undefined) known.set(keyOf(file), file.photo);
  });
  const links = new Map(
    record.folders
      .flatMap(({ files }) => files)
      .filter(({ placed }) => placed === 'hardlink')
      .map((left) => [inodeIn(left.state), left]),
  );
  for (const file of files) file.was = file.photo;
  const changed = files.filter(({ state, photo, isLink }) => {
    const left = isLink || photo === undefined ? undefined : links.get(inodeIn(state));
    return left !== undefined && left.photo !== photo;
  });
  await forEachConcurrent(changed, FILES_AT_ONCE, signal, async (file) => {
    const { photo, original } = links.get(inodeIn(file.state)) as RecordedFile;
    // Inodes are used again, but for that of a file which is there.
    if (original && (await isLinkTo(join(root, file.path), resolve(root, original.at)))) file.was = photo;
  });
}

/** Whether a file is a second name of an original. */
async function isLinkTo(path: string, original: string): Promise<boolean> {
  const look = [lstat(fsPath(path), { bigint: true }), stat(fsPath(original), { bigint: true })];
  const [own, other] = await Promise.all(look).catch(() => []);
  return own !== undefined && other !== undefined && inodeOf(own) === inodeOf(other);
}

function keyOf({ path, state }: ScannedFile): string {
  return `${path}\n${state}`;
}

/** Tells photos by the states that they were left in. */
class KnownStates {
  readonly #photos = new Map<string, Set<PhotoId>>();

  constructor({ folders, seen }: FolderRecord) {
    const files = folders.flatMap(({ files }) =>
      files.map(({ name, state, photo }) => ({ path: name, state, photo })),
    );
    for (const { path, state, photo } of [...files, ...seen]) {
      for (const key of keysOf(path, state)) getOrMake(this.#photos, key, () => new Set()).add(photo);
    }
  }

  photoOf({ path, state }: ScannedFile): PhotoId | undefined {
    for (const key of keysOf(path, state)) {
      const photos = this.#photos.get(key);
      // Of two photos with the same name, size and time, only their bytes tell.
      if (photos?.size === 1) return [...photos][0];
    }
    return undefined;
  }
}

function keysOf(path: string, state: string): string[] {
  return [state, `${baseName(path)}\n${withoutInode(state)}`];
}
