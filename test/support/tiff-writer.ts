/** A value of a tag: numbers are LONGs, text is ASCII, bytes are of no type. */
export type TagValue = number | readonly number[] | string | Buffer;

const [ASCII, LONG, UNDEFINED] = [2, 4, 7];

/**
 * Puts a file of TIFF's directories together, from behind: a directory must know where what it leads to is. All offsets count from
 * the first byte.
 */
export class TiffWriter {
  readonly #parts: Buffer[] = [];
  #length = 0;

  /** @param head what the file begins with, including the place where its first directory is told, at 4 */
  constructor(
    head: Buffer,
    private readonly bigEndian = false,
  ) {
    this.add(head);
  }

  /** @returns where the bytes are */
  add(bytes: Buffer): number {
    const at = this.#length;
    // Values begin at even places.
    const padded = bytes.length % 2 === 0 ? bytes : Buffer.concat([bytes, Buffer.alloc(1)]);
    this.#parts.push(padded);
    this.#length += padded.length;
    return at;
  }

  /**
   * @param next where the directory is that comes next
   * @returns where the directory is
   */
  directory(tags: Readonly<Record<number, TagValue>>, next = 0): number {
    const entries = Object.entries(tags).map(([tag, value]) => this.#entry(Number(tag), value));
    return this.add(Buffer.concat([this.number(entries.length, 2), ...entries, this.number(next, 4)]));
  }

  /** The file, with its first directory at `first`. */
  file(first: number): Buffer {
    const file = Buffer.concat(this.#parts);
    this.number(first, 4).copy(file, 4);
    return file;
  }

  /** All that was added, if the head says where the first directory is. */
  get bytes(): Buffer {
    return Buffer.concat(this.#parts);
  }

  number(value: number, bytes: number): Buffer {
    const buffer = Buffer.alloc(bytes);
    if (this.bigEndian) buffer.writeUIntBE(value, 0, bytes);
    else buffer.writeUIntLE(value, 0, bytes);
    return buffer;
  }

  #entry(tag: number, value: TagValue): Buffer {
    const numbers = typeof value === 'number' ? [value] : value;
    const [type, count, bytes]: [number, number, Buffer] =
      typeof numbers === 'string'
        ? [ASCII, numbers.length + 1, Buffer.from(`${numbers}\0`)]
        : Buffer.isBuffer(numbers)
          ? [UNDEFINED, numbers.length, numbers]
          : [LONG, numbers.length, Buffer.concat(numbers.map((number) => this.number(number, 4)))];
    const field =
      bytes.length <= 4
        ? Buffer.concat([bytes, Buffer.alloc(4 - bytes.length)])
        : this.number(this.add(bytes), 4);
    return Buffer.concat([this.number(tag, 2), this.number(type, 2), this.number(count, 4), field]);
  }
}
