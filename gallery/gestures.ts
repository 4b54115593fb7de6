/* What people do to people: each asks what is to be asked, and is one gesture, which can be undone. */
import type { GalleryFace } from '../src/result/export/gallery/page-types';
import type { Decided, PageDecision } from '../src/web/api-types';
import { ask } from './dialogs';
import { editing } from './editing';
import { count, element, thumbnail } from './elements';
import { type KnownPerson, NameField } from './name-field';
import { givenName, inText, personName, personNumber } from './people';

type Done = Promise<Decided | undefined>;

/** All whom faces can belong to, hidden people last. */
export function everybody(): KnownPerson[] {
  const { people = [], hidden = [] } = editing?.overview ?? {};
  return [
    ...people.filter(({ label }) => label >= 0),
    ...hidden.map((person) => ({ ...person, hidden: true })),
  ].map((person) => ({ ...person, name: givenName(person.label) ?? null }));
}

export function personCalled(label: number): KnownPerson | undefined {
  return everybody().find((person) => person.label === label);
}

/** What somebody is called, as a part of what is shown. */
export function named(label: number): HTMLElement {
  return element('bdi', {}, personName(label));
}

/** What somebody is called, in the middle of a sentence. */
function told(label: number): string {
  return inText(personName(label));
}

async function decide(decisions: readonly PageDecision[], said: string): Done {
  return editing?.decide(decisions, said);
}

/**
 * Gives a person a name; if somebody has it, asks whether the two are one.
 * @param name '' takes the name away
 * @param known who has that name
 * @returns the label of who the person is then; `undefined` if nothing was done
 */
export async function giveName(
  person: KnownPerson,
  name: string,
  known: KnownPerson | undefined,
): Promise<number | undefined> {
  const before = inText(person.name ?? personNumber(person.label));
  if (known && known.label !== person.label) {
    const answer = await askWhetherOne(person, known);
    if (answer === undefined) return undefined;
    if (answer === 'one') {
      const merged = await decide(
        [{ do: 'merge', person: person.label, into: known.label }],
        `${before} is ${told(known.label)}, too.`,
      );
      return merged && known.label;
    }
  }
  const called = known?.name ?? name;
  const decided =
    called === ''
      ? await decide([{ do: 'unname', person: person.label }], `${before} has no name any more.`)
      : await decide(
          [{ do: 'name', person: person.label, name: called }],
          `${before} is called ${inText(called)}.`,
        );
  return decided && person.label;
}

function askWhetherOne(person: KnownPerson, known: KnownPerson): Promise<'one' | 'two' | undefined> {
  return ask<'one' | 'two'>(
    [named(known.label), ' is already there. Are they one person?'],
    [
      { text: ['Yes, both are ', named(known.label)], value: 'one', likely: true },
      { text: 'No, another person of that name', value: 'two' },
    ],
    () => [
      pairOf(person, known),
      ...(known.hidden
        ? [element('p', {}, named(known.label), ' is hidden. If they are one, these photos are hidden, too.')]
        : []),
    ],
  );
}

function pairOf(...people: readonly KnownPerson[]): HTMLElement {
  return element(
    'div',
    { class: 'pair' },
    ...people.map(({ cover, label }) =>
      element('figure', {}, thumbnail(cover[0] ?? null), element('figcaption', {}, named(label))),
    ),
  );
}

/** Makes people one; if they have different names, asks which is theirs. */
export async function merge(people: readonly KnownPerson[], into?: KnownPerson): Done {
  const byName = new Map<string, KnownPerson>();
  // Whoever is on most photos stands for all of that name.
  for (const person of bySize(people))
    if (person.name !== null && !byName.has(person.name)) byName.set(person.name, person);
  let kept = [...byName.values()][0] ?? into ?? bySize(people)[0];
  if (byName.size > 1) {
    const label = await ask<number>(
      'These people have different names. Who are they?',
      [...byName.values()].map(({ label, name }) => ({
        text: [element('bdi', {}, name ?? '')],
        value: label,
        likely: label === (into?.label ?? kept?.label),
      })),
      () => [pairOf(...bySize(people).slice(0, MOST_PICTURES))],
    );
    kept = people.find((person) => person.label === label);
  }
  if (!kept) return undefined;
  const { label } = kept;
  const others = people.filter((person) => person.label !== label);
  const who =
    others.length === 1 && others[0] ? told(others[0].label) : count(others.length, 'person', 'people');
  return decide(
    others.map((person) => ({ do: 'merge', person: person.label, into: label })),
    `${who} and ${told(label)} are one.`,
  );
}

/** How many pictures a question has. */
const MOST_PICTURES = 6;

function bySize(people: readonly KnownPerson[]): KnownPerson[] {
  return [...people].sort((a, b) => b.photos - a.photos);
}

export function hide(people: readonly KnownPerson[]): Done {
  const [one] = people;
  const who = people.length === 1 && one ? `${told(one.label)} is` : `${people.length} people are`;
  return decide(
    people.map(({ label }) => ({ do: 'hide', person: label })),
    `${who} hidden.`,
  );
}

export function areTwo(person: KnownPerson, other: KnownPerson): Done {
  return decide(
    [{ do: 'differ', person: person.label, other: other.label }],
    `${told(person.label)} and ${told(other.label)} are two people.`,
  );
}

export function showAgain({ label }: KnownPerson): Done {
  return decide([{ do: 'show', person: label }], `${told(label)} is shown again.`);
}

/** What names a face. */
type Named = Pick<GalleryFace, 'id'>;

const facesOf = (faces: readonly Named[]) => faces.map(({ id }) => id);

export function areNot(faces: readonly Named[], label: number): Done {
  return decide(
    [{ do: 'not', faces: facesOf(faces), person: label }],
    `${theyAre(faces)} not ${told(label)}.`,
  );
}

export function areNoFaces(faces: readonly Named[]): Done {
  const what =
    faces.length === 1 ? 'This is not a face.' : `These ${faces.length.toLocaleString('en')} are not faces.`;
  return decide([{ do: 'not-a-face', faces: facesOf(faces) }], what);
}

export function areThatPerson(faces: readonly Named[], { label }: KnownPerson): Done {
  return decide([{ do: 'is', faces: facesOf(faces), person: label }], `${theyAre(faces)} ${told(label)}.`);
}

export function areSomebodyNew(faces: readonly Named[], name: string): Done {
  const split = { do: 'split', faces: facesOf(faces) } as const;
  return decide(
    [name === '' ? split : { ...split, name }],
    `${theyAre(faces)} ${name === '' ? 'somebody new' : inText(name)}.`,
  );
}

export function useAsCover({ id, label }: GalleryFace): Done {
  return decide([{ do: 'cover', face: id }], `This is the picture of ${told(label)} now.`);
}

function theyAre(faces: readonly Named[]): string {
  return faces.length === 1 ? 'This face is' : `These ${faces.length.toLocaleString('en')} faces are`;
}

/**
 * Asks who faces are: somebody known, or somebody new.
 * @param from whose they are at present
 */
export async function moveTo(faces: readonly GalleryFace[], from: number): Promise<unknown> {
  const known = everybody().filter(({ label }) => label !== from);
  const answer = await askWho(`Who ${faces.length === 1 ? 'is this' : 'are these'}?`, faces, {
    known,
    offersAll: true,
    label: 'Name',
    placeholder: 'Name of somebody known, or new',
  });
  return answer && belongTo(faces, answer, from);
}

/** Makes somebody new of faces, and asks for their name. */
export async function splitOff(faces: readonly GalleryFace[], from: number): Promise<unknown> {
  const answer = await askWho('A new person', faces, {
    known: everybody().filter(({ label, name }) => label !== from && name !== null),
    label: 'Name',
    placeholder: 'Name, if you know it',
  });
  return answer && belongTo(faces, answer, from);
}

interface Who {
  /** What was typed. */
  readonly name: string;
  readonly known: KnownPerson | undefined;
}

function belongTo(faces: readonly GalleryFace[], { name, known }: Who, from: number): Promise<unknown> {
  if (known) return areThatPerson(faces, known);
  const person = personCalled(from);
  // Nobody would be left: all of them are that person as before, by another name.
  return person && faces.length === person.faces
    ? giveName(person, name, undefined)
    : areSomebodyNew(faces, name);
}

function askWho(
  title: string,
  faces: readonly GalleryFace[],
  options: ConstructorParameters<typeof NameField>[0],
): Promise<Who | undefined> {
  const field = new NameField(options);
  const needsName = options.offersAll === true;
  return ask<Who>(
    title,
    [],
    (answer) => {
      const give = () => {
        const who = { name: field.text, known: field.chosen };
        if (needsName && who.name === '' && !who.known) field.input.focus();
        else answer(who);
      };
      field.onChosen = (known) => answer({ name: '', known });
      const save = element('button', { class: 'main' });
      field.onMeans = () => {
        const { chosen, text } = field;
        const who = chosen
          ? [named(chosen.label)]
          : text === ''
            ? ['a new person']
            : ['“', element('bdi', {}, text), '”, a new person'];
        save.replaceChildren('Move to ', ...who);
        save.disabled = needsName && !chosen && text === '';
      };
      field.onMeans();
      const form = element(
        'form',
        {},
        element(
          'div',
          { class: 'pictures' },
          ...faces.slice(0, MOST_PICTURES).map(({ thumbnail: url }) => thumbnail(url)),
        ),
        field.element,
        element('div', { class: 'choices' }, save),
      );
      form.addEventListener('submit', (event) => {
        event.preventDefault();
        give();
      });
      return [form];
    },
    field.input,
  );
}
