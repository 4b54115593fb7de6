import { BadContentError } from './unpack';

/**
 * Reads a tar archive as it comes in. Written out here because the one archive we read is pinned, its wanted files are
 * checked by SHA-256 afterwards, and nothing of it but their content is used: no paths, no links, no modes.
 */

/** A regular file in a tar archive. Its content must be read before the next entry is asked for. */
export interface TarEntry {
  readonly name: string;
  readonly bytes: number;
  readonly content: AsyncIterable<Buffer>;
}

const BLOCK = 512;
/** Type flags of regular files; old archives have NUL. */
const REGULAR = new Set(['0', '\0']);

/** The regular files of a tar archive, in its order. Content that the caller leaves unread is skipped. */
export async function* tarEntries(archive: AsyncIterable<Buffer>): AsyncGenerator<TarEntry, void, undefined> {
  const reader = new ByteReader(archive);
  try {
    for (;;) {
      const header = await reader.exactly(BLOCK);
      if (header.every((byte) => byte === 0)) return;
      checkHeader(header);
      const bytes = octal(header, 124, 12);
      const content = new Content(reader, bytes);
      if (REGULAR.has(String.fromCharCode(header[156] ?? 0))) {
        const prefix = text(header, 345, 155);
        const name = text(header, 0, 100);
        yield { name: prefix === '' ? name : `${prefix}/${name}`, bytes, content };
      }
      await content.skip();
      await reader.skip((BLOCK - (bytes % BLOCK)) % BLOCK);
    }
  } finally {
    await reader.close();
  }
}

/** The content of one entry, as far as it has not been read yet. */
class Content implements AsyncIterable<Buffer> {
  constructor(
    private readonly reader: ByteReader,
    private left: number,
  ) {}

  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer, void, undefined> {
    while (this.left > 0) {
      const chunk = await this.reader.upTo(this.left);
      this.left -= chunk.length;
      yield chunk;
    }
  }

  async skip(): Promise<void> {
    await this.reader.skip(this.left);
  }
}

/** Hands out a stream of chunks in pieces of the size that is asked for. */
class ByteReader {
  private rest: Buffer = Buffer.alloc(0);
  private readonly chunks: AsyncIterator<Buffer>;

  constructor(source: AsyncIterable<Buffer>) {
    this.chunks = source[Symbol.asyncIterator]();
  }

  /** Between 1 and `count` bytes. */
  async upTo(count: number): Promise<Buffer> {
    while (this.rest.length === 0) {
      const next = await this.chunks.next();
      if (next.done) throw new BadContentError('the archive ends too early');
      this.rest = next.value;
    }
    const piece = this.rest.subarray(0, count);
    this.rest = this.rest.subarray(piece.length);
    return piece;
  }

  async exactly(count: number): Promise<Buffer> {
    const pieces: Buffer[] = [];
    for (let left = count; left > 0; ) {
      const piece = await this.upTo(left);
      pieces.push(piece);
      left -= piece.length;
    }
    return Buffer.concat(pieces);
  }

  async skip(count: number): Promise<void> {
    for (let left = count; left > 0; ) left -= (await this.upTo(left)).length;
  }

  /** Tells the source that no more is wanted. */
  async close(): Promise<void> {
    await this.chunks.return?.();
  }
}

/** The header's own checksum: the sum of its bytes, with the checksum field itself taken as spaces. */
function checkHeader(header: Buffer): void {
  let sum = 0;
  for (let i = 0; i < BLOCK; i++) sum += i >= 148 && i < 156 ? 32 : (header[i] ?? 0);
  if (sum !== octal(header, 148, 8)) throw new BadContentError('it is not a tar archive, or it is damaged');
}

function text(header: Buffer, start: number, length: number): string {
  const field = header.subarray(start, start + length);
  const end = field.indexOf(0);
  return field.toString('utf8', 0, end < 0 ? length : end);
}

function octal(header: Buffer, start: number, length: number): number {
  const digits = text(header, start, length).trim();
  if (!/^[0-7]*$/.test(digits)) throw new BadContentError('it is not a tar archive, or it is damaged');
  return digits === '' ? 0 : Number.parseInt(digits, 8);
}
