import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, relative, sep } from 'node:path';
import type { PhotoProblem } from '../../src/base/photo-problem';
import { readKnownFolder } from '../../src/recognize/known-folder';
import { useTempFolder } from '../support/files';
import { rejection } from '../support/photos';

const temp = useTempFolder();

async function put(...names: (string | Buffer)[]): Promise<void> {
  for (const name of names) {
    const path = typeof name === 'string' ? temp(name) : Buffer.concat([Buffer.from(temp() + sep), name]);
    await mkdir(dirname(path.toString('latin1')), { recursive: true });
    await writeFile(path, '');
  }
}

async function known(dir = temp()): Promise<Record<string, string[]>> {
  const people = await readKnownFolder(dir);
  return Object.fromEntries(
    people.map(({ name, photos }) => [name, photos.map((photo) => relative(temp(), photo))]),
  );
}

test('a folder is a person, with the photos in it and below; a photo beside them is one of who it is named after', async () => {
  await put('Ben/1.jpg', 'Ben/2019/trip/2.PNG', 'anna.jpg', 'Anna Schmidt.png', 'J. R. R.tif', 'notes.txt');
  expect(await known()).toEqual({
    'Anna Schmidt': ['Anna Schmidt.png'],
    Ben: ['Ben/1.jpg', 'Ben/2019/trip/2.PNG'].sort(),
    'J. R. R': ['J. R. R.tif'],
    anna: ['anna.jpg'],
  });
});

test('a photo and a folder of one name are one person, called as the folder is', async () => {
  await put('anna.jpg', 'Anna/1.jpg', 'Anna.PNG');
  expect(await known()).toEqual({ Anna: ['Anna.PNG', 'Anna/1.jpg', 'anna.jpg'] });
});

test('a name is the same however its accents are stored, and without what sort puts behind it', async () => {
  await put('Zoë (12)/1.jpg', 'Zoë.jpg'.normalize('NFD'));
  expect(Object.keys(await known())).toEqual(['Zoë']);
});

test('the folder may be given in any way, and may be one photo', async () => {
  await put('Anna/1.jpg');
  expect(await known(`${temp()}/`)).toEqual({ Anna: ['Anna/1.jpg'] });
  expect(await known(`${temp()}/../${temp().slice(temp().lastIndexOf('/') + 1)}`)).toEqual({
    Anna: ['Anna/1.jpg'],
  });
  expect(await known(temp('Anna', '1.jpg'))).toEqual({ 1: ['Anna/1.jpg'] });
});

test('what has a name that nobody can have is reported once, and the rest is read', async () => {
  await put('\u202eevil/1.jpg', '\u202eevil/2.jpg', ' .jpg', 'Anna/1.jpg', 'Anna/._1.jpg', '.hidden/1.jpg');
  if (process.platform === 'linux') await put(Buffer.from('J\xf6rg.jpg', 'latin1'));
  await symlink(temp('gone.jpg'), temp('Carl.jpg'));
  const problems: PhotoProblem[] = [];
  const people = await readKnownFolder(temp(), undefined, (problem) => problems.push(problem));
  expect(people.map(({ name }) => name)).toEqual(['Anna']);
  const linux = process.platform === 'linux' ? ['J\udcf6rg.jpg'] : [];
  expect(problems.map(({ path }) => relative(temp(), path))).toEqual([
    'Carl.jpg',
    ' .jpg',
    ...linux,
    '\u202eevil',
  ]);
  expect(problems[1]?.remedy).toMatch(/rename/i);
});

test('an empty folder knows nobody; one that is not there, and a search that is stopped, are errors', async () => {
  expect(await readKnownFolder(temp())).toEqual([]);
  expect(await rejection(readKnownFolder(temp('no')))).toMatchObject({ code: 'FACE_IO', path: temp('no') });
  expect(await rejection(readKnownFolder(temp(), AbortSignal.abort()))).toMatchObject({
    code: 'FACE_ABORTED',
  });
});
