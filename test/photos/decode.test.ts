import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp, { type Sharp } from 'sharp';
import type { RawImage } from '../../src/base/types';
import { decodeImage } from '../../src/photos/decode';
import { bmpFile } from '../support/bmp';
import { difference, noise, noiseImage } from '../support/pixels';

const WIDTH = 37;
const HEIGHT = 23;
const picture = noiseImage(WIDTH, HEIGHT);

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'decode-'));
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

function from(
  data: Uint8Array | Uint16Array,
  channels: 1 | 2 | 3 | 4,
  width = WIDTH,
  height = HEIGHT,
): Sharp {
  return sharp(data, { raw: { width, height, channels } });
}

function rgb(image: RawImage = picture): Sharp {
  return from(image.data, 3, image.width, image.height);
}

async function expectPixels(bytes: Buffer, expected: RawImage = picture): Promise<void> {
  const image = await decodeImage(bytes);
  expect(image.warning).toBeUndefined();
  expect(difference(image, expected)).toEqual({ max: 0, count: 0 });
}

/** Every pixel through `map`, which gives three values. */
function mapped(image: RawImage, map: (pixel: number) => readonly number[]): RawImage {
  const data = Uint8Array.from(Array.from({ length: image.width * image.height }, (_, i) => map(i)).flat());
  return { ...image, data };
}

describe('formats', () => {
  test.each([
    ['PNG', () => rgb().png()],
    ['TIFF', () => rgb().tiff({ compression: 'lzw' })],
    ['tiled TIFF', () => rgb().tiff({ compression: 'none', tile: true })],
    ['WebP', () => rgb().webp({ lossless: true })],
  ])('%s is decoded to the very pixels', async (_, make) => {
    await expectPixels(await make().toBuffer());
  });

  test.each([
    ['JPEG', () => rgb(smooth()).jpeg({ quality: 95 })],
    ['progressive JPEG', () => rgb(smooth()).jpeg({ quality: 95, progressive: true })],
    ['AVIF', () => rgb(smooth()).avif({ quality: 90 })],
    ['GIF', () => rgb(smooth()).gif()],
  ])('%s is decoded to about the same pixels', async (_, make) => {
    const image = await decodeImage(await make().toBuffer());
    expect(difference(image, smooth()).max).toBeLessThan(16);
  });

  function smooth(): RawImage {
    return mapped(picture, (i) => [5 * (i % WIDTH), 8 * Math.floor(i / WIDTH), 90]);
  }

  test('the content counts, not the name: many a .jpg is a PNG', async () => {
    const file = join(folder, 'photo [1] with ä.jpg');
    await rgb().png().toFile(file);
    expect(difference(await decodeImage(file), picture).max).toBe(0);
    // libvips gives brackets at the end of a name a meaning of its own.
    const bracket = join(folder, 'x.png[0]');
    await writeFile(bracket, await rgb().png().toBuffer());
    expect(difference(await decodeImage(bracket), picture).max).toBe(0);
  });

  test('the first frame of an animation, be it GIF or WebP', async () => {
    const frames = [255, 0].map((red) => ({
      create: { width: 8, height: 6, channels: 3 as const, background: { r: red, g: 0, b: 255 } },
    }));
    const animation = sharp(await Promise.all(frames.map((frame) => sharp(frame).png().toBuffer())), {
      join: { animated: true },
    });
    const first = mapped({ data: new Uint8Array(), width: 8, height: 6 }, () => [255, 0, 255]);
    await expectPixels(await animation.clone().gif().toBuffer(), first);
    await expectPixels(await animation.clone().webp({ lossless: true }).toBuffer(), first);
  });

  test('photos that come with the tests', async () => {
    const image = await decodeImage(require.resolve('@vladmandic/face-api/demo/sample1.jpg'));
    expect(image.data.length).toBe(3 * image.width * image.height);
    expect(image.warning).toBeUndefined();
  });
});

describe('three channels of 8 bits, as OpenCV makes them', () => {
  test('grey is the same in all channels', async () => {
    const grey = noise(WIDTH * HEIGHT);
    const expected = mapped(picture, (i) => [0, 1, 2].map(() => grey[i] as number));
    await expectPixels(await from(grey, 1).toColourspace('b-w').png().toBuffer(), expected);
  });

  test('transparency is dropped, not blended', async () => {
    const data = noise(4 * WIDTH * HEIGHT);
    const expected = mapped(picture, (i) => [...data.subarray(4 * i, 4 * i + 3)]);
    await expectPixels(await from(data, 4).png().toBuffer(), expected);
    await expectPixels(await from(data, 4).webp({ lossless: true, exact: true }).toBuffer(), expected);
  });

  test('a palette is looked up', async () => {
    const colours = [
      [9, 200, 31],
      [250, 1, 77],
      [0, 0, 0],
    ] as const;
    const image = mapped(picture, (i) => colours[i % 3] as readonly number[]);
    await expectPixels(await rgb(image).png({ palette: true, dither: 0 }).toBuffer(), image);
  });

  test('of 16 bits the upper 8 remain', async () => {
    const values = new Uint16Array(noise(6 * WIDTH * HEIGHT).buffer);
    const expected = { ...picture, data: Uint8Array.from(values, (value) => value >> 8) };
    await expectPixels(await from(values, 3).toColourspace('rgb16').png().toBuffer(), expected);
  });

  test('a colour profile is ignored: the colours are those stored', async () => {
    const bytes = await rgb().withIccProfile('p3').png().toBuffer();
    expect((await sharp(bytes).metadata()).hasProfile).toBe(true);
    const stored = await sharp(bytes, { ignoreIcc: true }).raw().toBuffer();
    expect(Buffer.compare(stored, await sharp(bytes).raw().toBuffer())).not.toBe(0);
    await expectPixels(bytes, { ...picture, data: stored });
  });

  test('CMYK: no ink is white, ink takes its colour away, black takes all', async () => {
    const paper = mapped(picture, () => [255, 255, 255]);
    const bytes = await rgb(paper).toColourspace('cmyk').jpeg({ quality: 100 }).toBuffer();
    expect((await sharp(bytes).metadata()).space).toBe('cmyk');
    expect(difference(await decodeImage(bytes), paper).max).toBeLessThanOrEqual(2);
    const blue = mapped(picture, () => [20, 30, 200]);
    const [r, g, b] = (await decodeImage(await rgb(blue).toColourspace('cmyk').jpeg().toBuffer())).data;
    expect(b).toBeGreaterThan(Math.max(r as number, g as number));
  });
});

describe('the event loop goes on while a large photo is decoded', () => {
  const SIDE = 2000;
  const head = bmpFile({ width: SIDE, height: SIDE, bits: 24, pixels: [] });
  const runs = bmpFile({ width: SIDE, height: SIDE, bits: 8, compression: 1, pixels: [] });
  // Rows of 8 runs and an end.
  const row = Buffer.from([...Array.from({ length: 8 }, () => [250, 1]), [0, 0]].flat());

  test.each([
    ['bitmap', async () => Buffer.concat([head, Buffer.alloc(3 * SIDE * SIDE, 99)])],
    ['run-length encoded bitmap', async () => Buffer.concat([runs, ...new Array<Buffer>(SIDE).fill(row)])],
    [
      'CMYK photo',
      () =>
        sharp({ create: { width: SIDE, height: SIDE, channels: 3, background: 'teal' } })
          .toColourspace('cmyk')
          .jpeg()
          .toBuffer(),
    ],
  ])('%s', async (_, make) => {
    const bytes = await make();
    // Turns of the loop, not ticks of a clock: a quick machine is done within a few of these.
    let turns = 0;
    let decoding = true;
    const turn = () => {
      turns++;
      if (decoding) setImmediate(turn);
    };
    setImmediate(turn);
    const image = await decodeImage(bytes);
    decoding = false;
    expect(image).toMatchObject({ width: SIDE, height: SIDE });
    expect(image.warning).toBeUndefined();
    expect(turns).toBeGreaterThan(5);
  });
});

/** Where pixel (x, y) of the upright picture stands in the stored one, by EXIF orientation. */
const STORED: Record<number, (x: number, y: number, w: number, h: number) => [number, number]> = {
  1: (x, y) => [x, y],
  2: (x, y, w) => [w - 1 - x, y],
  3: (x, y, w, h) => [w - 1 - x, h - 1 - y],
  4: (x, y, _, h) => [x, h - 1 - y],
  5: (x, y) => [y, x],
  6: (x, y, _, h) => [y, h - 1 - x],
  7: (x, y, w, h) => [w - 1 - y, h - 1 - x],
  8: (x, y, w) => [w - 1 - y, x],
};

test.each([1, 2, 3, 4, 5, 6, 7, 8])('EXIF orientation %i is turned upright', async (orientation) => {
  const turned = orientation >= 5;
  const [width, height] = turned ? [HEIGHT, WIDTH] : [WIDTH, HEIGHT];
  const upright = mapped({ ...picture, width, height }, (i) => {
    const [x, y] = STORED[orientation]?.(i % width, Math.floor(i / width), WIDTH, HEIGHT) ?? [0, 0];
    return [...picture.data.subarray(3 * (y * WIDTH + x), 3 * (y * WIDTH + x) + 3)];
  });
  await expectPixels(await rgb().withMetadata({ orientation }).png().toBuffer(), upright);
  await expectPixels(await rgb().withMetadata({ orientation }).webp({ lossless: true }).toBuffer(), upright);
  const jpeg = await rgb().withMetadata({ orientation }).jpeg({ quality: 100 }).toBuffer();
  expect(await decodeImage(jpeg)).toMatchObject({ width, height });
});

describe('damaged and foreign files', () => {
  test('a cut-off JPEG or PNG gives the part that is there, and says so', async () => {
    const whole = require.resolve('@vladmandic/face-api/demo/sample1.jpg');
    const expected = await decodeImage(whole);
    for (const bytes of [await sharp(whole).jpeg().toBuffer(), await sharp(whole).png().toBuffer()]) {
      const image = await decodeImage(bytes.subarray(0, bytes.length / 2));
      expect(image.warning).toMatch(/^Only part of the photo could be decoded: .*cut off/);
      expect(image).toMatchObject({ width: expected.width, height: expected.height });
      const rows = 3 * image.width * 20;
      const complete = await decodeImage(bytes);
      expect(Buffer.compare(image.data.subarray(0, rows), complete.data.subarray(0, rows))).toBe(0);
    }
  });

  test.each([
    ['nothing', Buffer.alloc(0), /it is empty/],
    ['text', Buffer.from('Dear diary'), /not a picture, or damaged at its beginning/],
    ['a web page', Buffer.from('<!DOCTYPE html><html>Not found</html>'), /a web page/],
    [
      'an SVG',
      Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'),
      /an SVG drawing/,
    ],
    ['a PDF', Buffer.from('%PDF-1.7 ...'), /a PDF/],
    ['only the start of a HEIC', Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic', 'latin1'), /damaged/],
    ['only the start of a JPEG', Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 16]), /can't be decoded/],
  ])('%s is refused in plain words', async (_, bytes, message) => {
    const error = await decodeImage(bytes).catch((e) => e);
    expect(error).toMatchObject({ code: 'FACE_IMAGE_DECODE', message: expect.stringMatching(message) });
    expect(error.message).not.toMatch(/vips|buffer/i);
  });

  test("the decoder's own words are kept as the cause", async () => {
    const jpeg = await rgb().jpeg().toBuffer();
    const error = await decodeImage(jpeg.subarray(0, 100)).catch((e) => e);
    expect(error.cause.message).toMatch(/premature end of JPEG image/);
  });

  test('a photo that is not there, a folder, a pipe', async () => {
    const missing = join(folder, 'gone.jpg');
    await expect(decodeImage(missing)).rejects.toMatchObject({
      code: 'FACE_IMAGE_NOT_FOUND',
      message: expect.stringContaining(`There is no photo "${missing}"`),
    });
    await expect(decodeImage(folder)).rejects.toMatchObject({ code: 'FACE_IMAGE_NOT_FOUND' });
    if (process.platform === 'win32') return;
    const pipe = join(folder, 'pipe.jpg');
    execFileSync('mkfifo', [pipe]);
    await expect(decodeImage(pipe)).rejects.toMatchObject({ code: 'FACE_IMAGE_NOT_FOUND' });
  });
});

describe('limits and arguments', () => {
  test('a photo with too many pixels is refused by its header', async () => {
    // 30000 x 30000 pixels in a file of a few hundred bytes, as attackers send them.
    const bomb = await rgb().png().toBuffer();
    bomb.writeUInt32BE(30_000, 16);
    bomb.writeUInt32BE(30_000, 20);
    bomb.writeUInt32BE(crc(bomb.subarray(12, 29)), 29);
    await expect(decodeImage(bomb)).rejects.toMatchObject({
      code: 'FACE_IMAGE_TOO_LARGE',
      message: expect.stringContaining('30000 x 30000 pixels'),
    });
    const bytes = await rgb().png().toBuffer();
    await expect(decodeImage(bytes, { maxPixels: WIDTH * HEIGHT - 1 })).rejects.toMatchObject({
      code: 'FACE_IMAGE_TOO_LARGE',
    });
    expect(await decodeImage(bytes, { maxPixels: WIDTH * HEIGHT })).toMatchObject({ width: WIDTH });
  });

  test('decoded pixels are handed back as they are', async () => {
    expect(await decodeImage(picture)).toBe(picture);
  });

  test.each([
    [
      'data of another length',
      { data: new Uint8Array(5), width: 1, height: 2 },
      /6 bytes of RGB .* received 5/,
    ],
    ['data of another type', { data: [1, 2, 3], width: 1, height: 1 }, /Uint8Array for image.data/],
    ['a broken width', { data: new Uint8Array(3), width: 1.5, height: 2 }, /image.width/],
    ['no height', { data: new Uint8Array(0), width: 1, height: 0 }, /image.height/],
    ['null', null, /path of a photo/],
    ['an empty path', '', /non-empty path/],
    ['a path with NUL', 'a\0b', /non-empty path/],
  ])('%s is an invalid argument', async (_, input, message) => {
    await expect(decodeImage(input as RawImage)).rejects.toMatchObject({
      code: 'FACE_INVALID_ARGUMENT',
      message: expect.stringMatching(message),
    });
  });

  test('bytes may be a part of a larger buffer', async () => {
    const bytes = await rgb().png().toBuffer();
    const around = Buffer.concat([Buffer.alloc(7), bytes, Buffer.alloc(9)]);
    await expectPixels(around.subarray(7, 7 + bytes.length));
    const bmp = bmpFile({ width: 1, height: 1, bits: 24, pixels: [3, 2, 1, 0] });
    const bmpAround = Buffer.concat([Buffer.alloc(5), bmp]).subarray(5);
    expect([...(await decodeImage(bmpAround)).data]).toEqual([1, 2, 3]);
  });

  test('stops when aborted, before and in between', async () => {
    const bytes = await rgb().png().toBuffer();
    await expect(decodeImage(bytes, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'FACE_ABORTED',
    });
    const file = join(folder, 'abort.png');
    await writeFile(file, bytes);
    const controller = new AbortController();
    const decoding = decodeImage(file, { signal: controller.signal });
    controller.abort('enough');
    await expect(decoding).rejects.toMatchObject({ code: 'FACE_ABORTED', cause: 'enough' });
  });
});

/** PNG's checksum, to damage a header without being found out. */
function crc(bytes: Uint8Array): number {
  let c = ~0;
  for (const byte of bytes) {
    c ^= byte;
    for (let k = 0; k < 8; k++) c = (c >>> 1) ^ (c & 1 ? 0xedb88320 : 0);
  }
  return ~c >>> 0;
}
