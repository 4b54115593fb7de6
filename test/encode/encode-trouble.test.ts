import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { abortError, FaceError } from '../../src/base/errors';
import { type EncodeFacesOptions, encodeFaces } from '../../src/encode/encode';
import type { OpenedImage } from '../../src/photos/decode';
import { loadSharp } from '../../src/photos/formats/load-sharp';
import { bitmap } from '../support/bmp';
import { useTempFolder } from '../support/files';
import { rejection } from '../support/photos';

/*
 * Whole photos on a machine that has too little of something: the next run, on which nothing is missing, has to use them.
 * And photos that are there twice. The engine is a stand-in that finds no face.
 */
jest.mock('../../src/photos/formats/load-sharp', () => ({ loadSharp: jest.fn() }));
const library = jest.requireActual<typeof import('../../src/photos/formats/load-sharp')>(
  '../../src/photos/formats/load-sharp',
);

/** What the image library says instead of decoding for the n-th time, if anything. */
let complaint: (n: number) => string | undefined;

beforeEach(() => {
  complaint = () => undefined;
  let decodings = 0;
  const real = library.loadSharp();
  const sharp = (...args: Parameters<typeof real>) => {
    const source = real(...args);
    const decode = source.toBuffer.bind(source) as (...options: unknown[]) => Promise<unknown>;
    const toBuffer = async (...options: unknown[]) => {
      const said = complaint(++decodings);
      if (said !== undefined) throw new Error(said);
      return decode(...options);
    };
    return Object.assign(source, { toBuffer });
  };
  jest.mocked(loadSharp).mockReturnValue(Object.assign(sharp, real) as unknown as typeof real);
});

const temp = useTempFolder();
const inPhotos = (name: string) => join(temp(), 'photos', name);

const decoding: NonNullable<EncodeFacesOptions['engine']> = {
  jobs: 2,
  detectAndEncode: async (image, { signal } = {}) => {
    await (image as OpenedImage).decode(signal);
    return [];
  },
};

const run = (options: Partial<EncodeFacesOptions> = {}) =>
  encodeFaces({
    dataset: join(temp(), 'photos'),
    encodings: join(temp(), 'faces.pickle'),
    engine: decoding,
    ...options,
  });

async function addPhotos(): Promise<void> {
  mkdirSync(join(temp(), 'photos'));
  const picture = library.loadSharp()({ create: { width: 20, height: 10, channels: 3, background: 'teal' } });
  for (const format of ['jpeg', 'png', 'webp', 'tiff'] as const) {
    await picture
      .clone()
      .toFormat(format)
      .toFile(inPhotos(`a.${format === 'jpeg' ? 'jpg' : format}`));
  }
  writeFileSync(inPhotos('b.bmp'), bitmap(3, 1));
}

test.each([
  ['threads', 'FACE_IMAGE_DECODER', 'glib: Error creating thread: Resource temporarily unavailable'],
  ['memory', 'FACE_OUT_OF_MEMORY', 'vips_tracked: out of memory -- size == 45MB'],
  ['something that it does not name', 'FACE_IMAGE_DECODER', 'webp2vips: unable to read pixels'],
])('too little %s: whole photos are told as what they are, and tried again', async (_, code, said) => {
  await addPhotos();
  complaint = () => said;
  const first = await run();
  expect(first).toMatchObject({ photos: 5, photosFailed: 4, warnings: [] });
  expect(first.problems.map((problem) => problem.code)).toEqual([code, code, code, code]);
  for (const { reason } of first.problems) expect(reason).not.toMatch(/damaged|cut off|vips|glib/);
  complaint = () => undefined;
  expect(await run()).toMatchObject({
    photos: 5,
    photosFailed: 0,
    photosKnown: 1,
    problems: [],
    warnings: [],
  });
});

test('what is known to be wrong with a file is remembered', async () => {
  await addPhotos();
  complaint = () => 'VipsJpeg: Bogus Huffman table definition';
  const first = await run();
  expect(first.problems.map((problem) => problem.code)).toEqual(new Array(4).fill('FACE_IMAGE_DECODE'));
  complaint = () => undefined;
  const second = await run();
  expect(second).toMatchObject({ photosFailed: 4, photosKnown: 5, problems: first.problems });
});

test('what is said once only may be about another photo: libvips has one text for all', async () => {
  await addPhotos();
  complaint = (n) => (n === 1 ? 'VipsJpeg: premature end of JPEG image' : undefined);
  expect(await run({ jobs: 1 })).toMatchObject({ photosFailed: 0, warnings: [] });
});

describe('photos with the same bytes that are in hand at once', () => {
  beforeEach(() => {
    mkdirSync(join(temp(), 'photos'));
    writeFileSync(inPhotos('1.bmp'), bitmap(3, 1));
    for (const name of ['2.bmp', '3.bmp', '4.bmp']) copyFileSync(inPhotos('1.bmp'), inPhotos(name));
  });

  /** An engine that says with `work` what comes of the n-th photo it was made to decode. */
  function engine(work: (n: number) => unknown): { worked: () => number } & typeof decoding {
    let worked = 0;
    return {
      jobs: 4,
      worked: () => worked,
      detectAndEncode: async (image, { signal } = {}) => {
        await (image as OpenedImage).decode(signal);
        worked++;
        await new Promise(setImmediate);
        if (signal?.aborted) throw abortError(signal);
        await work(worked);
        return [];
      },
    };
  }

  test('are worked on once, and all have the result', async () => {
    const one = engine(() => {});
    expect(await run({ engine: one, jobs: 4 })).toMatchObject({ photos: 4, photosKnown: 3, photosFailed: 0 });
    expect(one.worked()).toBe(1);
  });

  test('the first fails for a reason of its own: the second is tried', async () => {
    const failing = engine((n) => {
      if (n === 1) throw new FaceError('FACE_OUT_OF_MEMORY', 'There is not enough memory.');
    });
    const summary = await run({ engine: failing, jobs: 4 });
    expect(summary).toMatchObject({ photosFailed: 1, photosKnown: 2 });
    expect(failing.worked()).toBe(2);
  });

  test('an error that ends the job ends it for those that wait, too', async () => {
    const ending = engine(() => {
      throw new FaceError('FACE_MODEL_DAMAGED', 'The model is damaged.');
    });
    expect((await rejection(run({ engine: ending, jobs: 4 }))).code).toBe('FACE_MODEL_DAMAGED');
  });

  test('stopped in good order: those in hand are finished', async () => {
    const stop = new AbortController();
    const stopping = engine(() => stop.abort());
    expect(await run({ engine: stopping, jobs: 4, stop: stop.signal })).toMatchObject({
      photos: 4,
      photosKnown: 3,
    });
  });
});
