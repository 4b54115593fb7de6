import { crc32 } from 'node:zlib';

/*
 * A journal is lines of text: the CRC-32 of the rest in 8 hexadecimal digits, a space, JSON, a line feed (which JSON has
 * only escaped). A line that was cut off, overwritten or decayed is told by its checksum, and the next one is found all
 * the same. `cut -c 10- <journal>` gives plain JSON lines.
 */

const CHECKSUM_LENGTH = 8;
export const LINE_FEED = 0x0a;

/** `value` as a line, with its line feed. */
export function encodeLine(value: object): Buffer {
  const json = Buffer.from(JSON.stringify(value));
  return Buffer.concat([Buffer.from(`${checksum(json)} `), json, Buffer.of(LINE_FEED)]);
}

/**
 * The value of a line.
 * @param line without its line feed
 * @returns `undefined` if the line is not to the last bit what {@link encodeLine} made
 */
export function decodeLine(line: Buffer): object | undefined {
  const json = line.subarray(CHECKSUM_LENGTH + 1);
  if (line.toString('latin1', 0, CHECKSUM_LENGTH + 1) !== `${checksum(json)} `) return undefined;
  try {
    const value: unknown = JSON.parse(json.toString('utf8'));
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

function checksum(bytes: Buffer): string {
  return crc32(bytes).toString(16).padStart(CHECKSUM_LENGTH, '0');
}
