import { dirname } from 'node:path';
import { FaceError } from '../base/errors';
import { type PhotoProblem, problemOf } from '../base/photo-problem';
import { type Retagged, retag } from '../metadata/retag';
import { isSidecarName } from '../metadata/sidecars';
import { type PhotoTags, Unsuitable } from '../metadata/tags';
import { forEachConcurrent } from '../system/jobs';
import { isThere, realPath } from '../system/real-path';
import { sha256 } from '../system/sha256';
import { removeLeftovers } from '../system/temporary';
import type { PacketStore } from './packet-store';
import type { TagRecords } from './tag-records';
import { type TaggedPhoto, tagsOf } from './tagged-photos';

/** A file that `tagPhotos` has written, or would have. */
export interface TagChange {
  readonly photo: string;
  /** The sidecar, or the photo. */
  readonly file: string;
  /** `changed`: it was there before, and what others have written in it stays as it is. */
  readonly change: 'created' | 'changed' | 'deleted';
  /** Who is on the photo, by that. */
  readonly names: readonly string[];
}

/**
 * Brings packets up to who is on their photos.
 * @internal
 */
export class Tagger {
  readonly #changes: TagChange[] = [];

  constructor(
    private readonly records: TagRecords,
    private readonly store: PacketStore,
    private readonly dryRun: boolean,
    private readonly report: (problem: PhotoProblem) => void,
  ) {}

  get changes(): readonly TagChange[] {
    return [...this.#changes].sort((a, b) => (a.file < b.file ? -1 : 1));
  }

  /**
   * @param failed photos that are away or were changed: what is in their sidecars stays
   * @throws FaceError FACE_ABORTED; what concerns more than one photo
   */
  async run(
    photos: readonly TaggedPhoto[],
    failed: ReadonlySet<string>,
    signal: AbortSignal | undefined,
    onDone: (done: number, total: number) => void,
  ): Promise<void> {
    const byFile = new Map<string, TaggedPhoto>();
    for (const photo of photos) {
      await this.#trying(photo.path, async () => {
        const file = await this.store.fileOf(photo.path);
        const other = byFile.get(file);
        if (!other) byFile.set(file, photo);
        else if ((await realPath(photo.path)) !== (await realPath(other.path)))
          throw sameSidecar(photo.path, other.path, file);
      });
    }
    const known = this.records.files();
    const former = [...known].filter(
      ([file, photo]) => this.store.has(file) && !byFile.has(file) && !failed.has(photo),
    );
    // Of a run that was killed, which may have been in other folders than those that are written to now.
    const folders = new Set([...byFile.keys(), ...known.keys()].map(dirname));
    if (!this.dryRun) for (const folder of folders) await removeLeftovers(folder);
    const total = byFile.size + former.length;
    let done = 0;
    onDone(done, total);
    await forEachConcurrent(byFile, this.store.atOnce, signal, async ([file, photo], _, stopped) => {
      await this.#trying(photo.path, async () => {
        const tags = await tagsOf(photo, stopped);
        await this.#bringUpToDate(file, photo, tags, { signal: stopped, carryOver: true });
      });
      onDone(++done, total);
    });
    await forEachConcurrent(former, this.store.atOnce, signal, async ([file, photo]) => {
      await this.#trying(photo, () =>
        this.#bringUpToDate(file, { path: photo, imagePath: photo }, undefined, { signal, carryOver: true }),
      );
      onDone(++done, total);
    });
  }

  /**
   * Brings a file up to who is on its photo, of which it may have others by now, without what was carried over into it.
   * @returns whether it is so then
   */
  async again(
    file: string,
    photo: TaggedPhoto | Pick<TaggedPhoto, 'path' | 'imagePath'>,
    signal: AbortSignal,
  ): Promise<boolean> {
    const isDone = await this.#trying(photo.path, async () => {
      const tags = 'faces' in photo ? await tagsOf(photo, signal) : undefined;
      return this.#bringUpToDate(file, photo, tags, { signal, carryOver: false });
    });
    return isDone ?? false;
  }

  /** @returns `undefined` if it was a problem */
  async #trying<T>(photo: string, work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      this.report(problemOf(photo, error));
      return undefined;
    }
  }

  /** @returns whether it is so then; `false` for what is away */
  async #bringUpToDate(
    file: string,
    { path: photo, imagePath }: Pick<TaggedPhoto, 'path' | 'imagePath'>,
    tags: PhotoTags | undefined,
    { signal, carryOver }: { readonly signal: AbortSignal | undefined; readonly carryOver: boolean },
  ): Promise<boolean> {
    const bytes = await this.store.read(file);
    // What is not there may be on a disk that is away.
    if (!bytes && !tags && !(await isThere(dirname(file)))) return false;
    const records = this.records.of(file, bytes ? sha256(bytes) : '');
    const earlier = carryOver ? records : records.map(({ carried: _, ...record }) => record);
    const carried =
      carryOver && !bytes && tags
        ? await this.store.beginningFor(photo, (other, its) => this.#withoutOurs(other, its), signal)
        : undefined;
    const now = retagged(file, bytes, earlier, tags, carried);
    const isRight = now.bytes === bytes;
    if (!this.dryRun) {
      await this.records.note(file, imagePath, now.record);
      if (!isRight) await this.store.write(file, { photo, imagePath, before: bytes }, now.bytes);
      this.records.settle(file);
    }
    if (!isRight) {
      const change = now.bytes ? (bytes ? 'changed' : 'created') : 'deleted';
      const names = [...new Set(tags?.regions.map(({ name }) => name))];
      this.#changes.push({ photo, file, change, names });
    }
    return true;
  }

  /** What others have written into a file. @throws FaceError FACE_IO */
  #withoutOurs(file: string, bytes: Buffer): Uint8Array | undefined {
    return retagged(file, bytes, this.records.of(file, sha256(bytes)), undefined).bytes;
  }
}

/** @throws FaceError FACE_IO if it can't be tagged */
function retagged(file: string, ...args: Parameters<typeof retag>): Retagged {
  try {
    return retag(...args);
  } catch (error) {
    if (!(error instanceof Unsuitable)) throw error;
    const [what, remedy] = isSidecarName(file)
      ? ['it', 'Move it away, or put it right in the program that wrote it.']
      : ['the XMP inside it', 'Put that right in the program that wrote it, or write a sidecar instead.'];
    throw new FaceError('FACE_IO', `"${file}" was left as it is: ${what} ${error.message}. ${remedy}`, {
      path: file,
      remedy,
    });
  }
}

function sameSidecar(photo: string, other: string, file: string): FaceError {
  const remedy = 'Give each photo a sidecar of its own, with --sidecar default (sidecars: "default").';
  return new FaceError(
    'FACE_IO',
    `"${photo}" would have the sidecar "${file}", as "${other}" has. ${remedy}`,
    {
      path: photo,
      remedy,
    },
  );
}
