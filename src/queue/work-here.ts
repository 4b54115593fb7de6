import type { PhotoEncoder, PhotoOutcome, PhotoToEncode } from '../encode/encode-photo';
import type { Pending } from './pending-photos';
import type { RunControl } from './run-control';

/**
 * Photos that the coordinator looks at itself, as without a queue: what workers can't look at, and frames of videos. There may be
 * millions of these, which wait while photos go on to workers: of each nothing is kept but its place in a list.
 */
export class WorkHere<T extends PhotoToEncode> {
  readonly #most: number;
  /** First come first served: those before `#next` have been begun. */
  #waiting: T[] = [];
  #next = 0;
  #inHand = 0;

  /** @param jobs how many photos are worked on at once; as many again are decoded meanwhile */
  constructor(
    private readonly local: PhotoEncoder,
    jobs: number,
    private readonly control: RunControl,
    private readonly onOutcome: (photo: T, outcome: PhotoOutcome) => void,
  ) {
    this.#most = 2 * jobs;
  }

  /** How many photos nothing has come of yet. */
  get size(): number {
    return this.#waiting.length - this.#next + this.#inHand;
  }

  /** Looks at all photos of a content. */
  takeOver({ waiting }: Pending<T>): void {
    for (const { photo } of waiting) this.take(photo);
  }

  take(photo: T): void {
    this.#waiting.push(photo);
    if (this.#inHand < this.#most) void this.#work();
  }

  /** Looks at one after the other until there is none. */
  async #work(): Promise<void> {
    const { control } = this;
    this.#inHand++;
    try {
      for (let one = this.#take(); one; one = this.#take()) {
        this.onOutcome(one, await this.local.encode(one, control.ends));
      }
    } catch (error) {
      control.fail(error);
    } finally {
      this.#inHand--;
      control.changed.ring();
    }
  }

  #take(): T | undefined {
    const { isStopping, ends } = this.control;
    const one = isStopping || ends.aborted ? undefined : this.#waiting[this.#next++];
    // The next run does those that have not been begun.
    if (!one) [this.#waiting, this.#next] = [[], 0];
    return one;
  }
}
