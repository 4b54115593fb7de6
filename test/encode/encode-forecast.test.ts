import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as immediate } from 'node:timers/promises';
import { FaceError } from '../../src/base/errors';
import type { RawImage } from '../../src/base/types';
import { type EncodeFacesOptions, type EncodeProgress, encodeFaces } from '../../src/encode/encode';
import type { EncodeForecast } from '../../src/encode/time-left';
import { readEncodings } from '../../src/encodings/encodings';
import type { OpenedImage } from '../../src/photos/decode';
import { bitmap } from '../support/bmp';
import { useTempFolder } from '../support/files';

/* What `encodeFaces` says of the time, with an engine that turns the clock on instead of working. */
const temp = useTempFolder();

const PHOTOS = 120;
let clock: jest.SpyInstance<number>;

beforeEach(() => {
  mkdirSync(join(temp(), 'photos'));
  for (let i = 1; i <= PHOTOS; i++) writeFileSync(join(temp(), 'photos', `${1000 + i}.bmp`), bitmap(i, 1));
  clock = jest.spyOn(performance, 'now').mockReturnValue(0);
});
afterEach(() => clock.mockRestore());

interface Ran {
  readonly forecasts: EncodeForecast[];
  readonly progress: EncodeProgress[];
  /** How faces were looked for, and on photos of which width. */
  readonly looked: Record<string, number[]>;
}

/** @param seconds what a photo takes, by the way in which faces are looked for on it */
async function run(
  seconds: { readonly chosen: number; readonly hog?: number; readonly reduced?: number },
  options: Partial<EncodeFacesOptions> = {},
): Promise<Ran> {
  const ran: Ran = { forecasts: [], progress: [], looked: {} };
  let now = 0;
  clock.mockReturnValue(now);
  /** One photo at a time. */
  let turn = Promise.resolve();
  await encodeFaces({
    dataset: join(temp(), 'photos'),
    encodings: join(temp(), 'faces.pickle'),
    engine: {
      jobs: 1,
      detectAndEncode: async (image, { method, detectSize, signal } = {}) => {
        const { width } = (await (image as OpenedImage).decode(signal)) as RawImage;
        const way = method === 'hog' ? 'hog' : detectSize === 1600 ? 'reduced' : 'chosen';
        turn = turn
          .then(() => immediate())
          .then(() => {
            now += 1000 * (seconds[way] ?? 0);
            clock.mockReturnValue(now);
          });
        await turn;
        ran.looked[way] = [...(ran.looked[way] ?? []), width];
        const box = { top: 0, right: 1, bottom: 1, left: 0 };
        return [{ box, score: 1, encoding: new Float64Array(128).fill(way === 'chosen' ? 1 : 2) }];
      },
    },
    onForecast: (forecast) => ran.forecasts.push(forecast),
    onProgress: (progress) => ran.progress.push(progress),
    ...options,
  });
  return ran;
}

/** Roughly: two photos are in hand, and the stand-in takes whichever comes. How right it is, forecast.test.ts says. */
function expectAbout(seconds: number | undefined, expected: number): void {
  expect(seconds).toBeGreaterThan(0.5 * expected);
  expect(seconds).toBeLessThan(1.5 * expected);
}

test('more than an hour: once, how long the rest takes, and how long in quicker ways, measured on a few photos', async () => {
  const { forecasts, looked } = await run({ chosen: 60, hog: 5, reduced: 12 });
  expect(forecasts).toHaveLength(1);
  const [{ photosLeft, secondsLeft, instead }] = forecasts as [EncodeForecast];
  expect(photosLeft).toBeGreaterThan(100);
  expectAbout(secondsLeft, 60 * photosLeft);
  expect(instead).toEqual([
    { method: 'hog', secondsLeft: expect.any(Number) },
    { method: 'cnn', detectSize: 1600, secondsLeft: expect.any(Number) },
  ]);
  expectAbout(instead[0]?.secondsLeft, 5 * photosLeft);
  expectAbout(instead[1]?.secondsLeft, 12 * photosLeft);
  // Of all sizes, the same for both.
  expect(looked.hog?.length).toBe(8);
  expect(new Set(looked.reduced)).toEqual(new Set(looked.hog));
  expect(Math.max(...(looked.hog ?? []))).toBeGreaterThan(PHOTOS * 0.8);
  expect(Math.min(...(looked.hog ?? []))).toBeLessThan(PHOTOS * 0.4);
  // Every photo once as chosen, and that is what is kept.
  expect(looked.chosen?.toSorted((a, b) => a - b)).toEqual(Array.from({ length: PHOTOS }, (_, i) => i + 1));
  const records = await readEncodings(join(temp(), 'faces.pickle'));
  expect(records).toHaveLength(PHOTOS);
  for (const { encoding } of records) expect(encoding[0]).toBe(1);
});

test('ways that are hardly quicker, or chosen already, are not named', async () => {
  const hardly = await run({ chosen: 60, hog: 5, reduced: 55 });
  expect(hardly.forecasts[0]?.instead.map(({ method }) => method)).toEqual(['hog']);
  const reduced = await run({ chosen: 0, reduced: 60, hog: 10 }, { detectSize: 1600, fresh: true });
  expect(reduced.forecasts[0]?.instead).toMatchObject([{ method: 'hog', detectSize: 1600 }]);
  const hog = await run({ chosen: 0, hog: 60 }, { method: 'hog', detectSize: 1000, fresh: true });
  expect(hog.forecasts).toMatchObject([{ instead: [] }]);
});

test('less than an hour: how long the rest takes, and no photo is looked at twice', async () => {
  const { forecasts, looked } = await run({ chosen: 10 });
  expect(forecasts).toEqual([
    { photosLeft: expect.any(Number), framesLeft: 0, secondsLeft: expect.any(Number), instead: [] },
  ]);
  expectAbout(forecasts[0]?.secondsLeft, 10 * (forecasts[0]?.photosLeft as number));
  expect(Object.keys(looked)).toEqual(['chosen']);
  expect(looked.chosen).toHaveLength(PHOTOS);
});

test('less than a minute: nothing', async () => {
  expect((await run({ chosen: 0.1 })).forecasts).toEqual([]);
});

test('nobody asks: no photo is looked at in another way', async () => {
  const { looked } = await run({ chosen: 60 }, { onForecast: undefined as never });
  expect(Object.keys(looked)).toEqual(['chosen']);
});

test('a run that is stopped before it is told how long it takes looks for no other way', async () => {
  const stop = new AbortController();
  const ran: EncodeForecast[] = [];
  const onProgress = ({ done }: EncodeProgress) => done === 8 && stop.abort();
  const ended = run({ chosen: 60 }, { stop: stop.signal, onProgress, onForecast: (one) => ran.push(one) });
  await expect(ended).rejects.toMatchObject({ code: 'FACE_ABORTED' });
  expect(ran).toEqual([]);
});

test('after a stop no photo is drawn any more: what is left to do does not grow with their number', async () => {
  const stop = new AbortController();
  let looks = 0;
  const onProgress = ({ done }: EncodeProgress) => {
    if (done !== 8) return;
    stop.abort();
    looks = clock.mock.calls.length;
  };
  await expect(run({ chosen: 1 }, { stop: stop.signal, onProgress })).rejects.toMatchObject({
    code: 'FACE_ABORTED',
  });
  expect(clock.mock.calls.length - looks).toBeLessThan(PHOTOS / 4);
});

test('what goes wrong with the machine while other ways are measured ends the run', async () => {
  const broken = new FaceError('FACE_MODEL_DAMAGED', 'The model is damaged.');
  const answer: NonNullable<EncodeFacesOptions['engine']>['detectAndEncode'] = async (_, { method } = {}) => {
    if (method === 'hog') throw broken;
    clock.mockReturnValue(performance.now() + 60_000);
    return [];
  };
  await expect(run({ chosen: 0 }, { engine: { jobs: 1, detectAndEncode: answer } })).rejects.toBe(broken);
});

test('progress says how much time is left, to the last photo but one', async () => {
  const { progress } = await run({ chosen: 10 });
  expect(progress[0]?.secondsLeft).toBeUndefined();
  expect(progress.at(-1)?.secondsLeft).toBeUndefined();
  for (const { done, secondsLeft } of progress.slice(1, -1)) {
    if (done < PHOTOS / 10) continue;
    const left = 10 * (PHOTOS - done);
    expect(Math.abs((secondsLeft as number) - left)).toBeLessThan(0.5 * Math.max(left, PHOTOS));
  }
});
