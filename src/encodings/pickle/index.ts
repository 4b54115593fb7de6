import { invalidArgument } from '../../base/validate';
import { Allowance } from './allowance';
import { Machine } from './machine';
import { Survey } from './survey';
import { Tokens } from './tokens';
import type { PickleValue } from './values';

export { readPickleFile } from './file';
export type { ItemConverter } from './machine';
export { NumpyArray, type NumpyData, NumpyDtype } from './numpy';
export { describeValue, PickleGlobal, type PickleValue, type ReaderContext } from './values';

/**
 * The data in a Python pickle of protocol 0 to 5: plain values and NumPy arrays of numbers, nothing else. Nothing in
 * the pickle is looked up or run. `bytes` is not kept or changed; what follows the pickle is ignored, as in Python.
 *
 * Synchronous; for files use {@link readPickleFile}.
 *
 * @throws FACE_PICKLE_UNSAFE if the pickle asks for anything else, named in the message; FACE_PICKLE_INVALID if it
 *   is cut short or malformed; FACE_OUT_OF_MEMORY.
 */
export function parsePickle(bytes: Uint8Array): PickleValue {
  if (!(bytes instanceof Uint8Array)) throw invalidArgument('bytes', 'Uint8Array or Buffer', bytes);
  // All of the input is in the window, so neither pass can ask for more.
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const survey = new Survey();
  survey.scan(new Tokens(buffer.length, buffer, buffer.length));
  const tokens = new Tokens(buffer.length, buffer, buffer.length);
  const machine = new Machine(tokens, survey, new Allowance(buffer.length));
  machine.run();
  return machine.value;
}
