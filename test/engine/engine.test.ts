import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { overlap } from '../../src/base/box';
import type { RawImage } from '../../src/base/types';
import { faceDistance } from '../../src/clustering/dbscan';
import { FaceEngine } from '../../src/engine/engine';
import type { DetectedFace } from '../../src/engine/faces';
import { useTempFolder } from '../support/files';
import { pngOf, smallPhoto } from '../support/photos';

const temp = useTempFolder();

let engine: FaceEngine;
/** Four people in a row. */
let group: RawImage;
/** One face that fills the photo. */
let portrait: RawImage;

beforeAll(async () => {
  engine = new FaceEngine({ jobs: 2 });
  group = await smallPhoto('sample6.jpg', 320);
  portrait = await smallPhoto('franck_02221.jpg', 180);
});
afterAll(() => engine.dispose());

function expectSane(faces: readonly DetectedFace[], { width, height }: RawImage): void {
  for (const { box, score } of faces) {
    expect(Math.min(box.top, box.left)).toBeGreaterThanOrEqual(0);
    expect(box.right).toBeLessThanOrEqual(width);
    expect(box.bottom).toBeLessThanOrEqual(height);
    expect(box.right - box.left).toBeGreaterThan(15);
    expect(box.bottom - box.top).toBeGreaterThan(15);
    expect(score).toBeGreaterThanOrEqual(0);
  }
  const scores = faces.map(({ score }) => score);
  expect(scores).toEqual([...scores].sort((a, b) => b - a));
}

describe('detect', () => {
  test('hog finds everybody on a group photo, surest first', async () => {
    const faces = await engine.detect(group, { method: 'hog' });
    expect(faces).toHaveLength(4);
    expectSane(faces, group);
    for (const [i, a] of faces.entries()) {
      for (const b of faces.slice(i + 1)) expect(overlap(a.box, b.box)).toBe(0);
    }
  });

  test('cnn is the default, and agrees with hog where the face is', async () => {
    const small = await smallPhoto('franck_02221.jpg', 96);
    const faces = await engine.detect(small);
    expect(faces).toEqual(await engine.detect(small, { method: 'cnn' }));
    expect(faces).toHaveLength(1);
    expectSane(faces, small);
    const [hog] = await engine.detect(small, { method: 'hog' });
    expect(overlap(faces[0]?.box as never, hog?.box as never)).toBeGreaterThan(0.4);
    expect(hog?.score).not.toBe(faces[0]?.score);
  });

  test('no face: an empty list, not an error', async () => {
    const grey = { data: new Uint8Array(3 * 90 * 60).fill(128), width: 90, height: 60 };
    for (const method of ['hog', 'cnn'] as const) {
      expect(await engine.detectAndEncode(grey, { method })).toEqual([]);
    }
  });

  test.each([
    [1, 1],
    [1, 300],
    [300, 1],
    [7, 5],
  ])('a photo of %i x %i pixels', async (width, height) => {
    const image = { data: new Uint8Array(3 * width * height), width, height };
    for (const method of ['hog', 'cnn'] as const) {
      for (const upsample of [0, 1]) expect(await engine.detect(image, { method, upsample })).toEqual([]);
    }
  });

  test('upsampling finds smaller faces; boxes stay in pixels of the photo', async () => {
    const [none, once, twice] = await Promise.all(
      [0, 1, 2].map((upsample) => engine.detect(group, { method: 'hog', upsample })),
    );
    expect(none?.length).toBeLessThan(4);
    expect(once).toHaveLength(4);
    expect(twice?.length).toBeGreaterThanOrEqual(4);
    expectSane(twice ?? [], group);
    for (const { box } of once ?? []) {
      expect(Math.max(...(twice ?? []).map((face) => overlap(face.box, box)))).toBeGreaterThan(0.5);
    }
    const one = await engine.detect(portrait, { method: 'hog', upsample: 0 });
    expect(one).toHaveLength(1);
  });
});

describe('input', () => {
  test('a path, the bytes of a file and decoded pixels give the same', async () => {
    const bytes = await pngOf(portrait);
    const path = join(temp(), 'photo.png');
    writeFileSync(path, bytes);
    const [fromPath, fromBytes, fromPixels] = await Promise.all(
      [path, bytes, portrait].map((image) => engine.detectAndEncode(image, { method: 'hog' })),
    );
    expect(fromPixels).toHaveLength(1);
    expect(fromPath).toEqual(fromPixels);
    expect(fromBytes).toEqual(fromPixels);
  });

  test('pixels in the middle of a larger buffer, as Buffers are', async () => {
    const expected = await engine.detectAndEncode(portrait, { method: 'hog' });
    const { data, width, height } = portrait;
    for (const buffer of [new ArrayBuffer(data.length + 999), new SharedArrayBuffer(data.length + 999)]) {
      const all = new Uint8Array(buffer).fill(200);
      all.set(data, 77);
      const view = all.subarray(77, 77 + data.length);
      expect(await engine.detectAndEncode({ data: view, width, height }, { method: 'hog' })).toEqual(
        expected,
      );
    }
  });

  // Both for an engine's first call, which checks the models before, and for later ones.
  test.each(['first', 'later'])("on the %s call, the photo is the caller's again at once", async (which) => {
    const own = which === 'first' ? new FaceEngine({ jobs: 1 }) : engine;
    const expected = await engine.detect(portrait, { method: 'hog' });
    const pixels = { ...portrait, data: new Uint8Array(portrait.data) };
    const file = new Uint8Array(await pngOf(portrait));

    const calls = [own.detect(pixels, { method: 'hog' }), own.detect(file, { method: 'hog' })];
    pixels.data.fill(0);
    file.fill(0);
    structuredClone([pixels.data, file], { transfer: [pixels.data.buffer, file.buffer] });
    expect(pixels.data.length + file.length).toBe(0);
    for (const faces of await Promise.all(calls)) expect(faces).toEqual(expected);
    if (own !== engine) own.dispose();
  });
});

describe('landmarks', () => {
  test.each(['franck_02221.jpg', 'audrey.jpg', 'cage.jpg'])(
    '%s: named from the point of view of the person shown',
    async (name) => {
      const photo = await smallPhoto(name, 240);
      const boxes = (await engine.detect(photo, { method: 'hog' })).map(({ box }) => box);
      const [face] = await engine.landmarks(photo, boxes);
      const box = boxes[0];
      if (!face || !box) throw new Error('no face');

      // Upright faces that look at us: their right is our left.
      const across = [
        face.rightEyeOuter,
        face.rightEyeInner,
        face.nose,
        face.leftEyeInner,
        face.leftEyeOuter,
      ].map(({ x }) => x);
      expect(across).toEqual([...across].sort((a, b) => a - b));
      expect(new Set(across).size).toBe(5);
      for (const eye of [face.leftEyeInner, face.leftEyeOuter, face.rightEyeInner, face.rightEyeOuter]) {
        expect(eye.y).toBeLessThan(face.nose.y);
      }
      for (const { x, y } of Object.values(face)) {
        expect(x).toBeGreaterThan(box.left);
        expect(x).toBeLessThan(box.right);
        expect(y).toBeGreaterThan(box.top);
        expect(y).toBeLessThan(box.bottom);
      }
    },
  );

  test('one face for each box, in their order', async () => {
    const boxes = (await engine.detect(group, { method: 'hog' })).map(({ box }) => box);
    const together = await engine.landmarks(group, boxes);
    const [backwards] = [await engine.landmarks(group, [...boxes].reverse())];
    expect(together).toHaveLength(4);
    expect([...backwards].reverse()).toEqual(together);
    expect(await engine.landmarks(group, [])).toEqual([]);
  });
});

function mirrorImage({ data, width, height }: RawImage): RawImage {
  const mirrored = new Uint8Array(data.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const from = 3 * (y * width + width - 1 - x);
      mirrored.set(data.subarray(from, from + 3), 3 * (y * width + x));
    }
  }
  return { data: mirrored, width, height };
}

describe('encode', () => {
  const encodingsOf = async (name: string): Promise<Float64Array> => {
    const faces = await engine.detectAndEncode(await smallPhoto(name, 240), { method: 'hog' });
    expect(faces).toHaveLength(1);
    return faces[0]?.encoding as Float64Array;
  };

  test('128 finite values, one person close together and different people not', async () => {
    const same = await Promise.all(
      ['franck_02221.jpg', 'franck_02888.jpg', 'franck_04000.jpg'].map(encodingsOf),
    );
    const others = await Promise.all(['audrey.jpg', 'cage.jpg', 'SeanConnery.jpg'].map(encodingsOf));
    for (const encoding of [...same, ...others]) {
      expect(encoding).toHaveLength(128);
      const length = faceDistance([encoding], new Float64Array(128))[0];
      expect(length).toBeGreaterThan(1);
      expect(length).toBeLessThan(2);
    }
    const [first] = same as [Float64Array];
    expect(Math.max(...faceDistance(same, first))).toBeLessThan(0.6);
    expect(Math.min(...faceDistance(others, first))).toBeGreaterThan(0.6);
  });

  test('the same as detectAndEncode, for each box by itself as for all together', async () => {
    const faces = await engine.detectAndEncode(group, { method: 'hog' });
    const boxes = faces.map(({ box }) => box);
    expect(faces.map(({ box, score }) => ({ box, score }))).toEqual(
      await engine.detect(group, { method: 'hog' }),
    );
    expect(await engine.encode(group, boxes)).toEqual(faces.map(({ encoding }) => encoding));
    for (const [i, box] of boxes.entries()) {
      const [alone] = await engine.encode(group, [box]);
      // A network may add up a batch in another order than a single face.
      const [distance] = faceDistance([alone as Float64Array], faces[i]?.encoding as Float64Array);
      expect(distance).toBeLessThan(1e-5);
    }
    expect(await engine.encode(group, [])).toEqual([]);
  });

  test('sharpness: of each face, lower where the photo is blurred, about the same where it is dark', async () => {
    const pixels = { raw: { width: portrait.width, height: portrait.height, channels: 3 as const } };
    const [box] = (await engine.detect(portrait, { method: 'hog' })).map(({ box }) => box);
    const sharpnessOf = async (data: Uint8Array) => {
      const face = { box: box as DetectedFace['box'], score: 1 };
      return (await engine.measure({ ...portrait, data }, [face]))[0]?.sharpness as number;
    };
    const [face] = await engine.detectAndEncode(portrait, { method: 'hog' });
    const plain = await sharpnessOf(portrait.data);
    expect(face?.sharpness).toBe(plain);
    expect(plain).toBeGreaterThan(0.25);
    const blurred = await sharp(portrait.data, pixels).blur(4).raw().toBuffer();
    expect(await sharpnessOf(blurred)).toBeLessThan(0.25);
    const dark = await sharpnessOf(portrait.data.map((value) => value / 2));
    expect(Math.abs(dark / plain - 1)).toBeLessThan(0.2);
  });

  test('confirm: what cnn says of faces that hog is not sure of; it is not asked about others', async () => {
    const faces = await engine.detect(group, { method: 'hog' });
    const boxes = faces.map(({ box }) => box);
    const nobody = { top: 0, right: 40, bottom: 40, left: 0 };
    const doubtful = [...boxes, nobody].map((box) => ({ box, score: 0.699 }));
    const answers = async (asked: readonly DetectedFace[], confirm = true) =>
      (await engine.measure(group, asked, { confirm })).map(({ confirmed }) => confirmed);
    expect(await answers(doubtful)).toEqual([true, true, true, true, false]);
    expect(await answers(doubtful.map((face) => ({ ...face, score: 0.7 })))).toEqual(Array(5));
    expect(await answers(doubtful, false)).toEqual(Array(5));

    const found = await engine.detectAndEncode(group, { method: 'hog', confirm: true });
    for (const { score, confirmed } of found) expect(confirmed).toBe(score < 0.7 ? true : undefined);
    const byCnn = await engine.detectAndEncode(await smallPhoto('franck_02221.jpg', 96), { confirm: true });
    expect(byCnn).toHaveLength(1);
    expect(byCnn[0]).not.toHaveProperty('confirmed');
  });

  test('mirror: what a mirrored photo shows, beside the same encodings as without', async () => {
    const plain = await engine.detectAndEncode(group, { method: 'hog' });
    const both = await engine.detectAndEncode(group, { method: 'hog', mirror: true });
    expect(both.map(({ mirrored: _, ...face }) => face)).toEqual(plain);
    expect(plain.every((face) => !('mirrored' in face))).toBe(true);
    const { width, height } = group;
    const inMirror = await engine.encode(
      mirrorImage(group),
      plain.map(({ box: { left, right, ...box } }) => ({ ...box, left: width - right, right: width - left })),
    );
    expect(both[0]?.box.bottom).toBeLessThanOrEqual(height);
    for (const [i, { encoding, mirrored }] of both.entries()) {
      const [toMirror, toFace] = faceDistance([inMirror[i], encoding] as never, mirrored as Float64Array);
      // Its landmarks were found anew, so that it is not quite the same picture.
      expect(toMirror).toBeLessThan(0.3);
      expect(toFace).toBeGreaterThan(0.01);
      expect(toFace).toBeLessThan(0.5);
    }
    expect(await engine.measure(group, plain, { mirror: true })).toEqual(
      both.map(({ mirrored, box, score, encoding, ...measures }) => ({ ...measures, mirrored })),
    );
    expect(await engine.measure(group, [], { mirror: true })).toEqual([]);
  });

  test('numJitters: another encoding of the same person, and the same each time', async () => {
    const [face] = await engine.detectAndEncode(portrait, { method: 'hog' });
    const box = face?.box as DetectedFace['box'];
    const plain = face?.encoding as Float64Array;
    const jittered = async (numJitters: number) =>
      (await engine.encode(portrait, [box], { numJitters }))[0] as Float64Array;
    const three = await jittered(3);
    expect(await jittered(3)).toEqual(three);
    const [distance] = faceDistance([three], plain);
    expect(distance).toBeGreaterThan(0.001);
    expect(distance).toBeLessThan(0.4);
    expect(faceDistance([await jittered(20)], three)[0]).toBeGreaterThan(0.001);
    // A face's random changes do not depend on those of the faces before it.
    expect((await engine.encode(portrait, [box, box], { numJitters: 3 }))[1]).toEqual(three);
    const [both] = await engine.detectAndEncode(portrait, { method: 'hog', numJitters: 3 });
    expect(both?.encoding).toEqual(three);
  });

  test('boxes at and beyond the edge of the photo, and larger than it', async () => {
    const { width, height } = portrait;
    const boxes = [
      { top: -50, right: 40, bottom: 40, left: -50 },
      { top: height - 20, right: width + 60, bottom: height + 60, left: width - 20 },
      { top: -10_000, right: 10_000, bottom: 10_000, left: -10_000 },
      { top: 2 ** 24 - 50, right: 2 ** 24, bottom: 2 ** 24, left: 2 ** 24 - 50 },
      { top: -(2 ** 24), right: 2 ** 24, bottom: 2 ** 24, left: -(2 ** 24) },
      { top: 5, right: 6, bottom: 6, left: 5 },
    ];
    expect(await engine.landmarks(portrait, boxes)).toHaveLength(boxes.length);
    for (const encoding of await engine.encode(portrait, boxes)) {
      expect(encoding.every(Number.isFinite)).toBe(true);
    }
  });
});

test('many calls at once give the same as one after the other', async () => {
  const photos = [group, portrait, await smallPhoto('audrey.jpg', 160), await smallPhoto('sample1.jpg', 300)];
  const one = new FaceEngine({ jobs: 1 });
  const expected = [];
  for (const photo of photos) expected.push(await one.detectAndEncode(photo, { method: 'hog' }));
  one.dispose();

  const many = new FaceEngine({ jobs: 5 });
  const calls = Array.from({ length: 12 }, (_, i) =>
    many.detectAndEncode(photos[i % photos.length] as RawImage, { method: 'hog' }),
  );
  for (const [i, faces] of (await Promise.all(calls)).entries()) {
    expect(faces).toEqual(expected[i % photos.length]);
  }
  many.dispose();
});
