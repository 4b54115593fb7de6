/*
 * Long lists of links, laid out in rows by their CSS. Only the items near the screen are in the page: a list of 10,000 faces
 * scrolls like one of 50, and the scroll bar is that of all of them. Arrow keys move within a list.
 */
import { element } from './elements';

/** How far beyond the screen there are items, in screens: what is there is loaded before it is scrolled to. */
const BEYOND = 1.5;
/** How far beyond the screen there must be items before more are made: making some rows at once is cheaper than one by one. */
const LEAST_BEYOND = 0.75;

/** Browsers can't lay out what is taller, in CSS pixels: Firefox ends a little below 17.9 million. */
const TALLEST = 15_000_000;

export interface LongList {
  readonly list: HTMLElement;
  /** Number of all items. */
  readonly length: number;
  /** Says what is not in the list, if it would be too tall for browsers. */
  readonly rest: HTMLElement;
  /** Puts the items into the list that are near the screen; the list must be in the page. */
  update(): void;
  /**
   * Moves the focus to an item, scrolling to it if it is off the screen; false if there is no such item.
   * @param part what of it, as a selector; default: its link
   */
  focusItem(position: number, part?: string): boolean;
  /** The positions of the items that a rectangle touches, in CSS pixels of the whole page. */
  within(rect: Pick<DOMRect, 'left' | 'top' | 'right' | 'bottom'>): number[];
  /** The position of the item with that `data-key`, or -1. */
  positionOfKey(key: string): number;
}

/**
 * A list of `items`, all as tall as the first.
 * @param makeItem each item holds a link
 * @param className of a grid whose columns fill the width
 * @param keyOf by which an item is found again when the list is made anew; it is its `data-key`
 * @param place of the list in a longer one: how many items come before it, and how many there are
 */
export function longList<T>(
  items: readonly T[],
  makeItem: (item: T) => HTMLLIElement,
  className: string,
  keyOf: (item: T) => string = String,
  place: { readonly before: number; readonly of: number } = { before: 0, of: items.length },
): LongList {
  // Safari takes a list without bullets for no list, unless told.
  const list = element('ul', { class: className, role: 'list' });
  const rest = element('p', { class: 'rest hint', hidden: true });
  let columns = 1;
  /** From one row to the next, in CSS pixels. */
  let rowHeight = 0;
  /** Of the list when that was measured. */
  let width = 0;
  let rows = 0;
  /** The rows that are in the page: from `first` on, to before `end`. */
  let [first, end] = [0, 0];
  /** Where the list was on the screen when it was last looked at. */
  let top = 0;

  const positionHere = (item: Element) => positionOf(item) - place.before;

  function itemAt(position: number): HTMLLIElement {
    const item = makeItem(items[position] as T);
    item.dataset.key = keyOf(items[position] as T);
    item.setAttribute('aria-posinset', String(place.before + position + 1));
    item.setAttribute('aria-setsize', String(place.of));
    return item;
  }

  /** Measures the rows. @returns whether they are others than before */
  function measure(): boolean {
    const there = list.querySelector('li:not(.kept)');
    // Far from the screen it is empty: as tall as it was, while it is as wide.
    if (!there && rowHeight > 0 && list.clientWidth === width) return false;
    const item = there ?? list.insertBefore(itemAt(0), list.firstChild);
    width = list.clientWidth;
    const { gridTemplateColumns, rowGap } = getComputedStyle(list);
    const now = gridTemplateColumns.split(' ').length;
    const height = item.getBoundingClientRect().height + Number.parseFloat(rowGap);
    if (!there) item.remove();
    // Browsers round to 64ths of a pixel.
    if (now === columns && Math.abs(height - rowHeight) < 0.1) return false;
    [columns, rowHeight] = [now, height];
    rows = Math.min(Math.ceil(items.length / columns), Math.floor(TALLEST / rowHeight));
    const left = items.length - rows * columns;
    rest.hidden = left <= 0;
    if (left > 0)
      rest.textContent = `There are ${left.toLocaleString('en')} more, for which browsers have no room. The search finds them.`;
    return true;
  }

  /** The rows that are on the screen, or up to `beyond` screens away from it. */
  function rowsNear(beyond: number): [first: number, end: number] {
    const from = Math.floor((-top - beyond * innerHeight) / rowHeight);
    const to = Math.ceil((-top + (1 + beyond) * innerHeight) / rowHeight);
    return [Math.min(Math.max(from, 0), rows), Math.max(Math.min(to, rows), 0)];
  }

  function update(): void {
    if (!list.isConnected || items.length === 0) return;
    const begun = rowHeight > 0 && top < 0 && -top < rows * rowHeight;
    const atTop = begun ? Math.floor(-top / rowHeight) * columns : 0;
    const changed = measure();
    if (changed && atTop > 0) {
      // The window has another width: what was at its top stays there.
      const row = Math.floor(atTop / columns);
      show(row, Math.min(row + 1, rows));
      scrollBy(0, list.getBoundingClientRect().top + row * rowHeight);
    }
    top = list.getBoundingClientRect().top;
    const [from, to] = rowsNear(LEAST_BEYOND);
    if (changed || from < first || to > end) show(...rowsNear(BEYOND));
    // What is in it now may have brought a scroll bar along, which makes it narrower: where an item is must be known at once.
    if (changed && list.clientWidth !== width && measure()) show(...rowsNear(BEYOND));
  }

  /**
   * @param from the first row that is to be in the page
   * @param to the row behind the last
   */
  function show(from: number, to: number): void {
    [first, end] = [from, to];
    list.style.paddingTop = `${from * rowHeight}px`;
    list.style.paddingBottom = `${(rows - to) * rowHeight}px`;
    const begin = from * columns;
    const stop = Math.min(to * columns, items.length);
    for (const item of [...list.children] as HTMLLIElement[]) {
      const position = positionHere(item);
      const away = position < begin || position >= stop;
      // The keyboard stays where it is while the mouse scrolls on.
      if (away && !item.contains(document.activeElement)) item.remove();
      item.classList.toggle('kept', away);
      item.style.top = away ? `${Math.floor(position / columns) * rowHeight}px` : '';
    }
    let next = list.firstElementChild;
    for (let position = begin; position < stop; position++) {
      while (next && positionHere(next) < position) next = next.nextElementSibling;
      if (!next || positionHere(next) !== position) list.insertBefore(itemAt(position), next);
    }
  }

  function focusItem(position: number, part = 'a'): boolean {
    if (position < 0 || position >= Math.min(items.length, rows * columns)) return false;
    const row = Math.floor(position / columns);
    if (row < first || row >= end) {
      scrollBy(0, list.getBoundingClientRect().top + row * rowHeight - (innerHeight - rowHeight) / 2);
      update();
    }
    list.querySelector<HTMLElement>(`[aria-posinset="${place.before + position + 1}"] :is(${part})`)?.focus();
    return true;
  }

  function within({
    left,
    top,
    right,
    bottom,
  }: Pick<DOMRect, 'left' | 'top' | 'right' | 'bottom'>): number[] {
    const bounds = list.getBoundingClientRect();
    const { rowGap, columnGap } = getComputedStyle(list);
    /** The first and the last of some stripes of equal width that are touched, given what is between them. */
    const touched = (from: number, to: number, width: number, gap: number, stripes: number) => {
      const first = Math.max(Math.floor((from + gap) / width), 0);
      const last = Math.min(Math.floor(to / width), stripes - 1);
      return Array.from({ length: Math.max(last - first + 1, 0) }, (_, i) => first + i);
    };
    const [x, y] = [bounds.left + window.scrollX, bounds.top + window.scrollY];
    const between = Number.parseFloat(columnGap);
    const width = (bounds.width + between) / columns;
    const across = touched(left - x, right - x, width, between, columns);
    const down = touched(top - y, bottom - y, rowHeight, Number.parseFloat(rowGap), rows);
    return down
      .flatMap((row) => across.map((column) => row * columns + column))
      .filter((position) => position < items.length);
  }

  list.addEventListener('keydown', (event) => {
    const item = (event.target as Element).closest('li');
    if (!item || event.altKey || event.ctrlKey || event.metaKey) return;
    const steps = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns };
    const step = steps[event.key as keyof typeof steps];
    if (step !== undefined && focusItem(positionHere(item) + step)) event.preventDefault();
  });
  // Tab scrolls at once, but browsers tell of it with the next frame: before that, several of them would leave the list.
  list.addEventListener('focusin', update);
  // It is told when the list comes into the page or leaves it, too.
  new ResizeObserver(() => {
    if (list.isConnected) window.addEventListener('scroll', update, { passive: true });
    else window.removeEventListener('scroll', update);
    // Not at once: what an observer changes itself it must not be told of.
    requestAnimationFrame(update);
  }).observe(list);
  const positionOfKey = (key: string) => items.findIndex((item) => keyOf(item) === key);
  return { list, length: items.length, rest, update, focusItem, within, positionOfKey };
}

/** Part of a long list below a heading. */
export interface ListSection<T> {
  readonly heading: string;
  /** At least one. */
  readonly items: readonly T[];
}

/** Long lists below each other, each with its heading, which are one: see {@link longList}. */
export function sectionedList<T>(
  sections: readonly ListSection<T>[],
  makeItem: (item: T) => HTMLLIElement,
  className: string,
  keyOf?: (item: T) => string,
): LongList {
  const all = sections.reduce((sum, { items }) => sum + items.length, 0);
  let before = 0;
  const lists = sections.map(({ heading, items }) => {
    const list = longList(items, makeItem, className, keyOf, { before, of: all });
    before += items.length;
    return { list, heading, first: before - items.length, end: before };
  });
  const whole = element(
    'div',
    {},
    ...lists.map(({ list, heading }) =>
      element('section', {}, element('h2', { class: 'section-title' }, heading), list.list, list.rest),
    ),
  );

  function focusItem(position: number, part?: string): boolean {
    const holder = lists.find(({ first, end }) => position >= first && position < end);
    return holder?.list.focusItem(position - holder.first, part) ?? false;
  }

  // At its ends a list leaves arrow keys alone: they lead to the next one.
  whole.addEventListener('keydown', (event) => {
    const item = (event.target as Element).closest('li');
    if (!item || event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey) return;
    const position = positionOf(item);
    const own = lists.find(({ first, end }) => position >= first && position < end);
    const forward = event.key === 'ArrowRight' || event.key === 'ArrowDown';
    if (!own || !(forward || event.key === 'ArrowLeft' || event.key === 'ArrowUp')) return;
    if (focusItem(forward ? own.end : own.first - 1)) event.preventDefault();
  });
  return {
    list: whole,
    rest: element('p', { hidden: true }),
    length: all,
    update() {
      for (const { list } of lists) list.update();
    },
    focusItem,
    within: (rect) =>
      lists.flatMap(({ list, first }) => list.within(rect).map((position) => first + position)),
    positionOfKey(key) {
      for (const { list, first } of lists) {
        const position = list.positionOfKey(key);
        if (position >= 0) return first + position;
      }
      return -1;
    },
  };
}

/** The place of an item in its list, from 0; in a list with sections, in all of it. */
export function positionOf(item: Element): number {
  return Number(item.getAttribute('aria-posinset')) - 1;
}
