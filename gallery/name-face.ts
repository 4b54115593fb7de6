/* Saying who it is, at a box on the photo. */
import type { PhotoFace } from '../src/result/export/gallery/page-types';
import type { PageDecision } from '../src/web/api-types';
import { faceHash } from './addresses';
import { editing } from './editing';
import { element } from './elements';
import { faceName, isNamed, personName } from './people';

export interface NamingAtBox {
  /** Goes, if it is still there. */
  close(): void;
}

/** How far it is from the box, and at least from the edges, in CSS pixels. */
const APART = 8;

/**
 * A small field at a box, in which a name can be written, with what else the face may be.
 * @param stage what it must not reach beyond
 */
export function namingAt(box: HTMLElement, stage: HTMLElement, face: PhotoFace): NamingAtBox {
  const { id, label } = face;
  const decide = async (decision: PageDecision, said: string) => {
    close();
    await editing?.decide([decision], said);
  };
  const input = element('input', {
    list: 'names-at-box',
    'aria-label': 'Name',
    placeholder: 'Name',
    autocomplete: 'off',
    spellcheck: 'false',
  });
  const form = element('form', {}, input);
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const name = input.value.trim();
    if (name !== '') named(name);
  });

  function named(name: string): void {
    const known = editing?.overview.people.find((person) => person.name === name);
    // Who has no name yet is named with all faces; who has one is not on this one.
    const unnamed = label >= 0 && !isNamed(label);
    if (known && known.label !== label) {
      if (unnamed)
        decide({ do: 'merge', person: label, into: known.label }, `${personName(label)} is ${name}`);
      else decide({ do: 'is', faces: [id], person: known.label }, `This is ${name}`);
    } else if (!known && unnamed) decide({ do: 'name', person: label, name }, `This is ${name}`);
    else if (!known) decide({ do: 'split', faces: [id], name }, `This is ${name}`);
    else close();
  }

  const button = (text: string, decision: PageDecision, said: string) => {
    const made = element('button', { type: 'button' }, text);
    made.addEventListener('click', () => decide(decision, said));
    return made;
  };
  const actions = [
    ...(label >= 0
      ? [
          button(
            `Not ${personName(label)}`,
            { do: 'not', faces: [id], person: label },
            `Not ${personName(label)}`,
          ),
        ]
      : []),
    button('Not a face', { do: 'not-a-face', faces: [id] }, 'Not a face'),
    element('a', { href: faceHash(face), dir: 'auto' }, `Show ${faceName(label)}`),
  ];
  const field = element(
    'div',
    { class: 'naming', role: 'dialog', 'aria-label': 'Who is this?' },
    element('p', {}, 'Who is this?'),
    form,
    element('div', { class: 'actions' }, ...actions),
  );

  function close(): void {
    if (!field.isConnected) return;
    const hadFocus = field.contains(document.activeElement);
    field.remove();
    stage.removeEventListener('pointerdown', outside, true);
    stage.removeEventListener('wheel', close, true);
    if (hadFocus && box.isConnected) box.focus();
  }
  const outside = (event: Event) => {
    if (!field.contains(event.target as Node)) close();
  };
  field.addEventListener('keydown', (event) => {
    event.stopPropagation();
    if (event.key !== 'Escape' || event.defaultPrevented) return;
    event.preventDefault();
    close();
  });

  stage.append(field);
  place(field, box, stage);
  stage.addEventListener('pointerdown', outside, true);
  stage.addEventListener('wheel', close, true);
  input.focus();
  return { close };
}

/** Below the box if there is room, else above it, else over it. */
function place(field: HTMLElement, box: HTMLElement, stage: HTMLElement): void {
  const [on, within] = [box.getBoundingClientRect(), stage.getBoundingClientRect()];
  const { offsetWidth: width, offsetHeight: height } = field;
  const left = (on.left + on.right - width) / 2 - within.left;
  const below = on.bottom + APART - within.top;
  const above = on.top - APART - height - within.top;
  const top = below + height + APART <= within.height || above < APART ? below : above;
  field.style.left = `${Math.max(APART, Math.min(left, within.width - width - APART))}px`;
  field.style.top = `${Math.max(APART, Math.min(top, within.height - height - APART))}px`;
}
