import { readdir, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { fsPath } from '../system/file-name';
import type { Board } from './board';
import type { Announcement, JobPhoto, Terms } from './messages';
import { fileWithin } from './photo-folder';
import type { RunFile } from './run-file';
import { programName } from './terms';
import type { WorkersOfRun } from './workers-of-run';

/** Keeps a run on the board where workers look for work, from when there is some. */
export class Announcer {
  #sample: Announcement['sample'] | undefined;
  /** When its file was changed last: another photo may take its place. */
  #changed: number | undefined;
  #isOver = false;

  constructor(
    private readonly board: Board,
    private readonly about: {
      readonly run: string;
      readonly runFile: RunFile;
      readonly terms: Terms;
      /** Folder that all photos are in. */
      readonly folder: string;
      readonly sends: boolean;
      readonly workers: WorkersOfRun;
      readonly progress: () => { readonly done: number; readonly total: number };
    },
  ) {}

  /** @param photo the first of the run's jobs, by which workers know whether their folder is the right one */
  async begin({ within, bytes, content }: JobPhoto): Promise<void> {
    if (this.#sample !== undefined) return;
    this.#sample = within === undefined ? null : { within, bytes, content };
    this.#changed = await this.#lastChange().catch(() => undefined);
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
      sample: await this.#sampleIfThere(),
      at: Date.now(),
      ...progress(),
      workers: workers.states,
      ...(this.#isOver && { over: true }),
    });
  }

  /**
   * No worker would take part because of a photo that was moved or changed here since, or wait for it to come back. If all photos are
   * away, the share is, and they do wait.
   */
  async #sampleIfThere(): Promise<Announcement['sample']> {
    try {
      return (await this.#lastChange()) === this.#changed ? (this.#sample ?? null) : null;
    } catch {
      const isAway = (await readdir(fsPath(this.about.folder)).catch(() => [])).length === 0;
      return isAway ? (this.#sample ?? null) : null;
    }
  }

  async #lastChange(): Promise<number | undefined> {
    const sample = this.#sample;
    if (!sample) return undefined;
    const file = await fileWithin(this.about.folder, sample.within, sample.bytes);
    return (await stat(fsPath(file))).mtimeMs;
  }

  /** Workers leave. The run stays on the board until nothing else is left of it, or nobody would know what there is to remove. */
  async end(): Promise<void> {
    this.#isOver = true;
    await this.renew();
  }
}
