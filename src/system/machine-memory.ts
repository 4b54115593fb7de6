import { totalmem } from 'node:os';
import { FaceError } from '../base/errors';
import { integer } from '../base/validate';
import { cgroupLimits } from './cgroup';

/**
 * How much memory this process may use: the machine's, or what its container (cgroup, systemd unit, job) is limited
 * to, if that is less.
 */
export function machineMemory(): number {
  found ??= readMachineMemory();
  return found;
}

let found: number | undefined;

function readMachineMemory(): number {
  // 0 where there is no limit or Node can't tell; cgroup v1 writes "none" as almost 2 ** 63.
  const known = [process.constrainedMemory(), cgroupLimits().memory].filter((limit) => limit);
  return Math.min(totalmem(), ...(known as number[]));
}

/** Bytes. Less than this the process can't do with: see {@link OVERHEAD}. */
export const LEAST_MEMORY = 256e6;

/** What the process takes beside the photos at least: 70 MB for Node and the libraries, 70 MB for the models (measured on Linux). */
const PROCESS = 140e6;

/** The same with up to 64 MB that are garbage before V8 collects them, and something to spare. */
const OVERHEAD = 220e6;

/**
 * By default half of {@link machineMemory}: the other half is for other programs and for the system's cache of files.
 * @throws FaceError FACE_INVALID_ARGUMENT
 */
export function checkMaxMemory(maxMemory: number | undefined): number {
  return integer(
    'maxMemory',
    maxMemory ?? Math.max(Math.floor(machineMemory() / 2), LEAST_MEMORY),
    LEAST_MEMORY,
  );
}

/**
 * `maxMemory` for two processes that share one: a quarter for who has little to hold, the rest for who works on photos. Neither can do
 * with less than {@link LEAST_MEMORY}.
 * @throws FaceError FACE_INVALID_ARGUMENT
 */
export function shareMaxMemory(maxMemory: number | undefined): {
  readonly little: number;
  readonly rest: number;
} {
  const all = checkMaxMemory(maxMemory);
  const little = Math.max(Math.floor(all / 4), LEAST_MEMORY);
  return { little, rest: Math.max(all - little, LEAST_MEMORY) };
}

/** How much of `maxMemory` is left for the photos. */
export function memoryForPhotos(maxMemory: number): number {
  return maxMemory - OVERHEAD;
}

/**
 * Looks whether the machine can hold a photo at all. If not, the system would end the process, and with it everything else
 * that is in hand.
 * @param bytes what the photo takes at once
 * @param photo names it in the message
 * @param path of the photo, if that is in `photo`
 * @throws FaceError FACE_OUT_OF_MEMORY
 */
export function checkMachineHolds(bytes: number, photo: string, path?: string): void {
  const there = machineMemory() - PROCESS;
  if (bytes <= there) return;
  const megabytes = (value: number) => `${Math.ceil(value / 1e6)} MB`;
  throw new FaceError(
    'FACE_OUT_OF_MEMORY',
    `${photo} takes ${megabytes(bytes)} of memory, more than the ${megabytes(there)} that this machine or container has ` +
      'for it.',
    { path, remedy: 'Make the photo smaller, or work on it where there is more memory.' },
  );
}
