import { setMaxListeners } from 'node:events';
import { availableParallelism } from 'node:os';
import { abortError, throwIfAborted } from '../base/errors';
import { invalidArgument } from '../base/validate';
import { cgroupLimits } from './cgroup';

/**
 * How many processors this process may keep busy: those that it may run on, or as many as its container is given the time
 * of. More threads than that would be stopped in the middle of their work for the rest of each period.
 * @param root see {@link cgroupLimits}
 */
export function processors(root?: string): number {
  const { processors: quota = Number.POSITIVE_INFINITY } = cgroupLimits(root);
  return Math.max(1, Math.min(availableParallelism(), Math.floor(quota)));
}

/**
 * The number of jobs that `jobs` stands for: -1 is one for each core, as in the Python project.
 * @throws FaceError FACE_INVALID_ARGUMENT unless `jobs` is -1 or an integer from 1 to 1024
 */
export function resolveJobs(jobs: number): number {
  if (jobs === -1) return processors();
  if (!Number.isInteger(jobs) || jobs < 1 || jobs > 1024) {
    throw invalidArgument('jobs', '-1 (all cores) or an integer from 1 to 1024', jobs);
  }
  return jobs;
}

/** Looking at a file, or linking it, waits for the disk, not for a core; more than this at once gains nothing. */
export const FILES_AT_ONCE = 8;

/**
 * Calls `work` for each item, in order, with at most `limit` calls under way at once; of items that come asynchronously the
 * next is asked for when there is room for it.
 *
 * When `signal` is aborted or a call rejects, no further item is begun, the signal given to the calls under way
 * is aborted, and the returned promise rejects only after all of them have settled: nothing goes on behind the
 * caller's back.
 */
export async function forEachConcurrent<T>(
  items: Iterable<T> | AsyncIterable<T>,
  limit: number,
  signal: AbortSignal | undefined,
  work: (item: T, index: number, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const stop = new AbortController();
  const stopped = signal ? AbortSignal.any([signal, stop.signal]) : stop.signal;
  // One listener for each call under way is no leak.
  setMaxListeners(0, stopped);
  const source = Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
  let index = 0;
  let failure: { error: unknown } | undefined;
  const worker = async () => {
    try {
      while (!stopped.aborted) {
        const next = await source.next();
        if (next.done || stopped.aborted) return;
        await work(next.value, index++, stopped);
      }
    } catch (error) {
      // Later errors are only what this one's abort brought about.
      failure ??= { error };
      stop.abort(error);
    }
  };
  await Promise.all(Array.from({ length: limit }, worker));
  if (stopped.aborted) await source.return?.();
  throwIfAborted(signal);
  if (failure) throw failure.error;
}

/** Lets one caller in at a time for each key. */
export class OneAtATime {
  readonly #held = new Map<string, Promise<void>>();

  /** Waits until nobody else is in for `key`. @returns lets the next one in; to be called once */
  async enter(key: string): Promise<() => void> {
    for (let other = this.#held.get(key); other; other = this.#held.get(key)) await other;
    let leave = () => {};
    this.#held.set(key, new Promise<void>((resolve) => (leave = resolve)));
    return () => {
      this.#held.delete(key);
      leave();
    };
  }
}

/** Callers that wait for something, first come first served. */
export class WaitingLine {
  readonly #waiting = new Set<() => void>();

  get isEmpty(): boolean {
    return this.#waiting.size === 0;
  }

  /**
   * Waits until it is the caller's turn and there is what it waits for.
   * @param take takes that, at once; gives `undefined` if there is none yet
   * @throws FaceError FACE_ABORTED
   */
  async enter<T extends object>(take: () => T | undefined, signal: AbortSignal | undefined): Promise<T> {
    throwIfAborted(signal);
    return new Promise((resolve, reject) => {
      const attempt = () => {
        const taken = take();
        if (taken === undefined) return;
        leave();
        resolve(taken);
      };
      const leave = () => {
        this.#waiting.delete(attempt);
        signal?.removeEventListener('abort', giveUp);
      };
      const giveUp = () => {
        leave();
        reject(abortError(signal as AbortSignal));
      };
      signal?.addEventListener('abort', giveUp, { once: true });
      this.#waiting.add(attempt);
      if (this.#waiting.size === 1) attempt();
    });
  }

  /** Lets the first caller look again. */
  next(): void {
    const [first] = this.#waiting;
    first?.();
  }
}

/** Lets so many callers in at once. */
export class Slots {
  readonly #line = new WaitingLine();
  #free: number;

  constructor(count: number) {
    this.#free = count;
  }

  /** Waits for a free slot. @returns frees it; to be called once @throws FaceError FACE_ABORTED */
  enter(signal: AbortSignal | undefined): Promise<() => void> {
    const take = () => {
      if (this.#free === 0) return undefined;
      this.#free--;
      return () => {
        this.#free++;
        this.#line.next();
      };
    };
    return this.#line.enter(take, signal);
  }
}
