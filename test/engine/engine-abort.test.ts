import { getEventListeners } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { FaceError } from '../../src/base/errors';
import type { Box, RawImage } from '../../src/base/types';
import { FaceEngine } from '../../src/engine/engine';
import type { DetectedFace } from '../../src/engine/faces';
import { pngOf, rejection, smallPhoto } from '../support/photos';

let photo: RawImage;
let box: Box;
let face: DetectedFace;

/** Work that would take hours: a test of something that stops it ends, or fails by jest's time limit. */
const ENDLESS = { numJitters: 100_000 };

const controllers: AbortController[] = [];

/** An AbortController that is aborted after the test, so that a test that fails leaves no work behind. */
function newController(): AbortController {
  const controller = new AbortController();
  controllers.push(controller);
  return controller;
}
afterEach(() => {
  for (const controller of controllers.splice(0)) controller.abort();
});

beforeAll(async () => {
  photo = await smallPhoto('franck_02221.jpg', 180);
  const engine = new FaceEngine({ jobs: 1 });
  box = (await engine.detect(photo, { method: 'hog' }))[0]?.box as Box;
  face = { box, score: 0 };
  engine.dispose();
});

function expectAborted(error: FaceError, reason: unknown): void {
  expect(error).toBeInstanceOf(FaceError);
  expect(error.code).toBe('FACE_ABORTED');
  expect(error.name).toBe('AbortError');
  expect(error.cause).toBe(reason);
}

describe('AbortSignal', () => {
  test('aborted before the call: nothing is begun, whatever the image', async () => {
    const engine = new FaceEngine({ jobs: 1 });
    const reason = new Error('changed my mind');
    const signal = AbortSignal.abort(reason);
    for (const image of [photo, await pngOf(photo), 'no/such/file.jpg']) {
      expectAborted(await rejection(engine.detect(image, { signal })), reason);
      expectAborted(await rejection(engine.landmarks(image, [box], { signal })), reason);
      expectAborted(await rejection(engine.encode(image, [box], { signal, ...ENDLESS })), reason);
      expectAborted(await rejection(engine.detectAndEncode(image, { signal, ...ENDLESS })), reason);
      expectAborted(await rejection(engine.measure(image, [face], { signal })), reason);
    }
    engine.dispose();
  });

  test('aborted while it runs: the work stops, and the engine goes on', async () => {
    const engine = new FaceEngine({ jobs: 1 });
    await engine.encode(photo, [box]);
    const controller = newController();
    const call = rejection(engine.encode(photo, [box], { signal: controller.signal, ...ENDLESS }));
    await wait(100);
    controller.abort('enough');
    expectAborted(await call, 'enough');
    // Its only thread is free again.
    expect(await engine.encode(photo, [box])).toHaveLength(1);
    engine.dispose();
  });

  test('aborted in the same tick, for every method and kind of image', async () => {
    const engine = new FaceEngine({ jobs: 2 });
    const file = await pngOf(photo);
    for (const image of [photo, file]) {
      for (const call of [
        (signal: AbortSignal) => engine.detect(image, { signal }),
        (signal: AbortSignal) => engine.landmarks(image, [box], { signal }),
        (signal: AbortSignal) => engine.encode(image, [box], { signal, ...ENDLESS }),
        (signal: AbortSignal) => engine.detectAndEncode(image, { signal, ...ENDLESS }),
        (signal: AbortSignal) => engine.measure(image, [face], { signal, mirror: true, ...ENDLESS }),
        (signal: AbortSignal) => engine.measure(image, Array(10_000).fill(face), { signal, confirm: true }),
      ]) {
        const controller = newController();
        const rejected = rejection(call(controller.signal));
        controller.abort();
        const error = await rejected;
        expectAborted(error, controller.signal.reason);
        expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
      }
    }
    engine.dispose();
  });

  test('a call that waits for its turn behind others rejects without waiting', async () => {
    const engine = new FaceEngine({ jobs: 1 });
    await engine.encode(photo, [box]);
    const first = newController();
    const second = newController();
    const running = rejection(engine.encode(photo, [box], { signal: first.signal, ...ENDLESS }));
    const waiting = rejection(engine.encode(photo, [box], { signal: second.signal }));
    const after = engine.encode(photo, [box]);
    second.abort('not this one');
    expectAborted(await waiting, 'not this one');
    first.abort('nor this');
    expectAborted(await running, 'nor this');
    expect(await after).toHaveLength(1);
    engine.dispose();
  });

  test('one signal for many calls; an abort after their end changes nothing and leaves no listener', async () => {
    const engine = new FaceEngine({ jobs: 2 });
    const controller = newController();
    const calls = Array.from({ length: 6 }, () =>
      engine.landmarks(photo, [box], { signal: controller.signal }),
    );
    expect(new Set((await Promise.all(calls)).map((found) => JSON.stringify(found))).size).toBe(1);
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
    controller.abort();

    const again = newController();
    const stopped = Array.from({ length: 6 }, () =>
      rejection(engine.encode(photo, [box], { signal: again.signal, ...ENDLESS })),
    );
    await wait(50);
    again.abort('all of them');
    for (const error of await Promise.all(stopped)) expectAborted(error, 'all of them');
    engine.dispose();
  });
});

describe('dispose', () => {
  test('calls under way still finish: running, waiting for their turn, or still decoding', async () => {
    const engine = new FaceEngine({ jobs: 1 });
    const file = await pngOf(photo);
    const expected = await engine.detect(photo, { method: 'hog' });
    const calls = [photo, photo, file].map((image) => engine.detect(image, { method: 'hog' }));
    engine.dispose();
    for (const faces of await Promise.all(calls)) expect(faces).toEqual(expected);
  });

  test('later calls reject with FACE_DISPOSED; disposing twice does nothing', async () => {
    const engine = new FaceEngine({ jobs: 1 });
    engine.dispose();
    engine.dispose();
    const file = await pngOf(photo);
    for (const call of [
      () => engine.detect(photo),
      () => engine.landmarks(photo, [box]),
      () => engine.encode(file, [box]),
      () => engine.detectAndEncode('no/such/file.jpg'),
      () => engine.measure(photo, [face]),
    ]) {
      const error = await rejection(call());
      expect(error).toBeInstanceOf(FaceError);
      expect(error.code).toBe('FACE_DISPOSED');
      expect(error.message).toMatch(/dispose\(\).*new one/);
    }
  });
});
