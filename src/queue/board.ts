import type { Queue } from 'bullmq';
import type { FaceError } from '../base/errors';
import { WireError } from './check';
import { type Announcement, pack, unpack } from './messages';
import type { QueueServer } from './server';
import { patiently } from './trouble';

const BOARD = 'runs';

/** Names of the queues of a run: its photos, and what came of them. */
export const photosQueue = (run: string) => `${run}-photos`;
export const reportsQueue = (run: string) => `${run}-reports`;

/**
 * Where coordinators say what runs there are, and workers look for them: a queue whose jobs nobody takes, so that it is the same
 * on every kind of server.
 */
export class Board {
  readonly #queue: Queue;

  /** @param writes whether this is a coordinator's */
  constructor(
    private readonly server: QueueServer,
    writes: boolean,
    private readonly signal: AbortSignal | undefined,
    private readonly onTrouble: (error: FaceError) => void,
  ) {
    this.#queue = server.queue(BOARD, writes, onTrouble);
  }

  /** Says that there is a run, or how far it is. */
  put(announcement: Omit<Announcement, 'protocol'>): Promise<void> {
    const message = pack('announcement', announcement);
    return this.#patiently(async () => {
      const there = await this.#queue.getJob(announcement.run);
      // A server may have forgotten it.
      if (there) await there.updateData(message);
      else await this.#queue.add('run', message, { jobId: announcement.run });
    });
  }

  /** The runs that there are, oldest first. What another version has put there, or somebody else, is none. */
  async runs(): Promise<Announcement[]> {
    const jobs = await this.#patiently(() => this.#queue.getJobs(['waiting'], 0, -1, true));
    return jobs.flatMap((job) => {
      try {
        return job ? unpack('announcement', job.data) : [];
      } catch (error) {
        if (error instanceof WireError) return [];
        throw error;
      }
    });
  }

  /** Takes a run off; the last one leaves nothing behind. */
  async remove(run: string): Promise<void> {
    await this.#patiently(async () => {
      await this.#queue.remove(run);
      // Another coordinator that comes in between puts its run there again soon.
      if ((await this.#queue.count()) === 0) await this.#queue.obliterate({ force: true });
    });
  }

  async close(): Promise<void> {
    await this.#queue.close().catch(() => {});
  }

  #patiently<T>(attempt: () => Promise<T>): Promise<T> {
    return patiently(attempt, this.server.address, this.signal, this.onTrouble);
  }
}
