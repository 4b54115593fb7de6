import type { RawImage } from '../../src/base/types';

/** `count` bytes that look random and are the same in every run. */
export function noise(count: number, seed = 1): Uint8Array {
  const bytes = new Uint8Array(count);
  let state = seed >>> 0;
  for (let i = 0; i < count; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    bytes[i] = state >>> 24;
  }
  return bytes;
}

/** A picture of noise: every wrong pixel shows. */
export function noiseImage(width: number, height: number, seed = 1): RawImage {
  return { data: noise(3 * width * height, seed), width, height };
}

export interface Difference {
  /** Largest difference of a value, in levels. */
  readonly max: number;
  /** How many values differ. */
  readonly count: number;
}

/** @throws if the sizes differ */
export function difference(a: RawImage, b: RawImage): Difference {
  if (a.width !== b.width || a.height !== b.height || a.data.length !== b.data.length) {
    throw new Error(`Sizes differ: ${a.width} x ${a.height} and ${b.width} x ${b.height}`);
  }
  let max = 0;
  let count = 0;
  for (let i = 0; i < a.data.length; i++) {
    // Not Math.abs: jest makes each look at a global slow, and there are a hundred million values.
    const signed = (a.data[i] as number) - (b.data[i] as number);
    const d = signed < 0 ? -signed : signed;
    if (d > 0) count++;
    if (d > max) max = d;
  }
  return { max, count };
}
