import { linkSync, mkdirSync, readFileSync, renameSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
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

describe('a hard link that is changed in place with its original', () => {
  beforeEach(() => begin('hardlink'));
  /** As a program does it that writes into the file that is there. */
  const overwrite = (name: string, by: string) => writeFileSync(people.photo(name), photoBytes(by));
  /** The photo of a name, at the path of another. */
  const at = (name: string, path: string) => {
    people.made.add(name);
    people.file = new Proxy(people.file, {
      apply: (target, self, [asked]) => Reflect.apply(target, self, [asked === name ? path : asked]),
    });
  };

  test('is taken out, untold, where nobody of the folder is on it any more; the original stays', async () => {
    overwrite('a', 'somebody');
    overwrite('d', 'nobody');
    const { gestures, summary } = await people.run({ ...FIRST, 1: 'b c', 2: 'e f g' });
    expect(gestures).toEqual([]);
    expect(summary).toMatchObject({ removed: 3, kept: [], foreign: 0, problems: [] });
    expect(filesIn(people.people)).toEqual([
      'Anna (2)/b.jpg',
      'Anna (2)/c.jpg',
      'Ben (3)/e.jpg',
      'Ben (3)/f.jpg',
      'Ben (3)/g.jpg',
      'Not sorted/h.jpg',
    ]);
    expect(readFileSync(people.photo('a')).equals(photoBytes('somebody'))).toBe(true);
    expect(readFileSync(people.photo('d')).equals(photoBytes('nobody'))).toBe(true);
    expect(await people.gestures()).toEqual([]);
  });

  test('is so by a photo that is known already, too', async () => {
    overwrite('a', 'e');
    const { gestures, summary } = await people.run({ ...FIRST, 1: 'b c d' });
    expect(gestures).toEqual([]);
    expect(summary).toMatchObject({ removed: 1, kept: [], foreign: 0 });
    expect(filesIn(people.in('Anna (3)'))).toEqual(['b.jpg', 'c.jpg', 'd.jpg']);
    expect(readFileSync(people.photo('a')).equals(photoBytes('e'))).toBe(true);
  });

  test('goes to the folder of whoever is on it now', async () => {
    overwrite('a', 'new');
    at('new', 'a');
    const { gestures, summary } = await people.run({ ...FIRST, 1: 'b c d', 2: 'e f g d new' });
    expect(gestures).toEqual([]);
    expect(summary).toMatchObject({ moved: 1, removed: 0, foreign: 0 });
    expect(treeOf(people.in('Ben (5)'))['a.jpg']).toBe(photoId('new'));
    expect(filesIn(people.in('Anna (3)'))).toEqual(['b.jpg', 'c.jpg', 'd.jpg']);
    expect(await people.gestures()).toEqual([]);
  });

  test('stays ours where it stays, and is taken out later', async () => {
    overwrite('a', 'new');
    at('new', 'a');
    const before = people.tree();
    const { gestures, summary } = await people.run({ ...FIRST, 1: 'new b c d' });
    expect([gestures, summary.foreign]).toEqual([[], 0]);
    expect(people.tree()).toEqual({ ...before, 'Anna (4)/a.jpg': photoId('new') });
    expect((await people.run({ ...FIRST, 1: 'b c d' })).summary).toMatchObject({ removed: 1, kept: [] });
    expect(filesIn(people.in('Anna (3)'))).toEqual(['b.jpg', 'c.jpg', 'd.jpg']);
  });

  test('hides nobody, if all photos of somebody are', async () => {
    for (const name of ['a', 'b', 'c', 'd']) overwrite(name, `${name} edited`);
    const { gestures, summary } = await people.run({ 2: 'e f g', unsorted: 'h' });
    expect(gestures).toEqual([]);
    expect(summary).toMatchObject({ removed: 5, kept: [], foreign: 0 });
    expect(filesIn(people.people).filter((name) => !name.startsWith('Ben'))).toEqual(['Not sorted/h.jpg']);
  });

  test('is moved, as the photo that it is now, if somebody moves it', async () => {
    overwrite('a', 'new');
    renameSync(people.in('Anna (4)', 'a.jpg'), people.in('Ben (4)', 'mine.jpg'));
    expect(await people.gestures()).toEqual([
      { kind: 'moved', photo: photoId('new'), file: 'Ben (4)/mine.jpg', from: 1, to: 2 },
    ]);
  });

  test('is added, and left alone, if somebody puts another link to it into a folder', async () => {
    overwrite('a', 'new');
    linkSync(people.photo('a'), people.in('Ben (4)', 'mine.jpg'));
    const { gestures } = await people.run({ ...FIRST, 1: 'b c d' });
    expect(gestures).toEqual([{ kind: 'added', photo: photoId('new'), file: 'Ben (4)/mine.jpg', to: 2 }]);
    expect(filesIn(people.in('Anna (3)'))).toEqual(['b.jpg', 'c.jpg', 'd.jpg']);
    expect(filesIn(people.in('Ben (4)'))).toContain('mine.jpg');
  });

  test("is somebody else's where the original is gone, or another file", async () => {
    overwrite('a', 'new');
    overwrite('b', 'other');
    unlinkSync(people.photo('a'));
    unlinkSync(people.photo('b'));
    overwrite('b', 'other');
    const { gestures, summary } = await people.run({ ...FIRST, 1: 'c d' });
    expect(gestures).toMatchObject([
      { kind: 'added', to: 1 },
      { kind: 'added', to: 1 },
    ]);
    expect(summary).toMatchObject({ removed: 0, foreign: 2 });
    expect(treeOf(people.in('Anna (2)'))).toMatchObject({
      'a.jpg': photoId('new'),
      'b.jpg': photoId('other'),
    });
  });
});

test('a link to a photo that was changed in place is taken out, or leads to the photo of before', async () => {
  await begin('symlink');
  writeFileSync(people.photo('a'), photoBytes('somebody'));
  writeFileSync(people.photo('b'), photoBytes('nobody'));
  people.make('copy of b');
  writeFileSync(people.photo('copy of b'), photoBytes('b'));
  people.file = new Proxy(people.file, {
    apply: (target, self, [name]) => Reflect.apply(target, self, [name === 'b' ? 'copy of b' : name]),
  });
  const { gestures, summary } = await people.run({ ...FIRST, 1: 'b c d' });
  expect(gestures).toEqual([]);
  expect(summary).toMatchObject({ removed: 1, kept: [] });
  expect(treeOf(people.in('Anna (3)'))).toEqual({
    'b.jpg': photoId('b'),
    'c.jpg': photoId('c'),
    'd.jpg': photoId('d'),
  });
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
