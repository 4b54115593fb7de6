import { basename, join } from 'node:path';
import type { Box, DetectionMethod, FaceRecord } from '../../src/base/types';
import { dbscan } from '../../src/clustering/dbscan';
import { readEncodings } from '../../src/encodings/encodings';
import { FaceEngine } from '../../src/engine/engine';
import type { EncodedFace } from '../../src/engine/faces';
import { findImages } from '../../src/photos/find';
import { forEachConcurrent } from '../../src/system/jobs';
import { describeWithShared } from '../support/shared';

/** By the photo's name, its faces in the detector's order; often none. */
type Faces = ReadonlyMap<string, readonly Pick<EncodedFace, 'box' | 'encoding'>[]>;

interface Comparison {
  /** Boxes that are equal, and at the same place in the detector's order. */
  readonly equal: number;
  /** One line for each photo whose boxes differ. */
  readonly differences: readonly string[];
  /** Largest absolute difference of a value of an encoding, over the equal boxes. */
  readonly largest: number;
}

const describeBoxes = (boxes: readonly Box[] = []) =>
  `[${boxes.map(({ top, right, bottom, left }) => `(${top}, ${right}, ${bottom}, ${left})`).join(', ')}]`;

function compare(ours: Faces, theirs: Faces): Comparison {
  const differences: string[] = [];
  let [equal, largest] = [0, 0];
  for (const [photo, faces] of ours) {
    const expected = theirs.get(photo) ?? [];
    const [found, wanted] = [faces, expected].map((side) => describeBoxes(side.map(({ box }) => box)));
    if (found !== wanted) {
      differences.push(`${photo}: found ${found}, expected ${wanted}`);
      continue;
    }
    for (const [i, { encoding }] of expected.entries()) {
      const { encoding: mine } = faces[i] as EncodedFace;
      if (mine.length !== 128 || encoding.length !== 128) throw new Error(`${photo}: not 128 values`);
      for (const [k, value] of encoding.entries()) {
        const difference = Math.abs((mine[k] as number) - value);
        // NaN compares with nothing, and must not pass for equal.
        if (!(difference <= largest)) largest = difference;
      }
      equal++;
    }
  }
  return { equal, differences, largest };
}

function byPhoto(records: readonly FaceRecord[]): Faces {
  const faces = new Map<string, Pick<EncodedFace, 'box' | 'encoding'>[]>();
  for (const { imagePath, loc, encoding } of records) {
    const name = basename(imagePath);
    faces.set(name, [...(faces.get(name) ?? []), { box: loc, encoding }]);
  }
  return faces;
}

describeWithShared('faces of the Python project', (shared) => {
  const golden = (name: string) => readEncodings(join(shared, 'golden', `${name}.pickle`));

  /** What we find, by names in their order; names are different in all sets. */
  const detect = async (method: DetectionMethod, set: string): Promise<Faces> => {
    const { images } = await findImages(join(shared, 'data', set));
    const found = new Map<string, EncodedFace[]>(images.map((path) => [basename(path), []]));
    const engine = new FaceEngine();
    try {
      await forEachConcurrent(images, engine.jobs + 1, undefined, async (path, _, signal) => {
        found.set(basename(path), await engine.detectAndEncode(path, { method, signal }));
      });
    } finally {
      engine.dispose();
    }
    return found;
  };

  const expectEqual = (what: string, ours: Faces, records: readonly FaceRecord[], faces: number) => {
    const theirs = byPhoto(records);
    const { equal, differences, largest } = compare(ours, theirs);
    process.stdout.write(
      `${what}: ${equal} boxes equal on ${ours.size} photos, ` +
        `largest absolute difference of the encodings ${largest.toExponential(1)}\n`,
    );
    expect(differences).toEqual([]);
    expect([equal, records.length]).toEqual([faces, faces]);
    expect([...theirs.keys()].filter((name) => !ours.has(name))).toEqual([]);
    expect(largest).toBeLessThanOrEqual(1e-5);
  };

  let players: Faces;

  beforeAll(async () => {
    players = await detect('cnn', 'players');
  }, 1_800_000);

  test('cnn, players: all 127 boxes in their order and no other, encodings within 1e-5', async () => {
    expectEqual('cnn, players', players, await golden('players-cnn'), 127);
  });

  test('cnn, portraits: all 7', async () => {
    expectEqual('cnn, portraits', await detect('cnn', 'portraits'), await golden('portraits-cnn'), 7);
  }, 900_000);

  test('the file that the original published in 2020: all 127 boxes, and its labels', async () => {
    const original = await golden('players-original-2020');
    expectEqual('published in 2020', players, original, 127);
    const ours = [...byPhoto(original).keys()].flatMap((name) => players.get(name) ?? []);
    const [mine, theirs] = await Promise.all(
      [ours, original].map((faces) => dbscan(faces.map(({ encoding }) => encoding))),
    );
    expect(mine?.labels).toEqual(theirs?.labels);
    // Five players, told apart, and a lookalike.
    expect(new Set(mine?.labels)).toEqual(new Set([0, 1, 2, 3, 4, -1]));
  });

  test('hog: all 132 boxes of the players and 7 of the portraits', async () => {
    expectEqual('hog, players', await detect('hog', 'players'), await golden('players-hog'), 132);
    expectEqual('hog, portraits', await detect('hog', 'portraits'), await golden('portraits-hog'), 7);
  }, 900_000);
});
