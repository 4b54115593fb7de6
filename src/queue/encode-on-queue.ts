import { boolean, integer, invalidArgument, options as knownOptions, object } from '../base/validate';
import {
  checkEncodeOptions,
  type EncodeFacesOptions,
  type EncodeSummary,
  encodeFaces,
} from '../encode/encode';
import { shareMaxMemory } from '../system/machine-memory';
import { QueuedWork } from './coordinator';
import { checkServerOptions, type QueueServerOptions, type QueueWorkerState } from './options';
import { OwnWorkerProcess } from './own-worker';
import { commonFolder } from './photo-folder';
import { RunFile } from './run-file';
import { QueueServer } from './server';
import { MOST_JITTERS, MOST_UPSAMPLE } from './terms';
import { answersAgain, Troubles } from './trouble';

export interface EncodeOnQueueOptions
  extends Omit<EncodeFacesOptions, 'engine' | 'leaveOutFace' | 'alternativesFrom' | 'onForecast' | 'work'>,
    QueueServerOptions {
  /**
   * Whether photos are sent through the server, for workers that have no folder with them; else each worker opens them below its
   * own. A photo of more than 33 MB (33,554,432 bytes) is not sent, but looked at here. Default `false`.
   */
  readonly send?: boolean;
  /**
   * Whether photos are looked at on this computer, too: by a process of its own, which takes its part from the queue. Frames of
   * videos always are, and raw photos that are taken in the place of a damaged JPEG. Both processes share `maxMemory`, of which each takes at least 256 MB. Default `true`.
   */
  readonly work?: boolean;
  /** Called when a worker has done some photos: how fast they all are. */
  readonly onWorkers?: (workers: readonly QueueWorkerState[]) => void;
  /**
   * Called with what a person should know. `isTrouble`: somebody may have to look after it, as of a worker that can't take part, or
   * the server.
   */
  readonly onNote?: (message: string, isTrouble: boolean) => void;
}

/**
 * As `encodeFaces`, which it is but for the work: the faces of photos that are not known are found by all workers
 * (`runQueueWorker`) that have the same queue, on any number of computers. The encodings file is, byte for byte, that of one computer.
 *
 * The queue is one of BullMQ's, on Redis or PostgreSQL; its packages are installed beside this one: `npm install bullmq ioredis`,
 * or `bullmq pg`. Workers take no `numJitters` above 1,000 and no `upsample` above 4, and `maxPixels` above the default only if they are
 * given that, too. The journal is written here alone. Killed at any moment, the next call with the same encodings file goes on
 * with it and with what is still on the queue; at the end, nothing of the run is left there.
 * @throws FaceError as `encodeFaces` does; FACE_QUEUE if the server can't be used or the packages are not there (a server that goes
 *   away meanwhile is waited for); FACE_RESULTS_DIFFER if two computers do not come to the same for a photo
 */
export async function encodeFacesOnQueue(options: EncodeOnQueueOptions): Promise<EncodeSummary> {
  const { queue, password, send, work, onWorkers, onNote, ...encode } = object('options', options);
  checkServerOptions(options);
  knownOptions('options', { onWorkers, onNote }, { onWorkers: true, onNote: true });
  const sends = boolean('send', send ?? false);
  const works = boolean('work', work ?? true);
  if ('engine' in encode)
    throw invalidArgument('engine', 'no engine, as workers have their own,', encode.engine);
  if ('leaveOutFace' in encode)
    throw invalidArgument('leaveOutFace', 'nothing, as workers do not know of it,', encode.leaveOutFace);
  // They are looked at by encodeFaces, too, when the server has been reached.
  const { inputs, encodings, jobs } = checkEncodeOptions(encode);
  integer('numJitters', options.numJitters ?? 1, 1, MOST_JITTERS);
  integer('upsample', options.upsample ?? 1, 0, MOST_UPSAMPLE);
  const { signal, stop, onProgress } = encode;
  const address = { queue, ...(password !== undefined && { password }) };
  const trouble = (message: string) => onNote?.(message, true);
  const troubles = new Troubles(
    ({ message }) => trouble(message),
    () => trouble(answersAgain(server.address)),
  );
  const ends = AbortSignal.any([signal, stop].filter((one) => one !== undefined));
  const server = await QueueServer.connect(address, ends, (error) => troubles.add(error));
  troubles.answered(performance.now());
  await server.checkClock();
  const folder = await commonFolder(inputs);
  let progress = { done: 0, total: 0 };
  // This process looks at few photos beside its worker.
  const memory = works ? shareMaxMemory(options.maxMemory) : undefined;
  const maxMemory = memory?.little ?? options.maxMemory;
  const own = works
    ? new OwnWorkerProcess(
        {
          work: {
            ...address,
            jobs,
            ...(!sends && { photos: folder }),
            ...(options.models !== undefined && { models: options.models }),
            ...(memory && { maxMemory: memory.rest }),
            ...(options.maxPixels !== undefined && { maxPixels: options.maxPixels }),
          },
        },
        trouble,
      )
    : undefined;
  return encodeFaces({
    ...encode,
    ...(maxMemory !== undefined && { maxMemory }),
    onProgress: (event) => {
      progress = { done: event.done, total: event.total };
      onProgress?.(event);
    },
    work: (photos) =>
      new QueuedWork(photos, {
        server,
        // Only now, with the journal's lock, it is certain that no other coordinator is at work.
        openRunFile: () => RunFile.open(encodings),
        maxMemory,
        folder,
        send: sends,
        own,
        progress: () => progress,
        onNote: (message, isTrouble) => onNote?.(message, isTrouble),
        onWorkers: (workers) => onWorkers?.(workers),
      }),
  });
}
