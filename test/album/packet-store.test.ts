import { existsSync, lstatSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { Sidecars } from '../../src/album/packet-store';
import { useTempFolder } from '../support/files';

const temp = useTempFolder();
const sidecars = new Sidecars('default');
const ours = Buffer.from('ours');
const owner = () => ({ photo: temp('a.jpg'), imagePath: temp('a.jpg') });

beforeEach(() => writeFileSync(temp('a.jpg'), 'a photo'));

test.each([
  ['changes', 'before'],
  ['makes', undefined],
  ['deletes', 'before'],
])('what another program %s while a sidecar is worked on stays', async (does, before) => {
  const file = temp('a.jpg.xmp');
  if (before !== undefined) writeFileSync(file, before);
  const read = await sidecars.read(file);
  writeFileSync(file, 'theirs');
  const written = sidecars.write(file, { ...owner(), before: read }, does === 'deletes' ? undefined : ours);
  await expect(written).rejects.toMatchObject({ code: 'FACE_IO', message: expect.stringMatching(/changed/) });
  expect(readFileSync(file, 'utf8')).toBe('theirs');
});

test('a link stays one, and what it leads to is written; to nothing, it may lead to a disk that is away', async () => {
  const link = temp('a.jpg.xmp');
  symlinkSync(temp('elsewhere.xmp'), link);
  await expect(sidecars.read(link)).rejects.toMatchObject({ code: 'FACE_IO', path: link });
  expect(lstatSync(link).isSymbolicLink()).toBe(true);

  writeFileSync(temp('elsewhere.xmp'), 'before');
  const before = await sidecars.read(link);
  await sidecars.write(link, { ...owner(), before }, ours);
  expect(lstatSync(link).isSymbolicLink()).toBe(true);
  expect(readFileSync(temp('elsewhere.xmp'), 'utf8')).toBe('ours');
  expect(existsSync(temp('a.jpg'))).toBe(true);
});
