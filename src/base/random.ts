const MASK64 = (1n << 64n) - 1n;

/**
 * The generator SplitMix64: the same numbers for the same seed, on every machine and in every release.
 * From G. L. Steele, D. Lea, C. H. Flood, "Fast Splittable Pseudorandom Number Generators", OOPSLA 2014, with the
 * constants of S. Vigna's public domain version, https://prng.di.unimi.it/splitmix64.c.
 */
export class SplitMix64 {
  /** @param state the seed; its low 64 bits count */
  constructor(private state: bigint) {}

  /** The next number, from 0 to 2^64 - 1. */
  next(): bigint {
    this.state = (this.state + 0x9e3779b97f4a7c15n) & MASK64;
    let z = this.state;
    z = ((z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n) & MASK64;
    z = ((z ^ (z >> 27n)) * 0x94d049bb133111ebn) & MASK64;
    return z ^ (z >> 31n);
  }

  /** The next integer from 0 to `bound` - 1; the bias is below `bound` / 2^64. */
  below(bound: number): number {
    return Number((this.next() * BigInt(bound)) >> 64n);
  }
}

/**
 * Draws up to `count` of `items` without replacement, in the order drawn. Fisher and Yates' shuffle, stopped
 * after `count` steps.
 */
export function sample<T>(items: readonly T[], count: number, random: SplitMix64): T[] {
  const pool = items.slice();
  const drawn = Math.min(count, pool.length);
  for (let i = 0; i < drawn; i++) {
    const j = i + random.below(pool.length - i);
    [pool[i], pool[j]] = [pool[j] as T, pool[i] as T];
  }
  return pool.slice(0, drawn);
}
