import { FaceError } from '../base/errors';
import { options as knownOptions, text } from '../base/validate';
import { Board } from './board';
import { checkServerOptions, type QueueServerOptions, SERVER_OPTIONS } from './options';
import { RunControl } from './run-control';
import { RunQueues, removeQueues } from './run-queues';
import { QueueServer } from './server';

export interface RemoveQueueRunOptions extends QueueServerOptions {
  /** The run, as {@link queueStatus} calls it. */
  readonly run: string;
  readonly signal?: AbortSignal;
}

/** A coordinator says something every ten seconds. */
const SILENT_MS = 60_000;

/**
 * Takes a run off a queue whose coordinator was killed and will not go on with it: its photos, and the results that nobody has taken.
 * What workers have in hand is waited for, at most 35 seconds. The encodings file and its journal are not touched: the next
 * call of `encodeFacesOnQueue` with them looks at those photos again.
 * @throws FaceError FACE_INVALID_ARGUMENT if there is no such run; FACE_QUEUE if its coordinator is running (it was heard of within the
 *   last minute), if the server can't be used, or what speaks with it is not installed; FACE_ABORTED
 */
export async function removeQueueRun(options: RemoveQueueRunOptions): Promise<void> {
  const { signal } = knownOptions('options', options, { ...SERVER_OPTIONS, run: true, signal: true });
  checkServerOptions(options);
  const run = text('run', options.run);
  const server = await QueueServer.connect(options, signal);
  const control = new RunControl(server.address, signal, undefined, () => {});
  const board = new Board(server, false, control.ends, control.trouble);
  try {
    const found = (await board.runs()).find((one) => one.run === run);
    if (!found) throw new FaceError('FACE_INVALID_ARGUMENT', `There is no run ${run} on ${server.address}.`);
    if (Math.abs(Date.now() - found.at) < SILENT_MS) {
      throw new FaceError(
        'FACE_QUEUE',
        `The run ${run} was heard of within the last minute: it may still be running, on ${found.host}.`,
        { remedy: 'Stop it there by Ctrl-C, which removes it, too; or wait a minute.' },
      );
    }
    // Nobody begins anything of it any more. It is on the board until all else is gone: this may be ended, too, and done again.
    await board.put({ ...found, over: true });
    const queues = new RunQueues(server, run, control);
    await queues.othersDone();
    await queues.close();
    await removeQueues(server, run, control);
    await board.remove(run);
  } finally {
    await board.close();
  }
}
