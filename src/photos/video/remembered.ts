import type { BigIntStats } from 'node:fs';
import { orAborted } from '../../system/or-aborted';

interface Entry<T> {
  readonly state: string;
  readonly found: Promise<T>;
  readonly stop: AbortController;
  waiting: number;
}

/** What was found out about files, once for each as long as it does not change, by all who ask for it meanwhile. */
export class RememberedOfFiles<T> {
  readonly #entries = new Map<string, Entry<T>>();

  /**
   * @param find is stopped when nobody waits for it any more
   * @throws what `find` does, which is not remembered; FACE_ABORTED
   */
  async get(
    { path, stats }: { readonly path: string; readonly stats: BigIntStats },
    signal: AbortSignal | undefined,
    find: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const state = [stats.dev, stats.ino, stats.size, stats.mtimeNs, stats.ctimeNs].join(' ');
    let entry = this.#entries.get(path);
    if (entry?.state !== state) {
      const stop = new AbortController();
      const begun = { state, stop, waiting: 0, found: find(stop.signal) };
      begun.found.catch(() => this.#forget(path, begun));
      this.#entries.set(path, begun);
      entry = begun;
    }
    entry.waiting++;
    let isFound = false;
    try {
      const found = await orAborted(entry.found, signal);
      isFound = true;
      return found;
    } finally {
      if (--entry.waiting === 0 && !isFound) {
        this.#forget(path, entry);
        entry.stop.abort();
      }
    }
  }

  #forget(path: string, entry: Entry<T>): void {
    if (this.#entries.get(path) === entry) this.#entries.delete(path);
  }
}
