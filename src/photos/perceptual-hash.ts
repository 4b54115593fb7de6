/*
 * A hash of what a photo looks like: two of the same picture, in another size or format, differ in a few bits. It is made of the
 * signs of the picture's lowest frequencies in brightness (those of its discrete cosine transform), as pHash does it; of 252 of
 * them, since with its 64 bits pictures of a large collection are alike by chance.
 */
import type { RawImage } from '../base/types';

/** The picture is brought down to so many brightnesses a side. */
const SIDE = 64;
/** Each is the mean of so many pixels a side, evenly spread, whatever the picture's size. */
const SAMPLES = 8;
/** The sum of a frequency's periods across and down, in halves; 0 is the picture's mean. */
const HIGHEST = 21;

/** Length of a hash: how many frequencies there are up to the highest, but for the mean. */
export const HASH_BITS = 252;
const HASH_BYTES = 32;

/** Of brightness, from 0 to 255. What varies less is as good as empty, and what is left of it noise. */
const LEAST_DEVIATION = 2;

/** For each frequency, the cosines at the middles of all places. */
const COSINES: readonly Float64Array[] = Array.from({ length: HIGHEST + 1 }, (_, frequency) =>
  Float64Array.from({ length: SIDE }, (_, i) => Math.cos(((2 * i + 1) * frequency * Math.PI) / (2 * SIDE))),
);

/**
 * @param pixels upright, so that a photo that was turned on the way is known again
 * @returns {@link HASH_BITS} bits in Base64; `undefined` if there is nothing on it to tell it by
 */
export function perceptualHash(pixels: RawImage): string | undefined {
  const grey = brightness(pixels);
  const mean = grey.reduce((sum, value) => sum + value, 0) / grey.length;
  const variance = grey.reduce((sum, value) => sum + (value - mean) ** 2, 0) / grey.length;
  if (variance < LEAST_DEVIATION ** 2) return undefined;
  const bits = Buffer.alloc(HASH_BYTES);
  let bit = 0;
  for (const across of COSINES.keys()) {
    const columns = Float64Array.from({ length: SIDE }, (_, y) => product(COSINES[across], grey, y * SIDE));
    for (let down = 0; across + down <= HIGHEST; down++) {
      if (across + down === 0) continue;
      if (product(COSINES[down], columns, 0) > 0)
        bits[bit >> 3] = (bits[bit >> 3] as number) | (1 << (bit & 7));
      bit++;
    }
  }
  return bits.toString('base64');
}

/** Row by row, each from 0 to 255. */
function brightness({ data, width, height }: RawImage): Float64Array {
  const count = SIDE * SAMPLES;
  const place = (i: number, size: number) => Math.floor(((i + 0.5) * size) / count);
  const columns = Uint32Array.from({ length: count }, (_, i) => 3 * place(i, width));
  const grey = new Float64Array(SIDE * SIDE);
  for (let j = 0; j < count; j++) {
    const row = 3 * width * place(j, height);
    const line = SIDE * Math.floor(j / SAMPLES);
    for (let i = 0; i < count; i++) {
      const at = row + (columns[i] as number);
      // As JPEG has it.
      const light =
        0.299 * (data[at] as number) + 0.587 * (data[at + 1] as number) + 0.114 * (data[at + 2] as number);
      const cell = line + Math.floor(i / SAMPLES);
      grey[cell] = (grey[cell] as number) + light / SAMPLES ** 2;
    }
  }
  return grey;
}

function product(cosines: Float64Array | undefined, values: Float64Array, from: number): number {
  let sum = 0;
  for (let i = 0; i < SIDE; i++) sum += (cosines?.[i] as number) * (values[from + i] as number);
  return sum;
}
