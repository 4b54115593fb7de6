import type { SingleBar } from 'cli-progress';
import { Rate } from './rate';
import { count, duration } from './text';

export interface Progress {
  /**
   * @param detail what else there is to say, e.g. `12 faces`
   * @param work share of the work that is done, from 0 to 1, if it is another than `done` of `total`
   */
  update(done: number, total: number, detail?: string, work?: number): void;
  /** Must be called before anything else is printed. */
  stop(): void;
}

/** How often a line is printed where there is no terminal. */
const LINE_EVERY_MS = 10_000;

/**
 * Shows on stderr how far a job is: a bar on a terminal; elsewhere, as in a log file, a line at
 * the start and then one every ten seconds.
 * @param title what is done, e.g. `Encoding`
 * @param unit what is counted, e.g. `photo`; empty if `done` is a fraction
 */
export function showProgress(title: string, unit: string): Progress {
  return hasTerminal() ? new BarProgress(title, unit) : new LineProgress(title, unit);
}

/** Whether stderr is a terminal that a line can be drawn over in; the logs of some CI services pretend to be one. */
function hasTerminal(): boolean {
  return Boolean(process.stderr.isTTY) && process.env.TERM !== 'dumb' && !process.env.CI;
}

/** How much of `total` is done, from 0 to 1. */
export function share(done: number, total: number): number {
  return total > 0 ? done / total : 0;
}

/** What is to be said about a job, most important first. */
interface State {
  readonly title: string;
  readonly unit: string;
  readonly done: number;
  readonly total: number;
  readonly detail: string;
  readonly perSecond: number | undefined;
  readonly secondsLeft: number | undefined;
}

/** Lengths that a bar may have. Few, or it would grow and shrink with every digit beside it. */
const BARS = [30, 20, 10];

/**
 * The line for a terminal of `columns` characters: a bar and as much as fits beside it. A longer line would be wrapped,
 * and each time it is drawn anew leave its beginning behind.
 */
export function barLine(state: State, columns: number): string {
  const { title, unit, done, total, detail } = state;
  const fraction = total > 0 ? Math.min(1, done / total) : 1;
  const counted =
    unit === '' ? `${Math.floor(100 * fraction)} %` : `${done.toLocaleString('en')}/${count(total, unit)}`;
  const speed = state.perSecond !== undefined && unit !== '' ? `${rounded(state.perSecond)}/s` : '';
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
export function logLine(state: State): string {
  const { title, unit, done, total, detail } = state;
  const counted =
    unit === ''
      ? `${Math.floor((100 * done) / total)} %`
      : `${done.toLocaleString('en')} of ${count(total, unit)}`;
  const speed = state.perSecond !== undefined && unit !== '' ? `${rounded(state.perSecond)} a second` : '';
  const left = state.secondsLeft === undefined ? '' : `about ${duration(state.secondsLeft)} left`;
  return `${title}: ${[counted, detail, speed, left].filter((part) => part !== '').join(', ')}`;
}

function rounded(perSecond: number): string {
  if (perSecond >= 100) return Math.round(perSecond).toLocaleString('en');
  return perSecond.toFixed(perSecond >= 9.95 ? 0 : perSecond >= 0.095 ? 1 : 2);
}

class BarProgress implements Progress {
  readonly #bar: SingleBar;
  readonly #title: string;
  readonly #unit: string;
  readonly #rate = new Rate();
  #state: State | undefined;

  constructor(title: string, unit: string) {
    this.#title = title;
    this.#unit = unit;
    const { SingleBar, Presets } = require('cli-progress') as typeof import('cli-progress');
    this.#bar = new SingleBar(
      {
        stream: process.stderr,
        format: () => (this.#state ? barLine(this.#state, process.stderr.columns || 80) : ''),
        hideCursor: true,
        // The command answers signals itself and stops the bar.
        gracefulExit: false,
        clearOnComplete: true,
      },
      Presets.shades_classic,
    );
  }

  update(done: number, total: number, detail = '', work = share(done, total)): void {
    const started = this.#state !== undefined;
    this.#rate.update(done, work);
    this.#state = {
      ...{ title: this.#title, unit: this.#unit, done, total, detail },
      perSecond: this.#rate.perSecond,
      secondsLeft: this.#rate.secondsLeft(1),
    };
    if (started) this.#bar.update(done);
    else this.#bar.start(total, done);
  }

  stop(): void {
    if (this.#state) this.#bar.stop();
  }
}

class LineProgress implements Progress {
  readonly #title: string;
  readonly #unit: string;
  readonly #rate = new Rate();
  #printed: number | undefined;

  constructor(title: string, unit: string) {
    this.#title = title;
    this.#unit = unit;
  }

  update(done: number, total: number, detail = '', work = share(done, total)): void {
    const now = performance.now();
    this.#rate.update(done, work);
    if (this.#printed === undefined) {
      this.#print(now, this.#unit === '' ? this.#title : `${this.#title}: ${count(total, this.#unit)}`);
    } else if (now - this.#printed >= LINE_EVERY_MS) {
      const state = { title: this.#title, unit: this.#unit, done, total, detail };
      const { perSecond } = this.#rate;
      this.#print(now, logLine({ ...state, perSecond, secondsLeft: this.#rate.secondsLeft(1) }));
    }
  }

  stop(): void {}

  #print(now: number, line: string): void {
    this.#printed = now;
    process.stderr.write(`${line}\n`);
  }
}
