import { type FileHandle, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { FaceError } from '../../base/errors';
import type { PhotoId } from '../../base/ids';
import { PRIVATE_FOLDER } from '../../system/atomic-file';
import { failingTo } from '../../system/io-error';
import { acquireLock, type Lock } from '../../system/lock';
import { makeFolders } from '../../system/make-folders';
import type { FileCount } from '../file-count';
import type { PhotoIdentity, PhotoStore } from '../photo-store';
import { compact, isWorthCompacting } from './compact';
import {
  JournalContents,
  type JournalEntry,
  type KnownPhoto,
  notAJournal,
  type ReadContents,
  readContents,
} from './contents';
import { JournalFile } from './journal-file';
import { decodeLine, encodeLine } from './lines';
import { journalPath } from './paths';
import {
  FORMAT,
  type HeaderRecord,
  isPhoto,
  type PhotoRecord,
  type PhotoResult,
  restoreResult,
  type StoredFrames,
  storeResult,
  VERSION,
} from './records';
import { scanLines } from './scan';
import { type EncodeSettings, settingsId } from './settings';

/** What a journal held when it was opened. */
export interface JournalReport {
  /** Path of the journal. */
  readonly path: string;
  /** Number of photos (different contents) whose result was there, from earlier runs with the same settings; without frames of videos. */
  readonly photos: number;
  /** Number of videos of which some frames were. */
  readonly videos: number;
  /** Those of this run. */
  readonly settings: EncodeSettings;
  /** What was encoded with other settings only; it is kept and not used. */
  readonly others: readonly (FileCount & { readonly settings: EncodeSettings })[];
  /** How many photos and videos there were whose results were dropped to start over. */
  readonly dropped: FileCount;
  /** Number of records that were damaged, by a failing disk say, and are not used. */
  readonly damaged: number;
  /** Bytes at the end that were not a whole record: what was being written when the run before was killed. */
  readonly cutOff: number;
}

/**
 * The results of all photos done so far, kept beside the encodings file, so that a run that ends early, however it
 * ends, goes on where it was, and the next one works on what has changed only. Results are found by what the file
 * contains, not by its name. While it is open, no other run can open it.
 *
 * The file: a header, then a record a line, only ever added to, each with a checksum (see `lines.ts`, `records.ts`).
 * @internal
 */
export class Journal implements PhotoStore {
  private constructor(
    readonly report: JournalReport,
    private readonly settings: string,
    private readonly lock: Lock,
    private readonly file: JournalFile,
    private readonly contents: JournalContents,
  ) {}

  /**
   * Opens the journal of an encodings file, or makes one, for this run alone.
   * @param fresh whether to begin a new journal in place of the one that is there
   * @throws FaceError FACE_LOCKED if another run has it; FACE_JOURNAL_INVALID if something else is there, or a journal of
   *   another version (unless `fresh`); FACE_IO. Nothing was changed then.
   */
  static async open(encodings: string, settings: EncodeSettings, fresh = false): Promise<Journal> {
    const path = await journalPath(encodings);
    await makeFolders(dirname(path), PRIVATE_FOLDER).catch(failingTo(`make the folder ${dirname(path)}`));
    const lock = await acquireLock(`${path}.lock`, encodings);
    try {
      return await Journal.#open(path, settings, lock, fresh);
    } catch (error) {
      await lock.release();
      throw error;
    }
  }

  static async #open(path: string, settings: EncodeSettings, lock: Lock, fresh: boolean): Promise<Journal> {
    const id = settingsId(settings);
    let found: ReadContents | undefined;
    let size = 0;
    const file = await JournalFile.open(path, async (handle) => {
      found = await readContents(scanLines(handle), id, path, fresh);
      ({ size } = await handle.stat());
      if (found.end === 0 && size > 0 && !(await isTornHeader(handle))) throw notAJournal(path);
      return fresh ? 0 : found.end;
    });
    const { contents, end, damaged } = found as ReadContents;
    const kept = fresh ? new JournalContents(id) : contents;
    try {
      const begin = [
        ...(file.length === 0 ? [HEADER] : []),
        ...(kept.settingsRecords.has(id) ? [] : [encodeLine({ settings: id, are: settings })]),
      ];
      if (begin.length > 0) await file.append(...begin);
      await file.sync();
    } catch (error) {
      await file.close();
      if (size === 0) await rm(path, { force: true }).catch(() => {});
      throw error;
    }
    const report = {
      path,
      settings,
      ...kept.count(),
      dropped: fresh ? contents.withResults : { photos: 0, videos: 0 },
      damaged: fresh ? 0 : damaged,
      cutOff: size - end,
    };
    return new Journal(report, id, lock, file, kept);
  }

  /** The content of the file at `path`, if the file has not changed since it was last read. */
  contentOf(path: string, state: string | undefined): PhotoId | undefined {
    return this.contents.contentOf(path, state);
  }

  /** What was at `path` when a photo there was last read: its content, and its state if that could be trusted. */
  lastSeen(path: string): KnownPhoto | undefined {
    return this.contents.photos.get(path);
  }

  /** What there is, under this run's settings, for photos with this content. */
  entry(content: PhotoId): JournalEntry | undefined {
    return this.contents.entries.get(content);
  }

  /** The frames of videos with this content that are looked at. */
  framesOf(content: PhotoId): StoredFrames | undefined {
    return this.contents.frames.get(content);
  }

  /** Writes down which frames of a video are looked at. @throws FaceError as {@link add} does */
  async addFrames({ path, content, state }: PhotoIdentity, frames: StoredFrames): Promise<void> {
    await this.#append({ path, content, ...(state !== undefined && { state }), frames });
  }

  /**
   * Writes down what came of a photo.
   * @throws FaceError FACE_IO; FACE_LOCKED if the lock was taken away, so that another run may be writing, too
   */
  async add({ path, content, state }: PhotoIdentity, result: PhotoResult): Promise<JournalEntry> {
    await this.#append({
      path,
      content,
      ...(state !== undefined && { state }),
      settings: this.settings,
      result: storeResult(result),
    });
    return this.contents.entries.get(content) as JournalEntry;
  }

  /**
   * Writes down that a photo with a known content is here now, so that it need not be read again next time.
   * @throws FaceError FACE_IO
   */
  async recognize({ path, content, state }: PhotoIdentity): Promise<void> {
    const known = this.lastSeen(path);
    if (known?.content === content && (state === undefined || known.state === state)) return;
    // Without its state, too: where it is now is what it is known by when it is moved again.
    await this.#append({ path, content, ...(state !== undefined && { state }) });
  }

  async #append(record: PhotoRecord): Promise<void> {
    if (this.lock.lost.aborted) throw this.lock.lost.reason;
    const line = encodeLine(record);
    const offset = await this.file.append(line);
    this.contents.addPhoto(record, { offset, length: line.length });
  }

  /** @throws FaceError as {@link read} does */
  result(content: PhotoId): Promise<PhotoResult> {
    return this.read(this.entry(content) as JournalEntry);
  }

  /** What came of a photo. @throws FaceError FACE_IO, FACE_JOURNAL_INVALID if the record has decayed since it was found */
  async read({ offset, length }: JournalEntry): Promise<PhotoResult> {
    const line = await this.file.read(offset, length);
    const record = decodeLine(line.subarray(0, -1));
    if (isPhoto(record) && record.result) return restoreResult(record.result);
    throw new FaceError(
      'FACE_JOURNAL_INVALID',
      `The journal ${this.report.path} was changed by another program while this run was at work.`,
      { path: this.report.path, remedy: 'Run the command again.' },
    );
  }

  /** Has all that was added survive a power cut. @throws FaceError FACE_IO */
  sync(): Promise<void> {
    return this.file.sync();
  }

  /**
   * Once the run is done: leaves out what is no longer needed if that is most of the journal.
   * @param used contents of all photos of the run
   */
  async tidy(used: ReadonlySet<PhotoId>): Promise<void> {
    if (!isWorthCompacting(this.file.length, this.contents, used)) return;
    // If it fails, the journal stays as it is: long, but right.
    await compact(this.report.path, scanLines(this.file.handle), this.contents, used).catch(() => {});
  }

  /** Lets other runs have the journal. Never rejects. */
  async close(): Promise<void> {
    await this.file.close();
    await this.lock.release();
  }
}

const HEADER = encodeLine({ format: FORMAT, version: VERSION } satisfies HeaderRecord);

/** Whether all there is of the file is the beginning of a header: the run before was killed that early. */
async function isTornHeader(handle: FileHandle): Promise<boolean> {
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(HEADER.length), 0, HEADER.length, 0);
  return bytesRead < HEADER.length && HEADER.subarray(0, bytesRead).equals(buffer.subarray(0, bytesRead));
}
