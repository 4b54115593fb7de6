import type { SingleBar } from 'cli-progress';
import { count, duration } from './text';

export interface Progress {
  /**
   * @param detail what else there is to say, e.g. `12 faces`
   */
  update(done: number, total: number, detail?: string): void;
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
  return process.stderr.isTTY ? new BarProgress(title, unit) : new LineProgress(title, unit);
}

class BarProgress implements Progress {
  readonly #bar: SingleBar;
  readonly #begun = performance.now();
  #started = false;

  constructor(title: string, unit: string) {
    const { SingleBar, Presets } = require('cli-progress') as typeof import('cli-progress');
    const counted = unit === '' ? '{percentage} %' : `{value}/{total} ${unit}s`;
    this.#bar = new SingleBar(
      {
        stream: process.stderr,
        format: `${title} {bar} ${counted}{detail}{left}`,
        barsize: Math.max(5, Math.min(30, (process.stderr.columns ?? 80) - 65)),
        hideCursor: true,
        // The command answers signals itself and stops the bar.
        gracefulExit: false,
        clearOnComplete: true,
      },
      Presets.shades_classic,
    );
  }

  update(done: number, total: number, detail = ''): void {
    const left = timeLeft(this.#begun, done, total);
    const payload = { detail: comma(detail), left: comma(left) };
    if (this.#started) {
      this.#bar.update(done, payload);
      return;
    }
    this.#started = true;
    this.#bar.start(total, done, payload);
  }

  stop(): void {
    if (this.#started) this.#bar.stop();
  }
}

class LineProgress implements Progress {
  readonly #title: string;
  readonly #unit: string;
  readonly #begun = performance.now();
  #printed: number | undefined;

  constructor(title: string, unit: string) {
    this.#title = title;
    this.#unit = unit;
  }

  update(done: number, total: number, detail = ''): void {
    const now = performance.now();
    if (this.#printed === undefined) {
      this.#print(now, this.#unit === '' ? '' : `: ${count(total, this.#unit)}`);
    } else if (now - this.#printed >= LINE_EVERY_MS) {
      const counted = this.#unit === '' ? `${Math.floor((100 * done) / total)} %` : `${done} of ${total}`;
      const left = timeLeft(this.#begun, done, total);
      this.#print(now, `: ${counted}${comma(detail)}${comma(left)}`);
    }
  }

  stop(): void {}

  #print(now: number, text: string): void {
    this.#printed = now;
    process.stderr.write(`${this.#title}${text}\n`);
  }
}

/** E.g. `about 2 min 5 s left`, at the mean speed since `begun`; empty while nothing can be said. */
function timeLeft(begun: number, done: number, total: number): string {
  if (done <= 0 || done >= total) return '';
  const seconds = (performance.now() - begun) / 1000;
  return `about ${duration(seconds * (total / done - 1))} left`;
}

function comma(text: string): string {
  return text === '' ? '' : `, ${text}`;
}
