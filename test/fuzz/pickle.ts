import type { FileHandle } from 'node:fs/promises';
import { getHeapStatistics } from 'node:v8';
import { FaceError, type FaceErrorCode } from '../../src/base/errors';
import { ENCODING_LENGTH, type FaceRecord } from '../../src/base/types';
import { readPickleFile } from '../../src/encodings/pickle/file';
import { NumpyArray, NumpyDtype } from '../../src/encodings/pickle/numpy';
import { OPCODES } from '../../src/encodings/pickle/opcodes';
import { PickleGlobal, type PickleValue } from '../../src/encodings/pickle/values';
import { toFaceRecord } from '../../src/encodings/record';
import { writeFaceRecords } from '../../src/encodings/writer';
import { PICKLES } from '../fixtures/pickles';
import { parsePickle } from '../support/pickle-bytes';
import { mutate } from './mutate';
import { PickleGrammar } from './pickle-grammar';
import { type FuzzTarget, pick } from './target';

/** What is always allowed, and what for each byte of the file, as src/encodings/pickle/allowance.ts promises. */
const HARMLESS = 16 << 20;
const BYTES_PER_FILE_BYTE = 36;
/** On V8's heap and outside of it. Young garbage is not collected at once. */
const GARBAGE = 48 << 20;
/** Of one processor. Inputs are of a few kilobytes and take less than a millisecond; a machine under load adds some. */
const MOST_SECONDS = 2;

const LIKELY = Uint8Array.from(Object.values(OPCODES), ([code]) => code);

/** The pickle reader: from bytes to values, and from a file to face records. */
export async function pickleTarget(): Promise<FuzzTarget> {
  const corpus = [...Object.values(PICKLES).flat(), await ours()];
  return {
    input(random) {
      if (random(2) === 0) return mutate(pick(random, corpus), random, corpus, LIKELY);
      const made = new PickleGrammar(random).make();
      return random(3) === 0 ? mutate(made, random, corpus, LIKELY) : made;
    },
    check,
  };
}

async function ours(): Promise<Uint8Array> {
  const records = [0, 1, 2].map((face) => ({
    imagePath: `photos/${face >> 1}.jpg`,
    loc: { top: face, right: 300, bottom: 200, left: -1 },
    encoding: Float64Array.from({ length: ENCODING_LENGTH }, (_, k) => Math.sin(face + k)),
  }));
  const pieces: Buffer[] = [];
  await writeFaceRecords(records, async (bytes) => {
    pieces.push(Buffer.from(bytes));
  });
  return Buffer.concat(pieces);
}

async function check(input: Uint8Array): Promise<string> {
  const before = Buffer.from(input);
  const heap = allocated();
  const started = process.cpuUsage();
  const parsed = outcome(() => parsePickle(input), ['FACE_PICKLE_UNSAFE', 'FACE_PICKLE_INVALID']);
  const file = memoryFile(input);
  const read = await readPickleFile(file, { convertItem: toFaceRecord }).then(
    (value) => ({ value }),
    (error) => refusal(error, ['FACE_PICKLE_UNSAFE', 'FACE_PICKLE_INVALID', 'FACE_ENCODINGS_INVALID']),
  );
  const { user, system } = process.cpuUsage(started);
  const grown = allocated() - heap;

  if (user + system > 1e6 * MOST_SECONDS) throw new Error(`it took ${(user + system) / 1e6} s of CPU time`);
  if (grown > GARBAGE + HARMLESS + 2 * BYTES_PER_FILE_BYTE * input.length) {
    throw new Error(`${input.length} bytes took ${grown} bytes of memory`);
  }
  if (!before.equals(input)) throw new Error('the input was changed');
  checkPrototypes();

  if ('value' in parsed) checkPlain(parsed.value, input.length);
  if ('code' in parsed) {
    // In a file the entries are looked at as they come, so that theirs may be the first problem.
    if (!('code' in read)) throw new Error(`${parsed.code} in memory, but from a file it is read`);
    if (read.code !== parsed.code && read.code !== 'FACE_ENCODINGS_INVALID') {
      throw new Error(`${parsed.code} in memory, but ${read.code} from a file`);
    }
    return parsed.code;
  }
  if ('code' in read) return read.code;
  if (!Array.isArray(read.value)) return 'other data';
  for (const record of read.value as unknown as FaceRecord[]) checkRecord(record);
  return read.value.length > 0 ? 'faces' : 'no faces';
}

type Outcome = { value: PickleValue } | { code: FaceErrorCode };

function outcome(run: () => PickleValue, allowed: readonly FaceErrorCode[]): Outcome {
  try {
    return { value: run() };
  } catch (error) {
    return refusal(error, allowed);
  }
}

function refusal(error: unknown, allowed: readonly FaceErrorCode[]): { code: FaceErrorCode } {
  if (!(error instanceof FaceError) || !allowed.includes(error.code)) throw error;
  if (error.message.length > 1000 || /\p{Control}/u.test(error.message)) {
    throw new Error(`a message that is no text for people: ${JSON.stringify(error.message)}`);
  }
  return error;
}

/** A file that gives its bytes in pieces of any size, as a network drive may. */
function memoryFile(input: Uint8Array): FileHandle {
  let step = input.length % 977;
  const file = {
    stat: async () => ({ size: input.length }),
    read: async (target: Uint8Array, at: number, length: number, position: number) => {
      step = (step * 31 + 7) % 977;
      const bytesRead = Math.min(length, 1 + step, input.length - position);
      target.set(input.subarray(position, position + bytesRead), at);
      return { bytesRead };
    },
  };
  return file as unknown as FileHandle;
}

function allocated(): number {
  const { used_heap_size: heap, external_memory: external } = getHeapStatistics();
  return heap + external;
}

const OBJECTS = [
  Object,
  Array,
  Map,
  Function,
  String,
  Number,
  Uint8Array,
  Float64Array,
  NumpyArray,
  NumpyDtype,
  PickleGlobal,
];
const propertiesOf = () => OBJECTS.map(({ prototype }) => Reflect.ownKeys(prototype).length).join();
const PROPERTIES = propertiesOf();

function checkPrototypes(): void {
  if (propertiesOf() !== PROPERTIES) throw new Error('a prototype was changed');
}

const PROTOTYPES: ReadonlySet<unknown> = new Set(
  [
    ...[Array, Map, NumpyArray, NumpyDtype, PickleGlobal, Float64Array, Float32Array, Int8Array, Int16Array],
    ...[Int32Array, BigInt64Array, Uint8Array, Uint16Array, Uint32Array, BigUint64Array],
  ].map(({ prototype }) => prototype),
);

/** Goes through all that `value` holds, and adds up what that takes. */
function checkPlain(value: PickleValue, fileSize: number): void {
  const seen = new Set<unknown>();
  const pending: unknown[] = [value];
  let size = 0;
  for (let item = pending.pop(); item !== undefined; item = pending.pop()) {
    if (typeof item === 'string') size += 2 * item.length;
    if (typeof item === 'function' || typeof item === 'symbol') throw new Error(`there is a ${typeof item}`);
    if (typeof item !== 'object' || item === null || seen.has(item)) continue;
    seen.add(item);
    if (!PROTOTYPES.has(Object.getPrototypeOf(item))) throw new Error(`there is a ${item.constructor?.name}`);
    size += 48;
    if (Array.isArray(item)) {
      if (Reflect.ownKeys(item).length !== item.length + 1)
        throw new Error('a list has properties of its own');
      size += 8 * item.length;
      for (const inner of item) pending.push(inner);
    } else if (item instanceof Map) {
      if (Reflect.ownKeys(item).length > 0) throw new Error('a dict has properties of its own');
      size += 150 + 48 * item.size;
      for (const [key, inner] of item) pending.push(key, inner);
    } else if (ArrayBuffer.isView(item)) {
      if (!seen.has(item.buffer)) size += item.buffer.byteLength;
      seen.add(item.buffer);
    } else if (item instanceof NumpyArray) {
      const { shape, data, dtype } = item;
      const length = shape.reduce((product, side) => product * side, 1);
      if (length !== data.length || typeof dtype !== 'string') throw new Error('an array of another shape');
      pending.push(data);
    }
  }
  if (size > HARMLESS + BYTES_PER_FILE_BYTE * fileSize)
    throw new Error(`${fileSize} bytes unfold to ${size}`);
}

function checkRecord(record: FaceRecord): void {
  const { imagePath, loc, encoding, ...rest } = record;
  const sound =
    Object.getPrototypeOf(record) === Object.prototype &&
    Object.keys(rest).length === 0 &&
    typeof imagePath === 'string' &&
    [loc.top, loc.right, loc.bottom, loc.left].every((side) => (side | 0) === side && !Object.is(side, -0)) &&
    encoding instanceof Float64Array &&
    encoding.length === ENCODING_LENGTH &&
    encoding.every(Number.isFinite);
  if (!sound) throw new Error('a record that is none');
}
