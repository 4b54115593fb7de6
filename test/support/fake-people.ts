import type { PageDecision, PageState, ServedOverview } from '../../src/web/api-types';
import type { ServedPeople } from '../../src/web/server';
import type { SessionFace, SessionPhoto } from '../../src/web/session';

/** People of nobody: what the server asks of a session, which answers what it is told to. */
export class FakePeople implements ServedPeople {
  #state: PageState = { revision: 1, unapplied: 0, busy: null };
  readonly #listeners = new Set<(state: PageState) => void>();
  readonly decided: (readonly PageDecision[])[] = [];
  readonly photos = new Map<string, SessionPhoto>();
  readonly faces = new Map<string, SessionFace>();
  /** What {@link decide} waits for. */
  before: () => Promise<void> = async () => {};

  constructor(readonly output: string) {}

  get state(): PageState {
    return this.#state;
  }

  set state(state: PageState) {
    this.#state = state;
    for (const listener of this.#listeners) listener(state);
  }

  onState(listener: (state: PageState) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  overview(): ServedOverview {
    return { state: this.state, people: [], hidden: [] } as unknown as ServedOverview;
  }

  page<K>(_: K, n: number) {
    return n === 0 ? [] : undefined;
  }

  async decide(decisions: readonly PageDecision[]) {
    await this.before();
    this.decided.push(decisions);
    const { revision, unapplied } = this.state;
    this.state = { revision: revision + 1, unapplied: unapplied + decisions.length, busy: null };
    return { state: this.state, gesture: this.decided.length, made: [] };
  }

  async undo() {
    return { state: this.state, gesture: 1, made: [] };
  }

  history() {
    return [];
  }

  async questions() {
    return { left: 0, questions: [] };
  }

  async alike() {
    return [];
  }

  async several() {
    return undefined;
  }

  async addFace(): Promise<never> {
    throw new Error('secret: at src/secret.ts:1');
  }

  async apply() {
    return { state: this.state, said: [], left: [] };
  }

  photo(id: string) {
    return this.photos.get(id);
  }

  face(id: string) {
    return this.faces.get(id);
  }
}
