import {
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { basename } from 'node:path';
import sharp from 'sharp';
import { type FindPhotosOptions, findPhotos } from '../../src/album/find';
import { arrangePeople } from '../../src/sort/arrange';
import { PeopleSession } from '../../src/web/session';
import { useTempFolder } from '../support/files';
import { treeOf } from '../support/people-folder';
import { rejection } from '../support/photos';
import { type Cast, drawPhotos, inTests, sortDrawn } from '../web/support';
import { idOf } from './support';

const temp = useTempFolder();

const CAST: Cast = {
  'ab.png': [1, 2],
  'abc.png': [1, 2, 3],
  'a1.png': [1],
  'a2.png': [1],
  'a3.png': [1, 0],
  'b1.png': [2],
  'b2.png': [2],
  'c.png': [3],
  'nobody.png': [0],
};

async function sorted(): Promise<void> {
  await drawPhotos(temp('photos'), CAST);
  mkdirSync(temp('photos/more'));
  copyFileSync(temp('photos/a1.png'), temp('photos/more/copy of a1.png'));
  await sortDrawn({ photos: temp('photos'), output: temp('people'), minPhotos: 1 });
  await arrangePeople({
    output: temp('people'),
    decide: ({ people }) =>
      people.decide([
        { do: 'name', person: 1, name: 'Anna' },
        { do: 'name', person: 2, name: 'Ben' },
        { do: 'name', person: 3, name: 'Carla' },
        { do: 'hide', person: 3 },
      ]),
  });
}

const find = (options: Partial<FindPhotosOptions>) => findPhotos({ output: temp('people'), ...options });
const namesOf = async (options: Partial<FindPhotosOptions>) =>
  (await find(options)).photos.map(({ path }) => basename(path, '.png'));

test('photos with some and without others, and with nobody; once each, whatever copies there are', async () => {
  await sorted();
  expect(await namesOf({ query: 'Anna' })).toEqual(['a1', 'a2', 'a3', 'ab', 'abc']);
  expect(await namesOf({ query: 'Anna Ben' })).toEqual(['ab', 'abc']);
  // Hidden people are asked for by name all the same.
  expect(await namesOf({ query: 'Anna & Ben & !Carla' })).toEqual(['ab']);
  expect(await namesOf({ query: 'Carla' })).toEqual(['abc', 'c']);
  expect(await namesOf({ query: '!(Anna | Carla)' })).toEqual(['b1', 'b2', 'nobody']);
  expect(await namesOf({ query: 'Anna & !Anna' })).toEqual([]);
  const { photos, problems, undated, placed } = await find({ query: 'Anna & Carla' });
  expect([problems, undated, placed]).toEqual([[], 0, undefined]);
  // Who is hidden is not told.
  expect(photos).toEqual([
    {
      path: temp('photos/abc.png'),
      photo: idOf(temp('photos/abc.png')),
      taken: null,
      people: [1, 2],
      moments: [],
    },
  ]);
});

test('how photos get into a folder is asked for with the folder only', async () => {
  await sorted();
  expect(await rejection(find({ query: 'Anna', files: 'copy' }))).toMatchObject({
    code: 'FACE_INVALID_ARGUMENT',
    argument: 'files',
  });
});

test('it changes nothing, and also works while somebody works on the folder, with what they have decided', async () => {
  await sorted();
  const before = [treeOf(temp('people')), treeOf(temp('people/.data'))];
  await find({ query: 'Anna', to: temp('out') });
  expect([treeOf(temp('people')), treeOf(temp('people/.data'))]).toEqual(before);
  const session = await PeopleSession.open(temp('people'), { engine: inTests });
  await session.decide([{ do: 'name', person: 2, name: 'Bert' }]);
  expect(await namesOf({ query: 'Bert & Anna' })).toEqual(['ab', 'abc']);
  await session.close();
});

test('by days, months and years, by the clock of the camera; photos without a date are counted', async () => {
  const dates: Readonly<Record<string, string>> = {
    'a1.jpg': '2023:12:31 23:59:59',
    'a2.jpg': '2024:07:01 00:00:00',
    'a3.jpg': '2024:07:14 12:00:00',
    'a4.jpg': '2024:08:01 00:00:00',
    'b1.jpg': '2024:07:14 23:59:59',
  };
  const pixels: Cast = {
    'a0.png': [1],
    'a1.png': [1],
    'a2.png': [1],
    'a3.png': [1],
    'a4.png': [1],
    'b1.png': [2],
    'b2.png': [2],
  };
  await drawPhotos(temp('drawn'), pixels);
  mkdirSync(temp('photos'));
  for (const name of Object.keys(pixels)) {
    const taken = dates[name.replace('png', 'jpg')];
    // The offset does not count: who remembers a day, remembers that of the clock.
    const exif = { IFD2: { DateTimeOriginal: taken ?? '', OffsetTimeOriginal: '-11:00' } };
    const photo = sharp(temp('drawn', name)).png();
    await (taken === undefined ? photo : photo.withExif(exif)).toFile(temp('photos', name));
  }
  await sortDrawn({ photos: temp('photos'), output: temp('people') });
  const found = async (options: Partial<FindPhotosOptions>) => {
    const { photos, undated } = await find(options);
    return [photos.map(({ path }) => basename(path, '.png')).join(' '), undated];
  };
  expect(await found({ query: '1', from: '2024' })).toEqual(['a2 a3 a4', 1]);
  expect(await found({ query: '1', until: '2023' })).toEqual(['a1', 1]);
  expect(await found({ query: '1', until: '2024-07' })).toEqual(['a1 a2 a3', 1]);
  expect(await found({ query: '1', from: '2024-07', until: '2024-07' })).toEqual(['a2 a3', 1]);
  expect(await found({ from: '2024-07-14', until: '2024-07-14' })).toEqual(['a3 b1', 2]);
  expect(await found({ query: '1', from: '2024-07-02', until: '2024' })).toEqual(['a3 a4', 1]);
  expect(await found({ query: '1' })).toEqual(['a0 a1 a2 a3 a4', 0]);
  const { photos } = await find({ from: '2024-08' });
  expect(photos).toMatchObject([{ taken: '2024-08-01T00:00:00-11:00' }]);
  for (const [options, argument] of [
    [{ from: '2024-7' }, 'from'],
    [{ from: 'July' }, 'from'],
    [{ until: '2023-02-29' }, 'until'],
    [{ until: '2024-13' }, 'until'],
    [{ from: '2024-08', until: '2024-07-31' }, 'until'],
    [{ query: '' }, 'query'],
    [{ query: 'Dora' }, 'query'],
    [{ files: 'none' as 'copy' }, 'files'],
  ] as const) {
    expect(await rejection(find(options))).toMatchObject({ code: 'FACE_INVALID_ARGUMENT', argument });
  }
});

test('a photo that is gone or was changed is left out, and told, unless a copy is there', async () => {
  await sorted();
  rmSync(temp('photos/a1.png'));
  rmSync(temp('photos/a2.png'));
  copyFileSync(temp('photos/b1.png'), temp('photos/ab.png'));
  rmSync(temp('photos/b2.png'));
  const { photos, problems } = await find({ query: 'Anna', to: temp('out') });
  expect(photos.map(({ path }) => basename(path))).toEqual(['a3.png', 'abc.png', 'copy of a1.png']);
  expect(problems.map(({ path, code }) => [basename(path), code])).toEqual([
    ['a2.png', 'FACE_IMAGE_NOT_FOUND'],
    ['ab.png', 'FACE_IMAGE_CHANGED'],
  ]);
  // Of whoever sorts photos, nobody needs to know of "encode".
  expect(problems[1]).toMatchObject({
    reason: expect.stringMatching(/was changed since it was sorted.* Run "sort" again\.$/),
    remedy: 'Run "sort" again.',
  });
  expect(readdirSync(temp('out')).sort()).toEqual(['a3.png', 'abc.png', 'copy of a1.png']);
});

test.each(['hardlink', 'copy', 'symlink'] as const)(
  'puts them into a folder, and later what is missing there (%s)',
  async (files) => {
    await sorted();
    mkdirSync(temp('out'));
    // Others' files: one with the name of a photo, and a photo with another name.
    writeFileSync(temp('out/A1.PNG'), 'mine');
    copyFileSync(temp('photos/a2.png'), temp('out/my favourite.png'));
    const first = await find({ query: 'Anna', to: temp('out'), files });
    expect(first.placed).toMatchObject({ folder: temp('out'), there: 1, problems: [] });
    expect(first.placed?.placed).toEqual({ hardlink: 0, copy: 0, symlink: 0, [files]: 4 });
    const names = ['A1.PNG', 'a1 (2).png', 'a3.png', 'ab.png', 'abc.png', 'my favourite.png'];
    expect(readdirSync(temp('out')).sort()).toEqual(names);
    expect(readFileSync(temp('out/A1.PNG'), 'utf8')).toBe('mine');
    expect(readFileSync(temp('out/a1 (2).png'))).toEqual(readFileSync(temp('photos/a1.png')));
    const [link, photo] = [lstatSync(temp('out/a3.png')), statSync(temp('photos/a3.png'))];
    expect([link.ino === photo.ino, link.isSymbolicLink()]).toEqual([
      files === 'hardlink',
      files === 'symlink',
    ]);
    if (files !== 'symlink') expect(link.mtimeMs).toBeCloseTo(photo.mtimeMs, 2);

    // A second time there is nothing to do, whatever they are called by then.
    renameSync(temp('out/a3.png'), temp('out/three.png'));
    const second = await find({ query: 'Anna', to: temp('out'), files });
    expect(second.placed).toMatchObject({ there: 5, placed: { hardlink: 0, copy: 0, symlink: 0 } });
    rmSync(temp('out/abc.png'));
    const third = await find({ query: 'Anna | Ben', to: temp('out'), files });
    expect(third.placed).toMatchObject({ there: 4, placed: { [files]: 3 } });
    expect(readdirSync(temp('out')).sort()).toEqual([
      'A1.PNG',
      'a1 (2).png',
      'ab.png',
      'abc.png',
      'b1.png',
      'b2.png',
      'my favourite.png',
      'three.png',
    ]);
  },
);

test('a file of the same size and time is not taken for a photo that it is not', async () => {
  await sorted();
  const { size, atime, mtime } = statSync(temp('photos/a1.png'));
  mkdirSync(temp('out'));
  writeFileSync(temp('out/a1.png'), Buffer.alloc(size));
  utimesSync(temp('out/a1.png'), atime, mtime);
  const { placed } = await find({ query: 'Anna & !Ben', to: temp('out'), files: 'copy' });
  expect(placed).toMatchObject({ there: 0, placed: { copy: 3 } });
  expect(readdirSync(temp('out'))).toContain('a1 (2).png');
});

test('not into the folder of people, where that would mean something', async () => {
  await sorted();
  for (const to of [temp('people'), temp('people/both'), temp('people/Anna (5)')]) {
    expect(await rejection(find({ query: 'Anna', to }))).toMatchObject({ code: 'FACE_IO', path: to });
  }
  expect(existsSync(temp('people/both'))).toBe(false);
  expect(await rejection(findPhotos({ output: temp('nothing'), query: 'Anna' }))).toMatchObject({
    code: 'FACE_IO',
  });
});
