import type { FileHandle } from 'node:fs/promises';
import { throwIfAborted } from '../../errors';
import { Machine } from './machine';
import { MemoUse } from './memo-use';
import { truncatedPickle } from './problems';
import { Tokens } from './tokens';
import type { PickleValue } from './values';

/** Parsed in one go, a few milliseconds: the event loop runs in between. */
const WINDOW_SIZE = 1 << 20;

/**
 * Reads the pickle in an open file, of any size: it passes through a small window, twice (see {@link MemoUse}), so
 * that the memory needed is that of the data.
 *
 * @throws as `parsePickle`, FACE_ABORTED, and Node's own errors when reading fails.
 */
export async function readPickleFile(
  handle: FileHandle,
  options: { signal?: AbortSignal | undefined } = {},
): Promise<PickleValue> {
  const { size } = await handle.stat();
  const window = Buffer.allocUnsafeSlow(Math.min(WINDOW_SIZE, size));

  const memoUse = new MemoUse();
  const firstPass = new Tokens(size, window, 0);
  while (!memoUse.scan(firstPass)) await refill(firstPass, handle, options.signal);

  const machine = new Machine(new Tokens(size, firstPass.bytes, 0), memoUse);
  while (!machine.run()) await refill(machine.tokens, handle, options.signal);
  return machine.value;
}

async function refill(tokens: Tokens, handle: FileHandle, signal: AbortSignal | undefined): Promise<void> {
  throwIfAborted(signal);
  tokens.reserve();
  const { bytes, end, base, total } = tokens;
  const length = Math.min(bytes.length - end, total - (base + end), WINDOW_SIZE);
  const { bytesRead } = await handle.read(bytes, end, length, base + end);
  // The file has become shorter since its size was taken.
  if (bytesRead === 0) throw truncatedPickle(base + end, base + end);
  tokens.end += bytesRead;
}
