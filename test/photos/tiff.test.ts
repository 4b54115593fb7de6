import { decodeImage } from '../../src/photos/decode';
import { rejection } from '../support/photos';
import { difference } from '../support/pixels';
import { type TiffParts, tiffFile } from '../support/tiff';

const YCBCR = 6;
const SUBSAMPLING = 530;
const EIGHT = [8, 8, 8];

/** Colours and what they are in YCbCr, by the formulas of JFIF. */
const COLOURS = [
  [255, 0, 0],
  [0, 255, 0],
  [0, 0, 255],
  [250, 200, 30],
  [17, 17, 17],
  [255, 255, 255],
] as const;

function ycbcr([r, g, b]: readonly [number, number, number]): number[] {
  const y = 0.299 * r + 0.587 * g + 0.114 * b;
  return [y, 128 + (b - y) / 1.772, 128 + (r - y) / 1.402].map((value) =>
    Math.min(255, Math.max(0, Math.round(value))),
  );
}

const expected = {
  width: 3,
  height: 2,
  data: Uint8Array.from(COLOURS.flat()),
};
const plain: TiffParts = {
  width: 3,
  height: 2,
  bits: EIGHT,
  photometric: YCBCR,
  shorts: { [SUBSAMPLING]: [1, 1] },
  pixels: COLOURS.flatMap(ycbcr),
};

test.each<[string, Partial<TiffParts>]>([
  ['', {}],
  [', big-endian', { bigEndian: true }],
  [', with offsets of 64 bits', { big: true }],
  [', with offsets of 64 bits, big-endian', { big: true, bigEndian: true }],
])(
  'YCbCr that is not compressed as JPEG%s: the colours, not luma and differences for red, green and blue',
  async (_, change) => {
    const image = await decodeImage(tiffFile({ ...plain, ...change }));
    // Each of the three codes is rounded.
    expect(difference(image, expected).max).toBeLessThanOrEqual(2);
  },
);

test('YCbCr, turned: the colours are where they belong', async () => {
  const image = await decodeImage(tiffFile({ ...plain, shorts: { ...plain.shorts, 274: [3] } }));
  const turned = { ...expected, data: Uint8Array.from([...COLOURS].reverse().flat()) };
  expect(difference(image, turned).max).toBeLessThanOrEqual(2);
});

test('YCbCr with one difference for four pixels, as it is unless a file says otherwise', async () => {
  const [y, cb, cr] = ycbcr([250, 200, 30]) as [number, number, number];
  const pixels = [y, y, y, y, cb, cr];
  const image = await decodeImage(tiffFile({ width: 2, height: 2, bits: EIGHT, photometric: YCBCR, pixels }));
  const even = { width: 2, height: 2, data: Uint8Array.from([1, 2, 3, 4].flatMap(() => [250, 200, 30])) };
  expect(difference(image, even).max).toBeLessThanOrEqual(2);
});

const RGB = { ...plain, photometric: 2, shorts: {} };

test.each<[string, TiffParts, RegExp]>([
  ['Zstandard', { ...RGB, compression: 50_000 }, /Zstandard compression/],
  ['LZMA', { ...RGB, compression: 34_925 }, /LZMA compression/],
  ['old-style JPEG', { ...RGB, compression: 6 }, /old-style JPEG compression/],
  ['an unknown compression', { ...RGB, compression: 12_345 }, /unknown \(12345\) compression/],
  ['CIELab', { ...RGB, photometric: 8 }, /CIELab colours/],
  ['12 bits', { ...RGB, bits: [12, 12, 12] }, /12 bits a channel/],
  ['YCbCr of 16 bits', { ...plain, bits: [16, 16, 16] }, /YCbCr colours of 16 bits/],
])('%s: named, not called damaged, and no black picture', async (_, parts, name) => {
  for (const change of [{}, { big: true, bigEndian: true }]) {
    const error = await rejection(decodeImage(tiffFile({ ...parts, ...change })));
    expect(error.code).toBe('FACE_IMAGE_DECODE');
    expect(error.message).toMatch(name);
    expect(error.message).toMatch(/not supported; convert it to JPEG or PNG/);
  }
});

test('a TIFF whose directory is behind its end is cut off', async () => {
  const bytes = tiffFile(RGB);
  // As most programs write it: the directory last.
  const last = Buffer.concat([bytes.subarray(0, 8), Buffer.alloc(5000), bytes.subarray(8)]);
  last.writeUInt32LE(5008, 4);
  for (const length of [6, 3000, 5020]) {
    const error = await rejection(decodeImage(last.subarray(0, length)));
    expect(error).toMatchObject({ code: 'FACE_IMAGE_DECODE', message: expect.stringMatching(/cut off/) });
  }
});
