import { isUtf8 } from 'node:buffer';
import { rm } from 'node:fs/promises';
import { JournalFile } from '../encode/journal/journal-file';
import { LINE_FEED } from '../encode/journal/lines';
import { type DecisionRecord, FORMAT, faultIn, VERSION } from './decisions';
import { damaged, headerOf, linesOf } from './lines';

/** What stands for bytes that are no UTF-8. */
const REPLACED = '\uFFFD';

const HEADER = { format: FORMAT, version: VERSION };

/**
 * The file of decisions: a header, then a line of JSON for each, only ever added to, and open to people with an editor. What
 * is behind the last line feed was cut off when a run was killed, and is dropped, unless it is a whole line.
 */
export class DecisionsFile {
  private constructor(
    private readonly file: JournalFile,
    private readonly known: DecisionRecord[],
  ) {}

  /**
   * Opens the file, or makes it. The caller has the lock.
   * @throws FaceError FACE_PEOPLE_INVALID with the number of a line that is damaged; FACE_IO. Nothing was changed then.
   */
  static async open(path: string): Promise<DecisionsFile> {
    let records: DecisionRecord[] = [];
    let end = 0;
    let unended = false;
    let size = 0;
    const file = await JournalFile.open(path, async (handle) => {
      const bytes = await handle.readFile();
      size = bytes.length;
      const whole = bytes.lastIndexOf(LINE_FEED) + 1;
      unended = isWhole(bytes.subarray(whole));
      end = unended ? size : whole;
      const used = bytes.subarray(0, end);
      const text = used.toString('utf8');
      if (!isUtf8(used)) throw damaged(path, text.split(REPLACED)[0]?.split('\n').length ?? 1, 'is no UTF-8');
      records = decisionsIn(text, path);
      // What is no header and has no line feed may be anything.
      if (end === 0 && size > 0 && !isTornHeader(bytes)) throw damaged(path, 1, 'is not a whole line');
      return end;
    });
    try {
      const begin = end === 0 ? [lineOf(HEADER)] : unended ? [Buffer.of(LINE_FEED)] : [];
      if (begin.length > 0) await file.append(...begin);
      await file.sync();
    } catch (error) {
      await file.close();
      if (size === 0) await rm(path, { force: true }).catch(() => {});
      throw error;
    }
    return new DecisionsFile(file, records);
  }

  get records(): readonly DecisionRecord[] {
    return this.known;
  }

  /** Fulfilled when the decision is on the disk. @throws FaceError FACE_IO */
  async append(record: DecisionRecord): Promise<void> {
    await this.file.append(lineOf(record));
    await this.file.sync();
    this.known.push(record);
  }

  /** Never rejects. */
  close(): Promise<void> {
    return this.file.close();
  }
}

function lineOf(value: object): Buffer {
  return Buffer.from(`${JSON.stringify(value)}\n`);
}

/**
 * Whether a last line without its line feed is all there, as an editor may have left that out: the beginning of an object is
 * no JSON.
 */
function isWhole(bytes: Buffer): boolean {
  try {
    JSON.parse(bytes.toString('utf8').replace(/^\uFEFF/, ''));
    return true;
  } catch {
    return false;
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
    if (record.do === 'split') {
      if (splits.has(record.as)) throw damaged(path, number, `makes person ${record.as} a second time`);
      splits.add(record.as);
    }
    last = record.id;
    return record;
  });
}
