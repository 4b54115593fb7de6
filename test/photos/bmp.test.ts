import { decodeImage } from '../../src/photos/decode';
import { bmpFile } from '../support/bmp';
import { noise } from '../support/pixels';

async function expectPixels(
  file: Buffer,
  width: number,
  height: number,
  pixels: readonly (readonly number[])[],
) {
  const image = await decodeImage(file);
  expect(image).toMatchObject({ width, height });
  expect([...image.data]).toEqual(pixels.flat());
  expect(image.warning).toBeUndefined();
}

describe('BMP', () => {
  const R = [255, 0, 0];
  const G = [0, 255, 0];
  const B = [0, 0, 255];
  const K = [0, 0, 0];
  const palette = [
    [0, 0, 0],
    [255, 0, 0],
    [0, 255, 0],
    [0, 0, 255],
  ] as const;
  // Bottom row first, BGR, rows padded to 4 bytes.
  const bgr = [0, 255, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 0, 0, 0, 0];

  test.each([
    ['24 bits', { bits: 24, pixels: bgr }, [R, B, G, K]],
    ['24 bits, top row first', { bits: 24, pixels: bgr, topDown: true }, [G, K, R, B]],
    ['24 bits, OS/2 header', { bits: 24, pixels: bgr, headerSize: 12 }, [R, B, G, K]],
    ['24 bits, the padding of the last row missing', { bits: 24, pixels: bgr.slice(0, -2) }, [R, B, G, K]],
    ['32 bits', { bits: 32, pixels: [0, 255, 0, 9, 0, 0, 0, 9, 0, 0, 255, 9, 255, 0, 0, 9] }, [R, B, G, K]],
    [
      '32 bits with masks',
      {
        bits: 32,
        compression: 3,
        masks: [0xff000000, 0xff0000, 0xff00, 0xff],
        headerSize: 124,
        pixels: [7, 0, 255, 0, 7, 0, 0, 0, 7, 0, 0, 255, 7, 255, 0, 0],
      },
      [R, B, G, K],
    ],
    [
      '16 bits, shifted up and not filled up',
      { bits: 16, pixels: [0xe0, 0x03, 0, 0, 0, 0x7c, 0x1f, 0] },
      [[248, 0, 0], [0, 0, 248], [0, 248, 0], K],
    ],
    [
      '16 bits with masks 5-6-5',
      {
        bits: 16,
        compression: 3,
        masks: [0xf800, 0x7e0, 0x1f],
        pixels: [0xe0, 0x07, 0, 0, 0, 0xf8, 0x1f, 0],
      },
      [[248, 0, 0], [0, 0, 248], [0, 252, 0], K],
    ],
    ['8 bits', { bits: 8, palette, pixels: [2, 0, 9, 9, 1, 3, 9, 9] }, [R, B, G, K]],
    ['4 bits', { bits: 4, palette, pixels: [0x20, 0, 0, 0, 0x13, 0, 0, 0] }, [R, B, G, K]],
    [
      '1 bit',
      {
        bits: 1,
        palette: [
          [0, 0, 255],
          [255, 0, 0],
        ],
        pixels: [0x40, 0, 0, 0, 0x80, 0, 0, 0],
      },
      [R, B, B, R],
    ],
    [
      'run-length encoded, 8 bits, with a jump',
      { bits: 8, compression: 1, palette, pixels: [1, 2, 0, 0, 0, 2, 1, 0, 1, 3, 0, 1] },
      [K, B, G, K],
    ],
    [
      'run-length encoded, 4 bits, literal',
      { bits: 4, compression: 2, palette, pixels: [2, 0x20, 0, 0, 2, 0x13, 0, 1] },
      [R, B, G, K],
    ],
  ] as const)('%s', async (_, parts, expected) => {
    const file = bmpFile({ width: 2, height: 2, ...parts });
    await expectPixels(file, 2, 2, expected);
  });

  test('odd widths and literal runs of odd length', async () => {
    const pixels = [0, 3, 1, 2, 3, 0, 0, 0, 1, 1, 2, 3, 0, 1];
    const file = bmpFile({ width: 3, height: 2, bits: 8, compression: 1, palette, pixels });
    await expectPixels(file, 3, 2, [R, B, B, R, G, B]);
  });

  test('a cut-off file gives the part that is there, and says so', async () => {
    const image = await decodeImage(bmpFile({ width: 2, height: 2, bits: 24, pixels: bgr.slice(0, 11) }));
    expect([...image.data]).toEqual([R, K, G, K].flat());
    expect(image.warning).toMatch(/Only part.*cut off/);
  });

  test.each([
    [
      'sizes beyond reason',
      { width: 2 ** 30, height: 2 ** 30, bits: 24, pixels: [] },
      'FACE_IMAGE_TOO_LARGE',
    ],
    ['no width', { width: 0, height: 5, bits: 24, pixels: [] }, 'FACE_IMAGE_DECODE'],
    ['an unknown depth', { width: 2, height: 2, bits: 7, pixels: bgr }, 'FACE_IMAGE_DECODE'],
    [
      'an unknown compression',
      { width: 2, height: 2, bits: 24, compression: 4, pixels: bgr },
      'FACE_IMAGE_DECODE',
    ],
    ['sizes without pixels', { width: 16383, height: 16383, bits: 24, pixels: bgr }, 'FACE_IMAGE_DECODE'],
    [
      'run-length encoded sizes without pixels',
      { width: 16383, height: 16383, bits: 8, compression: 1, pixels: [9, 1, 0, 0, 0, 1] },
      'FACE_IMAGE_DECODE',
    ],
  ])('refuses %s', async (_, parts, code) => {
    await expect(decodeImage(bmpFile(parts))).rejects.toMatchObject({ code });
  });

  test('a size without pixels is refused before memory is taken for it', async () => {
    const before = process.memoryUsage().arrayBuffers;
    const file = bmpFile({ width: 16383, height: 16383, bits: 24, pixels: bgr });
    await expect(decodeImage(file)).rejects.toThrow(/not even one row/);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(100e6);
  });

  test('any damage gives pixels or a FaceError, never another error', async () => {
    const whole = bmpFile({ width: 5, height: 4, bits: 8, compression: 1, palette, pixels: [...noise(60)] });
    for (let seed = 0; seed < 400; seed++) {
      const damaged = Buffer.from(whole);
      const [at = 0, value = 0, length = 0] = noise(3, seed + 1);
      damaged[2 + (at % 60)] = value;
      await decodeImage(damaged.subarray(0, 2 + (length % whole.length)), { maxPixels: 10_000 }).catch(
        (error) => expect(error.code).toMatch(/^FACE_IMAGE_/),
      );
    }
  });
});
