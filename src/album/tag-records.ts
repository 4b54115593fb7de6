import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { FaceError } from '../base/errors';
import { getOrMake } from '../base/maps';
import { JournalFile } from '../encode/journal/journal-file';
import { LINE_FEED } from '../encode/journal/lines';
import { namesOnRecord, type TagRecord } from '../metadata/retag';
import { writeFileAtomically } from '../system/atomic-file';
import { failingTo } from '../system/io-error';
import { acquireLock, type Lock } from '../system/lock';
import { readTextIfThere } from '../system/read-text';

const FORMAT = 'face-cluster-native tags';
const VERSION = 1;
const WHAT = 'record of tags';
const HEADER = { format: FORMAT, version: VERSION };

/** What was written into a file; without a record: nothing of it is ours any more. */
interface Line {
  /** The sidecar. */
  readonly file: string;
  /** Whose it is. */
  readonly photo: string;
  readonly record?: TagRecord;
}

/**
 * What was written into which sidecars, in the data of a people folder: only by that can it be taken out again, and nothing else.
 * A line is there before the file that it speaks of is written: killed in between, it says too much, which is not found then.
 */
export class TagRecords {
  /** By file, the last first. */
  readonly #lines = new Map<string, Line[]>();
  readonly #byHash = new Map<string, TagRecord>();
  /** Opened when there is something to write. */
  #file: Promise<JournalFile> | undefined;

  private constructor(
    private readonly path: string,
    private readonly lock: Lock | undefined,
    private isEmpty: boolean,
  ) {}

  /**
   * @param data folder of data
   * @param readOnly whether nothing is to be written down
   * @throws FaceError FACE_LOCKED if another run is writing; FACE_RESULT_INVALID; FACE_IO
   */
  static async open(data: string, readOnly: boolean): Promise<TagRecords> {
    const path = join(data, 'tags.jsonl');
    const lock = readOnly ? undefined : await acquireLock(`${path}.lock`, path, 'tag');
    try {
      const lines = await readLines(path);
      const records = new TagRecords(path, lock, lines === undefined);
      for (const line of lines ?? []) records.#take(line);
      return records;
    } catch (error) {
      await lock?.release();
      throw error;
    }
  }

  /** The files that something was written into, or may have been, and whose they are. */
  files(): Map<string, string> {
    const files = new Map<string, string>();
    for (const [file, lines] of this.#lines)
      if (lines.some(({ record }) => record)) files.set(file, (lines[0] as Line).photo);
    return files;
  }

  /** The files whose records, present or past, have one of these names, and whose they are. */
  mentioning(names: ReadonlySet<string>): Map<string, string> {
    const files = [...this.#lines].filter(([, lines]) =>
      lines.some(({ record }) => record && namesOnRecord(record).some((name) => names.has(name))),
    );
    return new Map(files.map(([file, [last]]) => [file, (last as Line).photo]));
  }

  /** Forgets what was written into files. @throws FaceError FACE_IO */
  async forget(files: Iterable<string>): Promise<void> {
    for (const file of files) this.#lines.delete(file);
    await this.#compact();
  }

  /**
   * What was written into a file, the last first.
   * @param hash SHA-256 of what is there: a sidecar that was moved with its photo is known by that
   */
  of(file: string, hash: string): readonly TagRecord[] {
    const own = (this.#lines.get(file) ?? []).flatMap(({ record }) => record ?? []);
    if (own.length > 0) return own;
    const same = this.#byHash.get(hash);
    return same ? [same] : [];
  }

  /**
   * Says what is going to be in a file; `undefined`: nothing of ours. What was there stays on record until it is {@link settle}d.
   * @throws FaceError FACE_IO
   */
  async note(file: string, photo: string, record: TagRecord | undefined): Promise<void> {
    const last = this.#lines.get(file)?.[0];
    if (last?.record?.hash === record?.hash) return;
    const line: Line = { file, photo, ...(record && { record }) };
    if (this.lock?.lost.aborted) throw this.lock.lost.reason;
    this.#file ??= this.#begin();
    const records = await this.#file;
    await records.append(lineOf(line));
    // Else a power cut might leave the file, and nothing that tells what in it is ours.
    await records.sync();
    this.#take(line);
  }

  /** Says that a file is as it was noted last. */
  settle(file: string): void {
    const last = this.#lines.get(file)?.[0];
    if (last) this.#lines.set(file, [last]);
  }

  async #begin(): Promise<JournalFile> {
    const file = await JournalFile.open(
      this.path,
      async (handle) => (await handle.readFile()).lastIndexOf(LINE_FEED) + 1,
      WHAT,
    );
    if (this.isEmpty) await file.append(lineOf(HEADER));
    return file;
  }

  #take(line: Line): void {
    getOrMake(this.#lines, line.file, () => []).unshift(line);
    if (line.record) this.#byHash.set(line.record.hash, line.record);
  }

  /** Lets others have them. What is settled needs no line for what was before. */
  async close(): Promise<void> {
    const file = await this.#file?.catch(() => undefined);
    try {
      await file?.close();
      if (file) await this.#compact();
    } finally {
      await this.lock?.release();
    }
  }

  async #compact(): Promise<void> {
    if (this.lock?.lost.aborted) throw this.lock.lost.reason;
    const lines = [...this.#lines.values()].flatMap((own) => {
      const isPast = own.length === 1 && !own[0]?.record;
      return isPast ? [] : [...own].reverse();
    });
    if (lines.length === 0) {
      await rm(this.path, { force: true }).catch(failingTo(`remove ${this.path}`));
      return;
    }
    await writeFileAtomically(this.path, WHAT, async (handle) => {
      for (const line of [HEADER, ...lines]) await handle.appendFile(lineOf(line));
    });
  }
}

function lineOf(line: object): Buffer {
  return Buffer.from(`${JSON.stringify(line)}\n`);
}

/** @returns `undefined` if there is no file @throws FaceError FACE_RESULT_INVALID, FACE_IO */
async function readLines(path: string): Promise<Line[] | undefined> {
  const text = await readTextIfThere(path);
  if (text === undefined) return undefined;
  // A run that was killed may have left part of a line.
  const values = text.split('\n').flatMap((line) => parsed(line) ?? []);
  if (values.length === 0) return undefined;
  const { format, version } = values[0] as { readonly format?: unknown; readonly version?: unknown };
  if (format !== FORMAT || version !== VERSION) {
    const remedy =
      format === FORMAT
        ? 'Use the version of this program that wrote it.'
        : 'Delete it: what was written into sidecars until now stays there then.';
    const what = format === FORMAT ? 'is of another version' : 'is damaged';
    throw new FaceError('FACE_RESULT_INVALID', `${path} ${what}. ${remedy}`, { path, remedy });
  }
  return values.slice(1).filter(isLine);
}

function parsed(line: string): object | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

function isLine(value: object): value is Line {
  const { file, photo, record } = value as Partial<Line>;
  return typeof file === 'string' && typeof photo === 'string' && (record === undefined || isRecord(record));
}

function isRecord({ hash, made, items }: Partial<TagRecord>): boolean {
  return typeof hash === 'string' && Array.isArray(made) && typeof items === 'object';
}
