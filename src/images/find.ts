import { realpath, stat } from 'node:fs/promises';
import { sep } from 'node:path';
import { FaceError, messageOf, throwIfAborted } from '../errors';
import { decodeFileName, fsPath } from '../io/file-name';
import { type FolderEntry, listFolder } from '../io/list-folder';
import { path as checkPath } from '../validate';
import { loadSharp } from './load-sharp';

/** Something in the folder that could not be looked into; the search went on without it. */
export interface FindProblem {
  /** The folder or link, written as the photos' paths are. */
  readonly path: string;
  readonly error: FaceError;
}

export interface FoundImages {
  /** Paths of the photos, joined onto `dataset` as it was given. */
  readonly images: string[];
  /** What could not be looked into, in the same order as `images`. */
  readonly problems: FindProblem[];
}

/**
 * File name endings taken for photos, in lower case; the first six are the Python project's. `.heic` and `.heif` are
 * taken as well if the installed sharp was built with an HEVC decoder (its prebuilt one was not).
 */
export const IMAGE_EXTENSIONS: readonly string[] = [
  '.jpg',
  '.jpeg',
  '.png',
  '.bmp',
  '.tif',
  '.tiff',
  '.webp',
  '.avif',
  '.gif',
];

/**
 * Finds the photos in a folder and in all folders below it.
 *
 * - A photo is a regular file, or a link to one, whose name ends in one of {@link IMAGE_EXTENSIONS}, in upper
 *   or lower case. Folders with such a name are searched, pipes and devices left alone.
 * - `._*` files are left out: macOS keeps a photo's metadata in them, never a photo. Hidden folders are
 *   searched, as the Python project does.
 * - Links to folders are followed, after all real folders: each folder is searched once, under its real name
 *   where it has one, so links in a circle do no harm.
 * - Order: by path with `/` between folders, compared by UTF-16 code unit. It depends neither on the locale nor on the
 *   file system, so runs repeat.
 * - A name that is not UTF-8 is kept as Python keeps it: lone surrogates stand for its bytes (PEP 383).
 * - `dataset` may also be one photo.
 *
 * @throws FaceError `FACE_IO` if `dataset` is not there, may not be read or is neither a folder nor a photo;
 *   `FACE_ABORTED`. A folder below it that may not be read is in `problems`.
 */
export async function findImages(
  dataset: string,
  options: { readonly signal?: AbortSignal } = {},
): Promise<FoundImages> {
  checkPath('dataset', dataset);
  const { signal } = options;
  throwIfAborted(signal);
  const info = await stat(dataset).catch((cause: unknown) => {
    throw new FaceError('FACE_IO', `The photo folder "${dataset}" ${whyNot(cause)}.`, { cause });
  });
  if (info.isFile() && isImageName(dataset)) return { images: [dataset], problems: [] };
  if (!info.isDirectory()) {
    throw new FaceError(
      'FACE_IO',
      `"${dataset}" is neither a folder nor a photo (${IMAGE_EXTENSIONS.join(' ')}). Give the folder that holds the photos.`,
    );
  }
  return new Search(signal).run(dataset);
}

interface Folder {
  readonly path: string;
  /** The same folder without links on the way, to know it again. */
  readonly real: string;
}

class Search {
  private readonly images: string[] = [];
  private readonly problems: FindProblem[] = [];
  private readonly folders: Folder[] = [];
  private readonly links: string[] = [];
  private readonly searched = new Set<string>();

  constructor(private readonly signal: AbortSignal | undefined) {}

  async run(dataset: string): Promise<FoundImages> {
    this.folders.push({ path: dataset, real: decodeFileName(await realpath(dataset, 'buffer')) });
    await this.drain();
    if (this.problems[0]?.path === dataset) throw this.problems[0].error;
    for (;;) {
      // Links are taken one at a time and in order: which of two links to a folder wins must not change.
      const link = this.links.sort(byPath).shift();
      if (link === undefined) break;
      this.folders.push({ path: link, real: decodeFileName(await realpath(fsPath(link), 'buffer')) });
      await this.drain();
    }
    return {
      images: this.images.sort(byPath),
      problems: this.problems.sort((a, b) => byPath(a.path, b.path)),
    };
  }

  private async drain(): Promise<void> {
    for (let folder = this.folders.pop(); folder; folder = this.folders.pop()) {
      throwIfAborted(this.signal);
      if (this.searched.has(folder.real)) continue;
      this.searched.add(folder.real);
      await this.read(folder);
    }
  }

  private async read(folder: Folder): Promise<void> {
    let entries: FolderEntry[];
    try {
      entries = await listFolder(folder.path);
    } catch (cause) {
      this.report(folder.path, `The folder "${folder.path}" ${whyNot(cause)}.`, cause);
      return;
    }
    for (const entry of entries) {
      const path = join(folder.path, entry.name);
      if (entry.isDirectory()) this.folders.push({ path, real: join(folder.real, entry.name) });
      else if (entry.isSymbolicLink()) await this.link(path, entry.name);
      else if (entry.isFile() && isImageName(entry.name)) this.images.push(path);
    }
  }

  private async link(path: string, name: string): Promise<void> {
    try {
      const target = await stat(fsPath(path));
      if (target.isDirectory()) this.links.push(path);
      else if (target.isFile() && isImageName(name)) this.images.push(path);
    } catch (cause) {
      // A dead link under another name is none of our business.
      if (isImageName(name))
        this.report(path, `The link "${path}" leads to something that ${whyNot(cause)}.`, cause);
    }
  }

  private report(path: string, message: string, cause: unknown): void {
    this.problems.push({ path, error: new FaceError('FACE_IO', message, { cause }) });
  }
}

/** Whether a file of this name or path is taken for a photo, see {@link findImages}. */
export function isImageName(name: string): boolean {
  const base = name.slice(name.lastIndexOf(sep) + 1);
  if (base.startsWith('._')) return false;
  const extension = base.slice(base.lastIndexOf('.')).toLowerCase();
  return (
    IMAGE_EXTENSIONS.includes(extension) || (HEIC_EXTENSIONS.includes(extension) && canDecode(extension))
  );
}

/** Unlike `path.join`, leaves `./photos` and `photos/../x` as they were given: image paths end up in encodings files. */
function join(folder: string, name: string): string {
  return folder.endsWith('/') || folder.endsWith(sep) ? folder + name : folder + sep + name;
}

function byPath(a: string, b: string): number {
  const [x, y] = sep === '/' ? [a, b] : [a.replaceAll(sep, '/'), b.replaceAll(sep, '/')];
  return x < y ? -1 : x > y ? 1 : 0;
}

const HEIC_EXTENSIONS: readonly string[] = ['.heic', '.heif'];

/** Asks sharp: only for those who have such files. */
function canDecode(extension: string): boolean {
  return loadSharp().format.heif?.input.fileSuffix?.includes(extension) ?? false;
}

function whyNot(error: unknown): string {
  switch ((error as NodeJS.ErrnoException).code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return 'does not exist: check the path for typing mistakes';
    case 'EACCES':
    case 'EPERM':
      return 'may not be read: give yourself the permission to read it, or run as a user who has it';
    case 'ELOOP':
      return 'is a link that leads back to itself';
    default:
      return `could not be read (${messageOf(error)})`;
  }
}
