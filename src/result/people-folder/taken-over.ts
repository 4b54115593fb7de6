import type { PhotoId } from '../../base/ids';
import { groupBy } from '../../base/maps';
import type { FaceOnPhoto, PersonId } from '../../people/decisions';
import { isTitleOfNameless } from '../../people/names';
import { namesAPerson } from './names';
import { baseName } from './scan';
import type { Gesture, GestureFacts, Place } from './types';

/** The decisions that gestures can come to. */
export type GestureDecision =
  | { readonly do: 'name'; readonly person: PersonId; readonly name: string }
  | { readonly do: 'merge'; readonly person: PersonId; readonly into: PersonId }
  | { readonly do: 'split'; readonly faces: readonly FaceOnPhoto[] }
  | { readonly do: 'is'; readonly face: FaceOnPhoto; readonly person: PersonId }
  | { readonly do: 'not'; readonly face: FaceOnPhoto; readonly person: PersonId }
  | { readonly do: 'hide'; readonly person: PersonId };

/** Decisions to be taken together, and what is said of them. */
export interface TakenOver {
  /** None if nothing follows. */
  readonly decisions: readonly GestureDecision[];
  /** For people, in a sentence or two. */
  readonly message: string;
  /** What the person that a `split` makes is to be called; absent if that is not said. */
  readonly name?: string;
}

/**
 * What gestures mean. All of one kind with the same people are taken together.
 * - A face that is moved to somebody who is on the photo already is only no longer who it was: nobody is on a photo twice.
 * - What is so already is not decided again: a run that was killed before the folder was brought up to date is told the same
 *   gestures once more.
 * - Of a photo with several faces that are nobody's, the one is meant that is likest, and the message says so.
 */
export function decisionsOf(gestures: readonly Gesture[], facts: GestureFacts): readonly TakenOver[] {
  const said = new Taking(facts);
  const groups = groupBy(gestures, (gesture) => JSON.stringify(keyOf(gesture)));
  return ORDER.flatMap((kind) =>
    [...groups.values()]
      .filter(([first]) => first?.kind === kind)
      .flatMap((group) => said.take(group))
      .filter((taken) => taken !== undefined),
  );
}

const ORDER: readonly Gesture['kind'][] = [
  'renamed',
  'merged',
  'moved',
  'added',
  'removed',
  'new-folder',
  'deleted',
  'ignored',
];

function keyOf(gesture: Gesture): unknown[] {
  switch (gesture.kind) {
    case 'moved':
      // Who is nobody's, of whichever kind, is no longer theirs.
      return ['moved', gesture.from, typeof gesture.to === 'number' ? gesture.to : 'nobody'];
    case 'added':
      return ['added', gesture.to];
    case 'removed':
      return ['removed', gesture.from];
    default:
      return [gesture];
  }
}

type GestureOf<K extends Gesture['kind']> = Extract<Gesture, { kind: K }>;

class Taking {
  /** What people are called by the gestures. */
  readonly #names = new Map<PersonId, string>();

  constructor(private readonly facts: GestureFacts) {}

  take(group: readonly Gesture[]): TakenOver | undefined {
    const [first] = group as [Gesture];
    switch (first.kind) {
      case 'renamed': {
        const { person, name } = first;
        if (this.facts.nameOf(person) === name) return undefined;
        const message = `${this.#nameOf(person)} is now ${name}.`;
        this.#names.set(person, name);
        return { decisions: [{ do: 'name', person, name }], message };
      }
      case 'merged': {
        const { person, into } = first;
        if (this.facts.areOne(person, into)) return undefined;
        const message = `${this.#nameOf(person)} was put into ${this.#nameOf(into)}: they are one.`;
        return { decisions: [{ do: 'merge', person, into }], message };
      }
      case 'deleted': {
        const { person } = first;
        if (this.facts.isHidden(person)) return undefined;
        return { decisions: [{ do: 'hide', person }], message: `${this.#nameOf(person)} is hidden.` };
      }
      case 'moved':
        return this.#moved(group as GestureOf<'moved'>[], first.from, first.to);
      case 'added':
        return this.#given(group as GestureOf<'added'>[], first.to, 'put into the folder of');
      case 'removed':
        return this.#takenFrom(group as GestureOf<'removed'>[], first.from);
      case 'new-folder':
        return this.#newFolder(first);
      case 'ignored':
        return { decisions: [], message: first.why };
    }
  }

  #moved(gestures: readonly GestureOf<'moved'>[], from: Place, to: Place): TakenOver | undefined {
    if (typeof to !== 'number') return this.#takenFrom(gestures, from);
    if (typeof from !== 'number') return this.#given(gestures, to, 'moved to');
    const decisions: GestureDecision[] = [];
    const both: string[] = [];
    const strays: GestureOf<'moved'>[] = [];
    let photos = 0;
    for (const gesture of gestures) {
      const faces = this.#facesOf(gesture.photo, from);
      const isThere = this.#facesOf(gesture.photo, to).length > 0;
      if (faces.length === 0) {
        if (!isThere) strays.push(gesture);
        continue;
      }
      photos++;
      if (isThere) both.push(gesture.file);
      for (const face of faces) {
        decisions.push(isThere ? { do: 'not', face, person: from } : { do: 'is', face, person: to });
      }
    }
    const [was, is] = [this.#nameOf(from), this.#nameOf(to)];
    const notes = [
      ...(photos > 0 ? [`${number(photos, 'photo')} moved from ${was} to ${is}.`] : []),
      ...(both.length > 0
        ? [`${is} is on ${listed(both)} already, so the other face there is only no longer ${whose(was)}.`]
        : []),
    ];
    // Who is on the photo has changed since: it is as if it had come from nowhere.
    const others = this.#given(strays, to, 'moved to');
    if (others) notes.push(others.message);
    if (notes.length === 0) return undefined;
    return { decisions: [...decisions, ...(others?.decisions ?? [])], message: notes.join(' ') };
  }

  /** Faces that are nobody's and are to be somebody's. */
  #given(
    gestures: readonly { readonly photo: PhotoId; readonly file: string }[],
    to: Place,
    how: string,
  ): TakenOver | undefined {
    if (typeof to !== 'number') return undefined;
    const decisions: GestureDecision[] = [];
    const several: string[] = [];
    const none: string[] = [];
    const unknown: string[] = [];
    for (const { photo, file } of gestures) {
      const faces = this.facts.facesOn(photo);
      if (faces.some(({ person }) => this.#isNow(person, to))) continue;
      const free = this.#free(photo);
      if (faces.length === 0) unknown.push(file);
      else if (free.length === 0) none.push(file);
      else {
        if (free.length > 1) several.push(file);
        decisions.push({ do: 'is', face: this.facts.likest(free, to), person: to });
      }
    }
    const who = this.#nameOf(to);
    const notes = [
      ...(decisions.length > 0 ? [`${number(decisions.length, 'photo')} ${how} ${who}.`] : []),
      ...(several.length > 0
        ? [`Of several faces on ${listed(several)}, the one most like ${who} was taken for ${who}.`]
        : []),
      ...(none.length > 0
        ? [
            `Nothing follows from ${listed(none)} in the folder of ${who}: all faces there are somebody else's.`,
          ]
        : []),
      ...(unknown.length > 0
        ? [`Nothing follows from ${listed(unknown)} in the folder of ${who}: no faces are known there.`]
        : []),
    ];
    return notes.length > 0 ? { decisions, message: notes.join(' ') } : undefined;
  }

  /** Faces that are no longer somebody's. */
  #takenFrom(gestures: readonly { readonly photo: PhotoId }[], from: Place): TakenOver | undefined {
    if (typeof from !== 'number') return undefined;
    const photos = gestures.map(({ photo }) => this.#facesOf(photo, from)).filter(({ length }) => length > 0);
    if (photos.length === 0) return undefined;
    const decisions = photos.flat().map((face) => ({ do: 'not', face, person: from }) as const);
    const verb = photos.length === 1 ? 'is' : 'are';
    const message = `${number(photos.length, 'photo')} ${verb} no longer ${whose(this.#nameOf(from))}.`;
    return { decisions, message };
  }

  #newFolder({ name, photos }: GestureOf<'new-folder'>): TakenOver | undefined {
    const shown = this.#shownBy(name, photos);
    if (shown.length > 0) {
      const [nameless, ...others] = shown.filter((person) => isTitleOfNameless(this.#nameOf(person)));
      if (nameless === undefined || others.length > 0 || !namesAPerson(name)) return undefined;
      // A run was killed before they got their name.
      const message = `${this.#nameOf(nameless)} is now ${name}.`;
      return { decisions: [{ do: 'name', person: nameless, name }], message };
    }
    const people = photos.flatMap(({ from }) => (typeof from === 'number' ? [from] : []));
    const counts = [...groupBy(people, (person) => person)].sort(([, a], [, b]) => b.length - a.length);
    const most = counts[0]?.[0];
    const faces: FaceOnPhoto[] = [];
    let several = 0;
    let without = 0;
    for (const { photo, from } of photos) {
      const own = typeof from === 'number' ? this.#facesOf(photo, from) : [];
      // Of a video, one on each of the frames that they are on.
      const free = own.length > 0 ? [...groupBy(own, (face) => face.photo).values()] : [this.#free(photo)];
      if (free.some(({ length }) => length > 1)) several++;
      if (free[0]?.length === 0) {
        without++;
        continue;
      }
      for (const some of free)
        faces.push(most === undefined ? (some[0] as FaceOnPhoto) : this.facts.likest(some, most));
    }
    const isName = namesAPerson(name);
    const nothing = `Nothing follows from ${number(without, 'photo')} in "${name}": all faces there are somebody else's.`;
    if (faces.length === 0) return { decisions: [], message: nothing };
    const who = isName ? name : 'somebody new';
    const shows = photos.length - without;
    const notes = [
      `The ${number(shows, 'photo')} in the folder "${name}" ${shows === 1 ? 'shows' : 'show'} ${who}.`,
      ...(several > 0 ? [`On ${several} of them one of several faces was taken.`] : []),
      ...(without > 0 ? [nothing] : []),
    ];
    return { decisions: [{ do: 'split', faces }], message: notes.join(' '), ...(isName && { name }) };
  }

  /**
   * Who all photos in a new folder show, if they have their person already: somebody of that name, or anybody, where nobody is left
   * of those whose they were.
   */
  #shownBy(name: string, photos: GestureOf<'new-folder'>['photos']): PersonId[] {
    const on = photos.map(({ photo }) => this.facts.facesOn(photo).flatMap(({ person }) => person ?? []));
    const common = (on[0] ?? []).filter((person) => on.every((people) => people.includes(person)));
    const named = common.filter((person) => this.#nameOf(person) === name);
    if (named.length > 0) return named;
    const from = photos.filter(({ from }) => typeof from === 'number');
    const areGone = from.every(({ photo, from }) => this.#facesOf(photo, from as PersonId).length === 0);
    return from.length > 0 && areGone ? common : [];
  }

  #facesOf(photo: PhotoId, who: PersonId): FaceOnPhoto[] {
    return this.facts
      .facesOn(photo)
      .filter(({ person }) => this.#isNow(person, who))
      .map(({ face }) => face);
  }

  /** Whether somebody on a photo is who had a folder, by that number or another. */
  #isNow(person: PersonId | undefined, had: PersonId): boolean {
    return person !== undefined && this.facts.areOne(person, had);
  }

  /** Faces that are nobody's; those that are clear, if there are any. */
  #free(photo: PhotoId): FaceOnPhoto[] {
    const free = this.facts.facesOn(photo).filter(({ person }) => person === undefined);
    const clear = free.filter(({ unclear }) => !unclear);
    return (clear.length > 0 ? clear : free).map(({ face }) => face);
  }

  #nameOf(person: PersonId): string {
    return this.#names.get(person) ?? this.facts.nameOf(person);
  }
}

function number(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

function whose(name: string): string {
  return `${name}'s`;
}

/** Of many, the first few. */
function listed(files: readonly string[]): string {
  const named = files.slice(0, 3).map((file) => `"${baseName(file)}"`);
  const more = files.length - named.length;
  if (more > 0) return `${named.join(', ')} and ${more} more`;
  const last = named.pop() as string;
  return named.length > 0 ? `${named.join(', ')} and ${last}` : last;
}
