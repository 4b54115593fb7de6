/** Something to be fuzzed. What it does with an input depends on nothing but the input, and that on nothing but `random`. */
export interface FuzzTarget {
  /** Makes an input. `random(limit)` is an integer from 0 to limit - 1. */
  input(random: Random): Uint8Array;
  /** Tries it. @returns how it went, in a word, for the statistics. @throws if a promise was broken. */
  check(input: Uint8Array): Promise<string>;
}

export type Random = (limit: number) => number;

export function pick<T>(random: Random, choices: readonly T[]): T {
  return choices[random(choices.length)] as T;
}
