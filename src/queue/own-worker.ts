import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { FaceError, type FaceErrorCode, messageOf } from '../base/errors';
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
  /** Whether it may be over in a while: it is started again. */
  readonly passes: boolean;
}

const PROGRAM = join(__dirname, 'own-worker-process.js');
const AGAIN_AFTER_MS = 1_000;

/** A worker on this computer, in a process of its own, which is started again when a photo has ended it. */
export class OwnWorkerProcess implements OwnWorker {
  #child: ChildProcess | undefined;
  #stopped = false;
  #toldNotStarted = false;

  constructor(
    private readonly order: OwnWorkerOrder,
    private readonly onNote: (message: string) => void,
  ) {}

  start(onEnd: (error: FaceError) => void): void {
    if (this.#stopped) return;
    let child: ChildProcess;
    try {
      child = fork(PROGRAM, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    } catch (error) {
      this.#notStarted(error, onEnd);
      return;
    }
    this.#child = child;
    let said: OwnWorkerError | undefined;
    child.on('message', (error) => {
      said = error as OwnWorkerError;
      // Its end may be a while away: the system may hold it until the share is back.
      if (said.passes && !this.#stopped) this.onNote(said.message);
    });
    child.on('error', (error) => {
      // That it could not be written to, its end says, too.
      if (child.pid === undefined) this.#notStarted(error, onEnd);
    });
    child.on('spawn', () => {
      this.#toldNotStarted = false;
    });
    child.send(this.order, () => {});
    child.on('exit', (code, signal) => {
      if (this.#stopped) return;
      if (said && !said.passes) return onEnd(new FaceError(said.code, said.message));
      if (!said) {
        this.onNote(
          `The process that looks at photos here has ended (${signal ?? `exit code ${code}`}); it is started again.`,
        );
      }
      this.#again(onEnd);
    });
  }

  /** The machine may have too many processes, or too little memory, for a while; others work on meanwhile. */
  #notStarted(error: unknown, onEnd: (error: FaceError) => void): void {
    if (this.#stopped) return;
    this.#child = undefined;
    if (!this.#toldNotStarted) {
      this.#toldNotStarted = true;
      this.onNote(
        `The process that looks at photos here could not be started (${messageOf(error)}); it is tried again and again.`,
      );
    }
    this.#again(onEnd);
  }

  #again(onEnd: (error: FaceError) => void): void {
    void wait(AGAIN_AFTER_MS, undefined, { ref: false }).then(() => this.start(onEnd));
  }

  async stop(atOnce: boolean): Promise<void> {
    this.#stopped = true;
    const child = this.#child;
    if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    // Not `once` of node:events, which an error would end.
    const end = new Promise((resolve) => child.once('exit', resolve));
    if (atOnce) child.kill('SIGKILL');
    // It ends by itself when nobody is there any more, however that came about.
    else if (child.connected) child.disconnect();
    await end;
  }
}
