import { copyFileSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import sharp from 'sharp';
import { faceId } from '../../src/base/ids';
import type { Box, FaceRecord } from '../../src/base/types';
import { clusterFaces } from '../../src/cluster';
import { encodeFaces } from '../../src/encode/encode';
import type { OpenedImage } from '../../src/photos/decode';
import type { FaceData } from '../../src/result/export/clusters-data';
import { sha256 } from '../../src/system/sha256';
import { clustersSchemaErrors } from '../support/clusters-schema';
import { face, facesOf, useCollection } from '../support/collection';
import { samplePhoto, useTempFolder } from '../support/files';

const temp = useTempFolder();
const { cluster, inResult, keepJournal, photo, photos, readData } = useCollection(temp);
const idOf = (path: string) => sha256(readFileSync(path));

/** No pictures but that of the face in the middle. */
const HARDLY_DRAWN = {
  gallery: false,
  montage: { columns: 1, rows: 1, order: 'representative' },
} as const;

/** Faces of one person; the first is the one in the middle. */
const person = (paths: readonly string[]): FaceRecord[] =>
  paths.map((path, i) => {
    const record = face(path, 0);
    record.encoding[127] = 0.001 * i * (-1) ** i;
    return record;
  });

describe('what encode knows of a photo', () => {
  const box: Box = { top: 2, right: 12, bottom: 12, left: 2 };

  beforeEach(async () => {
    photo('1.jpg');
    await sharp({ create: { width: 40, height: 20, channels: 3, background: '#888' } })
      .withExif({ IFD2: { DateTimeOriginal: '2019:07:14 15:30:12', OffsetTimeOriginal: '+02:00' } })
      .withMetadata({ orientation: 6 })
      .jpeg()
      .toFile(temp('photos', '2.jpg'));
    copyFileSync(temp('photos', '2.jpg'), temp('photos', '3.jpg'));
    await encodeFaces({
      dataset: temp('photos'),
      encodings: temp('faces.pickle'),
      engine: {
        jobs: 1,
        detectAndEncode: async (image) => {
          const { width } = await (image as OpenedImage).decode();
          return [{ box, score: 1, encoding: new Float64Array(128).fill(width / 1e6, 0, 1) }];
        },
      },
    });
  });

  const clusterAs = (options: object) =>
    clusterFaces({ encodings: temp('faces.pickle'), output: inResult(), minSamples: 1, ...options });

  test.each([
    ['without a gallery, for photos that are not drawn', HARDLY_DRAWN],
    ['with a gallery', {}],
  ])('is in clusters.json %s', async (_, options) => {
    await clusterAs(options);
    expect(clustersSchemaErrors(readData())).toEqual([]);
    const id = idOf(temp('photos', '2.jpg'));
    const facts = {
      id: faceId(id, box),
      photoId: id,
      photoWidth: 20,
      photoHeight: 40,
      photoOrientation: 6,
      photoTaken: '2019-07-14T15:30:12+02:00',
    };
    const { width, height } = await sharp(temp('photos', '1.jpg')).metadata();
    expect(facesOf(readData())).toMatchObject([
      { photoWidth: width, photoHeight: height, photoOrientation: 1 },
      facts,
      facts,
    ]);
  });

  test('outlasts a photo that is gone or was moved', async () => {
    await clusterAs(HARDLY_DRAWN);
    const before = facesOf(readData());
    rmSync(temp('photos', '1.jpg'));
    renameSync(temp('photos'), temp('moved'));
    await clusterAs({ ...HARDLY_DRAWN, photos: temp('moved') });
    const known = ({ id, photoId, photoWidth, photoOrientation, photoTaken }: FaceData) => {
      return { id, photoId, photoWidth, photoOrientation, photoTaken };
    };
    expect(facesOf(readData()).map(known)).toEqual(before.map(known));
  });
});

describe('without a journal, as with a file of the Python project', () => {
  test.each([HARDLY_DRAWN, {}])('the photos that are found have ids: %p', async (options) => {
    const records = person(photos('a', 6));
    rmSync(records[5]?.imagePath as string);
    await cluster(records, options);
    const ids = records.slice(0, 5).map(({ imagePath }) => idOf(imagePath));
    const faces = facesOf(readData());
    expect(faces.map(({ photoId }) => photoId)).toEqual([...ids, null]);
    expect(faces.map(({ id }) => id)).toEqual([...ids.map((id) => faceId(id, records[0]?.loc as Box)), null]);
    expect(clustersSchemaErrors(readData())).toEqual([]);
  });

  test('sizes are those of the photos that are drawn', async () => {
    const records = person(photos('a', 5));
    await cluster(records, HARDLY_DRAWN);
    const drawn = facesOf(readData()).map(({ photoWidth, photoOrientation }) => [
      photoWidth !== null,
      photoOrientation,
    ]);
    expect(drawn.filter(([known]) => known)).toEqual([[true, 1]]);
  });

  test('pictures of an earlier version, which noted less, are still used', async () => {
    const records = person(photos('a', 5));
    await cluster(records);
    const before = facesOf(readData());
    const index = JSON.parse(readFileSync(inResult('.cache', 'photos.json'), 'utf8'));
    for (const entry of Object.values<Record<string, unknown>>(index.photos)) {
      delete entry.orientation;
      delete entry.taken;
    }
    writeFileSync(inResult('.cache', 'photos.json'), JSON.stringify(index));
    await cluster(records);
    expect(facesOf(readData())).toEqual(
      before.map((face) => ({ ...face, photoOrientation: null, photoTaken: null })),
    );
    expect(clustersSchemaErrors(readData())).toEqual([]);
  });
});

test('a journal of an earlier version gives ids, and sizes where photos are drawn, not those that it may have got wrong', async () => {
  const records = person(photos('a', 5));
  // 1000 x 1000 pixels, which none of them has.
  await keepJournal(records);
  await cluster(records, HARDLY_DRAWN);
  const sizes = facesOf(readData()).map(({ photoWidth }) => photoWidth);
  expect(sizes.filter((width) => width !== null)).toHaveLength(1);
  expect(sizes).not.toContain(1000);
  expect(facesOf(readData()).map(({ photoId }) => photoId)).toEqual(
    records.map(({ imagePath }) => idOf(imagePath)),
  );
});

test('a photo that was changed since keeps the id that its faces were found under, and nothing is said of the new one', async () => {
  const records = person(photos('a', 5));
  await keepJournal(records);
  await cluster(records);
  const before = facesOf(readData()).map(({ id, photoId }) => [id, photoId]);
  writeFileSync(records[1]?.imagePath as string, readFileSync(samplePhoto('sample6.jpg')));
  await cluster(records);
  expect(facesOf(readData()).map(({ id, photoId }) => [id, photoId])).toEqual(before);
  expect(facesOf(readData())[1]).toMatchObject({ photoWidth: null, photoOrientation: null });
});

test.each([HARDLY_DRAWN, {}])(
  'a photo whose faces were found before and after it was tagged has the id of the last time: %p',
  async (options) => {
    const records = person(photos('a', 5));
    await keepJournal(records);
    const tagged = records[3]?.imagePath as string;
    writeFileSync(tagged, Buffer.concat([readFileSync(tagged), Buffer.from('tag')]));
    await keepJournal(records);
    await cluster(records, options);
    expect(facesOf(readData())[3]?.photoId).toBe(idOf(tagged));
  },
);
