import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { FaceError, type FaceErrorCode } from '../base/errors';
import type { OwnWorker } from './coordinator';
import type { QueueWorkerOptions } from './worker';

/** What the process is told; the password stands in no command line, and in no environment but those that it was given in. */
export interface OwnWorkerOrder {
  readonly work: Omit<QueueWorkerOptions, 'signal' | 'stop' | `on${string}`>;
}

/** Why the process ended, if it could say so. */
export interface OwnWorkerError {
  readonly code: FaceErrorCode;
  readonly message: string;
}

const PROGRAM = join(__dirname, 'own-worker-process.js');
const AGAIN_AFTER_MS = 1_000;

/** A worker on this computer, in a process of its own, which is started again when a photo has ended it. */
export class OwnWorkerProcess implements OwnWorker {
  #child: ChildProcess | undefined;
  #stopped = false;

  constructor(
    private readonly order: OwnWorkerOrder,
    private readonly onNote: (message: string) => void,
  ) {}

  start(onEnd: (error: FaceError) => void): void {
    if (this.#stopped) return;
    const child = fork(PROGRAM, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    this.#child = child;
    let said: OwnWorkerError | undefined;
    child.on('message', (error) => {
      said = error as OwnWorkerError;
    });
    // That it could not be started, or not be written to: its end says it, too.
    child.on('error', () => {});
    child.send(this.order, () => {});
    child.on('exit', (code, signal) => {
      if (this.#stopped) return;
      if (said) return onEnd(new FaceError(said.code, said.message));
      this.onNote(
        `The process that looks at photos here has ended (${signal ?? `exit code ${code}`}); it is started again.`,
      );
      void wait(AGAIN_AFTER_MS, undefined, { ref: false }).then(() => this.start(onEnd));
    });
  }

  async stop(atOnce: boolean): Promise<void> {
    this.#stopped = true;
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const end = once(child, 'exit');
    if (atOnce) child.kill('SIGKILL');
    // It ends by itself when nobody is there any more, however that came about.
    else if (child.connected) child.disconnect();
    await end;
  }
}
