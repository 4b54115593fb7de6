import { constants } from 'node:buffer';
import { Argument, OPCODES } from './opcodes';
import { invalidPickle, pickleOutOfMemory, truncatedPickle } from './refusals';
import { MAX_TEXT_BYTES } from './text';

const UNKNOWN = -100;
const ARGUMENTS = new Int8Array(256).fill(UNKNOWN);
for (const [code, argument] of Object.values(OPCODES)) ARGUMENTS[code] = argument;

const NEWLINE = 0x0a;
/** A text and its instruction, with room for the other line of two. It is searched anew whenever more is read. */
const MAX_LINE = MAX_TEXT_BYTES + 1024;

/**
 * Splits a pickle into instructions. It sees the file through a window, so that a file larger than memory can
 * pass: when {@link next} returns `false`, {@link reserve} room, append bytes and raise {@link end}.
 *
 * No length in the file is believed before it has been compared with the bytes that are left.
 */
export class Tokens {
  /** The window. Bytes from {@link end} on are not filled yet. */
  bytes: Buffer;
  /** Where the filled part of {@link bytes} ends. */
  end: number;
  /** Offset in the file of the window's first byte. */
  base = 0;
  /** Bytes that the instruction at hand still needs beyond {@link end}. */
  missing = 1;

  /** Opcode of the current instruction. */
  opcode = 0;
  /** Where the current instruction's argument begins in {@link bytes} (after its length, if it has one). */
  start = 0;
  /** Length of the argument; of a line without its newline, of two lines without the last. */
  length = 0;

  private position = 0;
  private at = 0;

  /** @param total length of the whole file in bytes. */
  constructor(
    readonly total: number,
    window: Buffer,
    filled: number,
  ) {
    this.bytes = window;
    this.end = filled;
  }

  /** Offset in the file of the current instruction: where a problem is to be reported. */
  get offset(): number {
    return this.base + this.at;
  }

  /** Offset in the file of what follows the current instruction. */
  get nextOffset(): number {
    return this.base + this.position;
  }

  /**
   * Moves on to the next instruction. `false` if the window does not hold all of it yet.
   *
   * @throws FACE_PICKLE_INVALID if the file does not hold all of it either, or there is no such instruction.
   */
  next(): boolean {
    this.at = this.position;
    if (!this.has(1)) return false;
    this.opcode = this.bytes[this.at] as number;
    this.start = this.at + 1;
    const argument = ARGUMENTS[this.opcode] as number;
    if (argument === UNKNOWN) {
      throw invalidPickle(this.offset, `there is 0x${this.opcode.toString(16)}, which means nothing there`);
    }
    if (argument === Argument.Line || argument === Argument.TwoLines) {
      let newline = this.newline(this.start);
      if (newline >= 0 && argument === Argument.TwoLines) newline = this.newline(newline + 1);
      if (newline < 0) return false;
      this.length = newline - this.start;
      this.position = newline + 1;
      return true;
    }
    this.length = argument;
    if (argument < 0) {
      const width = argument === Argument.Counted1 ? 1 : argument === Argument.Counted8 ? 8 : 4;
      if (!this.has(1 + width)) return false;
      this.length = this.count(this.start, argument);
      this.start += width;
    }
    const end = this.start + this.length;
    if (!this.has(end - this.at)) return false;
    this.position = end;
    return true;
  }

  /** Makes room for {@link missing} bytes at {@link end}: drops what has been used, enlarges the window if it must. */
  reserve(): void {
    const { bytes, position, end } = this;
    const needed = end - position + this.missing;
    let target = bytes;
    if (needed > bytes.length) {
      const left = this.total - (this.base + position);
      const size = Math.min(Math.max(needed, 2 * bytes.length), left, constants.MAX_LENGTH);
      if (size < needed) throw pickleOutOfMemory(this.offset);
      try {
        target = Buffer.allocUnsafeSlow(size);
      } catch (error) {
        throw pickleOutOfMemory(this.offset, error);
      }
    }
    // Unless it begins there already, as a large instruction does for each piece that is read of it.
    if (position > 0 || target !== bytes) bytes.copy(target, 0, position, end);
    this.bytes = target;
    this.base += position;
    this.end = end - position;
    this.position = 0;
    this.at = 0;
  }

  private has(count: number): boolean {
    const missing = this.at + count - this.end;
    if (missing <= 0) return true;
    if (this.base + this.at + count > this.total) throw truncatedPickle(this.offset, this.total);
    this.missing = missing;
    return false;
  }

  private newline(from: number): number {
    // Bytes beyond `end` are left over from earlier: a newline there is none.
    const found = from < this.end ? this.bytes.indexOf(NEWLINE, from) : -1;
    if (found >= 0 && found < this.end) return found;
    if (this.end - this.at > MAX_LINE) {
      throw invalidPickle(this.offset, `there is a line of more than ${MAX_LINE} bytes`);
    }
    this.has(this.end - this.at + 1);
    return -1;
  }

  private count(start: number, argument: number): number {
    if (argument === Argument.Counted1) return this.bytes[start] as number;
    if (argument === Argument.Counted4) return this.bytes.readUInt32LE(start);
    if (argument === Argument.CountedSigned4) {
      const length = this.bytes.readInt32LE(start);
      if (length < 0) throw invalidPickle(this.offset, `there is a negative length (${length})`);
      return length;
    }
    // Exact up to 2^53; beyond that it is more than any file holds, rounded or not.
    return this.bytes.readUInt32LE(start) + this.bytes.readUInt32LE(start + 4) * 2 ** 32;
  }
}
