import type { FaceErrorCode } from '../base/errors';
import type { PhotoId } from '../base/ids';
import type { PhotoToEncode } from '../encode/encode-photo';
import type { PhotoStore } from '../encode/photo-store';
import type { PhotoPipeline } from '../engine/photo-pipeline';
import type { Announcer } from './announcer';
import { type JobPhoto, MOST_PHOTOS, MOST_SENT, type WorkerCard } from './messages';
import type { Pending, PendingPhotos } from './pending-photos';
import { type Delivery, photoInJob, whyNotInJob } from './photo-in-job';
import type { RunControl } from './run-control';
import type { RunQueues } from './run-queues';
import { nameOf } from './terms';
import type { WorkHere } from './work-here';
import type { WorkersOfRun } from './workers-of-run';

/** Jobs take some seconds of a worker's time … */
const JOB_SECONDS = 3;
/**
 * … and towards the end ever fewer, so that no worker is left with many photos when the others have none: a job has this part of what is
 * not in any yet, for each photo that workers look at at once (guided self-scheduling). They have about two such parts in hand.
 */
const PART = 1 / 2;
/** Taking a job costs some milliseconds; shorter ones are not made for that. */
const LEAST_SECONDS = 0.3;
/** What is reckoned with before any worker is known: pixels a second of the slowest, and how many photos they look at at once. */
const SLOWEST = { cnn: 0.7e6, hog: 2.7e6 } as const;
const PHOTOS_AT_ONCE = 8;
/** So many jobs wait for those who come, beside what workers take at once. */
const JOBS_AHEAD = 16;
/** Length of bytes in a message. */
const asText = (bytes: number) => Math.ceil(bytes / 3) * 4;
/** All that is sent and not yet done, as the server holds it: three full jobs. */
const MOST_SENT_AHEAD = 3 * asText(MOST_SENT);
/** How many workers may be unable to look at a photo before it is left alone. */
const ATTEMPTS = 3;

/** A job that is on the queue. */
interface Outstanding {
  readonly contents: readonly PhotoId[];
  readonly bytes: number;
  /** How often it was not there when it was looked for. */
  missed: number;
}

export interface PhotoJobsOptions<T extends PhotoToEncode> extends Delivery {
  readonly control: RunControl;
  readonly queues: RunQueues;
  readonly pending: PendingPhotos<T>;
  readonly workers: WorkersOfRun;
  readonly announcer: Announcer;
  /** What workers can't look at is looked at here; without, given to others. */
  readonly here: WorkHere<T> | undefined;
  readonly method: keyof typeof SLOWEST;
  /** How many photos are yet to come. */
  readonly left: () => number;
  readonly store: PhotoStore;
  readonly reader: PhotoPipeline;
}

/** Puts pending photos on the queue, some in each job, and again where nothing came of one. */
export class PhotoJobs<T extends PhotoToEncode> {
  readonly #jobs = new Map<string, Outstanding>();
  /** Contents that are in jobs and reports of this run from before; the photos may not have been read yet. */
  readonly #inherited = new Set<PhotoId>();
  /** Of these, what is known to have ended workers: to be put into jobs of their own, or not at all. */
  readonly #suspects = new Map<PhotoId, 'alone' | 'lost'>();
  #batch: Pending<T>[] = [];
  #sending: Promise<void> = Promise.resolve();
  #jobNumber = 0;

  constructor(private readonly options: PhotoJobsOptions<T>) {}

  /** Whether nothing of this run is on the queue. */
  get areDone(): boolean {
    return this.#jobs.size === 0;
  }

  has(job: string): boolean {
    return this.#jobs.has(job);
  }

  isInherited(content: PhotoId): boolean {
    return this.#inherited.has(content);
  }

  /** What a coordinator of before has left on the queue goes on. @returns of how many photos that is */
  async inherit(): Promise<number> {
    const { jobs, reports } = await this.options.queues.left();
    for (const { id, photos } of jobs) this.#note(id, photos);
    const photos = [
      ...jobs.flatMap(({ photos }) => photos),
      ...reports.flatMap(({ answers }) => answers ?? []),
    ];
    for (const { content } of photos) this.#inherited.add(content);
    return this.#inherited.size;
  }

  /** Puts a photo into a job with others, which is sent when it is full. */
  async put(pending: Pending<T>): Promise<void> {
    const { pending: photos } = this.options;
    if (!photos.has(pending)) return;
    const { content } = pending;
    const suspect = this.#suspects.get(content);
    if (suspect === 'lost') return photos.settleLost(pending);
    const before = this.#inherited.has(content)
      ? [...this.#jobs].find(([, { contents }]) => contents.includes(content))
      : undefined;
    if (before) {
      [pending.job] = before;
      pending.data = undefined;
      return;
    }
    const fault = whyNotInJob(pending, this.options);
    if (fault) return this.#giveUp(pending, fault.code, fault.reason);
    if (suspect === 'alone') return this.#send([pending], true);
    while (sumOf([...this.#batch, pending], 'bytes') > this.#mostBytes) await this.flush();
    this.#batch.push(pending);
    if (this.#isFull(this.#batch)) await this.flush();
  }

  /** Bytes of photos in a job: none, but for those that are sent. */
  get #mostBytes(): number {
    return this.options.send ? MOST_SENT : Number.POSITIVE_INFINITY;
  }

  #isFull(batch: readonly Pending<T>[]): boolean {
    const { workers, pending, method, left } = this.options;
    const pixels = sumOf(batch, 'pixels') * pending.pixelsPerEstimated;
    const seconds = pixels / (workers.slowest ?? SLOWEST[method]);
    const part = (PART * (left() + batch.length)) / (workers.photosAtOnce ?? PHOTOS_AT_ONCE);
    return (
      batch.length >= MOST_PHOTOS ||
      seconds >= JOB_SECONDS ||
      (seconds >= LEAST_SECONDS && batch.length >= Math.floor(part)) ||
      sumOf(batch, 'bytes') >= this.#mostBytes / 2
    );
  }

  /** @param bytes that are sent with it, as text */
  #hasRoom(bytes: number): boolean {
    const jobs = [...this.#jobs.values()];
    if (jobs.length >= JOBS_AHEAD + this.options.workers.taken) return false;
    return jobs.length === 0 || sumOf(jobs, 'bytes') + bytes <= MOST_SENT_AHEAD;
  }

  /** Puts what has been gathered on the queue, as soon as there is room. */
  flush(): Promise<void> {
    const { control, pending, send } = this.options;
    const batch = this.#batch;
    this.#batch = [];
    if (batch.length === 0) return this.#sending;
    const bytes = send ? asText(sumOf(batch, 'bytes')) : 0;
    this.#sending = this.#sending.then(async () => {
      await control.until(() => this.#hasRoom(bytes) || control.isStopping);
      if (control.isStopping) pending.leave(batch);
      else await this.#send(batch);
    });
    return this.#sending;
  }

  /** Sends photos of which something has been told already, each in a job of its own. */
  async sendAnew(photos: readonly Pending<T>[]): Promise<void> {
    for (const one of photos) await this.#send([one]);
  }

  /** @param alone whether it is to be done with nothing else in hand */
  async #send(batch: readonly Pending<T>[], alone = false): Promise<void> {
    const { pending, queues, announcer, store, reader, control } = this.options;
    const id = `${this.#jobNumber++}-${Date.now().toString(36)}`;
    const made: JobPhoto[] = [];
    for (const one of batch) {
      if (!pending.has(one)) continue;
      const photo = await photoInJob(one, this.options, store, reader, control.ends);
      if ('code' in photo) await this.settleProblem(one, photo.code, photo.reason);
      else made.push(photo);
    }
    // Meanwhile a coordinator's job of before may have brought what was missing.
    const photos = made.filter(({ content }) => pending.get(content));
    const [first] = photos;
    if (!first) return;
    for (const { content } of photos) {
      const one = pending.get(content) as Pending<T>;
      one.job = id;
      one.data = undefined;
    }
    this.#note(id, photos);
    await announcer.begin(first);
    await queues.add(id, { photos, ...(alone && { alone }) });
  }

  #note(id: string, photos: readonly JobPhoto[]): void {
    const contents = photos.map(({ content }) => content);
    const bytes = photos.reduce((sum, { data }) => sum + (data?.length ?? 0), 0);
    this.#jobs.set(id, { contents, bytes, missed: 0 });
  }

  // --- What came of a job ----------------------------------------------------------------------------------------------------

  /** A job is off the queue: what it has not settled is done in another way. */
  async again(id: string, code: FaceErrorCode, reason: string, worker: WorkerCard): Promise<void> {
    for (const content of this.#end(id)) {
      const pending = this.options.pending.get(content);
      if (pending?.job === id) await this.refused(pending, code, reason, worker);
    }
  }

  /** A job has ended its worker twice: each photo is tried alone, and what was alone is a problem. */
  async killed(id: string): Promise<void> {
    const { pending: photos } = this.options;
    const contents = this.#end(id);
    const alone = contents.length === 1;
    for (const content of contents) {
      this.#suspects.set(content, alone ? 'lost' : 'alone');
      const pending = photos.get(content);
      if (pending?.job !== id) continue;
      pending.job = undefined;
      if (alone) photos.settleLost(pending);
      else await this.#send([pending], true);
    }
  }

  /** A photo that a worker can't look at is looked at here, or by others. */
  async refused(pending: Pending<T>, code: FaceErrorCode, reason: string, worker: WorkerCard): Promise<void> {
    const { here, control } = this.options;
    pending.job = undefined;
    pending.refusals++;
    const by = here ? 'here' : 'by others';
    control.say(`${nameOf(worker)} could not look at a photo; it is done ${by}. ${reason}`);
    if (here || pending.refusals >= ATTEMPTS) await this.#giveUp(pending, code, reason);
    else await this.#send([pending]);
  }

  /** What is not for workers is looked at here; else what is known of it is all there is, or it is a problem. */
  async #giveUp(pending: Pending<T>, code: FaceErrorCode, reason: string): Promise<void> {
    const { here, pending: photos, control } = this.options;
    if (here) {
      photos.leave([pending]);
      here.takeOver(pending);
    } else if (pending.isPart) {
      await photos.settleAsItWas(pending);
      control.changed.ring();
    } else await this.settleProblem(pending, code, reason);
  }

  /** @param path of the one that it is about, of those that have this content */
  async settleProblem(
    pending: Pending<T>,
    code: FaceErrorCode,
    reason: string,
    path?: string,
  ): Promise<void> {
    await this.sendAnew(await this.options.pending.settleProblem(pending, code, reason, path));
    this.options.control.changed.ring();
  }

  /**
   * Looks what has become of the jobs: a server that was restarted may have forgotten some. Once the run is stopping, none is begun
   * any more.
   */
  async sweep(): Promise<void> {
    const { queues, control } = this.options;
    const { isStopping } = control;
    if (isStopping) await queues.drain();
    const outstanding = [...this.#jobs];
    const there = await queues.present();
    for (const [id, job] of outstanding) {
      if (there.has(id)) job.missed = 0;
      else if (this.#jobs.get(id) === job && ++job.missed > 1) await this.#lost(id, isStopping);
    }
    control.changed.ring();
  }

  /** A job that is not on the queue any more, and of which nothing was heard. */
  async #lost(id: string, isStopping: boolean): Promise<void> {
    const { pending: photos } = this.options;
    const batch = this.#end(id).flatMap((content) => {
      const pending = photos.get(content);
      return pending?.job === id ? pending : [];
    });
    if (isStopping) photos.leave(batch);
    else await this.#send(batch);
  }

  /** @returns the contents of a job that is not on the queue any more */
  #end(id: string): readonly PhotoId[] {
    const contents = this.#jobs.get(id)?.contents ?? [];
    this.#jobs.delete(id);
    for (const content of contents) this.#inherited.delete(content);
    return contents;
  }
}

function sumOf<K extends string>(all: readonly Readonly<Record<K, number>>[], of: K): number {
  return all.reduce((sum, one) => sum + one[of], 0);
}
