import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FaceEngine } from '../../src/engine/engine';
import {
  type RecognizedPhoto,
  type RecognizePhotosOptions,
  recognizePhotos,
} from '../../src/recognize/recognize';
import { PORTRAITS, samplePhoto, useTempFolder } from '../support/files';
import { rejection } from '../support/photos';
import { DAMAGED_JPEG, rawPhoto } from '../support/raw';

const temp = useTempFolder();
let engine: FaceEngine;
beforeAll(() => {
  engine = new FaceEngine();
});
afterAll(() => engine.dispose());

const portrait = (name: string) => join(PORTRAITS, name);

beforeEach(() => {
  mkdirSync(temp('known', 'Franck'), { recursive: true });
  mkdirSync(temp('photos'));
});

async function recognize(options: Partial<RecognizePhotosOptions> = {}) {
  const photos: RecognizedPhoto[] = [];
  const summary = await recognizePhotos({
    known: temp('known'),
    photos: temp('photos'),
    engine,
    onPhoto: (photo) => photos.push(photo),
    ...options,
  });
  const names = photos.map(({ path, faces }) => [
    path.slice(temp('photos').length + 1),
    ...faces.map(({ name }) => name),
  ]);
  return { summary, photos, names };
}

test('who is on photos, in the order of their names, by several photos of one and one of another', async () => {
  for (const n of ['01829', '02045', '02159']) {
    copyFileSync(portrait(`franck_${n}.jpg`), temp('known', 'Franck', `${n}.jpg`));
  }
  copyFileSync(portrait('audrey.jpg'), temp('known', 'Audrey.jpg'));
  copyFileSync(samplePhoto('sample2.jpg'), temp('photos', 'a.jpg'));
  copyFileSync(portrait('franck_04117.jpg'), temp('photos', 'b.jpg'));
  copyFileSync(portrait('audrey.jpg'), temp('photos', 'c.jpg'));
  copyFileSync(portrait('icon_sad.png'), temp('photos', 'd.png'));
  const { summary, photos, names } = await recognize({ jobs: 2 });
  expect(names).toEqual([['a.jpg', undefined], ['b.jpg', 'Franck'], ['c.jpg', 'Audrey'], ['d.png']]);
  expect(photos[2]?.faces[0]).toMatchObject({ distance: 0, nearest: 'Audrey', second: { name: 'Franck' } });
  expect(summary).toMatchObject({
    known: [
      { name: 'Audrey', photos: 1 },
      { name: 'Franck', photos: 3 },
    ],
    photos: 4,
    faces: 3,
    recognized: 2,
    problems: [],
  });
});

test('a photo of many faces, or none, knows nobody; nor does one that can not be read: the others do', async () => {
  copyFileSync(portrait('franck_01829.jpg'), temp('known', 'Franck', '1.jpg'));
  copyFileSync(samplePhoto('sample1.jpg'), temp('known', 'Crowd.jpg'));
  copyFileSync(portrait('icon_sad.png'), temp('known', 'Nobody.png'));
  writeFileSync(temp('known', 'Text.jpg'), 'no photo');
  writeFileSync(temp('photos', 'text.jpg'), 'no photo');
  copyFileSync(portrait('franck_04117.jpg'), temp('photos', 'photo.jpg'));
  const told: string[] = [];
  const { summary, names } = await recognize({ onProblem: ({ path }) => told.push(path) });
  expect(names).toEqual([['photo.jpg', 'Franck']]);
  expect(new Map(summary.problems.map(({ path, code }) => [path, code]))).toEqual(
    new Map([
      [temp('known', 'Text.jpg'), 'FACE_IMAGE_DECODE'],
      [temp('known', 'Crowd.jpg'), 'FACE_KNOWN_PHOTO'],
      [temp('known', 'Nobody.png'), 'FACE_KNOWN_PHOTO'],
      [temp('photos', 'text.jpg'), 'FACE_IMAGE_DECODE'],
    ]),
  );
  expect(told).toEqual(summary.problems.map(({ path }) => path));
});

test('the raw photo is looked at where its JPEG is damaged, of people who are known, too', async () => {
  writeFileSync(temp('known', 'Franck', '1.jpg'), DAMAGED_JPEG);
  writeFileSync(temp('known', 'Franck', '1.NEF'), rawPhoto(readFileSync(portrait('franck_01829.jpg'))));
  copyFileSync(portrait('audrey.jpg'), temp('known', 'Audrey.jpg'));
  writeFileSync(temp('known', 'Audrey.nef'), 'not looked at');
  for (const name of ['b.HEIC', 'b.jpg']) writeFileSync(temp('photos', name), DAMAGED_JPEG);
  writeFileSync(temp('photos', 'b.cr2'), 'II*\0damaged');
  writeFileSync(temp('photos', 'b.dng'), rawPhoto(readFileSync(portrait('franck_04117.jpg'))));
  copyFileSync(portrait('audrey.jpg'), temp('photos', 'a.jpg'));
  copyFileSync(portrait('audrey.jpg'), temp('photos', 'c.jpg'));
  writeFileSync(temp('photos', 'd.jpg'), DAMAGED_JPEG);
  copyFileSync(portrait('audrey.jpg'), temp('photos', 'd.heic'));
  writeFileSync(temp('photos', 'd.nef'), 'not looked at');
  writeFileSync(temp('photos', 'e.jpg'), DAMAGED_JPEG);
  writeFileSync(temp('photos', 'e.nef'), 'II*\0damaged');
  const done: string[] = [];
  const { summary, names } = await recognize({
    onProgress: ({ phase, done: count, total }) => done.push(`${phase} ${count}/${total}`),
  });
  expect(names).toEqual([
    ['a.jpg', 'Audrey'],
    ['b.dng', 'Franck'],
    ['c.jpg', 'Audrey'],
    ['d.heic', 'Audrey'],
  ]);
  expect(summary.known).toEqual([
    { name: 'Audrey', photos: 1 },
    { name: 'Franck', photos: 1 },
  ]);
  expect(summary.warnings.map(({ path, insteadOf }) => [path, insteadOf])).toEqual([
    [temp('known', 'Franck', '1.NEF'), temp('known', 'Franck', '1.jpg')],
    [temp('photos', 'b.dng'), temp('photos', 'b.HEIC')],
  ]);
  expect(summary.problems.map(({ path }) => path).sort()).toEqual(
    ['b.jpg', 'd.jpg', 'e.jpg'].map((name) => temp('photos', name)),
  );
  expect(summary.problems.find(({ path }) => path.endsWith('e.jpg'))?.reason).toMatch(/e\.jpg".*e\.nef"/);
  expect(done.filter((line) => line.startsWith('recognize')).at(-1)).toBe('recognize 7/7');
  expect(summary.photos).toBe(7);
});

test('photos that are cut off are used as far as they go, and named, those of people who are known first', async () => {
  const half = (name: string) => {
    const bytes = readFileSync(portrait(name));
    return bytes.subarray(0, Math.floor(bytes.length * 0.9));
  };
  writeFileSync(temp('known', 'Franck', '1.jpg'), half('franck_01829.jpg'));
  writeFileSync(temp('photos', 'b.jpg'), half('franck_04117.jpg'));
  copyFileSync(portrait('audrey.jpg'), temp('photos', 'a.jpg'));
  // A stand-in, as somebody may give, is asked in the same way.
  for (const by of [engine, { jobs: 1, detectAndEncode: engine.detectAndEncode.bind(engine) }]) {
    const { summary, names } = await recognize({ engine: by });
    expect(names).toEqual([
      ['a.jpg', undefined],
      ['b.jpg', 'Franck'],
    ]);
    expect(summary.problems).toEqual([]);
    expect(summary.warnings).toEqual(
      [temp('known', 'Franck', '1.jpg'), temp('photos', 'b.jpg')].map((path) => ({
        path,
        reason: `"${path}": Only part of the photo could be decoded: the file is cut off, as after a broken download or copy.`,
      })),
    );
  }
});

test('nobody known, no photos, nothing there, and wrong options are errors', async () => {
  copyFileSync(portrait('franck_04117.jpg'), temp('photos', 'photo.jpg'));
  expect(await rejection(recognize())).toMatchObject({ code: 'FACE_NO_IMAGES', path: temp('known') });
  copyFileSync(samplePhoto('sample1.jpg'), temp('known', 'Crowd.jpg'));
  expect((await rejection(recognize())).message).toMatch(/Crowd\.jpg/);
  mkdirSync(temp('empty'));
  expect(await rejection(recognize({ photos: temp('empty') }))).toMatchObject({ code: 'FACE_NO_IMAGES' });
  expect(await rejection(recognize({ known: temp('no') }))).toMatchObject({ code: 'FACE_IO' });
  for (const wrong of [
    { tolerance: -1 },
    { margin: -1 },
    { detectSize: 5 },
    { known: '' },
    { thresold: 1 },
  ]) {
    expect(await rejection(recognize(wrong as object))).toMatchObject({
      code: 'FACE_INVALID_ARGUMENT',
      argument: Object.keys(wrong)[0],
    });
  }
});

test('stops when it is told to, and what onPhoto throws ends it', async () => {
  copyFileSync(portrait('franck_01829.jpg'), temp('known', 'Franck', '1.jpg'));
  for (const n of [1, 2, 3]) copyFileSync(portrait('franck_04117.jpg'), temp('photos', `${n}.jpg`));
  const stop = new AbortController();
  const stopped = recognize({ signal: stop.signal, onPhoto: () => stop.abort() });
  expect(await rejection(stopped)).toMatchObject({ code: 'FACE_ABORTED' });
  const thrown = new Error('enough');
  const onPhoto = () => {
    throw thrown;
  };
  expect(await rejection(recognize({ onPhoto }))).toBe(thrown);
});
