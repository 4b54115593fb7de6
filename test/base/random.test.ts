import { SplitMix64, sample } from '../../src/base/random';

test('SplitMix64 gives the published numbers, so a seed means the same everywhere', () => {
  // What Vigna's splitmix64.c prints for the seed 1234567.
  const random = new SplitMix64(1234567n);
  expect(Array.from({ length: 5 }, () => random.next())).toEqual([
    6457827717110365317n,
    3203168211198807973n,
    9817491932198370423n,
    4593380528125082431n,
    16408922859458223821n,
  ]);
});

test('a sample holds no item twice and leaves the items as they are', () => {
  const items = Array.from({ length: 40 }, (_, i) => i);
  const drawn = sample(items, 25, new SplitMix64(7n));
  expect(new Set(drawn).size).toBe(25);
  expect(items).toEqual(Array.from({ length: 40 }, (_, i) => i));
});

test('all items are drawn where there are fewer than asked for', () => {
  expect(sample(['a', 'b', 'c'], 25, new SplitMix64(0n)).sort()).toEqual(['a', 'b', 'c']);
  expect(sample([], 25, new SplitMix64(0n))).toEqual([]);
});

test('a longer sample starts with the shorter one: spare faces do not change the montage', () => {
  const items = Array.from({ length: 100 }, (_, i) => i);
  const long = sample(items, 50, new SplitMix64(3n));
  expect(long.slice(0, 25)).toEqual(sample(items, 25, new SplitMix64(3n)));
});

test('every item is drawn about equally often', () => {
  const random = new SplitMix64(1n);
  const hits = new Array<number>(10).fill(0);
  for (let i = 0; i < 10_000; i++) {
    for (const item of sample([0, 1, 2, 3, 4, 5, 6, 7, 8, 9], 1, random)) hits[item] = (hits[item] ?? 0) + 1;
  }
  // 1000 each expected, standard deviation 30.
  expect(Math.min(...hits)).toBeGreaterThan(850);
  expect(Math.max(...hits)).toBeLessThan(1150);
});
