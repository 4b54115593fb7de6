/** How long ago the speed is measured from: long enough for large photos, short enough to notice a change. */
const WINDOW_MS = 30_000;
/** How often a point in time is kept: that many make up the window. */
const SAMPLE_MS = 1000;

/** A moment of a job. */
interface Sample {
  readonly at: number;
  readonly done: number;
}

/** The speed of a job, from what was done in the last half minute. */
export class Rate {
  #samples: Sample[] = [];
  #last: Sample | undefined;

  /** @param now in milliseconds */
  constructor(private readonly now = () => performance.now()) {}

  update(done: number): void {
    const at = this.now();
    const newest = this.#samples.at(-1);
    this.#last = { at, done };
    if (newest && at - newest.at < SAMPLE_MS) return;
    this.#samples.push(this.#last);
    // One sample from before the window stays: it is where the window begins.
    while ((this.#samples[1]?.at ?? at) < at - WINDOW_MS) this.#samples.shift();
  }

  /** How much is done in a second; `undefined` while nothing can be said. */
  get perSecond(): number | undefined {
    const first = this.#samples[0];
    if (!first || !this.#last || this.#last.done <= first.done) return undefined;
    return (1000 * (this.#last.done - first.done)) / Math.max(1, this.#last.at - first.at);
  }

  /** How many seconds the rest takes at this speed; `undefined` while nothing can be said, and at the end. */
  secondsLeft(total: number): number | undefined {
    const speed = this.perSecond;
    if (speed === undefined || !this.#last || this.#last.done >= total) return undefined;
    return (total - this.#last.done) / speed;
  }
}
