/**
 * What `encode --json` and `cluster --json` write to stdout: one event a line, each a JSON object. The first is `start`,
 * the last `done` or `error`. Events and fields may be added; where one goes or changes its meaning, `version` rises.
 * See docs/events.md.
 */
export type CliEvent =
  | StartEvent
  | NoteEvent
  | ProgressEvent
  | ProblemEvent
  | WarningEvent
  | DoneEvent
  | ErrorEvent;

export interface StartEvent {
  readonly event: 'start';
  readonly command: string;
  /** Of the events. */
  readonly version: 1;
  /** Of the program. */
  readonly program: string;
}

/** Something that a person should know; nothing to go by for a program. */
export interface NoteEvent {
  readonly event: 'note';
  readonly message: string;
}

/** At the beginning and the end of each phase, and at most twice a second in between. */
export interface ProgressEvent {
  readonly event: 'progress';
  readonly phase: string;
  /** How much of the phase is done, in units of `total`. */
  readonly done: number;
  readonly total: number;
  /** How many faces were found so far, or, by `cluster` in its phase `faces`, cut out. */
  readonly faces?: number;
  /** How many photos could not be used so far. */
  readonly failed?: number;
  /** The share of the work that is done, from 0 to 1, where the units of `total` are not equal; of `encode` only. */
  readonly work?: number;
  /** Units of `total` a second, at present; `null` while nothing can be said. */
  readonly perSecond: number | null;
  /** Until the end of the phase; `null` while nothing can be said. */
  readonly secondsLeft: number | null;
}

/** A photo could not be used, or a folder not be searched. */
export interface ProblemEvent {
  readonly event: 'problem';
  readonly path: string;
  /** Stable, e.g. `FACE_IMAGE_DECODE`. */
  readonly code: string;
  readonly reason: string;
  /** What to do about it, if that is known; `reason` says it, too. */
  readonly remedy?: string;
}

/** A photo was used although something is wrong with it. */
export interface WarningEvent {
  readonly event: 'warning';
  readonly path: string;
  readonly reason: string;
}

/** The job is done. What else it holds depends on the command. */
export interface DoneEvent {
  readonly event: 'done';
  readonly seconds: number;
  readonly [name: string]: unknown;
}

/** The job failed or was stopped. */
export interface ErrorEvent {
  readonly event: 'error';
  /** Stable; `FACE_ABORTED` if the job was stopped. */
  readonly code: string;
  readonly message: string;
  /** See `FaceError`; those that are known. `argument` is the library's name of it: `minSamples` for `--min-samples`. */
  readonly path?: string;
  readonly argument?: string;
  readonly remedy?: string;
}

export function writeEvent(event: CliEvent): void {
  process.stdout.write(`${JSON.stringify(event)}\n`);
}
