/* Short words on what was done, at the lower edge of the page, with what can be done about it. */
import { button, byId, element, ICONS, icon } from './elements';

export interface ToastAction {
  readonly text: string;
  do(): unknown;
}

export interface ToastOptions {
  readonly action?: ToastAction;
  /** What went wrong is not taken away before somebody has read it. */
  readonly stays?: boolean;
}

/** How long one stays, unless it is pointed at or has the keyboard. */
const STAYS_MS = 12_000;

export function toast(text: string, { action, stays = false }: ToastOptions = {}): void {
  const close = () => {
    window.clearTimeout(ends);
    made.remove();
  };
  const made = element('div', { class: stays ? 'toast wrong' : 'toast' }, element('span', {}, text));
  if (action) {
    const does = button(action.text, () => {
      close();
      action.do();
    });
    made.append(does);
  }
  if (stays) made.append(button([icon(ICONS.close)], close, { class: 'round', 'aria-label': 'Close' }));
  let ends = 0;
  const wait = () => {
    window.clearTimeout(ends);
    if (!stays) ends = window.setTimeout(close, STAYS_MS);
  };
  for (const come of ['pointerenter', 'focusin'])
    made.addEventListener(come, () => window.clearTimeout(ends));
  for (const go of ['pointerleave', 'focusout']) made.addEventListener(go, wait);
  // One of each kind: what was done before is in the history.
  const place = byId('toasts');
  for (const other of place.querySelectorAll(stays ? '.wrong' : ':not(.wrong)')) {
    if (other.parentElement === place) other.remove();
  }
  place.append(made);
  wait();
}
