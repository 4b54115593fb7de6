import { isBmp } from './bmp';
import { guessFormat } from './reasons';

/** How many of a file's first bytes {@link isPicture} looks at. */
export const SIGNATURE_BYTES = 256;

/** How the formats begin, as Latin-1; a full stop stands for any byte. */
const BEGINNINGS: readonly RegExp[] = [
  /^\xff\xd8\xff/, // JPEG
  /^\x89PNG\r\n/,
  /^GIF8[79]a/,
  /^RIFF....WEBP/s,
  /^II[*+]\0/, // TIFF, and BigTIFF
  /^MM\0[*+]/,
  /^....ftypavi[fs]/s,
];

/** Pictures that may not be readable here, but are pictures all the same. */
const OTHER_PICTURES: ReadonlySet<string | undefined> = new Set(['heic', 'jpeg2000', 'jxl', 'psd']);

/**
 * Whether a file is a picture, by its first bytes. A damaged one still is; a key, a text or a program under a picture's
 * name is not.
 * @param head the first {@link SIGNATURE_BYTES} of the file, or all it has
 */
export function isPicture(head: Uint8Array): boolean {
  const text = Buffer.from(head.buffer, head.byteOffset, head.length).toString('latin1');
  return (
    BEGINNINGS.some((beginning) => beginning.test(text)) ||
    (isBmp(head) && hasBmpHeader(head)) ||
    OTHER_PICTURES.has(guessFormat(head))
  );
}

/** Two letters are soon found at the beginning of a text: a bitmap's headers have one of a few lengths, too. */
function hasBmpHeader(head: Uint8Array): boolean {
  if (head.length < 18) return false;
  const length = new DataView(head.buffer, head.byteOffset, head.byteLength).getUint32(14, true);
  return length === 12 || (length >= 40 && length <= 124);
}
