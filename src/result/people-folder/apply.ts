import { lstat, mkdir, rename, rm, rmdir, stat, unlink } from 'node:fs/promises';
import { extname, join, resolve } from 'node:path';
import { FaceError, throwIfAborted } from '../../base/errors';
import { type PhotoProblem, problemOf } from '../../base/photo-problem';
import { PRIVATE_FOLDER } from '../../system/atomic-file';
import { fsPath } from '../../system/file-name';
import { failingTo, ioError, isNameRefused, unlessGone } from '../../system/io-error';
import { FILES_AT_ONCE, forEachConcurrent } from '../../system/jobs';
import { listFolder } from '../../system/list-folder';
import { moveFile } from '../../system/move-file';
import { sha256OfFile } from '../../system/sha256';
import { pathBeside } from '../../system/temporary';
import { KEPT_FOLDER } from '../names-in-result';
import { FileNames, LONGEST_ANYWHERE, portableName } from '../originals/file-names';
import { hasSizeAndTimeOf, photoFile } from '../originals/find';
import type { OnDone } from '../originals/label-folders';
import { type Placed, placePhoto } from '../originals/place-photo';
import { pathFrom } from '../publish/in-result';
import type { KeptPhoto } from '../publish/last-copies';
import { DROPPINGS } from '../publish/marker';
import { originalOf } from '../publish/originals-file';
import { Elsewhere } from './elsewhere';
import { changedMeanwhile, emptyAside, FolderRenames } from './folder-renames';
import { seenThen } from './intent';
import {
  isMoved,
  isReplaced,
  type Plan,
  type PlannedFile,
  type PlannedFolder,
  type SurplusFile,
} from './plan';
import type { FolderRecord, RecordedFile, RecordedFolder } from './record';
import { baseName, linkState, linkTarget, stateAt, stateOf } from './scan';
import type { FolderSummary } from './types';

/** One that the disk takes may have come to be there meanwhile. */
const NAMES_TRIED = 3;

/** Does what a plan says. */
export class Application {
  readonly #counts: Record<Placed, number> = { hardlink: 0, copy: 0, symlink: 0 };
  readonly #kept: KeptPhoto[] = [];
  readonly #problems: PhotoProblem[] = [];
  /** What is there by now, by what was planned. */
  readonly #records = new Map<PlannedFile, RecordedFile>();
  readonly #renames: FolderRenames;
  readonly #elsewhere: Elsewhere;
  #movedFiles = 0;
  #removed = 0;

  /**
   * @param root the folder of people
   * @param data the folder in it that only this program reads
   */
  constructor(
    private readonly root: string,
    private readonly data: string,
    private readonly plan: Plan,
    private readonly mode: Placed,
  ) {
    this.#renames = new FolderRenames(root, data);
    const files = plan.folders.flatMap(({ files }) => files);
    this.#elsewhere = new Elsewhere(
      root,
      new Map(files.flatMap(({ photo, file }) => (file ? [[photo, resolve(file.path)] as const] : []))),
    );
  }

  /** @throws FaceError FACE_IO, FACE_ABORTED */
  async run(signal: AbortSignal | undefined, onDone: OnDone): Promise<void> {
    const { folders, surplus, unwanted } = this.plan;
    await this.#renames.run(this.plan);
    for (const { source, name } of folders) {
      if (!source)
        await mkdir(join(this.root, name), { mode: PRIVATE_FOLDER }).catch(
          failingTo(`make the folder "${name}"`),
        );
    }
    const todo = folders.flatMap((folder) =>
      folder.files
        .filter((file) => !file.source || isMoved(file, folder.source) || isReplaced(file, this.mode))
        .map((file) => ({ folder, file })),
    );
    const total = todo.length + surplus.length;
    let done = 0;
    onDone(done, total);
    for (const folder of folders) for (const file of folder.files) this.#recordKept(folder, file);
    const waiting = new Set<(typeof todo)[number]>();
    await forEachConcurrent(todo, FILES_AT_ONCE, signal, async (one) => {
      if (await this.#put(one.folder, one.file)) onDone(++done, total);
      else waiting.add(one);
    });
    const last = new Set<SurplusFile>();
    await forEachConcurrent(surplus, FILES_AT_ONCE, signal, async (file) => {
      if (await this.#takeAway(file)) onDone(++done, total);
      else last.add(file);
    });
    // One after the other and in order: which of two photos gets a name must not change, and of one photo one is enough.
    for (const file of surplus.filter((file) => last.has(file))) {
      throwIfAborted(signal);
      if (!(await this.#takeAway(file))) await this.#keep(file);
      onDone(++done, total);
    }
    // Their names may be free by now; else they get others, in order: which of two photos gets a name must not change.
    for (const one of todo.filter((one) => waiting.has(one))) {
      throwIfAborted(signal);
      if (!(await this.#put(one.folder, one.file))) await this.#putUnderAnotherName(one.folder, one.file);
      onDone(++done, total);
    }
    // From below: a folder may be in another one.
    const paths = [...unwanted.values(), ...this.plan.emptied]
      .map(({ path }) => path)
      .sort((a, b) => depth(b) - depth(a));
    for (const path of paths) await this.#removeIfEmpty(this.#renames.now(path));
    await emptyAside(
      this.root,
      this.data,
      new Map([...unwanted].map(([place, { path }]) => [`${place}`, baseName(path)])),
    );
  }

  /** What is there when all is done. */
  async record(): Promise<FolderRecord> {
    const folders = await Promise.all(
      this.plan.folders.map(async ({ place, name, source, files }): Promise<RecordedFolder> => {
        const path = join(this.root, name);
        const inode =
          source?.inode ?? `${(await lstat(path, { bigint: true }).catch(failingTo(`look at ${path}`))).ino}`;
        const there = files.flatMap((file) => this.#records.get(file) ?? []);
        return { place, folder: name, inode, files: there };
      }),
    );
    return { folders, seen: seenThen(this.plan) };
  }

  get summary(): FolderSummary {
    return {
      placed: this.#counts,
      moved: this.#movedFiles,
      removed: this.#removed,
      renamed: this.#renames.count,
      kept: this.#kept,
      foreign: this.plan.foreign,
      problems: this.#problems,
    };
  }

  /** What is right as it is. */
  #recordKept(folder: PlannedFolder, file: PlannedFile): void {
    const { source, photo, name } = file;
    if (!source || isMoved(file, folder.source)) return;
    this.#records.set(file, this.#recordOf(file, source.state));
    if (!source.isLink && !isReplaced(file, this.mode))
      this.#elsewhere.add(photo, join(this.root, folder.name, name));
  }

  #recordOf({ photo, name, source, left, file }: PlannedFile, state: string): RecordedFile {
    const at = file && pathFrom(this.root, file.path);
    if (left) {
      const { original, ...rest } = left;
      const known = at === undefined || original?.at === at || rest.placed === 'symlink' ? original : { at };
      return { ...rest, name, state, ...(known && { original: known }) };
    }
    const inode = state.slice(state.lastIndexOf(' '));
    const placed = source?.isLink ? 'symlink' : file?.inode.endsWith(inode) ? 'hardlink' : 'copy';
    return {
      name,
      photo,
      placed,
      ...(placed !== this.mode && { asked: this.mode }),
      state,
      ...(at !== undefined && placed !== 'symlink' && { original: { at } }),
    };
  }

  /** @returns false if the file system does not take its name, or another file still has it */
  async #put(folder: PlannedFolder, file: PlannedFile): Promise<boolean> {
    const { photo, source, name } = file;
    const to = join(this.root, folder.name, name);
    if (source && isMoved(file, folder.source)) {
      const from = this.#renames.now(source.path);
      try {
        await moveFile(from, to);
        this.#movedFiles++;
        this.#records.set(file, this.#recordOf(file, source.state));
        if (!source.isLink) this.#elsewhere.add(photo, to);
      } catch (error) {
        const failed = ioError(`move ${from} to ${to}`, error);
        // Somebody was quicker.
        if (
          (error as NodeJS.ErrnoException).code !== 'ENOENT' ||
          (await unlessGone(from, lstat(fsPath(from))))
        ) {
          if (isNameRefused(failed)) return false;
          throw failed;
        }
        return this.#place(file, to);
      }
    }
    if (isReplaced(file, this.mode)) return this.#replace(file, to);
    return this.#records.has(file) || this.#place(file, to);
  }

  async #putUnderAnotherName(folder: PlannedFolder, file: PlannedFile): Promise<void> {
    const at = join(this.root, folder.name);
    if (!(await unlessGone(at, lstat(at)))) throw changedMeanwhile(`${at} was moved or renamed`, at);
    for (let attempt = 0; attempt < NAMES_TRIED; attempt++) {
      const path = portableName(file.name);
      file.name = folder.names.take(path, '', extname(path), LONGEST_ANYWHERE);
      if (await this.#put(folder, file)) return;
    }
    const { photo, file: original } = file;
    const imagePath = original?.path ?? photo;
    this.#fail(
      imagePath,
      new FaceError(
        'FACE_IO',
        `The photo "${imagePath}" could not be put into "${folder.name}": that disk takes neither its name nor one like it.`,
        { path: imagePath },
      ),
    );
  }

  /** A photo that is not there yet. */
  async #place(planned: PlannedFile, to: string): Promise<boolean> {
    const { file } = planned;
    if (!file) return true;
    const temporary = pathBeside(to);
    try {
      await mustBeThatPhoto(planned);
      // Under its name it is whole, or not there.
      const how = await placePhoto(file, temporary, this.mode);
      await moveFile(temporary, to).catch(failingTo(`write ${to}`));
      await this.#recordPlaced(planned, to, how);
      return true;
    } catch (error) {
      await rm(temporary, { force: true }).catch(() => {});
      if (isNameRefused(error)) return false;
      // Only what is wrong with the photo; a full disk ends the job.
      if (!isOfPhoto(error)) throw error;
      this.#fail(file.path, error);
      return true;
    }
  }

  /** A photo that is there in another way, unless it is nowhere else. */
  async #replace(planned: PlannedFile, to: string): Promise<boolean> {
    const { file, source, left, photo } = planned;
    if (!file || !source || !left) return true;
    const isSafe =
      (await this.#isUnchanged(to, source.state)) &&
      (source.isLink || (await this.#elsewhere.has(to, photo, left.original)));
    if (!isSafe) return true;
    const temporary = pathBeside(to);
    try {
      await mustBeThatPhoto(planned);
      const how = await placePhoto(file, temporary, this.mode);
      await rename(temporary, fsPath(to)).catch(failingTo(`write ${to}`));
      await this.#recordPlaced(planned, to, how);
    } catch (error) {
      if (!isOfPhoto(error)) throw error;
      this.#fail(file.path, error);
    } finally {
      // Of two names of one file, neither takes the other's place.
      await rm(temporary, { force: true }).catch(() => {});
    }
    return true;
  }

  async #recordPlaced(planned: PlannedFile, to: string, placed: Placed): Promise<void> {
    const { photo, name, file } = planned;
    if (!file) return;
    this.#counts[placed]++;
    const common = { name, photo, placed, ...(placed !== this.mode && { asked: this.mode }) };
    if (placed === 'symlink') {
      const target = await linkTarget(to).catch(failingTo(`look at ${to}`));
      this.#records.set(planned, { ...common, state: linkState(target) });
      return;
    }
    const stats = await lstat(fsPath(to), { bigint: true }).catch(failingTo(`look at ${to}`));
    const original = originalOf(this.root, file, placed === 'copy' ? stats : undefined);
    this.#records.set(planned, { ...common, state: stateOf(stats), original });
    this.#elsewhere.add(photo, to);
  }

  /** Takes a photo away that belongs nowhere. @returns false if it is nowhere else: nothing was done then */
  async #takeAway({ source, left }: SurplusFile): Promise<boolean> {
    const path = this.#renames.now(source.path);
    // It is somebody else's by now.
    if (!(await this.#isUnchanged(path, source.state))) return true;
    if (!source.isLink && !(await this.#elsewhere.has(path, left.photo, left.original))) return false;
    await unlink(fsPath(path)).catch(failingTo(`take ${path} out of its folder`));
    this.#removed++;
    return true;
  }

  async #keep({ source, left: { photo, original } }: SurplusFile): Promise<void> {
    const path = this.#renames.now(source.path);
    const folder = join(this.root, KEPT_FOLDER);
    await mkdir(folder, { recursive: true, mode: PRIVATE_FOLDER }).catch(
      failingTo(`make the folder ${folder}`),
    );
    const entries = await listFolder(folder).catch(failingTo(`look into the folder ${folder}`));
    const name = new FileNames(entries.map(({ name }) => name)).take(path);
    const to = join(folder, name);
    await moveFile(path, to).catch(failingTo(`move ${path} to ${folder}`));
    this.#elsewhere.add(photo, to);
    this.#kept.push({
      file: `${KEPT_FOLDER}/${name}`,
      original: original ? resolve(this.root, original.at) : null,
    });
    this.#removed++;
  }

  async #isUnchanged(path: string, state: string): Promise<boolean> {
    return (await unlessGone(path, stateAt(path)))?.state === state;
  }

  /** Removes a folder, and those in it, if there is nothing in them but what file managers leave. */
  async #removeIfEmpty(path: string): Promise<void> {
    const folders: string[] = [];
    const droppings: string[] = [];
    const isEmpty = async (folder: string): Promise<boolean> => {
      folders.push(folder);
      for (const entry of (await unlessGone(folder, listFolder(folder))) ?? []) {
        const inside = join(folder, entry.name);
        if (entry.isFile() && DROPPINGS.has(entry.name)) droppings.push(inside);
        else if (!entry.isDirectory() || !(await isEmpty(inside))) return false;
      }
      return true;
    };
    if (!(await isEmpty(path))) return;
    for (const file of droppings) await unlink(fsPath(file)).catch(() => {});
    // What was put there meanwhile stays.
    for (const folder of folders.reverse()) await rmdir(fsPath(folder)).catch(() => {});
  }

  #fail(imagePath: string, error: unknown): void {
    this.#problems.push(problemOf(imagePath, error));
  }
}

/**
 * Makes sure that no other photo has come to be where this one was found, hours ago perhaps. What is not there is for others to say.
 * @throws FaceError FACE_IMAGE_CHANGED
 */
async function mustBeThatPhoto({ file, photo }: PlannedFile): Promise<void> {
  const stats = file && (await stat(fsPath(file.path), { bigint: true }).catch(() => undefined));
  if (!stats || hasSizeAndTimeOf(photoFile(file.path, stats), file.state)) return;
  if ((await sha256OfFile(file.path).catch(() => photo)) === photo) return;
  const remedy = 'Run "sort" again.';
  throw new FaceError(
    'FACE_IMAGE_CHANGED',
    `The photo "${file.path}" was changed since it was sorted. ${remedy}`,
    {
      path: file.path,
      remedy,
    },
  );
}

/** Whether it is about one photo, and keeps no other from its folder. */
function isOfPhoto(error: unknown): boolean {
  return error instanceof FaceError && ['FACE_IMAGE_NOT_FOUND', 'FACE_IMAGE_CHANGED'].includes(error.code);
}

function depth(path: string): number {
  return path.split('/').length;
}
