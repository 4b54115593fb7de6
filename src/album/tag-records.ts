import { type FileHandle, open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { FaceError } from '../base/errors';
import { getOrMake } from '../base/maps';
import type { TagRecord } from '../metadata/retag';
import { escaped } from '../metadata/tags';
import { PRIVATE_FILE, writeFileAtomically } from '../system/atomic-file';
import { failingTo, ioError } from '../system/io-error';
import { acquireLock, type Lock } from '../system/lock';

const FORMAT = 'face-cluster-native tags';
const VERSION = 1;
const HEADER = `${JSON.stringify({ format: FORMAT, version: VERSION })}\n`;

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
  #file: Promise<FileHandle> | undefined;

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

  /** The files that something was written into, and whose they are. */
  files(): Map<string, string> {
    const files = new Map<string, string>();
    for (const [file, [last]] of this.#lines) if (last?.record) files.set(file, last.photo);
    return files;
  }

  /** The files of whose records one, present or past, has one of these texts, and whose they are. */
  mentioning(texts: readonly string[]): Map<string, string> {
    const files = [...this.#lines].filter(([, lines]) => lines.some((line) => mentions(line, texts)));
    return new Map(files.map(([file, [last]]) => [file, (last as Line).photo]));
  }

  /** Whether what is in a file by now has one of these texts. */
  mentions(file: string, texts: readonly string[]): boolean {
    const last = this.#lines.get(file)?.[0];
    return last !== undefined && mentions(last, texts);
  }

  /** Forgets what was written into files, and what is past of all others. @throws FaceError FACE_IO */
  async forget(files: Iterable<string>): Promise<void> {
    for (const file of files) this.#lines.delete(file);
    for (const [file, [last]] of this.#lines) this.#lines.set(file, last ? [last] : []);
    await this.#compact();
  }

  /**
   * What was written into a file, the last first.
   * @param hash SHA-256 of what is there: a sidecar that was moved with its photo is known by that
   */
  of(file: string, hash: string): readonly TagRecord[] {
    const own = this.#lines.get(file) ?? [];
    // What was taken out again is history, unless it still is what is there.
    if (own[0]?.record) return own.flatMap(({ record }) => record ?? []);
    const same = this.#byHash.get(hash);
    return same ? [same] : [];
  }

  /** Says what is going to be in a file; `undefined`: nothing of ours. @throws FaceError FACE_IO */
  async note(file: string, photo: string, record: TagRecord | undefined): Promise<void> {
    const last = this.#lines.get(file)?.[0];
    if (last?.record?.hash === record?.hash) return;
    const line: Line = { file, photo, ...(record && { record }) };
    if (this.lock?.lost.aborted) throw this.lock.lost.reason;
    try {
      this.#file ??= this.#begin();
      await (await this.#file).appendFile(`${JSON.stringify(line)}\n`);
    } catch (error) {
      throw ioError(`write ${this.path}`, error);
    }
    this.#take(line);
  }

  async #begin(): Promise<FileHandle> {
    const handle = await open(this.path, 'a', PRIVATE_FILE);
    // Behind what a run that was killed may have left of a line.
    await handle.appendFile(this.isEmpty ? HEADER : '\n');
    return handle;
  }

  #take(line: Line): void {
    getOrMake(this.#lines, line.file, () => []).unshift(line);
    if (line.record) this.#byHash.set(line.record.hash, line.record);
  }

  /**
   * Lets others have them.
   * @param done whether all files are as they were noted: what was before needs no line then
   */
  async close(done: boolean): Promise<void> {
    const handle = await this.#file?.catch(() => undefined);
    await handle?.close();
    try {
      if (done && handle) await this.#compact();
    } finally {
      await this.lock?.release();
    }
  }

  async #compact(): Promise<void> {
    const last = [...this.#lines.values()].flatMap(([line]) => (line?.record ? [line] : []));
    if (last.length === 0) {
      await rm(this.path, { force: true }).catch(failingTo(`remove ${this.path}`));
      return;
    }
    await writeFileAtomically(this.path, 'record of tags', async (handle) => {
      await handle.appendFile(HEADER);
      for (const line of last) await handle.appendFile(`${JSON.stringify(line)}\n`);
    });
  }
}

/** Whether a text stands in a line, as JSON has it, or XML in JSON. */
function mentions(line: Line, texts: readonly string[]): boolean {
  const all = JSON.stringify(line.record ?? null);
  return texts
    .flatMap((text) => [text, escaped(text)])
    .some((text) => all.includes(JSON.stringify(text).slice(1, -1)));
}

/** @returns `undefined` if there is no file @throws FaceError FACE_RESULT_INVALID, FACE_IO */
async function readLines(path: string): Promise<Line[] | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw ioError(`read ${path}`, error);
  }
  // A run that was killed may have left part of a line, and the next one has written behind it.
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
  return (
    typeof file === 'string' &&
    typeof photo === 'string' &&
    (record === undefined || (typeof record?.hash === 'string' && Array.isArray(record.made)))
  );
}
