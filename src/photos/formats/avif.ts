import { PhotoFault } from '../photo-fault';
import { boxesIn } from './boxes';

const ANIMATED = Buffer.from('ftypavis');

/**
 * An animated AVIF as the still one that it is as well, of its first picture: the image library reads animations only, or none, where
 * the first brand of a file says that it is one. Of other files, the bytes as they are.
 * @throws PhotoFault if there is no still picture
 */
export function stillAvif(bytes: Uint8Array): Uint8Array {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (!ANIMATED.equals(file.subarray(4, 4 + ANIMATED.length))) return bytes;
  if (![...boxesIn(file)].some(({ type }) => type === 'meta')) {
    throw new PhotoFault(
      'it is an AVIF animation without a still picture, which is not supported; convert it first',
    );
  }
  const still = Buffer.from(file);
  still.write('avif', 8);
  return still;
}
