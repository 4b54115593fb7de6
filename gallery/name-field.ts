/* A field for a name, with those of people who are known: a combobox, see https://www.w3.org/WAI/ARIA/apg/patterns/combobox/ */
import type { GalleryPerson } from '../src/result/export/gallery/page-types';
import { element, thumbnail } from './elements';
import { amountOf, isSameName, personName } from './people';
import { forSearch } from './words';

/** How many people are offered at once, and how many where all are. */
const [MOST_OFFERED, MOST_OF_ALL] = [8, 50];

export interface KnownPerson extends GalleryPerson {
  readonly hidden?: boolean;
}

export interface NameFieldOptions {
  /** What the field is for, for screen readers. */
  readonly label: string;
  readonly value?: string;
  /** Who may be meant, the likeliest first. */
  readonly known: readonly KnownPerson[];
  /** Whether they are offered before anything is typed. */
  readonly offersAll?: boolean;
  readonly placeholder?: string;
  readonly describedBy?: string;
}

export class NameField {
  readonly element: HTMLElement;
  readonly input: HTMLInputElement;
  readonly #list: HTMLUListElement;
  readonly #options: NameFieldOptions;
  #offered: readonly KnownPerson[] = [];
  /** The one that the arrow keys are on, or -1. */
  #active = -1;
  /** Told when somebody was clicked. */
  onChosen: (person: KnownPerson) => void = () => {};
  /** Told when somebody else is meant by what was typed. */
  onMeans: () => void = () => {};

  constructor(options: NameFieldOptions) {
    this.#options = options;
    const id = `names-${++made}`;
    this.#list = element('ul', {
      class: 'offered',
      role: 'listbox',
      id,
      'aria-label': 'Known people',
      hidden: true,
    });
    this.input = element('input', {
      type: 'text',
      role: 'combobox',
      'aria-label': options.label,
      'aria-autocomplete': 'list',
      'aria-controls': id,
      'aria-expanded': 'false',
      'aria-describedby': options.describedBy ?? false,
      'data-part': 'name-field',
      autocomplete: 'off',
      autocapitalize: 'words',
      spellcheck: 'false',
      enterkeyhint: 'next',
      dir: 'auto',
      maxlength: 200,
      placeholder: options.placeholder ?? '',
    });
    this.input.value = options.value ?? '';
    this.element = element('div', { class: 'name-field' }, this.input, this.#list);
    this.input.addEventListener('input', () => this.#offer());
    this.input.addEventListener('focus', () => options.offersAll && this.#offer());
    this.input.addEventListener('keydown', (event) => this.#press(event));
    // The keyboard stays in the field.
    this.#list.addEventListener('pointerdown', (event) => event.preventDefault());
    this.#list.addEventListener('click', (event) => {
      const position = [...this.#list.children].indexOf((event.target as Element).closest('li') as Element);
      const person = this.#offered[position];
      if (person) this.onChosen(person);
    });
  }

  /** What is in the field, without spaces around it. */
  get text(): string {
    return this.input.value.replace(/\s+/g, ' ').trim();
  }

  /** Who is meant: whom the arrow keys are on, or who is called what was typed. */
  get chosen(): KnownPerson | undefined {
    return (
      this.#offered[this.#active] ??
      this.#options.known.find(({ name }) => name !== null && isSameName(name, this.text))
    );
  }

  /** Offers everybody who fits what is typed; all, if nothing is. */
  offer(): void {
    this.#offer(true);
  }

  close(): void {
    this.#show([]);
  }

  #press(event: KeyboardEvent): void {
    if (event.isComposing) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined) {
      event.preventDefault();
      if (this.#offered.length === 0) this.#offer(true);
      const stops = this.#offered.length + 1;
      // After the last comes the field itself.
      this.#activate(((this.#active + 1 + step + stops) % stops) - 1);
    } else if (event.key === 'Escape' && this.#active >= 0) {
      event.preventDefault();
      event.stopPropagation();
      this.#activate(-1);
    }
    // Within the field these are the field's.
    if (/^Arrow|^Home$|^End$|^ $|^a$/.test(event.key)) event.stopPropagation();
  }

  #offer(all = this.#options.offersAll): void {
    const wanted = forSearch(this.text);
    const { known } = this.#options;
    if (wanted === '') this.#show(all ? known : []);
    else {
      const ranked = known
        .map((person) => ({ person, rank: rankOf(forSearch(personName(person.label)), wanted) }))
        .filter(({ rank }) => rank < NONE);
      this.#show(ranked.sort((a, b) => a.rank - b.rank).map(({ person }) => person));
    }
  }

  #show(people: readonly KnownPerson[]): void {
    this.#offered = people.slice(0, this.#options.offersAll ? MOST_OF_ALL : MOST_OFFERED);
    this.#list.hidden = this.#offered.length === 0;
    this.input.setAttribute('aria-expanded', String(!this.#list.hidden));
    this.#list.replaceChildren(
      ...this.#offered.map((person, i) =>
        element(
          'li',
          { role: 'option', id: `${this.#list.id}-${i}`, 'aria-selected': 'false' },
          thumbnail(person.cover[0] ?? null),
          element('bdi', {}, personName(person.label)),
          element('span', { class: 'amount' }, person.hidden ? 'hidden' : amountOf(person)),
        ),
      ),
    );
    this.#activate(-1);
    if (!this.#list.hidden) this.#list.scrollIntoView({ block: 'nearest' });
  }

  #activate(position: number): void {
    this.#active = position;
    for (const [i, option] of [...this.#list.children].entries()) {
      option.setAttribute('aria-selected', String(i === position));
      if (i === position) option.scrollIntoView({ block: 'nearest' });
    }
    if (position < 0) this.input.removeAttribute('aria-activedescendant');
    else this.input.setAttribute('aria-activedescendant', `${this.#list.id}-${position}`);
    this.onMeans();
  }
}

let made = 0;

const NONE = 3;

/** How well a name fits what was typed: it begins so, one of its words does, it has it in it. */
function rankOf(name: string, wanted: string): number {
  if (name.startsWith(wanted)) return 0;
  if (name.includes(` ${wanted}`)) return 1;
  return name.includes(wanted) ? 2 : NONE;
}
