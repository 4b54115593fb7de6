/* Short words on what was done, at the lower edge of the page, with what can be done about it. */
import { byId, element } from './elements';

export interface ToastAction {
  readonly text: string;
  do(): unknown;
}

/** How long one stays, unless it is pointed at or has the keyboard. */
const STAYS_MS = 10_000;

export function toast(text: string, action?: ToastAction): void {
  const button = action && element('button', { type: 'button' }, action.text);
  const made = element('div', { class: 'toast' }, element('span', {}, text), ...(button ? [button] : []));
  let ends = 0;
  const wait = () => {
    window.clearTimeout(ends);
    ends = window.setTimeout(() => made.remove(), STAYS_MS);
  };
  const stay = () => window.clearTimeout(ends);
  button?.addEventListener('click', () => {
    made.remove();
    action?.do();
  });
  for (const come of ['pointerenter', 'focusin']) made.addEventListener(come, stay);
  for (const go of ['pointerleave', 'focusout']) made.addEventListener(go, wait);
  // One at a time: what came before is in the history.
  byId('toasts').replaceChildren(made);
  wait();
}
