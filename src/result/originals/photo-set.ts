import { stat } from 'node:fs/promises';
import { FaceError } from '../../base/errors';
import type { PhotoId } from '../../base/ids';
import { type PhotoProblem, problemOf } from '../../base/photo-problem';
import type { FaceRecord, PhotoFacts } from '../../base/types';
import type { JournalKnowledge } from '../../encode/journal/faces';
import { whyNot } from '../../photos/find';
import { FilesDone } from '../../photos/video/files-done';
import { fileOfPath } from '../../photos/video/frame-path';
import { fsPath } from '../../system/file-name';
import { FILES_AT_ONCE, forEachConcurrent } from '../../system/jobs';
import { hasSizeAndTimeOf, idOfFile, type PhotoFile, PhotoFinder } from './find';
import type { OnDone } from './label-folders';
import { OtherSpellings } from './other-spellings';

/** Reading waits for the disk; more than this at once gains nothing. */
const READS_AT_ONCE = 4;

/** Makes sure that there is such a folder to look for photos in, in whatever spelling. @throws FaceError FACE_IO */
export async function checkPhotoFolder(folder: string): Promise<void> {
  const remedy = 'Give the folder that the photos are in now.';
  const refuse = (why: string, cause?: unknown) =>
    new FaceError('FACE_IO', `Photos can't be looked for in "${folder}": it ${why}. ${remedy}`, {
      path: folder,
      remedy,
      cause,
    });
  const stats = await stat(fsPath(folder)).catch(async (cause: unknown) => {
    const other = await new OtherSpellings().find(folder);
    if (other === undefined) throw refuse(whyNot(cause), cause);
    return stat(fsPath(other));
  });
  if (!stats.isDirectory()) throw refuse('is not a folder');
}

/** The photos that the faces are on, and which of them are still there. */
export class PhotoSet {
  readonly #paths: string[];
  readonly #files = new Map<string, PhotoFile>();
  readonly #problems = new Map<string, PhotoProblem>();
  readonly #encoded = new Map<string, ReadonlySet<PhotoId>>();
  /** Ids of the photos that were read for nothing else. */
  readonly #read = new Map<string, PhotoId>();

  /**
   * @param known what the journal knows, if there is one
   * @param command by which people look for the faces of a photo again that was changed
   */
  constructor(
    records: readonly FaceRecord[],
    private readonly known: JournalKnowledge | undefined,
    private readonly onProblem: (problem: PhotoProblem) => void,
    private readonly command: 'encode' | 'sort',
  ) {
    this.#paths = [...new Set(records.map(({ imagePath }) => imagePath))];
    for (const [index, face] of known?.faces.entries() ?? []) {
      if (!face) continue;
      const { imagePath } = records[index] as FaceRecord;
      const others = this.#encoded.get(imagePath);
      const common = others ? [...face.contents].filter((content) => others.has(content)) : face.contents;
      this.#encoded.set(imagePath, new Set(common));
    }
  }

  /** Each `imagePath` once, in the order of the encodings file. */
  get paths(): readonly string[] {
    return this.#paths;
  }

  /** Whether there are photos, but none that can be used. */
  get allFailed(): boolean {
    return this.paths.length > 0 && this.#problems.size === this.paths.length;
  }

  /**
   * Finds the photos' files, see {@link PhotoFinder}; must be called before {@link file}.
   * @param onDone is told how many photos were looked for; a video is one
   */
  async locate(folder: string | undefined, signal: AbortSignal | undefined, onDone: OnDone): Promise<void> {
    const finder = new PhotoFinder(this.paths, folder);
    const files = new FilesDone(this.paths.map(fileOfPath), onDone);
    await forEachConcurrent(this.paths, FILES_AT_ONCE, signal, async (imagePath) => {
      try {
        this.#files.set(imagePath, await finder.find(imagePath));
      } catch (error) {
        this.fail(imagePath, error);
      }
      files.add(fileOfPath(imagePath));
    });
  }

  /** Takes in a photo on which a face was added, or one more. */
  add(imagePath: string, file: PhotoFile | undefined, content: PhotoId): void {
    if (!this.#encoded.has(imagePath)) this.#paths.push(imagePath);
    if (file) this.#files.set(imagePath, file);
    this.#encoded.set(imagePath, new Set([content]));
  }

  /** The photo's file, if it was found. */
  file(imagePath: string): PhotoFile | undefined {
    return this.#files.get(imagePath);
  }

  /** The photo that the faces were found on, as far as the journal knows: another one may be there now. */
  #encodedId(imagePath: string): PhotoId | undefined {
    const [one, ...others] = this.#encoded.get(imagePath) ?? [];
    if (others.length === 0) return one;
    const last = this.known?.photos.get(imagePath)?.content;
    return [one, ...others].find((content) => content === last);
  }

  /**
   * The ids of the photos that the faces were found on: those that the journal knows, else those of what is there now.
   * Files are only read where there is no journal, and nobody has read them; once, however often this is asked.
   * @param read ids of the photos that have been read already
   * @param onDone is given the share that is done, from 0 to 1
   * @returns ids by {@link paths}; none for what is neither known nor can be read
   * @throws FaceError FACE_ABORTED
   */
  async identify(
    read: ReadonlyMap<string, PhotoId>,
    signal: AbortSignal | undefined,
    onDone: (share: number) => void,
  ): Promise<ReadonlyMap<string, PhotoId>> {
    const ids = new Map<string, PhotoId>();
    const unknown: string[] = [];
    for (const path of this.paths) {
      const id = this.#encodedId(path) ?? read.get(path) ?? this.#read.get(path);
      if (id !== undefined) ids.set(path, id);
      else unknown.push(path);
    }
    let done = 0;
    await forEachConcurrent(unknown, READS_AT_ONCE, signal, async (path) => {
      const file = this.#files.get(path);
      const id = file && (await idOfFile(file).catch(() => undefined));
      if (id !== undefined) {
        ids.set(path, id);
        this.#read.set(path, id);
      }
      onDone(++done / unknown.length);
    });
    return ids;
  }

  /**
   * What the journal knows of the photo with this id; `undefined` if that is nothing, or {@link hasChanged} has found another
   * one at `imagePath`.
   */
  encodedFacts(imagePath: string, id: PhotoId | undefined): PhotoFacts | undefined {
    if (id === undefined || this.#problems.get(imagePath)?.code === 'FACE_IMAGE_CHANGED') return undefined;
    return this.known?.facts.get(id);
  }

  /**
   * Whether the photo is not the one any more that its faces were found on, as far as is known. That is reported: the boxes
   * would lie anywhere on it.
   * @param id of the photo that is there now
   */
  hasChanged(imagePath: string, id: PhotoId): boolean {
    const encoded = this.#encoded.get(imagePath);
    if (!encoded || encoded.has(id)) return false;
    const looked = { encode: 'encoded', sort: 'sorted' }[this.command];
    this.fail(
      imagePath,
      new FaceError(
        'FACE_IMAGE_CHANGED',
        `The photo "${imagePath}" was changed since it was ${looked}, so its faces are not shown.`,
        { path: imagePath, remedy: `Run "${this.command}" again.` },
      ),
    );
    return true;
  }

  /**
   * {@link hasChanged} for photos that nobody reads: of those alone that had another size or time when they were encoded.
   * @param read paths of the photos that were read
   * @throws FaceError FACE_ABORTED
   */
  async findChanged(read: ReadonlyMap<string, unknown>, signal: AbortSignal | undefined): Promise<void> {
    const suspects = this.paths.filter(
      (path) => !read.has(path) && !this.#problems.has(path) && this.#mayHaveChanged(path),
    );
    await forEachConcurrent(suspects, FILES_AT_ONCE, signal, async (path) => {
      const hash = await idOfFile(this.#files.get(path) as PhotoFile).catch(() => undefined);
      if (hash !== undefined) this.hasChanged(path, hash);
    });
  }

  #mayHaveChanged(imagePath: string): boolean {
    const file = this.#files.get(imagePath);
    const then = this.known?.photos.get(imagePath);
    const encoded = this.#encoded.get(imagePath);
    if (!file || !then || !encoded) return false;
    return !encoded.has(then.content) || then.state === undefined || !hasSizeAndTimeOf(file, then.state);
  }

  /** The files of all photos that were found. */
  files(): PhotoFile[] {
    return [...this.#files.values()];
  }

  /** Reports each photo once, however many people are on it. */
  fail(imagePath: string, error: unknown): void {
    const problem = problemOf(imagePath, error, this.#files.get(imagePath)?.path);
    if (this.#problems.has(imagePath)) return;
    this.#problems.set(imagePath, problem);
    this.onProblem(problem);
  }

  /** In the order of {@link paths}. */
  problems(): PhotoProblem[] {
    return this.paths.flatMap((imagePath) => this.#problems.get(imagePath) ?? []);
  }
}
