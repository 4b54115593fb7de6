import { OPCODES } from './opcodes';
import { invalidPickle } from './problems';
import { decimalInteger } from './text';
import type { Tokens } from './tokens';

const [GET, BINGET, LONG_BINGET, STOP] = [
  OPCODES.GET[0],
  OPCODES.BINGET[0],
  OPCODES.LONG_BINGET[0],
  OPCODES.STOP[0],
];

/**
 * Which memo entries a pickle refers back to. Python memoizes every object it writes, in case it comes up again:
 * about ten for each face, of which nearly none does. Keeping only those that are needed again is what keeps the
 * memory of a big file near the size of its numbers; that is why a file is gone through twice.
 */
export class MemoUse {
  private bits = new Uint8Array(1024);

  /** Goes through the instructions in the window. `true` at the end of the pickle, `false` if the window is used up. */
  scan(tokens: Tokens): boolean {
    while (tokens.next()) {
      switch (tokens.opcode) {
        case BINGET:
        case LONG_BINGET:
        case GET:
          this.add(memoKey(tokens));
          break;
        case STOP:
          return true;
      }
    }
    return false;
  }

  has(key: number): boolean {
    return ((this.bits[key >>> 3] ?? 0) & (1 << (key & 7))) !== 0;
  }

  private add(key: number): void {
    const index = key >>> 3;
    if (index >= this.bits.length) {
      const larger = new Uint8Array(2 * index);
      larger.set(this.bits);
      this.bits = larger;
    }
    this.bits[index] = (this.bits[index] as number) | (1 << (key & 7));
  }
}

/**
 * The memo key in the argument of a `PUT` or `GET`. Keys are numbered from 0, each takes at least a byte to store:
 * a key that is not below the size of the file can't be one.
 */
export function memoKey(tokens: Tokens): number {
  const { bytes, start, length } = tokens;
  let key: number | bigint | undefined;
  if (tokens.opcode === OPCODES.PUT[0] || tokens.opcode === GET) {
    key = decimalInteger(bytes.subarray(start, start + length));
  } else {
    key = length === 1 ? bytes[start] : bytes.readUInt32LE(start);
  }
  if (typeof key !== 'number' || key < 0 || key >= tokens.total || key > 0xffff_ffff) {
    throw invalidPickle(tokens.offset, 'there is a reference to something that can not be in the file');
  }
  return key;
}
