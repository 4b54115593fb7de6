import type { ServerResponse } from 'node:http';
import { everySoOften } from '../system/timer';
import type { PageState } from './api-types';

/**
 * How long the last tab has to be away until the page counts as closed: when it has said goodbye, which a reload does, too; and
 * when it has not, as when a browser starts anew, a network comes and goes, or a background tab is woken once a minute.
 */
const AFTER_GOODBYE = 10;
const WITHOUT_GOODBYE = 120;

const SECOND_MS = 1000;

/**
 * The tabs in which the page is open: each keeps a stream of events open, and hears of each change by it. Seconds without any are
 * counted one by one, while this process runs: those that the computer sleeps are none.
 */
export class Tabs {
  readonly #open = new Set<EventStream>();
  #goodbye = false;
  #away = 0;
  #stopCounting: (() => void) | undefined;
  #tellClosed = () => {};
  /** Resolves when there were tabs and none is open any more. */
  readonly closed = new Promise<void>((resolve) => {
    this.#tellClosed = resolve;
  });

  /** @param secondMs for tests: how long a second takes */
  constructor(private readonly secondMs = SECOND_MS) {}

  /** Makes of a response that has been begun the stream of a tab. */
  add(response: ServerResponse, state: PageState): void {
    const stream = new EventStream(response);
    this.#open.add(stream);
    this.#stopCounting?.();
    this.#stopCounting = undefined;
    this.#goodbye = false;
    response.once('close', () => {
      this.#open.delete(stream);
      if (this.#open.size === 0) this.#countAway();
    });
    stream.tell(state);
  }

  /** A tab says that it is about to be closed. */
  goodbye(): void {
    this.#goodbye = true;
  }

  /** Tells all tabs of a new state. */
  tell(state: PageState): void {
    for (const stream of this.#open) stream.tell(state);
  }

  /** Ends all streams. */
  end(): void {
    for (const stream of this.#open) stream.end();
  }

  #countAway(): void {
    this.#away = 0;
    this.#stopCounting ??= everySoOften(this.secondMs, () => {
      if (++this.#away < (this.#goodbye ? AFTER_GOODBYE : WITHOUT_GOODBYE)) return;
      this.#stopCounting?.();
      this.#stopCounting = undefined;
      this.#tellClosed();
    });
  }
}

/** Server-sent events of states. A tab that does not read them misses all but the latest: what waits for it takes no memory. */
class EventStream {
  #waits = false;
  #latest: PageState | undefined;

  constructor(private readonly response: ServerResponse) {
    response.on('drain', () => {
      this.#waits = false;
      const latest = this.#latest;
      this.#latest = undefined;
      if (latest) this.tell(latest);
    });
  }

  tell(state: PageState): void {
    if (this.#waits) this.#latest = state;
    else this.#waits = !this.response.write(`event: state\ndata: ${JSON.stringify(state)}\n\n`);
  }

  end(): void {
    this.response.end();
  }
}
