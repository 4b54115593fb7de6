/* The client of the server of `view`: see `src/web/api-types.ts`. */
import type { PageKind, Pages } from '../src/result/export/gallery/page-types';
import type {
  Decided,
  DecisionsRequest,
  Failure,
  PageDecision,
  PageState,
  ServedOverview,
  UndoRequest,
} from '../src/web/api-types';
import type { Editing } from './editing';
import { makeOne } from './people';
import { toast } from './toasts';
import { wordsOf } from './words';

/** What the server has said no to. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    { message }: Failure,
  ) {
    super(message);
  }
}

export class Served implements Editing {
  #overview: ServedOverview;
  #state: PageState;
  #there = true;
  #listeners: (() => void)[] = [];
  /** One overview after the other. */
  #loading: Promise<void> = Promise.resolve();

  private constructor(overview: ServedOverview) {
    this.#overview = overview;
    this.#state = overview.state;
  }

  /** @throws Error with words for people */
  static async connect(): Promise<Served> {
    const served = new Served(await request('overview'));
    served.#listen();
    return served;
  }

  get state(): PageState {
    return this.#state;
  }

  get overview(): ServedOverview {
    return this.#overview;
  }

  get there(): boolean {
    return this.#there;
  }

  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  ask<T>(path: string): Promise<T> {
    return this.#request(path);
  }

  send<T>(path: string, body: unknown): Promise<T> {
    return this.#request(path, body);
  }

  async decide(decisions: readonly PageDecision[], said: string): Promise<Decided | undefined> {
    // Before people are shown without those who are somebody else then.
    for (const decision of decisions) if (decision.do === 'merge') makeOne(decision.person, decision.into);
    const decided = await this.#change('decisions', { decisions } satisfies DecisionsRequest);
    if (decided) toast(said, { action: { text: 'Undo', do: () => this.undo(decided.gesture) } });
    return decided;
  }

  async undo(gesture?: number, isUndo = false): Promise<void> {
    const undone = await this.#change(
      'undo',
      gesture === undefined ? {} : ({ gesture } satisfies UndoRequest),
    );
    if (!undone) return;
    const text = isUndo ? 'Undo' : 'Do it again';
    toast(isUndo ? 'Done again.' : 'Undone.', {
      action: { text, do: () => this.undo(undone.gesture, !isUndo) },
    });
  }

  /** A page of items, as they are at present: where people have changed meanwhile, all is loaded anew, and shown anew. */
  async page<K extends PageKind>(kind: K, page: number): Promise<readonly Pages[K][]> {
    const { revision } = this.#overview.state;
    try {
      return await this.#request(`pages/${kind}/${page}?revision=${revision}`);
    } catch (error) {
      if (error instanceof Refused && error.status === 409) await this.#follow(revision + 1);
      throw error;
    }
  }

  async #change(path: string, body: unknown): Promise<Decided | undefined> {
    try {
      const decided = await this.#request<Decided>(path, body);
      await this.#take(decided.state);
      return decided;
    } catch (error) {
      toast(wordsOf(error), { stays: true });
      return undefined;
    }
  }

  async #request<T>(path: string, body?: unknown): Promise<T> {
    try {
      const answer = await request<T>(path, body);
      this.#set(true);
      return answer;
    } catch (error) {
      if (!(error instanceof Refused)) this.#set(false);
      throw error;
    }
  }

  /**
   * Hears what changes. Of all tabs one listens, and tells the others: a browser has but six connections to a server, and each
   * tab that listens keeps one. When that tab is closed, another one takes over.
   */
  #listen(): void {
    const others = new BroadcastChannel('events');
    others.addEventListener('message', ({ data }) => this.#hear(data));
    navigator.locks.request('events', () => {
      const tell = (told: PageState | boolean) => {
        this.#hear(told);
        others.postMessage(told);
      };
      const events = new EventSource('api/events');
      events.addEventListener('state', ({ data }) => tell(JSON.parse(data)));
      events.addEventListener('open', () => tell(true));
      events.addEventListener('error', async () => {
        // Only what can't be asked any more has ended: a stream may break off for less, and is taken up again.
        if (this.#there) await this.#request('overview').catch(() => tell(this.#there));
      });
      // By that the server tells a tab that was closed from one that is out of reach for a while.
      addEventListener('pagehide', () => navigator.sendBeacon('api/goodbye', GOODBYE));
      // For as long as the tab is open.
      return new Promise(() => {});
    });
  }

  /** @param told a state, or whether the server is there */
  #hear(told: PageState | boolean): void {
    if (typeof told === 'boolean') this.#set(told);
    else this.#take(told).catch((error) => toast(wordsOf(error), { stays: true }));
  }

  #set(there: boolean): void {
    if (this.#there === there) return;
    this.#there = there;
    this.#tell();
  }

  async #take(state: PageState): Promise<void> {
    if (state.revision > this.#overview.state.revision) await this.#follow(state.revision);
    // Answers and events overtake each other.
    if (state.revision < this.#state.revision) return;
    this.#state = state;
    this.#tell();
  }

  /** Loads the overview until it is at least of that revision. */
  #follow(revision: number): Promise<void> {
    const load = async () => {
      if (this.#overview.state.revision >= revision) return;
      this.#overview = await this.#request<ServedOverview>('overview');
      this.#state = this.#overview.state;
      this.#tell();
    };
    this.#loading = this.#loading.then(load, load);
    return this.#loading;
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}

const GOODBYE = new Blob(['{}'], { type: 'application/json' });

async function request<T>(path: string, body?: unknown): Promise<T> {
  const how: RequestInit | undefined =
    body === undefined
      ? undefined
      : { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
  const response = await fetch(`api/${path}`, how).catch(() => undefined);
  const answer = await response?.json().catch(() => undefined);
  // While it ends, whoever still has a connection is told 503, and none of its own reasons.
  if (!response || (response.status === 503 && answer?.code === undefined))
    throw new Error('The program does not answer: it has ended. Nothing that was saved is lost.');
  if (response.ok) return answer as T;
  throw new Refused(response.status, answer ?? { message: `The program said no: ${response.status}.` });
}
