import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SplitMix64 } from '../../../src/base/random';
import { KEPT_FOLDER } from '../../../src/result/names-in-result';
import type { Place } from '../../../src/result/people-folder/types';
import { useTempFolder } from '../../support/files';
import { Collection, MODES, photoBytes, photoId, statesIn, treeOf, type Wanted } from './support';

const temp = useTempFolder();
const PLACES: readonly Place[] = [1, 2, 3, 4, 5, 6, 'unsorted', 'unclear'];
const NAMES = ['Anna', 'anna', 'Ben', 'A/B', 'A:B', 'CON'];
/** Some have one name, in different folders. */
const PHOTOS = ['2019', '2020'].flatMap((folder) =>
  'abcdefghij'.split('').map((name) => `${folder}/${name}`),
);

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
}

/** Who is on which photos; each photo is in one or two places. */
function anyWanted(dice: Dice): Map<Place, Set<string>> {
  const wanted = new Map<Place, Set<string>>(PLACES.map((place) => [place, new Set()]));
  for (const photo of PHOTOS) {
    for (let n = 0; n <= dice.below(2); n++) wanted.get(dice.pick(PLACES))?.add(photo);
  }
  return wanted;
}

/** A few photos go somewhere else. */
function changed(wanted: ReadonlyMap<Place, ReadonlySet<string>>, dice: Dice): Map<Place, Set<string>> {
  const next = new Map([...wanted].map(([place, photos]) => [place, new Set(photos)]));
  for (let n = 0; n < 1 + dice.below(5); n++) {
    const photo = dice.pick(PHOTOS);
    if (next.get(dice.pick(PLACES))?.delete(photo)) next.get(dice.pick(PLACES))?.add(photo);
    else next.get(dice.pick(PLACES))?.add(photo);
  }
  return next;
}

const given = (wanted: ReadonlyMap<Place, ReadonlySet<string>>): Wanted =>
  Object.fromEntries(
    [...wanted].map(([place, photos]) => [place, PHOTOS.filter((photo) => photos.has(photo)).join(' ')]),
  );

function nameAnybody(people: Collection, dice: Dice): void {
  people.names.clear();
  for (const place of PLACES)
    if (typeof place === 'number' && dice.below(2)) people.names.set(place, dice.pick(NAMES));
}

describe.each(MODES)('whatever happens to people (%s)', (mode) => {
  test.each([1, 2, 3])('undone step by step, the folder is what it was (%i)', async (seed) => {
    const dice = new Dice(seed);
    const people = new Collection(temp, mode);
    const steps: { wanted: Wanted; names: Map<number, string>; tree: Record<string, string> }[] = [];
    let wanted = anyWanted(dice);
    const run = async (now: Wanted) => {
      const { gestures, summary } = await people.run(now);
      expect(gestures).toEqual([]);
      expect(summary).toMatchObject({ kept: [], problems: [], foreign: 0 });
      return people.tree();
    };
    for (let step = 0; step < 8; step++) {
      nameAnybody(people, dice);
      steps.push({ wanted: given(wanted), names: new Map(people.names), tree: await run(given(wanted)) });
      wanted = changed(wanted, dice);
    }
    for (const { wanted: then, names, tree } of steps.reverse()) {
      people.names.clear();
      for (const [person, name] of names) people.names.set(person, name);
      const now = await run(then);
      expect(now).toEqual(tree);
      const before = statesIn(people.people);
      await run(then);
      expect(statesIn(people.people)).toEqual(before);
    }
  });

  test.each([11, 12, 13])(
    'whatever people do with it, no photo is lost, and all is told once (%i)',
    async (seed) => {
      const dice = new Dice(seed);
      const people = new Collection(temp, mode);
      let wanted = anyWanted(dice);
      await people.run(given(wanted));
      const all = new Set(PHOTOS.map(photoId));
      for (let round = 0; round < 6; round++) {
        for (let n = 0; n < 6; n++) mess(people.people, temp('away'), dice);
        nameAnybody(people, dice);
        wanted = changed(wanted, dice);
        const now = given(wanted);
        await people.run(now);
        expect(await people.gestures()).toEqual([]);
        // All that is wanted is there, as often as it is wanted at least.
        const folder = await people.open();
        const plan = await folder.plan(people.wanted(now));
        for (const [place, photos] of wanted) {
          for (const photo of photos) {
            const file = plan.file(place, photoId(photo));
            expect(treeOf(people.people)[file as string]).toBe(photoId(photo));
          }
        }
        expect((await folder.apply(plan, mode)).removed).toBe(0);
        expect(new Set(Object.values(treeOf(people.photo('.'))))).toEqual(all);
      }
    },
  );

  test.each([21, 22, 23])(
    'photos that are changed in place are where they belong then (%i)',
    async (seed) => {
      const dice = new Dice(seed);
      const people = new Collection(temp, mode);
      let wanted = anyWanted(dice);
      await people.run(given(wanted));
      /** By what each photo is: where it is. */
      const at = new Map(PHOTOS.map((photo) => [photo, photo]));
      const fileAt = people.file.bind(people);
      people.file = (name) => fileAt(at.get(name) ?? name);
      const overwrite = (path: string, photo: string) => {
        writeFileSync(people.photo(path), photoBytes(photo));
        people.made.add(photo);
        at.set(photo, path);
      };
      for (let round = 0; round < 6; round++) {
        wanted = changed(wanted, dice);
        for (let n = 0; n < 3; n++) {
          const [old, path] = dice.pick([...at]);
          at.delete(old);
          for (const photos of wanted.values()) photos.delete(old);
          const photo = `${path}-${round}-${n}`;
          overwrite(path, photo);
          for (let n = dice.below(3); n > 0; n--) wanted.get(dice.pick(PLACES))?.add(photo);
        }
        const [[one, path], [other, otherPath]] = [dice.pick([...at]), dice.pick([...at])];
        overwrite(otherPath, one);
        overwrite(path, other);
        for (const photos of wanted.values())
          for (const photo of photos) if (!at.has(photo)) photos.delete(photo);
        const now: Wanted = Object.fromEntries(
          [...wanted].map(([place, photos]) => [place, [...photos].join(' ')]),
        );
        const { gestures, summary } = await people.run(now);
        expect(gestures).toEqual([]);
        expect(summary).toMatchObject({ problems: [], foreign: 0 });
        // A copy is the last one of what its photo was before.
        if (mode !== 'copy') expect(summary.kept).toEqual([]);
        const folder = await people.open();
        const plan = await folder.plan(people.wanted(now));
        const tree = new Map(Object.entries(people.tree()));
        for (const [place, photos] of wanted)
          for (const photo of photos) {
            const file = plan.file(place, photoId(photo)) as string;
            expect(tree.get(file)).toBe(photoId(photo));
            tree.delete(file);
          }
        expect([...tree.keys()].filter((file) => !file.startsWith(KEPT_FOLDER))).toEqual([]);
        for (const [photo, path] of at)
          expect(readFileSync(people.photo(path)).equals(photoBytes(photo))).toBe(true);
        const before = statesIn(people.people);
        await people.run(now);
        expect(statesIn(people.people)).toEqual(before);
      }
    },
  );
});

/** Something that people do with a file manager, without a thought. */
function mess(root: string, away: string, dice: Dice): void {
  const folders = readdirSync(root).filter(
    (name) => name !== '.data' && statSync(join(root, name)).isDirectory(),
  );
  if (folders.length < 2) return;
  const [one, other] = [join(root, dice.pick(folders)), join(root, dice.pick(folders))];
  const files = existsSync(one) ? readdirSync(one) : [];
  const file = files.length > 0 ? dice.pick(files) : undefined;
  const to = (path: string) => (existsSync(path) ? `${path} ${dice.below(1e9)}` : path);
  const from = file === undefined ? undefined : join(one, file);
  const gesture = dice.below(6);
  if (gesture === 0)
    renameSync(one, to(join(root, dice.pick(['Anna', 'Carl (3)', 'Not sorted', 'Person 01', 'x']))));
  if (gesture === 1 && from !== undefined) renameSync(from, to(join(other, file as string)));
  if (gesture === 2 && from !== undefined) rmSync(from, { recursive: true });
  if (gesture === 3 && one !== other) renameSync(one, to(join(other, 'inside')));
  if (gesture === 4) renameSync(one, to(away));
  if (gesture === 5) rmSync(one, { recursive: true });
}
