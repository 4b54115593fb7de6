import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import sharp from 'sharp';
import type { RawImage } from '../../src/base/types';
import { decodeImage } from '../../src/photos/decode';
import { quickestBackend } from '../../src/result/montage/backend';
import { resizeBilinear } from '../../src/result/montage/bilinear';
import {
  createMontage,
  type MontageTile,
  montageBackend,
  writeMontage,
} from '../../src/result/montage/montage';
import { difference, noiseImage } from '../support/pixels';

const PHOTOS = [1, 2, 3, 4, 5, 6].map((n) => require.resolve(`@vladmandic/face-api/demo/sample${n}.jpg`));

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'montage-'));
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

function tile(image: RawImage, name = 'x'): MontageTile {
  return { imagePath: name, image, loc: { top: 0, left: 0, right: image.width, bottom: image.height } };
}

function plain(level: number, width = 10, height = 10): RawImage {
  return { data: new Uint8Array(3 * width * height).fill(level), width, height };
}

/** The level of the tile in a row and column, all of whose pixels must be the same. */
function levelAt(montage: RawImage, row: number, column: number, width = 96, height = 96): number {
  const levels = new Set<number>();
  for (let y = row * height; y < (row + 1) * height; y++) {
    const from = 3 * (y * montage.width + column * width);
    for (const level of montage.data.subarray(from, from + 3 * width)) levels.add(level);
  }
  expect(levels.size).toBe(1);
  return [...levels][0] as number;
}

const backends = montageBackend() === 'opencv' ? (['opencv', 'sharp'] as const) : (['sharp'] as const);

test('OpenCV takes longer to load than few tiles take without it', () => {
  expect(quickestBackend(125).name).toBe('sharp');
  expect(quickestBackend(10_000).name).toBe(montageBackend());
});

describe.each(backends)('drawn by %s', (backend) => {
  test('fills rows from the top left, and leaves the rest black', async () => {
    const tiles = Array.from({ length: 7 }, (_, i) => tile(plain(10 + i)));
    const montage = await createMontage(tiles, { backend });
    expect(montage).toMatchObject({ width: 480, height: 480, drawn: 7, problems: [], backend });
    const levels = Array.from({ length: 25 }, (_, i) => levelAt(montage, Math.floor(i / 5), i % 5));
    expect(levels).toEqual([10, 11, 12, 13, 14, 15, 16, ...new Array(18).fill(0)]);
  });

  test('cuts the face out of the photo and stretches it to the tile', async () => {
    const [imagePath = ''] = PHOTOS;
    const photo = await decodeImage(imagePath);
    const loc = { top: 31, right: 177, bottom: 158, left: 40 };
    const { data } = await sharp(photo.data, {
      raw: { width: photo.width, height: photo.height, channels: 3 },
    })
      .extract({ left: 40, top: 31, width: 137, height: 127 })
      .raw()
      .toBuffer({ resolveWithObject: true });
    const montage = await createMontage([{ imagePath, loc }], { columns: 1, rows: 1, backend });
    expect(difference(montage, resizeBilinear({ data, width: 137, height: 127 }, 96, 96)).max).toBe(0);
  });

  test('other grids and tile sizes', async () => {
    const tiles = [1, 2, 3, 4].map((level) => tile(plain(level)));
    const montage = await createMontage(tiles, { columns: 3, rows: 2, tileWidth: 7, tileHeight: 5, backend });
    expect(montage).toMatchObject({ width: 21, height: 10 });
    expect(levelAt(montage, 0, 2, 7, 5)).toBe(3);
    expect(levelAt(montage, 1, 0, 7, 5)).toBe(4);
    expect(levelAt(montage, 1, 1, 7, 5)).toBe(0);
  });

  test('writes a JPEG of the montage, whole or not at all', async () => {
    const file = join(folder, backend, 'deep', 'Face ID #0.jpg');
    const tiles = PHOTOS.map((imagePath) => ({
      imagePath,
      loc: { top: 20, right: 200, bottom: 220, left: 30 },
    }));
    await expect(writeMontage(file, tiles, { backend })).resolves.toEqual({
      drawn: 6,
      problems: [],
      backend,
    });
    expect(await readdir(join(folder, backend, 'deep'))).toEqual(['Face ID #0.jpg']);
    expect(await sharp(file).metadata()).toMatchObject({
      format: 'jpeg',
      width: 480,
      height: 480,
      chromaSubsampling: '4:2:0',
    });
    const { data, width, height } = await createMontage(tiles, { backend });
    const written = await decodeImage(file);
    let sum = 0;
    for (let i = 0; i < data.length; i++) sum += Math.abs((data[i] as number) - (written.data[i] as number));
    expect({ width, height }).toEqual({ width: written.width, height: written.height });
    // Swapped channels or another quality would be far beyond.
    expect(sum / data.length).toBeLessThan(2);
    await expect(writeMontage(folder, tiles, { backend })).rejects.toMatchObject({ code: 'FACE_IO' });
    expect((await readdir(join(folder, '..'))).filter((name) => name.includes(`${folder}.`))).toEqual([]);
  });
});

test('faces turned by EXIF are cut out of the upright photo', async () => {
  const stored = noiseImage(40, 20);
  const file = join(folder, 'turned.png');
  await sharp(stored.data, { raw: { width: 40, height: 20, channels: 3 } })
    .withMetadata({ orientation: 6 })
    .png()
    .toFile(file);
  const loc = { top: 30, right: 20, bottom: 40, left: 0 };
  const montage = await createMontage([{ imagePath: file, loc }], {
    columns: 1,
    rows: 1,
    tileWidth: 20,
    tileHeight: 10,
    backend: 'sharp',
  });
  // Upright, the lowest row is the stored picture's right column, from its bottom to its top.
  const first = 3 * (19 * 40 + 30);
  expect([...montage.data.subarray(0, 3)]).toEqual([...stored.data.subarray(first, first + 3)]);
});

test('a photo that is gone, damaged or another one is left out, reported, and the next face takes its place', async () => {
  const broken = join(folder, 'broken.jpg');
  await writeFile(broken, 'no photo');
  const loc = { top: 0, right: 5, bottom: 5, left: 0 };
  const small = plain(9);
  const tiles: MontageTile[] = [
    tile(plain(1)),
    { imagePath: join(folder, 'gone.jpg'), loc },
    tile(plain(2)),
    { imagePath: broken, loc },
    { imagePath: 'small.jpg', image: small, loc: { top: 10, right: 15, bottom: 15, left: 5 } },
    tile(plain(3)),
    tile(plain(4)),
  ];
  const montage = await createMontage(tiles, { columns: 3, rows: 1, backend: 'sharp' });
  expect([0, 1, 2].map((column) => levelAt(montage, 0, column))).toEqual([1, 2, 3]);
  expect(montage.drawn).toBe(3);
  expect(montage.problems.map(({ tile, error }) => [tile, error.code])).toEqual([
    [tiles[1], 'FACE_IMAGE_NOT_FOUND'],
    [tiles[3], 'FACE_IMAGE_DECODE'],
    [tiles[4], 'FACE_IMAGE_NOT_FOUND'],
  ]);
  expect(montage.problems[2]?.error.message).toContain('is not on the photo "small.jpg" of 10 x 10 pixels');
});

test('a box that reaches beyond the photo shows the part on it', async () => {
  const photo = noiseImage(12, 9);
  const options = { columns: 1, rows: 1, tileWidth: 5, tileHeight: 4, backend: 'sharp' } as const;
  const beyond = { imagePath: 'x', image: photo, loc: { top: 5, right: 50, bottom: 50, left: 7 } };
  const within = { ...beyond, loc: { top: 5, right: 12, bottom: 9, left: 7 } };
  expect((await createMontage([beyond], options)).data).toEqual(
    (await createMontage([within], options)).data,
  );
});

test('no faces give a black montage', async () => {
  const montage = await createMontage([]);
  expect(montage).toMatchObject({ width: 480, height: 480, drawn: 0 });
  expect(montage.data.some((level) => level !== 0)).toBe(false);
});

test.each([
  ['columns', { columns: 0 }],
  ['tileWidth', { tileWidth: 1.5 }],
  ['size of the montage', { columns: 1000, tileWidth: 1000 }],
  ['backend', { backend: 'gimp' as 'sharp' }],
])('a bad %s is an invalid argument', async (name, options) => {
  await expect(createMontage([], options)).rejects.toMatchObject({
    code: 'FACE_INVALID_ARGUMENT',
    message: expect.stringContaining(name),
  });
});

test('bad tiles are invalid arguments, and named', async () => {
  const loc = { top: 0, right: 5, bottom: 5, left: 0.5 };
  await expect(createMontage([tile(plain(1)), { imagePath: 'x', loc }])).rejects.toMatchObject({
    code: 'FACE_INVALID_ARGUMENT',
    message: expect.stringContaining('tiles[1].loc.left'),
  });
  await expect(createMontage([{ imagePath: 'x' } as MontageTile])).rejects.toMatchObject({
    code: 'FACE_INVALID_ARGUMENT',
  });
});

test('stops when aborted, and writes nothing', async () => {
  const file = join(folder, 'aborted.jpg');
  const signal = AbortSignal.abort();
  await expect(writeMontage(file, [tile(plain(1))], { signal })).rejects.toMatchObject({
    code: 'FACE_ABORTED',
  });
  await expect(readFile(file)).rejects.toMatchObject({ code: 'ENOENT' });
});

describe('without OpenCV', () => {
  afterEach(() => {
    jest.dontMock('node:worker_threads');
    jest.resetModules();
  });

  test('auto is sharp, and asking for OpenCV says how to get it', async () => {
    jest.resetModules();
    // What a program sees that runs in a worker thread, where OpenCV's addon must not be loaded.
    jest.doMock('node:worker_threads', () => ({ isMainThread: false, Worker }));
    const other =
      require('../../src/result/montage/montage') as typeof import('../../src/result/montage/montage');
    expect(other.montageBackend()).toBe('sharp');
    const { backend } = await other.createMontage([tile(plain(1))]);
    expect(backend).toBe('sharp');
    await expect(other.createMontage([], { backend: 'opencv' })).rejects.toMatchObject({
      code: 'FACE_NATIVE_LOAD',
      message: expect.stringMatching(/@u4\/opencv4nodejs.*sharp draws the same montage/s),
    });
  });
});
