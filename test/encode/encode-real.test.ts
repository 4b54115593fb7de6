import { copyFileSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeFaces } from '../../src/encode/encode';
import { readJournalFaces } from '../../src/encode/journal/faces';
import { readEncodings } from '../../src/encodings/encodings';
import { FaceEngine } from '../../src/engine/engine';
import { PORTRAITS, samplePhoto, useTempFolder } from '../support/files';

const temp = useTempFolder();

function addPhotos(): void {
  mkdirSync(join(temp(), 'photos'));
  for (const name of ['audrey_crop.jpg', 'franck_02221.jpg', 'franck_02888.jpg', 'icon_sad.png']) {
    copyFileSync(join(PORTRAITS, name), join(temp(), 'photos', name));
  }
  copyFileSync(samplePhoto('sample1.jpg'), join(temp(), 'photos', 'sample1.jpg'));
}

test('the file is the same, byte for byte, however many photos are worked on at once', async () => {
  addPhotos();
  const bytes = [];
  for (const jobs of [1, 3]) {
    const encodings = join(temp(), `${jobs}.pickle`);
    const summary = await encodeFaces({ dataset: join(temp(), 'photos'), encodings, method: 'hog', jobs });
    expect(summary).toMatchObject({ photos: 5, photosFailed: 0 });
    expect(summary.faces).toBeGreaterThanOrEqual(4);
    bytes.push(readFileSync(encodings));
  }
  expect(bytes[0]?.equals(bytes[1] as Buffer)).toBe(true);
});

test('mirror: the file is the same, byte for byte, and what is measured later is what is measured at once', async () => {
  addPhotos();
  const inTemp = (name: string) => join(temp(), name);
  const engine = new FaceEngine({ jobs: 2 });
  const detect = jest.spyOn(engine, 'detectAndEncode');
  const encode = (encodings: string, mirror: boolean) =>
    encodeFaces({ dataset: inTemp('photos'), encodings: inTemp(encodings), method: 'hog', engine, mirror });
  await encode('plain.pickle', false);
  await encode('mirror.pickle', true);
  const detected = detect.mock.calls.length;
  const later = await encode('plain.pickle', true);
  expect(detect).toHaveBeenCalledTimes(detected);
  expect(later).toMatchObject({ photos: 5, photosMeasured: later.photos - later.photosWithoutFace });
  expect(readFileSync(inTemp('plain.pickle')).equals(readFileSync(inTemp('mirror.pickle')))).toBe(true);

  const faces = await Promise.all(
    ['plain.pickle', 'mirror.pickle'].map(async (name) => {
      const records = await readEncodings(inTemp(name));
      return (await readJournalFaces(inTemp(name), records, undefined))?.faces;
    }),
  );
  expect(faces[0]).toEqual(faces[1]);
  for (const face of faces[0] ?? []) {
    expect(face?.mirrored).toHaveLength(128);
    expect(face?.sharpness).toBeGreaterThan(0);
    expect(face?.confirmed !== undefined).toBe((face?.score as number) < 0.7);
  }
  engine.dispose();
});

test('an engine that was passed in is used and stays usable', async () => {
  addPhotos();
  const engine = new FaceEngine({ jobs: 2 });
  const encodings = join(temp(), 'faces.pickle');
  await encodeFaces({ dataset: join(temp(), 'photos'), encodings, method: 'hog', engine });
  const alone = await engine.detectAndEncode(join(temp(), 'photos', 'audrey_crop.jpg'), { method: 'hog' });
  const [record] = await readEncodings(encodings);
  expect(record?.imagePath).toBe(join(temp(), 'photos', 'audrey_crop.jpg'));
  expect(record?.loc).toEqual(alone[0]?.box);
  expect([...(record?.encoding ?? [])]).toEqual([...(alone[0]?.encoding ?? [])]);
  engine.dispose();
});
