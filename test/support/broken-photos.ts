import sharp from 'sharp';
import { SplitMix64 } from '../../src/base/random';
import { bitmap } from './bmp';

/** A small file of each format that is decoded, with something to see on it. */
async function wholePhotos(): Promise<Map<string, Buffer>> {
  const random = new SplitMix64(1n);
  const width = 160;
  const height = 120;
  const data = Buffer.from(
    Array.from({ length: width * height * 3 }, (_, i) => (i % 251) ^ random.below(32)),
  );
  const picture = sharp(data, { raw: { width, height, channels: 3 } });
  const frames = await sharp(Buffer.concat([data, data]), {
    raw: { width, height: 2 * height, channels: 3, pageHeight: height },
  })
    .gif()
    .toBuffer();
  return new Map([
    ['jpg', await picture.clone().jpeg().toBuffer()],
    ['jpeg', await picture.clone().jpeg({ progressive: true }).toBuffer()],
    ['png', await picture.clone().png().toBuffer()],
    ['webp', await picture.clone().webp().toBuffer()],
    ['tiff', await picture.clone().tiff({ compression: 'lzw' }).toBuffer()],
    ['tif', await picture.clone().toColourspace('cmyk').tiff({ compression: 'none' }).toBuffer()],
    ['avif', await picture.clone().avif({ effort: 0 }).toBuffer()],
    ['gif', frames],
    ['bmp', bitmap(width, height)],
  ]);
}

type Damage = (bytes: Buffer, random: SplitMix64, others: readonly Buffer[]) => Buffer;

const DAMAGES: readonly Damage[] = [
  // Cut off.
  (bytes, random) => bytes.subarray(0, random.below(bytes.length)),
  // Some bits flipped, anywhere.
  (bytes, random) => flip(bytes, bytes.length, 1 + random.below(40), random),
  // Sizes, offsets and types are at the beginning.
  (bytes, random) => flip(bytes, 64, 1 + random.below(8), random),
  // The largest and smallest numbers where sizes could be.
  (bytes, random) => {
    const damaged = Buffer.from(bytes);
    const at = random.below(Math.min(200, bytes.length - 4));
    damaged.writeUInt32LE([0, 0xffffffff, 0x7fffffff, 0x80000000, 0xffff][random.below(5)] as number, at);
    return damaged;
  },
  // A hole of zeros, as of a download or a disk that failed.
  (bytes, random) => {
    const at = random.below(bytes.length);
    return Buffer.from(bytes).fill(0, at, at + random.below(bytes.length - at));
  },
  // A piece is there twice.
  (bytes, random) => {
    const at = random.below(bytes.length);
    return Buffer.concat([bytes.subarray(0, at), bytes.subarray(Math.floor(at / 2))]);
  },
  // The beginning of one format, the rest of another.
  (bytes, random, others) => {
    const other = others[random.below(others.length)] as Buffer;
    return Buffer.concat([other.subarray(0, 16 + random.below(100)), bytes.subarray(16)]);
  },
];

/** `count` broken photos, always the same ones, by file name. The damage may happen to spare what matters. */
export async function brokenPhotos(count: number, seed: bigint): Promise<Map<string, Buffer>> {
  const random = new SplitMix64(seed);
  const whole = await wholePhotos();
  const extensions = [...whole.keys()];
  const broken = new Map<string, Buffer>();
  for (let i = 0; i < count; i++) {
    const extension = extensions[i % extensions.length] as string;
    const damage = DAMAGES[random.below(DAMAGES.length)] as Damage;
    const bytes = damage(whole.get(extension) as Buffer, random, [...whole.values()]);
    broken.set(`${String(i).padStart(3, '0')}.${extension}`, bytes);
  }
  return broken;
}

function flip(bytes: Buffer, within: number, times: number, random: SplitMix64): Buffer {
  const damaged = Buffer.from(bytes);
  for (let i = 0; i < times; i++) {
    const at = random.below(Math.min(within, bytes.length));
    damaged[at] = (damaged[at] as number) ^ (1 << random.below(8));
  }
  return damaged;
}
