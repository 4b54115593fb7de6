import { pathToFileURL } from 'node:url';
import { FaceEngine } from '../../src/engine/engine';
import { PORTRAITS } from '../support/files';
import { pngOf, rejection, smallPhoto } from '../support/photos';

const hog = { method: 'hog' } as const;

test('all that a photo may be gives the same faces, and is the caller’s again at once', async () => {
  const engine = new FaceEngine({ jobs: 1 });
  const png = Uint8Array.from(await pngOf(await smallPhoto('franck_02221.jpg', 180)));
  const expected = await engine.detectAndEncode(png, hog);
  expect(expected).toHaveLength(1);
  for (const image of [png.slice().buffer, Uint8ClampedArray.from(png), new Blob([png])]) {
    const found = engine.detectAndEncode(image, hog);
    if (image instanceof ArrayBuffer) structuredClone(image, { transfer: [image] });
    if (image instanceof Uint8ClampedArray) image.fill(0);
    expect(await found).toEqual(expected);
  }
  const path = `${PORTRAITS}/franck_02221.jpg`;
  expect(await engine.detect(pathToFileURL(path), hog)).toEqual(await engine.detect(path, hog));
  engine.dispose();
});

test('`using` disposes of the engine at the end of its block', async () => {
  let kept: FaceEngine;
  {
    using engine = new FaceEngine({ jobs: 1 });
    kept = engine;
  }
  const error = await rejection(kept.detect(await smallPhoto('franck_02221.jpg', 60), hog));
  expect(error.code).toBe('FACE_DISPOSED');
});
