import { totalmem } from 'node:os';
import { cgroupLimits } from './cgroup';
import { integer } from './validate';

/**
 * How much memory this process may use: the machine's, or what its container (cgroup, systemd unit, job) is limited
 * to, if that is less.
 */
export function machineMemory(): number {
  // 0 where there is no limit or Node can't tell; cgroup v1 writes "none" as almost 2 ** 63.
  const known = [process.constrainedMemory(), cgroupLimits().memory].filter((limit) => limit);
  return Math.min(totalmem(), ...(known as number[]));
}

/** Half of {@link machineMemory}: the other half is for other programs and for the system's cache of files. */
function defaultMaxMemory(): number {
  return Math.floor(machineMemory() / 2);
}

/** Less than this the process can't do with: see {@link OVERHEAD}. */
const LEAST = 256e6;

/** What the process takes beside the photos at least: 70 MB for Node and the libraries, 40 MB for the models (measured on Linux). */
const PROCESS = 110e6;

/** The same with up to 64 MB that are garbage before V8 collects them, and something to spare. */
const OVERHEAD = 200e6;

/** @throws FaceError FACE_INVALID_ARGUMENT */
export function checkMaxMemory(maxMemory: number | undefined): number {
  return integer('maxMemory', maxMemory ?? Math.max(defaultMaxMemory(), LEAST), LEAST);
}

/** How much of `maxMemory` is left for the photos. */
export function memoryForPhotos(maxMemory: number): number {
  return maxMemory - OVERHEAD;
}

/** How much of the machine's memory there is for photos at all: a process that takes more is ended by the system. */
export function memoryOfMachineForPhotos(): number {
  return machineMemory() - PROCESS;
}
