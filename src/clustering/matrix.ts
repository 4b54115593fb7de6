import { types } from 'node:util';
import { FaceError } from '../base/errors';
import { abortSignal, integer, invalidArgument, object } from '../base/validate';
import { callNative, type NativePoints } from '../native';
import { processors } from '../system/jobs';

/** Points: row-major values of shape (n, d). */
export interface Matrix {
  readonly data: Float32Array | Float64Array;
  /** Number of points. */
  readonly n: number;
  /** Number of values of each point. */
  readonly d: number;
}

/** Options of all functions that compare the points of a matrix. */
export interface PointsOptions {
  /**
   * Whether `points.data` may be taken over instead of copied. Its whole buffer is moved, as by a transfer to another
   * thread, and has length 0 for the caller from then on: for matrices so large that a copy counts. Default `false`.
   */
  readonly transfer?: boolean;
  /** Number of threads; default: all cores. The result does not depend on it. */
  readonly threads?: number;
  readonly signal?: AbortSignal;
  /** Called with the done fraction, from 0 to 1. If it throws, the work is stopped and the promise rejects with that. */
  readonly onProgress?: (fraction: number) => void;
}

/**
 * Runs a native call that takes the common options: validates these, and hands them to `call`.
 * @throws FaceError FACE_INVALID_ARGUMENT, FACE_ABORTED and whatever `call` does; what `onProgress` throws
 * @internal
 */
export async function callWithPoints<T>(
  options: PointsOptions,
  call: (run: Pick<NativePoints, 'threads' | 'onProgress' | 'cancel'>) => Promise<T>,
): Promise<T> {
  const { onProgress } = object('options', options);
  const signal = abortSignal('signal', options.signal);
  if (onProgress !== undefined && typeof onProgress !== 'function') {
    throw invalidArgument('onProgress', 'function', onProgress);
  }
  const threads = integer('threads', options.threads ?? processors(), 1, 1024);
  if (!onProgress) return callNative(signal, (cancel) => call({ threads, onProgress, cancel }));

  // An exception must not leave a callback that native code calls: it would end the process.
  const stop = new AbortController();
  let thrown: { error: unknown } | undefined;
  const report = (fraction: number) => {
    if (thrown) return;
    try {
      onProgress(fraction);
    } catch (error) {
      thrown = { error };
      stop.abort(error);
    }
  };
  const either = signal ? AbortSignal.any([signal, stop.signal]) : stop.signal;
  const result = await callNative(either, (cancel) => call({ threads, onProgress: report, cancel })).catch(
    (error) => {
      throw thrown ? thrown.error : error;
    },
  );
  // The work may have been done before it could be stopped.
  if (thrown) throw thrown.error;
  return result;
}

/**
 * Points that have been checked.
 * @internal
 */
export interface Points {
  readonly n: number;
  readonly d: number;
  /**
   * The values in memory that nobody else can reach; to be called once, when nothing else can be wrong. Threads read
   * it while JavaScript runs on, which could otherwise free it under them by transferring or shrinking the buffer, and
   * no addon can prevent that.
   *
   * @throws FaceError FACE_INVALID_ARGUMENT, FACE_OUT_OF_MEMORY
   */
  readonly take: () => Matrix['data'];
}

/**
 * @param points a matrix, or rows of equal length
 * @param name of the argument, for errors
 * @throws FaceError FACE_INVALID_ARGUMENT
 * @internal
 */
export function checkPoints(
  points: Matrix | readonly ArrayLike<number>[],
  { transfer = false }: PointsOptions,
  name = 'points',
): Points {
  if (typeof transfer !== 'boolean') throw invalidArgument('transfer', 'boolean', transfer);
  if (Array.isArray(points)) return fromRows(points, name);
  // One encoding where there should be several.
  if (typeof points !== 'object' || points === null || ArrayBuffer.isView(points))
    throw invalidArgument(name, 'an array of arrays of numbers, or a matrix,', points);
  const { data, n, d } = points as Matrix;
  if (!types.isFloat32Array(data) && !types.isFloat64Array(data)) {
    throw invalidArgument(`${name}.data`, 'Float32Array or Float64Array', data);
  }
  integer(`${name}.n`, n, 0, 2 ** 31 - 1);
  integer(`${name}.d`, d, 1);
  if (data.length !== n * d) throw invalidArgument(`${name}.data.length`, `n * d = ${n * d}`, data.length);
  return { n, d, take: () => (transfer ? takeOver(data, name) : copyOf(data)) };
}

function copyOf(data: Matrix['data']): Matrix['data'] {
  try {
    return types.isFloat32Array(data) ? new Float32Array(data) : new Float64Array(data);
  } catch (cause) {
    throw new FaceError(
      'FACE_OUT_OF_MEMORY',
      `There is not enough memory for a copy of the ${data.byteLength} bytes of points.`,
      { cause, remedy: 'Hand them over with "transfer".' },
    );
  }
}

function takeOver(data: Matrix['data'], name: string): Matrix['data'] {
  try {
    // A shared buffer can't be moved: others would still reach it.
    return structuredClone(data, { transfer: [data.buffer as ArrayBuffer] });
  } catch (cause) {
    throw new FaceError(
      'FACE_INVALID_ARGUMENT',
      `Expected ${name}.data in a buffer that can be transferred but received one that can not: leave out "transfer"`,
      { cause, argument: `${name}.data` },
    );
  }
}

function fromRows(rows: readonly ArrayLike<number>[], name: string): Points {
  const n = rows.length;
  const d = n === 0 ? 1 : rows[0]?.length;
  // Not forEach: it leaves out the holes of a sparse array.
  for (let i = 0; i < n; i++) {
    const row = rows[i];
    if (!isArrayLike(row)) throw invalidArgument(`${name}[${i}]`, 'array of numbers', row);
    if (row.length !== d)
      throw invalidArgument(`${name}[${i}].length`, `${d}, as in ${name}[0],`, row.length);
  }
  const width = integer(`${name}[0].length`, d, 1);
  const data = new Float64Array(n * width);
  rows.forEach((row, i) => {
    data.set(row, i * width);
  });
  return { n, d: width, take: () => data };
}

export function isArrayLike(value: unknown): value is ArrayLike<number> {
  return typeof value === 'object' && value !== null && Number.isInteger((value as ArrayLike<number>).length);
}
