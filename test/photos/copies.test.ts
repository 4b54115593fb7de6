import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import sharp, { type Sharp } from 'sharp';
import { findCopies, type Look } from '../../src/photos/copies';
import { decodeImage } from '../../src/photos/decode';
import { HASH_BITS, perceptualHash } from '../../src/photos/perceptual-hash';
import { PORTRAITS, samplePhoto } from '../support/files';

/** Photos of different things, and of one man in one place at different moments. */
const PHOTOS = [
  ...[1, 2, 3, 4, 5, 6].map((number) => samplePhoto(`sample${number}.jpg`)),
  ...readdirSync(PORTRAITS)
    .filter((name) => /^(audrey|cage|joconde|franck_0(2221|2683|3909))\.jpg$/.test(name))
    .map((name) => join(PORTRAITS, name)),
];

async function lookOf(bytes: Buffer, taken?: string): Promise<Look> {
  const pixels = await decodeImage(bytes);
  const { width, height } = pixels;
  return { width, height, hash: perceptualHash(pixels) ?? '', taken };
}

/** As others would have it: 800 pixels wide, and what becomes of it in other hands. */
async function looksOf(photo: string, changes: readonly ((image: Sharp) => Sharp)[]): Promise<Look[]> {
  const png = await sharp(photo).resize(800).removeAlpha().png({ compressionLevel: 1 }).toBuffer();
  return Promise.all(changes.map(async (change) => lookOf(await change(sharp(png)).toBuffer())));
}

test('a picture in other sizes and formats is known again, and no other is taken for it', async () => {
  const changes = [
    (image: Sharp) => image.png(),
    (image: Sharp) => image.jpeg({ quality: 95 }),
    (image: Sharp) => image.jpeg({ quality: 50 }),
    (image: Sharp) => image.webp({ quality: 75 }),
    (image: Sharp) => image.avif({ quality: 50, effort: 0 }),
    (image: Sharp) => image.resize(400).jpeg(),
    (image: Sharp) => image.resize(200).jpeg(),
    // Turned for the camera, and upright again when it is read.
    (image: Sharp) => image.rotate(90).withMetadata({ orientation: 8 }).jpeg(),
  ];
  const looks = await Promise.all(PHOTOS.map((photo) => looksOf(photo, changes)));
  const groups = await findCopies(looks.flat());
  const sorted = groups.map((group) => group.toSorted((a, b) => a - b)).sort(([a = 0], [b = 0]) => a - b);
  expect(sorted).toEqual(PHOTOS.map((_, i) => changes.map((_, k) => i * changes.length + k)));
  for (const group of groups) {
    const widths = group.map((i) => looks.flat()[i]?.width as number);
    expect(widths[0]).toBe(Math.max(...widths));
  }
});

test('what was cut to another picture, or taken a step further to the side, is no copy', async () => {
  const cut = (left: number, share: number) => (image: Sharp) =>
    image.extract({ left, top: left >> 1, width: Math.round(800 * share), height: 300 }).jpeg();
  for (const photo of PHOTOS.slice(0, 6)) {
    const whole = cut(0, 0.9);
    const looks = await looksOf(photo, [whole, cut(25, 0.9), cut(50, 0.9), cut(0, 0.7)]);
    expect(await findCopies(looks)).toEqual([]);
  }
});

test('photos that were taken at different times are no copies, however alike; those of whom one does not say, may be', async () => {
  const jpeg = await sharp(samplePhoto('sample1.jpg')).resize(300).jpeg().toBuffer();
  const look = (taken?: string) => lookOf(jpeg, taken);
  const [a, b] = [await look('2019-07-14T15:30:12'), await look('2019-07-14T15:30:13')];
  expect(await findCopies([a, b])).toEqual([]);
  expect(await findCopies([a, await look('2019-07-14T15:30:12+02:00')])).toEqual([[0, 1]]);
  expect(await findCopies([a, await look()])).toEqual([[0, 1]]);
});

test('a picture of one colour is not told by what it looks like', () => {
  const data = new Uint8Array(3 * 40 * 30).fill(200);
  expect(perceptualHash({ data, width: 40, height: 30 })).toBeUndefined();
  data.fill(0, 0, data.length / 2);
  expect(perceptualHash({ data, width: 40, height: 30 })).toHaveLength(44);
});

/** A repeatable source of numbers below `limit`. */
function numbers(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}

function withBitsFlipped(hash: Buffer, places: readonly number[]): Buffer {
  const other = Buffer.from(hash);
  for (const bit of places) other[bit >> 3] = (other[bit >> 3] as number) ^ (1 << (bit & 7));
  return other;
}

const lookWith = (hash: Buffer, width = 300): Look => ({
  width,
  height: width,
  hash: hash.toString('base64'),
});

test('every pair up to the limit is found, wherever the bits differ, and none beyond it', async () => {
  const random = numbers(7);
  const looks: Look[] = [];
  for (let i = 0; i < 500; i++) {
    const hash = Buffer.from(Array.from({ length: 32 }, () => random(256)));
    hash[31] = (hash[31] as number) & 15;
    const places = new Set<number>();
    // One pair in two beyond the limit.
    while (places.size < (i % 2 === 0 ? 11 : 12)) places.add(random(HASH_BITS));
    looks.push(lookWith(hash), lookWith(withBitsFlipped(hash, [...places]), 200));
  }
  const expected = looks.flatMap((_, i) => (i % 4 === 0 ? [[i, i + 1]] : []));
  expect((await findCopies(looks)).sort(([a = 0], [b = 0]) => a - b)).toEqual(expected);
});

test('copies of copies do not lead on', async () => {
  const bits = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);
  const first = Buffer.alloc(32, 0x5a);
  const [second, third] = [bits(0, 8), bits(0, 16)].map((places) => withBitsFlipped(first, places));
  const looks = [lookWith(first, 300), lookWith(second as Buffer, 200), lookWith(third as Buffer, 100)];
  expect(await findCopies(looks)).toEqual([[0, 1]]);
});
