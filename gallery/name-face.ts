/* Saying who it is, at a box on the photo. */
import type { PhotoFace } from '../src/result/export/gallery/page-types';
import { faceHash } from './addresses';
import { button, element } from './elements';
import {
  areNoFaces,
  areNot,
  areSomebodyNew,
  areThatPerson,
  everybody,
  giveName,
  personCalled,
} from './gestures';
import { type KnownPerson, NameField } from './name-field';
import { personName } from './people';

export interface NamingAtBox {
  /** The id of the face. */
  readonly face: string;
  /** Stays, with what is typed, at the box that has taken the place of its own. */
  stayAt(box: HTMLElement): void;
  /** Goes, if it is still there. */
  close(): void;
}

/** How far it is from the box, and at least from the edges, in CSS pixels. */
const APART = 8;

/**
 * A small field at a box, in which a name can be written, with what else the face may be.
 * @param stage what it must not reach beyond
 */
export function namingAt(at: HTMLElement, stage: HTMLElement, face: PhotoFace): NamingAtBox {
  let box = at;
  const person = personCalled(face.label);
  // Who has no name yet gets one, with all faces, and so does who has but this one; else this is somebody else than who has one.
  const whole = person && (person.name === null || person.faces === 1) ? person : undefined;
  const field = new NameField({
    label: whole ? `Name of ${personName(face.label)}` : 'Name',
    known: everybody().filter(({ label, name }) => label !== face.label && name !== null),
    placeholder: 'Name',
  });
  const give = (name: string, known: KnownPerson | undefined) => {
    if (name === '' && !known) return;
    close();
    if (!known && name === person?.name) return;
    // Whoever is this face alone is no second person of that name.
    if (known && (!whole || whole.faces === 1)) areThatPerson([face], known);
    else if (whole) giveName(whole, name, known);
    else areSomebodyNew([face], name);
  };
  const form = element('form', {}, field.element);
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    give(field.text, field.chosen);
  });
  field.onChosen = (known) => give('', known);
  const saying = (text: string, does: () => unknown) =>
    button(text, () => {
      close();
      does();
    });
  const naming = element(
    'div',
    { class: 'naming', role: 'dialog', 'aria-label': 'Who is this?' },
    element('p', {}, whole ? `Who is ${personName(face.label)}?` : 'Who is this?'),
    form,
    element(
      'div',
      { class: 'actions' },
      ...(person ? [saying(`Not ${personName(face.label)}`, () => areNot([face], face.label))] : []),
      saying('Not a face', () => areNoFaces([face])),
      element(
        'a',
        { href: faceHash(face), dir: 'auto' },
        `Show ${face.label < 0 ? personName(face.label).toLowerCase() : personName(face.label)}`,
      ),
    ),
  );

  function close(): void {
    if (!naming.isConnected) return;
    const hadFocus = naming.contains(document.activeElement);
    naming.remove();
    stage.removeEventListener('pointerdown', outside, true);
    stage.removeEventListener('wheel', outside, true);
    if (hadFocus && box.isConnected) box.focus();
  }
  const outside = (event: Event) => {
    if (!naming.contains(event.target as Node)) close();
  };
  naming.addEventListener('keydown', (event) => {
    // Within it keys do nothing to the photo.
    event.stopPropagation();
    if (event.key !== 'Escape' || event.defaultPrevented) return;
    event.preventDefault();
    close();
  });

  stage.append(naming);
  place(naming, box, stage);
  stage.addEventListener('pointerdown', outside, true);
  stage.addEventListener('wheel', outside, true);
  field.input.focus({ preventScroll: true });
  return {
    face: face.id,
    stayAt(other) {
      box = other;
      if (naming.isConnected) place(naming, box, stage);
    },
    close,
  };
}

/** Below the box if there is room, else above it, else over it. */
function place(naming: HTMLElement, box: HTMLElement, stage: HTMLElement): void {
  const [on, within] = [box.getBoundingClientRect(), stage.getBoundingClientRect()];
  const { offsetWidth: width, offsetHeight: height } = naming;
  const left = (on.left + on.right - width) / 2 - within.left;
  const below = on.bottom + APART - within.top;
  const above = on.top - APART - height - within.top;
  const top = below + height + APART <= within.height || above < APART ? below : above;
  naming.style.left = `${Math.max(APART, Math.min(left, within.width - width - APART))}px`;
  naming.style.top = `${Math.max(APART, Math.min(top, within.height - height - APART))}px`;
}
