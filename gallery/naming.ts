/*
 * Naming people in place: the name is a button, which a field comes in the place of. Only one is open. It lasts when what is around
 * it is made anew after a change, with what is typed.
 */
import type { GalleryPerson } from '../src/result/export/gallery/page-types';
import { editing } from './editing';
import { button, element, ICONS, icon } from './elements';
import { everybody, giveName, personCalled } from './gestures';
import type { LongList } from './lists';
import { NameField } from './name-field';
import { expectName, givenName, inText, personName } from './people';
import { toast } from './toasts';

interface Open {
  readonly label: number;
  readonly field: NameField;
  /** Whether it is being saved, or asked about. */
  busy: boolean;
}

let open: Open | undefined;
/** The cards of all people, where they are shown: from one without a name, Enter leads to the next. */
let cards: LongList | undefined;

export function nameOn(list: LongList | undefined): void {
  cards = list;
}

/** What somebody is called, and where that can be changed, how: what a click on it does is what F2 does. */
export function editableName(person: GalleryPerson): HTMLElement {
  const place = element('span', { class: 'nameable', 'data-names': person.label });
  place.addEventListener('keydown', (event) => {
    if (event.key !== 'F2') return;
    event.preventDefault();
    event.stopPropagation();
    startNaming(person.label);
  });
  fill(place, person);
  return place;
}

function fill(place: HTMLElement, { label }: GalleryPerson): void {
  if (open?.label === label) {
    place.replaceChildren(open.field.element);
    return;
  }
  const called = givenName(label);
  const text = called ?? 'Add a name';
  place.replaceChildren(
    button([element('bdi', {}, text), icon(ICONS.pencil)], () => startNaming(label), {
      class: called === undefined ? 'name-button nameless' : 'name-button',
      'data-part': 'name',
      // What can be seen comes first.
      'aria-label': called === undefined ? `${text} to ${personName(label)}` : `${text}, change the name`,
    }),
  );
}

/**
 * Puts the field in the place of somebody's name, scrolling to it if it is among the cards.
 * @param text what is in it at first; default: the name
 */
export function startNaming(label: number, text?: string): void {
  const person = personCalled(label);
  if (!editing?.there || !person || open?.busy) return;
  if (open) stop();
  const place = placeOf(label);
  if (!place && cards) cards.focusItem(cards.positionOfKey(String(label)), '[data-part=name]');
  const found = place ?? placeOf(label);
  if (!found) return;
  const field = new NameField({
    label: `Name of ${personName(label)}`,
    value: text ?? person.name ?? '',
    known: everybody().filter((one) => one.name !== null && one.label !== label),
    placeholder: person.name === null ? personName(label) : '',
  });
  const opened: Open = { label, field, busy: false };
  open = opened;
  field.onChosen = (known) => save(opened, known.name ?? '', true, known);
  field.input.addEventListener('keydown', (event) => {
    if (event.isComposing) return;
    if (event.key === 'Escape' && !event.defaultPrevented) {
      event.stopPropagation();
      stop(true);
    } else if (event.key === 'Enter' || (event.key === 'Tab' && !event.shiftKey && field.text !== '')) {
      event.preventDefault();
      save(opened, field.chosen?.name ?? field.text, true, field.chosen);
    }
  });
  field.input.addEventListener('blur', () => {
    // Not at once: it may be on its way to where it is made anew.
    window.setTimeout(() => {
      if (open !== opened || opened.busy || document.activeElement === field.input) return;
      // Whoever has gone elsewhere is not asked any more whether two are one.
      if (field.chosen && !field.input.isConnected) stop();
      else if (document.hasFocus()) save(opened, field.text, false, field.chosen);
    });
  });
  fill(found, person);
  field.input.focus();
  field.input.select();
  field.input.scrollIntoView({ block: 'nearest' });
}

function placeOf(label: number): HTMLElement | undefined {
  return document.querySelector<HTMLElement>(`#content [data-names="${label}"]`) ?? undefined;
}

/** @param focus whether the keyboard goes to the name */
function stop(focus = false): void {
  if (!open) return;
  const { label, field } = open;
  open = undefined;
  const person = personCalled(label);
  const place = field.element.parentElement;
  if (!person || !place) return;
  fill(place, person);
  if (focus) place.querySelector('button')?.focus();
}

/** @param goOn to the next one without a name, if this one had none */
async function save(opened: Open, name: string, goOn: boolean, known = opened.field.chosen): Promise<void> {
  const { label, field } = opened;
  const person = personCalled(label);
  // Without the program, what was typed stays where it is.
  if (opened.busy || !person || !editing?.there) return;
  field.close();
  const next = goOn && person.name === null && cards?.list.isConnected ? nextNameless(label) : undefined;
  const nothing = !known && name === (person.name ?? '');
  if (nothing) {
    stop(goOn);
    if (next !== undefined) startNaming(next);
    return;
  }
  if (known) {
    opened.busy = true;
    field.input.readOnly = true;
    const is = await giveName(person, name, known);
    opened.busy = false;
    field.input.readOnly = false;
    if (is === undefined) {
      // With what was typed.
      if (open === opened) field.input.focus();
      return;
    }
    if (open === opened) stop(goOn && next === undefined);
    if (next !== undefined) startNaming(next);
    return;
  }
  // While it is being saved, the next one can be typed.
  expectName(label, name);
  stop(goOn);
  if (next !== undefined) startNaming(next);
  const is = await giveName(person, name, undefined);
  expectName(label, undefined);
  if (is !== undefined) return;
  const [place, present] = [placeOf(label), personCalled(label)];
  if (place && present) fill(place, present);
  toast(`${inText(name)} was not saved.`, {
    action: { text: 'Try again', do: () => startNaming(label, name) },
  });
}

/** Who comes after somebody, and has no name; after the last the first. */
function nextNameless(label: number): number | undefined {
  const people = everybody().filter(({ hidden }) => !hidden);
  const from = people.findIndex((person) => person.label === label);
  const inTurn = [...people.slice(from + 1), ...people.slice(0, Math.max(from, 0))];
  return inTurn.find(({ name }) => name === null)?.label;
}
