import type { CDPSession, Page } from 'playwright-core';

interface Point {
  readonly x: number;
  readonly y: number;
}

/** Seconds from one event of a finger to the next. */
const STEP = 0.016;

/**
 * Fingers on the screen, as Chromium itself sees them: page, gestures and clicks follow from these. They are as quick as people are,
 * however long it takes to send what they do: events have times of their own, by which pages tell two taps from a double one.
 */
export class Fingers {
  readonly #session: CDPSession;
  /** Of the last event, in seconds since 1970. */
  #at = Date.now() / 1000;

  private constructor(session: CDPSession) {
    this.#session = session;
  }

  static async on(page: Page): Promise<Fingers> {
    return new Fingers(await page.context().newCDPSession(page));
  }

  /** Puts fingers down, moves them in some steps, and takes them off. @param paths each finger's first and last place */
  async move(...paths: readonly (readonly [from: Point, to: Point])[]): Promise<void> {
    const STEPS = 8;
    const at = (step: number) =>
      paths.map(([from, to], id) => ({
        x: from.x + ((to.x - from.x) * step) / STEPS,
        y: from.y + ((to.y - from.y) * step) / STEPS,
        id,
      }));
    await this.#send('touchStart', at(0));
    for (let step = 1; step <= STEPS; step++) await this.#send('touchMove', at(step));
    await this.#send('touchEnd', []);
  }

  async tapTwice(at: Point): Promise<void> {
    for (let tap = 0; tap < 2; tap++) {
      await this.#send('touchStart', [{ ...at, id: 0 }]);
      await this.#send('touchEnd', []);
    }
  }

  async #send(type: 'touchStart' | 'touchMove' | 'touchEnd', touchPoints: (Point & { id: number })[]) {
    this.#at += STEP;
    await this.#session.send('Input.dispatchTouchEvent', { type, touchPoints, timestamp: this.#at });
  }
}
