import { join } from 'node:path';
import sharp from 'sharp';
import type { Box, RawImage } from '../../src/base/types';
import { faceDistance } from '../../src/clustering/dbscan';
import { FaceEngine } from '../../src/engine/engine';
import { samplePhoto, useTempFolder } from '../support/files';
import { rejection, smallPhoto } from '../support/photos';

const temp = useTempFolder();
const METHODS = ['hog', 'cnn'] as const;

let engine: FaceEngine;
/** Four people in a row. */
let group: RawImage;

beforeAll(async () => {
  engine = new FaceEngine({ jobs: 2 });
  group = await smallPhoto('sample6.jpg', 640);
});
afterAll(() => engine.dispose());

/** A photo of half the size: each pixel is the mean of four. */
function halved({ data, width, height }: RawImage): RawImage {
  const half = { data: new Uint8Array((3 * width * height) / 4), width: width / 2, height: height / 2 };
  for (let y = 0; y < half.height; y++) {
    for (let i = 0; i < 3 * half.width; i++) {
      const at = (2 * y * width + 2 * Math.floor(i / 3)) * 3 + (i % 3);
      const four = [at, at + 3, at + 3 * width, at + 3 * width + 3].map((from) => data[from] as number);
      half.data[3 * y * half.width + i] = Math.round(four.reduce((sum, value) => sum + value) / 4);
    }
  }
  return half;
}

test.each(METHODS)(
  '%s: the boxes are those found on the photo brought down, where they are on the photo',
  async (method) => {
    expect(group.height % 2).toBe(0);
    const half = halved(group);
    const expected = await engine.detect(half, { method });
    expect(expected).toHaveLength(4);
    const onPhoto = ({ top, right, bottom, left }: Box): Box => ({
      top: 2 * top,
      right: Math.min(2 * right + 1, group.width),
      bottom: Math.min(2 * bottom + 1, group.height),
      left: 2 * left,
    });
    const faces = await engine.detect(group, { method, detectSize: 320 });
    expect(faces).toEqual(expected.map(({ box, score }) => ({ box: onPhoto(box), score })));
  },
);

test.each(METHODS)('%s: what is measured is that of the photo itself', async (method) => {
  const options = { method, confirm: true, mirror: true, detectSize: 320 };
  const faces = await engine.detectAndEncode(group, options);
  const boxes = faces.map(({ box }) => box);
  expect(faces.map(({ encoding }) => encoding)).toEqual(await engine.encode(group, boxes));
  const measures = await engine.measure(group, faces, { mirror: true, confirm: method === 'hog' });
  expect(faces).toMatchObject(measures);
  // The same people, told as surely: 0.6 is another one.
  const full = await engine.detectAndEncode(group, { method });
  for (const { encoding } of faces) {
    const nearest = Math.min(...full.map((face) => faceDistance([face.encoding], encoding)[0] as number));
    expect(nearest).toBeLessThan(0.25);
  }
});

test.each(METHODS)('%s: a photo that is no larger gives the same to the bit', async (method) => {
  const small = await smallPhoto('sample6.jpg', 320);
  const expected = await engine.detectAndEncode(small, { method });
  expect(expected.length).toBeGreaterThan(0);
  for (const detectSize of [320, 5000]) {
    expect(await engine.detectAndEncode(small, { method, detectSize })).toEqual(expected);
  }
});

test('the faces are the same with little memory and with one thread', async () => {
  const expected = await engine.detect(group, { method: 'cnn', detectSize: 400 });
  using little = new FaceEngine({ jobs: 1, maxMemory: 256e6 });
  expect(await little.detect(group, { method: 'cnn', detectSize: 400 })).toEqual(expected);
});

test('boxes are those of the photo upright, however the camera was held', async () => {
  const upright = join(temp(), 'upright.png');
  await sharp(samplePhoto('sample6.jpg')).resize(640).png().toFile(upright);
  const turned = join(temp(), 'turned.png');
  await sharp(await sharp(upright).rotate(270).toBuffer())
    .withMetadata({ orientation: 6 })
    .toFile(turned);
  const options = { method: 'hog', detectSize: 320 } as const;
  const faces = await engine.detectAndEncode(turned, options);
  expect(faces).toHaveLength(4);
  expect(faces).toEqual(await engine.detectAndEncode(upright, options));
});

test('the longer side counts, whichever it is', async () => {
  const portrait = join(temp(), 'high.png');
  await sharp(samplePhoto('sample6.jpg'))
    .resize(300)
    .extend({ top: 200, bottom: 200, background: 'grey' })
    .png()
    .toFile(portrait);
  const { height = 0 } = await sharp(portrait).metadata();
  expect(height).toBeGreaterThan(600);
  // Brought down to 100 pixels, the faces are 15 wide, and none is found; by its width it would stay as it is.
  expect(await engine.detect(portrait, { method: 'hog', detectSize: 200 })).toEqual([]);
  expect(await engine.detect(portrait, { method: 'hog' })).not.toEqual([]);
});

test('an upsampling that is too much for the photo may do for the reduced one', async () => {
  const large = { data: new Uint8Array(3 * 800 * 600), width: 800, height: 600 };
  const error = await rejection(engine.detect(large, { method: 'hog', upsample: 6 }));
  expect(error).toMatchObject({
    code: 'FACE_IMAGE_TOO_LARGE',
    message: expect.stringContaining('detectSize'),
  });
  expect(await engine.detect(large, { method: 'hog', upsample: 6, detectSize: 100 })).toEqual([]);
});
