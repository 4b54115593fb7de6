import { FaceError } from '../../src/base/errors';
import { Allowance } from '../../src/encodings/pickle/allowance';
import { Machine } from '../../src/encodings/pickle/machine';
import { Survey } from '../../src/encodings/pickle/survey';
import { Tokens } from '../../src/encodings/pickle/tokens';
import type { PickleValue } from '../../src/encodings/pickle/values';

/** A pickle from pieces: strings are bytes (`'\x80\x03]'`), numbers single bytes. */
export function bytes(...pieces: (string | number | Uint8Array)[]): Buffer {
  return Buffer.concat(
    pieces.map((piece) => {
      if (typeof piece === 'number') return Buffer.from([piece]);
      return typeof piece === 'string' ? Buffer.from(piece, 'latin1') : piece;
    }),
  );
}

/** `value` as 1, 4 or 8 bytes, little-endian. */
export function little(value: number | bigint, size: 1 | 2 | 4 | 8): Buffer {
  const buffer = Buffer.alloc(8);
  buffer.writeBigInt64LE(BigInt.asIntN(64, BigInt(value)));
  return buffer.subarray(0, size);
}

/** What a pickle in memory holds, whatever follows it: as `readPickleFile`, with all of it in one window. */
export function parsePickle(bytes: Uint8Array): PickleValue {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const survey = new Survey();
  survey.scan(new Tokens(buffer.length, buffer, buffer.length));
  const tokens = new Tokens(buffer.length, buffer, buffer.length);
  const machine = new Machine(tokens, survey, new Allowance(buffer.length));
  machine.run();
  return machine.value;
}

/** What the pickle made of `pieces` holds. */
export function parsed(...pieces: (string | number | Uint8Array)[]): PickleValue {
  return parsePickle(bytes(...pieces));
}

/** The error that `run` fails with; anything but a FaceError fails the test. */
export function faceError(run: () => unknown): FaceError {
  try {
    run();
  } catch (error) {
    if (error instanceof FaceError) return error;
    throw error;
  }
  throw new Error('Expected a FaceError, but nothing was thrown.');
}

/** Deterministic random integers below `limit` (mulberry32). */
export function randomIntegers(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  };
}

/** An encodings file without faces, as text: the empty list in Python's protocol 0. */
export const NO_FACES = '(l.';
