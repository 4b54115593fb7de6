import type { FileHandle } from 'node:fs/promises';
import { decodeLine, LINE_FEED } from './lines';

const CHUNK_BYTES = 1 << 20;
/** Some 90,000 faces on one photo. What is longer is no line of ours, and must not fill the memory. */
const MAX_LINE_BYTES = 1 << 26;

export interface ScannedLine {
  readonly offset: number;
  /** With the line feed. */
  readonly length: number;
  /** The object in it; `undefined` if the line is damaged. */
  readonly value: object | undefined;
}

/**
 * Reads all lines of a journal that have been written to their end, in order. What comes after the last line feed was
 * cut off and is left out. Memory: one line.
 */
export async function* scanLines(handle: FileHandle): AsyncGenerator<ScannedLine> {
  const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
  let begun: Buffer[] = [];
  let length = 0;
  let offset = 0;
  for (let position = 0; ; ) {
    const { bytesRead } = await handle.read(chunk, 0, chunk.length, position);
    if (bytesRead === 0) return;
    position += bytesRead;
    const bytes = chunk.subarray(0, bytesRead);
    for (let from = 0; from < bytes.length; ) {
      const feed = bytes.indexOf(LINE_FEED, from);
      const part = bytes.subarray(from, feed < 0 ? bytes.length : feed);
      length += part.length;
      from += part.length + 1;
      if (length > MAX_LINE_BYTES) begun = [];
      if (feed < 0) {
        // The chunk is read into again.
        if (length <= MAX_LINE_BYTES) begun.push(Buffer.from(part));
        break;
      }
      const value =
        length > MAX_LINE_BYTES
          ? undefined
          : decodeLine(begun.length > 0 ? Buffer.concat([...begun, part]) : part);
      length++;
      yield { offset, length, value };
      offset += length;
      begun = [];
      length = 0;
    }
  }
}
