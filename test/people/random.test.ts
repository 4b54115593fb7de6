import { readFileSync } from 'node:fs';
import { SplitMix64 } from '../../src/base/random';
import type { GroupedFace } from '../../src/people/carry-over';
import type { PersonId } from '../../src/people/decisions';
import { storeFace } from '../../src/people/faces';
import type { KnownPerson } from '../../src/people/list';
import { People } from '../../src/people/people';
import { useTempFolder } from '../support/files';
import { faceOn, stateOf } from './support';

const inFolder = useTempFolder();

/** Numbers that are the same for each seed. */
class Dice {
  readonly #random: SplitMix64;

  constructor(seed: number) {
    this.#random = new SplitMix64(BigInt(seed));
  }

  below(bound: number): number {
    return this.#random.below(bound);
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)] as T;
  }

  shuffled<T>(items: readonly T[]): T[] {
    return items
      .map((item) => ({ item, key: this.#random.next() }))
      .sort((a, b) => (a.key < b.key ? -1 : 1))
      .map(({ item }) => item);
  }
}

const none = { joined: [], newPeople: [], absorbed: [], separated: [], mayBeOne: [], gone: 0, back: 0 };

/** Ten people with 1 to 8 faces, and others alone; some photos have two faces. */
function collection(dice: Dice): { readonly face: GroupedFace; readonly truth: number }[] {
  return Array.from({ length: 60 }, (_, i) => {
    const truth = dice.below(14);
    // Two faces on a photo are well apart.
    return { face: faceOn(Math.floor(i / 1.5), truth + dice.below(100) / 1000, (i % 3) * 200), truth };
  });
}

const facesIn = (faces: readonly { readonly face: GroupedFace }[]) => faces.map(({ face }) => face);
const labelsOf = (faces: readonly { readonly truth: number }[]) =>
  faces.map(({ truth }) => (truth < 10 ? truth : -1));

/** Decides something, if there is anything to decide it on; whether it did. */
async function decideSomething(people: People, faces: readonly GroupedFace[], dice: Dice): Promise<boolean> {
  const all = people.list();
  const [one, other] = [dice.pick(all).id, dice.pick(all).id];
  const face = dice.pick(faces);
  const own = people.list().find(({ id }) => id === one)?.faces ?? [];
  const calls: (() => Promise<unknown>)[] = [
    () => people.name(one, `name ${dice.below(100)}`),
    () => people.name(one, `name ${dice.below(100)}`),
    () => people.merge(one, other),
    () => people.split(dice.shuffled(own).slice(0, 1 + dice.below(2))),
    () => people.split([face, dice.pick(faces)]),
    () => people.differ(one, other),
    () => people.is(face, one),
    () => people.is(face, one),
    () => people.not(face, people.personOf(face) ?? one),
    () => people.notFace(face),
    () => people.hide(one),
    () => people.show(one),
    () => people.unname(one),
    () =>
      people.decide([
        { do: 'is', face, person: one },
        { do: 'not', face: dice.pick(faces), person: one },
        { do: 'cover', face },
        { do: 'differ', person: one, other },
        { do: 'name', person: other, name: `name ${dice.below(100)}` },
        { do: 'split', faces: [dice.pick(faces), dice.pick(faces)] },
        { do: 'not-a-face', face: dice.pick(faces) },
        { do: 'unname', person: one },
        { do: 'hide', person: one },
      ]),
    () =>
      people.decide([
        { do: 'is', face, person: one },
        { do: 'merge', person: one, into: other },
        { do: 'not', face: dice.pick(faces), person: other },
        { do: 'unname', person: other },
        { do: 'is', face: dice.pick(faces), person: other },
      ]),
    () => people.cover(face),
    () => people.undo(dice.pick(people.decisions().filter(({ counts }) => counts))?.id ?? 0),
  ];
  return dice
    .pick(calls)()
    .then(
      () => true,
      (error) => {
        // Some make no sense: that somebody is merged with themselves.
        if (error.code !== 'FACE_INVALID_ARGUMENT') throw error;
        return false;
      },
    );
}

/** Undoes all there is, in any order, undos left alone. */
async function undoAll(people: People, dice: Dice): Promise<void> {
  for (;;) {
    const left = people.decisions().filter((made) => made.counts && made.do !== 'undo');
    if (left.length === 0) return;
    await people.undo(dice.pick(left).id);
  }
}

test.each(Array.from({ length: 12 }, (_, seed) => seed))(
  '50 random decisions, undone in any order, leave the first state to the byte; seed %i',
  async (seed) => {
    const dice = new Dice(seed);
    const faces = collection(dice);
    const people = await People.open(inFolder('people.jsonl'));
    await people.update(facesIn(faces), labelsOf(faces));
    const first = stateOf(people, facesIn(faces));
    for (let made = 0; made < 50; ) {
      if (!(await decideSomething(people, facesIn(faces), dice))) continue;
      made++;
      // It is what stands in the file.
      const looking = await People.open(inFolder('people.jsonl'), { readOnly: true });
      expect(stateOf(looking, facesIn(faces))).toBe(stateOf(people, facesIn(faces)));
      await looking.close();
    }
    expect(stateOf(people, facesIn(faces))).not.toBe(first);

    // The same run gives faces that are not whom they were taken for to others; and again, in another order and with other
    // labels, it changes nothing.
    const names = people.list().map(({ id, name }) => [id, name]);
    await people.update(facesIn(faces), labelsOf(faces));
    expect(people.list().map(({ id, name }) => [id, name])).toEqual(expect.arrayContaining(names));
    const settled = stateOf(people, facesIn(faces));
    const mixed = dice.shuffled(faces);
    const changes = await people.update(
      facesIn(mixed),
      labelsOf(mixed).map((label) => (label < 0 ? -1 : 100 - label)),
    );
    expect(changes).toEqual(none);
    expect(stateOf(people, facesIn(faces))).toBe(settled);

    // Nor does opening it again.
    await people.close();
    const again = await People.open(inFolder('people.jsonl'));
    expect(stateOf(again, facesIn(faces))).toBe(settled);
    await undoAll(again, dice);
    expect(stateOf(again, facesIn(faces))).toBe(first);
    await again.close();
  },
);

/** The groups as another threshold would have them: some are one, some fall apart, some faces are nobody's. */
function regrouped(faces: readonly { readonly truth: number }[], dice: Dice): number[] {
  const joined = Array.from({ length: 14 }, (_, label) => (dice.below(4) === 0 ? dice.below(14) : label));
  const halved = new Set(Array.from({ length: 3 }, () => dice.below(14)));
  return faces.map(({ truth }) => {
    if (dice.below(10) === 0) return -1;
    return (joined[truth] as number) + (halved.has(truth) && dice.below(2) === 0 ? 50 : 0);
  });
}

test.each(Array.from({ length: 12 }, (_, seed) => seed))(
  'runs with other thresholds, photos and detectors between decisions: what was decided holds, nobody moves unannounced; seed %i',
  async (seed) => {
    const dice = new Dice(1000 + seed);
    const faces = collection(dice);
    const people = await People.open(inFolder('people.jsonl'));
    await people.update(facesIn(faces), labelsOf(faces));
    const names = new Map<PersonId, string>();
    const rejected = new Map<GroupedFace, PersonId>();
    const pinned = new Map<GroupedFace, PersonId>();
    const merged: Set<GroupedFace>[] = [];
    for (let round = 0; round < 25; round++) {
      // One decision of each kind, on people and faces that no other is about.
      const free = people
        .list()
        .filter(({ id, faces: own }) => own.length > 1 && !names.has(id))
        .map(({ id }) => id);
      const [one, other] = dice.shuffled(free);
      if (round % 3 === 0 && one !== undefined && other !== undefined && names.size < 6) {
        await people.name(one, `name of ${one}`);
        names.set(one, `name of ${one}`);
        const face = facesIn(faces).find((own) => people.personOf(own) === one && !pinned.has(own));
        if (face) {
          await people.not(face, one);
          rejected.set(face, one);
        }
        const moved = facesIn(faces).find((own) => people.personOf(own) === other && !rejected.has(own));
        if (moved) {
          await people.is(moved, one);
          pinned.set(moved, one);
        }
      }
      if (round % 5 === 4 && names.size > 1) {
        const [into, from] = dice.shuffled([...names.keys()]) as [PersonId, PersonId];
        const both = facesIn(faces).filter(
          (face) => [into, from].includes(people.personOf(face) ?? 0) && !rejected.has(face),
        );
        await people.merge(from, into);
        merged.push(new Set(both));
        names.delete(from);
        for (const map of [rejected, pinned]) {
          for (const [face, person] of map) if (person === from) map.set(face, into);
        }
        // A face rejected by one of them is not the other's, either.
        for (const [face, person] of pinned) if (rejected.get(face) === person) pinned.delete(face);
      }

      const shown = faces.filter(() => dice.below(8) > 0);
      const jitter = () => dice.below(21) - 10;
      const found = shown.map(({ face }) => {
        const [x, y] = [jitter(), jitter()];
        const { top, right, bottom, left } = face.box;
        return { ...face, box: { top: top + y, right: right + x, bottom: bottom + y, left: left + x } };
      });
      const before = new Map(facesIn(faces).map((face) => [face, people.personOf(face)]));
      const { absorbed, separated } = await people.update(found, regrouped(shown, dice));
      const into = new Map(absorbed.map(({ person, into: who }) => [person, who]));
      for (const [face, person] of before) {
        if (person === undefined) continue;
        // Faces that somebody has given to others come back with their own, too.
        const back = separated.map((one) => one.person);
        const stayed = into.get(person) ?? person;
        if (people.personOf(face) !== stayed) for (const both of merged) both.delete(face);
        expect([stayed, ...back, ...back.map((one) => into.get(one))]).toContain(people.personOf(face));
      }
      for (const person of [...into.keys(), ...separated.map((one) => one.person)]) {
        expect(names.has(person)).toBe(false);
      }
      for (const [person, name] of names) {
        expect(people.list().find(({ id }) => id === person)?.name).toBe(name);
      }
      for (const [face, person] of rejected) expect(people.personOf(face)).not.toBe(person);
      for (const [face, person] of pinned) expect(people.personOf(face)).toBe(person);
      for (const both of merged) {
        const who = [...both].map((face) => people.personOf(face)).filter((person) => person !== undefined);
        expect(new Set(who).size).toBeLessThanOrEqual(1);
      }
    }
    expect(merged.length).toBeGreaterThan(0);
    for (const both of merged) expect(both.size).toBeGreaterThan(1);
    expect(rejected.size).toBeGreaterThan(0);
    await people.close();
  },
);

test.each(Array.from({ length: 12 }, (_, seed) => 100 + seed))(
  'after 50 random decisions, somebody who is forgotten is nowhere, and everybody else is who they were; seed %i',
  async (seed) => {
    const dice = new Dice(seed);
    const faces = facesIn(collection(dice));
    const people = await People.open(inFolder('people.jsonl'));
    await people.update(faces, labelsOf(collection(new Dice(seed))));
    for (let made = 0; made < 50; ) if (await decideSomething(people, faces, dice)) made++;
    // Of those who were taken for somebody else, too.
    await people.update(faces, labelsOf(collection(new Dice(seed))));
    const { id } = dice.pick(people.list().filter((one) => one.faces.length > 0));
    const numbers = people.numbersOf([id]);
    const own = people.facesOfNumbers(numbers);
    const others = people.list().filter((one) => one.id !== id);
    const whoIs = (all: People) =>
      faces
        .filter((face) => all.personOf(face) !== id)
        .map((face) => [face.photo, face.box, all.personOf(face), all.isFace(face)]);
    const before = whoIs(people);

    await people.forget(numbers, people.forgottenAmong(own));
    expect(before).toEqual(whoIs(people).filter(([photo, box]) => isOneOf(before, photo, box)));
    const now = people.list();
    expect(now.map(withoutDecided)).toEqual(others.map(withoutDecided));
    for (const face of own) expect([people.personOf(face), people.knows(face)]).toEqual([undefined, false]);
    // Twice is once, as when it was cut short in between.
    await people.forget(numbers, people.forgottenAmong(own));
    expect(people.list()).toEqual(now);
    await people.close();

    const written = ['people.jsonl', 'people.jsonl.faces']
      .flatMap((name) => readFileSync(inFolder(name), 'utf8').split('\n'))
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line));
    const told = new Set<number>();
    const photos = new Set(own.map((face) => `${face.photo} ${storeFace(face).box}`));
    for (const line of written) {
      for (const part of ['person', 'into', 'other', 'as']) told.add(line[part]);
      for (const one of [...(line.instead ?? []), ...(line.absorbed ?? []).flat()]) told.add(one);
      for (const { person, faces } of line.seen ?? []) {
        told.add(person);
        for (const face of faces) expect(photos).not.toContain(`${face.photo} ${face.box}`);
      }
      for (const face of [
        line,
        ...(line.face ? [line.face] : []),
        ...(Array.isArray(line.faces) ? line.faces : []),
      ]) {
        if (face.photo) expect(photos).not.toContain(`${face.photo} ${face.box}`);
      }
    }
    expect(numbers.filter((number) => told.has(number))).toEqual([]);

    const again = await People.open(inFolder('people.jsonl'));
    expect(again.list()).toEqual(now);
    // Nobody gets a number that was somebody's.
    const somebody = facesNobodyHas(dice);
    const { newPeople } = await again.update(
      [...faces.filter((face) => again.knows(face)), ...somebody],
      [...faces.filter((face) => again.knows(face)).map(() => -1), ...somebody.map(() => 0)],
    );
    expect(newPeople).toHaveLength(1);
    expect(numbers).not.toContain(newPeople[0]);
    await again.close();
  },
);

function withoutDecided({ decided: _, absorbed: __, ...rest }: KnownPerson) {
  return rest;
}

function isOneOf(all: readonly (readonly unknown[])[], photo: unknown, box: unknown): boolean {
  return all.some((one) => one[0] === photo && one[1] === box);
}

function facesNobodyHas(dice: Dice): GroupedFace[] {
  return Array.from({ length: 3 }, (_, i) => faceOn(`new ${dice.below(1e6)} ${i}`, 500 + i / 1000));
}
