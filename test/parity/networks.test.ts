import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { SplitMix64 } from '../../src/base/random';
import type { Box, RawImage } from '../../src/base/types';
import { FaceEngine } from '../../src/engine/engine';
import type { EncodedFace } from '../../src/engine/faces';
import { forEachConcurrent } from '../../src/system/jobs';
import { PORTRAITS, samplePhoto } from '../support/files';

/*
 * Our networks against dlib's own layers, through the public interface. dlib's take half a second for each of these
 * photos: normally as many as fit into half a minute, and as many as one likes with
 * FACE_CLUSTER_NETWORK_SAMPLES=1000 npx jest test/parity/networks
 */
const SAMPLES = Number(process.env.FACE_CLUSTER_NETWORK_SAMPLES || 100);

/** Pixels of a sample's longer side: faces of 40 and more of them are found. */
const SIZE = 128;

interface Sample {
  readonly photo: RawImage;
  /** Where to cut out a chip, whether there is a face or not. */
  readonly box: Box;
}

/** Part of a photo, from a ninth of it to all, turned or not and scaled; every fourth has noise on it. */
async function makeSample(paths: readonly string[], index: number): Promise<Sample> {
  const random = new SplitMix64(BigInt(index));
  const between = (least: number, most: number) => least + random.below(most - least + 1);
  const path = paths[random.below(paths.length)] as string;
  const { width, height } = await sharp(path).metadata();
  const side = between(Math.ceil(Math.min(width, height) / 3), Math.min(width, height));
  const { data, info } = await sharp(path)
    .extract({ left: between(0, width - side), top: between(0, height - side), width: side, height: side })
    .flop(random.below(2) === 1)
    .resize(SIZE, between(SIZE / 2, SIZE), { fit: 'cover' })
    .toColourspace('srgb')
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  const noise = index % 4 === 0 ? 30 : 0;
  const pixels = Uint8Array.from(data, (value) => Math.min(255, value + random.below(noise + 1)));
  const [left, top] = [between(-20, SIZE - 40), between(-20, info.height - 30)];
  return {
    photo: { data: pixels, width: info.width, height: info.height },
    box: { left, top, right: left + between(20, SIZE), bottom: top + between(20, SIZE) },
  };
}

/** NaN counts as infinitely far. */
function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length);
  let largest = 0;
  for (let i = 0; i < a.length; i++) {
    const difference = Math.abs((a[i] as number) - (b[i] as number));
    if (!(difference <= largest)) largest = Number.isNaN(difference) ? Infinity : difference;
  }
  return largest;
}

const boxesOf = (faces: readonly EncodedFace[]) => faces.map(({ box }) => box);
const scoresOf = (faces: readonly EncodedFace[]) => faces.map(({ score }) => score);

test(
  `the fast engine gives what the reference gives on ${SAMPLES} random photos and chips`,
  async () => {
    const paths = [
      ...[1, 2, 3, 4, 5, 6].map((i) => samplePhoto(`sample${i}.jpg`)),
      ...readdirSync(PORTRAITS)
        .filter((name) => name.endsWith('.jpg'))
        .sort()
        .map((name) => join(PORTRAITS, name)),
    ];
    const fast = new FaceEngine();
    const reference = new FaceEngine({ engine: 'reference' });
    const worst = { score: 0, encoding: 0, chip: 0 };
    let faces = 0;
    try {
      const indices = Array.from({ length: SAMPLES }, (_, i) => i);
      await forEachConcurrent(indices, fast.jobs, undefined, async (index) => {
        const { photo, box } = await makeSample(paths, index);
        const [expected, found] = [await reference.detectAndEncode(photo), await fast.detectAndEncode(photo)];
        expect({ index, boxes: boxesOf(found) }).toEqual({ index, boxes: boxesOf(expected) });
        worst.score = Math.max(worst.score, largestDifference(scoresOf(found), scoresOf(expected)));
        faces += expected.length;
        for (const [i, { encoding }] of expected.entries()) {
          const ours = found[i]?.encoding as Float64Array;
          worst.encoding = Math.max(worst.encoding, largestDifference(ours, encoding));
        }
        const [chip, ours] = [await reference.encode(photo, [box]), await fast.encode(photo, [box])];
        worst.chip = Math.max(
          worst.chip,
          largestDifference(ours[0] as Float64Array, chip[0] as Float64Array),
        );
      });
    } finally {
      fast.dispose();
      reference.dispose();
    }
    process.stdout.write(
      `${SAMPLES} photos with ${faces} faces: largest differences ${worst.score.toExponential(1)} of a score, ` +
        `${worst.encoding.toExponential(1)} of an encoding, ${worst.chip.toExponential(1)} of a chip's\n`,
    );
    // Otherwise this has compared nothing with nothing, or one engine with itself.
    expect(faces).toBeGreaterThan(SAMPLES / 4);
    expect(worst.score + worst.chip).toBeGreaterThan(0);
    expect(worst.score).toBeLessThan(1e-4);
    expect(worst.encoding).toBeLessThan(1e-5);
    expect(worst.chip).toBeLessThan(1e-5);
  },
  600_000 + SAMPLES * 20_000,
);
