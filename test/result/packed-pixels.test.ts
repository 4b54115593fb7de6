import { SplitMix64 } from '../../src/base/random';
import { packPixels, unpackPixels } from '../../src/result/pictures/packed-pixels';

const [width, height] = [97, 31];
const image = (value: (i: number) => number) => ({
  data: Uint8Array.from({ length: 3 * width * height }, (_, i) => value(i)),
  width,
  height,
});
const random = new SplitMix64(1n);

test.each([
  ['noise', () => random.below(256)],
  ['black and white in turn', (i: number) => (i % 2) * 255],
  ['a slope', (i: number) => i >> 4],
])('%s comes out of packed pixels as it went in', (_, value) => {
  const before = image(value);
  const { data, ...size } = unpackPixels(packPixels(before), width, height);
  expect(size).toEqual({ width, height });
  expect(Buffer.from(data).equals(Buffer.from(before.data))).toBe(true);
});

test('smooth pixels take less than half of their bytes', () => {
  const slope = image((i) => 128 + 100 * Math.sin(i / 500));
  expect(packPixels(slope).length).toBeLessThan(slope.data.length / 2);
});
