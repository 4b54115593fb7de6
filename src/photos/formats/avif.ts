const ANIMATED = Buffer.from('ftypavis');

/**
 * An animated AVIF as the still one that it is as well, of its first picture: the image library reads neither where the first brand of
 * a file says that it is one. Of other files, the bytes as they are.
 */
export function stillAvif(bytes: Uint8Array): Uint8Array {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (!ANIMATED.equals(file.subarray(4, 4 + ANIMATED.length))) return bytes;
  const still = Buffer.from(file);
  still.write('avif', 8);
  return still;
}
