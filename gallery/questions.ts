/*
 * The questions whether two people are one, the surest first. An answer shows the next at once, and is sent behind it: until the
 * server has told what is to be asked now, its questions are taken as they are after the answers that are on their way.
 */
import type { Decided, PageDecision, Question, Questions } from '../src/web/api-types';
import type { Editing } from './editing';
import { personName } from './people';

/** What was done with a question, for taking it back. */
interface Done {
  readonly question: Question;
  /** What has come of the answer, see {@link Editing.decide}; `undefined` if the question was skipped. */
  readonly answer: Promise<Decided | undefined> | undefined;
}

/** An answer that the server's questions don't know of yet. */
interface Sent {
  /** Who is no more, and who that is now; `undefined` if they are two people. */
  readonly merged: { readonly person: number; readonly into: number } | undefined;
  /** From which revision on the server's questions know of it; `undefined` while it is on its way. */
  revision: number | undefined;
}

export class QuestionQueue {
  /** Told when something has changed. */
  onChange = (): void => {};
  readonly #editing: Editing;
  /** As the server has told them: which revision of people they are of, and how many there are in all. */
  #told: Questions & { readonly revision: number } = { revision: -1, left: 0, questions: [] };
  #loading: Promise<void> | undefined;
  #current: Question | undefined;
  /** The question that comes next, out of turn: one that is taken back. */
  #wanted: string | undefined;
  readonly #sent = new Map<string, Sent>();
  readonly #skipped = new Set<string>();
  #done: readonly Done[] = [];
  /** One answer after the other. */
  #sending: Promise<unknown> = Promise.resolve();

  constructor(editing: Editing) {
    this.#editing = editing;
  }

  /** The one that is asked; `undefined` if it no longer helps to ask, or all others are skipped. */
  get current(): Question | undefined {
    return this.#current;
  }

  /** Those that come after it. */
  get next(): readonly Question[] {
    return this.#open().filter((one) => one !== this.#current);
  }

  /** Whether there may be more to ask, which the server has not told yet. */
  get isWaiting(): boolean {
    return (
      this.#loading !== undefined || [...this.#sent.values()].some(({ revision }) => revision === undefined)
    );
  }

  /** How many are left, without those that were skipped. */
  get left(): number {
    const { left, questions } = this.#told;
    return left - (questions.length - this.#open().length);
  }

  get skipped(): number {
    return this.#asked().length - this.#open().length;
  }

  /** Whether there is something to take back. */
  get canUndo(): boolean {
    return this.#done.length > 0;
  }

  /** How many were answered on this visit. */
  get answered(): number {
    return this.#done.filter(({ answer }) => answer).length;
  }

  /** Asks the server what is to be asked now, if people have changed. @throws Error with words for people */
  follow(): Promise<void> {
    if (this.#told.revision === this.#editing.state.revision) return Promise.resolve();
    this.#loading ??= this.#load().finally(() => {
      this.#loading = undefined;
      this.#go();
    });
    return this.#loading;
  }

  async #load(): Promise<void> {
    const { revision } = this.#editing.state;
    const questions = await this.#editing.ask<Questions>('questions');
    this.#told = { ...questions, revision };
    for (const [key, sent] of this.#sent) {
      if (sent.revision !== undefined && sent.revision <= revision) this.#sent.delete(key);
    }
    // What was taken back elsewhere, is open again.
    const open = new Set(this.#asked().map(keyOf));
    this.#done = this.#done.filter(({ question, answer }) => !answer || !open.has(keyOf(question)));
    if (revision !== this.#editing.state.revision) await this.#load();
  }

  /** Those that are to be answered: as they are told, after the answers that were sent since. */
  #asked(): Question[] {
    const merged = [...this.#sent.values()].flatMap((sent) => sent.merged ?? []);
    const asked = new Map<string, Question>();
    for (const told of this.#told.questions) {
      if (this.#sent.has(keyOf(told))) continue;
      const question = merged.reduce<Question>(afterMerge, told);
      const key = keyOf(question);
      const [one, other] = question.people;
      if (one !== other && !this.#sent.has(key) && !asked.has(key)) asked.set(key, question);
    }
    return [...asked.values()];
  }

  #open(): Question[] {
    return this.#asked().filter((one) => !this.#skipped.has(keyOf(one)));
  }

  /** Goes on to the next question, or stays with the present one if that is open. */
  #go(): void {
    const open = this.#open();
    const wanted = this.#wanted ?? (this.#current && keyOf(this.#current));
    this.#current = open.find((one) => keyOf(one) === wanted) ?? open[0];
    if (this.#current && keyOf(this.#current) === this.#wanted) this.#wanted = undefined;
    this.onChange();
  }

  /** Says whether the two people of the present question are one. */
  answer(same: boolean): void {
    const question = this.#current;
    if (!question) return;
    const [into, person] = this.#intoAndFrom(question);
    const [name, other] = [personName(into), personName(person)];
    const decision: PageDecision = same
      ? { do: 'merge', person, into }
      : { do: 'differ', person, other: into };
    const said = same ? `${other} and ${name} are one.` : `${other} and ${name} are two people.`;
    const sent: Sent = { merged: same ? { person, into } : undefined, revision: undefined };
    this.#sent.set(keyOf(question), sent);
    const answer = this.#sending.then(() => this.#editing.decide([decision], said));
    const done = { question, answer };
    this.#sending = answer.then((decided) => {
      sent.revision = decided?.state.revision;
      if (decided) return this.follow();
      // It was told why not. The question is open as before.
      this.#done = this.#done.filter((one) => one !== done);
      this.#sent.delete(keyOf(question));
      this.#wanted = keyOf(question);
      this.#go();
    });
    this.#sending.catch(() => {});
    this.#done = [...this.#done, done];
    this.#go();
  }

  /** Leaves the present question alone until the page is loaded anew. */
  skip(): void {
    const question = this.#current;
    if (!question) return;
    this.#skipped.add(keyOf(question));
    this.#done = [...this.#done, { question, answer: undefined }];
    this.#go();
  }

  /** Takes the last answer or skip of this visit back, and asks again. */
  async undo(): Promise<void> {
    const done = this.#done[this.#done.length - 1];
    if (!done) return;
    const { question, answer } = done;
    this.#done = this.#done.slice(0, -1);
    this.#wanted = keyOf(question);
    this.#skipped.delete(keyOf(question));
    const decided = await answer;
    if (decided) {
      await this.#editing.undo(decided.gesture);
      await this.follow();
    }
    this.#go();
  }

  /** Asks again what was skipped. */
  askSkipped(): void {
    this.#skipped.clear();
    this.#done = this.#done.filter(({ answer }) => answer);
    this.#go();
  }

  /** Who stays if the two are one, and who becomes that: who has a name stays, else who has more faces. */
  #intoAndFrom({ people: [larger, smaller] }: Question): [into: number, from: number] {
    const isNamed = (label: number) =>
      this.#editing.overview.people.some((person) => person.label === label && person.name !== null);
    return isNamed(smaller) && !isNamed(larger) ? [smaller, larger] : [larger, smaller];
  }
}

/** Who a question is about; it stays so when the server tells its questions anew. */
function keyOf({ people: [one, other] }: Question): string {
  return one < other ? `${one} ${other}` : `${other} ${one}`;
}

/** What is asked of somebody who is somebody else now, is asked of that one. */
function afterMerge(question: Question, { person, into }: NonNullable<Sent['merged']>): Question {
  const [one, other] = question.people.map((label) => (label === person ? into : label));
  return { ...question, people: [one as number, other as number] };
}
