import { FaceError, factsOf, messageOf } from '../base/errors';
import type { PhotoProblem, PhotoWarning } from '../base/photo-problem';
import type { EncodeProgress } from '../encode/encode';
import type { EncodeForecast } from '../encode/time-left';
import { programVersion } from '../system/version';
import { type Counts, writeEvent } from './events';
import { Important, type Line } from './important';
import { type Progress, showProgress } from './terminal/progress';
import { Rate } from './terminal/rate';
import { count, printable } from './terminal/text';

/**
 * Options of commands that show how far they are.
 * @param answer what it is run for, if that is to be read: told with `--quiet`, too
 */
export function outputOptions(answer?: string) {
  return {
    quiet: {
      alias: 'q',
      type: 'boolean',
      default: false,
      describe: `Say nothing but ${answer === undefined ? '' : `${answer}, and `}what went wrong or is left to you to do`,
    },
    json: {
      type: 'boolean',
      default: false,
      describe: 'Write what happens as JSON, one event a line, for other programs',
    },
  } as const;
}

/** The same, of commands that are run for what they do. */
export const OUTPUT_OPTIONS = outputOptions();

/** A part of a command's work that has a bar of its own. */
export interface Phase {
  /** For programs, e.g. `locate`. */
  readonly name: string;
  /** For people, e.g. `Looking for the photos`. */
  readonly title: string;
  /** What is counted, e.g. `photo`; empty if it is a fraction. */
  readonly unit: string;
}

/** What a command was about, for {@link CommandOutput.done}. */
export interface Outcome {
  readonly seconds: number;
  readonly warnings?: readonly PhotoWarning[];
}

/** How often there is a progress event, at most. */
const EVENT_EVERY_MS = 500;

/**
 * What a command says: to people, to programs, or, with `--quiet`, as little as possible: what is {@link Important}, on stderr, and
 * its answer, if it has one. Errors are told in any case, by whoever gets them in the end.
 */
export class CommandOutput {
  #phase: Phase | undefined;
  #shown: Progress | undefined;
  #rate = new Rate();
  #lastEvent = 0;

  /** @param stream where the summary goes; not stdout if the answer alone is to be there */
  constructor(
    command: string,
    private readonly options: { readonly quiet: boolean; readonly json: boolean },
    private readonly stream: NodeJS.WriteStream = process.stdout,
  ) {
    if (options.json) writeEvent({ event: 'start', command, version: 1, program: programVersion() });
  }

  /** @param forecast of those who know better how much time is left than the speed of the last half minute */
  progress(
    phase: Phase,
    done: number,
    total: number,
    counts?: Counts,
    forecast?: { readonly secondsLeft: number | undefined },
  ): void {
    if (this.options.quiet) return;
    const { name, title, unit } = phase;
    const begins = name !== this.#phase?.name;
    if (begins) {
      this.stop();
      this.#phase = phase;
      this.#rate = new Rate();
      if (!this.options.json) this.#shown = showProgress();
    }
    this.#rate.update(done);
    const { perSecond } = this.#rate;
    const { secondsLeft } = forecast ?? { secondsLeft: this.#rate.secondsLeft(total) };
    const detail = [
      ...(counts?.faces === undefined ? [] : [count(counts.faces, 'face')]),
      ...(counts?.failed ? [`${counts.failed.toLocaleString('en')} failed`] : []),
    ].join(', ');
    const files = counts?.files;
    this.#shown?.update({ title, unit, done, total, files, detail, perSecond, secondsLeft });
    const now = performance.now();
    if (!this.options.json || (!begins && done < total && now - this.#lastEvent < EVENT_EVERY_MS)) return;
    this.#lastEvent = now;
    const speed = { perSecond: perSecond ?? null, secondsLeft: secondsLeft ?? null };
    writeEvent({ event: 'progress', phase: name, done, total, ...counts, ...speed });
  }

  /** @param progress of looking for faces */
  encoding(phase: Phase, { done, total, files, faces, failed, work, secondsLeft }: EncodeProgress): void {
    const counts = { faces, failed, work, ...(files.total.videos > 0 && { files }) };
    this.progress(phase, done, total, counts, { secondsLeft });
  }

  problem({ path, code, reason, remedy }: PhotoProblem): void {
    if (this.options.json) writeEvent({ event: 'problem', path, code, reason, ...factsOf({ remedy }) });
  }

  /** @param message what people are told */
  forecast(forecast: EncodeForecast, message: string): void {
    if (this.options.json) writeEvent({ event: 'forecast', ...forecast });
    else this.note(message);
  }

  /** Something worth knowing while the work goes on. */
  note(message: Line): void {
    if (this.options.json) writeEvent({ event: 'note', message: `${message}` });
    else if (this.#isTold(message)) {
      this.#shown?.stop();
      process.stderr.write(`${printable(`${message}`)}\n`);
    }
  }

  /** Something for people only: programs are told in another way. */
  comment(message: Line): void {
    if (!this.options.json) this.note(message);
  }

  /** What it was run for. Programs are told in another way. */
  answer(lines: readonly string[]): void {
    this.stop();
    if (!this.options.json) process.stdout.write(`${lines.join('\n')}\n`);
  }

  /**
   * @param lines what people are told
   * @param fields what programs are told
   */
  done({ seconds, warnings = [] }: Outcome, lines: readonly Line[], fields: Record<string, unknown>): void {
    this.stop();
    const { json, quiet } = this.options;
    if (json) {
      for (const { path, reason, insteadOf } of warnings)
        writeEvent({ event: 'warning', path, reason, ...(insteadOf !== undefined && { insteadOf }) });
      writeEvent({ event: 'done', seconds, ...fields });
      return;
    }
    const text = lines.filter((line) => this.#isTold(line)).join('\n');
    // What stands by itself needs no empty line before it.
    if (quiet && text !== '') process.stderr.write(`${text.trimStart()}\n`);
    else if (!quiet) this.stream.write(`${text}\n`);
  }

  #isTold(line: Line): boolean {
    return !this.options.quiet || line instanceof Important;
  }

  /** Tells programs; people are told by whoever gets the error in the end. */
  failed(error: unknown): void {
    this.stop();
    if (!this.options.json) return;
    const { code, ...facts } =
      error instanceof FaceError ? { code: error.code, ...factsOf(error) } : { code: 'FACE_INTERNAL' };
    writeEvent({ event: 'error', code, message: messageOf(error), ...facts });
  }

  /** Takes the bar away. */
  stop(): void {
    this.#shown?.stop();
    this.#shown = undefined;
  }
}
