import { symlinkSync } from 'node:fs';
import { EMPTY_RECORD } from '../../../src/result/people-folder/record';
import { scanFolder } from '../../../src/result/people-folder/scan';
import { makeFolders } from '../../../src/system/make-folders';
import { useTempFolder } from '../../support/files';

const temp = useTempFolder();

test('a folder with more files than a call can have arguments, as "Not sorted" of a large collection', async () => {
  await makeFolders(temp('people/Not sorted'), 0o700);
  for (let i = 0; i < 130_000; i++) symlinkSync('nowhere', temp('people/Not sorted', `${i}`));
  const scan = await scanFolder(temp('people'), EMPTY_RECORD, new Map(), undefined);
  expect(scan.folders.map(({ files }) => files.length)).toEqual([130_000]);
});
