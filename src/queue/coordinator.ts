import { setTimeout as wait } from 'node:timers/promises';
import type { FaceError } from '../base/errors';
import { problemOf } from '../base/photo-problem';
import {
  type EncodePhotoOptions,
  PhotoEncoder,
  type PhotoOutcome,
  type PhotoToEncode,
  type PhotoWork,
} from '../encode/encode-photo';
import { photoState } from '../encode/journal/photo-state';
import { processBudget } from '../engine/memory-budget';
import { PhotoPipeline } from '../engine/photo-pipeline';
import { photoAt } from '../photos/given';
import { frameIn } from '../photos/video/frame-path';
import { forEachConcurrent } from '../system/jobs';
import { Announcer } from './announcer';
import { Board } from './board';
import { machineFingerprint } from './fingerprint';
import type { QueueWorkerState } from './options';
import { type Pending, PendingPhotos } from './pending-photos';
import type { Delivery } from './photo-in-job';
import { PhotoJobs } from './photo-jobs';
import { ReportTaker } from './report-taker';
import { RunControl } from './run-control';
import type { RunFile } from './run-file';
import { RunQueues, removeQueues } from './run-queues';
import { CHECK_MS, type QueueServer } from './server';
import { termsId, termsOf } from './terms';
import { WorkHere } from './work-here';
import { WorkersOfRun } from './workers-of-run';

export interface CoordinatorOptions extends Delivery {
  readonly server: QueueServer;
  readonly openRunFile: () => Promise<RunFile>;
  /** How much memory this process may take, see `EngineOptions`. */
  readonly maxMemory: number | undefined;
  /** Looks at photos on this computer; without, workers do all of that but for frames of videos. */
  readonly own: OwnWorker | undefined;
  /** How far the whole is. */
  readonly progress: () => { readonly done: number; readonly total: number };
  /** Something that a person should know, see `EncodeOnQueueOptions`. */
  readonly onNote: (message: string, isTrouble: boolean) => void;
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
/** How often it is looked what is still on the queue when no photo is begun any more; before, each {@link CHECK_MS}. */
const STOPPING_CHECK_MS = 1_000;

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
    { jobs, signal, stop }: { jobs: number; signal: AbortSignal | undefined; stop: AbortSignal | undefined },
    onOutcome: (photo: T, outcome: PhotoOutcome) => void,
  ): Promise<void> {
    const { server, onNote } = this.options;
    const control = new RunControl(server.address, signal, stop, (message) => onNote(message, true));
    const run = new Run<T>(this.encode, this.options, control, jobs, onOutcome);
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

/** A run from its beginning to its end. */
class Run<T extends PhotoToEncode> {
  readonly #board: Board;
  /** Reads photos, however many are worked on. */
  readonly #reader: PhotoPipeline;
  readonly #local: PhotoEncoder;
  readonly #here: WorkHere<T>;
  readonly #pending: PendingPhotos<T>;
  readonly #workers = new WorkersOfRun();
  #runFile!: RunFile;
  #announcer!: Announcer;
  #jobs!: PhotoJobs<T>;
  #queues: RunQueues | undefined;
  #over = false;

  constructor(
    private readonly encode: EncodePhotoOptions,
    private readonly options: CoordinatorOptions,
    private readonly control: RunControl,
    jobs: number,
    private readonly onOutcome: (photo: T, outcome: PhotoOutcome) => void,
  ) {
    this.#board = new Board(options.server, true, control.ends, control.trouble);
    this.#reader = new PhotoPipeline(READERS, processBudget(options.maxMemory, READERS));
    this.#local = new PhotoEncoder(encode);
    this.#here = new WorkHere(this.#local, jobs, control, onOutcome);
    this.#pending = new PendingPhotos(encode, this.#local, onOutcome);
  }

  /** There is nothing to do: only what a run before may have left is removed. */
  async tidy(): Promise<void> {
    try {
      const runFile = await this.options.openRunFile();
      const before = runFile.earlier;
      if (before?.queue !== this.options.server.address) return;
      await this.#remove(before.run);
      await runFile.remove();
    } finally {
      await this.#board.close();
    }
  }

  async do(source: AsyncIterable<T>): Promise<void> {
    const { control } = this;
    try {
      const queues = await this.#open();
      const watching = this.#watch();
      await forEachConcurrent(source, READERS, control.ends, (photo) => this.#read(photo));
      await this.#jobs.flush();
      // Once no photo is begun any more, only what others have in hand is waited for.
      const isLeft = () => this.#pending.size === 0 || (control.isStopping && this.#jobs.areDone);
      await control.until(() => isLeft() && this.#here.size === 0);
      this.#end();
      await watching;
      await this.#close(queues);
    } catch (error) {
      this.#end();
      await this.#leave();
      throw control.reasonOf(error);
    }
  }

  async #open(): Promise<RunQueues> {
    const { encode, control, options } = this;
    const { server, openRunFile, own, send, progress, onNote, onWorkers } = options;
    const runFile = await openRunFile();
    this.#runFile = runFile;
    const terms = termsOf(encode);
    // This computer's numbers count where it looks at photos, too.
    const fingerprint = own && (await machineFingerprint(encode.engine));
    const { run, isNew } = await this.#runOf(runFile, termsId(terms), fingerprint);
    const queues = new RunQueues(server, run, control);
    this.#queues = queues;
    const workers = this.#workers;
    const announcer = new Announcer(this.#board, {
      ...{ run, runFile, terms, folder: options.folder, sends: send, workers, progress },
    });
    this.#announcer = announcer;
    const pending = this.#pending;
    const jobs = new PhotoJobs<T>({
      ...{ control, queues, pending, workers, announcer, send },
      folder: options.folder,
      here: own && this.#here,
      left: () => this.#left(),
      method: encode.settings.method,
      store: encode.store,
      reader: this.#reader,
    });
    this.#jobs = jobs;
    const left = isNew ? 0 : await jobs.inherit();
    if (left > 0) onNote(`Going on with what is still on the queue: ${left} photos.`, false);
    const taker = new ReportTaker({
      ...{ run, encode, control, pending, jobs, workers, onWorkers, local: this.#local },
      fingerprint: (ofWorker) => this.#fingerprint(ofWorker),
    });
    queues.takeReports(taker.take);
    own?.start(control.fail);
    return queues;
  }

  /** The run from before, if what comes of it is the same; else a new one. */
  async #runOf(
    runFile: RunFile,
    terms: string,
    fingerprint: string | undefined,
  ): Promise<{ run: string; isNew: boolean }> {
    const { address } = this.options.server;
    const before = runFile.earlier;
    const isSame = fingerprint === undefined || (before?.fingerprint ?? fingerprint) === fingerprint;
    if (before?.terms === terms && before.queue === address && isSame) {
      if (fingerprint !== undefined && before.fingerprint === undefined)
        await runFile.setFingerprint(fingerprint);
      return { run: before.run, isNew: false };
    }
    // On another server it can't be removed from here.
    if (before?.queue === address) await this.#remove(before.run);
    return { run: await runFile.begin(terms, address, fingerprint), isNew: true };
  }

  /** That of the run; the first worker's, if there is none yet. */
  async #fingerprint(ofWorker: string): Promise<string> {
    const known = this.#runFile.fingerprint;
    if (known !== undefined) return known;
    await this.#runFile.setFingerprint(ofWorker);
    await this.#announcer.renew();
    return ofWorker;
  }

  async #read(photo: T): Promise<void> {
    if (this.control.isStopping) return;
    const { path, bytes } = photo;
    // What ffmpeg makes of a frame of a video may differ between its versions: that of this computer counts.
    if (frameIn(path)) return this.#here.take(photo);
    const file = await this.#reader
      .read(photoAt(path, bytes), this.control.ends)
      .catch((error: unknown) => problemOf(path, error));
    if ('code' in file) return this.onOutcome(photo, { problem: file, known: false });
    let pending: Pending<T> | undefined;
    try {
      const content = file.content();
      const identity = { path, content, state: file.stats && photoState(file.stats) };
      const data = this.options.send ? file.bytes : undefined;
      const length = Number(file.stats?.size ?? bytes);
      pending = await this.#pending.offer({ photo, identity }, length, data);
    } finally {
      file.release();
    }
    if (pending) await this.#jobs.put(pending);
  }

  /** How many photos have not been read yet, as far as that is known; `0` once all are. */
  #left(): number {
    const { done, total } = this.options.progress();
    return Math.max(0, total - done - this.#pending.size - this.#here.size);
  }

  /** Looks from time to time how it goes on the queue, and says on the board how far the run is. */
  async #watch(): Promise<void> {
    const { control } = this;
    const { server } = this.options;
    try {
      let last = performance.now();
      while (!this.#over) {
        const every = control.isStopping ? STOPPING_CHECK_MS : CHECK_MS;
        if (performance.now() - last >= every) {
          last = performance.now();
          await this.#announcer.renew();
          await this.#jobs.sweep();
          // What is lost is put there again: no reason to end.
          await server.checkKeepsAll().catch(control.trouble);
          this.#tellIfAlone();
        }
        await Promise.race([wait(STOPPING_CHECK_MS / 2), control.changed.wait()]);
      }
    } catch (error) {
      if (!this.#over) control.fail(error);
    }
  }

  /** Without workers it would wait for them for ever. */
  #tellIfAlone(): void {
    const { own, server } = this.options;
    if (own || this.#pending.size === 0 || this.#workers.states.length > 0) return;
    this.control.say(
      `No worker has taken part yet. Start one: face-cluster-native worker --queue ${server.address}`,
    );
  }

  #end(): void {
    this.#over = true;
    this.control.changed.ring();
  }

  /** Nothing of the run is left on the server. */
  async #close(queues: RunQueues): Promise<void> {
    await this.#announcer.end();
    await this.options.own?.stop(false);
    await queues.othersDone();
    await queues.takeNoMore(false);
    await this.#remove(queues.run);
    await this.#runFile.remove();
    await this.#disconnect();
  }

  /** All stays on the server for the next coordinator. */
  async #leave(): Promise<void> {
    await this.options.own?.stop(true);
    await this.#queues?.takeNoMore(true);
    await this.#disconnect();
  }

  async #disconnect(): Promise<void> {
    await this.#queues?.close();
    await this.#board.close();
  }

  async #remove(run: string): Promise<void> {
    await removeQueues(this.options.server, run, this.control);
    await this.#board.remove(run);
  }
}
