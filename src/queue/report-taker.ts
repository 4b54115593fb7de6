import type { Job } from 'bullmq';
import { FaceError } from '../base/errors';
import {
  type EncodePhotoOptions,
  type PhotoEncoder,
  type PhotoToEncode,
  thisReader,
} from '../encode/encode-photo';
import type { StoredResult } from '../encode/journal/records';
import { WireError } from './check';
import { checkSame, signed } from './compare';
import { type Answer, type Report, unpack, type WorkerCard } from './messages';
import type { QueueWorkerState } from './options';
import type { PendingPhotos } from './pending-photos';
import type { PhotoJobs } from './photo-jobs';
import type { RunControl } from './run-control';
import { nameOf } from './terms';
import type { WorkersOfRun } from './workers-of-run';

export interface ReportTakerOptions<T extends PhotoToEncode> {
  readonly run: string;
  readonly encode: EncodePhotoOptions;
  /** Says what is known of a photo. */
  readonly local: PhotoEncoder;
  readonly control: RunControl;
  readonly pending: PendingPhotos<T>;
  readonly jobs: PhotoJobs<T>;
  readonly workers: WorkersOfRun;
  readonly onWorkers: (workers: readonly QueueWorkerState[]) => void;
  /** What machines make of a known picture that take part: that of the first one counts, if there is none yet. */
  readonly fingerprint: (ofWorker: string) => Promise<string>;
}

/**
 * Takes what workers say into the store. Each of them may be wrong, or an enemy: what nobody asked for, and what is not of this run,
 * is not taken.
 */
export class ReportTaker<T extends PhotoToEncode> {
  constructor(private readonly options: ReportTakerOptions<T>) {}

  /** Takes what a worker says. Never rejects but for what ends the run. */
  readonly take = async (message: Job): Promise<void> => {
    const { control } = this.options;
    let isTold = false;
    try {
      await this.#read(message);
    } catch (error) {
      if (error instanceof WireError) this.#notUsed(error);
      else {
        // Else it would end the next run, too, and all after that.
        isTold = error instanceof FaceError && error.code === 'FACE_RESULTS_DIFFER';
        control.fail(error);
      }
    }
    control.changed.ring();
    // Not done: the next coordinator takes it.
    if (control.ends.aborted && !isTold) await new Promise(() => {});
  };

  async #read({ data }: Job): Promise<void> {
    const report = unpack('report', data);
    if (report.run !== this.options.run) throw new WireError('it is of another run');
    await this.#onReport(report).catch((error: unknown) => {
      if (!(error instanceof WireError) || report.job === undefined) throw error;
      this.#notUsed(error);
      // The job is off the queue: another answer will not come by itself.
      return this.options.jobs.again(report.job, 'FACE_INTERNAL', error.message, report.worker);
    });
  }

  #notUsed({ message }: WireError): void {
    this.options.control.say(
      `Something on the queue is not what a worker says, and is not used: ${message}.`,
    );
  }

  async #onReport(report: Report): Promise<void> {
    const { control, jobs, workers, onWorkers, fingerprint } = this.options;
    const { worker, cannot, job, answers, lost, why } = report;
    const who = nameOf(worker);
    if (cannot !== undefined) {
      control.say(`${who} can't take part. ${cannot}`);
      return;
    }
    if ((await fingerprint(worker.fingerprint)) !== worker.fingerprint) {
      control.say(
        `Results of ${who} are not used: it does not come to the same numbers as the others, to the last bit.`,
      );
      if (job !== undefined) await jobs.again(job, 'FACE_QUEUE_OTHER', 'it comes to other numbers', worker);
      return;
    }
    if (workers.hear(report)) onWorkers(workers.states);
    if (job === undefined) return;
    if (lost === 'killed') return jobs.killed(job);
    if (lost === 'refused') {
      if (!jobs.has(job)) control.say(`${who} refused a job that this run has not made: ${why}.`);
      await jobs.again(job, 'FACE_INTERNAL', why ?? 'it was refused', worker);
      return;
    }
    for (const answer of answers ?? []) await this.#onAnswer(answer, worker);
    await jobs.again(job, 'FACE_INTERNAL', 'nothing was said of it', worker);
  }

  async #onAnswer(answer: Answer, worker: WorkerCard): Promise<void> {
    const { path, content, result, problem, refused } = answer;
    const { encode, local, pending: photos, jobs } = this.options;
    const { store, mirror, maxPixels } = encode;
    const who = nameOf(worker);
    const pending = photos.get(content);
    const asked = pending?.waiting.some(({ identity }) => identity.path === path);
    if (result) {
      const isWhole = !mirror || result.faces.every(({ mirrored }) => mirrored !== undefined);
      const isFault = result.problem !== undefined;
      if (!isWhole && pending?.isPart) {
        const reason = `What is missing of what is known of "${path}" could not be added.`;
        return jobs.refused(pending, 'FACE_IMAGE_DECODE', reason, worker);
      }
      const isElsewhere = result.faces.some((face) => isOutside(face, result));
      const isTooLarge = result.width * result.height > maxPixels;
      if (!isWhole || isTooLarge || isElsewhere || (isFault && result.faces.length > 0)) {
        throw new WireError(`a result of ${who} for "${path}" is not one of this run`);
      }
    }
    const entry = store.entry(content);
    // Another program may read what one could not; and a problem is told of each photo by its name.
    const isOpen = entry?.problem && (entry.problem.by !== thisReader() || (pending && result?.problem));
    if (result && entry && !isOpen && !(mirror && !entry.mirrored)) {
      checkSame(path, await store.result(content), result, worker);
      if (pending && local.known(path, content)) await photos.settleKnown(pending);
      return;
    }
    if (!pending) {
      // Of a photo that this coordinator has not read yet: it will find it in the journal.
      if (jobs.isInherited(content)) {
        if (result && !result.problem)
          await store.add({ path, content, state: undefined }, signed(result, worker));
        return;
      }
      // That of a problem, or a refusal, that came twice.
      if (!result) return;
      throw new WireError(`a result of ${who} is for a photo that was not asked for ("${path}")`);
    }
    // A photo from before may be somewhere else by now; what names it has to be said anew.
    if (!asked && !jobs.isInherited(content)) {
      throw new WireError(`a result of ${who} calls a photo what it is not called ("${path}")`);
    }
    if (result && (!result.problem || asked))
      await jobs.sendAnew(await photos.settle(pending, path, signed(result, worker)));
    else if (problem && asked) await jobs.settleProblem(pending, problem.code, problem.reason, path);
    else if (refused) await jobs.refused(pending, refused.code, refused.reason, worker);
  }
}

/** Faces at the edge reach out of a picture; none is next to it. */
function isOutside(
  { box: [top, right, bottom, left] }: StoredResult['faces'][number],
  { width, height }: StoredResult,
): boolean {
  return top >= height || bottom <= 0 || left >= width || right <= 0;
}
