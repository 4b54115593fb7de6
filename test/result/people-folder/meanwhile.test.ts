import { copyFileSync, existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { useTempFolder } from '../../support/files';
import { Collection, filesIn, MODES, photoId } from './support';

const temp = useTempFolder();
const FIRST = { 1: 'a b c', 2: 'd e f', 3: 'g h i', unsorted: 'j' };

describe.each(MODES)('what somebody does to the folder while a run is at work (%s)', (mode) => {
  let people: Collection;
  beforeEach(async () => {
    people = new Collection(temp, mode);
    await people.run(FIRST);
  });

  test('before the plan is told to the next run', async () => {
    const folder = await people.open();
    expect(await folder.gestures()).toEqual([]);
    renameSync(people.in('Person 01 (3)', 'a.jpg'), people.in('Person 02 (3)', 'a.jpg'));
    copyFileSync(people.photo('j'), people.in('Person 03 (3)', 'j.jpg'));
    await folder.apply(await folder.plan(people.wanted({ ...FIRST, unsorted: 'j k' })), mode);
    const gestures = await people.gestures();
    expect(gestures).toHaveLength(2);
    expect(gestures).toEqual([
      { kind: 'moved', photo: photoId('a'), file: 'Person 02 (3)/a.jpg', from: 1, to: 2 },
      { kind: 'added', photo: photoId('j'), file: 'Person 03 (3)/j.jpg', to: 3 },
    ]);
    expect(existsSync(people.in('Not sorted', 'k.jpg'))).toBe(true);
  });

  test('after the plan is told to the next run', async () => {
    const folder = await people.open();
    await folder.gestures();
    const plan = await folder.plan(people.wanted({ ...FIRST, 3: 'g h', unsorted: 'j a' }));
    renameSync(people.in('Person 02 (3)'), people.in('Ben'));
    writeFileSync(people.in('Not sorted', 'a.jpg'), 'mine');
    await folder.apply(plan, mode);
    expect(filesIn(people.in('Not sorted'))).toEqual(['a (2).jpg', 'a.jpg', 'j.jpg']);
    expect(await people.gestures()).toMatchObject([
      { kind: 'renamed', person: 2, name: 'Ben' },
      { kind: 'added', file: 'Not sorted/a.jpg' },
    ]);
  });

  test('to what it is about to change ends it, and the next one goes on', async () => {
    const folder = await people.open();
    const plan = await folder.plan(people.wanted({ ...FIRST, 1: 'a b c x', 2: 'd e f y' }));
    renameSync(people.in('Person 01 (3)'), people.in('Anna'));
    await expect(folder.apply(plan, mode)).rejects.toMatchObject({
      code: 'FACE_IO',
      remedy: 'Run it again.',
    });
    await people.run({ ...FIRST, 1: 'a b c x', 2: 'd e f y' });
    expect(filesIn(people.in('Person 01 (4)'))).toEqual(['a.jpg', 'b.jpg', 'c.jpg', 'x.jpg']);
    const other = await people.open();
    const next = await other.plan(people.wanted({ ...FIRST, 1: 'a b c', 2: 'd e f' }));
    mkdirSync(people.in('Person 02 (3)'));
    await expect(other.apply(next, mode)).rejects.toMatchObject({ code: 'FACE_IO', remedy: 'Run it again.' });
    await people.run(FIRST);
    expect(filesIn(people.in('Person 02 (3) 2'))).toEqual(['d.jpg', 'e.jpg', 'f.jpg']);
    expect(await people.gestures()).toEqual([]);
  });
});
