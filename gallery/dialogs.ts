/* Questions to the user, as modal dialogs. */
import { button, element, ICONS, icon } from './elements';

export interface Answer<T> {
  readonly text: string | readonly (Node | string)[];
  readonly value: T;
  /** The one that Enter gives. */
  readonly likely?: boolean;
}

/**
 * @param fill makes what is between the title and the buttons; what it gives to `answer` closes the dialog
 * @param focus what has the keyboard first; default: the likely answer
 * @returns `undefined` if it was closed without an answer
 */
export function ask<T>(
  title: string | readonly (Node | string)[],
  answers: readonly Answer<T>[],
  fill: (answer: (value: T) => void) => readonly Node[] = () => [],
  focus?: HTMLElement,
): Promise<T | undefined> {
  return new Promise((resolve) => {
    // At once: browsers tell that a dialog was closed after the keyboard is back where it was, and a key that is pressed there in
    // between would be lost.
    const end = (given?: T) => {
      window.removeEventListener('hashchange', leave);
      dialog.close();
      dialog.remove();
      resolve(given);
    };
    const leave = () => end();
    const heading = element('h2', { id: 'question' }, ...(typeof title === 'string' ? [title] : title));
    const close = button([icon(ICONS.close)], leave, {
      class: 'round',
      'aria-label': 'Close',
    });
    const buttons = answers.map(({ text, value, likely = false }) =>
      button(text, () => end(value), { class: likely ? 'main' : '', autofocus: likely && !focus }),
    );
    const dialog = element(
      'dialog',
      { class: 'question', 'aria-labelledby': 'question' },
      element('div', { class: 'question-title' }, heading, close),
      ...fill(end),
      element('div', { class: 'choices' }, ...buttons),
    );
    // What was asked about is left behind.
    window.addEventListener('hashchange', leave);
    for (const way of ['cancel', 'close']) dialog.addEventListener(way, leave);
    // Beside it, as everywhere; its own edge is not beside it. Not before the click has ended: the rest of it would take the
    // keyboard from what has it again.
    const isBeside = ({ target, clientX, clientY }: MouseEvent) => {
      const { left, top, right, bottom } = dialog.getBoundingClientRect();
      return target === dialog && (clientX < left || clientX > right || clientY < top || clientY > bottom);
    };
    let begunBeside = false;
    dialog.addEventListener('pointerdown', (event) => {
      begunBeside = isBeside(event);
    });
    dialog.addEventListener('click', (event) => {
      if (begunBeside && isBeside(event)) leave();
    });
    document.body.append(dialog);
    dialog.showModal();
    focus?.focus();
  });
}
