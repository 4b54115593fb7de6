import {
  appendFileSync,
  mkdirSync,
  readFileSync,
  renameSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { useTempFolder } from '../../support/files';
import { Collection, filesIn, MODES, photoBytes, photoId, treeOf } from './support';

const temp = useTempFolder();
const KEPT = 'kept-originals-not-found';
const FIRST = { 1: 'a b c d', 2: 'e f g d', unsorted: 'h' };

let people: Collection;

async function begin(mode: (typeof MODES)[number]): Promise<void> {
  people = new Collection(temp, mode);
  people.names.set(1, 'Anna').set(2, 'Ben');
  await people.run(FIRST);
}

describe.each(['hardlink', 'copy'] as const)('a photo that is nowhere else (%s)', (mode) => {
  beforeEach(() => begin(mode));

  test('stays where it belongs', async () => {
    unlinkSync(people.photo('a'));
    const before = people.tree();
    const { summary } = await people.run(FIRST);
    expect(summary).toMatchObject({ kept: [], problems: [] });
    expect(people.tree()).toEqual(before);
  });

  test('is kept when it belongs nowhere any more, once', async () => {
    unlinkSync(people.photo('a'));
    unlinkSync(people.photo('d'));
    const { summary } = await people.run({ unsorted: 'h', 1: 'b' });
    expect(new Set(summary.kept)).toEqual(
      new Set([
        { file: `${KEPT}/a.jpg`, original: people.photo('a') },
        { file: `${KEPT}/d.jpg`, original: people.photo('d') },
      ]),
    );
    // c, the second d, e, f, g are elsewhere.
    expect(summary.removed).toBe(7);
    expect(filesIn(people.people)).toEqual([
      'Anna (1)/b.jpg',
      'Not sorted/h.jpg',
      `${KEPT}/a.jpg`,
      `${KEPT}/d.jpg`,
    ]);
    expect(treeOf(people.in(KEPT))).toEqual({ 'a.jpg': photoId('a'), 'd.jpg': photoId('d') });
    // It is their owner's from then on.
    renameSync(people.in(KEPT, 'a.jpg'), temp('mine.jpg'));
    expect((await people.run({ unsorted: 'h', 1: 'b' })).summary.kept).toEqual([]);
    expect(filesIn(people.in(KEPT))).toEqual(['d.jpg']);
  });

  test('goes to the folder where it belongs now, without its original', async () => {
    unlinkSync(people.photo('a'));
    const { summary } = await people.run({ ...FIRST, 1: 'b c d', 2: 'e f g d a' });
    expect(summary).toMatchObject({ moved: 1, removed: 0, kept: [] });
    expect(treeOf(people.in('Ben (5)'))['a.jpg']).toBe(photoId('a'));
  });

  test('is not kept if another folder still holds it', async () => {
    unlinkSync(people.photo('d'));
    const { summary } = await people.run({ ...FIRST, 2: 'e f g' });
    expect(summary).toMatchObject({ removed: 1, kept: [] });
    expect(filesIn(people.in('Anna (4)'))).toContain('d.jpg');
  });

  test('is kept if there is another photo in the place of its original', async () => {
    unlinkSync(people.photo('a'));
    const other = photoBytes('a');
    other[other.length - 1] = 0;
    writeFileSync(people.photo('a'), other);
    expect(other).toHaveLength(photoBytes('a').length);
    const { summary } = await people.run({ ...FIRST, 1: 'b c d' });
    expect(summary.kept).toHaveLength(1);
    expect(treeOf(people.in(KEPT))).toEqual({ 'a.jpg': photoId('a') });
  });

  test('is not kept if its original is somewhere else, or has another time', async () => {
    mkdirSync(dirname(temp('photos', 'moved', 'x')), { recursive: true });
    renameSync(people.photo('a'), temp('photos', 'moved', 'a.jpg'));
    unlinkSync(people.photo('b'));
    writeFileSync(people.photo('b'), photoBytes('b'));
    const moved = people.wanted({ ...FIRST, 1: 'a b c d' }).map((folder) => ({
      ...folder,
      photos: folder.photos.map((photo) => {
        if (photo.id !== photoId('a')) return photo;
        const path = temp('photos', 'moved', 'a.jpg');
        return {
          ...photo,
          file: { ...(people.file('c') as NonNullable<ReturnType<typeof people.file>>), path },
        };
      }),
    }));
    const folder = await people.open();
    await folder.apply(await folder.plan(moved), mode);
    // From now on the record knows where it is.
    const { summary } = await people.run({ ...FIRST, 1: 'c d' });
    expect(summary).toMatchObject({ removed: 2, kept: [] });
  });

  test('is kept, not lost, if the original was in the folder itself', async () => {
    // Somebody sorts a folder of people into itself: what is in it is no original.
    renameSync(people.photo('a'), people.in('a.jpg'));
    await people.run({ ...FIRST, 1: 'b c d' });
    expect(filesIn(people.people)).toEqual(expect.arrayContaining(['a.jpg', `${KEPT}/a.jpg`]));
  });

  test('two of one name are both kept', async () => {
    people.make('x/a');
    await people.run({ ...FIRST, 2: 'e x/a' });
    unlinkSync(people.photo('a'));
    unlinkSync(people.photo('x/a'));
    const { summary } = await people.run({ unsorted: 'h' });
    expect(summary.kept.map(({ file }) => file).sort()).toEqual([`${KEPT}/a (2).jpg`, `${KEPT}/a.jpg`]);
    expect(new Set(Object.values(treeOf(people.in(KEPT))))).toEqual(new Set([photoId('a'), photoId('x/a')]));
  });

  test('that was changed meanwhile is not ours to take away', async () => {
    const folder = await people.open();
    const plan = await folder.plan(people.wanted({ ...FIRST, 1: 'b c d' }));
    unlinkSync(people.in('Anna (4)', 'a.jpg'));
    writeFileSync(people.in('Anna (4)', 'a.jpg'), 'edited');
    expect(await folder.apply(plan, mode)).toMatchObject({ removed: 0, kept: [] });
    expect(readFileSync(people.in('Anna (3)', 'a.jpg'), 'utf8')).toBe('edited');
  });
});

test("a hard link that is edited in place with its original is somebody else's", async () => {
  await begin('hardlink');
  appendFileSync(people.photo('a'), 'edited');
  const { gestures } = await people.run({ ...FIRST, 1: 'b c d' });
  expect(gestures).toMatchObject([{ kind: 'added', to: 1 }]);
  expect(readFileSync(people.in('Anna (3)', 'a.jpg')).toString('latin1')).toMatch(/edited$/);
});

test('links hold nothing, and are taken away', async () => {
  await begin('symlink');
  unlinkSync(people.photo('a'));
  expect((await people.run({ ...FIRST, 1: 'b c d' })).summary).toMatchObject({ removed: 1, kept: [] });
});

test('links follow a photo that has moved', async () => {
  await begin('symlink');
  renameSync(people.photo('a'), temp('photos', 'z.jpg'));
  people.file = new Proxy(people.file, {
    apply: (target, self, [name]) => Reflect.apply(target, self, [name === 'a' ? 'z' : name]),
  });
  const { gestures, summary } = await people.run(FIRST);
  expect(gestures).toEqual([]);
  expect(summary.placed.symlink).toBe(1);
  expect(treeOf(people.in('Anna (4)'))['a.jpg']).toBe(photoId('a'));
});

describe.each(MODES)('photos that are placed anew (from %s)', (from) => {
  test.each(MODES)('as %s', async (to) => {
    await begin(from);
    const inode = (path: string) => statSync(path).ino;
    unlinkSync(people.photo('h'));
    const { gestures, summary } = await people.run(FIRST, to);
    expect(gestures).toEqual([]);
    const changed = from === to ? 0 : 8;
    const { hardlink, copy, symlink } = summary.placed;
    // The one whose original is gone stays what it is.
    expect(hardlink + copy + symlink).toBe(changed);
    const names = filesIn(people.people);
    expect(names).toHaveLength(9);
    for (const name of names.filter((name) => !name.endsWith('h.jpg'))) {
      const original = inode(people.photo(name.slice(-5, -4)));
      expect(inode(people.in(name)) === original).toBe(to !== 'copy');
    }
    expect((await people.run(FIRST, to)).summary.placed).toEqual({ hardlink: 0, copy: 0, symlink: 0 });
    expect(await people.gestures()).toEqual([]);
  });
});
