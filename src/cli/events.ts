import type { ErrorFacts } from '../base/errors';
import type { PhotoProblem, PhotoWarning } from '../base/photo-problem';
import type { EncodeProgress } from '../encode/encode';
import type { EncodeForecast } from '../encode/time-left';
import type { QueueWorkerState } from '../queue/options';
import type { QueueRunEvent, QueueWorker, QueueWorkerProgress } from '../queue/worker';

/**
 * What `encode --json` and `cluster --json` write to stdout: one event a line, each a JSON object. The first is `start`,
 * the last `done` or `error`. Events and fields may be added; where one goes or changes its meaning, `version` rises.
 * See docs/events.md.
 */
export type CliEvent =
  /** `version` is that of the events, `program` that of the program. */
  | { readonly event: 'start'; readonly command: string; readonly version: 1; readonly program: string }
  /** Something that a person should know; nothing to go by for a program. */
  | { readonly event: 'note'; readonly message: string }
  | ProgressEvent
  /** How long the photos that are left take, once, after the first; of `encode` only. */
  | ({ readonly event: 'forecast' } & EncodeForecast)
  /** A photo could not be used, or a folder not be searched. */
  | ({ readonly event: 'problem' } & PhotoProblem)
  /** A photo was used although something is wrong with it. */
  | ({ readonly event: 'warning' } & PhotoWarning)
  /** How fast each worker is, of `encode --queue` only: when something has changed, at most every two seconds. */
  | { readonly event: 'workers'; readonly workers: readonly QueueWorkerState[] }
  /** Who this is, of `worker` only; at the start. */
  | ({ readonly event: 'worker' } & QueueWorker)
  /** It takes part in a run, does no more, or can't, of `worker` only. */
  | ({ readonly event: 'run' } & QueueRunEvent)
  /** How far it is, of `worker` only: at most twice a second. */
  | ({ readonly event: 'worked' } & QueueWorkerProgress)
  /** Where the page is, of `view` only: its address, or the path of a file. */
  | { readonly event: 'page'; readonly address: string }
  /** Who is on a photo, of `recognize` only; who is nobody known has the name `null`. */
  | { readonly event: 'photo'; readonly path: string; readonly faces: readonly object[] }
  /** The job is done. What else it holds depends on the command. */
  | { readonly event: 'done'; readonly seconds: number; readonly [name: string]: unknown }
  /**
   * The job failed or was stopped: FACE_ABORTED. Its facts are those that are known; `argument` is the library's name of it:
   * `minSamples` for `--min-samples`.
   */
  | ({ readonly event: 'error'; readonly code: string; readonly message: string } & ErrorFacts);

/** At the beginning and the end of each phase, and at most twice a second in between. */
interface ProgressEvent extends Counts {
  readonly event: 'progress';
  readonly phase: string;
  /** How much of the phase is done, in units of `total`. */
  readonly done: number;
  readonly total: number;
  /** Units of `total` a second, at present; `null` while nothing can be said. */
  readonly perSecond: number | null;
  /** Until the end of the phase; `null` while nothing can be said. */
  readonly secondsLeft: number | null;
}

/** How far a command is, beside what its phase counts. */
export interface Counts {
  /** How many faces were found so far, or, by `cluster` in its phase `faces`, cut out. */
  readonly faces?: number;
  /** How many photos could not be used so far. */
  readonly failed?: number;
  /** The share of the work that is done, from 0 to 1, where the units of `total` are not equal; of `encode` only. */
  readonly work?: number;
  /** Where there are videos: how many photos and videos are done; `done` and `total` count their frames. */
  readonly files?: EncodeProgress['files'];
}

export function writeEvent(event: CliEvent): void {
  process.stdout.write(`${JSON.stringify(event)}\n`);
}
