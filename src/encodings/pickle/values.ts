import type { NumpyArray, NumpyDtype } from './numpy';

/**
 * What a pickle can hold here. `None` is `null`; an `int` is a `number`, or a `bigint` where that is not exact; lists
 * and tuples are arrays; a `dict` is a `Map` (never a plain object, so no key from a file can reach a prototype);
 * `bytes`, `bytearray` and a Python 2 `str` that is not ASCII are `Uint8Array`s; a NumPy scalar is a number, bigint,
 * boolean or text; a path of `pathlib` is text. What the file refers to twice is one object here, too; structures may therefore be shared or circular.
 */
export type PickleValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | NumpyArray
  | NumpyDtype
  | PickleGlobal
  | PickleValue[]
  | Map<PickleValue, PickleValue>;

/** One of the few functions or classes that a pickle may name: a name, and what we make where the file calls it. */
export class PickleGlobal {
  constructor(
    readonly name: string,
    readonly make: (args: readonly PickleValue[], context: ReaderContext) => PickleValue,
  ) {
    Object.freeze(this);
  }
}

/** What functions that make values need from the reader. */
export interface ReaderContext {
  /**
   * Zeroed memory, 8-byte aligned. All of it together is bounded by the size of the file, because objects that are
   * referred to again and again could otherwise make a small file fill the memory.
   */
  allocate(size: number): Uint8Array;
  /** A copy of `bytes` in such memory. */
  copyOf(bytes: Uint8Array): Uint8Array;
  /** To be called before objects of about `size` bytes are made on V8's heap; bounded in the same way. */
  charge(size: number): void;
  /** Sets `pairs` (key, value, key, value, …) in a dict. */
  setItems(dict: PickleValue, pairs: readonly PickleValue[]): void;
  /** The error for a malformed file, at the current place. */
  invalid(problem: string): Error;
}

/** A value from a file in words, for messages; never looks inside of it. */
export function describeValue(value: PickleValue | undefined): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'None';
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (value instanceof Map) return `a dict of ${value.size}`;
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  if (typeof value === 'string') return 'text';
  if (typeof value === 'object') return value.constructor === Object ? 'an object' : value.constructor.name;
  return `the ${typeof value} ${String(value).slice(0, 40)}`;
}
