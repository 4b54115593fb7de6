import type { BigIntStats } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { FaceError } from '../../base/errors';
import { PRIVATE_FILE } from '../../system/atomic-file';
import { waitForDisk } from '../../system/durable';
import { ioError } from '../../system/io-error';
import { everySoOften } from '../../system/timer';

/** How far back a power cut may reach. Killing the process loses nothing that {@link JournalFile.append} has confirmed. */
const SYNC_EVERY_MS = 5000;
/** Read at once: lines that are used one after the other mostly stand one after the other. */
const WINDOW_BYTES = 1 << 18;

/** The file of a journal: lines are added at its end and read from anywhere. */
export class JournalFile {
  /** Where the next line goes, and how far lines have been written. */
  #end: number;
  #written: number;
  #pending: Buffer[] = [];
  #flushing: Promise<void> | undefined;
  #unsynced = false;
  #failure: FaceError | undefined;
  #window = { offset: 0, bytes: Buffer.alloc(0) };
  readonly #stopSyncing: () => void;

  private constructor(
    private readonly path: string,
    /** The whole file, to be read from its beginning. */
    readonly handle: FileHandle,
    private readonly identity: BigIntStats,
    end: number,
    private readonly what: string,
  ) {
    this.#end = end;
    this.#written = end;
    this.#stopSyncing = everySoOften(SYNC_EVERY_MS, () => {
      this.sync().catch(() => {});
    });
  }

  /**
   * Opens the file; makes it if it is not there.
   * @param findEnd is given it to read, and says where its last whole line ends; what is behind that is cut off
   * @param what the kind of file, for messages
   * @throws FaceError FACE_IO; errors of `findEnd` that are a FaceError pass through, and the file is as it was
   */
  static async open(
    path: string,
    findEnd: (handle: FileHandle) => Promise<number>,
    what = 'journal',
  ): Promise<JournalFile> {
    let handle: FileHandle | undefined;
    try {
      handle = await open(path, 'a+', PRIVATE_FILE);
      const identity = await handle.stat({ bigint: true });
      const end = await findEnd(handle);
      if (identity.size > end) await handle.truncate(end);
      return new JournalFile(path, handle, identity, end, what);
    } catch (error) {
      await handle?.close();
      throw error instanceof FaceError ? error : ioError(`open the ${what} ${path}`, error);
    }
  }

  get length(): number {
    return this.#end;
  }

  /**
   * Adds lines that belong together; fulfilled when the system has them, with the offset of the first.
   * @throws FaceError FACE_IO; the file then ends with a whole line, and takes more of them once the disk does
   */
  async append(...lines: readonly Buffer[]): Promise<number> {
    if (this.#failure) throw this.#failure;
    const offset = this.#end;
    this.#pending.push(...lines);
    this.#end += lines.reduce((sum, { length }) => sum + length, 0);
    this.#flushing ??= this.#flush();
    await this.#flushing;
    return offset;
  }

  async #flush(): Promise<void> {
    try {
      // What comes in the meantime is written together, next.
      while (this.#pending.length > 0) {
        const bytes = Buffer.concat(this.#pending.splice(0));
        await this.handle.appendFile(bytes);
        this.#written += bytes.length;
        this.#unsynced = true;
      }
    } catch (error) {
      const failure = ioError(`write the ${this.what} ${this.path}`, error);
      // No line may follow half a line.
      await this.handle.truncate(this.#written).catch(() => this.#fail(failure));
      this.#end = this.#written;
      this.#pending = [];
      throw failure;
    } finally {
      this.#flushing = undefined;
    }
  }

  /**
   * Makes sure that nobody else has written to the file, or put another one into its place.
   * @throws FaceError FACE_IO
   */
  async checkUnchanged(): Promise<void> {
    const there = await stat(this.path, { bigint: true }).catch(() => undefined);
    if (this.#isThis(there) && there?.size === BigInt(this.#written)) return;
    throw new FaceError(
      'FACE_IO',
      `The ${this.what} ${this.path} was changed by another program since it was opened.`,
      { path: this.path, remedy: 'Start again: what that program has written counts then.' },
    );
  }

  #isThis(there: BigIntStats | undefined): boolean {
    return there?.ino === this.identity.ino && there.dev === this.identity.dev;
  }

  /** The bytes of a line that has been written. @throws FaceError FACE_IO */
  async read(offset: number, length: number): Promise<Buffer> {
    let start = offset - this.#window.offset;
    if (start < 0 || start + length > this.#window.bytes.length) {
      const bytes = Buffer.allocUnsafe(Math.max(length, WINDOW_BYTES));
      let filled = 0;
      try {
        while (filled < length) {
          const { bytesRead } = await this.handle.read(bytes, filled, bytes.length - filled, offset + filled);
          if (bytesRead === 0) throw new Error('it has become shorter');
          filled += bytesRead;
        }
      } catch (error) {
        throw ioError(`read the ${this.what} ${this.path}`, error);
      }
      this.#window = { offset, bytes: bytes.subarray(0, filled) };
      start = 0;
    }
    return this.#window.bytes.subarray(start, start + length);
  }

  /**
   * Has what was appended survive a power cut, and makes sure that the file still is where it was.
   * @throws FaceError FACE_IO
   */
  async sync(): Promise<void> {
    if (this.#failure) throw this.#failure;
    const there = await stat(this.path, { bigint: true }).catch(() => undefined);
    if (!this.#isThis(there)) {
      throw this.#fail(
        new FaceError(
          'FACE_IO',
          `The ${this.what} ${this.path} was removed or replaced while this run was at work, and with it what was done.`,
          { path: this.path, remedy: 'Leave the folder alone and start again.' },
        ),
      );
    }
    if (!this.#unsynced) return;
    this.#unsynced = false;
    try {
      await waitForDisk(() => this.handle.datasync());
    } catch (error) {
      throw this.#fail(ioError(`write the ${this.what} ${this.path}`, error));
    }
  }

  /** Never rejects: {@link sync} before it tells whether all is well. */
  async close(): Promise<void> {
    this.#stopSyncing();
    await this.#flushing?.catch(() => {});
    await this.handle.close().catch(() => {});
  }

  #fail(error: FaceError): FaceError {
    this.#failure ??= error;
    return this.#failure;
  }
}
