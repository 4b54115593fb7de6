import { Forecast, WorkClock } from '../../src/encode/forecast';
import { type ListedPhoto, largestFirst, orderOfWork, sampleOfSizes } from '../../src/photos/largest-first';
import { PHOTO_SIZES } from '../fixtures/photo-sizes';

interface Photo extends ListedPhoto {
  readonly pixels: number;
}

/** Numbers from 0 to 1 that are the same each time. */
function numbers(seed = 1): () => number {
  let state = seed;
  return () => {
    state = (state * 1664525 + 1013904223) % 2 ** 32;
    return state / 2 ** 32;
  };
}

function photosOf(sizes: readonly (readonly [string, number, number])[]): Photo[] {
  return sizes.map(([format, bytes, pixels], index) => ({
    path: `${index}.${format}`,
    bytes,
    pixels,
    index,
  }));
}

/** `count` photos of the recorded sizes, no two the same. */
function recorded(count: number): [string, number, number][] {
  const random = numbers(7);
  return Array.from({ length: count }, (_, i) => {
    const [format, bytes, pixels] = PHOTO_SIZES[i % PHOTO_SIZES.length] as (typeof PHOTO_SIZES)[0];
    const scale = 0.7 + 0.6 * random();
    return [format, Math.round(bytes * scale), Math.round(pixels * scale)];
  });
}

/** Photos of a phone: all of one size, with files of 1.5 to 6 MB. */
function phone(count: number): [string, number, number][] {
  const random = numbers(3);
  return Array.from({ length: count }, () => ['jpg', Math.round(1.5e6 + 4.5e6 * random()), 12_192_768]);
}

/** Screenshots: a tenth of the bytes that a PNG has that shows a photo. */
function screenshots(count: number): [string, number, number][] {
  const random = numbers(5);
  return Array.from({ length: count }, () => ['png', Math.round(2e5 + 5e5 * random()), 2_073_600]);
}

interface Machine {
  /** What a photo takes, in seconds of all cores. */
  readonly seconds: (photo: Photo) => number;
  readonly jobs: number;
  readonly method?: 'cnn' | 'hog';
  readonly detectSize?: number;
  /** How fast it is at a moment. */
  readonly speed?: (at: number) => number;
}

interface Moment {
  readonly at: number;
  readonly secondsLeft: number | undefined;
}

/** Has the photos done by a machine with a clock of its own, in the order of `encode`; what was said after each photo. */
function simulate(
  photos: readonly Photo[],
  { seconds, jobs, method = 'cnn', detectSize, speed = () => 1 }: Machine,
): Moment[] {
  const bySize = largestFirst(photos) as Photo[];
  const { ahead, sample, order } = orderOfWork(bySize, jobs);
  const queue = order.values();
  let now = 5000;
  const forecast = new Forecast(
    bySize,
    ahead + sample.length,
    { method, ...(detectSize !== undefined && { detectSize }) },
    jobs,
    () => now,
  );
  const decoding: { photo: Photo; left: number; seconds: number }[] = [];
  const decoded: typeof decoding = [];
  const said: Moment[] = [];
  const noise = numbers(11);
  // The models are loaded first.
  let loading = 0.3;
  for (;;) {
    while (decoding.length + decoded.length < 2 * jobs) {
      const { value: photo, done } = queue.next();
      if (done) break;
      forecast.begin(photo);
      forecast.reach(photo, 'decoding');
      decoding.push({
        photo,
        left: 8e-9 * photo.pixels,
        seconds: loading + seconds(photo) * (0.6 + 0.8 * noise()),
      });
      loading = 0;
    }
    const working = [...decoding, ...decoded.slice(0, jobs)];
    const [next] = working.toSorted((a, b) => a.left - b.left);
    if (!next) return said;
    // One alone can't use all cores as well.
    const share = (speed(now / 1000) * (working.length === 1 ? 0.8 : 1)) / working.length;
    const step = next.left;
    for (const one of working) one.left -= step;
    now += (1000 * step) / share;
    if (decoding.includes(next)) {
      decoding.splice(decoding.indexOf(next), 1);
      decoded.push({ ...next, left: next.seconds });
      forecast.reach(next.photo, 'decoded');
      continue;
    }
    decoded.splice(decoded.indexOf(next), 1);
    forecast.end(next.photo, next.photo.pixels);
    said.push({ at: now / 1000 - 5, secondsLeft: forecast.secondsLeft });
  }
}

/** By how much what was said was wrong at worst, from a tenth of the time on: a share of what was left, in the last tenth of that. */
function worstError(said: readonly Moment[]): number {
  const whole = (said.at(-1) as Moment).at;
  const errors = said
    .filter(({ at }) => at >= whole / 10 && at < whole)
    .map(({ at, secondsLeft }) => {
      const left = whole - at;
      expect(secondsLeft).toBeGreaterThanOrEqual(0);
      return Math.abs((secondsLeft as number) - left) / Math.max(left, whole / 10);
    });
  return Math.max(...errors);
}

const cnn = ({ pixels }: Photo) => 0.01 + 5e-7 * pixels;
const hog = ({ pixels }: Photo) => 0.012 + 5e-8 * pixels;
const hogReduced = ({ pixels }: Photo) => 0.012 + 5e-8 * Math.min(pixels, 1600 * 1200);

test.each<[string, readonly (readonly [string, number, number])[], Machine]>([
  ['thousands of small files with cnn', recorded(3000), { seconds: cnn, jobs: 2 }],
  ['thousands of small files with hog', recorded(3000), { seconds: hog, jobs: 2 }],
  ['hundreds', recorded(300), { seconds: cnn, jobs: 2 }],
  ['photos of a phone', phone(500), { seconds: cnn, jobs: 2 }],
  ['photos of a phone on many cores', phone(500), { seconds: hog, jobs: 8 }],
  [
    'a few large ones and thousands of small ones, with cnn',
    [...phone(40), ...recorded(4000)],
    { seconds: cnn, jobs: 2 },
  ],
  [
    'a few large ones and thousands of small ones, with hog',
    [...phone(40), ...recorded(4000)],
    { seconds: hog, jobs: 2 },
  ],
  [
    'photos and screenshots',
    [...phone(200), ...screenshots(1000), ...recorded(500)],
    { seconds: cnn, jobs: 4 },
  ],
  [
    'large ones that are reduced and small ones',
    [...phone(500), ...recorded(3000)],
    { seconds: hogReduced, jobs: 2, method: 'hog', detectSize: 1600 },
  ],
])('the time left is right within a quarter from a tenth of the work on: %s', (_, sizes, machine) => {
  expect(worstError(simulate(photosOf(sizes), machine))).toBeLessThan(0.25);
});

test('follows a machine that others need as well from some time on', () => {
  const machine = { seconds: cnn, jobs: 2, speed: (at: number) => (at < 600 ? 1 : 0.5) };
  const said = simulate(photosOf(phone(1000)), machine);
  const whole = (said.at(-1) as Moment).at;
  expect(whole).toBeGreaterThan(5000);
  const late = said.filter(({ at }) => at > 1800 && at < 0.95 * whole);
  for (const { at, secondsLeft } of late)
    expect(Math.abs((secondsLeft as number) / (whole - at) - 1)).toBeLessThan(0.25);
});

test('says nothing before the first photo is done, nor at the end', () => {
  let now = 0;
  const photos = photosOf([
    ['jpg', 3e5, 1e6],
    ['jpg', 0, 0],
  ]);
  const [large, empty] = photos as [Photo, Photo];
  const forecast = new Forecast(photos, 0, { method: 'hog' }, 1, () => now);
  expect(forecast.secondsLeft).toBeUndefined();
  forecast.begin(large);
  now = 1000;
  forecast.end(large, 1e6);
  expect(forecast.secondsLeft).toBeGreaterThanOrEqual(0);
  forecast.begin(empty);
  now = 1001;
  forecast.end(empty, undefined);
  expect(forecast.secondsLeft).toBeUndefined();
});

test('what photos took adds up to the time that has passed, and those that wait took nothing', () => {
  let now = 0;
  const clock = new WorkClock<string>(2, () => now);
  for (const photo of ['a', 'b', 'c', 'd']) clock.begin(photo);
  now = 4000;
  // Read together.
  expect([...clock.inHand().values()]).toEqual([1, 1, 1, 1]);
  clock.reach('a', 'decoding');
  now = 5000;
  clock.reach('b', 'decoding');
  now = 7000;
  // The engine works on two, in the order in which they are decoded, and c is third.
  for (const photo of ['b', 'a', 'c']) clock.reach(photo, 'decoded');
  now = 11_000;
  expect([...clock.inHand()]).toEqual([
    ['a', 5],
    ['b', 4],
    ['c', 1],
    ['d', 1],
  ]);
  clock.reach('d', 'decoding');
  expect(clock.end('b')).toBe(4);
  now = 14_000;
  expect(clock.end('a')).toBe(6);
  expect(clock.end('c')).toBe(2);
  expect(clock.end('d')).toBe(2);
  now = 20_000;
  clock.begin('e');
  expect(clock.end('e')).toBe(0);
});

describe('the sample of sizes', () => {
  const bySize = largestFirst(photosOf([...phone(20), ...recorded(2000)])) as Photo[];
  const sample = sampleOfSizes(bySize, 32);

  test('has large ones and small ones, each once, and its first few have as well', () => {
    expect(new Set(sample.map(({ photo }) => photo)).size).toBe(32);
    for (const some of [sample, sample.slice(0, 8)]) {
      const large = some.filter(({ photo }) => photo.pixels > 1e7).length;
      expect(large).toBeGreaterThanOrEqual(1);
      expect(large).toBeLessThan(some.length / 2);
    }
  });

  test('its photos stand for all of them', () => {
    const weights = sample.reduce((sum, { weight }) => sum + weight, 0);
    expect(Math.abs(weights / bySize.length - 1)).toBeLessThan(0.1);
    const bytes = sample.reduce((sum, { photo, weight }) => sum + photo.bytes * weight, 0);
    const all = bySize.reduce((sum, photo) => sum + photo.bytes, 0);
    expect(Math.abs(bytes / all - 1)).toBeLessThan(0.1);
  });

  test('is one of nothing, and of files whose sizes are not known', () => {
    expect(sampleOfSizes([], 4)).toEqual([]);
    const unknown = photosOf(recorded(40).map(([format]) => [format, 0, 0] as const));
    expect(sampleOfSizes(unknown, 4)).toHaveLength(4);
  });
});
