import { abortError, type FaceError } from '../base/errors';
import { Doorbell } from './doorbell';
import { answersAgain, patiently, Troubles } from './trouble';

/** How many different things are said of a run: what somebody sends who wants to be read is no more. */
const MOST_SAID = 1_000;

/** Whether a run goes on, and what a person is told of it. */
export class RunControl {
  /** Ends all at once: somebody wants that, or it has failed. */
  readonly ends: AbortSignal;
  /** Rings when something has changed that others may wait for. */
  readonly changed = new Doorbell();
  readonly #failed = new AbortController();
  readonly #troubles: Troubles;
  readonly #said = new Set<string>();

  /**
   * @param address of the server
   * @param stop no photo is begun any more
   */
  constructor(
    private readonly address: string,
    signal: AbortSignal | undefined,
    private readonly stop: AbortSignal | undefined,
    private readonly onNote: (message: string) => void,
  ) {
    this.ends = AbortSignal.any([signal, this.#failed.signal].filter((one) => one !== undefined));
    this.#troubles = new Troubles(
      (error) => onNote(error.message),
      () => onNote(answersAgain(address)),
    );
    for (const one of [stop, this.ends]) one?.addEventListener('abort', () => this.changed.ring());
  }

  get isStopping(): boolean {
    return this.stop?.aborted === true;
  }

  /** Ends the run with an error. */
  readonly fail = (error: unknown): void => this.#failed.abort(error);

  /** Why the run has ended: `error` is what that looked like at the place where it was met. */
  reasonOf(error: unknown): unknown {
    return this.#failed.signal.aborted ? this.#failed.signal.reason : error;
  }

  /** Tells of trouble with the server that may pass. */
  readonly trouble = (error: FaceError): void => this.#troubles.add(error);

  /** Does something with the server, see `patiently`. */
  try<R>(attempt: () => Promise<R>): Promise<R> {
    const answered = async () => {
      const asked = performance.now();
      const answer = await attempt();
      this.#troubles.answered(asked);
      return answer;
    };
    return patiently(answered, this.address, this.ends, this.trouble);
  }

  /** Waits until something is so. @throws why the run has ended, if it does meanwhile */
  async until(isSo: () => boolean): Promise<void> {
    for (;;) {
      if (this.ends.aborted) throw this.reasonOf(abortError(this.ends));
      if (isSo()) return;
      await this.changed.wait();
    }
  }

  /** Each thing once: a worker without the photos says the same of all. */
  say(message: string): void {
    const kind = message.replace(/"[^"]*"/g, '""').slice(0, 120);
    if (this.#said.has(kind) || this.#said.size >= MOST_SAID) return;
    this.#said.add(kind);
    this.onNote(message);
  }
}
