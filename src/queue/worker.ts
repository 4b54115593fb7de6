import { randomBytes } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { type FaceError, messageOf, throwIfAborted } from '../base/errors';
import { integer, options as knownOptions, path } from '../base/validate';
import { FaceEngine } from '../engine/engine';
import { DEFAULT_MAX_PIXELS } from '../photos/decode';
import { resolveJobs } from '../system/jobs';
import { sha256 } from '../system/sha256';
import { Board } from './board';
import { machineFingerprint } from './fingerprint';
import { JoinedRun, type Leaving } from './joined-run';
import type { Announcement, WorkerCard } from './messages';
import { checkServerOptions, type QueueServerOptions } from './options';
import { PhotoShare, SilentShare } from './photo-share';
import { Reports } from './reports';
import { QueueServer } from './server';
import { thisWorker, whyOther, whyTooMuch } from './terms';
import { Troubles } from './trouble';
import { Workbench } from './workbench';

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
  /** Runs that take photos with more pixels are left alone. Default: see `EncodeFacesOptions`, 268 million. */
  readonly maxPixels?: number;
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
  /** Called when the server answers again of which `onTrouble` was told that it does not; with its address, without the password. */
  readonly onServerBack?: (server: string) => void;
}

const OPTIONS: Readonly<Record<keyof QueueWorkerOptions, true>> = {
  queue: true,
  password: true,
  photos: true,
  jobs: true,
  models: true,
  maxMemory: true,
  maxPixels: true,
  signal: true,
  stop: true,
  onReady: true,
  onRun: true,
  onProgress: true,
  onTrouble: true,
  onServerBack: true,
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

/** How often it looks which runs there are. */
const LOOK_MS = 1_000;
/** How often it looks whether it can take part by now in one that was refused: a share may be there later than the worker. */
const LOOK_AGAIN_MS = 10_000;

/**
 * Looks at photos for others, who run `encodeFacesOnQueue` with the same queue, until `stop` is aborted. A run whose results
 * would not be the same on this computer to the last bit is left alone, and so is one whose photos are not in `photos`, or that asks
 * too much: photos of more than `maxPixels`, `numJitters` above 1,000, `upsample` above 4.
 * @throws FaceError FACE_INVALID_ARGUMENT; FACE_QUEUE if the server can't be used, or what speaks with it is not installed;
 *   FACE_MODEL_MISSING, FACE_MODEL_DAMAGED, FACE_NATIVE_LOAD; FACE_IO if `photos` is not there, or does not answer, as a share whose
 *   server is gone: after five minutes, and a second for each 256 KB that are being read, its photos are left to others. What it was asked
 *   can't be taken back; `process.exit` waits for that, too, SIGKILL does not. FACE_ABORTED by `signal`, and by `stop` before it is ready
 */
export async function runQueueWorker(options: QueueWorkerOptions): Promise<QueueWorkerSummary> {
  const started = performance.now();
  knownOptions('options', options, OPTIONS);
  checkServerOptions(options);
  const { stop, signal } = options;
  const jobs = resolveJobs(options.jobs ?? -1);
  const maxPixels = integer('maxPixels', options.maxPixels ?? DEFAULT_MAX_PIXELS, 1);
  const ends = AbortSignal.any([signal, stop].filter((one) => one !== undefined));
  const share =
    options.photos === undefined ? undefined : await PhotoShare.open(path('photos', options.photos), ends);
  throwIfAborted(signal);
  const engine = new FaceEngine({
    jobs,
    ...(options.models !== undefined && { models: options.models }),
    ...(options.maxMemory !== undefined && { maxMemory: options.maxMemory }),
  });
  try {
    const troubles = new Troubles(
      (error) => options.onTrouble?.(error),
      () => options.onServerBack?.(server.address),
    );
    const onTrouble = (error: FaceError) => troubles.add(error);
    const server = await QueueServer.connect(options, ends, onTrouble);
    troubles.answered(performance.now());
    await server.checkClock();
    const card = thisWorker(randomBytes(8).toString('hex'), jobs, await machineFingerprint(engine));
    const { fingerprint: _, ...who } = card;
    options.onReady?.({ ...who, server: server.address });
    const bench = new Workbench({ engine, card, share, signal, onProgress: options.onProgress });
    const { onRun } = options;
    const onAnswer = (asked: number) => troubles.answered(asked);
    const taking = { server, bench, card, share, maxPixels, signal, stop, onRun, onTrouble, onAnswer };
    await new TakingPart(taking).until(stop);
    return { ...bench.counts, seconds: (performance.now() - started) / 1000 };
  } finally {
    engine.dispose();
  }
}

interface TakingPartOptions {
  readonly server: QueueServer;
  readonly bench: Workbench;
  readonly card: WorkerCard;
  readonly share: PhotoShare | undefined;
  readonly maxPixels: number;
  readonly signal: AbortSignal | undefined;
  readonly stop: AbortSignal | undefined;
  readonly onRun: QueueWorkerOptions['onRun'];
  readonly onTrouble: (error: FaceError) => void;
  /** Is told when the server was asked what it has answered. */
  readonly onAnswer: (asked: number) => void;
}

/** Which runs a worker takes part in: those on the board, as long as they are there, whose results would be the same here. */
class TakingPart {
  readonly #runs = new Map<string, JoinedRun>();
  /** Runs that were refused: what was announced, why, and when that was looked at last. It may be put right. */
  readonly #refused = new Map<string, { terms: string; why: string; at: number }>();
  readonly #failed = new AbortController();
  readonly #leaving = new Set<Promise<void>>();

  constructor(private readonly options: TakingPartOptions) {}

  async until(stop: AbortSignal | undefined): Promise<void> {
    const { server, signal, onTrouble, onAnswer } = this.options;
    const ends = AbortSignal.any([signal, stop, this.#failed.signal].filter((one) => one !== undefined));
    const board = new Board(server, false, ends, onTrouble);
    try {
      while (!ends.aborted) {
        const asked = performance.now();
        const runs = await board.runs();
        onAnswer(asked);
        await this.#look(runs.filter(({ over }) => !over));
        await wait(LOOK_MS, undefined, { signal: ends }).catch(() => {});
      }
    } catch (error) {
      if (!ends.aborted) throw error;
    } finally {
      await board.close();
      for (const run of this.#runs.values()) this.#leave(run, { atOnce: signal?.aborted === true });
      await Promise.all(this.#leaving);
    }
    throwIfAborted(signal);
    if (this.#failed.signal.aborted) throw this.#failed.signal.reason;
  }

  async #look(runs: readonly Announcement[]): Promise<void> {
    const there = new Set(runs.map(({ run }) => run));
    for (const run of this.#runs.values())
      if (!there.has(run.announced.run)) this.#leave(run, { isOver: true });
    for (const known of this.#refused.keys()) if (!there.has(known)) this.#refused.delete(known);
    for (const run of runs) {
      const joined = this.#runs.get(run.run);
      const terms = askedBy(run);
      const refused = this.#refused.get(run.run);
      const isRefused = refused?.terms === terms;
      const now = performance.now();
      if (!joined && !(isRefused && now - refused.at < LOOK_AGAIN_MS)) {
        const why = this.#whyNot(run) ?? (await this.#whyElsewhere(run));
        if (why === undefined) this.#join(run);
        else if (isRefused && refused.why === why) refused.at = now;
        else await this.#refuse(run, why);
      } else if (joined && joined.announced.fingerprint !== run.fingerprint) {
        // Another was first with the same run.
        const why = this.#whyNot(run);
        if (why === undefined) joined.announced = run;
        else {
          this.#leave(joined, { isOver: true });
          await this.#refuse(run, why);
        }
      }
    }
  }

  #whyNot(run: Announcement): string | undefined {
    const { card, maxPixels } = this.options;
    return whyOther(run, card) ?? whyTooMuch(run, maxPixels);
  }

  /** Whether the photos are those of the run: the first is looked for. */
  async #whyElsewhere({ sends, sample, host }: Announcement): Promise<string | undefined> {
    const { share, signal } = this.options;
    if (sends) return undefined;
    if (share === undefined) {
      return `The photos of ${host} are on a share: give the folder that they are in on this computer with --photos.`;
    }
    if (!sample) return undefined;
    try {
      const { bytes } = await share.read(sample.within, sample.bytes, signal);
      if (sha256(bytes) === sample.content) return undefined;
      return `"${sample.within}" in ${share.path} is another photo than on ${host}.`;
    } catch (error) {
      throwIfAborted(signal);
      if (error instanceof SilentShare) throw error;
      return `${share.path} is not the folder with the photos of ${host}: ${messageOf(error)}`;
    }
  }

  async #refuse(announced: Announcement, reason: string): Promise<void> {
    const { run, host } = announced;
    this.#refused.set(run, { terms: askedBy(announced), why: reason, at: performance.now() });
    this.options.onRun?.({ run, host, what: 'refused', reason });
    const reports = this.#reportsOf(run);
    try {
      await reports.send({ cannot: reason }, 'cannot');
    } finally {
      await reports.close();
    }
  }

  #join(announced: Announcement): void {
    const { server, bench, signal, onTrouble, onRun } = this.options;
    const { run, host } = announced;
    this.#refused.delete(run);
    const reports = this.#reportsOf(run);
    const onFailure = (error: unknown) => this.#failed.abort(error);
    const areGone = () => this.#leaveIfElsewhere(joined);
    const options = { server, bench, reports, signal, onTrouble, areGone, onFailure };
    const joined = new JoinedRun(announced, options);
    this.#runs.set(run, joined);
    onRun?.({ run, host, what: 'joined' });
  }

  /** @returns whether the photos are not here, and the run was left for that; it is looked again later */
  async #leaveIfElsewhere(joined: JoinedRun): Promise<boolean> {
    const { announced } = joined;
    const why = await this.#whyElsewhere(announced);
    if (why === undefined) return false;
    if (this.#runs.get(announced.run) === joined) {
      this.#leave(joined, {});
      await this.#refuse(announced, why);
    }
    return true;
  }

  #reportsOf(run: string): Reports {
    const { card, server, signal, onTrouble } = this.options;
    return new Reports(run, card, server, signal, onTrouble);
  }

  #leave(joined: JoinedRun, how: Leaving): void {
    const { run, host } = joined.announced;
    this.#runs.delete(run);
    const left = joined.leave(how).then(() => this.options.onRun?.({ run, host, what: 'left' }));
    this.#leaving.add(left);
    void left.finally(() => this.#leaving.delete(left));
  }
}

/** All that decides whether a worker can take part in a run. */
function askedBy({ terms, fingerprint, sends, sample }: Announcement): string {
  return JSON.stringify([terms, fingerprint, sends, sample]);
}
