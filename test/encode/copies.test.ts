import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import sharp from 'sharp';
import { findPhotoCopies } from '../../src/encode/copies';
import { decodeLine, encodeLine } from '../../src/encode/journal/lines';
import { sortPhotos } from '../../src/sort/sort';
import { useEncodeRuns } from '../support/encode-runs';
import { samplePhoto, useTempFolder } from '../support/files';
import { rejection } from '../support/photos';
import { RAW_KINDS } from '../support/raw';

const temp = useTempFolder();
const { encodings, inPhotos, run } = useEncodeRuns(temp);

let jpeg: Buffer;
beforeAll(async () => {
  jpeg = await sharp(samplePhoto('sample1.jpg')).resize(400).jpeg().toBuffer();
});

async function makePhotos(): Promise<void> {
  mkdirSync(temp('photos', 'sub'), { recursive: true });
  const files: Record<string, Buffer> = {
    'a.jpg': await sharp(jpeg).resize(200).jpeg().toBuffer(),
    'b.jpg': jpeg,
    'sub/b again.jpg': jpeg,
    'sub/c.webp': await sharp(jpeg).webp().toBuffer(),
    'd.jpg': await sharp(samplePhoto('sample2.jpg')).resize(400).jpeg().toBuffer(),
  };
  // The same bytes, and nothing else like it: one photo, not a picture that is there in several sizes.
  files['e.jpg'] = files['d.jpg'] as Buffer;
  for (const [name, bytes] of Object.entries(files)) writeFileSync(inPhotos(name), bytes);
}

test('copies in other sizes and formats are told, the largest first, with all their paths; none is left out', async () => {
  await makePhotos();
  const { copies, photos, worked } = await run();
  const paths = ['b.jpg', 'sub/b again.jpg', 'sub/c.webp', 'a.jpg'].map(inPhotos);
  expect(copies).toEqual([paths]);
  expect([photos, worked]).toEqual([6, [200, 400, 400, 400]]);
  // Without looking at any photo again.
  expect((await run()).copies).toEqual([paths]);
  expect(await findPhotoCopies({ encodings: encodings() })).toEqual([paths]);
  rmSync(inPhotos('sub/c.webp'));
  expect(await findPhotoCopies({ encodings: encodings() })).toEqual([
    paths.filter((path) => !/webp$/.test(path)),
  ]);
});

test('photos that a version without hashes has looked at are not looked at again, and are copies of none', async () => {
  await makePhotos();
  const { bytes, journal } = await run();
  const lines = readFileSync(journal).toString('latin1').split('\n').slice(0, -1);
  const before = lines.map((line) => {
    const record = decodeLine(Buffer.from(line, 'latin1')) as { result?: { hash?: string } };
    delete record.result?.hash;
    return encodeLine(record);
  });
  writeFileSync(journal, Buffer.concat(before));
  const again = await run();
  expect([again.worked, again.copies]).toEqual([[], []]);
  expect(again.bytes.equals(bytes)).toBe(true);
});

test('without a journal there is an error, not a word that there are none', async () => {
  expect(await rejection(findPhotoCopies({ encodings: encodings() }))).toMatchObject({ code: 'FACE_IO' });
});

test('a raw photo beside its JPEG: sort remembers what it was told of them', async () => {
  mkdirSync(temp('photos'));
  const parts = { jpeg, thumbnail: jpeg, orientation: 1, taken: '2019:07:14 15:30:12' };
  writeFileSync(inPhotos('x.nef'), RAW_KINDS['Nikon NEF']?.(parts) as Buffer);
  writeFileSync(inPhotos('X.JPG'), jpeg);
  const engine = { jobs: 1, detectAndEncode: async () => [] };
  const sort = async (options: { rawAndJpeg?: 'one' | 'both' } = {}) => {
    const { encode } = await sortPhotos({
      photos: temp('photos'),
      output: temp('people'),
      engine,
      ...options,
    });
    return [encode.photos, encode.leftOut.rawBesideJpeg];
  };
  expect(await sort()).toEqual([1, 1]);
  expect(await sort({ rawAndJpeg: 'both' })).toEqual([2, 0]);
  expect(await sort()).toEqual([2, 0]);
  expect(await sort({ rawAndJpeg: 'one' })).toEqual([1, 1]);
  // As a version that knew no raw photos has left it.
  const settings = temp('people', '.data', 'sort.json');
  const { rawAndJpeg: _, ...older } = JSON.parse(readFileSync(settings, 'utf8'));
  writeFileSync(settings, JSON.stringify(older));
  expect(await sort()).toEqual([1, 1]);
});
