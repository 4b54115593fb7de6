import { options as knownOptions } from '../base/validate';
import { Board, photosQueue, reportsQueue } from './board';
import {
  checkServerOptions,
  type QueueServerOptions,
  type QueueWorkerState,
  SERVER_OPTIONS,
} from './options';
import { QueueServer } from './server';

export interface QueueStatusOptions extends QueueServerOptions {
  readonly signal?: AbortSignal;
}

/** A run on a queue. */
export interface QueueRunStatus {
  readonly run: string;
  /** Name of the coordinator's computer. */
  readonly host: string;
  /** The coordinator's program, with its version. */
  readonly program: string;
  /** Number of photos done, and found. */
  readonly done: number;
  readonly total: number;
  /** Jobs of some photos each: those that nobody has begun, and those that workers have in hand. */
  readonly jobsWaiting: number;
  readonly jobsInHand: number;
  /** Results that the coordinator has not taken yet. */
  readonly results: number;
  readonly workers: readonly QueueWorkerState[];
  /** When the coordinator has last said something, ISO 8601 in UTC, by its clock: every ten seconds while it is running. */
  readonly heard: string;
}

export interface QueueStatus {
  /** Address of the server, without the password. */
  readonly server: string;
  /** Oldest first. */
  readonly runs: readonly QueueRunStatus[];
}

/**
 * What is going on on a queue. Changes nothing.
 * @throws FaceError FACE_INVALID_ARGUMENT; FACE_QUEUE if the server can't be used, or what speaks with it is not installed;
 *   FACE_ABORTED
 */
export async function queueStatus(options: QueueStatusOptions): Promise<QueueStatus> {
  const { signal } = knownOptions('options', options, { ...SERVER_OPTIONS, signal: true });
  checkServerOptions(options);
  const server = await QueueServer.connect(options, signal);
  const onTrouble = () => {};
  const board = new Board(server, false, signal, onTrouble);
  try {
    const runs: QueueRunStatus[] = [];
    for (const { run, host, program, done, total, workers, at } of await board.runs()) {
      const counts = async (name: string) => {
        const queue = server.queue(name, false, onTrouble);
        try {
          return await queue.getJobCounts('waiting', 'active');
        } finally {
          await queue.close();
        }
      };
      const photos = await counts(photosQueue(run));
      const reports = await counts(reportsQueue(run));
      runs.push({
        run,
        host,
        program,
        done,
        total,
        jobsWaiting: photos.waiting ?? 0,
        jobsInHand: photos.active ?? 0,
        results: (reports.waiting ?? 0) + (reports.active ?? 0),
        workers,
        heard: new Date(at).toISOString(),
      });
    }
    return { server: server.address, runs };
  } finally {
    await board.close();
  }
}
