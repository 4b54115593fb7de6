import type { Job, Worker } from 'bullmq';
import { type FaceError, messageOf } from '../base/errors';
import { photosQueue } from './board';
import { WireError } from './check';
import { type Announcement, type JobMessage, unpack } from './messages';
import type { Reports } from './reports';
import { isForgotten, type QueueServer } from './server';
import { patiently } from './trouble';
import type { Workbench } from './workbench';

/** What was begun so often and never done has ended its worker each time. */
const DEADLY = 2;

export interface JoinedRunOptions {
  readonly server: QueueServer;
  readonly bench: Workbench;
  /** To its coordinator. */
  readonly reports: Reports;
  /** What is in hand is left to others. */
  readonly signal: AbortSignal | undefined;
  readonly onTrouble: (error: FaceError) => void;
  /** Asked when not one photo of a job could be opened: whether they are not here any more. Then the run is left. */
  readonly areGone: () => Promise<boolean>;
  /** What concerns more than one photo: this worker is at its end. */
  readonly onFailure: (error: unknown) => void;
}

/** What becomes of what is in hand when a run is left: it is finished and reported, if nothing else is said. */
export interface Leaving {
  /** The run is over, or another was first: nothing is said of it. */
  readonly isOver?: boolean;
  /** It is left to others. */
  readonly atOnce?: boolean;
}

/** A run that a worker takes part in: its jobs, from the queue and, as reports, back. */
export class JoinedRun {
  readonly #worker: Worker;
  /** Nobody waits for what is in hand. */
  #isOver = false;
  #hasFailed = false;

  constructor(
    public announced: Announcement,
    private readonly options: JoinedRunOptions,
  ) {
    const { server, reports, onTrouble } = options;
    // One is worked on, and the next is at hand.
    const taking = { work: (job: Job) => this.#do(job), concurrency: 2, checks: false };
    this.#worker = server.worker(photosQueue(announced.run), taking, onTrouble);
    void reports.send({}, 'here').catch(() => {});
  }

  async leave({ isOver = false, atOnce = false }: Leaving): Promise<void> {
    this.#isOver = isOver;
    await this.#worker.close(atOnce).catch(() => {});
    await this.options.reports.close();
  }

  /** Does a job. Whatever is wrong with it, the coordinator is told: to the engine it is done. */
  async #do(job: Job): Promise<void> {
    const { bench, reports, signal, areGone, onFailure } = this.options;
    if (this.#hasFailed || signal?.aborted) return putBack(job);
    const id = String(job.id);
    const begun = typeof job.progress === 'number' ? job.progress : 0;
    if (begun >= DEADLY) return reports.send({ job: id, lost: 'killed' }, id);
    let message: JobMessage;
    try {
      message = this.#read(job);
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      return reports.send({ job: id, lost: 'refused', why: messageOf(error) }, id);
    }
    const leave = await bench.begin(message);
    try {
      // Written down beforehand: it may be the last that is heard of this process.
      if (!(await this.#note(job, begun + 1))) return;
      this.#worker.concurrency = bench.jobsAtHand(message.photos.length);
      const report = await bench.lookAt(message, this.announced.terms);
      // Over without these photos: somebody else has done them.
      if (this.#isOver) return;
      // A share that is away is no reason to refuse all photos, one after the other, as fast as nobody else looks at them.
      if (report.answers?.every(({ refused }) => refused) && (await areGone())) {
        await this.#note(job, begun);
        return putBack(job);
      }
      await reports.send({ job: id, ...report, ...bench.state }, id);
    } catch (error) {
      // More than a photo's trouble: the job is another's.
      this.#hasFailed = true;
      onFailure(error);
      await job.updateProgress(begun).catch(() => {});
      return putBack(job);
    } finally {
      leave();
    }
  }

  #read(job: Job): JobMessage {
    const message = unpack('job', job.data);
    if (message.run !== this.announced.run) throw new WireError('it is of another run');
    return message;
  }

  /** Has the server note how often a job was begun. @returns whether it still knows of the job */
  async #note(job: Job, begun: number): Promise<boolean> {
    const { server, signal, onTrouble } = this.options;
    const attempt = () =>
      job.updateProgress(begun).then(
        () => true,
        (error: unknown) => {
          // It was restarted without what it had: the coordinator will put the photos there again.
          if (isForgotten(error)) return false;
          throw error;
        },
      );
    return patiently(attempt, server.address, signal, onTrouble);
  }
}

/** Leaves a job to others. */
async function putBack(job: Job): Promise<never> {
  await job.moveToWait(job.token).catch(() => {});
  // By this name the engine knows that it is not done with.
  throw Object.assign(new Error('left to others'), { name: 'WaitingError' });
}
