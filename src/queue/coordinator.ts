import { hostname } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import type { Job, Queue, Worker } from 'bullmq';
import { abortError, FaceError, type FaceErrorCode } from '../base/errors';
import type { PhotoId } from '../base/ids';
import { problemOf } from '../base/photo-problem';
import {
  type EncodePhotoOptions,
  PhotoEncoder,
  type PhotoOutcome,
  type PhotoToEncode,
  type PhotoWork,
  thisReader,
} from '../encode/encode-photo';
import { photoState } from '../encode/journal/photo-state';
import { type PhotoResult, storeResult } from '../encode/journal/records';
import type { PhotoIdentity } from '../encode/photo-store';
import { processBudget } from '../engine/memory-budget';
import { PhotoPipeline } from '../engine/photo-pipeline';
import { photoAt } from '../photos/given';
import { estimatedPixels } from '../photos/largest-first';
import { frameIn } from '../photos/video/frame-path';
import { forEachConcurrent, Slots } from '../system/jobs';
import { Board, photosQueue, reportsQueue } from './board';
import { WireError } from './check';
import { checkSame, signed } from './compare';
import { Doorbell } from './doorbell';
import { machineFingerprint } from './fingerprint';
import {
  type Announcement,
  type Answer,
  type JobPhoto,
  MOST_BYTES,
  MOST_PHOTOS,
  MOST_SENT,
  pack,
  type Report,
  unpack,
  type WorkerCard,
} from './messages';
import type { QueueWorkerState } from './options';
import { placeWithin } from './photo-folder';
import type { RunFile } from './run-file';
import { CHECK_MS, LOCK_MS, type QueueServer } from './server';
import { nameOf, programName, termsId, termsOf } from './terms';
import { patiently, Troubles } from './trouble';
import { WorkersOfRun } from './workers-of-run';

export interface CoordinatorOptions {
  readonly server: QueueServer;
  readonly openRunFile: () => Promise<RunFile>;
  /** Folder that all photos are in. */
  readonly folder: string;
  /** Whether photos are sent as bytes, for workers that have no such folder. */
  readonly send: boolean;
  /** Looks at photos on this computer; without, workers do all of that but for frames of videos. */
  readonly own: OwnWorker | undefined;
  /** How far the whole is. */
  readonly progress: () => { readonly done: number; readonly total: number };
  /** Something that a person should know. */
  readonly onNote: (message: string) => void;
  readonly onWorkers: (workers: readonly QueueWorkerState[]) => void;
}

/** A worker in a process of its own: a photo that ends it does not end the coordinator. */
export interface OwnWorker {
  /** @param onEnd it can't go on */
  start(onEnd: (error: FaceError) => void): void;
  /** @param atOnce what it has in hand is left to others; else it finishes that. Never rejects. */
  stop(atOnce: boolean): Promise<void>;
}

/** Files read at once to know what they contain. */
const READERS = 4;
/** Jobs take some seconds of a worker's time. */
const JOB_SECONDS = 3;
/** Pixels of a job, before it is known how fast workers are. */
const FIRST_PIXELS = { cnn: 2e6, hog: 8e6 } as const;
/** So many jobs wait for those who come, beside what workers take at once. */
const JOBS_AHEAD = 16;
/** All that is sent as bytes and not yet done. */
const MOST_SENT_AHEAD = 4 * MOST_SENT;
/** How many workers may be unable to look at a photo before it is left alone. */
const ATTEMPTS = 3;
/** How often it is looked what is still on the queue; when no photo is begun any more, more often. */
const STOPPING_CHECK_MS = 1_000;

interface Waiting<T> {
  readonly photo: T;
  readonly identity: PhotoIdentity;
}

/** A content that is looked at, and the photos that have it. */
interface Pending<T> {
  readonly content: PhotoId;
  readonly waiting: Waiting<T>[];
  /** Length of the file. */
  readonly bytes: number;
  readonly pixels: number;
  /** The job that it is in. */
  job: string | undefined;
  /** How many workers could not look at it. */
  refusals: number;
  /** Whether only what is missing is measured. */
  readonly before: PhotoResult | undefined;
  /** Its file, as long as that is at hand. */
  data: Uint8Array | undefined;
}

/** What is on the queue. */
interface Outstanding {
  readonly contents: readonly PhotoId[];
  readonly bytes: number;
  /** How often it was not there when it was looked for. */
  missed: number;
}

/**
 * Has the faces of photos found by workers on other computers, through a queue. It reads each photo to know what it contains, puts
 * jobs of some photos on the queue, and takes what comes back into the store: the first result of a content counts, and a
 * second one has to be the same.
 */
export class QueuedWork implements PhotoWork {
  constructor(
    private readonly encode: EncodePhotoOptions,
    private readonly options: CoordinatorOptions,
  ) {}

  async encodeAll<T extends PhotoToEncode>(
    source: Iterable<T> | AsyncIterable<T>,
    { jobs, ...stops }: { jobs: number; signal: AbortSignal | undefined; stop: AbortSignal | undefined },
    onOutcome: (photo: T, outcome: PhotoOutcome) => void,
  ): Promise<void> {
    const run = new Run<T>(this.encode, this.options, { ...stops, jobs, onOutcome });
    const photos =
      Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]();
    const first = await photos.next();
    if (first.done) return run.tidy();
    await run.do(
      (async function* () {
        yield first.value;
        for (let next = await photos.next(); !next.done; next = await photos.next()) yield next.value;
      })(),
    );
  }
}

class Run<T extends PhotoToEncode> {
  readonly #terms;
  readonly #troubles: Troubles;
  readonly #board: Board;
  /** Reads photos, however many are worked on. */
  readonly #reader = new PhotoPipeline(READERS, processBudget(undefined, READERS));
  readonly #local: PhotoEncoder;
  /** Lets in as many photos as are looked at here at once. */
  readonly #hands: Slots;

  readonly #pending = new Map<PhotoId, Pending<T>>();
  readonly #jobs = new Map<string, Outstanding>();
  /** Contents that are in jobs and reports of this run from before; the photos may not have been read yet. */
  readonly #inherited = new Set<PhotoId>();
  /** Of these, what is known to have ended workers: to be put into jobs of their own, or not at all. */
  readonly #suspects = new Map<PhotoId, 'alone' | 'lost'>();
  readonly #workers = new WorkersOfRun();
  readonly #said = new Set<string>();

  #batch: Pending<T>[] = [];
  #sending: Promise<void> = Promise.resolve();
  #jobNumber = 0;
  #localWork = 0;
  /** Of the photos that are done: how many pixels they were thought to have, by their files, and have. */
  #estimated = 0;
  #measured = 0;
  #sample: Announcement['sample'] = null;
  #announced = false;

  readonly #changed = new Doorbell();
  readonly #failed = new AbortController();
  readonly #ends: AbortSignal;
  readonly #stop: AbortSignal | undefined;
  readonly #onOutcome: (photo: T, outcome: PhotoOutcome) => void;
  #over = false;

  #run = '';
  #fingerprint: string | undefined;
  #runFile!: RunFile;
  #photos!: Queue;
  #reports!: Queue;
  #taker: Worker | undefined;
  #watcher: Worker | undefined;

  constructor(
    private readonly encode: EncodePhotoOptions,
    private readonly options: CoordinatorOptions,
    {
      jobs,
      signal,
      stop,
      onOutcome,
    }: {
      jobs: number;
      signal: AbortSignal | undefined;
      stop: AbortSignal | undefined;
      onOutcome: (photo: T, outcome: PhotoOutcome) => void;
    },
  ) {
    this.#terms = termsOf(encode);
    this.#stop = stop;
    this.#onOutcome = onOutcome;
    this.#ends = AbortSignal.any([signal, this.#failed.signal].filter((one) => one !== undefined));
    this.#troubles = new Troubles((error) => options.onNote(error.message));
    this.#board = new Board(options.server, true, this.#ends, (error) => this.#troubles.add(error));
    this.#local = new PhotoEncoder(encode);
    this.#hands = new Slots(2 * jobs);
    const wake = () => this.#changed.ring();
    stop?.addEventListener('abort', wake);
    this.#ends.addEventListener('abort', wake);
  }

  /** There is nothing to do: only what a run before may have left is removed. */
  async tidy(): Promise<void> {
    try {
      const runFile = await this.options.openRunFile();
      const before = runFile.earlier;
      if (before?.queue !== this.options.server.address) return;
      await this.#forget(before.run);
      await runFile.remove();
    } finally {
      await this.#board.close();
    }
  }

  async do(source: AsyncIterable<T>): Promise<void> {
    try {
      await this.#open();
      const watching = this.#watch();
      await forEachConcurrent(source, READERS, this.#ends, (photo) => this.#read(photo));
      await this.#flush();
      await this.#until(() => (this.#pending.size === 0 || this.#isStopped()) && this.#localWork === 0);
      this.#over = true;
      this.#changed.ring();
      await watching;
      await this.#close();
    } catch (error) {
      this.#over = true;
      this.#changed.ring();
      await this.#leave();
      if (this.#failed.signal.aborted) throw this.#failed.signal.reason;
      throw error;
    }
  }

  // --- The beginning and the end ---------------------------------------------------------------------------------------------

  async #open(): Promise<void> {
    const { server, openRunFile, own } = this.options;
    const runFile = await openRunFile();
    this.#runFile = runFile;
    const id = termsId(this.#terms);
    const before = runFile.earlier;
    // This computer's numbers count where it looks at photos, too.
    if (own) this.#fingerprint = await machineFingerprint(this.encode.engine);
    const fits =
      before?.terms === id &&
      before.queue === server.address &&
      (this.#fingerprint === undefined || (before.fingerprint ?? this.#fingerprint) === this.#fingerprint);
    if (before && fits) {
      this.#run = before.run;
      this.#fingerprint ??= before.fingerprint;
    } else {
      // On another server it can't be removed from here.
      if (before?.queue === server.address) await this.#forget(before.run);
      this.#run = await runFile.begin(id, server.address, this.#fingerprint);
    }
    const onTrouble = (error: FaceError) => this.#troubles.add(error);
    this.#photos = server.queue(photosQueue(this.#run), true, onTrouble);
    this.#reports = server.queue(reportsQueue(this.#run), true, onTrouble);
    if (before && fits) await this.#inherit();
    this.#taker = server.worker(
      reportsQueue(this.#run),
      { work: (job) => this.#take(job), concurrency: 1, checks: true },
      onTrouble,
    );
    this.#watcher = server.worker(photosQueue(this.#run), { checks: true }, onTrouble);
    own?.start((error) => this.#fail(error));
  }

  /** What a coordinator of before has left on the queue goes on. */
  async #inherit(): Promise<void> {
    const jobs = await this.#try(() =>
      this.#photos.getJobs(['waiting', 'active', 'delayed', 'prioritized'], 0, -1),
    );
    for (const job of jobs) {
      try {
        const { photos } = unpack('job', job?.data);
        const contents = photos.map(({ content }) => content);
        for (const content of contents) this.#inherited.add(content);
        const bytes = photos.reduce((sum, { data }) => sum + (data?.length ?? 0), 0);
        this.#jobs.set(String(job?.id), { contents, bytes, missed: 0 });
      } catch (error) {
        if (!(error instanceof WireError)) throw error;
      }
    }
    const reports = await this.#try(() => this.#reports.getJobs(['waiting', 'active'], 0, -1));
    for (const job of reports) {
      try {
        for (const { content } of unpack('report', job?.data).answers ?? []) this.#inherited.add(content);
      } catch (error) {
        if (!(error instanceof WireError)) throw error;
      }
    }
    if (this.#inherited.size > 0) {
      this.options.onNote(`Going on with what is still on the queue: ${this.#inherited.size} photos.`);
    }
  }

  /** Nothing of the run is left on the server. */
  async #close(): Promise<void> {
    await this.#board.remove(this.#run);
    await this.options.own?.stop(false);
    await this.#othersDone();
    await this.#taker?.close();
    await this.#watcher?.close();
    await this.#forget(this.#run);
    await this.#runFile.remove();
    await this.#disconnect();
  }

  /** Whoever looks at photos that are done already, because it was thought to be gone, would put its report where nothing is. */
  async #othersDone(): Promise<void> {
    await this.#try(() => this.#photos.drain());
    const since = performance.now();
    while (performance.now() - since < LOCK_MS + 2 * CHECK_MS) {
      if ((await this.#try(() => this.#photos.getActiveCount())) === 0) return;
      await wait(100);
    }
  }

  /** All stays on the server for the next coordinator. */
  async #leave(): Promise<void> {
    await this.options.own?.stop(true);
    await this.#taker?.close(true).catch(() => {});
    await this.#watcher?.close(true).catch(() => {});
    await this.#disconnect();
  }

  async #disconnect(): Promise<void> {
    await Promise.all([this.#photos, this.#reports].map((queue) => queue?.close().catch(() => {})));
    await this.#board.close();
  }

  async #forget(run: string): Promise<void> {
    const { server } = this.options;
    for (const name of [photosQueue(run), reportsQueue(run)]) {
      const queue = server.queue(name, false, (error) => this.#troubles.add(error));
      await this.#try(() => queue.obliterate({ force: true }));
      await queue.close().catch(() => {});
    }
    await this.#board.remove(run);
  }

  #try<R>(attempt: () => Promise<R>): Promise<R> {
    return patiently(attempt, this.options.server.address, this.#ends, (error) => this.#troubles.add(error));
  }

  #fail(error: unknown): void {
    this.#failed.abort(error);
  }

  async #until(isSo: () => boolean): Promise<void> {
    for (;;) {
      if (this.#ends.aborted)
        throw this.#failed.signal.aborted ? this.#failed.signal.reason : abortError(this.#ends);
      if (isSo()) return;
      await this.#changed.wait();
    }
  }

  /** Once no photo is begun any more: whether all is done that others have in hand. */
  #isStopped(): boolean {
    return this.#stop?.aborted === true && this.#jobs.size === 0;
  }

  // --- Photos, to the queue --------------------------------------------------------------------------------------------------

  async #read(photo: T): Promise<void> {
    if (this.#stop?.aborted) return;
    const { path, bytes } = photo;
    // What ffmpeg makes of a frame of a video may differ between its versions: that of this computer counts.
    if (frameIn(path)) return this.#lookAt(photo, photo);
    const file = await this.#reader
      .read(photoAt(path, bytes), this.#ends)
      .catch((error: unknown) => problemOf(path, error));
    if ('code' in file) return this.#onOutcome(photo, { problem: file, known: false });
    let pending: Pending<T> | undefined;
    try {
      const content = file.content();
      const identity = { path, content, state: file.stats && photoState(file.stats) };
      const data = this.options.send ? file.bytes : undefined;
      const length = Number(file.stats?.size ?? bytes);
      pending = await this.#offer({ photo, identity }, length, data);
    } finally {
      file.release();
    }
    if (pending) await this.#put(pending);
  }

  /** @returns what is to be put on the queue, if its content is not known and not there yet */
  async #offer(
    waiting: Waiting<T>,
    bytes: number,
    data: Uint8Array | undefined,
  ): Promise<Pending<T> | undefined> {
    const { store, mirror, maxPixels } = this.encode;
    const { photo, identity } = waiting;
    const { content, path } = identity;
    const known = this.#local.known(path, content);
    if (known) {
      await store.recognize(identity);
      this.#onOutcome(photo, known);
      return undefined;
    }
    const there = this.#pending.get(content);
    if (there) {
      there.waiting.push(waiting);
      return undefined;
    }
    const entry = store.entry(content);
    const isPart = entry && !entry.problem && mirror && entry.width * entry.height <= maxPixels;
    const pending: Pending<T> = {
      content,
      waiting: [waiting],
      bytes,
      pixels: estimatedPixels({ path, bytes, index: 0 }),
      job: undefined,
      refusals: 0,
      before: isPart ? await store.result(content) : undefined,
      data,
    };
    this.#pending.set(content, pending);
    return pending;
  }

  async #put(pending: Pending<T>): Promise<void> {
    if (!this.#isPending(pending)) return;
    const { content } = pending;
    const suspect = this.#suspects.get(content);
    if (suspect === 'lost') return this.#settleLost(pending);
    const before = this.#inherited.has(content)
      ? [...this.#jobs].find(([, { contents }]) => contents.includes(content))
      : undefined;
    if (before) {
      [pending.job] = before;
      pending.data = undefined;
      return;
    }
    const fault = this.#whyNotOnQueue(pending);
    if (fault) return this.#refused(pending, fault.code, fault.reason, undefined);
    if (suspect === 'alone') return this.#send([pending], true);
    this.#batch.push(pending);
    const { photos, pixels, bytes } = this.#roomInJob();
    const sum = (of: (one: Pending<T>) => number) => this.#batch.reduce((total, one) => total + of(one), 0);
    const full =
      this.#batch.length >= photos ||
      sum((one) => one.pixels) >= pixels ||
      (this.options.send && sum((one) => one.bytes) >= bytes);
    if (full) await this.#flush();
  }

  /** Why a photo can't be looked at by workers. */
  #whyNotOnQueue({ waiting, bytes }: Pending<T>): { code: FaceErrorCode; reason: string } | undefined {
    const { path } = (waiting[0] as Waiting<T>).identity;
    const longest = this.options.send ? MOST_SENT : MOST_BYTES;
    if (bytes > longest) {
      const size = `${Math.round(longest / 1e6)} MB`;
      return {
        code: 'FACE_IMAGE_TOO_LARGE',
        reason: `The file of the photo "${path}" is longer than the ${size} that workers are given.`,
      };
    }
    if (!this.options.send && placeWithin(this.options.folder, path) === undefined) {
      return {
        code: 'FACE_IMAGE_NOT_FOUND',
        reason: `The photo "${path}" is not in ${this.options.folder}.`,
      };
    }
    return undefined;
  }

  /** What a job has at most: some seconds of work of the slowest worker. */
  #roomInJob(): { photos: number; pixels: number; bytes: number } {
    const { slowest } = this.#workers;
    const pixels = slowest === undefined ? FIRST_PIXELS[this.encode.settings.method] : JOB_SECONDS * slowest;
    const factor = this.#measured > 0 ? this.#measured / this.#estimated : 1;
    return { photos: MOST_PHOTOS, pixels: pixels / factor, bytes: MOST_SENT / 2 };
  }

  #hasRoom(): boolean {
    if (this.#jobs.size >= JOBS_AHEAD + this.#workers.taken) return false;
    return [...this.#jobs.values()].reduce((sum, { bytes }) => sum + bytes, 0) < MOST_SENT_AHEAD;
  }

  /** Puts what has been gathered on the queue, as soon as there is room. */
  #flush(): Promise<void> {
    const batch = this.#batch;
    this.#batch = [];
    if (batch.length === 0) return this.#sending;
    this.#sending = this.#sending.then(async () => {
      await this.#until(() => this.#hasRoom() || this.#stop?.aborted === true);
      if (this.#stop?.aborted) this.#drop(batch);
      else await this.#send(batch);
    });
    return this.#sending;
  }

  /** Leaves photos for the next run. */
  #drop(batch: readonly Pending<T>[]): void {
    for (const { content } of batch) this.#pending.delete(content);
  }

  /** @param alone whether it is to be done with nothing else in hand */
  async #send(batch: readonly Pending<T>[], alone = false): Promise<void> {
    const id = `${this.#jobNumber++}-${Date.now().toString(36)}`;
    const made: JobPhoto[] = [];
    for (const pending of batch) {
      if (!this.#isPending(pending)) continue;
      const photo = await this.#toPhoto(pending);
      if (photo) made.push(photo);
    }
    // Meanwhile a coordinator's job of before may have brought what was missing.
    const photos = made.filter(({ content }) => this.#pending.has(content));
    if (photos.length === 0) return;
    const contents = photos.map(({ content }) => content);
    for (const content of contents) {
      const pending = this.#pending.get(content) as Pending<T>;
      pending.job = id;
      pending.data = undefined;
    }
    const bytes = photos.reduce((sum, { data }) => sum + (data?.length ?? 0), 0);
    this.#jobs.set(id, { contents, bytes, missed: 0 });
    const [first] = photos;
    if (!this.#announced && first) {
      const { within, bytes, content } = first;
      this.#sample = within === undefined ? null : { within, bytes, content };
      await this.#announce();
    }
    const message = pack('job', { run: this.#run, photos, ...(alone && { alone }) });
    const options = { jobId: id, removeOnComplete: true, attempts: 1 };
    await this.#try(() => this.#photos.add('photos', message, options));
  }

  /** Whether nothing has come of it yet. */
  #isPending(pending: Pending<T>): boolean {
    return this.#pending.get(pending.content) === pending;
  }

  async #toPhoto(pending: Pending<T>): Promise<JobPhoto | undefined> {
    const { content, bytes, before, waiting } = pending;
    const { path } = (waiting[0] as Waiting<T>).identity;
    const known = before && { known: storeResult(before) };
    if (!this.options.send) {
      return { path, content, bytes, within: placeWithin(this.options.folder, path) as string, ...known };
    }
    if (!pending.data) {
      // A second attempt: it is read again.
      const file = await this.#reader
        .read(photoAt(path, bytes), this.#ends)
        .catch((error: unknown) => problemOf(path, error));
      if ('code' in file) {
        await this.#settleProblem(pending, file.code, file.reason);
        return undefined;
      }
      pending.data = file.bytes;
      file.release();
    }
    return { path, content, bytes, data: Buffer.from(pending.data).toString('base64'), ...known };
  }

  // --- Reports, from the queue -----------------------------------------------------------------------------------------------

  /** Takes what a worker says. Never rejects but for what ends the run. */
  async #take(job: Job): Promise<void> {
    let isTold = false;
    try {
      const report = unpack('report', job.data);
      if (report.run !== this.#run) throw new WireError('it is of another run');
      await this.#onReport(report).catch((error: unknown) => {
        if (!(error instanceof WireError) || report.job === undefined) throw error;
        this.#notUsed(error);
        // The job is off the queue: another answer will not come by itself.
        return this.#again(report.job, 'FACE_INTERNAL', error.message, report.worker);
      });
    } catch (error) {
      if (error instanceof WireError) this.#notUsed(error);
      else {
        // Else it would end the next run, too, and all after that.
        isTold = error instanceof FaceError && error.code === 'FACE_RESULTS_DIFFER';
        this.#fail(error);
      }
    }
    this.#changed.ring();
    // Not done: the next coordinator takes it.
    if (this.#ends.aborted && !isTold) await new Promise(() => {});
  }

  #notUsed({ message }: WireError): void {
    this.#say(`Something on the queue is not what a worker says, and is not used: ${message}.`);
  }

  async #onReport(report: Report): Promise<void> {
    const { worker, cannot, job, answers, lost, why } = report;
    const who = nameOf(worker);
    if (cannot !== undefined) {
      this.#say(`${who} can't take part. ${cannot}`);
      return;
    }
    if (this.#fingerprint === undefined) {
      this.#fingerprint = worker.fingerprint;
      await this.#runFile.setFingerprint(worker.fingerprint);
      if (this.#announced) await this.#announce();
    }
    if (this.#fingerprint !== worker.fingerprint) {
      this.#say(
        `Results of ${who} are not used: it does not come to the same numbers as the others, to the last bit.`,
      );
      if (job !== undefined) await this.#again(job, 'FACE_QUEUE_OTHER', 'it comes to other numbers', worker);
      return;
    }
    if (this.#workers.hear(report)) this.options.onWorkers(this.#workers.states);
    if (job === undefined) return;
    if (lost === 'killed') return this.#killed(job);
    if (lost === 'refused') {
      if (!this.#jobs.has(job)) this.#say(`${who} refused a job that this run has not made: ${why}.`);
      await this.#again(job, 'FACE_INTERNAL', why ?? 'it was refused', worker);
      return;
    }
    for (const answer of answers ?? []) await this.#onAnswer(answer, worker);
    await this.#again(job, 'FACE_INTERNAL', 'nothing was said of it', worker);
  }

  /** A job is off the queue: what it has not settled is done in another way. */
  async #again(id: string, code: FaceErrorCode, reason: string, worker: WorkerCard): Promise<void> {
    const job = this.#jobs.get(id);
    this.#jobs.delete(id);
    for (const content of job?.contents ?? []) {
      this.#inherited.delete(content);
      const pending = this.#pending.get(content);
      if (pending?.job === id) await this.#refused(pending, code, reason, worker);
    }
  }

  /** A job has ended its worker twice: each photo is tried alone, and what was alone is a problem. */
  async #killed(id: string): Promise<void> {
    const job = this.#jobs.get(id);
    this.#jobs.delete(id);
    const alone = job?.contents.length === 1;
    for (const content of job?.contents ?? []) {
      this.#inherited.delete(content);
      this.#suspects.set(content, alone ? 'lost' : 'alone');
      const pending = this.#pending.get(content);
      if (pending?.job !== id) continue;
      pending.job = undefined;
      if (alone) await this.#settleLost(pending);
      else await this.#send([pending], true);
    }
  }

  async #onAnswer(answer: Answer, worker: WorkerCard): Promise<void> {
    const { path, content, result, problem, refused } = answer;
    const { store, mirror, maxPixels } = this.encode;
    const who = nameOf(worker);
    const pending = this.#pending.get(content);
    const asked = pending?.waiting.some(({ identity }) => identity.path === path);
    if (result) {
      const isWhole = !mirror || result.faces.every(({ mirrored }) => mirrored !== undefined);
      const isFault = result.problem !== undefined;
      if (!isWhole || result.width * result.height > maxPixels || (isFault && result.faces.length > 0)) {
        throw new WireError(`a result of ${who} for "${path}" is not one of this run`);
      }
    }
    const entry = store.entry(content);
    // Another program may read what one could not; and a problem is told of each photo by its name.
    const isOpen = entry?.problem && (entry.problem.by !== thisReader() || (pending && result?.problem));
    if (result && entry && !isOpen && !(mirror && !entry.mirrored)) {
      checkSame(path, await store.result(content), result, worker);
      if (pending && this.#local.known(path, content)) await this.#settleKnown(pending);
      return;
    }
    if (!pending) {
      // Of a photo that this coordinator has not read yet: it will find it in the journal.
      if (this.#inherited.has(content)) {
        if (result && !result.problem)
          await store.add({ path, content, state: undefined }, signed(result, worker));
        return;
      }
      // That of a problem, or a refusal, that came twice.
      if (!result) return;
      throw new WireError(`a result of ${who} is for a photo that was not asked for ("${path}")`);
    }
    // A photo from before may be somewhere else by now; what names it has to be said anew.
    if (!asked && !this.#inherited.has(content)) {
      throw new WireError(`a result of ${who} calls a photo what it is not called ("${path}")`);
    }
    if (result && (!result.problem || asked)) await this.#settle(pending, path, signed(result, worker));
    else if (problem && asked) await this.#settleProblem(pending, problem.code, problem.reason, path);
    else if (refused) await this.#refused(pending, refused.code, refused.reason, worker);
  }

  // --- What becomes of a photo -----------------------------------------------------------------------------------------------

  /** @param path of the one that was looked at, of those that have this content */
  async #settle(pending: Pending<T>, path: string, result: PhotoResult): Promise<void> {
    const { content, waiting, before } = pending;
    const { store } = this.encode;
    this.#pending.delete(content);
    const at = Math.max(
      0,
      waiting.findIndex(({ identity }) => identity.path === path),
    );
    const [first] = waiting.splice(at, 1) as [Waiting<T>];
    const entry = await store.add(first.identity, result);
    if (result.problem) {
      const { code, reason } = result.problem;
      this.#onOutcome(first.photo, {
        problem: { path: first.identity.path, code, reason },
        content,
        known: false,
      });
      return this.#askAnew(pending);
    }
    this.#estimated += pending.pixels;
    this.#measured += entry.width * entry.height;
    this.#onOutcome(first.photo, { content, entry, known: false, measured: before !== undefined });
    for (const { photo, identity } of waiting) {
      await store.recognize(identity);
      this.#onOutcome(photo, { content, entry, known: true });
    }
  }

  /** What was known, or came to be known, is the answer. */
  async #settleKnown(pending: Pending<T>): Promise<void> {
    const { content, waiting } = pending;
    this.#pending.delete(content);
    for (const { photo, identity } of waiting) {
      await this.encode.store.recognize(identity);
      const known = this.#local.known(identity.path, content);
      if (known) this.#onOutcome(photo, known);
    }
  }

  /** @param path of the one that it is about, of those that have this content */
  async #settleProblem(
    pending: Pending<T>,
    code: FaceErrorCode,
    reason: string,
    path?: string,
  ): Promise<void> {
    const { content, waiting } = pending;
    this.#pending.delete(content);
    const at = Math.max(
      0,
      waiting.findIndex(({ identity }) => identity.path === path),
    );
    const [first] = waiting.splice(at, 1) as [Waiting<T>];
    this.#onOutcome(first.photo, {
      problem: { path: first.identity.path, code, reason },
      content,
      known: false,
    });
    await this.#askAnew(pending);
    this.#changed.ring();
  }

  async #settleLost(pending: Pending<T>): Promise<void> {
    for (const { photo, identity } of pending.waiting) {
      const { path } = identity;
      const reason = `Looking at the photo "${path}" ended the program that did it, on each attempt.`;
      this.#onOutcome(photo, {
        problem: { path, code: 'FACE_WORKER_LOST', reason },
        content: pending.content,
        known: false,
      });
    }
    this.#pending.delete(pending.content);
    this.#changed.ring();
  }

  /** What is wrong with a photo is said of each of those with the same content by its name. */
  async #askAnew({ waiting, bytes }: Pending<T>): Promise<void> {
    for (const one of waiting) {
      const pending = await this.#offer(one, bytes, undefined);
      if (pending) await this.#send([pending]);
    }
  }

  /** A photo that a worker can't look at is looked at here, or by others. */
  async #refused(
    pending: Pending<T>,
    code: FaceErrorCode,
    reason: string,
    worker: WorkerCard | undefined,
  ): Promise<void> {
    pending.job = undefined;
    pending.refusals++;
    const isHere = this.options.own !== undefined;
    if (worker) {
      this.#say(
        `${nameOf(worker)} could not look at a photo; it is done ${isHere ? 'here' : 'by others'}. ${reason}`,
      );
    }
    if (isHere) this.#lookHere(pending);
    else if (worker && pending.refusals < ATTEMPTS) await this.#send([pending]);
    else await this.#settleProblem(pending, code, reason);
  }

  /** As without a queue. */
  #lookHere({ content, waiting, bytes }: Pending<T>): void {
    this.#pending.delete(content);
    for (const { photo, identity } of waiting) this.#lookAt(photo, { path: identity.path, bytes });
  }

  #lookAt(photo: T, { path, bytes }: PhotoToEncode): void {
    this.#localWork++;
    const look = async () => {
      const leave = await this.#hands.enter(this.#ends);
      try {
        if (this.#stop?.aborted) return;
        this.#onOutcome(photo, await this.#local.encode({ path, bytes }, this.#ends));
      } finally {
        leave();
      }
    };
    void look()
      .catch((error: unknown) => this.#fail(error))
      .finally(() => {
        this.#localWork--;
        this.#changed.ring();
      });
  }

  // --- What is going on ------------------------------------------------------------------------------------------------------

  /** Each thing once: a worker without the photos says the same of all. */
  #say(message: string): void {
    const kind = message.replace(/"[^"]*"/g, '""').slice(0, 120);
    if (this.#said.has(kind)) return;
    this.#said.add(kind);
    this.options.onNote(message);
  }

  async #announce(): Promise<void> {
    this.#announced = true;
    await this.#board.put({
      run: this.#run,
      host: hostname().slice(0, 300),
      program: programName(),
      terms: this.#terms,
      fingerprint: this.#fingerprint ?? null,
      sends: this.options.send,
      sample: this.#sample,
      at: Date.now(),
      ...this.options.progress(),
      workers: this.#workers.states,
    });
  }

  /** Looks from time to time what has become of the jobs: a server that was restarted may have forgotten some. */
  async #watch(): Promise<void> {
    try {
      let last = performance.now();
      while (!this.#over) {
        const isStopping = this.#stop?.aborted === true;
        const every = isStopping ? STOPPING_CHECK_MS : CHECK_MS;
        if (performance.now() - last >= every) {
          last = performance.now();
          if (this.#announced) await this.#announce();
          await this.#sweep(isStopping);
        }
        await Promise.race([wait(STOPPING_CHECK_MS / 2), this.#changed.wait()]);
      }
    } catch (error) {
      if (!this.#over) this.#fail(error);
    }
  }

  async #sweep(isStopping: boolean): Promise<void> {
    if (isStopping) await this.#try(() => this.#photos.drain());
    const outstanding = [...this.#jobs];
    const kinds = ['waiting', 'active', 'delayed', 'prioritized'] as const;
    const there = new Set(await this.#try(() => this.#photos.getRanges([...kinds], 0, -1)));
    const reported = await this.#try(() => this.#reports.getRanges([...kinds], 0, -1));
    for (const id of reported) there.add(id.slice(0, id.lastIndexOf('_')));
    const failed = await this.#try(() => this.#photos.getJobs(['failed'], 0, -1));
    for (const job of failed) await this.#try(async () => job?.remove());
    for (const [id, job] of outstanding) {
      if (there.has(id)) job.missed = 0;
      else if (this.#jobs.get(id) === job && ++job.missed > 1) await this.#lost(id, job, isStopping);
    }
    this.#changed.ring();
  }

  /** A job that is not on the queue any more, and of which nothing was heard. */
  async #lost(id: string, { contents }: Outstanding, isStopping: boolean): Promise<void> {
    this.#jobs.delete(id);
    const batch = contents.flatMap((content) => {
      this.#inherited.delete(content);
      const pending = this.#pending.get(content);
      return pending?.job === id ? pending : [];
    });
    if (isStopping) this.#drop(batch);
    else if (batch.length > 0) await this.#send(batch);
  }
}
