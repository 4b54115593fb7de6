import { clustersOf } from '../../src/clustering/clusters';

const at = (...values: number[]) => Float64Array.from(values);

test('clusters are in the order of their labels, those of none first', () => {
  const labels = Int32Array.of(2, 0, -1, 2, 10, 0);
  const clusters = clustersOf(
    labels,
    Array.from(labels, () => at(0)),
  );
  expect(clusters.map(({ label, indices }) => [label, indices])).toEqual([
    [-1, [2]],
    [0, [1, 5]],
    [2, [0, 3]],
    [10, [4]],
  ]);
});

test('distances are to the mean of the members, in their order; the nearest, first of several, represents them', () => {
  const [cluster] = clustersOf([0, 0, 0], [at(0, 0), at(6, 0), at(3, 6)]);
  // The centre is (3, 2).
  expect(cluster?.distances).toEqual(at(Math.sqrt(13), Math.sqrt(13), 4));
  expect(cluster?.representative).toBe(0);
  expect(cluster?.spread).toBeCloseTo((2 * Math.sqrt(13) + 4) / 3, 12);
});

test('faces that belong together by nothing have no centre', () => {
  const [unsorted] = clustersOf([-1, -1], [at(0), at(1)]);
  expect([unsorted?.distances, unsorted?.representative, unsorted?.spread]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
});
