import { mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolders } from '../../src/system/make-folders';
import { useTempFolder } from '../support/files';
import { onLinux } from '../support/platform';

const temp = useTempFolder();

test('all folders on the way are made, with the permissions asked for; those that are there stay', async () => {
  mkdirSync(join(temp(), 'a'), { mode: 0o755 });
  const folder = join(temp(), 'a/b/c');
  await makeFolders(folder, 0o700);
  await makeFolders(folder, 0o755);
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  expect(statSync(join(temp(), 'a')).mode & 0o777).toBe(0o755);
});

test('a link to a folder will do; a file in the way is an error', async () => {
  mkdirSync(join(temp(), 'real'));
  symlinkSync('real', join(temp(), 'link'));
  await makeFolders(join(temp(), 'link/inside'));
  expect(statSync(join(temp(), 'real/inside')).isDirectory()).toBe(true);
  writeFileSync(join(temp(), 'file'), '');
  await expect(makeFolders(join(temp(), 'file'))).rejects.toMatchObject({ code: 'EEXIST' });
  await expect(makeFolders(join(temp(), 'file/inside'))).rejects.toMatchObject({ code: 'ENOTDIR' });
});

onLinux('where a system says ENOENT of a folder that is there, it ends', async () => {
  await expect(makeFolders('/proc/none/inside')).rejects.toMatchObject({ code: 'ENOENT' });
});
