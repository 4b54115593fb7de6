import { SplitMix64 } from '../../src/base/random';
import { arrangePeople } from '../../src/sort/arrange';
import type { PageDecision } from '../../src/web/api-types';
import { PeopleSession } from '../../src/web/session';
import { useTempFolder } from '../support/files';
import { copyTree } from '../support/people-folder';
import { ALIKE, type Cast, drawPhotos, sortDrawn } from './support';

const temp = useTempFolder();
const PHOTOS = 36;
const GESTURES = 25;

/** Some on many photos, some on few, and two who are alike. */
function randomCast(random: SplitMix64): Cast {
  const people = [1, 1, 2, 2, 3, 4, 5, ALIKE, ALIKE, ALIKE + 1, 6, 7, 8];
  return Object.fromEntries(
    Array.from({ length: PHOTOS }, (_, i) => {
      const on = Array.from(
        { length: 1 + random.below(3) },
        () => people[random.below(people.length)] as number,
      );
      return [`p${i}.png`, [...new Set(on)]];
    }),
  );
}

/** Who each face is, and everybody's name. */
function whoIsWho(session: PeopleSession) {
  const { people, hidden } = session.overview();
  const faces = (session.page('faces', 0) ?? []).map(({ id, label }) => [id, label] as const);
  return {
    people: [...people, ...hidden].map(({ label, name, faces }) => [label, name, faces]),
    faces: new Map(faces.toSorted(([a], [b]) => (a < b ? -1 : 1))),
  };
}

/** Something that somebody may do. */
function gesture(session: PeopleSession, random: SplitMix64): PageDecision[] | 'undo' {
  const { people, hidden } = session.overview();
  const shown = people.filter(({ label }) => label > 0).map(({ label }) => label);
  const all = session.page('faces', 0) ?? [];
  const one = <T>(items: readonly T[]) => items[random.below(items.length)] as T;
  const some = (label: number, most: number) =>
    all
      .filter((face) => face.label === label)
      .slice(0, 1 + random.below(most))
      .map(({ id }) => id);
  const person = one(shown);
  const other = one(shown);
  const kinds: readonly (() => PageDecision[] | 'undo')[] = [
    () => [{ do: 'name', person, name: one(['Anna', 'Ben', 'Carla']) }],
    () => [{ do: 'unname', person }],
    () => [{ do: 'merge', person, into: other }],
    () => [{ do: 'differ', person, other }],
    () => [{ do: 'split', faces: some(person, 4), ...(random.below(2) === 0 && { name: 'Emma' }) }],
    () => [{ do: 'is', faces: [one(all).id, one(all).id], person }],
    () => [{ do: 'not', faces: some(person, 3), person }],
    () => [{ do: 'not', faces: some(person, 1), person }],
    () => [{ do: 'not-a-face', faces: [one(all).id] }],
    () => [{ do: 'hide', person }],
    () => hidden.map(({ label }) => ({ do: 'show', person: label }) as const),
    () => [{ do: 'cover', face: one(all.filter(({ label }) => label > 0)).id }],
    () => 'undo',
    () => 'undo',
  ];
  return one(kinds)();
}

test.each([1, 2, 3, 4, 5, 6, 7, 8])(
  'whatever is decided, the next run leaves everybody who they are: %i',
  async (seed) => {
    const random = new SplitMix64(BigInt(seed));
    await drawPhotos(temp('photos'), randomCast(random));
    await sortDrawn({ photos: temp('photos'), output: temp('people') });
    const session = await PeopleSession.open(temp('people'));
    let made = 0;
    for (let i = 0; i < GESTURES; i++) {
      const wanted = gesture(session, random);
      const done = wanted === 'undo' ? session.undo() : session.decide(wanted);
      // What makes no sense is refused, such as to split off all faces.
      await done.then(
        () => made++,
        (error: { code: string }) => expect(error.code).toBe('FACE_INVALID_ARGUMENT'),
      );
    }
    expect(made).toBeGreaterThan(GESTURES / 3);
    const shown = whoIsWho(session);
    await session.close();

    // Killed before it was applied, or applied by the next run.
    copyTree(temp('people'), temp('copy'));
    const { changes, takenOver } = await arrangePeople({ output: temp('copy') });
    expect(changes).toMatchObject({ joined: [], newPeople: [], absorbed: [], separated: [] });
    expect(takenOver).toEqual([]);
    const sorted = await PeopleSession.open(temp('copy'));
    expect(whoIsWho(sorted)).toEqual(shown);
    expect(sorted.state.unapplied).toBe(0);
    await sorted.close();

    const again = await PeopleSession.open(temp('people'));
    expect(whoIsWho(again)).toEqual(shown);
    await again.apply();
    expect(whoIsWho(again)).toEqual(shown);
    await again.close();
  },
);
