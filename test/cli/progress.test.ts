import { barLine, logLine } from '../../src/cli/terminal/progress';
import { Rate } from '../../src/cli/terminal/rate';

const state = {
  title: 'Encoding',
  unit: 'photo',
  done: 512,
  total: 1024,
  detail: '489 faces, 2 failed',
  perSecond: 3.24,
  secondsLeft: 158,
};

describe('the bar', () => {
  test('says everything where there is room', () => {
    expect(barLine(state, 200)).toBe(
      `Encoding ${'█'.repeat(15)}${'░'.repeat(15)} 512/1,024 photos, 489 faces, 2 failed, 3.2/s, 2 min 38 s left`,
    );
  });

  test('keeps the faces, the failures and the time left on a terminal of 80', () => {
    const line = barLine({ ...state, total: 10_240, done: 5120 }, 80);
    expect(line).toMatch(/^Encoding █+░+ 5,120\/10,240 photos, 489 faces, 2 failed, 2 min 38 s left$/);
    expect(line.length).toBeLessThan(80);
  });

  test.each([1, 10, 20, 40, 60, 79, 80, 81, 120, 200])('fits into %d columns', (columns) => {
    for (const done of [0, 1, 1023, 1024]) {
      expect(barLine({ ...state, done }, columns).length).toBeLessThan(columns);
    }
  });

  test('is empty at the beginning and full at the end, also of nothing', () => {
    const nothing = { detail: '', perSecond: undefined, secondsLeft: undefined };
    expect(barLine({ ...state, ...nothing, done: 0 }, 80)).toMatch(/^Encoding ░{30} 0\/1,024 photos$/);
    expect(barLine({ ...state, ...nothing, done: 0, total: 0 }, 80)).toMatch(/^Encoding █{30} 0\/0 photos$/);
    expect(barLine({ ...state, ...nothing, done: 1, total: 1, unit: '' }, 80)).toMatch(/█{30} 100 %$/);
  });
});

test('the line for a log has everything in words', () => {
  expect(logLine(state)).toBe(
    'Encoding: 512 of 1,024 photos, 489 faces, 2 failed, 3.2 a second, about 2 min 38 s left',
  );
  expect(logLine({ ...state, unit: '', done: 0.256, total: 1, detail: '' })).toBe(
    'Encoding: 25 %, about 2 min 38 s left',
  );
});

test('photos and videos are counted as such, and the bar goes by frames', () => {
  const files = { done: { photos: 1, videos: 0 }, total: { photos: 2, videos: 1 } };
  expect(barLine({ ...state, files }, 200)).toBe(
    `Encoding ${'█'.repeat(15)}${'░'.repeat(15)} 1/2 photos, 0/1 video, 489 faces, 2 failed, 2 min 38 s left`,
  );
  expect(logLine({ ...state, files })).toBe(
    'Encoding: 1 of 2 photos and 0 of 1 video, 50 %, 489 faces, 2 failed, about 2 min 38 s left',
  );
  const videos = { done: { photos: 0, videos: 1 }, total: { photos: 0, videos: 3 } };
  expect(logLine({ ...state, files: videos })).toContain('Encoding: 1 of 3 videos, 50 %, ');
});

describe('the rate', () => {
  /** A rate after `done` at each second. */
  function rateAfter(...done: number[]): Rate {
    let now = 5000;
    const rate = new Rate(() => now);
    for (const value of done) {
      rate.update(value);
      now += 1000;
    }
    return rate;
  }

  test('is not known before anything is done', () => {
    expect(rateAfter(0).perSecond).toBeUndefined();
    expect(rateAfter(0, 0, 0).perSecond).toBeUndefined();
    expect(rateAfter(0, 0, 0).secondsLeft(10)).toBeUndefined();
  });

  test('is that of the time so far, and gives the time left', () => {
    const rate = rateAfter(0, 2, 4, 6);
    expect(rate.perSecond).toBe(2);
    expect(rate.secondsLeft(10)).toBe(2);
    expect(rate.secondsLeft(6)).toBeUndefined();
  });

  test('follows a change within half a minute', () => {
    const slow = Array.from({ length: 600 }, (_, i) => i);
    const fast = Array.from({ length: 32 }, (_, i) => 600 + 10 * i);
    expect(rateAfter(...slow, ...fast).perSecond).toBe(10);
  });
});
