import { constants, deflateRawSync, inflateRawSync } from 'node:zlib';
import type { RawImage } from '../../base/types';

/*
 * How pixels are kept without loss that are soon needed again: each value as its difference to that of the pixel before it, by
 * Huffman codes. That takes half as much again as WebP, and a tenth of its time.
 */

/** The pixels of an image in fewer bytes. */
export function packPixels({ data }: RawImage): Uint8Array {
  const differences = new Uint8Array(data.length);
  differences.set(data.subarray(0, 3));
  for (let i = 3; i < data.length; i++) differences[i] = (data[i] as number) - (data[i - 3] as number);
  return deflateRawSync(differences, { level: 1, strategy: constants.Z_HUFFMAN_ONLY });
}

/** What {@link packPixels} was given. */
export function unpackPixels(packed: Uint8Array, width: number, height: number): RawImage {
  const data = inflateRawSync(packed);
  for (let i = 3; i < data.length; i++) data[i] = (data[i] as number) + (data[i - 3] as number);
  return { data, width, height };
}
