/*
 * Selecting items of a list: by their check marks, Ctrl and Shift with a click, a frame drawn around them, a finger held down, or
 * Space, Shift and arrow keys, Ctrl+A, Esc. What can be done with them is in a bar at the lower edge.
 */
import { announce, button, byId, count, element, ICONS, icon } from './elements';
import { type LongList, positionOf } from './lists';

/** How long a finger is held down until it selects. */
const HELD_MS = 450;
/** How far a pointer moves until it draws, or scrolls, in CSS pixels. */
const MOVED = 8;
/** So near to an edge of the screen, drawing scrolls. */
const NEAR_EDGE = 48;

export interface BarAction {
  readonly text: string;
  /** Why it can't be done with what is selected; default: it can be. */
  readonly unless?: string | false;
  /** @returns whether it was done, after which nothing is selected any more */
  do(): Promise<unknown>;
}

export interface SelectionOptions {
  /** Two selections with the same place are one, when the view is made anew. */
  readonly place: string;
  readonly list: LongList;
  /** `data-key` of each item that can be selected, by positions in the list; `undefined`: it can't be. */
  readonly keys: readonly (string | undefined)[];
  /** What an item is, one and several of them. */
  readonly what: readonly [one: string, several: string];
  /** What an item is called, for screen readers. */
  nameOf(key: string): string;
  actions(keys: ReadonlySet<string>): readonly BarAction[];
}

export class Selection {
  readonly keys: Set<string>;
  readonly options: SelectionOptions;
  readonly #list: HTMLElement;
  readonly #bar: HTMLElement;
  /** Where a selection with Shift begins, and what was selected before it. */
  #anchor = -1;
  #before: ReadonlySet<string> = new Set();
  #shown = new AbortController();
  /** Whether the click that follows belongs to what a finger has selected. */
  #held = false;

  constructor(options: SelectionOptions) {
    this.options = options;
    this.#list = options.list.list;
    const earlier = present?.options.place === options.place ? present : undefined;
    const there = new Set(options.keys);
    this.keys = new Set([...(earlier?.keys ?? [])].filter((key) => there.has(key)));
    // The keyboard goes on from there when the bar is gone.
    this.#anchor = Math.min(earlier ? earlier.#anchor : -1, options.keys.length - 1);
    this.#bar = earlier ? earlier.#bar : element('div', { class: 'bar', role: 'toolbar' });
    this.#list.classList.add('selectable');
    this.#list.addEventListener('click', (event) => this.#click(event), true);
    this.#list.addEventListener('keydown', (event) => this.#press(event));
    this.#list.addEventListener('pointerdown', (event) => this.#hold(event));
    this.#list.addEventListener('contextmenu', (event) => {
      if (this.#held) event.preventDefault();
    });
  }

  /** The check mark of an item, and its looks. */
  mark(item: HTMLLIElement, key: string): void {
    const box = element('input', {
      type: 'checkbox',
      class: 'pick',
      // Space does the same where the keyboard is.
      tabindex: -1,
      'aria-label': `Select ${this.options.nameOf(key)}`,
    });
    item.prepend(box);
    this.#paint(item, key);
  }

  /** Shows it, in the place of the one before. */
  show(): void {
    const { signal } = this.#shown;
    document.addEventListener('keydown', (event) => this.#pressAnywhere(event), { signal });
    byId('content').addEventListener('pointerdown', (event) => this.#draw(event), { signal });
    this.#update(false);
  }

  /** Takes it away; it is empty then. */
  hide(): void {
    this.#shown.abort();
    this.#shown = new AbortController();
  }

  clear(): void {
    this.#select(new Set());
  }

  #select(keys: Iterable<string>): void {
    const before = this.keys.size;
    const chosen = new Set(keys);
    this.keys.clear();
    for (const key of chosen) this.keys.add(key);
    this.#update(before !== this.keys.size);
  }

  #toggle(position: number): void {
    const key = this.options.keys[position];
    if (key === undefined) return;
    const keys = new Set(this.keys);
    if (!keys.delete(key)) keys.add(key);
    [this.#anchor, this.#before] = [position, keys];
    this.#select(keys);
  }

  /** Selects all from where the selection began to there. */
  #extendTo(position: number): void {
    if (this.#anchor < 0) [this.#anchor, this.#before] = [position, new Set(this.keys)];
    const [from, to] = [Math.min(this.#anchor, position), Math.max(this.#anchor, position)];
    const between = this.options.keys.slice(from, to + 1).filter((key) => key !== undefined);
    this.#select([...this.#before, ...between]);
  }

  #update(told: boolean): void {
    for (const item of this.#list.children)
      this.#paint(item as HTMLLIElement, (item as HTMLElement).dataset.key ?? '');
    const { size } = this.keys;
    this.#list.classList.toggle('selecting', size > 0);
    const [one, several] = this.options.what;
    const selected = `${count(size, one, several)} selected`;
    if (size === 0) {
      if (this.#bar.contains(document.activeElement)) this.#focusList();
      this.#bar.remove();
      if (told) announce('Nothing is selected.');
      return;
    }
    const had = (document.activeElement as HTMLElement | null)?.dataset.part;
    const inBar = this.#bar.contains(document.activeElement);
    this.#bar.setAttribute('aria-label', selected);
    this.#bar.replaceChildren(
      button([icon(ICONS.close)], () => this.clear(), {
        class: 'round',
        'aria-label': 'Clear the selection',
        'data-part': 'clear',
      }),
      element('span', { class: 'selected' }, selected),
      element(
        'div',
        { class: 'bar-actions' },
        ...this.options.actions(this.keys).map(({ text, unless = false, do: does }) =>
          button(text, () => this.#act(does), {
            disabled: unless !== false,
            title: unless,
            'data-part': text,
          }),
        ),
      ),
    );
    this.#bar.onkeydown = (event) => this.#pressInBar(event);
    if (!this.#bar.isConnected) byId('lower').append(this.#bar);
    if (inBar) {
      const again = this.#bar.querySelector<HTMLElement>(`[data-part="${CSS.escape(had ?? '')}"]:enabled`);
      // What can't be done any more can't keep the keyboard.
      (again ?? this.#bar.querySelector('button'))?.focus();
    }
    if (told) announce(`${selected}. Tab leads to what can be done with ${size === 1 ? 'it' : 'them'}.`);
  }

  async #act(does: BarAction['do']): Promise<void> {
    // It may have been made anew meanwhile.
    if (await does()) present?.clear();
  }

  #paint(item: HTMLLIElement, key: string): void {
    const selected = this.keys.has(key);
    item.classList.toggle('selected', selected);
    const box = item.querySelector<HTMLInputElement>(':scope > .pick');
    if (box) box.checked = selected;
  }

  #focusList(): void {
    this.options.list.focusItem(Math.max(this.#anchor, 0));
  }

  #click(event: MouseEvent): void {
    const target = event.target as Element;
    const item = target.closest<HTMLLIElement>('li[data-key]');
    if (!item) return;
    const [box, link] = [target.closest('.pick'), target.closest('a')];
    if (this.#held && link) {
      // The finger that has selected it is lifted.
      this.#held = false;
      event.preventDefault();
      return;
    }
    const more = event.ctrlKey || event.metaKey || event.shiftKey;
    if (!box && !(link && (more || this.keys.size > 0))) return;
    if (this.options.keys[positionOf(item)] === undefined) return;
    if (link) event.preventDefault();
    if (event.shiftKey) this.#extendTo(positionOf(item));
    else this.#toggle(positionOf(item));
    // The keyboard goes on from there.
    item.querySelector<HTMLElement>('a')?.focus({ preventScroll: true });
  }

  #press(event: KeyboardEvent): void {
    const target = event.target as Element;
    const item = target.closest<HTMLLIElement>('li[data-key]');
    if (!item || !target.matches('a') || event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === ' ') {
      event.preventDefault();
      if (event.shiftKey) this.#extendTo(positionOf(item));
      else this.#toggle(positionOf(item));
    } else if (event.shiftKey && event.key.startsWith('Arrow')) {
      if (this.#anchor < 0 || this.keys.size === 0) {
        [this.#anchor, this.#before] = [positionOf(item), new Set(this.keys)];
      }
      // The list has moved the keyboard on already.
      const now = document.activeElement?.closest('li[data-key]') ?? item;
      this.#extendTo(positionOf(now));
    } else if (event.key === 'Tab' && !event.shiftKey && this.keys.size > 0) {
      event.preventDefault();
      this.#bar.querySelector<HTMLElement>('button:not(.round, :disabled)')?.focus();
    }
  }

  #pressInBar(event: KeyboardEvent): void {
    const buttons = [...this.#bar.querySelectorAll<HTMLElement>('button:not(:disabled)')];
    const at = buttons.indexOf(document.activeElement as HTMLElement);
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step !== undefined) {
      event.preventDefault();
      buttons[(at + step + buttons.length) % buttons.length]?.focus();
    } else if (event.key === 'Tab' && event.shiftKey && at === 0) {
      event.preventDefault();
      this.#focusList();
    }
  }

  #pressAnywhere(event: KeyboardEvent): void {
    const target = event.target as Element;
    if (document.querySelector('dialog[open]') || target.matches('input:not(.pick), select, textarea'))
      return;
    if (event.key === 'Escape' && this.keys.size > 0) {
      event.preventDefault();
      this.clear();
    } else if (event.key === 'a' && (event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey) {
      event.preventDefault();
      this.#select(this.options.keys.filter((key) => key !== undefined));
    }
  }

  /** A finger that stays on an item selects it. */
  #hold(event: PointerEvent): void {
    this.#held = false;
    const item = (event.target as Element).closest<HTMLLIElement>('li[data-key]');
    if (event.pointerType !== 'touch' || !event.isPrimary || !item || !(event.target as Element).closest('a'))
      return;
    const over = new AbortController();
    const { signal } = over;
    const timer = window.setTimeout(() => {
      over.abort();
      this.#held = true;
      this.#toggle(positionOf(item));
    }, HELD_MS);
    signal.addEventListener('abort', () => window.clearTimeout(timer));
    for (const end of ['pointerup', 'pointercancel', 'scroll']) {
      window.addEventListener(end, () => over.abort(), { signal, capture: true });
    }
    window.addEventListener(
      'pointermove',
      ({ clientX, clientY }) => {
        if (Math.hypot(clientX - event.clientX, clientY - event.clientY) > MOVED) over.abort();
      },
      { signal },
    );
  }

  /** Draws a frame from where nothing is: what it touches is selected. */
  #draw(event: PointerEvent): void {
    const target = event.target as Element;
    const onNothing = target === this.#list || target === byId('content');
    if (event.pointerType !== 'mouse' || event.button !== 0 || !onNothing) return;
    const before = event.ctrlKey || event.metaKey || event.shiftKey ? new Set(this.keys) : new Set<string>();
    const start = { x: event.pageX, y: event.pageY };
    let at = { x: event.clientX, y: event.clientY };
    let frame: HTMLElement | undefined;
    const over = new AbortController();
    const { signal } = over;
    const update = () => {
      const [x, y] = [at.x + window.scrollX, at.y + window.scrollY];
      if (!frame) {
        if (Math.hypot(x - start.x, y - start.y) < MOVED) return;
        frame = element('div', { class: 'selection-frame' });
        document.body.append(frame);
      }
      const rect = {
        left: Math.min(x, start.x),
        top: Math.min(y, start.y),
        right: Math.max(x, start.x),
        bottom: Math.max(y, start.y),
      };
      frame.style.left = `${rect.left}px`;
      frame.style.top = `${rect.top}px`;
      frame.style.width = `${rect.right - rect.left}px`;
      frame.style.height = `${rect.bottom - rect.top}px`;
      const touched = this.options.list.within(rect).flatMap((position) => this.options.keys[position] ?? []);
      const keys = new Set([...before, ...touched]);
      if (keys.size !== this.keys.size || touched.some((key) => !this.keys.has(key))) this.#select(keys);
    };
    const scroll = () => {
      if (signal.aborted) return;
      const away = at.y < NEAR_EDGE ? at.y - NEAR_EDGE : Math.max(at.y - (window.innerHeight - NEAR_EDGE), 0);
      if (frame && away !== 0) {
        window.scrollBy(0, away / 2);
        update();
      }
      requestAnimationFrame(scroll);
    };
    requestAnimationFrame(scroll);
    window.addEventListener(
      'pointermove',
      (moved) => {
        at = { x: moved.clientX, y: moved.clientY };
        update();
      },
      { signal },
    );
    const end = () => {
      over.abort();
      frame?.remove();
    };
    for (const ends of ['pointerup', 'pointercancel', 'blur']) window.addEventListener(ends, end, { signal });
    // Nothing is marked as text.
    event.preventDefault();
    (document.activeElement as HTMLElement | null)?.blur();
  }
}

let present: Selection | undefined;

/** Shows a view's selection, and no other. */
export function showSelection(selection: Selection | undefined): void {
  if (present === selection) return;
  const earlier = present;
  present = selection;
  earlier?.hide();
  if (earlier && earlier.options.place !== selection?.options.place) earlier.clear();
  selection?.show();
}
