import { endianness } from 'node:os';
import { OPCODES } from './opcodes';
import { utf8Bytes } from './text';

/** Takes the bytes that {@link PickleWriter} hands on; they are overwritten once the promise is fulfilled. */
export type Sink = (bytes: Uint8Array) => Promise<void>;

const BUFFER_SIZE = 1 << 20;
const NATIVE_IS_LITTLE = endianness() === 'LE';

/**
 * Writes the instructions of a pickle, protocol 3: the oldest that has an instruction for `bytes`, so that it loads
 * in every Python 3.
 *
 * Instructions collect in a buffer of a fixed size. Call {@link flushIfFull} after each item of up to
 * {@link LARGEST_ITEM} bytes, and {@link finish} at the end.
 */
export class PickleWriter {
  private readonly buffer = Buffer.allocUnsafe(BUFFER_SIZE);
  private used = 0;
  private memoized = 0;

  constructor(private readonly sink: Sink) {
    this.op('PROTO');
    this.byte(3);
  }

  /** An instruction without argument. */
  op(name: keyof typeof OPCODES): void {
    this.byte(OPCODES[name][0]);
  }

  /** @param value integer of 32 bits, signed. */
  int(value: number): void {
    if (value >= 0 && value <= 0xff) {
      this.op('BININT1');
      this.byte(value);
    } else if (value >= 0 && value <= 0xffff) {
      this.op('BININT2');
      this.used = this.buffer.writeUInt16LE(value, this.used);
    } else {
      this.op('BININT');
      this.used = this.buffer.writeInt32LE(value, this.used);
    }
  }

  /** A `str`. Lone surrogates are written the way Python does. */
  text(value: string): void {
    const bytes = utf8Bytes(value);
    this.op('BINUNICODE');
    this.used = this.buffer.writeUInt32LE(bytes.length, this.used);
    this.append(bytes);
  }

  /** A `bytes` object. */
  bytes(value: Uint8Array): void {
    this.binbytesHeader(value.length);
    this.append(value);
  }

  /** A `bytes` object with the values as little-endian float64. */
  float64Bytes(values: Float64Array): void {
    this.binbytesHeader(values.byteLength);
    const start = this.used;
    this.append(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
    if (!NATIVE_IS_LITTLE) this.buffer.subarray(start, this.used).swap64();
  }

  /** The function or class `module.name`. */
  global(module: string, name: string): void {
    this.op('GLOBAL');
    this.append(Buffer.from(`${module}\n${name}\n`, 'latin1'));
  }

  /** Makes what was written last available to {@link recall}, under the key that is returned. */
  memoize(): number {
    const key = this.memoized++;
    if (key <= 0xff) {
      this.op('BINPUT');
      this.byte(key);
    } else {
      this.op('LONG_BINPUT');
      this.used = this.buffer.writeUInt32LE(key, this.used);
    }
    return key;
  }

  /** The object that {@link memoize} returned `key` for, once more. */
  recall(key: number): void {
    if (key <= 0xff) {
      this.op('BINGET');
      this.byte(key);
    } else {
      this.op('LONG_BINGET');
      this.used = this.buffer.writeUInt32LE(key, this.used);
    }
  }

  /** Hands on what has collected, if the next item might not fit. */
  async flushIfFull(): Promise<void> {
    if (this.used > BUFFER_SIZE - LARGEST_ITEM) await this.flush();
  }

  async finish(): Promise<void> {
    this.op('STOP');
    await this.flush();
  }

  private async flush(): Promise<void> {
    const { used } = this;
    this.used = 0;
    await this.sink(this.buffer.subarray(0, used));
  }

  private binbytesHeader(length: number): void {
    if (length <= 0xff) {
      this.op('SHORT_BINBYTES');
      this.byte(length);
    } else {
      this.op('BINBYTES');
      this.used = this.buffer.writeUInt32LE(length, this.used);
    }
  }

  private append(bytes: Uint8Array): void {
    this.buffer.set(bytes, this.used);
    this.used += bytes.length;
  }

  private byte(value: number): void {
    this.used = this.buffer.writeUInt8(value, this.used);
  }
}

/** Most bytes that may be written between two calls of `flushIfFull`. */
export const LARGEST_ITEM = 1 << 18;
