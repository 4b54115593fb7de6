import { MemoryBudget } from '../../src/engine/memory-budget';
import { PhotoPipeline } from '../../src/engine/photo-pipeline';
import { openBytes, PhotoSource } from '../../src/photos/decode';
import { bitmap } from '../support/bmp';
import { rejection } from '../support/photos';

const nothing = () => ({ least: 0, most: 0 });
const bytes = bitmap(10, 10);

test('no file is read before there is memory for it: many large ones at once would not fit', async () => {
  const intake = new PhotoPipeline(16, new MemoryBudget(1_000_000, 16));
  let reading = 0;
  let most = 0;
  const files = Array.from({ length: 32 }, () => {
    const file = new PhotoSource(
      async () => 400_000,
      async (signal) => {
        most = Math.max(most, ++reading);
        await new Promise(setImmediate);
        reading--;
        return openBytes(bytes, 'it', 1000, signal);
      },
    );
    return intake.run(file, nothing, undefined, async ({ data }) => data.length);
  });
  expect(await Promise.all(files)).toEqual(new Array(32).fill(300));
  expect(most).toBe(1);
});

test('a file that can not be opened gives its memory back', async () => {
  const budget = new MemoryBudget(1000, 1);
  const intake = new PhotoPipeline(1, budget);
  const broken = new PhotoSource(
    async () => 5000,
    async () => {
      throw new Error('gone');
    },
  );
  for (let i = 0; i < 3; i++) {
    await expect(intake.run(broken, nothing, undefined, async () => 1)).rejects.toThrow('gone');
  }
  expect(await intake.run(bytes, nothing, undefined, async ({ width }) => width)).toBe(10);
});

test('what the machine can not hold is refused, not begun: the system would end the process', async () => {
  const intake = new PhotoPipeline(1, new MemoryBudget(1e9, 1));
  const work = jest.fn(async () => 1);
  const error = await rejection(
    intake.run(bytes, () => ({ least: 2 ** 50, most: 2 ** 50 }), undefined, work),
  );
  expect(error).toMatchObject({
    code: 'FACE_OUT_OF_MEMORY',
    message: expect.stringMatching(/10 x 10 pixels/),
  });
  expect(work).not.toHaveBeenCalled();
});
