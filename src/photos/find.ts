import type { Stats } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename, dirname, sep } from 'node:path';
import { FaceError, messageOf, throwIfAborted } from '../base/errors';
import { boolean, path as checkPath, invalidArgument, oneOf, oneOrMore, text } from '../base/validate';
import { fsPath } from '../system/file-name';
import { type FolderEntry, listFolder } from '../system/list-folder';
import { DATA_FOLDER, isOwnFolder, MARKER } from '../system/own-folder';
import { realPath } from '../system/real-path';
import { IMAGE_EXTENSIONS, kindOf, type UnreadKind } from './formats/formats';
import { type LeaveOutOptions, LeavingOut, type LeftOut } from './left-out';
import { RAW_AND_JPEG } from './raw-and-jpeg';

export interface FindImagesOptions extends LeaveOutOptions {
  /** Whether videos are taken, too, and not counted among what was left out. Default `false`. */
  readonly video?: boolean;
  /** Stops the search. */
  readonly signal?: AbortSignal;
}

/** Something in a folder that could not be looked into; the search went on without it. */
export interface FindProblem {
  /** The folder or link, written as the photos' paths are. */
  readonly path: string;
  readonly error: FaceError;
}

export interface FoundImages {
  /** Paths of the photos, joined onto what was given as `dataset`, as it was given. */
  readonly images: string[];
  /** Those of the videos, whether these are taken or not. */
  readonly videos: string[];
  /**
   * The raw photos that are none of `images`, each with the JPEGs and HEICs of its name that are: to be taken where none of these can be
   * decoded.
   */
  readonly rawBesideJpeg: ReadonlyMap<string, readonly string[]>;
  /** What could not be looked into, in the same order as `images`. */
  readonly problems: FindProblem[];
  readonly leftOut: LeftOut;
}

/**
 * Finds the photos in folders and in all folders below them.
 *
 * - A photo is a regular file, or a link to one, whose name ends in one of {@link IMAGE_EXTENSIONS}, in upper
 *   or lower case. Folders with such a name are searched, pipes and devices left alone.
 * - Left out are results of this program, and unless told otherwise what is hidden or of other programs: see {@link LeftOut}
 *   and {@link LeaveOutOptions}; so is a raw photo that has a JPEG or HEIC of the same name beside it. So are `._*` files: macOS keeps a photo's metadata in them, never a photo.
 * - Links to folders are followed, after all real folders: each folder is searched once, under its real name
 *   where it has one, so links in a circle do no harm.
 * - Order: by path with `/` between folders, compared by UTF-16 code unit. It depends neither on the locale nor on the
 *   file system, so runs repeat.
 * - A name that is not UTF-8 is kept as Python keeps it: lone surrogates stand for its bytes (PEP 383).
 *
 * @param dataset one folder or photo, or several. What is in several of them is found once, under the path of the one
 *   that is nearest; what is given is searched even if it is hidden or excluded.
 * @throws FaceError `FACE_IO` if something in `dataset` is not there, may not be read or is neither a folder nor a photo;
 *   `FACE_NO_IMAGES` if it is a result of this program; `FACE_INVALID_ARGUMENT`; `FACE_ABORTED`. A folder below it that may
 *   not be read is in `problems`.
 */
export async function findImages(
  dataset: string | readonly string[],
  options: FindImagesOptions = {},
): Promise<FoundImages> {
  const inputs = oneOrMore('dataset', dataset, checkPath);
  if (inputs.length === 0) throw invalidArgument('dataset', 'one path at least', dataset);
  const leavingOut = new LeavingOut(
    boolean('includeHidden', options.includeHidden ?? false),
    oneOrMore('exclude', options.exclude ?? [], text),
    oneOf('rawAndJpeg', options.rawAndJpeg ?? 'one', RAW_AND_JPEG),
  );
  throwIfAborted(options.signal);
  return new Search(leavingOut, boolean('video', options.video ?? false), options.signal).run(inputs);
}

/** A place on the way of a search. */
interface Place {
  readonly path: string;
  /** The same place without links in the folders on the way, to know it again. */
  readonly real: string;
  /** Path from the input on, with `/`; empty for an input. */
  readonly within: string;
}

class Search {
  private readonly images: string[] = [];
  private readonly videos: string[] = [];
  private readonly problems: FindProblem[] = [];
  private readonly folders: Place[] = [];
  private readonly links: Place[] = [];
  private readonly searched = new Set<string>();
  /** The real places of all inputs: each is searched by itself, not as a part of another. */
  private readonly inputs = new Set<string>();

  constructor(
    private readonly leavingOut: LeavingOut,
    private readonly takesVideos: boolean,
    private readonly signal: AbortSignal | undefined,
  ) {}

  async run(inputs: readonly string[]): Promise<FoundImages> {
    for (const input of inputs) await this.addInput(input);
    await this.drain();
    for (;;) {
      // Links are taken one at a time and in order: which of two links to a folder wins must not change.
      const link = this.links.sort((a, b) => byPath(a.path, b.path)).shift();
      if (link === undefined) break;
      await this.follow(link);
      await this.drain();
    }
    const found = this.videos.sort(byPath);
    const videos = this.takesVideos
      ? this.leavingOut.withoutLivePhotos(found, this.images)
      : this.leavingOut.withoutVideos(found, this.images);
    return {
      ...this.leavingOut.withoutPairs(this.images.sort(byPath)),
      videos,
      problems: this.problems.sort((a, b) => byPath(a.path, b.path)),
      leftOut: this.leavingOut.counts,
    };
  }

  private async addInput(path: string): Promise<void> {
    let info: Stats;
    let real: string;
    try {
      info = await stat(fsPath(path));
      // Of a photo that is a link the place counts, as in a folder: it may be there under both names.
      real = info.isDirectory() ? await realPath(path) : join(await realPath(dirname(path)), basename(path));
    } catch (cause) {
      throw new FaceError('FACE_IO', `"${path}" ${whyNot(cause)}.`, { cause, path });
    }
    if (this.inputs.has(real)) return;
    const kind = kindOf(path);
    if (info.isDirectory()) this.folders.unshift({ path, real, within: '' });
    else if (!info.isFile() || kind === undefined) throw notPhotos(path);
    else if (kind === 'photo') this.images.push(path);
    else this.#addUnread(kind, path, '');
    this.inputs.add(real);
  }

  private async follow(link: Place): Promise<void> {
    try {
      this.folders.push({ ...link, real: await realPath(link.path) });
    } catch (cause) {
      this.report(link.path, `The link "${link.path}" ${whyNot(cause, REMOVED)}.`, cause);
    }
  }

  private async drain(): Promise<void> {
    for (let folder = this.folders.pop(); folder; folder = this.folders.pop()) {
      throwIfAborted(this.signal);
      if (this.searched.has(folder.real)) continue;
      this.searched.add(folder.real);
      await this.read(folder);
    }
  }

  private async read(folder: Place): Promise<void> {
    let entries: FolderEntry[];
    try {
      entries = await listFolder(folder.path);
    } catch (cause) {
      const message = `The folder "${folder.path}" ${whyNot(cause, REMOVED)}.`;
      if (folder.within === '') throw new FaceError('FACE_IO', message, { cause, path: folder.path });
      this.report(folder.path, message, cause);
      return;
    }
    const mayBeOwn = entries.some(({ name }) => name === MARKER || name === DATA_FOLDER);
    if (mayBeOwn && (await isOwnFolder(folder.path))) {
      if (folder.within === '') throw isResult(folder.path);
      this.leavingOut.results.push(folder.path);
      return;
    }
    for (const entry of entries) {
      const within = folder.within === '' ? entry.name : `${folder.within}/${entry.name}`;
      const place = { path: join(folder.path, entry.name), real: join(folder.real, entry.name), within };
      if (!this.inputs.has(place.real)) await this.add(place, entry);
    }
  }

  private async add(place: Place, entry: FolderEntry): Promise<void> {
    const isLink = entry.isSymbolicLink();
    const target = isLink ? await this.behind(place) : entry;
    if (target?.isDirectory()) {
      if (!this.leavingOut.leavesFolder(place.path, place.within))
        (isLink ? this.links : this.folders).push(place);
    } else if (target?.isFile()) {
      const kind = kindOf(entry.name);
      if (kind === 'photo') {
        if (!this.leavingOut.leavesPhoto(place.within)) this.images.push(place.path);
      } else if (kind !== undefined) this.#addUnread(kind, place.path, place.within);
    }
  }

  /** What is no photo. @param within empty for an input */
  #addUnread(kind: UnreadKind, path: string, within: string): void {
    if (kind !== 'video') this.leavingOut.addUnread(kind, within);
    else if (this.takesVideos) {
      if (within === '' || !this.leavingOut.leavesPhoto(within)) this.videos.push(path);
    } else if (!this.leavingOut.leavesUnread(within)) this.videos.push(path);
  }

  /** What a link leads to. */
  private async behind({ path, within }: Place): Promise<Stats | undefined> {
    try {
      return await stat(fsPath(path));
    } catch (cause) {
      // A dead link under another name is none of our business.
      if (kindOf(path) === 'photo' && !this.leavingOut.leavesPhoto(within)) {
        this.report(path, `The link "${path}" leads to something that ${whyNot(cause)}.`, cause);
      }
      return undefined;
    }
  }

  private report(path: string, message: string, cause: unknown): void {
    this.problems.push({ path, error: new FaceError('FACE_IO', message, { cause, path }) });
  }
}

/** Unlike `path.join`, leaves `./photos` and `photos/../x` as they were given: image paths end up in encodings files. */
function join(folder: string, name: string): string {
  return folder.endsWith('/') || folder.endsWith(sep) ? folder + name : folder + sep + name;
}

/** The order of the photos. */
export function byPath(a: string, b: string): number {
  const [x, y] = sep === '/' ? [a, b] : [a.replaceAll(sep, '/'), b.replaceAll(sep, '/')];
  return x < y ? -1 : x > y ? 1 : 0;
}

function notPhotos(path: string): FaceError {
  return new FaceError(
    'FACE_IO',
    `"${path}" is neither a folder nor a photo (${IMAGE_EXTENSIONS.join(' ')}).`,
    { path, remedy: 'Give the folder that holds the photos.' },
  );
}

function isResult(path: string): FaceError {
  return new FaceError('FACE_NO_IMAGES', `"${path}" is an earlier result, not photos.`, {
    path,
    remedy: 'Give the folder with the photos themselves.',
  });
}

/** Of something that was there a moment ago. */
const REMOVED = 'was removed while the folders were searched: run it again';

/**
 * What is wrong with a file or folder, to be put after its name.
 * @param gone what to say of something that is not there
 */
export function whyNot(error: unknown, gone = 'does not exist: check the path for typing mistakes'): string {
  switch ((error as NodeJS.ErrnoException).code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return gone;
    case 'EACCES':
    case 'EPERM':
      return 'may not be read: give yourself the permission to read it, or run as a user who has it';
    case 'ELOOP':
      return 'is a link that leads back to itself';
    default:
      return `could not be read (${messageOf(error)})`;
  }
}
