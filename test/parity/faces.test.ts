import { join } from 'node:path';
import { type EncodedFace, FaceEngine } from '../../src/engine';
import { findImages } from '../../src/images/find';
import { readEncodings } from '../../src/io/encodings';
import { forEachConcurrent } from '../../src/jobs';
import type { DetectionMethod, FaceRecord } from '../../src/types';
import { describeWithShared } from '../support/shared';

interface Photo {
  readonly path: string;
  /** What the Python project finds on it, in the detector's order; often nothing. */
  readonly expected: readonly FaceRecord[];
}

interface Comparison {
  /** Boxes that are equal, and at the same place in the detector's order. */
  equal: number;
  /** One line for each photo whose boxes differ. */
  readonly differences: string[];
  /** Largest absolute difference of a value of an encoding, over the equal boxes. */
  largest: number;
}

const describeBoxes = (boxes: readonly { top: number; right: number; bottom: number; left: number }[]) =>
  `[${boxes.map(({ top, right, bottom, left }) => `(${top}, ${right}, ${bottom}, ${left})`).join(', ')}]`;

function compare(photo: Photo, faces: readonly EncodedFace[], result: Comparison): void {
  const found = describeBoxes(faces.map(({ box }) => box));
  const wanted = describeBoxes(photo.expected.map(({ loc }) => loc));
  if (found !== wanted) {
    result.differences.push(`${photo.path}: found ${found}, expected ${wanted}`);
    return;
  }
  for (const [i, { encoding }] of photo.expected.entries()) {
    const ours = faces[i]?.encoding;
    if (ours?.length !== 128 || encoding.length !== 128) throw new Error(`${photo.path}: not 128 values`);
    for (const [k, value] of encoding.entries()) {
      const difference = Math.abs((ours[k] as number) - value);
      // NaN compares with nothing, and must not pass for equal.
      if (!(difference <= result.largest)) result.largest = difference;
    }
    result.equal++;
  }
}

describeWithShared('faces of the Python project', (shared) => {
  const photosOf = async (set: string, method: DetectionMethod): Promise<Photo[]> => {
    const records = await readEncodings(join(shared, 'golden', `${set}-${method}.pickle`));
    const { images } = await findImages(join(shared, 'data', set));
    const photos = images.map((path) => ({
      path,
      expected: records.filter(({ imagePath }) => path === join(shared, 'data', set, imagePath)),
    }));
    expect(photos.flatMap(({ expected }) => expected)).toHaveLength(records.length);
    return photos;
  };

  const run = async (method: DetectionMethod, photos: readonly Photo[]): Promise<Comparison> => {
    const result: Comparison = { equal: 0, differences: [], largest: 0 };
    const engine = new FaceEngine();
    try {
      await forEachConcurrent(photos, engine.jobs + 1, undefined, async (photo, _, signal) => {
        compare(photo, await engine.detectAndEncode(photo.path, { method, signal }), result);
      });
    } finally {
      engine.dispose();
    }
    process.stdout.write(
      `${method}: ${result.equal} boxes equal on ${photos.length} photos, ` +
        `largest absolute difference of the encodings ${result.largest.toExponential(1)}\n`,
    );
    return result;
  };

  test('hog: all 139 boxes in their order and no other, encodings within 1e-5', async () => {
    const photos = [...(await photosOf('players', 'hog')), ...(await photosOf('portraits', 'hog'))];
    const { equal, differences, largest } = await run('hog', photos);
    expect(differences).toEqual([]);
    expect(equal).toBe(139);
    expect(largest).toBeLessThanOrEqual(1e-5);
  }, 900_000);

  test('cnn: all 134 boxes in their order and no other, encodings within 1e-5', async () => {
    const photos = [...(await photosOf('players', 'cnn')), ...(await photosOf('portraits', 'cnn'))];
    const { equal, differences, largest } = await run('cnn', photos);
    expect(differences).toEqual([]);
    expect(equal).toBe(134);
    expect(largest).toBeLessThanOrEqual(1e-5);
  }, 1_800_000);
});
