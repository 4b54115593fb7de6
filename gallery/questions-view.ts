/* "Same person?": the page of the questions, where `view` serves it; and how many there are, in the navigation. */
import type { Question } from '../src/web/api-types';
import { EVERYBODY, personHash } from './addresses';
import type { Editing } from './editing';
import { announce, button, byId, count, element, thumbnail } from './elements';
import { fetchAhead, largeFace } from './large-face';
import { personName } from './people';
import { peopleView } from './people-view';
import { QuestionQueue } from './questions';
import { toast } from './toasts';
import type { MakeView } from './view';
import { wordsOf } from './words';

/** How many of the next questions have their pictures fetched. */
const AHEAD = 3;
/** How many more faces of each person are shown. */
const MORE_FACES = 5;

/** How long nothing must change before the questions are counted anew for the navigation, which nobody waits for. */
const REST_MS = 1000;

/** Stays as it is while other views are shown: what was skipped, and what can be taken back. */
let screen: QuestionScreen | undefined;

/** Shows the way to the questions, and how many there are. */
export function startQuestions(made: Editing): void {
  const questions = new QuestionScreen(made);
  screen = questions;
  byId('nav-questions').hidden = false;
  let resting = 0;
  const count = () => {
    window.clearTimeout(resting);
    // That they can't be told, is told where they are asked.
    resting = window.setTimeout(() => questions.follow().catch(() => {}), REST_MS);
  };
  made.onChange(count);
  count();
}

export const questionsView: MakeView = async (context, route) => {
  if (!screen) return peopleView(context, route);
  await screen.follow();
  return { title: TITLE, content: [screen.content], placeOf: () => -1 };
};

const TITLE = 'Same person?';

class QuestionScreen {
  readonly content = element('section', { class: 'questions', 'aria-labelledby': 'question' });
  readonly #editing: Editing;
  readonly #queue: QuestionQueue;
  readonly #heading = element('h1', { id: 'question', tabindex: -1 }, TITLE);
  readonly #summary = element('p', { class: 'summary' });
  readonly #pair = element('div', { class: 'pair' });
  readonly #end = element('div', { class: 'end' });
  readonly #yes = answer(
    'Yes, the same',
    'Y',
    () => this.#say('Yes.', () => this.#queue.answer(true)),
    'main',
  );
  readonly #no = answer(
    'No, two people',
    'N',
    () => this.#say('No.', () => this.#queue.answer(false)),
    'main',
  );
  readonly #skip = answer('Skip', 'S', () => this.#say('Skipped.', () => this.#queue.skip()));
  readonly #undo = answer('Undo', 'U', () =>
    this.#queue.undo().then(() => this.#tell('Taken back.'), tellTrouble),
  );
  /** What is shown, and of which people: what they are called may have changed. */
  #shown: { readonly question: Question; readonly people: unknown } | undefined;

  constructor(made: Editing) {
    this.#editing = made;
    this.#queue = new QuestionQueue(made);
    this.#queue.onChange = () => this.#render();
    const answers = element('div', { class: 'answers' }, this.#yes, this.#no, this.#skip, this.#undo);
    this.content.append(this.#heading, this.#summary, this.#pair, this.#end, answers);
    document.addEventListener('keydown', (event) => this.#press(event));
  }

  /** Resolves when there is something to show; newer questions take the place of those that are shown. */
  async follow(): Promise<void> {
    const followed = this.#queue.follow();
    if (this.#queue.current) followed.catch(tellTrouble);
    else await followed;
    this.#render();
  }

  #render(): void {
    const { current, left, canUndo, isWaiting } = this.#queue;
    const number = left.toLocaleString('en');
    byId('nav-questions-left').textContent = left > 0 ? ` ${number}` : '';
    this.#summary.textContent = current ? `${number} left, the surest first` : '';
    const focused = document.activeElement;
    const part = focused instanceof HTMLElement && this.content.contains(focused) ? focused : undefined;
    if (!current) {
      this.#pair.replaceChildren();
      this.#end.replaceChildren(...(isWaiting ? [] : this.#atTheEnd()));
    } else if (this.#shown?.question !== current || this.#shown.people !== this.#editing.overview) {
      const [one, other] = current.faces;
      const [larger, smaller] = current.people;
      this.#pair.replaceChildren(this.#side(one, larger, 'one'), this.#side(other, smaller, 'other'));
      this.#end.replaceChildren();
    }
    this.#shown = current && { question: current, people: this.#editing.overview };
    for (const button of [this.#yes, this.#no, this.#skip]) button.hidden = !current && !isWaiting;
    this.#undo.disabled = !canUndo;
    this.#undo.hidden = !current && !isWaiting && !canUndo;
    fetchAhead(this.#queue.next.slice(0, AHEAD).flatMap(({ faces }) => faces));
    // What is gone, hidden or disabled can't keep the keyboard.
    if (part && (!part.isConnected || part.hidden || part.matches(':disabled'))) {
      const again = this.content.querySelector<HTMLElement>(
        `[data-part="${part.dataset.part ?? ''}"]:not([hidden], :disabled)`,
      );
      (again ?? (this.#yes.hidden ? this.#heading : this.#yes)).focus({ preventScroll: true });
    }
  }

  #side(face: Question['faces'][0], label: number, key: string): HTMLElement {
    const person = this.#editing.overview.people.find((one) => one.label === label);
    const name = personName(label);
    const others = (person?.cover ?? []).filter((url) => url !== face.thumbnail).slice(0, MORE_FACES);
    return element(
      'div',
      { class: 'side' },
      largeFace(face, name, key),
      element(
        'p',
        { class: 'who' },
        element('a', { href: personHash({ label }), dir: 'auto', 'data-part': `name-${key}` }, name),
      ),
      element('p', { class: 'detail' }, person ? count(person.photos, 'photo') : ''),
      element('div', { class: 'more-faces' }, ...others.map(thumbnail)),
    );
  }

  /** What is said when there is nothing to ask. */
  #atTheEnd(): Node[] {
    const { answered, skipped } = this.#queue;
    const said =
      skipped > 0
        ? `That was the last, but for ${count(skipped, 'question')} that you have skipped.`
        : answered > 0
          ? 'That was the last that is worth asking. Thank you!'
          : 'There is nothing to ask: nobody on your photos looks so much like somebody else.';
    const askAgain = () => {
      this.#queue.askSkipped();
      this.#tell('');
    };
    return [
      element('p', {}, said),
      element(
        'p',
        { class: 'buttons' },
        ...(skipped > 0 ? [button('Ask what I skipped', askAgain, { 'data-part': 'again' })] : []),
        element('a', { href: EVERYBODY, 'data-part': 'all' }, 'All people'),
      ),
    ];
  }

  #say(answered: string, act: () => void): void {
    if (!this.#queue.current) return;
    act();
    this.#tell(answered);
  }

  /** Tells screen readers what was done, and what is asked now. */
  #tell(done: string): void {
    const { current } = this.#queue;
    const asked = current
      ? `${current.people.map((label) => this.#nameAndSize(label)).join(' and ')}: the same person?`
      : (this.#end.textContent ?? '');
    announce(`${done} ${asked}`.trim());
  }

  #nameAndSize(label: number): string {
    const person = this.#editing.overview.people.find((one) => one.label === label);
    return `${personName(label)}${person ? `, ${count(person.photos, 'photo')}` : ''}`;
  }

  #press({ key, target, repeat, altKey, ctrlKey, metaKey, defaultPrevented }: KeyboardEvent): void {
    if (!this.content.isConnected || repeat || altKey || ctrlKey || metaKey || defaultPrevented) return;
    const at = target as Element;
    if (at.closest('input, select, textarea, dialog') || document.querySelector('dialog[open]')) return;
    const buttons = [this.#yes, this.#no, this.#skip, this.#undo];
    const pressed = buttons.find((one) => one.getAttribute('aria-keyshortcuts') === key.toUpperCase());
    if (pressed && !pressed.hidden) pressed.click();
  }
}

/** @param look a class of the style sheet */
function answer(text: string, key: string, act: () => void, look = ''): HTMLButtonElement {
  const shown = [text, element('kbd', { 'aria-hidden': 'true' }, key)];
  return button(shown, act, { class: look, 'data-part': `answer-${key}`, 'aria-keyshortcuts': key });
}

function tellTrouble(error: unknown): void {
  toast(wordsOf(error));
}
