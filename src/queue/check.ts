/** What came over a queue is not what it should be; `message` says where and what. */
export class WireError extends Error {}

/**
 * Looks at a value that somebody has sent, and makes a copy of what is known of it: what nobody asked for is left out.
 * @param at where it stands, for messages
 * @throws WireError
 */
export type Check<T> = (value: unknown, at: string) => T;

/** What a {@link Check} gives. */
export type Checked<C> = C extends Check<infer T> ? T : never;

function wrong(at: string, expected: string): WireError {
  return new WireError(`${at} is not ${expected}`);
}

export function text(longest: number, form?: RegExp): Check<string> {
  return (value, at) => {
    if (typeof value !== 'string' || value.length > longest || (form && !form.test(value))) {
      throw wrong(at, form ? `of the form ${form.source}` : `text of at most ${longest} letters`);
    }
    return value;
  };
}

export function integer(min: number, max: number): Check<number> {
  return (value, at) => {
    if (!Number.isInteger(value) || (value as number) < min || (value as number) > max) {
      throw wrong(at, `an integer from ${min} to ${max}`);
    }
    return value as number;
  };
}

export const finite: Check<number> = (value, at) => {
  if (typeof value !== 'number' || !Number.isFinite(value)) throw wrong(at, 'a number');
  return value;
};

export const flag: Check<boolean> = (value, at) => {
  if (typeof value !== 'boolean') throw wrong(at, 'true or false');
  return value;
};

export function exactly<T extends string | number>(...allowed: readonly T[]): Check<T> {
  return (value, at) => {
    if (!allowed.includes(value as T)) throw wrong(at, allowed.join(' or '));
    return value as T;
  };
}

export function nullable<T>(check: Check<T>): Check<T | null> {
  return (value, at) => (value === null ? null : check(value, at));
}

export function list<T>(check: Check<T>, longest: number): Check<readonly T[]> {
  return (value, at) => {
    if (!Array.isArray(value) || value.length > longest) throw wrong(at, `a list of at most ${longest}`);
    return value.map((item, i) => check(item, `${at}[${i}]`));
  };
}

/** An object whose names are not known beforehand. */
export function record<T>(check: Check<T>, most: number): Check<Readonly<Record<string, T>>> {
  return (value, at) => {
    const entries = Object.entries(plain(value, at));
    if (entries.length > most) throw wrong(at, `an object of at most ${most} names`);
    return Object.fromEntries(entries.map(([name, item]) => [name, check(item, `${at}.${name}`)]));
  };
}

type Shape = Readonly<Record<string, Check<unknown>>>;
type Has<S extends Shape> = { readonly [name in keyof S]: Checked<S[name]> };
type MayHave<S extends Shape> = { readonly [name in keyof S]?: Checked<S[name]> };

export function shape<S extends Shape, O extends Shape = Record<never, never>>(
  has: S,
  mayHave?: O,
): Check<Has<S> & MayHave<O>> {
  return (value, at) => {
    const given = plain(value, at);
    const copy: Record<string, unknown> = {};
    for (const [name, check] of Object.entries(has)) copy[name] = check(given[name], `${at}.${name}`);
    for (const [name, check] of Object.entries(mayHave ?? {})) {
      if (given[name] !== undefined) copy[name] = check(given[name], `${at}.${name}`);
    }
    return copy as Has<S> & MayHave<O>;
  };
}

function plain(value: unknown, at: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrong(at, 'an object');
  return value as Record<string, unknown>;
}
