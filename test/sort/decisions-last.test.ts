import { cpSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { SplitMix64 } from '../../src/base/random';
import type { DecisionToMake, FaceOnPhoto, PersonId } from '../../src/people/decisions';
import type { KnownPerson } from '../../src/people/list';
import { People } from '../../src/people/people';
import { arrangePeople } from '../../src/sort/arrange';
import { type SortPhotosOptions, sortPhotos } from '../../src/sort/sort';
import { runCli } from '../support/cli';
import { useTempFolder } from '../support/files';
import { copyTree, treeOf } from '../support/people-folder';
import { describeWithShared } from '../support/shared';

/*
 * Fifty decisions on real photos, and everything that makes other programs forget them: another run, another strictness, more
 * photos, photos that were moved and renamed, starting over, another detector. After each, who was named is named, what was put
 * together is together, and what was taken apart is apart. And all of it undone, the folder is what it was, to the byte.
 */
describeWithShared('decisions on players and portraits', (shared) => {
  const temp = useTempFolder();
  let base: string;
  let before: ReadonlyMap<string, string>;
  let decided: Decided;

  beforeAll(async () => {
    base = mkdtempSync(join(realpathSync(tmpdir()), 'face-cluster-test-'));
    mkdirSync(join(base, 'photos'));
    for (const folder of ['players', 'portraits']) {
      const from = join(shared, 'data', folder);
      for (const name of readdirSync(from))
        cpSync(join(from, name), join(base, 'photos', name), { preserveTimestamps: true });
    }
    await sort(base);
    before = treeOf(join(base, 'people'));
    decided = await decide(join(base, 'people'));
    await sort(base);
    await expectHeld(join(base, 'people'), decided);
  });
  afterAll(() => rmSync(base, { recursive: true, force: true }));

  /** A copy of the photos and people to play with. */
  function copy(): string {
    copyTree(base, temp('copy'));
    return temp('copy');
  }

  /** As photos that were moved: in the copy, not where they were. */
  function sort(folder: string, options: Partial<SortPhotosOptions> = {}) {
    return sortPhotos({
      photos: join(folder, 'photos'),
      ...(folder !== base && { forget: join(base, 'photos') }),
      output: join(folder, 'people'),
      method: 'hog',
      ...options,
    });
  }

  test('fifty of all kinds', async () => {
    const people = await People.open(join(base, 'people/.data/people.jsonl'), { readOnly: true });
    const kinds = people.decisions().map((decision) => decision.do);
    await people.close();
    expect(kinds).toHaveLength(50);
    expect(new Set(kinds)).toEqual(
      new Set([
        'name',
        'unname',
        'merge',
        'split',
        'differ',
        'is',
        'not',
        'not-a-face',
        'hide',
        'show',
        'cover',
      ]),
    );
  });

  test('hold when everything is sorted again', async () => {
    const folder = copy();
    const { changes } = await sort(folder);
    expect(changes).toMatchObject({ joined: [], newPeople: [], absorbed: [], gone: 0 });
    await expectHeld(join(folder, 'people'), decided);
  });

  test.each([0.4, 0.45, 0.5, 0.55])('hold with the threshold %f', async (threshold) => {
    const folder = copy();
    await sort(folder, { threshold });
    await expectHeld(join(folder, 'people'), decided);
  });

  test('hold with a tenth more photos', async () => {
    const folder = copy();
    const photos = readdirSync(join(folder, 'photos')).filter((name) => name.endsWith('.jpg'));
    for (const name of photos.filter((_, i) => i % 10 === 0)) {
      const other = sharp(join(folder, 'photos', name))
        .modulate({ brightness: 1.1 })
        .jpeg({ quality: 80 });
      await other.toFile(join(folder, 'photos', `other ${name}`));
    }
    const { changes } = await sort(folder);
    expect(changes.joined.length).toBeGreaterThan(0);
    await expectHeld(join(folder, 'people'), decided);
  });

  test('hold when photos are moved and renamed', async () => {
    const folder = copy();
    mkdirSync(join(folder, 'elsewhere'));
    for (const [i, name] of readdirSync(join(folder, 'photos')).entries()) {
      renameSync(join(folder, 'photos', name), join(folder, 'elsewhere', `${i} ${name}`));
    }
    await sort(folder, { photos: join(folder, 'elsewhere') });
    await expectHeld(join(folder, 'people'), decided);
  });

  test('hold when faces are looked for anew', async () => {
    const folder = copy();
    await sort(folder, { fresh: true });
    await expectHeld(join(folder, 'people'), decided);
  });

  test('hold with the other detector', async () => {
    const folder = copy();
    await sort(folder, { method: 'cnn' });
    await expectHeld(join(folder, 'people'), decided);
  });

  test('hold when all that runs have found out is lost', async () => {
    const folder = copy();
    rmSync(join(folder, 'people/.data/people.jsonl.faces'));
    await sort(folder);
    await expectHeld(join(folder, 'people'), decided);
  });

  test('hold when sorting is killed', async () => {
    const folder = copy();
    const random = new SplitMix64(5n);
    const more = ['sort', join(folder, 'photos'), '--forget', join(base, 'photos'), '--strictness', 'strict'];
    let whole = 3000;
    for (let killed = 0; killed < 4; ) {
      const moment = random.below(whole);
      const { signal } = await runCli(more, {
        cwd: folder,
        onSpawn: (child) => {
          const timer = setTimeout(() => child.kill('SIGKILL'), moment);
          child.on('exit', () => clearTimeout(timer));
        },
      });
      if (signal === 'SIGKILL') killed++;
      else whole = Math.max(50, moment);
      await expectHeld(join(folder, 'people'), decided);
    }
    expect((await runCli(more, { cwd: folder })).stdout).not.toContain('Took over');
    await expectHeld(join(folder, 'people'), decided);
  });

  test('undone, leave what was there before, to the byte', async () => {
    const folder = copy();
    await sort(folder);
    await sort(folder, { threshold: 0.5 });
    await sort(folder, { threshold: 0.56 });
    await arrangePeople({
      output: join(folder, 'people'),
      decide: async ({ people }) => {
        while (people.decisions().some((decision) => decision.counts && decision.do !== 'undo'))
          await people.undo();
      },
    });
    expect(treeOf(join(folder, 'people'))).toEqual(before);
  });
});

/** What has to hold from then on. */
interface Decided {
  readonly names: ReadonlyMap<PersonId, string>;
  readonly hidden: readonly PersonId[];
  /** Faces and who they are. */
  readonly are: readonly (readonly [FaceOnPhoto, PersonId])[];
  readonly areNot: readonly (readonly [FaceOnPhoto, PersonId])[];
  readonly noFaces: readonly FaceOnPhoto[];
  /** Nobody may be both. */
  readonly apart: readonly (readonly [PersonId, PersonId])[];
}

/** Makes fifty decisions. */
async function decide(output: string): Promise<Decided> {
  let decided: Decided | undefined;
  await arrangePeople({
    output,
    by: 'test',
    decide: async ({ people }) => {
      const bySize = people.list().sort((a, b) => b.photos - a.photos || a.id - b.id);
      const [one, two, three, four, five, six] = bySize as [
        KnownPerson,
        KnownPerson,
        KnownPerson,
        KnownPerson,
        KnownPerson,
        KnownPerson,
      ];
      const face = (person: KnownPerson, i: number) => person.faces[i] as FaceOnPhoto;
      const single = async (decision: DecisionToMake) => (await people.decide([decision]))[0];
      const names = ['Lionel', 'Neymar Jr', 'Cristiano', 'Mo/Salah', 'Luis', 'CON'];
      // 1 to 10: names, one of them given, taken and given again.
      for (const [i, person] of [one, two, three, four, five, six].entries())
        await people.name(person.id, names[i] as string);
      await single({ do: 'unname', person: one.id });
      await people.name(one.id, 'Leo');
      await people.name(two.id, 'Neymar');
      await people.name(three.id, 'Cristiano');
      // 11 to 24: faces that are not who they were taken for.
      const areNot: [FaceOnPhoto, PersonId][] = [];
      for (const person of [one, two]) {
        for (let i = 0; i < 7; i++) {
          await people.not(face(person, i), person.id);
          areNot.push([face(person, i), person.id]);
        }
      }
      // 25 to 32: some of these are somebody else.
      const are: [FaceOnPhoto, PersonId][] = [];
      for (let i = 0; i < 4; i++) {
        await people.is(face(one, i), two.id);
        are.push([face(one, i), two.id]);
        await people.is(face(two, i), three.id);
        are.push([face(two, i), three.id]);
      }
      // 33 to 36: no faces.
      const noFaces = [0, 1, 2, 3].map((i) => face(three, i));
      for (const no of noFaces) await people.notFace(no);
      // 37, 38: two of one.
      const others = [0, 1, 2].map((i) => face(four, i));
      const split = await people.split(others);
      if (split.do !== 'split') throw new Error('no split');
      for (const other of others) are.push([other, split.as]);
      await people.name(split.as, 'Another');
      // 39, 40: one of two.
      await people.merge(six.id, five.id);
      for (const member of [...five.faces, ...six.faces]) are.push([member, five.id]);
      await people.name(five.id, 'Luis and more');
      // 41 to 43: two who are two.
      await people.differ(one.id, two.id);
      await people.differ(one.id, three.id);
      await people.differ(two.id, split.as);
      // 44 to 46: hidden, shown, hidden.
      await people.hide(split.as);
      await single({ do: 'show', person: split.as });
      await people.hide(three.id);
      // 47 to 50: covers.
      for (const person of [one, two, four, five]) await people.cover(face(person, person.faces.length - 1));
      decided = {
        names: new Map([
          [one.id, 'Leo'],
          [two.id, 'Neymar'],
          [three.id, 'Cristiano'],
          [four.id, 'Mo/Salah'],
          [five.id, 'Luis and more'],
          [split.as, 'Another'],
        ]),
        hidden: [three.id],
        are,
        areNot,
        noFaces,
        apart: [
          [one.id, two.id],
          [one.id, three.id],
          [two.id, split.as],
        ],
      };
    },
  });
  return decided as Decided;
}

async function expectHeld(output: string, decided: Decided): Promise<void> {
  const people = await People.open(join(output, '.data/people.jsonl'), { readOnly: true });
  try {
    const known = new Map(people.list().map((person) => [person.id, person]));
    for (const [person, name] of decided.names) {
      expect([person, known.get(person)?.name]).toEqual([person, name]);
      expect([person, known.get(person)?.faces.length ?? 0]).not.toEqual([person, 0]);
    }
    expect([...known.values()].filter(({ hidden }) => hidden).map(({ id }) => id)).toEqual(decided.hidden);
    const found = (face: FaceOnPhoto) => people.knows(face);
    // Another detector does not find all of them.
    expect(decided.are.filter(([face]) => found(face)).length).toBeGreaterThan(0.8 * decided.are.length);
    const wrong = decided.are.filter(([face, person]) => found(face) && people.personOf(face) !== person);
    expect(wrong).toEqual([]);
    expect(
      decided.areNot.filter(([face, person]) => found(face) && people.personOf(face) === person),
    ).toEqual([]);
    expect(decided.noFaces.filter((face) => found(face) && people.isFace(face))).toEqual([]);
    for (const [one, other] of decided.apart) {
      expect(known.has(one) && known.has(other)).toBe(true);
    }
  } finally {
    await people.close();
  }
}
