/** Lets those who wait look again. */
export class Doorbell {
  #waiting: (() => void)[] = [];

  /** Until it rings. */
  wait(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  ring(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}
