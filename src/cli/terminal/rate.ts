/** How long ago the speed is measured from: long enough for large photos, short enough to notice a change. */
const WINDOW_MS = 30_000;
/** How often a point in time is kept: that many make up the window. */
const SAMPLE_MS = 1000;

/** A moment of a job. `work` is in the unit that time is proportional to, where that is another than what is counted. */
interface Sample {
  readonly at: number;
  readonly done: number;
  readonly work: number;
}

/** The speed of a job, from what was done in the last half minute. */
export class Rate {
  #samples: Sample[] = [];
  #last: Sample | undefined;

  /** @param now in milliseconds */
  constructor(private readonly now = () => performance.now()) {}

  update(done: number, work = done): void {
    const at = this.now();
    const newest = this.#samples.at(-1);
    this.#last = { at, done, work };
    if (newest && at - newest.at < SAMPLE_MS) return;
    this.#samples.push(this.#last);
    // One sample from before the window stays: it is where the window begins.
    while ((this.#samples[1]?.at ?? at) < at - WINDOW_MS) this.#samples.shift();
  }

  /** How much is done in a second; `undefined` while nothing can be said. */
  get perSecond(): number | undefined {
    return this.#speed('done');
  }

  /** How many seconds the rest of all work takes at this speed; `undefined` while nothing can be said, and at the end. */
  secondsLeft(allWork: number): number | undefined {
    const speed = this.#speed('work');
    if (speed === undefined || !this.#last || this.#last.work >= allWork) return undefined;
    return (allWork - this.#last.work) / speed;
  }

  #speed(of: 'done' | 'work'): number | undefined {
    const first = this.#samples[0];
    if (!first || !this.#last || this.#last[of] <= first[of]) return undefined;
    return (1000 * (this.#last[of] - first[of])) / Math.max(1, this.#last.at - first.at);
  }
}
