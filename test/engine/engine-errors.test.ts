import {
  closeSync,
  copyFileSync,
  mkdirSync,
  openSync,
  statSync,
  truncateSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { FaceError } from '../../src/base/errors';
import type { RawImage } from '../../src/base/types';
import { FaceEngine } from '../../src/engine/engine';
import { findModelsFolder } from '../../src/models/folders';
import { modelManifest } from '../../src/models/manifest';
import { native } from '../../src/native';
import { useTempFolder } from '../support/files';
import { rejection } from '../support/photos';
import { faceError } from '../support/pickle-bytes';

const engine = new FaceEngine({ jobs: 1 });
afterAll(() => engine.dispose());

const image: RawImage = { data: new Uint8Array(3 * 40 * 30), width: 40, height: 30 };
const box = { top: 2, right: 20, bottom: 20, left: 2 };
const face = { box, score: 0.5 };

// Programs in plain JavaScript pass anything.
// biome-ignore lint/suspicious/noExplicitAny: that is what is tested
type Anything = any;

test('a machine without threads is told as what it is', () => {
  const { Engine } = native();
  const noThreads = Object.assign(new Error('The system allows this process no more threads.'), {
    code: 'FACE_OUT_OF_MEMORY',
  });
  const spy = jest.spyOn(native() as { Engine: unknown }, 'Engine' as never).mockImplementation((() => {
    throw noThreads;
  }) as never);
  try {
    expect(() => new FaceEngine({ jobs: 1 })).toThrow(FaceError);
    expect(() => new FaceEngine({ jobs: 1 })).toThrow(
      expect.objectContaining({ code: 'FACE_OUT_OF_MEMORY' }),
    );
  } finally {
    spy.mockRestore();
  }
  expect(native().Engine).toBe(Engine);
});

describe('arguments', () => {
  const pixels = (change: object): Anything => ({ ...image, ...change });

  test.each<[string, Anything, RegExp]>([
    ['null', null, /image.*received null/],
    ['nothing', undefined, /image.*received undefined/],
    ['a number', 5, /for image but received 5$/],
    ['an empty path', '', /non-empty path for image/],
    ['an empty object', {}, /image\.width/],
    ['width 0', pixels({ width: 0 }), /image\.width but received 0/],
    ['a negative height', pixels({ height: -30 }), /image\.height but received -30/],
    ['a fractional width', pixels({ width: 40.5 }), /image\.width but received 40\.5/],
    ['width NaN', pixels({ width: Number.NaN }), /image\.width but received NaN/],
    ['width as text', pixels({ width: '40' }), /image\.width but received "40"/],
    ['no pixels', pixels({ data: undefined }), /Uint8Array for image\.data but received undefined/],
    [
      'pixels as an array',
      pixels({ data: [...image.data] }),
      /Uint8Array for image\.data but received Array/,
    ],
    ['16-bit pixels', pixels({ data: new Uint16Array(3600) }), /image\.data but received Uint16Array/],
    ['too few pixels', pixels({ data: image.data.subarray(1) }), /3600 bytes.*3 x 40 x 30.*received 3599/],
    ['RGBA pixels', pixels({ data: new Uint8Array(4800) }), /3600 bytes.*received 4800/],
    ['a size that overflows', pixels({ width: 2 ** 31, height: 2 ** 31 }), /bytes of RGB/],
  ])('image: %s', async (_, input, message) => {
    for (const call of [
      () => engine.detect(input),
      () => engine.detectAndEncode(input),
      () => engine.landmarks(input, [box]),
      () => engine.encode(input, [box]),
      () => engine.measure(input, [face]),
    ]) {
      const error = await rejection(call());
      expect(error).toBeInstanceOf(FaceError);
      expect(error.code).toBe('FACE_INVALID_ARGUMENT');
      expect(error.message).toMatch(message);
    }
  });

  test.each<[string, Anything, RegExp]>([
    ['method "CNN"', { method: 'CNN' }, /one of hog, cnn for method but received "CNN"/],
    ['method 1', { method: 1 }, /method/],
    ['upsample -1', { upsample: -1 }, /upsample but received -1/],
    ['upsample 9', { upsample: 9 }, /integer from 0 to 8 for upsample but received 9/],
    ['upsample 0.5', { upsample: 0.5 }, /upsample but received 0\.5/],
    ['upsample "1"', { upsample: '1' }, /upsample but received "1"/],
    ['detectSize 0', { detectSize: 0 }, /integer from 100 to 16777216 for detectSize but received 0/],
    ['detectSize 99', { detectSize: 99 }, /detectSize but received 99/],
    ['detectSize 1600.5', { detectSize: 1600.5 }, /detectSize but received 1600\.5/],
    ['detectSize "1600"', { detectSize: '1600' }, /detectSize but received "1600"/],
    ['detectSize null', { detectSize: null }, /detectSize but received null/],
    ['numJitters 0', { numJitters: 0 }, /numJitters but received 0/],
    ['numJitters NaN', { numJitters: Number.NaN }, /numJitters but received NaN/],
    ['mirror 1', { mirror: 1 }, /mirror but received 1/],
    ['confirm "yes"', { confirm: 'yes' }, /confirm but received "yes"/],
    ['signal {}', { signal: {} }, /AbortSignal for signal but received Object/],
    ['signal: a controller', { signal: new AbortController() }, /signal but received AbortController/],
    ['null for the options', null, /object for options but received null/],
  ])('options: %s', async (_, options, message) => {
    const error = await rejection(engine.detectAndEncode(image, options));
    expect(error).toBeInstanceOf(FaceError);
    expect(error.code).toBe('FACE_INVALID_ARGUMENT');
    expect(error.message).toMatch(message);
  });

  test.each<[string, Anything, RegExp]>([
    ['not an array', face, /array of faces for faces but received Object/],
    ['null in the list', [face, null], /faces\[1\]\.box\.top but received undefined/],
    ['boxes', [box], /faces\[0\]\.box\.top/],
    ['upside down', [{ box: { ...box, top: 21 }, score: 1 }], /bottom > top for faces\[0\]\.box/],
    ['without a score', [{ box }], /faces\[0\]\.score but received undefined/],
    ['a score that is none', [{ box, score: Number.NaN }], /faces\[0\]\.score but received NaN/],
  ])('faces: %s', async (_, faces, message) => {
    const error = await rejection(engine.measure(image, faces));
    expect(error).toBeInstanceOf(FaceError);
    expect(error.code).toBe('FACE_INVALID_ARGUMENT');
    expect(error.message).toMatch(message);
  });

  test.each<[string, Anything, RegExp]>([
    ['not an array', box, /array of boxes for boxes but received Object/],
    ['undefined', undefined, /array of boxes/],
    ['a tuple, as Python has them', [[2, 20, 20, 2]], /boxes\[0\]\.top but received undefined/],
    ['null in the list', [box, null], /boxes\[1\]\.top/],
    [
      'no width',
      [box, { ...box, right: 2 }],
      /right > left .* boxes\[1\] but received .*right 2, bottom 20, left 2/,
    ],
    ['upside down', [{ ...box, top: 21 }], /bottom > top for boxes\[0\]/],
    ['NaN', [{ ...box, left: Number.NaN }], /boxes\[0\]\.left but received NaN/],
    ['infinite', [{ ...box, bottom: Infinity }], /boxes\[0\]\.bottom but received Infinity/],
    ['fractions', [{ ...box, top: 1.5 }], /boxes\[0\]\.top but received 1\.5/],
    ['beyond 32 bits', [{ ...box, right: 2 ** 40 }], /boxes\[0\]\.right/],
  ])('boxes: %s', async (_, boxes, message) => {
    for (const call of [() => engine.landmarks(image, boxes), () => engine.encode(image, boxes)]) {
      const error = await rejection(call());
      expect(error).toBeInstanceOf(FaceError);
      expect(error.code).toBe('FACE_INVALID_ARGUMENT');
      expect(error.message).toMatch(message);
    }
  });

  test.each<[string, Anything, RegExp]>([
    ['jobs 0', { jobs: 0 }, /integer from 1 to 1024 for jobs but received 0/],
    ['jobs -1', { jobs: -1 }, /jobs but received -1/],
    ['jobs "4"', { jobs: '4' }, /jobs but received "4"/],
    ['jobs 5000', { jobs: 5000 }, /jobs but received 5000/],
    ['engine "dlib"', { engine: 'dlib' }, /one of fast, reference for engine but received "dlib"/],
    ['models 1', { models: 1 }, /path for models but received 1/],
    ['null', null, /object for options but received null/],
  ])('new FaceEngine: %s', (_, options, message) => {
    const error = faceError(() => new FaceEngine(options));
    expect(error.code).toBe('FACE_INVALID_ARGUMENT');
    expect(error.message).toMatch(message);
  });

  test('an upsampling that no memory holds is refused before it is tried', async () => {
    const large = { data: new Uint8Array(3 * 400 * 300), width: 400, height: 300 };
    for (const method of ['hog', 'cnn'] as const) {
      const error = await rejection(engine.detect(large, { method, upsample: 8 }));
      expect(error.code).toBe('FACE_IMAGE_TOO_LARGE');
      expect(error.message).toMatch(/upsample 8.*400 x 300.*7864320000 pixels.*smaller upsample/);
    }
  });
});

test('what is wrong with a photo is said as decodeImage says it', async () => {
  const missing = await rejection(engine.detect('no/such/photo.jpg'));
  expect(missing.code).toBe('FACE_IMAGE_NOT_FOUND');
  expect(missing.message).toContain('no/such/photo.jpg');
  expect((await rejection(engine.detect(Buffer.from('no photo at all')))).code).toBe('FACE_IMAGE_DECODE');
});

describe('models', () => {
  const temp = useTempFolder();
  const good = findModelsFolder();
  const { models } = modelManifest();

  const copyModels = (): string => {
    const folder = join(temp(), 'my models');
    mkdirSync(folder);
    for (const { name } of models) copyFileSync(join(good, name), join(folder, name));
    return folder;
  };
  const pathOf = (folder: string, role: string) =>
    join(folder, models.find((model) => model.role === role)?.name as string);

  test('missing: the file, and the command that fetches it', () => {
    const folder = copyModels();
    unlinkSync(pathOf(folder, 'mmod'));
    const error = faceError(() => new FaceEngine({ models: folder }));
    expect(error.code).toBe('FACE_MODEL_MISSING');
    expect(error.message).toContain('mmod_human_face_detector.dat');
    expect(error.message).toContain('npx face-cluster-native models');
  });

  test('cut off: refused when the engine is made', () => {
    const folder = copyModels();
    truncateSync(pathOf(folder, 'resnet'), 100_000);
    const error = faceError(() => new FaceEngine({ models: folder }));
    expect(error.code).toBe('FACE_MODEL_DAMAGED');
    expect(error.message).toMatch(/has 100000 bytes instead of \d+.*npx face-cluster-native models --to/);
  });

  test.each(['mmod', 'landmarks', 'resnet'])(
    'one wrong byte in %s: refused when it is needed, and used once it is mended',
    async (role) => {
      const folder = copyModels();
      const path = pathOf(folder, role);
      const middle = statSync(path).size >> 1;
      const file = openSync(path, 'r+');
      writeSync(file, Buffer.from([0x5a, 0xa5]), 0, 2, middle);
      closeSync(file);

      const own = new FaceEngine({ models: folder, jobs: 1 });
      for (let i = 0; i < 2; i++) {
        const error = await rejection(own.encode(image, [box]));
        expect(error.code).toBe('FACE_MODEL_DAMAGED');
        expect(error.message).toContain(path);
      }
      copyFileSync(join(good, path.slice(folder.length)), path);
      expect(await own.encode(image, [box])).toHaveLength(1);
      own.dispose();
    },
  );
});
