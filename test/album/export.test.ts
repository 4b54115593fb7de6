import {
  copyFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import sharp from 'sharp';
import { type ExportPersonOptions, exportPerson } from '../../src/album/export';
import { readEncodings } from '../../src/encodings/encodings';
import { FaceEngine } from '../../src/engine/engine';
import { arrangePeople } from '../../src/sort/arrange';
import { sortPhotos } from '../../src/sort/sort';
import { PeopleSession } from '../../src/web/session';
import { PORTRAITS, useTempFolder } from '../support/files';
import { treeOf } from '../support/people-folder';
import { rejection } from '../support/photos';
import { filesIn, formsOfEncoding, formsOfName, tracesIn } from '../support/traces';
import { type Cast, drawPhotos, encodingOf, inTests, sortDrawn } from '../web/support';

const temp = useTempFolder();

const CAST: Cast = {
  'ab.png': [1, 2],
  'a1.png': [1],
  'a2.png': [1],
  'a3.png': [1, 0],
  'b1.png': [2],
  'b2.png': [2],
  'c.png': [3],
};

async function sorted(): Promise<void> {
  await drawPhotos(temp('photos'), CAST);
  await sortDrawn({ photos: temp('photos'), output: temp('people'), minPhotos: 1 });
  await arrangePeople({
    output: temp('people'),
    decide: ({ people }) =>
      people.decide([
        { do: 'name', person: 1, name: 'Anna Müller' },
        { do: 'name', person: 2, name: 'Benjamin' },
      ]),
  });
}

const give = (options: Partial<ExportPersonOptions> = {}) =>
  exportPerson({ output: temp('people'), people: 1, to: temp('out'), ...options });

test('copies of all photos of a person, and what is new when it is done again', async () => {
  await sorted();
  const before = [treeOf(temp('people')), treeOf(temp('people/.data'))];
  const summary = await give();
  expect(summary).toMatchObject({
    folder: temp('out'),
    photos: 4,
    placed: { copy: 4, hardlink: 0, symlink: 0 },
    there: 0,
    crops: 0,
    encodings: undefined,
    problems: [],
  });
  expect(readdirSync(temp('out')).sort()).toEqual(['a1.png', 'a2.png', 'a3.png', 'ab.png']);
  expect(statSync(temp('out/a1.png')).nlink).toBe(1);
  expect([treeOf(temp('people')), treeOf(temp('people/.data'))]).toEqual(before);
  rmSync(temp('out/a2.png'));
  // Also while somebody works on the folder.
  const session = await PeopleSession.open(temp('people'), { engine: inTests });
  expect(await give({ people: [1, 2] })).toMatchObject({ photos: 6, placed: { copy: 3 }, there: 3 });
  await session.close();
});

test('faces and encodings of them alone, if so asked; nothing that is known of others, no names, no places on this disk', async () => {
  await sorted();
  const summary = await give({ crops: true, encodings: true });
  expect(summary).toMatchObject({ crops: 4, encodings: temp('out/faces.pickle') });
  const records = await readEncodings(temp('out/faces.pickle'));
  expect(records.map(({ imagePath }) => imagePath)).toEqual(['a1.png', 'a2.png', 'a3.png', 'ab.png']);
  expect(records[0]?.encoding).toEqual(encodingOf(1, 2 * 2));
  // Everything but the photos themselves.
  const others = Object.entries(CAST).flatMap(([, on], i) =>
    on.includes(2) ? [0, 1].flatMap((mirror) => formsOfEncoding(encodingOf(2, 2 * (1 + i) + mirror))) : [],
  );
  const wanted = {
    others,
    names: [...formsOfName('Anna Müller'), ...formsOfName('Benjamin')],
    disk: [Buffer.from(temp())],
  };
  expect(tracesIn(temp('people'), wanted).length).toBeGreaterThan(3);
  expect(tracesIn(temp('out'), wanted)).toEqual([]);
  const faces = readdirSync(temp('out/faces')).sort();
  expect(faces).toEqual([
    'a1.png face 10-10.jpg',
    'a2.png face 10-10.jpg',
    'a3.png face 10-10.jpg',
    'ab.png face 10-10.jpg',
  ]);
  // With a little around it: 60 x 80 pixels, 24 more on each side where there is something.
  expect(await sharp(temp('out/faces/ab.png face 10-10.jpg')).metadata()).toMatchObject({
    width: 94,
    height: 100,
  });

  // Again: what is there stays, whosever it is.
  writeFileSync(temp('out/faces/a1.png face 10-10.jpg'), 'mine');
  rmSync(temp('out/faces/a2.png face 10-10.jpg'));
  const before = filesIn(temp('out'));
  expect(await give({ crops: true, encodings: true })).toMatchObject({ crops: 4, there: 4 });
  const now = filesIn(temp('out'));
  expect(now.get('faces/a1.png face 10-10.jpg')?.toString()).toBe('mine');
  expect(now.has('faces/a2.png face 10-10.jpg')).toBe(true);
  expect(now.get('faces.pickle')).toEqual(before.get('faces.pickle'));
});

test('each face of photos that differ in their endings alone, and of those with long names, is cut out', async () => {
  const long = 'x'.repeat(250);
  await drawPhotos(temp('photos'), { 'a.png': [1], [`${long}.png`]: [1] });
  await sharp(temp('photos/a.png')).webp({ lossless: true }).toFile(temp('photos/a.webp'));
  await sortDrawn({ photos: temp('photos'), output: temp('people'), minPhotos: 1 });
  expect(await give({ crops: true })).toMatchObject({ photos: 3, crops: 3, problems: [] });
  const shortened = `${'x'.repeat(125)} face 10-10.jpg`;
  expect(readdirSync(temp('out/faces')).sort()).toEqual([
    'a.png face 10-10.jpg',
    'a.webp face 10-10.jpg',
    shortened,
  ]);
  expect(await give({ crops: true })).toMatchObject({ there: 3, crops: 3 });
});

test('what others have put there is not replaced', async () => {
  await sorted();
  await give();
  copyFileSync(temp('people/.data/faces.pickle'), temp('out/faces.pickle'));
  const theirs = readFileSync(temp('out/faces.pickle'));
  expect(await rejection(give({ encodings: true }))).toMatchObject({
    code: 'FACE_IO',
    path: temp('out/faces.pickle'),
  });
  expect(readFileSync(temp('out/faces.pickle'))).toEqual(theirs);
});

test('nobody, nowhere: nothing is made', async () => {
  await sorted();
  expect(await rejection(give({ people: 9 }))).toMatchObject({
    code: 'FACE_INVALID_ARGUMENT',
    argument: 'people[0]',
  });
  expect(await rejection(give({ people: [1, 1.5] }))).toMatchObject({ argument: 'people[1]' });
  expect(await rejection(give({ to: temp('people/Anna') }))).toMatchObject({ code: 'FACE_IO' });
  expect(await rejection(give({ output: temp('out') }))).toMatchObject({ code: 'FACE_IO' });
  expect(existsSync(temp('out'))).toBe(false);
});

test('photos that are gone are told, and the others are there', async () => {
  await sorted();
  rmSync(temp('photos/a1.png'));
  const { photos, problems } = await give({ crops: true });
  expect(photos).toBe(3);
  expect(problems.map(({ path, code }) => [basename(path), code])).toEqual([
    ['a1.png', 'FACE_IMAGE_NOT_FOUND'],
  ]);
});

test('a face that was cut out is found again, and is that person', async () => {
  await sortPhotos({ photos: PORTRAITS, output: temp('people'), method: 'hog' });
  const { crops, photos } = await give({ crops: true, encodings: true });
  expect([crops, photos]).toEqual([14, 14]);
  using engine = new FaceEngine();
  const encodings = new Map(
    (await readEncodings(temp('out/faces.pickle'))).map((one) => [one.imagePath, one.encoding]),
  );
  let found = 0;
  for (const name of readdirSync(temp('out/faces'))) {
    const [face, other] = await engine.detectAndEncode(join(temp('out/faces'), name), { method: 'hog' });
    expect(other).toBeUndefined();
    const photo = [...encodings.keys()].find((path) => name.startsWith(`${path} face `));
    const there = encodings.get(photo as string) as Float64Array;
    if (face && Math.hypot(...face.encoding.map((value, i) => value - (there[i] as number))) < 0.3) found++;
  }
  expect(found).toBeGreaterThanOrEqual(13);
});
