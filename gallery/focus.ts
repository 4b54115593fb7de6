/*
 * Where the keyboard is, so that it is there again when a view has been made anew: on the same thing, or on what came in its
 * place.
 */
import { positionOf } from './lists';
import type { View } from './view';

/** @param content what is made anew @returns puts the focus back; false if there was none, or nothing to put it on */
export function keepFocus(content: HTMLElement): (view: View) => boolean {
  const focused = document.activeElement;
  if (!(focused instanceof HTMLElement) || !content.contains(focused) || focused === content) {
    return () => false;
  }
  const part = partOf(focused);
  const item = focused.closest<HTMLElement>('li[data-key]');
  const [key, position] = item ? [item.dataset.key ?? '', positionOf(item)] : ['', -1];
  return ({ list }) => {
    if (item && list) {
      const same = list.positionOfKey(key);
      const place = same >= 0 ? same : Math.min(position, list.length - 1);
      return list.focusItem(place, part) && list.list.contains(document.activeElement);
    }
    const again = content.querySelector<HTMLElement>(part);
    again?.focus({ preventScroll: true });
    return again !== null && document.activeElement === again;
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
