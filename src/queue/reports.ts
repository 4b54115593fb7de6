import type { Queue } from 'bullmq';
import type { FaceError } from '../base/errors';
import { reportsQueue } from './board';
import { pack, type Report, type WorkerCard } from './messages';
import type { QueueServer } from './server';
import { patiently } from './trouble';

/** What a worker says to the coordinator of a run. */
export class Reports {
  readonly #queue: Queue;

  constructor(
    private readonly run: string,
    private readonly worker: WorkerCard,
    private readonly server: QueueServer,
    private readonly signal: AbortSignal | undefined,
    private readonly onTrouble: (error: FaceError) => void,
  ) {
    this.#queue = server.queue(reportsQueue(run), false, onTrouble);
  }

  /** @param about tells what it is about: a job, if it is about one. Several of one worker about the same are one. */
  async send(report: Partial<Report>, about: string): Promise<void> {
    const { run, worker, server, signal, onTrouble } = this;
    const message = pack('report', { run, worker, ...report });
    const options = { jobId: `${about}_${worker.id}`, removeOnComplete: true, removeOnFail: true };
    await patiently(() => this.#queue.add('report', message, options), server.address, signal, onTrouble);
  }

  async close(): Promise<void> {
    await this.#queue.close().catch(() => {});
  }
}
