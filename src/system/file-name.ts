import { sep } from 'node:path';

/*
 * On Linux a file name is bytes, and old archives and cameras leave names that are no UTF-8. Node's functions lose them:
 * what can't be decoded becomes U+FFFD. Here, as in Python (PEP 383, "surrogateescape"), such a byte becomes the lone
 * surrogate U+DC00 + byte, which no valid UTF-8 gives, so that the way back is known. The paths in an encodings file are
 * then those that Python writes and opens.
 */

const REPLACEMENT = '\ufffd';
/** With the flag "u" a lone surrogate is a character by itself, and half of a pair is none. */
const UNDECODED = /([\udc80-\udcff])/u;

/** Whether a name that Node has decoded may have lost bytes that are not UTF-8. */
export function maybeUndecoded(name: string): boolean {
  return name.includes(REPLACEMENT);
}

/** The name that a folder's listing, read as bytes, gives. */
export function decodeFileName(bytes: Buffer): string {
  const text = bytes.toString('utf8');
  if (!maybeUndecoded(text) || Buffer.from(text).equals(bytes)) return text;
  let name = '';
  for (let at = 0; at < bytes.length; ) {
    const length = sequenceLength(bytes, at);
    name +=
      length > 0
        ? bytes.toString('utf8', at, at + length)
        : String.fromCharCode(0xdc00 + (bytes[at] as number));
    at += Math.max(length, 1);
  }
  return name;
}

/** Bytes of the UTF-8 sequence that begins at `at`; 0 if none does. */
function sequenceLength(bytes: Buffer, at: number): number {
  const lead = bytes[at] as number;
  const length = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  const sequence = bytes.subarray(at, at + length);
  return Buffer.from(sequence.toString('utf8')).equals(sequence) ? length : 0;
}

/** `path` as Node's functions need it: as bytes if it has names that are not UTF-8. */
export function fsPath(path: string): string | Buffer {
  return hasUndecodedBytes(path) ? encodeFileName(path) : path;
}

/** Whether a path from {@link decodeFileName} stands for bytes that are not UTF-8. */
export function hasUndecodedBytes(path: string): boolean {
  return sep === '/' && UNDECODED.test(path);
}

/** The bytes that {@link decodeFileName} was given. */
export function encodeFileName(path: string): Buffer {
  const parts = path.split(UNDECODED);
  return Buffer.concat(
    parts.map((part, i) => (i % 2 === 1 ? Buffer.of(part.charCodeAt(0) - 0xdc00) : Buffer.from(part))),
  );
}

/** Equal for names that differ in upper and lower case only, or in how accents are stored: many file systems take these for one. */
export function foldedName(name: string): string {
  return name.normalize('NFC').toLowerCase();
}
