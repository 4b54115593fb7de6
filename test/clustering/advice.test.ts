import { findLargeCluster } from '../../src/clustering/advice';
import { clustersOf } from '../../src/clustering/clusters';
import { dbscan } from '../../src/clustering/dbscan';

/** What is said of the clusters that DBSCAN finds. */
async function largeOf(encodings: readonly Float64Array[], eps = 0.5) {
  const { labels } = await dbscan(encodings, { eps });
  return findLargeCluster(encodings, clustersOf(labels, encodings), { eps, minSamples: 5 }, {});
}

/** Faces `step` apart on a line: DBSCAN goes from one to the next. */
function chain(count: number, step: number): Float64Array[] {
  return Array.from({ length: count }, (_, i) => Float64Array.of(step * i, 0));
}

describe('a cluster that swallows others', () => {
  /** Five tight people whose neighbours are 0.48 away, with one face half-way in the last gap that joins two at 0.45 as well. */
  const people = (gap: number) =>
    Array.from({ length: 5 }, (_, p) =>
      chain(6, 0.01).map((encoding, i) => {
        encoding[0] = gap * p + 0.01 * i;
        return encoding;
      }),
    ).flat();

  test('is found, with an eps at which it falls apart', async () => {
    const large = await largeOf(people(0.48));
    expect(large).toMatchObject({ percent: 100, mixed: true, tryEps: 0.4 });
    expect(await largeOf(people(0.48), large?.tryEps)).toBeUndefined();
  });

  test('is told from one person who is on most photos', async () => {
    expect(await largeOf([...chain(30, 0.005), ...people(0.9)])).toMatchObject({
      percent: 60,
      mixed: false,
      tried: true,
      tryEps: undefined,
    });
  });

  test('gets an eps that is not absurd, however large the one was that was tried', async () => {
    expect(await largeOf(people(0.48), 1000)).toMatchObject({ percent: 100, mixed: true, tryEps: 0.4 });
  });

  test('has nothing to try where no eps keeps people apart and leaves some', async () => {
    // All on one line, each as far from the next.
    expect(await largeOf(chain(60, 0.07))).toMatchObject({ percent: 100, mixed: true, tryEps: undefined });
    expect(await largeOf(chain(12, 0.001), 0.05)).toMatchObject({ mixed: false, tryEps: undefined });
  });

  test('of two, the larger one is told', async () => {
    const far = chain(101, 0.001).map((encoding) => {
      encoding[1] = 9;
      return encoding;
    });
    for (const faces of [
      [...chain(100, 0.001), ...far],
      [...far, ...chain(100, 0.001)],
    ]) {
      expect((await largeOf(faces))?.label).toBe(faces[0] === far[0] ? 0 : 1);
    }
  });

  test('says nothing where there are hardly any faces', async () => {
    expect(await largeOf(chain(9, 0.01))).toBeUndefined();
    expect(await largeOf(chain(10, 0.01))).toMatchObject({ percent: 100 });
  });

  test('comes before a larger one that is not mixed', async () => {
    const far = chain(34, 0.001).map((encoding) => {
      encoding[1] = 9;
      return encoding;
    });
    expect(await largeOf([...far, ...people(0.48)])).toMatchObject({ percent: 46, mixed: true });
  });
});
