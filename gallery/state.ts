/* Whether the folders on the disk are as the page shows people, and whether the program is still there. */
import type { Applied } from '../src/web/api-types';
import type { Editing } from './editing';
import { announce, button, count, element } from './elements';
import { toast } from './toasts';
import { wordsOf } from './words';

/** Shows it, from now on. */
export function showState(editing: Editing): void {
  const says = element('span', {});
  const progress = element('progress', { max: 1, 'aria-label': 'Progress', hidden: true });
  const apply = button('Apply to folders', () => applyToFolders(editing), { class: 'small', hidden: true });
  const line = element(
    'section',
    { class: 'state', 'aria-label': 'State of the folders', tabindex: -1 },
    says,
    progress,
    apply,
    element('a', { href: '#history' }, 'History'),
  );
  const gone = element(
    'div',
    { class: 'gone', role: 'alert', hidden: true },
    element('strong', {}, 'The program has ended. '),
    'What you have done is saved. To go on, start it again: ',
    element('code', {}, 'face-cluster-native view'),
    ', with this folder.',
  );
  document.querySelector('body > header')?.after(gone, line);

  const show = () => {
    const { unapplied, busy } = editing.state;
    gone.hidden = editing.there;
    document.body.classList.toggle('without-program', !editing.there);
    progress.hidden = busy === null;
    if (busy) progress.value = busy.done;
    const hadFocus = apply === document.activeElement;
    apply.hidden = unapplied === 0 || busy !== null || !editing.there;
    const amount = count(unapplied, 'change');
    const now = busy
      ? `${busy.what}…`
      : unapplied === 0
        ? 'Saved. The folders are up to date.'
        : `Saved. ${amount} ${unapplied === 1 ? 'is' : 'are'} not in the folders yet.`;
    // What is hidden can't keep the keyboard.
    if (hadFocus && apply.hidden) line.focus({ preventScroll: true });
    // When the program ends it brings the folders up to date: what was said of them is not so any more.
    line.hidden = !editing.there;
    if (says.textContent === now) return;
    says.textContent = now;
    if (busy) announce(now);
  };
  editing.onChange(show);
  show();
}

async function applyToFolders(editing: Editing): Promise<void> {
  try {
    const { said, left } = await editing.send<Applied>('apply', {});
    toast(['The folders are up to date.', ...said, ...left].join(' '));
  } catch (error) {
    toast(wordsOf(error), { stays: true });
  }
}
