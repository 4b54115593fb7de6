import { readFileSync } from 'node:fs';
import { JournalFile } from '../../src/encode/journal/journal-file';
import { useTempFolder } from '../support/files';

const temp = useTempFolder();
const line = (text: string) => Buffer.from(`${text}\n`);

test('a disk that was full leaves no half line, and takes more when there is space again', async () => {
  const file = await JournalFile.open(temp('lines'), async () => 0);
  await file.append(line('before'));
  const full = jest.spyOn(file.handle, 'appendFile').mockImplementation(async () => {
    await file.handle.write('hal');
    throw Object.assign(new Error('no space left'), { code: 'ENOSPC' });
  });
  const refused = await Promise.allSettled([file.append(line('half')), file.append(line('another'))]);
  expect(refused).toMatchObject([
    { reason: { code: 'FACE_IO', message: expect.stringContaining('full') } },
    { reason: { code: 'FACE_IO' } },
  ]);
  await expect(file.append(line('still full'))).rejects.toMatchObject({ code: 'FACE_IO' });
  expect(readFileSync(temp('lines'), 'utf8')).toBe('before\n');
  full.mockRestore();
  expect(await file.append(line('after'))).toBe(7);
  await file.sync();
  await file.checkUnchanged();
  await file.close();
  expect(readFileSync(temp('lines'), 'utf8')).toBe('before\nafter\n');
});
