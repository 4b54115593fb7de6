import { endianness } from 'node:os';
import { COST } from './allowance';
import { quoted } from './refusals';
import { MAX_TEXT_BYTES, smallest } from './text';
import { describeValue, type PickleValue, type ReaderContext } from './values';

export type NumpyData =
  | Float64Array
  | Float32Array
  | Int8Array
  | Int16Array
  | Int32Array
  | BigInt64Array
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | BigUint64Array;

type DataConstructor = new (buffer: ArrayBufferLike, byteOffset: number, length: number) => NumpyData;

/** The element types that are read, by NumPy's kind and size in bytes. */
const ELEMENT_TYPES = new Map<string, DataConstructor>([
  ['f8', Float64Array],
  ['f4', Float32Array],
  ['i1', Int8Array],
  ['i2', Int16Array],
  ['i4', Int32Array],
  ['i8', BigInt64Array],
  ['u1', Uint8Array],
  ['u2', Uint16Array],
  ['u4', Uint32Array],
  ['u8', BigUint64Array],
  ['b1', Uint8Array],
]);

const NATIVE_ORDER = endianness() === 'LE' ? '<' : '>';
/** NumPy's own limit on the number of dimensions. */
const MAX_DIMENSIONS = 64;

/** Bytes of a character of NumPy's text (UTF-32). */
const CHARACTER = 4;

/**
 * An element type: NumPy's code without the byte order, e.g. `f8` for float64, `i4` for int32, `b1` for bool, `U7` for
 * text of up to 7 characters.
 */
export class NumpyDtype {
  /** @param order `<` little-endian, `>` big-endian; meaningless for elements of one byte */
  constructor(
    readonly code: string,
    public order: '<' | '>',
  ) {}

  /** Whether its elements are text; there are no arrays of these, only scalars. */
  get isText(): boolean {
    return this.code.startsWith('U');
  }

  /** In bytes. */
  get itemSize(): number {
    return Number(this.code.slice(1)) * (this.isText ? CHARACTER : 1);
  }
}

const NO_SHAPE: readonly number[] = [0];
const NO_DATA = new Float64Array(0);

/**
 * A NumPy array: `data` holds the elements in this machine's byte order. Those of more than one dimension, which no face
 * has, stay in the order that the file has them in, row by row or column by column.
 */
export class NumpyArray {
  /** Element type, e.g. `f8`. */
  dtype = 'f8';
  shape: readonly number[] = NO_SHAPE;
  /** `shape[0] * shape[1] * …` elements; may be a part of a larger buffer. bool is 0 or 1. */
  data: NumpyData = NO_DATA;
}

/** `numpy.dtype(code, align, copy)`. */
export function makeDtype(args: readonly PickleValue[], context: ReaderContext): NumpyDtype {
  context.charge(COST.list);
  const text = textOf(args[0]);
  const match = text === undefined ? null : /^([<>=|]?)([fiub][1248]|U\d{1,8})$/.exec(text);
  const code = match?.[2];
  if (!match || !code || !(code.startsWith('U') || ELEMENT_TYPES.has(code))) {
    const received = text === undefined ? describeValue(args[0]) : quoted(text.slice(0, 20));
    throw context.invalid(
      `there is an array of type ${received}; only numbers (float32, float64, integers) are read`,
    );
  }
  return new NumpyDtype(code, byteOrder(match[1]));
}

/** `dtype.__setstate__((version, byte order, subtype, names, fields, size, alignment, flags))`. */
export function setDtypeState(dtype: NumpyDtype, state: PickleValue, context: ReaderContext): void {
  const order = Array.isArray(state) ? textOf(state[1]) : undefined;
  if (!Array.isArray(state) || order === undefined || !/^[<>=|]$/.test(order)) {
    throw context.invalid(
      `there is an array type with a state that is not NumPy's (${describeValue(state)})`,
    );
  }
  if ([2, 3, 4].some((index) => (state[index] ?? null) !== null)) {
    throw context.invalid('there is an array of records; only arrays of plain numbers are read');
  }
  dtype.order = byteOrder(order);
}

/** `ndarray.__setstate__((version, shape, dtype, is Fortran order, data))`; old files leave out the version. */
export function setArrayState(array: NumpyArray, state: PickleValue, context: ReaderContext): void {
  if (!Array.isArray(state) || (state.length !== 5 && state.length !== 4)) {
    throw context.invalid(`there is an array with a state that is not NumPy's (${describeValue(state)})`);
  }
  const [shape, dtype, , data] = state.slice(-4);
  fillArray(array, shape, dtype, data, context);
}

/** `numpy.core.numeric._frombuffer(buffer, dtype, shape, order)`. */
export function arrayFromBuffer(args: readonly PickleValue[], context: ReaderContext): NumpyArray {
  const [data, dtype, shape] = args;
  const array = new NumpyArray();
  fillArray(array, shape, dtype, data, context);
  return array;
}

/** `numpy.core.multiarray.scalar(dtype, data)` */
export function makeScalar(
  args: readonly PickleValue[],
  context: ReaderContext,
): number | bigint | boolean | string {
  const [dtype, data] = args;
  if (dtype instanceof NumpyDtype && dtype.isText)
    return textScalar(dtype, dataBytes(data, context), context);
  const array = new NumpyArray();
  fillArray(array, [], dtype, data, context);
  const value = array.data[0] as number | bigint;
  if (array.dtype === 'b1') return value !== 0;
  return typeof value === 'bigint' ? smallest(value) : value;
}

/** Text in UTF-32, filled up with NULs. Python's lone surrogates are kept. */
function textScalar(dtype: NumpyDtype, bytes: Uint8Array, context: ReaderContext): string {
  const length = bytes.length / CHARACTER;
  if (bytes.length !== dtype.itemSize || length > MAX_TEXT_BYTES / CHARACTER) {
    throw context.invalid(`there is text of type ${dtype.code} with ${bytes.length} bytes of data`);
  }
  context.charge(CHARACTER * length);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  // UTF-16 takes no more than UTF-32.
  const units = Buffer.allocUnsafe(bytes.length);
  let used = 0;
  for (let at = 0; at < bytes.length; at += CHARACTER) {
    const code = view.getUint32(at, dtype.order === '<');
    if (code > 0x10ffff) throw context.invalid('there is text with a character that does not exist');
    used += units.write(String.fromCodePoint(code), used, 'utf16le');
  }
  return units.toString('utf16le', 0, used).replace(/\0+$/, '');
}

function fillArray(
  array: NumpyArray,
  shape: PickleValue | undefined,
  dtype: PickleValue | undefined,
  data: PickleValue | undefined,
  context: ReaderContext,
): void {
  if (!(dtype instanceof NumpyDtype)) {
    throw context.invalid(`there is an array without an element type (${describeValue(dtype)})`);
  }
  if (dtype.isText) throw context.invalid('there is an array of text; only arrays of numbers are read');
  context.charge(COST.array);
  const lengths = checkedShape(shape, context);
  const bytes = dataBytes(data, context);
  const expected = byteLength(lengths, dtype.itemSize);
  if (expected !== bytes.length) {
    throw context.invalid(
      `there is an array of shape (${lengths.slice(0, 8).join(', ')}) and type ${dtype.code} ` +
        `with ${bytes.length} bytes of data`,
    );
  }
  array.dtype = dtype.code;
  array.shape = lengths;
  array.data = nativeNumbers(bytes, dtype, context);
}

function checkedShape(shape: PickleValue | undefined, context: ReaderContext): number[] {
  // `_frombuffer` may get the length itself for one dimension.
  const lengths = typeof shape === 'number' ? [shape] : shape;
  if (!Array.isArray(lengths) || lengths.length > MAX_DIMENSIONS) {
    throw context.invalid(`there is an array with a shape that is none (${describeValue(shape)})`);
  }
  context.charge(COST.item * lengths.length);
  return lengths.map((length) => {
    const value = typeof length === 'boolean' ? Number(length) : length;
    if (!Number.isSafeInteger(value) || (value as number) < 0) {
      throw context.invalid(`there is an array with ${describeValue(length)} as a length`);
    }
    return value as number;
  });
}

/** A float may round, but beyond 2^53 the result is equal to no length of bytes that can exist. */
function byteLength(shape: readonly number[], itemSize: number): number {
  return shape.includes(0) ? 0 : shape.reduce((product, length) => product * length, itemSize);
}

function dataBytes(data: PickleValue | undefined, context: ReaderContext): Uint8Array {
  if (data instanceof Uint8Array) return data;
  // Written by Python 2, where text and bytes are one.
  if (typeof data === 'string') return latin1Bytes(data, context);
  throw context.invalid(`there is an array with ${describeValue(data)} for data; only numbers are read`);
}

/** The bytes of a text whose characters are all below U+0100. */
export function latin1Bytes(text: string, context: ReaderContext): Uint8Array {
  const bytes = Buffer.from(text, 'latin1');
  if (bytes.toString('latin1') !== text) throw context.invalid('there is text in place of bytes');
  return context.copyOf(bytes);
}

function nativeNumbers(bytes: Uint8Array, dtype: NumpyDtype, context: ReaderContext): NumpyData {
  const size = dtype.itemSize;
  const swap = size > 1 && dtype.order !== NATIVE_ORDER;
  let source = bytes;
  if (swap || bytes.byteOffset % size !== 0) {
    source = context.copyOf(bytes);
  }
  if (swap) {
    const buffer = Buffer.from(source.buffer, source.byteOffset, source.length);
    if (size === 8) buffer.swap64();
    else if (size === 4) buffer.swap32();
    else buffer.swap16();
  }
  const Constructor = ELEMENT_TYPES.get(dtype.code) as DataConstructor;
  return new Constructor(source.buffer, source.byteOffset, source.length / size);
}

function byteOrder(mark: string | undefined): '<' | '>' {
  return mark === '<' || mark === '>' ? mark : NATIVE_ORDER;
}

function textOf(value: PickleValue | undefined): string | undefined {
  if (typeof value === 'string') return value;
  // A Python 2 `str` under Python 3's encoding="bytes".
  return value instanceof Uint8Array ? Buffer.from(value.subarray(0, 20)).toString('latin1') : undefined;
}
