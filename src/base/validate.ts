import { FaceError } from './errors';

/** The error for a bad argument, e.g. `Expected an integer of at least 1 for jobs but received -2`. */
export class ArgumentError extends FaceError {
  declare readonly argument: string;
  readonly #naming: (name: string) => string;

  constructor(argument: string, expected: string, received: unknown) {
    const what = describe(received);
    const naming = (name: string) => `Expected ${expected} for ${name} but received ${what}`;
    super('FACE_INVALID_ARGUMENT', naming(argument), { argument });
    this.#naming = naming;
  }

  /** The message for those who know the argument by another name, e.g. `--min-samples`. */
  messageNaming(name: string): string {
    return this.#naming(name);
  }
}

export function invalidArgument(name: string, expected: string, received: unknown): ArgumentError {
  return new ArgumentError(name, expected, received);
}

function describe(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value === 'object' || typeof value === 'function') return value.constructor?.name ?? 'an object';
  // So that the text "4" is told from the number.
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

/** Checks that `value` is an integer in `[min, max]` and returns it. */
export function integer(name: string, value: unknown, min: number, max = Number.MAX_SAFE_INTEGER): number {
  if (!Number.isInteger(value) || (value as number) < min || (value as number) > max) {
    const range =
      max === Number.MAX_SAFE_INTEGER ? `an integer of at least ${min}` : `an integer from ${min} to ${max}`;
    throw invalidArgument(name, range, value);
  }
  return value as number;
}

/** Checks that `value` is a finite number of at least `min` and returns it. */
export function finiteNumber(name: string, value: unknown, min: number): number {
  if (typeof value !== 'number' || !Number.isFinite(value) || value < min) {
    throw invalidArgument(name, `a number of at least ${min}`, value);
  }
  return value;
}

/** Checks that `value` is a non-empty string without NUL (no file name has one) and returns it. */
export function path(name: string, value: unknown): string {
  if (typeof value !== 'string' || value === '' || value.includes('\0')) {
    throw invalidArgument(name, 'a non-empty path', value);
  }
  return value;
}

/** Checks that `value` is a non-empty string and returns it. */
export function text(name: string, value: unknown): string {
  if (typeof value !== 'string' || value === '') throw invalidArgument(name, 'non-empty text', value);
  return value;
}

/** Checks `value`, or each of its items if it is an array, by `check` and returns what that returns as an array. */
export function oneOrMore<T>(name: string, value: unknown, check: (name: string, value: unknown) => T): T[] {
  return Array.isArray(value)
    ? Array.from(value, (item, index) => check(`${name}[${index}]`, item))
    : [check(name, value)];
}

/** Checks that `value` is one of `allowed` and returns it. */
export function oneOf<T extends string>(name: string, value: unknown, allowed: readonly T[]): T {
  if (!allowed.includes(value as T)) throw invalidArgument(name, `one of ${allowed.join(', ')}`, value);
  return value as T;
}

/** Checks that `value` is an object, as options are, and returns it. */
export function object<T extends object>(name: string, value: T): T {
  if (typeof value !== 'object' || value === null) throw invalidArgument(name, 'an object', value);
  return value;
}

/** Options that stop work. */
const SIGNALS: ReadonlySet<string> = new Set(['signal', 'stop']);

/**
 * Checks that `value` is an object without properties that mean nothing, which would be misspelt ones, and returns it. What stops
 * the work has to be an AbortSignal, and what is told of it, `onProgress` and the like, a function.
 * @param known the names of all that mean something
 */
export function options<T extends object>(name: string, value: T, known: Readonly<Record<keyof T, true>>): T {
  for (const [option, given] of Object.entries(object(name, value))) {
    if (given === undefined) continue;
    if (!Object.hasOwn(known, option)) {
      const names = Object.keys(known).join(', ');
      throw invalidArgument(option, `no value, as there is no such option (but ${names}),`, given);
    }
    if (SIGNALS.has(option)) abortSignal(option, given);
    else if (/^on[A-Z]/.test(option) && typeof given !== 'function')
      throw invalidArgument(option, 'a function', given);
  }
  return value;
}

/** Checks that `value` is an AbortSignal, of this realm or another, or undefined, and returns it. */
export function abortSignal(name: string, value: AbortSignal | undefined): AbortSignal | undefined {
  if (value === undefined) return undefined;
  if (typeof value?.aborted !== 'boolean' || typeof value.addEventListener !== 'function') {
    throw invalidArgument(name, 'an AbortSignal', value);
  }
  return value;
}

/** Checks that `value` is true or false and returns it. */
export function boolean(name: string, value: unknown): boolean {
  if (typeof value !== 'boolean') throw invalidArgument(name, 'true or false', value);
  return value;
}
