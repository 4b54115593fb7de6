import { copyFileSync, existsSync, linkSync, mkdirSync, renameSync, rmSync, unlinkSync } from 'node:fs';
import { useTempFolder } from '../../support/files';
import { Collection, filesIn, MODES, photoId, statesIn } from './support';

const temp = useTempFolder();

describe.each(MODES)('a folder of people (%s)', (mode) => {
  let people: Collection;
  const FIRST = { 1: 'a b c d', 2: 'e f g d', 3: 'h i j', unsorted: 'k l', unclear: 'm' };

  beforeEach(async () => {
    people = new Collection(temp, mode);
    people.names.set(1, 'Anna');
    await people.run(FIRST);
  });

  test('has a folder for each', () => {
    expect(filesIn(people.people)).toEqual([
      'Anna (4)/a.jpg',
      'Anna (4)/b.jpg',
      'Anna (4)/c.jpg',
      'Anna (4)/d.jpg',
      'Not sorted/k.jpg',
      'Not sorted/l.jpg',
      'Person 02 (4)/d.jpg',
      'Person 02 (4)/e.jpg',
      'Person 02 (4)/f.jpg',
      'Person 02 (4)/g.jpg',
      'Person 03 (3)/h.jpg',
      'Person 03 (3)/i.jpg',
      'Person 03 (3)/j.jpg',
      'Too unclear/m.jpg',
    ]);
  });

  test('tells nothing, and touches nothing, if nothing was done to it', async () => {
    const before = statesIn(people.people);
    const { gestures, summary } = await people.run(FIRST);
    expect(gestures).toEqual([]);
    expect(summary).toMatchObject({
      placed: { hardlink: 0, copy: 0, symlink: 0 },
      moved: 0,
      removed: 0,
      renamed: 0,
      kept: [],
      foreign: 0,
      problems: [],
    });
    expect(statesIn(people.people)).toEqual(before);
  });

  test('a folder with another name names the person', async () => {
    renameSync(people.in('Person 02 (4)'), people.in('Ben'));
    expect(await people.gestures()).toEqual([{ kind: 'renamed', person: 2, from: 'Person 02', name: 'Ben' }]);
    people.names.set(2, 'Ben');
    const before = statesIn(people.in('Ben'));
    const { summary } = await people.run(FIRST);
    expect(summary.renamed).toBe(1);
    expect(statesIn(people.in('Ben (4)'))).toEqual(before);
    expect(existsSync(people.in('Ben'))).toBe(false);
    expect(await people.gestures()).toEqual([]);
  });

  test.each(['Anna', 'Anna (3)', 'Anna (4) 2'])('a folder called %s is still hers', async (name) => {
    renameSync(people.in('Anna (4)'), people.in(name));
    expect((await people.run(FIRST)).gestures).toEqual([]);
    expect(existsSync(people.in('Anna (4)', 'a.jpg'))).toBe(true);
    expect(existsSync(people.in(name))).toBe(false);
  });

  test('a photo that is moved to another person is moved', async () => {
    renameSync(people.in('Anna (4)', 'a.jpg'), people.in('Person 02 (4)', 'a.jpg'));
    expect(await people.gestures()).toEqual([
      { kind: 'moved', photo: photoId('a'), file: 'Person 02 (4)/a.jpg', from: 1, to: 2 },
    ]);
    const { summary } = await people.run({ ...FIRST, 1: 'b c d', 2: 'e f g d a' });
    expect(summary).toMatchObject({
      placed: { hardlink: 0, copy: 0, symlink: 0 },
      moved: 0,
      removed: 0,
      renamed: 2,
    });
    expect(filesIn(people.in('Person 02 (5)'))).toEqual(['a.jpg', 'd.jpg', 'e.jpg', 'f.jpg', 'g.jpg']);
    expect(await people.gestures()).toEqual([]);
  });

  test('is put right if nothing came of a photo that was moved', async () => {
    const before = people.tree();
    renameSync(people.in('Anna (4)', 'a.jpg'), people.in('Person 02 (4)', 'a.jpg'));
    const { summary } = await people.run(FIRST);
    expect(summary).toMatchObject({ moved: 1, removed: 0 });
    expect(people.tree()).toEqual(before);
    expect(await people.gestures()).toEqual([]);
  });

  test('a photo that is moved from and to those who are nobody', async () => {
    renameSync(people.in('Not sorted', 'k.jpg'), people.in('Anna (4)', 'k.jpg'));
    renameSync(people.in('Too unclear', 'm.jpg'), people.in('Person 03 (3)', 'm.jpg'));
    renameSync(people.in('Anna (4)', 'b.jpg'), people.in('Not sorted', 'b.jpg'));
    const gestures = await people.gestures();
    expect(gestures).toHaveLength(3);
    expect(gestures).toEqual(
      expect.arrayContaining([
        { kind: 'moved', photo: photoId('k'), file: 'Anna (4)/k.jpg', from: 'unsorted', to: 1 },
        { kind: 'moved', photo: photoId('m'), file: 'Person 03 (3)/m.jpg', from: 'unclear', to: 3 },
        { kind: 'moved', photo: photoId('b'), file: 'Not sorted/b.jpg', from: 1, to: 'unsorted' },
      ]),
    );
  });

  test('a photo that is deleted from a folder is removed from that person alone', async () => {
    unlinkSync(people.in('Person 02 (4)', 'd.jpg'));
    expect(await people.gestures()).toEqual([
      { kind: 'removed', photo: photoId('d'), file: 'Person 02 (4)/d.jpg', from: 2 },
    ]);
    await people.run({ ...FIRST, 2: 'e f g' });
    expect(await people.gestures()).toEqual([]);
    expect(filesIn(people.in('Person 02 (3)'))).toEqual(['e.jpg', 'f.jpg', 'g.jpg']);
    expect(existsSync(people.in('Anna (4)', 'd.jpg'))).toBe(true);
  });

  test('a photo that is copied into a folder is added, and taken for the one that belongs there', async () => {
    copyFileSync(people.photo('k'), people.in('Anna (4)', 'at the lake.jpg'));
    expect(await people.gestures()).toEqual([
      { kind: 'added', photo: photoId('k'), file: 'Anna (4)/at the lake.jpg', to: 1 },
    ]);
    const { summary } = await people.run({ ...FIRST, 1: 'a b c d k' });
    expect(summary.placed).toEqual({ hardlink: 0, copy: 0, symlink: 0 });
    expect(filesIn(people.in('Anna (5)'))).toContain('at the lake.jpg');
    expect(filesIn(people.in('Anna (5)'))).toHaveLength(5);
  });

  test('a photo that is added in vain stays, and is told once', async () => {
    copyFileSync(people.photo('k'), people.in('Anna (4)', 'k.jpg'));
    const { gestures, summary } = await people.run(FIRST);
    expect(gestures).toHaveLength(1);
    expect(summary.foreign).toBe(1);
    expect(existsSync(people.in('Anna (4)', 'k.jpg'))).toBe(true);
    expect(await people.gestures()).toEqual([]);
    // Also under another name of its folder.
    renameSync(people.in('Anna (4)'), people.in('Anne'));
    expect(await people.gestures()).toEqual([{ kind: 'renamed', person: 1, from: 'Anna', name: 'Anne' }]);
  });

  test('a folder that is deleted hides the person', async () => {
    rmSync(people.in('Person 03 (3)'), { recursive: true });
    expect(await people.gestures()).toEqual([{ kind: 'deleted', person: 3, folder: 'Person 03 (3)' }]);
    const { 3: _, ...rest } = FIRST;
    await people.run(rest);
    expect(await people.gestures()).toEqual([]);
    expect(existsSync(people.in('Person 03 (3)'))).toBe(false);
  });

  test('so does one that is emptied', async () => {
    for (const name of 'hij') unlinkSync(people.in('Person 03 (3)', `${name}.jpg`));
    expect(await people.gestures()).toEqual([{ kind: 'deleted', person: 3, folder: 'Person 03 (3)' }]);
    const { 3: _, ...rest } = FIRST;
    await people.run(rest);
    expect(existsSync(people.in('Person 03 (3)'))).toBe(false);
  });

  test('a folder that is deleted after some photos were moved out', async () => {
    renameSync(people.in('Person 03 (3)', 'h.jpg'), people.in('Anna (4)', 'h.jpg'));
    rmSync(people.in('Person 03 (3)'), { recursive: true });
    const gestures = await people.gestures();
    expect(gestures).toHaveLength(2);
    expect(gestures).toEqual(
      expect.arrayContaining([
        { kind: 'moved', photo: photoId('h'), file: 'Anna (4)/h.jpg', from: 3, to: 1 },
        { kind: 'deleted', person: 3, folder: 'Person 03 (3)' },
      ]),
    );
  });

  test.each(['Anna (4)/Person 03 (3)', 'Anna (4)/old/ones/Person 03 (3)', 'Anna (4)/whatever'])(
    'a folder that is put into another one, as %s, merges, and its photos come up',
    async (to) => {
      mkdirSync(people.in(to, '..'), { recursive: true });
      renameSync(people.in('Person 03 (3)'), people.in(to));
      expect(await people.gestures()).toEqual([{ kind: 'merged', person: 3, into: 1, folder: to }]);
      const { 3: _, ...rest } = FIRST;
      const { summary } = await people.run({ ...rest, 1: 'a b c d h i j' });
      expect(summary).toMatchObject({ placed: { hardlink: 0, copy: 0, symlink: 0 }, moved: 3, removed: 0 });
      const photos = filesIn(people.in('Anna (7)')).filter((name) => !name.endsWith('/'));
      expect(photos).toEqual('abcdhij'.split('').map((name) => `${name}.jpg`));
      expect(existsSync(people.in('Anna (7)', to.split('/').slice(1).join('/')))).toBe(false);
      expect(await people.gestures()).toEqual([]);
    },
  );

  test.each(['gone', 'empty'])('all photos in another folder, and the own one %s, merge', async (what) => {
    for (const name of 'hij') {
      renameSync(people.in('Person 03 (3)', `${name}.jpg`), people.in('Anna (4)', `${name}.jpg`));
    }
    if (what === 'gone') rmSync(people.in('Person 03 (3)'), { recursive: true });
    expect(await people.gestures()).toEqual([
      { kind: 'merged', person: 3, into: 1, folder: 'Person 03 (3)' },
    ]);
  });

  test('a folder is deleted, not merged, if all its photos are of others, too', async () => {
    const wanted = { ...FIRST, 3: 'a b c' };
    await people.run(wanted);
    rmSync(people.in('Person 03 (3)'), { recursive: true });
    expect(await people.gestures()).toEqual([{ kind: 'deleted', person: 3, folder: 'Person 03 (3)' }]);
  });

  test('photos in a folder that somebody has made are somebody new', async () => {
    mkdirSync(people.in('Cleo'));
    renameSync(people.in('Anna (4)', 'a.jpg'), people.in('Cleo', 'a.jpg'));
    renameSync(people.in('Not sorted', 'k.jpg'), people.in('Cleo', 'k.jpg'));
    linkSync(people.photo('b'), people.in('Cleo', 'a copy.jpg'));
    expect(await people.gestures()).toEqual([
      {
        kind: 'new-folder',
        name: 'Cleo',
        photos: [
          { photo: photoId('a'), from: 1 },
          { photo: photoId('k'), from: 'unsorted' },
        ],
      },
    ]);
    people.names.set(4, 'Cleo');
    const { summary } = await people.run({ ...FIRST, 1: 'b c d', unsorted: 'l', 4: 'a k' });
    expect(summary).toMatchObject({ placed: { hardlink: 0, copy: 0, symlink: 0 }, moved: 0, removed: 0 });
    expect(filesIn(people.in('Cleo (2)'))).toEqual(['a copy.jpg', 'a.jpg', 'k.jpg']);
    expect(existsSync(people.in('Cleo'))).toBe(false);
    expect(await people.gestures()).toEqual([]);
  });

  test('photos in a second folder with the name of somebody are theirs', async () => {
    mkdirSync(people.in('anna'));
    renameSync(people.in('Person 02 (4)', 'e.jpg'), people.in('anna', 'e.jpg'));
    expect(await people.gestures()).toEqual([
      { kind: 'moved', photo: photoId('e'), file: 'anna/e.jpg', from: 2, to: 1 },
    ]);
    const { summary } = await people.run({ ...FIRST, 1: 'a b c d e', 2: 'f g d' });
    expect(summary).toMatchObject({ moved: 1, removed: 0 });
    expect(filesIn(people.in('Anna (5)'))).toEqual(['a.jpg', 'b.jpg', 'c.jpg', 'd.jpg', 'e.jpg']);
    expect(existsSync(people.in('anna'))).toBe(false);
  });

  test('a folder of copies is nobody, and left alone', async () => {
    mkdirSync(people.in('Best of'));
    copyFileSync(people.photo('a'), people.in('Best of', 'a.jpg'));
    for (let run = 0; run < 2; run++) expect((await people.run(FIRST)).gestures).toEqual([]);
    expect(filesIn(people.in('Best of'))).toEqual(['a.jpg']);
  });

  test('a photo that is renamed in its folder keeps that name', async () => {
    renameSync(people.in('Anna (4)', 'a.jpg'), people.in('Anna (4)', 'birthday.jpg'));
    mkdirSync(people.in('Anna (4)', 'best'));
    renameSync(people.in('Anna (4)', 'b.jpg'), people.in('Anna (4)', 'best', 'b.jpg'));
    expect((await people.run({ ...FIRST, 1: 'a b c d k', unsorted: 'l' })).gestures).toEqual([]);
    const names = ['best/b.jpg', 'birthday.jpg', 'c.jpg', 'd.jpg', 'k.jpg'];
    expect(filesIn(people.in('Anna (5)'))).toEqual(names);
    expect(await people.gestures()).toEqual([]);
    // Also where another decision takes it.
    await people.run({ ...FIRST, 1: 'b c d k', 2: 'e f g d a' });
    expect(filesIn(people.in('Person 02 (5)'))).toContain('birthday.jpg');
  });
});
