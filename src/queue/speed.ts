/** How long ago the speed is measured from. */
const WINDOW_MS = 60_000;

/** Photos and pixels a second, over the last minute. What has nothing to do in between is not slower for that. */
export class Speed {
  #done: { readonly at: number; readonly photos: number; readonly pixels: number }[] = [];
  #inHand = 0;

  /** @param now in milliseconds */
  constructor(private readonly now = () => performance.now()) {}

  /** Some photos are begun. */
  begin(): void {
    if (this.#inHand++ === 0) this.#done = [{ at: this.now(), photos: 0, pixels: 0 }];
  }

  /** They are done. */
  end(photos: number, pixels: number): void {
    const at = this.now();
    this.#inHand--;
    this.#done.push({ at, photos, pixels });
    // The first only says where the window begins.
    while (this.#done.length > 2 && (this.#done[1]?.at ?? at) < at - WINDOW_MS) this.#done.shift();
  }

  /** 0 while nothing can be said. */
  get perSecond(): number {
    return this.#rate('photos');
  }

  get pixelsPerSecond(): number {
    return this.#rate('pixels');
  }

  #rate(of: 'photos' | 'pixels'): number {
    const [first, ...rest] = this.#done;
    const last = rest.at(-1);
    if (!first || !last) return 0;
    const sum = rest.reduce((total, one) => total + one[of], 0);
    return (1000 * sum) / Math.max(1, last.at - first.at);
  }
}
