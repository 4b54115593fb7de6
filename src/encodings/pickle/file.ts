import type { FileHandle } from 'node:fs/promises';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { FaceError, throwIfAborted } from '../../base/errors';
import { Allowance } from './allowance';
import { HEAD_BYTES, otherKind } from './kinds';
import { type ItemConverter, Machine } from './machine';
import { moreFollows, truncatedPickle } from './refusals';
import { Survey } from './survey';
import { Tokens } from './tokens';
import { describeValue, type PickleValue } from './values';

/** Parsed in one go, a few milliseconds: the event loop runs in between. */
const WINDOW_SIZE = 1 << 20;
/** Items converted in one go. */
const BATCH = 4096;

/**
 * Reads the pickle in an open file, of any size: it passes through a small window, twice (see {@link Survey}), so
 * that the memory needed is that of the data.
 *
 * @param options.convertItem what to replace each item of the outermost list with, if there is one
 * @throws FACE_PICKLE_UNSAFE if the pickle asks for more than plain values and NumPy arrays of numbers, named in the message;
 *   FACE_PICKLE_INVALID if it is cut short or malformed; FACE_OUT_OF_MEMORY; FACE_ENCODINGS_INVALID if the file goes on after the pickle; FACE_ABORTED, what
 *   `convertItem` throws, and Node's own errors when reading fails.
 */
export async function readPickleFile(handle: FileHandle, options: ReadOptions = {}): Promise<PickleValue> {
  try {
    return await read(handle, options);
  } catch (error) {
    if (!(error instanceof FaceError) || error.code !== 'FACE_PICKLE_INVALID') throw error;
    const head = Buffer.alloc(HEAD_BYTES);
    const { bytesRead } = await handle.read(head, 0, head.length, 0);
    throw otherKind(head.subarray(0, bytesRead), error) ?? error;
  }
}

interface ReadOptions {
  readonly signal?: AbortSignal | undefined;
  readonly convertItem?: ItemConverter;
  /** Whether the binary data of the items, such as arrays, is needed once they are converted. Default `true`. */
  readonly keepsBinary?: boolean;
}

async function read(
  handle: FileHandle,
  { signal, convertItem, keepsBinary = true }: ReadOptions,
): Promise<PickleValue> {
  const { size } = await handle.stat();
  const window = Buffer.allocUnsafeSlow(Math.min(WINDOW_SIZE, size));
  const allowance = new Allowance(size);

  const survey = new Survey();
  const firstPass = new Tokens(size, window, 0);
  while (!survey.scan(firstPass)) {
    if (keepsBinary) allowance.expect(survey.smallBinary, firstPass.offset);
    await refill(firstPass, handle, signal);
  }

  const machine = new Machine(new Tokens(size, firstPass.bytes, 0), survey, allowance, convertItem);
  while (!machine.run()) await refill(machine.tokens, handle, signal);
  if (convertItem && Array.isArray(machine.value))
    await convertRest(machine.value, machine, convertItem, signal);
  const { nextOffset } = machine.tokens;
  if (!(await isPadding(handle, nextOffset, size)))
    throw moreFollows(describeValue(machine.value), nextOffset, size);
  return machine.value;
}

/** More than any program fills a file up by. */
const MOST_PADDING = 1 << 16;

/** Whether the rest of a file says nothing: zeros or blanks, as some disks, transfers and editors leave behind a file's end. */
async function isPadding(handle: FileHandle, from: number, size: number): Promise<boolean> {
  if (size - from > MOST_PADDING) return false;
  const rest = Buffer.alloc(size - from);
  const { bytesRead } = await handle.read(rest, 0, rest.length, from);
  return rest
    .subarray(0, bytesRead)
    .every((byte) => byte === 0 || byte === 0x20 || (byte >= 9 && byte <= 13));
}

/** A tuple is made of items that are there already: they are converted now. */
async function convertRest(
  items: PickleValue[],
  machine: Machine,
  convertItem: ItemConverter,
  signal: AbortSignal | undefined,
): Promise<void> {
  const converted = machine.convertedItems(items);
  if (converted === items.length) return;
  if (converted > 0) throw machine.invalid('the list was made in a way that no program makes one');
  for (let index = 0; index < items.length; index++) {
    if (index % BATCH === BATCH - 1) {
      await nextTurn();
      throwIfAborted(signal);
    }
    items[index] = convertItem(items[index] as PickleValue, index, machine) as PickleValue;
  }
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
