import { isUtf8 } from 'node:buffer';
import { type FileHandle, readFile } from 'node:fs/promises';
import { FaceError } from '../base/errors';
import { JournalFile } from '../encode/journal/journal-file';
import { LINE_FEED } from '../encode/journal/lines';
import { writeFileAtomically } from '../system/atomic-file';
import { ioError } from '../system/io-error';
import type { DecisionRecord } from './decisions';
import { FORMAT, faultIn, VERSION } from './faults';
import { damaged, headerOf, isTorn, linesOf } from './lines';

/** What stands for bytes that are no UTF-8. */
const REPLACED = '\uFFFD';

const HEADER = { format: FORMAT, version: VERSION };

/** What is read of a file. */
interface Content {
  readonly records: DecisionRecord[];
  /** Number of bytes of whole lines. */
  readonly end: number;
  /** Whether the last one has no line feed. */
  readonly unended: boolean;
}

/**
 * The file of decisions: a header, then a line of JSON for each, only ever added to, and open to people with an editor. What
 * is behind the last line feed was cut off when a run was killed, and is dropped, unless it is a whole line.
 */
export class DecisionsFile {
  /** @param file `undefined`: only to be read */
  private constructor(
    private readonly file: JournalFile | undefined,
    private readonly known: DecisionRecord[],
  ) {}

  /**
   * Opens the file, or makes it. The caller has the lock.
   * @throws FaceError FACE_PEOPLE_INVALID with the number of a line that is damaged; FACE_IO. Nothing was changed then.
   */
  static async open(path: string): Promise<DecisionsFile> {
    let content: Content = { records: [], end: 0, unended: false };
    const findEnd = async (handle: FileHandle) => {
      content = contentOf(await handle.readFile(), path);
      return content.end;
    };
    const file = await JournalFile.open(path, findEnd, 'file of people');
    const { records, end, unended } = content;
    try {
      const begin = end === 0 ? [lineOf(HEADER)] : unended ? [Buffer.of(LINE_FEED)] : [];
      if (begin.length > 0) await file.append(...begin);
      await file.sync();
    } catch (error) {
      await file.close();
      throw error;
    }
    return new DecisionsFile(file, records);
  }

  /**
   * Reads the file, and leaves it alone.
   * @throws FaceError FACE_PEOPLE_INVALID with the number of a line that is damaged; FACE_IO, also if it is not there
   */
  static async read(path: string): Promise<DecisionsFile> {
    let bytes: Buffer;
    try {
      bytes = await readFile(path);
    } catch (error) {
      throw ioError(`read the file of people ${path}`, error);
    }
    return new DecisionsFile(undefined, contentOf(bytes, path).records);
  }

  /** Writes a file with these decisions alone in its place. @throws FaceError FACE_IO; what was there before is still there then */
  static async replace(path: string, records: readonly DecisionRecord[]): Promise<void> {
    await writeFileAtomically(path, 'file of people', (handle) =>
      handle.writeFile(Buffer.concat([HEADER, ...records].map(lineOf))),
    );
  }

  get records(): readonly DecisionRecord[] {
    return this.known;
  }

  /**
   * Makes sure that the file is as it was left, and that decisions can be added to it.
   * @throws FaceError FACE_IO if another program has changed it; FACE_INVALID_ARGUMENT if it is only to be read
   */
  async checkUnchanged(): Promise<void> {
    await this.#writable().checkUnchanged();
  }

  /**
   * Fulfilled when the decisions are on the disk, all of them.
   * @throws FaceError FACE_IO; FACE_INTERNAL if one is none: nothing is written then
   */
  async append(records: readonly DecisionRecord[]): Promise<void> {
    const file = this.#writable();
    for (const record of records) {
      const fault = faultIn(record);
      if (fault === undefined) continue;
      throw new FaceError(
        'FACE_INTERNAL',
        `This can't stand in a file of people: ${JSON.stringify(record)} ${fault}.`,
      );
    }
    // Not as many arguments as there are: no call takes more than some 120,000.
    await file.append(Buffer.concat(records.map(lineOf)));
    await file.sync();
    for (const record of records) this.known.push(record);
  }

  /** Never rejects. */
  async close(): Promise<void> {
    await this.file?.close();
  }

  #writable(): JournalFile {
    if (this.file) return this.file;
    throw new FaceError('FACE_INVALID_ARGUMENT', 'These people were opened to look only (readOnly).', {
      argument: 'readOnly',
    });
  }
}

function lineOf(value: object): Buffer {
  return Buffer.from(`${JSON.stringify(value)}\n`);
}

function contentOf(bytes: Buffer, path: string): Content {
  const whole = bytes.lastIndexOf(LINE_FEED) + 1;
  const unended = isWhole(bytes.subarray(whole));
  const end = unended ? bytes.length : whole;
  const used = bytes.subarray(0, end);
  const text = used.toString('utf8');
  if (!isUtf8(used)) throw damaged(path, text.split(REPLACED)[0]?.split('\n').length ?? 1, 'is no UTF-8');
  const records = decisionsIn(text, path);
  // What is no header and has no line feed may be anything.
  if (end === 0 && bytes.length > 0 && !isTornHeader(bytes)) throw damaged(path, 1, 'is not a whole line');
  return { records, end, unended };
}

/**
 * Whether a last line without its line feed counts, as an editor may have left that out: the beginning of an object is no
 * line, but what ends like one is, if only to be refused.
 */
function isWhole(bytes: Buffer): boolean {
  const text = bytes
    .toString('utf8')
    .replace(/^\uFEFF/, '')
    .trimEnd();
  try {
    JSON.parse(text);
    return true;
  } catch {
    return text.endsWith('}') && !isTorn(text);
  }
}

function isTornHeader(bytes: Buffer): boolean {
  const header = lineOf(HEADER);
  return bytes.length < header.length && header.subarray(0, bytes.length).equals(bytes);
}

function decisionsIn(text: string, path: string): DecisionRecord[] {
  if (text === '') return [];
  const [header, ...lines] = linesOf(text, path);
  headerOf(header, path, FORMAT, VERSION);
  let last = 0;
  const splits = new Set<number>();
  return lines.map(({ number, value }) => {
    const fault = faultIn(value);
    if (fault !== undefined) throw damaged(path, number, fault);
    const record = value as DecisionRecord;
    if (record.id <= last)
      throw damaged(path, number, `has the "id" ${record.id}, which does not come after ${last}`);
    if (record.do === 'undo' && record.of >= record.id) {
      throw damaged(path, number, `undoes ${record.of}, which does not come before it`);
    }
    if (record.with !== undefined && record.with >= record.id) {
      throw damaged(path, number, `belongs to ${record.with}, which does not come before it`);
    }
    if (record.do === 'split') {
      if (splits.has(record.as)) throw damaged(path, number, `makes person ${record.as} a second time`);
      splits.add(record.as);
    }
    last = record.id;
    return record;
  });
}
