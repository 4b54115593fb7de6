import { link, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { PhotoId } from '../../base/ids';
import { getOrMake } from '../../base/maps';
import type { PhotoFacts } from '../../base/types';
import { copyBytes } from '../../system/copy-file';
import { fsPath } from '../../system/file-name';
import { failingTo } from '../../system/io-error';
import { sha256 } from '../../system/sha256';
import { CACHE_FOLDER } from '../names-in-result';
import type { PhotoFile } from '../originals/find';

const INDEX = `${CACHE_FOLDER}/photos.json`;

/** What is to be known about a photo to find pictures that were made from it, and what else there is to know. */
export interface PhotoContent extends PhotoFacts {
  readonly hash: PhotoId;
}

/** Earlier versions noted less. */
interface IndexEntry
  extends Pick<PhotoContent, 'hash' | 'width' | 'height'>,
    Partial<Pick<PhotoContent, 'orientation' | 'taken'>> {
  readonly size: number;
  /** In milliseconds since 1970. */
  readonly mtime: number;
}

interface Index {
  readonly version: 1;
  /** By {@link indexKey}. */
  readonly photos: Readonly<Record<string, IndexEntry>>;
}

/**
 * The small pictures of a result. Their names are made from what is in them, so that the next result in the same folder
 * can take over those that it needs, too: a file of the earlier result and one of the new are then one (a hard link).
 *
 * A photo whose size and time are as in the earlier result counts as unchanged and is not read again; one that was moved is
 * known by its bytes.
 */
export class PictureCache {
  #byHash: Map<PhotoId, PhotoContent> | undefined;
  readonly #index: Record<string, IndexEntry> = {};
  readonly #folders = new Map<string, Promise<unknown>>();

  private constructor(
    private readonly result: string,
    private readonly earlier: string,
    /** What the earlier result's index has; `undefined` if there is nothing to take over. */
    private readonly before: Index['photos'] | undefined,
  ) {}

  /**
   * @param result folder that the new result is being built in
   * @param earlier folder of the earlier result, if there is one
   */
  static async open(result: string, earlier: string): Promise<PictureCache> {
    return new PictureCache(result, earlier, await readIndex(join(earlier, INDEX)));
  }

  /** What an earlier run found in the photo, if that has not changed since. */
  known(photo: PhotoFile): PhotoContent | undefined {
    const key = indexKey(photo);
    const entry = this.before?.[key];
    if (entry?.size !== photo.size || entry.mtime !== photo.mtimeMs) return undefined;
    this.#index[key] = entry;
    return contentOf(entry);
  }

  /** What an earlier run found in a photo with these bytes, whatever its name was. */
  withHash(hash: PhotoId): PhotoContent | undefined {
    this.#byHash ??= new Map(Object.values(this.before ?? {}).map((entry) => [entry.hash, contentOf(entry)]));
    return this.#byHash.get(hash);
  }

  learn(photo: PhotoFile, content: PhotoContent): void {
    this.#index[indexKey(photo)] = { ...content, size: photo.size, mtime: photo.mtimeMs };
  }

  /** Whether the picture is there, taking it over from the earlier result if that has it. */
  async has(name: string): Promise<boolean> {
    if (!this.before) return false;
    const from = join(this.earlier, name);
    const to = await this.#prepare(name);
    try {
      await link(from, to);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EEXIST') return true;
      if (code === 'ENOENT' || code === 'ENOTDIR') return false;
      // No links here; and what can't be copied can still be drawn again.
      return copyBytes(from, to).then(
        () => true,
        () => false,
      );
    }
    return true;
  }

  /** @throws FaceError FACE_IO */
  async write(name: string, bytes: Uint8Array): Promise<void> {
    const to = await this.#prepare(name);
    await writeFile(to, bytes).catch(failingTo(`write ${to}`));
  }

  /** @throws FaceError FACE_IO */
  async read(name: string): Promise<Buffer> {
    return readFile(join(this.result, name)).catch(failingTo(`read ${name} in the result`));
  }

  /** Gives a picture a second place at `to`. @throws FaceError FACE_IO */
  async linkTo(name: string, to: string): Promise<void> {
    const from = join(this.result, name);
    const place = fsPath(to);
    // A copy where there are no links.
    await link(from, place)
      .catch(() => copyBytes(from, place))
      .catch(failingTo(`write ${to}`));
  }

  /** Writes down which photos the pictures were made from. @throws FaceError FACE_IO */
  async close(): Promise<void> {
    const index: Index = { version: 1, photos: this.#index };
    await this.write(INDEX, Buffer.from(`${JSON.stringify(index)}\n`));
  }

  /** Makes the picture's folder. */
  async #prepare(name: string): Promise<string> {
    const path = join(this.result, name);
    const folder = dirname(path);
    await getOrMake(this.#folders, folder, () => mkdir(folder, { recursive: true })).catch(
      failingTo(`make the folder ${folder}`),
    );
    return path;
  }
}

/**
 * Name for a picture, which is different for each.
 * @param content what it is made of, e.g. the hash of a photo
 * @param recipe says how it is made; must change whenever other bytes come out
 */
export function pictureName(folder: string, extension: string, content: string, recipe: string): string {
  const key = sha256(`${content}\n${recipe}`).slice(0, 32);
  // Folders of some hundred files stay quick everywhere.
  return `${folder}/${key.slice(0, 2)}/${key.slice(2)}.${extension}`;
}

/** Hashed: who gets the result need not learn where its maker keeps photos. */
function indexKey(photo: PhotoFile): string {
  return sha256(resolve(photo.picture)).slice(0, 32);
}

function contentOf({ hash, width, height, orientation = null, taken = null }: IndexEntry): PhotoContent {
  return { hash, width, height, orientation, taken };
}

async function readIndex(file: string): Promise<Index['photos'] | undefined> {
  try {
    const index: Index = JSON.parse(await readFile(file, 'utf8'));
    return index.version === 1 ? index.photos : undefined;
  } catch {
    // Without it everything is drawn anew, which is right whatever happened to it.
    return undefined;
  }
}
