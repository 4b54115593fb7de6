import { mkdirSync } from 'node:fs';
import sharp from 'sharp';
import type { EncodeEngine } from '../../src/encode/encode-photo';
import { processBudget } from '../../src/engine/memory-budget';
import { PhotoPipeline } from '../../src/engine/photo-pipeline';
import type { OpenedImage } from '../../src/photos/decode';
import { answersTo } from '../../src/queue/answers';
import { termsOf } from '../../src/queue/terms';
import { sha256 } from '../../src/system/sha256';
import { useTempFolder } from '../support/files';

const temp = useTempFolder();

test('the photos of the next job are begun when those of the one in hand are', async () => {
  mkdirSync(temp('photos'));
  // Told by their widths: 100 to 107 are the first job.
  const photo = async (width: number) => {
    const data = await sharp({ create: { width, height: 50, channels: 3, background: 'grey' } })
      .png()
      .toBuffer();
    const path = `${width}.png`;
    return { path, content: sha256(data), bytes: data.length, data: data.toString('base64') };
  };
  const job = async (first: number) => ({
    protocol: 1 as const,
    run: '0123456789abcdef',
    photos: await Promise.all(Array.from({ length: 8 }, (_, i) => photo(first + i))),
  });
  const [one, next] = [await job(100), await job(200)];
  const begun: number[] = [];
  const engine: EncodeEngine = {
    detectAndEncode: async (image) => {
      begun.push((image as OpenedImage).width);
      return [];
    },
  };
  const terms = termsOf({
    settings: { method: 'hog', upsample: 0, numJitters: 1 },
    mirror: false,
    maxPixels: 1e6,
  });
  const options = {
    engine,
    pipeline: new PhotoPipeline(1, processBudget(undefined, 1)),
    terms,
    share: undefined,
  };
  const answers = await Promise.all([one, next].map((message) => answersTo(message, options, undefined)));
  expect(answers.flat().filter(({ result }) => result)).toHaveLength(16);
  // Two are read at once, which may change places.
  const early = begun.slice(
    0,
    begun.findIndex((_, i) => begun.slice(i).every((width) => width >= 200)),
  );
  expect(early.filter((width) => width >= 200).length).toBeLessThanOrEqual(1);
});
