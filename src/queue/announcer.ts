import { hostname } from 'node:os';
import type { Board } from './board';
import type { Announcement, JobPhoto, Terms } from './messages';
import type { RunFile } from './run-file';
import { programName } from './terms';
import type { WorkersOfRun } from './workers-of-run';

/** Keeps a run on the board where workers look for work, from when there is some. */
export class Announcer {
  #sample: Announcement['sample'] | undefined;
  #isOver = false;

  constructor(
    private readonly board: Board,
    private readonly about: {
      readonly run: string;
      readonly runFile: RunFile;
      readonly terms: Terms;
      readonly sends: boolean;
      readonly workers: WorkersOfRun;
      readonly progress: () => { readonly done: number; readonly total: number };
    },
  ) {}

  /** @param photo the first of the run's jobs, by which workers know whether their folder is the right one */
  async begin({ within, bytes, content }: JobPhoto): Promise<void> {
    if (this.#sample !== undefined) return;
    this.#sample = within === undefined ? null : { within, bytes, content };
    await this.renew();
  }

  /** Says how far the run is, if it is on the board. */
  async renew(): Promise<void> {
    if (this.#sample === undefined) return;
    const { run, runFile, terms, sends, workers, progress } = this.about;
    await this.board.put({
      run,
      host: hostname().slice(0, 300),
      program: programName(),
      terms,
      fingerprint: runFile.fingerprint ?? null,
      sends,
      sample: this.#sample,
      at: Date.now(),
      ...progress(),
      workers: workers.states,
      ...(this.#isOver && { over: true }),
    });
  }

  /** Workers leave. The run stays on the board until nothing else is left of it, or nobody would know what there is to remove. */
  async end(): Promise<void> {
    this.#isOver = true;
    await this.renew();
  }
}
