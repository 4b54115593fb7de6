import type { EncodeProgress } from '../../encode/encode';
import { doneText, filesText } from './files';
import { count, duration } from './text';

/** How far a job is. */
export interface JobState {
  /** What is done, e.g. `Encoding`. */
  readonly title: string;
  /** What is counted, e.g. `photo`; empty if `done` is a fraction. */
  readonly unit: string;
  readonly done: number;
  readonly total: number;
  /** What is counted for people, where `done` and `total` are of parts of it: frames of videos. */
  readonly files?: EncodeProgress['files'] | undefined;
  /** What else there is to say, e.g. `12 faces`. */
  readonly detail: string;
  readonly perSecond: number | undefined;
  readonly secondsLeft: number | undefined;
}

export interface Progress {
  update(state: JobState): void;
  /** Must be called before anything else is printed. The next update shows it again. */
  stop(): void;
}

/** How often a line is printed where there is no terminal. */
const LINE_EVERY_MS = 10_000;

/**
 * Shows on stderr how far a job is: a bar on a terminal; elsewhere, as in a log file, a line at
 * the start and then one every ten seconds.
 */
export function showProgress(): Progress {
  return hasTerminal() ? showBar() : showLines();
}

/** Whether stderr is a terminal that a line can be drawn over in; the logs of some CI services pretend to be one. */
function hasTerminal(): boolean {
  return Boolean(process.stderr.isTTY) && process.env.TERM !== 'dumb' && !process.env.CI;
}

/** Lengths that a bar may have. Few, or it would grow and shrink with every digit beside it. */
const BARS = [30, 20, 10];

/**
 * The line for a terminal of `columns` characters: a bar and as much as fits beside it. A longer line would be wrapped,
 * and each time it is drawn anew leave its beginning behind.
 */
export function barLine(state: JobState, columns: number): string {
  const { title, unit, done, total, files, detail } = state;
  const fraction = total > 0 ? Math.min(1, done / total) : 1;
  const counted = files
    ? doneText(files, '/', ', ')
    : unit === ''
      ? `${Math.floor(100 * fraction)} %`
      : `${done.toLocaleString('en')}/${count(total, unit)}`;
  const speed = hasSpeed(state) ? `${rounded(state.perSecond)}/s` : '';
  const left = state.secondsLeft === undefined ? '' : `${duration(state.secondsLeft)} left`;
  const variants = [[counted, detail, speed, left], [counted, detail, left], [counted, left], [counted]].map(
    (parts) => parts.filter((part) => part !== '').join(', '),
  );
  for (const text of variants) {
    // Some terminals go on to the next line when the last column is written to.
    const room = columns - 1 - title.length - text.length - 2;
    const size = BARS.find((length) => length <= room);
    if (size === undefined) continue;
    const full = Math.round(size * fraction);
    return `${title} ${'█'.repeat(full)}${'░'.repeat(size - full)} ${text}`;
  }
  return `${title} ${counted}`.slice(0, Math.max(0, columns - 1));
}

/** The line for a log. */
export function logLine(state: JobState): string {
  const { title, unit, done, total, files, detail } = state;
  const percent = `${Math.floor((100 * done) / total)} %`;
  const counted = files
    ? `${doneText(files)}, ${percent}`
    : unit === ''
      ? percent
      : `${done.toLocaleString('en')} of ${count(total, unit)}`;
  const speed = hasSpeed(state) ? `${rounded(state.perSecond)} a second` : '';
  const left = state.secondsLeft === undefined ? '' : `about ${duration(state.secondsLeft)} left`;
  return `${title}: ${[counted, detail, speed, left].filter((part) => part !== '').join(', ')}`;
}

/** Whether the speed is one of what is counted. */
function hasSpeed(state: JobState): state is JobState & { readonly perSecond: number } {
  return state.perSecond !== undefined && state.unit !== '' && !state.files;
}

function rounded(perSecond: number): string {
  if (perSecond >= 100) return Math.round(perSecond).toLocaleString('en');
  return perSecond.toFixed(perSecond >= 9.95 ? 0 : perSecond >= 0.095 ? 1 : 2);
}

function showBar(): Progress {
  const { SingleBar, Presets } = require('cli-progress') as typeof import('cli-progress');
  let shown: JobState | undefined;
  const bar = new SingleBar(
    {
      stream: process.stderr,
      format: () => (shown ? barLine(shown, process.stderr.columns || 80) : ''),
      hideCursor: true,
      // The command answers signals itself and stops the bar.
      gracefulExit: false,
      clearOnComplete: true,
    },
    Presets.shades_classic,
  );
  return {
    update(state) {
      const started = shown !== undefined;
      shown = state;
      if (started) bar.update(state.done);
      else bar.start(state.total, state.done);
    },
    stop() {
      if (shown) bar.stop();
      shown = undefined;
    },
  };
}

function showLines(): Progress {
  let printed: number | undefined;
  return {
    update(state) {
      const now = performance.now();
      if (printed !== undefined && now - printed < LINE_EVERY_MS) return;
      process.stderr.write(`${printed === undefined ? firstLine(state) : logLine(state)}\n`);
      printed = now;
    },
    stop() {},
  };
}

function firstLine({ title, unit, total, files }: JobState): string {
  if (files) return `${title}: ${filesText(files.total)}`;
  return unit === '' ? title : `${title}: ${count(total, unit)}`;
}
