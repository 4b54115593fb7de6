import { setTimeout as wait } from 'node:timers/promises';
import type { Job, Queue, Worker } from 'bullmq';
import { photosQueue, reportsQueue } from './board';
import { WireError } from './check';
import { type JobMessage, pack, type Report, unpack } from './messages';
import type { RunControl } from './run-control';
import { CHECK_MS, LOCK_MS, type QueueServer } from './server';

/** How a job, or a report, may be on its queue while it is not done. */
const THERE = ['waiting', 'active', 'delayed', 'prioritized'] as const;

/** The two queues of a run, as its coordinator has them: its photos, and what came of them. */
export class RunQueues {
  readonly #photos: Queue;
  readonly #reports: Queue;
  #taker: Worker | undefined;
  #watcher: Worker | undefined;

  constructor(
    private readonly server: QueueServer,
    readonly run: string,
    private readonly control: RunControl,
  ) {
    this.#photos = server.queue(photosQueue(run), true, control.trouble);
    this.#reports = server.queue(reportsQueue(run), true, control.trouble);
  }

  /** What a coordinator of before has left. */
  async left(): Promise<{ jobs: (JobMessage & { readonly id: string })[]; reports: Report[] }> {
    const jobs = await this.control.try(() => this.#photos.getJobs([...THERE], 0, -1));
    const reports = await this.control.try(() => this.#reports.getJobs(['waiting', 'active'], 0, -1));
    return {
      jobs: jobs.flatMap((job) => readable(() => ({ ...unpack('job', job?.data), id: String(job?.id) }))),
      reports: reports.flatMap((job) => readable(() => unpack('report', job?.data))),
    };
  }

  /** Has reports taken one by one, and jobs put back whose worker is gone. */
  takeReports(take: (job: Job) => Promise<void>): void {
    const { server, run, control } = this;
    this.#taker = server.worker(
      reportsQueue(run),
      { work: take, concurrency: 1, checks: true },
      control.trouble,
    );
    this.#watcher = server.worker(photosQueue(run), { checks: true }, control.trouble);
  }

  async add(id: string, job: Omit<JobMessage, 'protocol' | 'run'>): Promise<void> {
    const message = pack('job', { run: this.run, ...job });
    const options = { jobId: id, removeOnComplete: true, attempts: 1 };
    await this.control.try(() => this.#photos.add('photos', message, options));
  }

  /** Takes off what nobody has begun. */
  async drain(): Promise<void> {
    await this.control.try(() => this.#photos.drain());
  }

  /** Ids of the jobs that are on the queue, or whose reports are; what has failed there is removed. */
  async present(): Promise<Set<string>> {
    const { control } = this;
    const there = new Set(await control.try(() => this.#photos.getRanges([...THERE], 0, -1)));
    const reported = await control.try(() => this.#reports.getRanges([...THERE], 0, -1));
    for (const id of reported) there.add(id.slice(0, id.lastIndexOf('_')));
    const failed = await control.try(() => this.#photos.getJobs(['failed'], 0, -1));
    for (const job of failed) await control.try(async () => job?.remove());
    return there;
  }

  /** Whoever looks at photos that are done already, because it was thought to be gone, would put its report where nothing is. */
  async othersDone(): Promise<void> {
    await this.drain();
    const since = performance.now();
    while (performance.now() - since < LOCK_MS + 2 * CHECK_MS) {
      if ((await this.control.try(() => this.#photos.getActiveCount())) === 0) return;
      await wait(100);
    }
  }

  /** @param atOnce a report that is being taken stays on its queue, for the next coordinator */
  async takeNoMore(atOnce: boolean): Promise<void> {
    for (const worker of [this.#taker, this.#watcher]) {
      const closed = worker?.close(atOnce);
      await (atOnce ? closed?.catch(() => {}) : closed);
    }
  }

  async close(): Promise<void> {
    await Promise.all([this.#photos, this.#reports].map((queue) => queue.close().catch(() => {})));
  }
}

/** Takes both queues of a run off the server, with all that is on them. */
export async function removeQueues(server: QueueServer, run: string, control: RunControl): Promise<void> {
  for (const name of [photosQueue(run), reportsQueue(run)]) {
    const queue = server.queue(name, false, control.trouble);
    await control.try(() => queue.obliterate({ force: true }));
    await queue.close().catch(() => {});
  }
}

/** Nothing, if it is no message of this version: somebody else has put it there. */
function readable<T>(read: () => T): T[] {
  try {
    return [read()];
  } catch (error) {
    if (error instanceof WireError) return [];
    throw error;
  }
}
