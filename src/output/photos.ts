import { constants, type Stats } from 'node:fs';
import { access, copyFile, stat, utimes } from 'node:fs/promises';
import { basename, extname, isAbsolute, join } from 'node:path';
import { FaceError } from '../errors';
import { IMAGE_EXTENSIONS } from '../images/find';
import { ioError } from './write';

/** A photo that was found on the disk. */
export interface PhotoFile {
  readonly path: string;
  readonly atime: Date;
  readonly mtime: Date;
}

/**
 * Finds the photo that an encodings file calls `imagePath`: in `folder` if that is given, else, or for want of it
 * there, from the working directory. Only a regular file with a photo's extension will do: encodings files come from
 * strangers, too, and must not bring `/etc/passwd` into a folder that people pass on.
 * @throws FaceError FACE_IMAGE_NOT_FOUND
 */
export async function locatePhoto(imagePath: string, folder?: string): Promise<PhotoFile> {
  let reason = 'it does not exist';
  for (const path of candidates(imagePath, folder)) {
    let stats: Stats;
    try {
      stats = await stat(path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EACCES') reason = 'it may not be read';
      continue;
    }
    if (!stats.isFile()) reason = 'it is not a file';
    else if (!IMAGE_EXTENSIONS.includes(extname(path).toLowerCase()))
      reason = 'its name is not that of a photo';
    else return { path, atime: stats.atime, mtime: stats.mtime };
  }
  throw new FaceError('FACE_IMAGE_NOT_FOUND', `The photo "${imagePath}" was not found: ${reason}.`);
}

function candidates(imagePath: string, folder: string | undefined): string[] {
  // Encodings made on Windows have backslashes, which elsewhere are letters of a name like any other.
  const spellings = [...new Set([imagePath, imagePath.replaceAll('\\', '/')])];
  const below = folder === undefined ? [] : spellings.filter((path) => !isAbsolute(path));
  return [...below.map((path) => join(folder as string, path)), ...spellings];
}

/** Gives the files of one folder their names: each once, also where upper and lower case are the same. */
export class FileNames {
  readonly #taken = new Set<string>();

  /** The last part of `path`, or, if that is taken, the first free one of `name (2).jpg`, `name (3).jpg` and so on. */
  take(path: string): string {
    const name = basename(path);
    const extension = extname(name);
    let stem = basename(name, extension);
    let free = name;
    for (let n = 2; this.#taken.has(key(free)); n++) {
      const tail = ` (${n})${extension}`;
      // 255 bytes is the longest name that common file systems take.
      while (Buffer.byteLength(stem + tail) > 255) stem = Array.from(stem).slice(0, -1).join('');
      free = stem + tail;
    }
    this.#taken.add(key(free));
    return free;
  }
}

function key(name: string): string {
  return name.normalize('NFC').toLowerCase();
}

/**
 * Copies the photo with its times; where the file system can, both share their blocks on the disk.
 * @throws FaceError FACE_IMAGE_NOT_FOUND if the photo can't be read; FACE_IO if the copy can't be written
 */
export async function copyPhoto(photo: PhotoFile, to: string): Promise<void> {
  try {
    await copyFile(photo.path, to, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
  } catch (cause) {
    const readable = await access(photo.path, constants.R_OK).then(
      () => true,
      () => false,
    );
    if (readable) throw ioError(`write ${to}`, cause);
    throw new FaceError(
      'FACE_IMAGE_NOT_FOUND',
      `The photo "${photo.path}" is no longer there or may not be read.`,
      { cause },
    );
  }
  // Some network file systems keep their own times; the photo itself is what matters.
  await utimes(to, photo.atime, photo.mtime).catch(() => {});
}
