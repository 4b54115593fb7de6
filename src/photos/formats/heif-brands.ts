/*
 * The brands in which a file says what a reader of it has to know (ISO/IEC 14496-12). Of those of still pictures, libvips tells a file by
 * the first one alone, and libheif by one at least of all, and both leave some out.
 */

/**
 * Brands that they don't know, each with one that they do and that promises no more:
 * - `avis`, moving pictures in AV1, of a file with a still one as well, as each brand of still pictures that it names says;
 * - `hevx`, the same in HEVC with more than 8 bits. Of one with moving pictures only it is told before that it is;
 * - `mif2`, any pictures (ISO/IEC 23008-12, 10.2.3): `mif1`, and properties that concern nobody who decodes the primary one;
 * - `1pic`, a single picture, and `miaf`, limits to what a file has (ISO/IEC 23000-22): said beside others, seldom in their place.
 *
 * `mif3` is none of these: such a file has one box, `mini`, in the place of those by which the codec is told here, and there is no program
 * yet that writes any. It is reported.
 */
const KNOWN_AS: ReadonlyMap<string, string> = new Map([
  ['avis', 'avif'],
  ['hevx', 'mif1'],
  ['mif2', 'mif1'],
  ['1pic', 'mif1'],
  ['miaf', 'mif1'],
]);

/** Where the first brand is, its version, and where the others begin. */
const FIRST = 8;
const VERSION = 12;
const OTHERS = 16;
/** No file has as many. */
const MOST_BRANDS = 64;

/** A HEIF file with brands that the image libraries know; the bytes as they are if they know its first one. */
export function withKnownBrands(bytes: Uint8Array): Uint8Array {
  const given = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (given.length < OTHERS || !KNOWN_AS.has(given.toString('latin1', FIRST, FIRST + 4))) return bytes;
  const file = Buffer.from(given);
  const end = Math.min(file.readUInt32BE(0), file.length, OTHERS + 4 * MOST_BRANDS);
  for (let at = FIRST; at + 4 <= end; at += 4) {
    const known = at === VERSION ? undefined : KNOWN_AS.get(file.toString('latin1', at, at + 4));
    if (known !== undefined) file.write(known, at, 'latin1');
  }
  return file;
}
