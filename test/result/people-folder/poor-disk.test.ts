import { renameSync } from 'node:fs';
import files from 'node:fs/promises';
import { basename } from 'node:path';
import { useTempFolder } from '../../support/files';
import { refusal, useJestAsPoorDisk } from '../../support/poor-disk';
import { Collection, filesIn, MODES, photoId, treeOf } from './support';

const temp = useTempFolder();

afterEach(() => jest.restoreAllMocks());

test.each(MODES.filter((mode) => mode !== 'symlink'))(
  'a disk without hard links that takes few names (%s)',
  async (mode) => {
    useJestAsPoorDisk();
    const { rename } = files;
    jest.spyOn(files, 'rename').mockImplementation(async (from, to) => {
      if (/[<>:"|?*]/.test(basename(String(to)))) throw refusal('EINVAL');
      return rename(from, to);
    });
    const people = new Collection(temp, mode);
    people.names.set(1, 'AC:DC');
    const wanted = { 1: 'x/8:15 y/8:15 a', 2: 'b c', unsorted: 'd' };
    const { summary } = await people.run(wanted);
    expect(summary).toMatchObject({ placed: { hardlink: 0, copy: 6, symlink: 0 }, problems: [] });
    expect(filesIn(people.in('AC_DC (3)'))).toEqual(['8_15 (2).jpg', '8_15.jpg', 'a.jpg']);
    expect((await people.run(wanted)).summary.placed.copy).toBe(0);
    renameSync(people.in('Person 02 (2)', 'b.jpg'), people.in('AC_DC (3)', 'b.jpg'));
    expect((await people.run({ ...wanted, 1: 'x/8:15 a b', 2: 'c' })).gestures).toHaveLength(1);
    expect(Object.values(treeOf(people.in('AC_DC (3)'))).sort()).toEqual(
      ['x/8:15', 'a', 'b'].map(photoId).sort(),
    );
    expect(await people.gestures()).toEqual([]);
  },
);

test('the names that files have got are known afterwards', async () => {
  useJestAsPoorDisk();
  const { rename } = files;
  jest.spyOn(files, 'rename').mockImplementation(async (from, to) => {
    if (String(to).includes(':')) throw refusal('EINVAL');
    return rename(from, to);
  });
  const people = new Collection(temp, 'copy');
  const folder = await people.open();
  const plan = await folder.plan(people.wanted({ 1: '8:15' }));
  expect(plan.file(1, photoId('8:15'))).toBe('Person 01 (1)/8:15.jpg');
  await folder.apply(plan, 'copy');
  expect(plan.file(1, photoId('8:15'))).toBe('Person 01 (1)/8_15.jpg');
});
