import { spawn } from 'node:child_process';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';

/** What a source delivered is not what was expected; asking it to go on would not help. */
export class BadContentError extends Error {}

/** The unpacked bytes of a gzip stream. */
export async function* gunzip(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void, undefined> {
  const unzip = createGunzip({ chunkSize: 1 << 18 });
  const pumping = pipeline(Readable.from(source), unzip);
  // Its errors come out of `unzip` as well, where they are handled.
  pumping.catch(() => {});
  try {
    yield* unzip;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code?.startsWith('Z_')) throw new BadContentError(`it is not an intact gzip file (${message})`);
    throw error;
  }
}

/**
 * The unpacked bytes of a bzip2 stream. Node has no bzip2 of its own; since this is only the spare source, the program
 * `bzip2`, which Linux and macOS come with, serves it better than one more dependency would.
 */
export async function* bunzip2(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void, undefined> {
  const child = spawn('bzip2', ['-dc'], { stdio: ['pipe', 'pipe', 'pipe'] });
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint += text;
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  // A source that breaks is remembered; that the program then stops reading is only the consequence.
  let sourceError: unknown;
  async function* watched(): AsyncGenerator<Buffer, void, undefined> {
    try {
      yield* source;
    } catch (error) {
      sourceError = error;
      throw error;
    }
  }
  const feeding = pipeline(Readable.from(watched()), child.stdin).catch(() => {});
  try {
    yield* child.stdout;
    const exitCode = await ended;
    await feeding;
    if (sourceError !== undefined) throw sourceError;
    if (exitCode !== 0) throw new BadContentError(`it is not an intact bzip2 file (${complaint.trim()})`);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      throw new Error('the program bzip2, which unpacks the files of this source, is not installed');
    }
    throw error;
  } finally {
    ended.catch(() => {});
    child.kill();
  }
}
