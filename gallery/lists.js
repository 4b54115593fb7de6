'use strict';
/* Long lists of links: they grow as they are scrolled, and arrow keys move within them. */

/** Items added at a time: more than fit on a large screen. */
const ITEMS_AT_ONCE = 120;

/**
 * A list of `items` that grows when its end comes near the screen; the button at its end does the same.
 * @template T
 * @param {readonly T[]} items
 * @param {(item: T) => HTMLLIElement} makeItem each item holds a link
 * @param {string} className
 */
function growingList(items, makeItem, className) {
  // Safari takes a list without bullets for no list, unless told.
  const list = element('ul', { class: className, role: 'list' });
  const more = element('button', { type: 'button', class: 'more' });
  const watcher = new IntersectionObserver(
    (entries) => {
      if (entries.some(({ isIntersecting }) => isIntersecting)) grow();
    },
    { rootMargin: '0px 0px 1500px 0px' },
  );

  function grow() {
    const shown = list.childElementCount;
    list.append(...items.slice(shown, shown + ITEMS_AT_ONCE).map(makeItem));
    const left = items.length - list.childElementCount;
    more.textContent = `Show more (${left.toLocaleString('en')} left)`;
    more.hidden = left === 0;
    // Watched anew, the button is looked at anew: what was added may not have pushed it off the screen.
    watcher.unobserve(more);
    if (left > 0) watcher.observe(more);
  }

  /**
   * Moves the focus to the item at `position`.
   * @param {number} position
   */
  function focusItem(position) {
    if (position < 0 || position >= items.length) return false;
    while (list.childElementCount <= position) grow();
    list.children[position]?.querySelector('a')?.focus();
    return true;
  }

  more.addEventListener('click', () => {
    const next = list.childElementCount;
    grow();
    focusItem(next);
  });
  list.addEventListener('keydown', (event) => {
    const item = /** @type {Element} */ (event.target).closest('li');
    if (!item || event.altKey || event.ctrlKey || event.metaKey) return;
    const step = stepOf(event.key, list);
    if (step !== undefined && focusItem([...list.children].indexOf(item) + step)) event.preventDefault();
  });
  grow();
  return { list, more, focusItem };
}

/**
 * How many items an arrow key goes on in a list that is laid out in rows.
 * @param {string} key
 * @param {HTMLElement} list
 */
function stepOf(key, list) {
  if (key === 'ArrowRight') return 1;
  if (key === 'ArrowLeft') return -1;
  if (key !== 'ArrowDown' && key !== 'ArrowUp') return undefined;
  const items = /** @type {HTMLElement[]} */ ([...list.children]);
  const second = items.findIndex(({ offsetTop }) => offsetTop !== items[0]?.offsetTop);
  const perRow = second < 0 ? items.length : second;
  return key === 'ArrowDown' ? perRow : -perRow;
}
