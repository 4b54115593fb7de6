/** More than any packet has that is about a photo: some hold a whole history of edits. */
export const MOST_BYTES = 16 * 2 ** 20;

/** The text of a packet or sidecar, and how it is stored. */
export interface Packet {
  readonly text: string;
  /** The bytes of a text, stored as this one is. */
  encode(text: string): Buffer;
}

/** What tells how a text is stored: its mark, or that of two bytes the first or the second is always 0. */
const UTF16 = { le: /^(\xff\xfe|[^\0]\0)/, be: /^(\xfe\xff|\0[^\0])/ };

/** @returns `undefined` if the bytes are no text that the same bytes come of again */
export function decodePacket(bytes: Uint8Array): Packet | undefined {
  if (bytes.length > MOST_BYTES) return undefined;
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const head = buffer.toString('latin1', 0, 2);
  const encode = UTF16.le.test(head)
    ? (text: string) => Buffer.from(text, 'utf16le')
    : UTF16.be.test(head)
      ? (text: string) => Buffer.from(text, 'utf16le').swap16()
      : (text: string) => Buffer.from(text);
  const text = UTF16.le.test(head)
    ? buffer.toString('utf16le')
    : UTF16.be.test(head) && buffer.length % 2 === 0
      ? Buffer.from(buffer).swap16().toString('utf16le')
      : buffer.toString('utf8');
  return encode(text).equals(buffer) ? { text, encode } : undefined;
}
