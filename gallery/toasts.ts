/* Short words on what was done, at an edge of the page, with what can be done about it. */
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

const place = byId('toasts');
/** Where the keyboard was before it came to them. */
let cameFrom: HTMLElement | undefined;
place.addEventListener('focusin', ({ relatedTarget }) => {
  if (relatedTarget instanceof HTMLElement && !place.contains(relatedTarget)) cameFrom = relatedTarget;
});

/** Takes one away; the keyboard, if it is there, goes back to where it came from. */
function take(shown: Element): void {
  const hadFocus = shown.contains(document.activeElement);
  shown.remove();
  if (!hadFocus) return;
  const instead = place.closest('dialog')?.querySelector('button') ?? byId('content');
  (cameFrom?.isConnected ? cameFrom : instead).focus({ preventScroll: true });
}

export function toast(text: string, { action, stays = false }: ToastOptions = {}): void {
  const close = () => {
    window.clearTimeout(ends);
    take(made);
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
  for (const other of [...place.children]) {
    if (other.classList.contains('wrong') === stays) take(other);
  }
  place.append(made);
  wait();
}
