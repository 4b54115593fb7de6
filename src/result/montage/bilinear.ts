/*
 * OpenCV's `resize` with INTER_LINEAR, to the last bit. sharp has nothing equal: `resize` smooths when it
 * makes smaller, which OpenCV does not, and `affine` with the bilinear interpolator mixes the background into the
 * borders when it enlarges (more than 100 levels off there, 1 to 3 elsewhere).
 */
import type { RawImage } from '../../base/types';

/** Weights are integers, in units of 1/2048, as in OpenCV for 8-bit pixels. */
const WEIGHT_ONE = 2048;

/** For a pixel of one axis of the result: the two source pixels it lies between, and their weights. */
interface Between {
  readonly first: number;
  readonly second: number;
  readonly firstWeight: number;
  readonly secondWeight: number;
}

/** Resizes to exactly `width` x `height`, without keeping the aspect ratio. Both sizes at least 1. */
export function resizeBilinear(source: RawImage, width: number, height: number): RawImage {
  // OpenCV takes the plain mean here, which rounds once instead of twice.
  if (source.width === 2 * width && source.height === 2 * height) return halve(source);
  const columns = axis(source.width, width, true);
  const rows = axis(source.height, height, false);
  const data = new Uint8Array(3 * width * height);
  const stride = 3 * source.width;
  const from = source.data;
  let at = 0;
  for (const row of rows) {
    const upper = row.first * stride;
    const lower = row.second * stride;
    for (const column of columns) {
      for (let c = 0; c < 3; c++) {
        const left = 3 * column.first + c;
        const right = 3 * column.second + c;
        const above =
          value(from, upper + left) * column.firstWeight + value(from, upper + right) * column.secondWeight;
        const below =
          value(from, lower + left) * column.firstWeight + value(from, lower + right) * column.secondWeight;
        // The shifts are those of OpenCV's 16-bit vector code, which its scalar code follows: 4 + 16 + 2 = 2 * 11 bits.
        data[at++] =
          (((row.firstWeight * (above >> 4)) >> 16) + ((row.secondWeight * (below >> 4)) >> 16) + 2) >> 2;
      }
    }
  }
  return { data, width, height };
}

/**
 * Pixel centres lie at one half; positions are single precision. `snap` gives pixels beyond the border's centre all
 * the weight of the border pixel, as OpenCV does for columns; for rows it repeats the border instead, which
 * rounds differently.
 */
function axis(sourceSize: number, size: number, snap: boolean): Between[] {
  const last = sourceSize - 1;
  const scale = sourceSize / size;
  return Array.from({ length: size }, (_, i) => {
    const position = Math.fround((i + 0.5) * scale - 0.5);
    const index = Math.floor(position);
    const outside = index < 0 || index >= last;
    const fraction = snap && outside ? 0 : Math.fround(position - index);
    return {
      first: Math.min(Math.max(index, 0), last),
      second: Math.min(Math.max(index + 1, 0), last),
      firstWeight: roundHalfEven(Math.fround(1 - fraction) * WEIGHT_ONE),
      secondWeight: roundHalfEven(fraction * WEIGHT_ONE),
    };
  });
}

function halve(source: RawImage): RawImage {
  const width = source.width / 2;
  const height = source.height / 2;
  const stride = 3 * source.width;
  const from = source.data;
  const data = new Uint8Array(3 * width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let c = 0; c < 3; c++) {
        const i = 2 * y * stride + 6 * x + c;
        const sum =
          value(from, i) + value(from, i + 3) + value(from, i + stride) + value(from, i + stride + 3);
        data[3 * (y * width + x) + c] = (sum + 2) >> 2;
      }
    }
  }
  return { data, width, height };
}

function roundHalfEven(x: number): number {
  const down = Math.floor(x);
  const rest = x - down;
  return rest > 0.5 || (rest === 0.5 && down % 2 !== 0) ? down + 1 : down;
}

/** An element that is known to be there. */
function value(array: Uint8Array, index: number): number {
  return array[index] as number;
}
