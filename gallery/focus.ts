/*
 * Where the keyboard is, so that it is there again when a view has been made anew: on the same thing, or on what came in its
 * place.
 */
import { positionOf } from './lists';
import type { View } from './view';

/** Puts the focus on the title of what `content` shows, which is then read aloud. */
export function focusHeading(content: HTMLElement): void {
  const heading = content.querySelector('h1');
  heading?.setAttribute('tabindex', '-1');
  heading?.focus({ preventScroll: true });
}

/** @param content what is made anew @returns puts the focus back, if there was one: on the title, if there is nothing else to put it on */
export function keepFocus(content: HTMLElement): (view: View) => void {
  const focused = document.activeElement;
  if (!(focused instanceof HTMLElement) || !content.contains(focused) || focused === content) {
    return () => {};
  }
  const part = partOf(focused);
  const item = focused.closest<HTMLElement>('li[data-key]');
  const [key, position] = item ? [item.dataset.key ?? '', positionOf(item)] : ['', -1];
  return ({ list }) => {
    if (item && list) {
      const same = list.positionOfKey(key);
      const place = same >= 0 ? same : Math.min(position, list.length - 1);
      list.focusItem(place, part);
    } else content.querySelector<HTMLElement>(part)?.focus({ preventScroll: true });
    if (!content.contains(document.activeElement)) focusHeading(content);
  };
}

/** A selector of what stands for an element in the view that is made anew. */
function partOf(focused: HTMLElement): string {
  const { part } = focused.dataset;
  if (focused.id !== '') return `#${CSS.escape(focused.id)}`;
  if (part !== undefined) return `[data-part="${CSS.escape(part)}"]`;
  const href = focused.closest('li[data-key]') ? null : focused.getAttribute('href');
  return href === null ? focused.localName : `a[href="${CSS.escape(href)}"]`;
}
