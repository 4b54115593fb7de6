import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import sharp from 'sharp';
import { FaceError } from '../../src/base/errors';
import { PhotoEncoder } from '../../src/encode/encode-photo';
import { readEncodings } from '../../src/encodings/encodings';
import type { OpenedImage } from '../../src/photos/decode';
import { sortPhotos } from '../../src/sort/sort';
import { useEncodeRuns } from '../support/encode-runs';
import { samplePhoto, useTempFolder } from '../support/files';
import { DAMAGED_JPEG, rawPhoto } from '../support/raw';

/* Photos that are there as a raw one and a JPEG, of which the JPEG is damaged. The engine is a stand-in: a picture is told by its width. */
const temp = useTempFolder();
const { encodings, inPhotos, addPhoto, run } = useEncodeRuns(temp);

const pictures = new Map<number, Buffer>();
beforeAll(async () => {
  for (const width of [300, 400]) {
    pictures.set(width, await sharp(samplePhoto('sample1.jpg')).resize(width).jpeg().toBuffer());
  }
});
const picture = (width: number) => pictures.get(width) as Buffer;
/** As of long ago: what is known of a file that has just been written is not believed. */
function put(name: string, bytes: Buffer): void {
  mkdirSync(temp('photos'), { recursive: true });
  writeFileSync(inPhotos(name), bytes);
  utimesSync(inPhotos(name), 1e9, 1e9);
}
const paths = async () => (await readEncodings(encodings())).map(({ imagePath }) => imagePath);

test('the raw photo is taken where its JPEG is damaged, as if there were no JPEG', async () => {
  addPhoto('a.bmp', 1);
  addPhoto('x.jpg.bmp', 2);
  put('X.JPG', DAMAGED_JPEG);
  put('x.nef', rawPhoto(picture(300)));
  put('y.jpg', picture(400));
  put('y.nef', rawPhoto(picture(300)));
  const problems: unknown[] = [];
  const told: (string | undefined)[] = [];
  const first = await run({
    strict: true,
    onProblem: (problem) => problems.push(problem),
    onProgress: ({ photo, done, total }) => told.push(`${photo} ${done}/${total}`),
  });
  expect(first).toMatchObject({ photos: 4, photosFailed: 0, problems: [], worked: [1, 2, 300, 400] });
  expect(first.leftOut.rawBesideJpeg).toBe(1);
  expect(await paths()).toEqual(['a.bmp', 'x.jpg.bmp', 'x.nef', 'y.jpg'].map(inPhotos));
  expect(problems).toEqual([]);
  expect(told.at(-1)).toBe(`${inPhotos('x.nef')} 4/4`);
  // What is in this raw photo is small, which is another matter.
  const [small, instead] = first.warnings;
  expect(small?.reason).toContain('Only a small picture');
  expect(instead).toEqual({
    path: inPhotos('x.nef'),
    reason: `The photo "${inPhotos('X.JPG')}" can't be decoded: the file is cut off, as after a broken download or copy. The raw photo "${inPhotos('x.nef')}" was taken instead.`,
    insteadOf: inPhotos('X.JPG'),
  });

  // Nothing is to be done again, and nothing of before is gone.
  const again = await run();
  expect(again).toMatchObject({ photosKnown: 4, photosGone: 0, worked: [], warnings: first.warnings });
  expect(again.bytes.equals(first.bytes)).toBe(true);
  const without = await run({ exclude: 'X.JPG' });
  expect(without.worked).toEqual([]);
  expect(without.bytes.equals(first.bytes)).toBe(true);

  // Once the JPEG is whole, it is the photo.
  put('X.JPG', picture(400));
  const mended = await run();
  expect(mended).toMatchObject({ photos: 4, photosGone: 0, worked: [], warnings: [] });
  expect(await paths()).toEqual(['X.JPG', 'a.bmp', 'x.jpg.bmp', 'y.jpg'].map(inPhotos));
});

test('one shot counts once, whatever there is of it', async () => {
  addPhoto('a.bmp', 1);
  put('x.jpg', DAMAGED_JPEG);
  put('x.heic', Buffer.from('damaged'));
  put('x.cr2', rawPhoto(picture(300)));
  put('x.nef', rawPhoto(picture(400)));
  put('y.jpg', DAMAGED_JPEG);
  put('y.jpeg', picture(400));
  put('y.nef', rawPhoto(picture(300)));
  const { worked, problems, photos } = await run();
  expect([photos, worked]).toEqual([5, [1, 300, 400]]);
  expect(await paths()).toEqual(['a.bmp', 'x.cr2', 'y.jpeg'].map(inPhotos));
  expect(problems.map(({ path }) => path)).toEqual(['x.jpg', 'y.jpg'].map(inPhotos));
});

test('where both are damaged, both are told, as one photo', async () => {
  addPhoto('a.bmp', 1);
  put('x.jpg', DAMAGED_JPEG);
  put('x.nef', Buffer.from('II*\0neither'));
  for (const _ of ['first', 'again']) {
    const { photosFailed, problems, warnings, leftOut } = await run();
    expect([photosFailed, warnings, leftOut.rawBesideJpeg]).toEqual([1, [], 1]);
    expect(problems).toMatchObject([{ path: inPhotos('x.jpg'), code: 'FACE_IMAGE_DECODE' }]);
    expect(problems[0]?.reason).toContain(`The photo "${inPhotos('x.nef')}" can't be decoded`);
  }
});

test('of two raw photos the second is taken where the first is damaged, too', async () => {
  addPhoto('a.bmp', 1);
  put('x.jpg', DAMAGED_JPEG);
  put('x.cr2', Buffer.from('II*\0neither'));
  put('x.nef', rawPhoto(picture(300)));
  put('y.jpg', DAMAGED_JPEG);
  put('y.cr2', Buffer.from('II*\0nor'));
  put('y.dng', Buffer.from('II*\0this'));
  for (const worked of [[1, 300], []]) {
    const outcome = await run();
    expect(outcome).toMatchObject({ photos: 3, photosFailed: 1, photosGone: 0, worked });
    expect(await paths()).toEqual(['a.bmp', 'x.nef'].map(inPhotos));
    const instead = outcome.warnings.find(({ insteadOf }) => insteadOf !== undefined);
    expect(instead).toMatchObject({ path: inPhotos('x.nef'), insteadOf: inPhotos('x.jpg') });
    expect(instead?.reason).toMatch(
      /x\.jpg" can't be decoded.*x\.cr2" can't be decoded.*x\.nef" was taken instead\.$/,
    );
    expect(outcome.problems).toMatchObject([{ path: inPhotos('y.jpg') }]);
    expect(outcome.problems[0]?.reason).toMatch(/y\.jpg" can't be .*y\.cr2" can't be .*y\.dng" can't be /);
  }
});

test('a raw photo that may be better the next time is not passed over', async () => {
  addPhoto('a.bmp', 1);
  put('x.jpg', DAMAGED_JPEG);
  put('x.cr2', rawPhoto(picture(400)));
  put('x.nef', rawPhoto(picture(300)));
  const engine = async ({ width }: { readonly width: number }) => {
    if (width === 400) throw new FaceError('FACE_OUT_OF_MEMORY', 'There is no memory for it.');
    return [];
  };
  const { problems, warnings } = await run({
    engine: {
      jobs: 2,
      detectAndEncode: async (image) => engine(await (image as OpenedImage).decode()),
    },
  });
  expect(warnings).toEqual([]);
  expect(problems).toMatchObject([{ path: inPhotos('x.jpg') }]);
  expect(problems[0]?.reason).toContain('There is no memory for it.');
});

test('what may be better the next time makes nothing another photo', async () => {
  addPhoto('a.bmp', 1);
  put('x.jpg', picture(400));
  put('x.nef', rawPhoto(picture(300)));
  const { problems, warnings } = await run({ maxPixels: 1000 });
  expect(problems).toMatchObject([{ path: inPhotos('x.jpg'), code: 'FACE_IMAGE_TOO_LARGE' }]);
  expect(warnings).toEqual([]);
});

test('where others look at photos, the raw one is looked at here', async () => {
  addPhoto('a.bmp', 1);
  put('x.jpg', DAMAGED_JPEG);
  put('x.nef', rawPhoto(picture(300)));
  const seen: string[] = [];
  const { photos } = await run({
    work: (options) => ({
      encodeAll: (source, how, onOutcome) =>
        new PhotoEncoder(options).encodeAll(source, how, (photo, outcome) => {
          seen.push(photo.path);
          onOutcome(photo, outcome);
        }),
    }),
  });
  expect([photos, seen.sort()]).toEqual([2, ['a.bmp', 'x.jpg'].map(inPhotos)]);
  expect(await paths()).toEqual(['a.bmp', 'x.nef'].map(inPhotos));
});

test('sort has the raw one in the folder, and knows it again', async () => {
  put('x.jpg', DAMAGED_JPEG);
  put('x.nef', rawPhoto(picture(300)));
  const face = {
    box: { top: 10, right: 60, bottom: 60, left: 10 },
    score: 1,
    encoding: new Float64Array(128).fill(0.1),
    mirrored: new Float64Array(128).fill(0.1),
  };
  const sort = () =>
    sortPhotos({
      photos: temp('photos'),
      output: temp('people'),
      minPhotos: 1,
      engine: { jobs: 1, detectAndEncode: async () => [face] },
    });
  const first = await sort();
  expect(first.people.map(({ photos }) => photos)).toEqual([1]);
  expect(first.problems).toEqual([]);
  expect(await sort()).toMatchObject({ people: [{ id: first.people[0]?.id }], encode: { photosKnown: 1 } });
});
