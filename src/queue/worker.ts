import { randomBytes } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { Job, Queue, Worker } from 'bullmq';
import { FaceError, messageOf, throwIfAborted } from '../base/errors';
import { options as knownOptions, path, text } from '../base/validate';
import { FaceEngine } from '../engine/engine';
import { readPhoto } from '../photos/read';
import { resolveJobs, WaitingLine } from '../system/jobs';
import { realPath } from '../system/real-path';
import { sha256 } from '../system/sha256';
import { answersTo } from './answers';
import { Board, photosQueue, reportsQueue } from './board';
import { WireError } from './check';
import { machineFingerprint } from './fingerprint';
import {
  type Announcement,
  type Answer,
  type JobMessage,
  pack,
  type Report,
  unpack,
  type WorkerCard,
} from './messages';
import type { QueueServerOptions } from './options';
import { fileWithin } from './photo-folder';
import { QueueServer } from './server';
import { Speed } from './speed';
import { thisWorker, whyOther } from './terms';
import { patiently, Troubles } from './trouble';

export interface QueueWorkerOptions extends QueueServerOptions {
  /**
   * Folder with the photos, under the name that it has on this computer: the same that the coordinator was given, or, if it was given
   * several, the one that holds them all. Nothing else is ever read. Without it, only runs that send their photos are served.
   */
  readonly photos?: string;
  /** How many photos are worked on at once; -1, the default, for one on each core. */
  readonly jobs?: number;
  /** Folder of the model files; default: see `findModelsFolder`. */
  readonly models?: string;
  /** How much memory to take, see `EngineOptions`. */
  readonly maxMemory?: number;
  /** Ends it at once; others do what it has in hand. */
  readonly signal?: AbortSignal;
  /** Ends it in good order: what it has in hand is finished, nothing more is taken. */
  readonly stop?: AbortSignal;
  /** Called once: who this worker is. */
  readonly onReady?: (worker: QueueWorker) => void;
  /** Called when it joins a run, leaves it, or finds that it can't take part, and why. */
  readonly onRun?: (event: QueueRunEvent) => void;
  /** Called after each job, of some photos each. */
  readonly onProgress?: (progress: QueueWorkerProgress) => void;
  /** Called when there is trouble with the server, at most once a minute for each kind; it goes on by itself. */
  readonly onTrouble?: (error: FaceError) => void;
}

const OPTIONS: Readonly<Record<keyof QueueWorkerOptions, true>> = {
  queue: true,
  password: true,
  photos: true,
  jobs: true,
  models: true,
  maxMemory: true,
  signal: true,
  stop: true,
  onReady: true,
  onRun: true,
  onProgress: true,
  onTrouble: true,
};

/** Who a worker is. */
export interface QueueWorker {
  /** Tells it from all others. */
  readonly id: string;
  /** Name of its computer. */
  readonly host: string;
  readonly pid: number;
  /** The program, with its version. */
  readonly program: string;
  /** The instruction set that it works with. */
  readonly instructions: string;
  /** How many photos it works on at once. */
  readonly jobs: number;
  /** Address of the server, without the password. */
  readonly server: string;
}

/** What becomes of a run, to a worker. */
export interface QueueRunEvent {
  readonly run: string;
  /** Name of the coordinator's computer. */
  readonly host: string;
  readonly what: 'joined' | 'left' | 'refused';
  /** Why it was refused, for people. */
  readonly reason?: string;
}

/** How far a worker is. */
export interface QueueWorkerProgress {
  /** Number of photos that it has looked at, in all runs. */
  readonly photos: number;
  /** Number of faces on these. */
  readonly faces: number;
  /** Photos that it could not look at: not there, or not those that they should be. */
  readonly refused: number;
  /** Photos a second, at present; 0 while nothing can be said. */
  readonly perSecond: number;
}

export interface QueueWorkerSummary extends Omit<QueueWorkerProgress, 'perSecond'> {
  readonly seconds: number;
}

/** What was begun so often and never done has ended its worker each time. */
const DEADLY = 2;

/** How often it looks which runs there are. */
const LOOK_MS = 1_000;
/** How often it looks whether it can take part by now in one that was refused: a share may be there later than the worker. */
const LOOK_AGAIN_MS = 10_000;

/**
 * Looks at photos for others, who run `encodeFacesOnQueue` with the same queue, until `stop` is aborted. A run whose results
 * would not be the same on this computer to the last bit is left alone, and so is one whose photos are not in `photos`.
 * @throws FaceError FACE_INVALID_ARGUMENT; FACE_QUEUE if the server can't be used, or what speaks with it is not installed;
 *   FACE_MODEL_MISSING, FACE_MODEL_DAMAGED, FACE_NATIVE_LOAD; FACE_IO if `photos` is not there; FACE_ABORTED by `signal`
 */
export async function runQueueWorker(options: QueueWorkerOptions): Promise<QueueWorkerSummary> {
  const started = performance.now();
  knownOptions('options', options, OPTIONS);
  text('queue', options.queue);
  const { stop, signal } = options;
  const jobs = resolveJobs(options.jobs ?? -1);
  const folder = options.photos === undefined ? undefined : await existing(path('photos', options.photos));
  throwIfAborted(signal);
  const engine = new FaceEngine({
    jobs,
    ...(options.models !== undefined && { models: options.models }),
    ...(options.maxMemory !== undefined && { maxMemory: options.maxMemory }),
  });
  try {
    const ends = AbortSignal.any([signal, stop].filter((one) => one !== undefined));
    const troubles = new Troubles((error) => options.onTrouble?.(error));
    const server = await QueueServer.connect(options, ends, (error) => troubles.add(error));
    await server.checkClock();
    const card = thisWorker(randomBytes(8).toString('hex'), jobs, await machineFingerprint(engine));
    const { fingerprint: _, ...who } = card;
    options.onReady?.({ ...who, server: server.address });
    const work = new Work(server, engine, card, folder, options);
    await work.until(stop);
    return { ...work.counts(), seconds: (performance.now() - started) / 1000 };
  } finally {
    engine.dispose();
  }
}

async function existing(folder: string): Promise<string> {
  return realPath(folder).catch((cause: unknown) => {
    throw new FaceError('FACE_IO', `The folder "${folder}" can't be opened (${messageOf(cause)}).`, {
      cause,
      path: folder,
      remedy: 'Give the folder with the photos by the name that it has on this computer.',
    });
  });
}

class Work {
  readonly #runs = new Map<string, JoinedRun>();
  /** Runs that were refused: what was announced, why, and when that was looked at last. It may be put right. */
  readonly #refused = new Map<string, { terms: string; why: string; at: number }>();
  readonly #troubles: Troubles;
  readonly #speed = new Speed();
  readonly #hands = new Hands();
  readonly #count = { photos: 0, faces: 0, refused: 0 };
  readonly #failed = new AbortController();
  readonly #leaving = new Set<Promise<void>>();

  constructor(
    private readonly server: QueueServer,
    private readonly engine: FaceEngine,
    private readonly card: WorkerCard,
    private readonly folder: string | undefined,
    private readonly options: QueueWorkerOptions,
  ) {
    this.#troubles = new Troubles((error) => options.onTrouble?.(error));
  }

  counts() {
    return this.#count;
  }

  async until(stop: AbortSignal | undefined): Promise<void> {
    const { signal } = this.options;
    const ends = AbortSignal.any([signal, stop, this.#failed.signal].filter((one) => one !== undefined));
    const board = new Board(this.server, false, ends, (error) => this.#troubles.add(error));
    try {
      while (!ends.aborted) {
        await this.#look(await board.runs());
        await wait(LOOK_MS, undefined, { signal: ends }).catch(() => {});
      }
    } catch (error) {
      if (!ends.aborted) throw error;
    } finally {
      await board.close();
      for (const run of this.#runs.values()) this.#leave(run, signal?.aborted === true);
      await Promise.all(this.#leaving);
    }
    throwIfAborted(signal);
    if (this.#failed.signal.aborted) throw this.#failed.signal.reason;
  }

  async #look(runs: readonly Announcement[]): Promise<void> {
    const there = new Set(runs.map(({ run }) => run));
    for (const run of this.#runs.values()) if (!there.has(run.announced.run)) this.#leave(run);
    for (const known of this.#refused.keys()) if (!there.has(known)) this.#refused.delete(known);
    for (const run of runs) {
      const joined = this.#runs.get(run.run);
      const terms = JSON.stringify([run.terms, run.fingerprint, run.sends, run.sample]);
      const refused = this.#refused.get(run.run);
      const isRefused = refused?.terms === terms;
      const now = performance.now();
      if (!joined && !(isRefused && now - refused.at < LOOK_AGAIN_MS)) {
        const why = whyOther(run, this.card) ?? (await this.#whyElsewhere(run));
        if (why === undefined) this.#join(run);
        else if (isRefused && refused.why === why) refused.at = now;
        else await this.#refuse(run, why, terms);
      } else if (joined && joined.announced.fingerprint !== run.fingerprint) {
        // Another was first with the same run.
        const why = whyOther(run, this.card);
        if (why === undefined) joined.announced = run;
        else {
          this.#leave(joined);
          await this.#refuse(run, why, terms);
        }
      }
    }
  }

  /** Whether the photos are those of the run: the first is looked for. */
  async #whyElsewhere({ sends, sample, host }: Announcement): Promise<string | undefined> {
    if (sends) return undefined;
    if (this.folder === undefined) {
      return `The photos of ${host} are on a share: give the folder that they are in on this computer with --photos.`;
    }
    if (!sample) return undefined;
    try {
      const file = await fileWithin(this.folder, sample.within, sample.bytes);
      const { bytes } = await readPhoto(file, this.options.signal);
      if (sha256(bytes) === sample.content) return undefined;
      return `"${sample.within}" in ${this.folder} is another photo than on ${host}.`;
    } catch (error) {
      throwIfAborted(this.options.signal);
      return `${this.folder} is not the folder with the photos of ${host}: ${messageOf(error)}`;
    }
  }

  async #refuse(run: Announcement, reason: string, terms: string): Promise<void> {
    this.#refused.set(run.run, { terms, why: reason, at: performance.now() });
    this.options.onRun?.({ run: run.run, host: run.host, what: 'refused', reason });
    const reports = this.server.queue(reportsQueue(run.run), false, (error) => this.#troubles.add(error));
    try {
      await this.#deliver(reports, { run: run.run, worker: this.card, cannot: reason }, this.card.id);
    } finally {
      await reports.close().catch(() => {});
    }
  }

  #join(announced: Announcement): void {
    const { run, host } = announced;
    this.#refused.delete(run);
    const onTrouble = (error: FaceError) => this.#troubles.add(error);
    const reports = this.server.queue(reportsQueue(run), false, onTrouble);
    const joined: JoinedRun = {
      announced,
      reports,
      worker: this.server.worker(
        photosQueue(run),
        // One is worked on, and the next is at hand.
        { work: (job) => this.#work(joined, job), concurrency: 2, checks: false },
        onTrouble,
      ),
    };
    this.#runs.set(run, joined);
    this.options.onRun?.({ run, host, what: 'joined' });
    void this.#deliver(reports, { run, worker: this.card }, this.card.id).catch(() => {});
  }

  /** @param atOnce what is in hand is left to others */
  #leave({ announced, worker, reports }: JoinedRun, atOnce = false): void {
    const { run, host } = announced;
    this.#runs.delete(run);
    const left = (async () => {
      await worker.close(atOnce).catch(() => {});
      await reports.close().catch(() => {});
      this.options.onRun?.({ run, host, what: 'left' });
    })();
    this.#leaving.add(left);
    void left.finally(() => this.#leaving.delete(left));
  }

  /** Does a job. Whatever is wrong with it, the coordinator is told: to the engine it is done. */
  async #work(run: JoinedRun, job: Job): Promise<void> {
    if (this.#failed.signal.aborted || this.options.signal?.aborted) return putBack(job);
    const id = String(job.id);
    const about = { run: run.announced.run, worker: this.card, job: id };
    const begun = typeof job.progress === 'number' ? job.progress : 0;
    if (begun >= DEADLY) return this.#deliver(run.reports, { ...about, lost: 'killed' }, id);
    let message: JobMessage;
    try {
      message = unpack('job', job.data);
      if (message.run !== run.announced.run) throw new WireError('it is of another run');
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      return this.#deliver(run.reports, { ...about, lost: 'refused', why: messageOf(error) }, id);
    }
    const leave = await this.#hands.begin(message.alone === true);
    try {
      // Written down beforehand: it may be the last that is heard of this process.
      await this.#patiently(() => job.updateProgress(begun + 1));
      const report = await this.#answer(run, message);
      // Over without these photos: somebody else has done them.
      if (this.#runs.get(about.run) !== run && !this.options.stop?.aborted) return;
      await this.#deliver(run.reports, { ...about, ...report }, id);
    } catch (error) {
      // More than a photo's trouble: the job is another's, and this worker is at its end.
      this.#failed.abort(error);
      await job.updateProgress(begun).catch(() => {});
      return putBack(job);
    } finally {
      leave();
    }
  }

  async #answer(run: JoinedRun, message: JobMessage): Promise<Partial<Report>> {
    const { engine, folder, card } = this;
    const { terms } = run.announced;
    // As many at hand as the engine takes: photos that are alone in their jobs, too.
    run.worker.concurrency = Math.max(2, Math.ceil((2 * card.jobs) / message.photos.length) + 1);
    const { pipeline } = engine;
    const options = { engine, pipeline, jobs: card.jobs, terms, folder };
    this.#speed.begin();
    let answers: Answer[] = [];
    try {
      answers = await answersTo(message, options, this.options.signal);
    } finally {
      const sizes = answers.flatMap(({ result }) => (result ? result.width * result.height : []));
      this.#speed.end(
        answers.length,
        sizes.reduce((sum, size) => sum + size, 0),
      );
    }
    const results = answers.flatMap(({ result }) => result ?? []);
    this.#count.photos += answers.length;
    this.#count.faces += results.reduce((sum, { faces }) => sum + faces.length, 0);
    this.#count.refused += answers.filter(({ refused }) => refused).length;
    const { perSecond, pixelsPerSecond } = this.#speed;
    this.options.onProgress?.({ ...this.#count, perSecond });
    return { answers, perSecond, pixelsPerSecond, photos: this.#count.photos };
  }

  /** @param about tells what the report is about; several of one worker about the same are one */
  async #deliver(reports: Queue, report: Omit<Report, 'protocol'>, about: string): Promise<void> {
    const message = pack('report', report);
    const options = { jobId: `${about}_${this.card.id}`, removeOnComplete: true, removeOnFail: true };
    await this.#patiently(() => reports.add('report', message, options));
  }

  async #patiently(attempt: () => Promise<unknown>): Promise<void> {
    const { signal } = this.options;
    await patiently(attempt, this.server.address, signal, (error) => this.#troubles.add(error));
  }
}

/** Jobs in hand; one that may end the process is done with no other beside it, which would be suspected, too. */
class Hands {
  readonly #line = new WaitingLine();
  #inHand = 0;
  #alone = false;

  /** Waits until the job may be begun. @returns to be called once, when it is done */
  begin(alone: boolean): Promise<() => void> {
    const take = () => {
      if (this.#alone || (alone && this.#inHand > 0)) return undefined;
      this.#inHand++;
      this.#alone = alone;
      return () => {
        this.#inHand--;
        this.#alone = false;
        this.#line.next();
      };
    };
    return this.#line.enter(take, undefined).finally(() => this.#line.next());
  }
}

/** Leaves a job to others. */
async function putBack(job: Job): Promise<never> {
  await job.moveToWait(job.token).catch(() => {});
  // By this name the engine knows that it is not done with.
  throw Object.assign(new Error('left to others'), { name: 'WaitingError' });
}

interface JoinedRun {
  announced: Announcement;
  readonly worker: Worker;
  readonly reports: Queue;
}
