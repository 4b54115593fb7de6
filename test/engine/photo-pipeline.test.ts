import { MemoryBudget } from '../../src/engine/memory-budget';
import { PhotoPipeline } from '../../src/engine/photo-pipeline';
import type { PhotoSource } from '../../src/photos/given';
import { bitmap } from '../support/bmp';
import { rejection } from '../support/photos';

/** Reads and decodes a photo; @returns the length of its pixels */
async function take(pipeline: PhotoPipeline, source: PhotoSource): Promise<number> {
  const photo = await pipeline.read(source, undefined);
  try {
    const opened = await photo.open(1000, undefined);
    return await pipeline.run(opened, nothing, undefined, async ({ data }) => data.length);
  } finally {
    photo.release();
  }
}

const nothing = () => ({ least: 0, most: 0 });
const bytes = bitmap(10, 10);

test('no file is read before there is memory for it: many large ones at once would not fit', async () => {
  const pipeline = new PhotoPipeline(16, new MemoryBudget(1_000_000, 16));
  let reading = 0;
  let most = 0;
  const files = Array.from({ length: 32 }, () => {
    const file: PhotoSource = {
      label: 'it',
      length: async () => 400_000,
      read: async () => {
        most = Math.max(most, ++reading);
        await new Promise(setImmediate);
        reading--;
        return { bytes, stats: undefined };
      },
    };
    return take(pipeline, file);
  });
  expect(await Promise.all(files)).toEqual(new Array(32).fill(300));
  expect(most).toBe(1);
});

test('a file that can not be opened gives its memory back', async () => {
  const budget = new MemoryBudget(1000, 1);
  const pipeline = new PhotoPipeline(1, budget);
  const broken: PhotoSource = {
    label: 'it',
    length: async () => 5000,
    read: async () => {
      throw new Error('gone');
    },
  };
  for (let i = 0; i < 3; i++) {
    await expect(take(pipeline, broken)).rejects.toThrow('gone');
  }
  expect(await pipeline.run(bytes, nothing, undefined, async ({ width }) => width)).toBe(10);
});

test('what the machine can not hold is refused, not begun: the system would end the process', async () => {
  const pipeline = new PhotoPipeline(1, new MemoryBudget(1e9, 1));
  const work = jest.fn(async () => 1);
  const error = await rejection(
    pipeline.run(bytes, () => ({ least: 2 ** 50, most: 2 ** 50 }), undefined, work),
  );
  expect(error).toMatchObject({
    code: 'FACE_OUT_OF_MEMORY',
    message: expect.stringMatching(/10 x 10 pixels/),
  });
  expect(work).not.toHaveBeenCalled();
});
