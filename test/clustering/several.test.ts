import { SplitMix64 } from '../../src/base/random';
import type { Box, FaceRecord } from '../../src/base/types';
import { Cluster, clustersOf } from '../../src/clustering/clusters';
import { halvesOf } from '../../src/clustering/halves';
import { differTooMuch, findSeveral, looksLikeSeveral } from '../../src/clustering/several';

const WIDTH = 16;

/** Faces at `distance` from `centre`, in directions of their own. */
function around(centre: number, count: number, distance: number, seed = 1n): Float64Array[] {
  const random = new SplitMix64(seed);
  return Array.from({ length: count }, () => {
    const direction = Float64Array.from({ length: WIDTH }, () => random.below(2001) - 1000);
    const length = Math.hypot(...direction);
    const point = direction.map((value) => (distance * value) / length);
    point[0] = (point[0] as number) + centre;
    return point;
  });
}

const clusterOf = (encodings: readonly Float64Array[], label = 0) =>
  new Cluster(label, [...encodings.keys()], encodings);

const onPhotosOfTheirOwn = (encodings: readonly Float64Array[]) =>
  encodings.map((encoding, i) => record(`${i}.jpg`, encoding));

function record(imagePath: string, encoding: Float64Array, loc = box(0)): FaceRecord {
  return { imagePath, loc, encoding };
}

function box(left: number, side = 40): Box {
  return { top: 0, right: left + side, bottom: side, left };
}

describe('the halves of a person', () => {
  test('are the groups that it is of, and as far apart as their faces are on average', () => {
    const [a, b] = [around(0, 30, 0.3), around(0.6, 12, 0.3, 2n)];
    // In no order.
    const mixed = [...a.slice(0, 10), ...b, ...a.slice(10)];
    const halves = halvesOf(mixed);
    expect(halves).toMatchObject({ smaller: 12, share: 12 / 42 });
    const squares = a.flatMap((x) => b.map((y) => Math.hypot(...x.map((v, i) => v - (y[i] as number))) ** 2));
    const meanSquare = squares.reduce((sum, square) => sum + square, 0) / squares.length;
    expect(halves?.distance).toBeCloseTo(Math.sqrt(meanSquare), 9);
  });

  test('of a hundred thousand faces are those of some of them', () => {
    const [a, b] = [around(0, 500, 0.3), around(0.6, 500, 0.3, 2n)];
    const many = Array.from({ length: 100_000 }, (_, i) => (i % 4 === 0 ? b : a)[i % 500] as Float64Array);
    const halves = halvesOf(many);
    expect(halves?.share).toBeCloseTo(0.25, 1);
    expect(halves?.smaller).toBeLessThanOrEqual(5000);
  });

  test.each([0, 1, 5])('there are none of %d equal faces', (count) => {
    expect(halvesOf(Array.from({ length: count }, () => Float64Array.of(0.1, 0.7)))).toBeUndefined();
  });
});

describe('a person looks like several', () => {
  const reasons = (encodings: readonly Float64Array[]) =>
    looksLikeSeveral(clusterOf(encodings), onPhotosOfTheirOwn(encodings))?.reasons;

  test('not as long as the faces are as alike as those of one person', () => {
    expect(reasons(around(0, 40, 0.3))).toBeUndefined();
    expect(differTooMuch(clusterOf(around(0, 40, 0.3)))).toBe(false);
  });

  test('for faces all over the place', () => {
    expect(reasons(around(0, 40, 0.45))).toContain('spread');
    expect(differTooMuch(clusterOf(around(0, 40, 0.45)))).toBe(true);
  });

  test('for two groups that are far apart, and not for an odd photo or two', () => {
    const other = (count: number) => [...around(0, 20, 0.25), ...around(0.6, count, 0.25, 2n)];
    expect(reasons(other(3))).toEqual(['halves']);
    expect(reasons(other(2))).toBeUndefined();
  });

  test('label -1 never: it is no person', () => {
    const far = around(0, 40, 1);
    expect(looksLikeSeveral(clusterOf(far, -1), onPhotosOfTheirOwn(far))).toBeNull();
  });

  describe('for photos with two of the faces', () => {
    const alike = around(0, 300, 0.2);
    const several = (...loc: Box[]) => {
      const records = onPhotosOfTheirOwn(alike);
      for (const [i, at] of loc.entries()) records[i] = record('0.jpg', alike[i] as Float64Array, at);
      return looksLikeSeveral(clusterOf(alike), records);
    };

    test('in different places, if these are more than mirrors and collages are', () => {
      expect(several(box(0), box(100))).toBeNull();
      const records = onPhotosOfTheirOwn(alike).map((face, i) => ({
        ...face,
        imagePath: `${i < 10 ? i >> 1 : i}.jpg`,
        loc: box(100 * (i % 2)),
      }));
      expect(looksLikeSeveral(clusterOf(alike), records)).toMatchObject({ reasons: ['photos'], photos: 5 });
    });

    test('and not for one face that was found twice', () => {
      const few = alike.slice(0, 5);
      const twice = (loc: Box) => {
        const records = onPhotosOfTheirOwn(few);
        records[1] = record('0.jpg', few[1] as Float64Array, loc);
        return looksLikeSeveral(clusterOf(few), records);
      };
      expect(twice(box(5, 30))).toBeNull();
      expect(twice(box(0))).toBeNull();
      expect(twice(box(20))).toMatchObject({ reasons: ['photos'], photos: 1 });
    });
  });

  test('all clusters are looked at, unless told to stop', async () => {
    const one = around(0, 6000, 0.3);
    const encodings = [...one, ...around(5, 6000, 0.45)];
    const clusters = clustersOf(
      encodings.map((_, i) => (i < 6000 ? 0 : 1)),
      encodings,
    );
    const records = onPhotosOfTheirOwn(encodings);
    const done: number[] = [];
    const found = await findSeveral(clusters, records, { onProgress: (fraction) => done.push(fraction) });
    expect([...found.keys()]).toEqual([1]);
    expect(done).toEqual([1]);
    await expect(findSeveral(clusters, records, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'FACE_ABORTED',
    });
  });
});

test('people are not several of whom somebody has said of a face of each half that it is them', () => {
  const faces = [...around(0, 20, 0.2), ...around(0.7, 8, 0.2, 2n)];
  const [cluster, records] = [clusterOf(faces), onPhotosOfTheirOwn(faces)];
  const reasons = (...said: number[]) => looksLikeSeveral(cluster, records, new Set(said))?.reasons;
  expect(reasons()).toContain('halves');
  expect(reasons(3)).toContain('halves');
  expect(reasons(3, 4, 5)).toContain('halves');
  expect(reasons(25, 26)).toContain('halves');
  expect(reasons(3, 25)).toBeUndefined();
});
