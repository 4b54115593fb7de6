import type { RawImage } from '../../src/base/types';
import { decodeImage } from '../../src/photos/decode';
import { resizeBilinear } from '../../src/result/montage/bilinear';
import { crop } from '../../src/result/montage/draw';
import { createMontage, type MontageTile } from '../../src/result/montage/montage';
import { describeWithOpenCv, OpenCv } from '../support/opencv';
import { difference, noise, noiseImage } from '../support/pixels';

const PHOTOS = [1, 2, 3, 4, 5, 6].map((n) => require.resolve(`@vladmandic/face-api/demo/sample${n}.jpg`));

describeWithOpenCv('montages as OpenCV and imutils draw them', () => {
  let cv: OpenCv;

  beforeAll(() => {
    cv = new OpenCv();
  });

  afterAll(() => cv.close());

  test('the resize without OpenCV is cv2.resize, to the last bit', async () => {
    const sizes: [number, number, number, number][] = [
      // Enlarged, also from a single pixel, row or column.
      ...[1, 2, 3, 47, 48, 52, 62, 75, 90, 95].map((n): [number, number, number, number] => [n, n, 96, 96]),
      [1, 7, 96, 96],
      [7, 1, 96, 96],
      [95, 97, 96, 96],
      // The face detectors' sizes, and exact multiples, which OpenCV treats in a way of its own.
      ...[96, 97, 107, 129, 155, 186, 192, 223, 268, 288, 384].map((n): [number, number, number, number] => [
        n,
        n,
        96,
        96,
      ]),
      [192, 100, 96, 96],
      [193, 192, 96, 96],
      [1001, 777, 96, 96],
      // Other tiles.
      [30, 44, 33, 17],
      [64, 64, 32, 32],
      [5, 9, 1, 1],
      [2, 2, 1, 1],
      [3, 3, 200, 300],
    ];
    const random = noise(4 * 60, 9);
    for (let i = 0; i < random.length; i += 4) {
      const [a = 0, b = 0, c = 0, d = 0] = random.subarray(i, i + 4);
      sizes.push([a + 1, b + 1, (c >> 1) + 1, (d >> 1) + 1]);
    }
    for (const [width, height, toWidth, toHeight] of sizes) {
      const image = noiseImage(width, height, width * height);
      const expected = await cv.resize(image, toWidth, toHeight);
      expect({
        size: [width, height, toWidth, toHeight],
        ...difference(resizeBilinear(image, toWidth, toHeight), expected),
      }).toEqual({
        size: [width, height, toWidth, toHeight],
        max: 0,
        count: 0,
      });
    }
  });

  test.each(['opencv', 'sharp'] as const)(
    'drawn by %s, each tile is the face as OpenCV resizes it, and lies where imutils puts it',
    async (backend) => {
      const tiles = await facesOn(PHOTOS, 23);
      const montage = await createMontage(tiles, { backend });
      expect(montage).toMatchObject({ width: 480, height: 480, drawn: 23, problems: [], backend });
      for (let i = 0; i < 25; i++) {
        const [left, top] = [96 * (i % 5), 96 * Math.floor(i / 5)];
        const drawn = crop(montage, { left, top, right: left + 96, bottom: top + 96 }) as RawImage;
        const tile = tiles[i];
        const black = { data: new Uint8Array(3 * 96 * 96), width: 96, height: 96 };
        const face = tile && crop(await decodeImage(tile.imagePath), tile.loc);
        const expected = face ? await cv.resize(face, 96, 96) : black;
        expect({ tile: i, ...difference(drawn, expected) }).toEqual({ tile: i, max: 0, count: 0 });
      }
    },
  );

  /** Boxes of many sizes all over the photos, some at their borders. */
  async function facesOn(photos: readonly string[], count: number): Promise<MontageTile[]> {
    const random = noise(3 * count, 5);
    const tiles: MontageTile[] = [];
    for (let i = 0; i < count; i++) {
      const imagePath = photos[i % photos.length] as string;
      const { width, height } = await decodeImage(imagePath);
      const size = 1 + (random[3 * i] as number);
      const left = Math.floor(((random[3 * i + 1] as number) / 255) * (width - 1));
      const top = Math.floor(((random[3 * i + 2] as number) / 255) * (height - 1));
      tiles.push({
        imagePath,
        loc: {
          top,
          left,
          right: Math.min(left + size, width),
          bottom: Math.min(top + size + (i % 3), height),
        },
      });
    }
    return tiles;
  }
});
