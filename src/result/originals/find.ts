import { type BigIntStats, constants } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { FaceError } from '../../base/errors';
import { frameOfVideo, type PhotoId } from '../../base/ids';
import { photoState } from '../../encode/journal/photo-state';
import { HEAD_BYTES, isImageName, isPicture, isVideoName, whyNoPhoto } from '../../photos/formats/formats';
import { containerOf } from '../../photos/video/containers';
import { frameIn } from '../../photos/video/frame-path';
import { fsPath } from '../../system/file-name';
import { realPath } from '../../system/real-path';
import { sha256OfFile } from '../../system/sha256';
import { OtherSpellings } from './other-spellings';

/** A photo that was found on the disk. */
export interface PhotoFile {
  /** Of a frame of a video, that of the video. */
  readonly path: string;
  /** What it is read by: its path, or, of a frame, the frame's, `clip.mp4#t=12.5`. */
  readonly picture: string;
  /** In bytes. */
  readonly size: number;
  /** When it was last looked at and changed, in milliseconds since 1970, with fractions. */
  readonly atimeMs: number;
  readonly mtimeMs: number;
  /** Tells the file from all others on this computer, whatever names it has. */
  readonly inode: string;
  /** See {@link stateOf}. */
  readonly state: string;
  /** Whether the file was left alone for so long that another change would show in its state. */
  readonly settled: boolean;
}

/**
 * Finds the photos that an encodings file names.
 *
 * They are looked for in `folder`, if that is given, and then, as their paths are, from the working directory. Since a
 * collection that was moved is no longer in the folder it was encoded in, leading folders that all paths have in common
 * may be missing: `photos/2019/a.jpg` is found as `2019/a.jpg` if all paths start with `photos`, but never as `a.jpg`
 * as long as there is a `photos/2020`, too.
 *
 * Where there is no file of a photo's exact name, the one that only {@link OtherSpellings} tells from it will do.
 */
export class PhotoFinder {
  /** How many folders all paths start with. */
  readonly #common: number;
  readonly #spellings = new OtherSpellings();

  constructor(
    imagePaths: readonly string[],
    private readonly folder: string | undefined,
  ) {
    this.#common = commonFolders(imagePaths.map(withSlashes));
  }

  /**
   * The file of one of the photos. Only a regular file will do whose extension and bytes are a picture's, whatever links
   * lead to it: encodings files and folders come from strangers, too, and must not bring `/etc/passwd`, or the key behind
   * a link `x.jpg`, into a folder that people pass on.
   * @throws FaceError FACE_IMAGE_NOT_FOUND; FACE_IMAGE_DECODE if what is there is not a picture
   */
  async find(imagePath: string): Promise<PhotoFile> {
    let refusal = notFound(imagePath, 'it does not exist');
    const missing: string[] = [];
    for (const path of this.#candidates(imagePath)) {
      const found = await lookAt(path, imagePath);
      if (found === undefined) missing.push(path);
      else if (found instanceof FaceError) refusal = found;
      else return found;
    }
    for (const path of missing) {
      const frame = frameIn(path);
      const other = await this.#spellings.find(frame?.video ?? path);
      const found = other === undefined ? undefined : await lookAt(other + (frame?.name ?? ''), imagePath);
      if (found instanceof FaceError) refusal = found;
      else if (found) return found;
    }
    throw refusal;
  }

  *#candidates(imagePath: string): Generator<string> {
    // Encodings made on Windows have backslashes, which elsewhere are letters of a name like any other.
    const spellings = [...new Set([imagePath, withSlashes(imagePath)])];
    if (this.folder !== undefined) {
      for (const spelling of spellings) {
        const parts = spelling.split('/');
        for (let cut = 0; cut <= this.#common && cut < parts.length; cut++) {
          yield join(this.folder, ...parts.slice(cut));
        }
      }
    }
    yield* spellings;
  }
}

/** The photo at `path`; or why it is none; `undefined` if nothing is there. */
async function lookAt(path: string, imagePath: string): Promise<PhotoFile | FaceError | undefined> {
  const frame = frameIn(path);
  const file = frame?.video ?? path;
  const isNamedWell = frame ? isVideoName : isImageName;
  try {
    const stats = await stat(fsPath(file), { bigint: true });
    if (!stats.isFile()) return notFound(imagePath, 'it is not a file');
    if (!isNamedWell(file)) return notFound(imagePath, 'its name is not that of a photo');
    const head = await readHead(file);
    if (frame ? !containerOf(head) : !isPicture(head)) return notAPicture(file, head);
    if (!isNamedWell(await realPath(file))) return notFound(imagePath, 'it is a link to something else');
    return photoFile(file, stats, path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EACCES' || code === 'EPERM') return notFound(imagePath, 'it may not be read');
    return code === 'EIO' ? notFound(imagePath, 'the disk failed to read it') : undefined;
  }
}

async function readHead(path: string): Promise<Buffer> {
  // Should there be a pipe by now, opening it must not wait for somebody to write into it.
  const handle = await open(fsPath(path), constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

/**
 * @param stats what the file system says of the file
 * @param picture see {@link PhotoFile.picture}
 */
export function photoFile(path: string, stats: BigIntStats, picture = path): PhotoFile {
  return {
    path,
    picture,
    size: Number(stats.size),
    atimeMs: milliseconds(stats.atimeNs),
    mtimeMs: milliseconds(stats.mtimeNs),
    inode: inodeOf(stats),
    state: stateOf(stats),
    settled: photoState(stats) !== undefined,
  };
}

/**
 * What the file system says of a file's content: while it stays the same, so do the bytes. As `photoState`, but without the
 * number of the inode, which FAT and some network drives give anew.
 */
export function stateOf({ size, mtimeNs, ctimeNs }: BigIntStats): string {
  return `${size} ${mtimeNs} ${ctimeNs}`;
}

/**
 * Whether a file has the size and the time of change that it had in another state, of `stateOf` or `photoState`. A hard link
 * that is made to it, or a backup of it, changes the rest.
 */
export function hasSizeAndTimeOf(file: PhotoFile, state: string): boolean {
  const [size, time] = state.split(' ');
  return file.state.startsWith(`${size} ${time} `);
}

/** See {@link PhotoFile.inode}. */
export function inodeOf({ dev, ino }: BigIntStats): string {
  return `${dev} ${ino}`;
}

/** With fractions, as near as a number comes to it. */
function milliseconds(nanoseconds: bigint): number {
  return Number(nanoseconds / 1_000_000n) + Number(nanoseconds % 1_000_000n) / 1e6;
}

/** The id of the photo that is there now. @throws the system's error */
export async function idOfFile({ path, picture }: PhotoFile): Promise<PhotoId> {
  const id = await sha256OfFile(path);
  const frame = frameIn(picture);
  return frame ? frameOfVideo(id, frame.name) : id;
}

function notFound(imagePath: string, reason: string): FaceError {
  const message = `The photo "${imagePath}" was not found: ${reason}.`;
  return new FaceError('FACE_IMAGE_NOT_FOUND', message, { path: imagePath });
}

function notAPicture(path: string, head: Uint8Array): FaceError {
  return new FaceError('FACE_IMAGE_DECODE', `The photo "${path}" can't be used: ${whyNoPhoto(head)}.`, {
    path,
  });
}

function withSlashes(path: string): string {
  return path.replaceAll('\\', '/');
}

function commonFolders(paths: readonly string[]): number {
  let common = paths[0]?.split('/').slice(0, -1) ?? [];
  for (const path of paths) {
    const parts = path.split('/').slice(0, -1);
    const differs = common.findIndex((part, i) => part !== parts[i]);
    if (differs >= 0) common = common.slice(0, differs);
  }
  return common.length;
}
