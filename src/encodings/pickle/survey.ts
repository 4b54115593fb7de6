import { type Allowance, LARGEST_SMALL } from './allowance';
import { memoKey, OPCODES } from './opcodes';
import type { Tokens } from './tokens';

const code = (name: keyof typeof OPCODES): number => OPCODES[name][0];
const [GET, BINGET, LONG_BINGET, STOP] = [code('GET'), code('BINGET'), code('LONG_BINGET'), code('STOP')];
const BINARY: ReadonlySet<number> = new Set(
  (['SHORT_BINBYTES', 'BINBYTES', 'BINBYTES8', 'BYTEARRAY8'] as const).map(code),
);

/**
 * What is known of a pickle before anything is built, which is why a file is gone through twice.
 *
 * Which memo entries it refers back to: Python memoizes every object it writes, in case it comes up again: about ten
 * for each face, of which nearly none does. Keeping only those that are needed again keeps the memory of a big file
 * near the size of its numbers. And how much binary data there is: see {@link Allowance.expect}.
 */
export class Survey {
  /** Bytes of all small `bytes` and `bytearray` objects so far. Less than the size of the file, which contains them. */
  smallBinary = 0;
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
        default:
          if (tokens.length <= LARGEST_SMALL && BINARY.has(tokens.opcode)) this.smallBinary += tokens.length;
      }
    }
    return false;
  }

  /** Whether the pickle refers back to what it stores as `key`. */
  recalls(key: number): boolean {
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
