import { FaceError } from '../base/errors';
import { type Box, ENCODING_LENGTH, type FaceRecord } from '../base/types';
import { COST } from './pickle/allowance';
import { NumpyArray } from './pickle/numpy';
import { describeValue, type PickleValue, type ReaderContext } from './pickle/values';

/** Range of a box's coordinates: 32-bit integers, far beyond any photo. */
export const MIN_COORDINATE = -(2 ** 31);
export const MAX_COORDINATE = 2 ** 31 - 1;

/** More keys than an entry of any program has: the limit for looking at each. */
const MOST_KEYS = 64;
/** About what a record takes on V8's heap, in bytes, without what is charged elsewhere. */
const RECORD_COST = 160;

/**
 * The face in one entry of an encodings file.
 *
 * @param index of the entry, from 0, for messages.
 * @param context that the entry comes from: entries can share what they are made of, so that a small file could ask
 *   for any number of records
 * @throws FACE_ENCODINGS_INVALID; FACE_PICKLE_INVALID if the records take many times the size of the file
 */
export function toFaceRecord(
  entry: PickleValue,
  index: number,
  context: Pick<ReaderContext, 'charge'>,
): FaceRecord {
  context.charge(RECORD_COST);
  const dict = dictOf(entry, index);
  return {
    imagePath: imagePath(get(dict, 'imagePath'), index, context),
    loc: box(get(dict, 'loc'), index),
    encoding: encoding(get(dict, 'encoding'), index, context),
  };
}

/** The photo of the face in one entry: {@link toFaceRecord} without a look at the rest. @throws as that does */
export function photoOfFace(
  entry: PickleValue,
  index: number,
  context: Pick<ReaderContext, 'charge'>,
): string {
  return imagePath(get(dictOf(entry, index), 'imagePath'), index, context);
}

function dictOf(entry: PickleValue, index: number): Map<PickleValue, PickleValue> {
  if (entry instanceof Map) return entry;
  throw invalidEntry(index, 'a dict with imagePath, loc and encoding', describeValue(entry));
}

/** The value of a key that is text, or bytes as Python 2's `str` can be. */
function get(entry: Map<PickleValue, PickleValue>, name: string): PickleValue | undefined {
  const value = entry.get(name);
  if (value !== undefined || entry.size > MOST_KEYS) return value;
  for (const [key, other] of entry) {
    if (
      key instanceof Uint8Array &&
      key.length === name.length &&
      Buffer.from(key).toString('latin1') === name
    ) {
      return other;
    }
  }
  return undefined;
}

function imagePath(
  value: PickleValue | undefined,
  index: number,
  context: Pick<ReaderContext, 'charge'>,
): string {
  if (typeof value === 'string') return value;
  if (value instanceof Uint8Array) {
    context.charge(2 * value.length);
    try {
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(value);
    } catch {
      throw invalidEntry(index, 'imagePath in UTF-8', 'bytes that are not');
    }
  }
  throw invalidEntry(index, 'imagePath to be text', describeValue(value));
}

function box(value: PickleValue | undefined, index: number): Box {
  const numbers = numbersOf(value, 4);
  if (!numbers)
    throw invalidEntry(index, 'loc to be 4 integers (top, right, bottom, left)', describeValue(value));
  const side = (at: number) => coordinate(numbers[at] as number | bigint, index);
  return { top: side(0), right: side(1), bottom: side(2), left: side(3) };
}

function coordinate(number: number | bigint, index: number): number {
  const value = Number(number);
  if (!Number.isInteger(value) || value < MIN_COORDINATE || value > MAX_COORDINATE) {
    const received = typeof number === 'bigint' ? `the integer ${number}`.slice(0, 60) : `${number}`;
    throw invalidEntry(index, 'loc to be 4 integers of 32 bits (top, right, bottom, left)', received);
  }
  // Python's int has no negative zero.
  return value + 0;
}

function encoding(
  value: PickleValue | undefined,
  index: number,
  context: Pick<ReaderContext, 'charge'>,
): Float64Array {
  const numbers = numbersOf(value, ENCODING_LENGTH);
  if (!numbers) {
    throw invalidEntry(index, `encoding to be ${ENCODING_LENGTH} numbers`, describeNumbers(value));
  }
  if (!(numbers instanceof Float64Array)) context.charge(COST.array + 8 * ENCODING_LENGTH);
  const result = numbers instanceof Float64Array ? numbers : float64(numbers);
  for (let at = 0; at < ENCODING_LENGTH; at++) {
    if (!Number.isFinite(result[at])) {
      throw invalidEntry(index, 'all numbers of encoding to be finite', `${result[at]} as number ${at + 1}`);
    }
  }
  return result;
}

function float64(numbers: ArrayLike<number | bigint>): Float64Array {
  // Ten times as fast as Float64Array.from.
  const result = new Float64Array(numbers.length);
  for (let at = 0; at < result.length; at++) result[at] = Number(numbers[at]);
  return result;
}

/** The numbers of an array of one dimension, a list or a tuple, if there are `length` of them and nothing else. */
function numbersOf(value: PickleValue | undefined, length: number): ArrayLike<number | bigint> | undefined {
  if (value instanceof NumpyArray) {
    if (value.shape.length !== 1 || value.shape[0] !== length || value.dtype === 'b1') return undefined;
    return value.data;
  }
  // The length first: a list can be very long, and the same one in every entry.
  if (!Array.isArray(value) || value.length !== length) return undefined;
  const areNumbers = value.every((item) => typeof item === 'number' || typeof item === 'bigint');
  return areNumbers ? (value as (number | bigint)[]) : undefined;
}

function describeNumbers(value: PickleValue | undefined): string {
  if (value instanceof NumpyArray)
    return `an array of shape (${value.shape.slice(0, 8).join(', ')}) and type ${value.dtype}`;
  return describeValue(value);
}

function invalidEntry(index: number, expected: string, received: string): FaceError {
  return new FaceError(
    'FACE_ENCODINGS_INVALID',
    `Entry ${index} (counted from 0): expected ${expected} but received ${received}.`,
    { remedy: 'Make the file anew, or leave this entry out.' },
  );
}
