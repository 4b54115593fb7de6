import { totalmem } from 'node:os';
import { integer } from './validate';

/**
 * How much memory this process may use: the machine's, or what its container (cgroup, systemd unit, job) is limited
 * to, if that is less.
 */
export function machineMemory(): number {
  // 0 where there is no limit or Node can't tell; cgroup v1 writes "none" as almost 2 ** 63.
  const limit = process.constrainedMemory();
  return limit > 0 ? Math.min(limit, totalmem()) : totalmem();
}

/** Half of {@link machineMemory}: the other half is for other programs and for the system's cache of files. */
function defaultMaxMemory(): number {
  return Math.floor(machineMemory() / 2);
}

/** Less than this the process can't do with: see {@link OVERHEAD}. */
const LEAST = 256e6;

/**
 * What the process takes beside the photos: 70 MB for Node and the libraries, 40 MB for the models (measured on Linux),
 * the photos' files as they were read, and up to 64 MB that are garbage before V8 collects them.
 */
const OVERHEAD = 200e6;

/** @throws FaceError FACE_INVALID_ARGUMENT */
export function checkMaxMemory(maxMemory: number | undefined): number {
  return integer('maxMemory', maxMemory ?? Math.max(defaultMaxMemory(), LEAST), LEAST);
}

/** How much of `maxMemory` is left for the photos. */
export function memoryForPhotos(maxMemory: number): number {
  return maxMemory - OVERHEAD;
}
