import { decodeImage } from '../../src/photos/decode';
import { BLOCK_LEVELS, restartJpeg } from '../support/jpeg';

const BLOCKS = 500;
const levels = Array.from({ length: BLOCKS }, (_, i) => BLOCK_LEVELS[i % BLOCK_LEVELS.length] as number);
const ROW_BYTES = 3 * 8;

/** The first value of each block. */
function blocksOf({ data }: { readonly data: Uint8Array }): number[] {
  return levels.map((_, i) => data[i * 8 * ROW_BYTES] as number);
}

test('a photo with bytes too many before each of its restart markers is whole, however many these are', async () => {
  const whole = await decodeImage(restartJpeg(levels));
  expect(blocksOf(whole)).toEqual(levels);
  const camera = await decodeImage(restartJpeg(levels, Buffer.alloc(9, 0x12)));
  expect(Buffer.compare(camera.data, whole.data)).toBe(0);
  expect(camera.warning).toBeUndefined();
});

test('a block of which the data end too early costs that block, not the photo', async () => {
  const bytes = restartJpeg(levels);
  // The second block loses its two bytes; behind it the next restart marker follows at once.
  const second = bytes.indexOf(Buffer.from([0xff, 0xd0])) + 2;
  const image = await decodeImage(Buffer.concat([bytes.subarray(0, second), bytes.subarray(second + 2)]));
  expect(blocksOf(image).toSpliced(1, 1)).toEqual(levels.toSpliced(1, 1));
  expect(image.warning).toBeUndefined();
});

test('a photo that is cut off is still told from that', async () => {
  const bytes = restartJpeg(levels, Buffer.alloc(9, 0x12));
  const image = await decodeImage(bytes.subarray(0, bytes.length / 2));
  expect(image.warning).toMatch(/cut off/);
  expect(blocksOf(image).slice(0, 200)).toEqual(levels.slice(0, 200));
});
