import { types } from 'node:util';
import { type Box, ENCODING_LENGTH, type FaceRecord } from '../base/types';
import { invalidArgument } from '../base/validate';
import { LARGEST_ITEM, PickleWriter, type Sink } from './pickle/writer';
import { MAX_COORDINATE, MIN_COORDINATE } from './record';

/** As many as Python's pickler puts into one APPENDS; a reader holds them on its stack. */
const BATCH = 1000;
/** In UTF-16 units, of which each takes up to 3 bytes; the rest of an entry is below 2 KB. */
const MAX_PATH_LENGTH = Math.floor((LARGEST_ITEM - 2048) / 3);

/** All faces of a file; what is asynchronous need not be in memory at once. */
export type FaceRecords = Iterable<FaceRecord> | AsyncIterable<FaceRecord>;

/**
 * Writes `records` as a pickled list to `sink`.
 *
 * @throws FACE_INVALID_ARGUMENT for the first record that is not as {@link FaceRecord} says; part of the file has
 *   been written then.
 */
export async function writeFaceRecords(records: FaceRecords, sink: Sink): Promise<void> {
  const writer = new PickleWriter(sink);
  const entries = new EntryWriter(writer);
  writer.op('EMPTY_LIST');
  let index = 0;
  for await (const record of records) {
    if (index % BATCH === 0) writer.op('MARK');
    checkRecord(record, index);
    entries.write(record);
    index++;
    if (index % BATCH === 0) writer.op('APPENDS');
    await writer.flushIfFull();
  }
  if (index % BATCH !== 0) writer.op('APPENDS');
  await writer.finish();
}

/** Writes entries. What they have in common, and the path of several faces on one photo, is written only once. */
class EntryWriter {
  private readonly common = new Map<string, number>();
  private last: { readonly path: string; readonly key: number } | undefined;

  constructor(private readonly writer: PickleWriter) {}

  write(record: FaceRecord): void {
    const { writer } = this;
    writer.op('EMPTY_DICT');
    writer.op('MARK');
    this.once('imagePath', () => writer.text('imagePath'));
    this.path(record.imagePath);
    this.once('loc', () => writer.text('loc'));
    this.box(record.loc);
    this.once('encoding', () => writer.text('encoding'));
    this.array(record.encoding);
    writer.op('SETITEMS');
  }

  private once(name: string, write: () => void): void {
    const key = this.common.get(name);
    if (key !== undefined) {
      this.writer.recall(key);
    } else {
      write();
      this.common.set(name, this.writer.memoize());
    }
  }

  private path(path: string): void {
    if (path === this.last?.path) {
      this.writer.recall(this.last.key);
    } else {
      this.writer.text(path);
      this.last = { path, key: this.writer.memoize() };
    }
  }

  private box({ top, right, bottom, left }: Box): void {
    const { writer } = this;
    writer.op('MARK');
    for (const coordinate of [top, right, bottom, left]) writer.int(coordinate);
    writer.op('TUPLE');
  }

  /** As NumPy 1 pickles an array; NumPy 2 reads its names, too. */
  private array(values: Float64Array): void {
    const { writer } = this;
    this.once('_reconstruct', () => writer.global('numpy.core.multiarray', '_reconstruct'));
    this.once('_reconstruct arguments', () => {
      writer.global('numpy', 'ndarray');
      writer.int(0);
      writer.op('TUPLE1');
      writer.bytes(Buffer.from('b'));
      writer.op('TUPLE3');
    });
    writer.op('REDUCE');
    writer.op('MARK');
    writer.int(1);
    this.once('shape', () => {
      writer.int(ENCODING_LENGTH);
      writer.op('TUPLE1');
    });
    this.once('dtype', () => this.float64Dtype());
    writer.op('NEWFALSE');
    // Never memoized: NumPy arrays made from one bytes object would share their memory.
    writer.float64Bytes(values);
    writer.op('TUPLE');
    writer.op('BUILD');
  }

  private float64Dtype(): void {
    const { writer } = this;
    writer.global('numpy', 'dtype');
    writer.text('f8');
    writer.op('NEWFALSE');
    writer.op('NEWTRUE');
    writer.op('TUPLE3');
    writer.op('REDUCE');
    writer.op('MARK');
    writer.int(3);
    writer.text('<');
    for (let index = 0; index < 3; index++) writer.op('NONE');
    writer.int(-1);
    writer.int(-1);
    writer.int(0);
    writer.op('TUPLE');
    writer.op('BUILD');
  }
}

function checkRecord(record: FaceRecord | undefined, index: number): void {
  const name = `records[${index}]`;
  if (typeof record !== 'object' || record === null) throw invalidArgument(name, 'a face record', record);
  const { imagePath, loc, encoding } = record;
  if (typeof imagePath !== 'string') throw invalidArgument(`${name}.imagePath`, 'a path', imagePath);
  if (imagePath.length > MAX_PATH_LENGTH) {
    throw invalidArgument(`${name}.imagePath`, `a path of at most ${MAX_PATH_LENGTH} characters`, imagePath);
  }
  for (const side of ['top', 'right', 'bottom', 'left'] as const) {
    const value = loc?.[side];
    if (!Number.isInteger(value) || value < MIN_COORDINATE || value > MAX_COORDINATE) {
      throw invalidArgument(`${name}.loc.${side}`, 'a 32-bit integer', value);
    }
  }
  if (!types.isFloat64Array(encoding) || encoding.length !== ENCODING_LENGTH) {
    throw invalidArgument(`${name}.encoding`, `a Float64Array of ${ENCODING_LENGTH}`, encoding);
  }
  for (let at = 0; at < ENCODING_LENGTH; at++) {
    if (!Number.isFinite(encoding[at])) {
      throw invalidArgument(`${name}.encoding[${at}]`, 'a finite number', encoding[at]);
    }
  }
}
