import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { abortError, FaceError } from '../../src/base/errors';
import type { PhotoProblem } from '../../src/base/photo-problem';
import type { RawImage } from '../../src/base/types';
import { type EncodeFacesOptions, type EncodeProgress, encodeFaces } from '../../src/encode/encode';
import { readEncodings } from '../../src/encodings/encodings';
import type { EncodedFace } from '../../src/engine/faces';
import type { OpenedImage } from '../../src/photos/decode';
import { bitmap } from '../support/bmp';
import { samplePhoto, useTempFolder } from '../support/files';
import { NO_FACES } from '../support/pickle-bytes';

/*
 * What the job makes of an engine's answers, whatever they are. The engine here is a stand-in, since a real one can't
 * be made to fail, to dawdle or to find nothing at will; test/encode/encode-real.test.ts runs the real one.
 */
const temp = useTempFolder();
const encodings = () => join(temp(), 'out', 'faces.pickle');
/** Photos whose size tells them apart: a bitmap of `width` x 1 pixels. */
function addPhoto(name: string, width: number): void {
  mkdirSync(join(temp(), 'photos'), { recursive: true });
  writeFileSync(join(temp(), 'photos', name), bitmap(width, 1));
}

function addPhotos(count: number): void {
  for (let i = 1; i <= count; i++) addPhoto(`${String(i).padStart(3, '0')}.bmp`, i);
}

/** As many faces as told, each with the photo's width as the first number of its encoding. */
function facesOf(width: number, count: number): EncodedFace[] {
  return Array.from({ length: count }, (_, i) => ({
    box: { top: i, right: 2, bottom: 3, left: 1 },
    score: 1,
    encoding: new Float64Array(128).fill(width, 0, 1),
  }));
}

type Answer = (width: number, signal: AbortSignal) => Promise<EncodedFace[]> | EncodedFace[];

function engine(answer: Answer, jobs = 2): NonNullable<EncodeFacesOptions['engine']> {
  return {
    jobs,
    detectAndEncode: async (image, options) =>
      answer(((await (image as OpenedImage).decode()) as RawImage).width, options?.signal as AbortSignal),
  };
}

const run = (answer: Answer, options: Partial<EncodeFacesOptions> = {}) =>
  encodeFaces({
    dataset: join(temp(), 'photos'),
    encodings: encodings(),
    engine: engine(answer),
    ...options,
  });

test('the file is in the order of the photos, however late each is done', async () => {
  addPhotos(20);
  const summary = await run(async (width) => {
    await delay((width * 7) % 11);
    return facesOf(width, width % 3);
  });
  const records = await readEncodings(encodings());
  const expected = Array.from({ length: 20 }, (_, i) => i + 1).flatMap((w) => new Array(w % 3).fill(w));
  expect(records.map(({ encoding }) => encoding[0])).toEqual(expected);
  expect(records[0]?.imagePath).toBe(join(temp(), 'photos', '001.bmp'));
  expect(records[0]?.loc).toEqual({ top: 0, right: 2, bottom: 3, left: 1 });
  expect(summary).toMatchObject({
    photos: 20,
    faces: expected.length,
    photosWithoutFace: 6,
    photosFailed: 0,
    photosKnown: 0,
    problems: [],
    warnings: [],
    encodings: encodings(),
  });
});

test('twice as many photos as jobs are in hand, so that the next is decoded when one is done', async () => {
  addPhotos(12);
  let now = 0;
  let most = 0;
  let allIn = () => {};
  const six = new Promise<void>((resolve) => {
    allIn = resolve;
  });
  await run(
    async () => {
      most = Math.max(most, ++now);
      if (now === 6) allIn();
      await six;
      await delay(5);
      now--;
      return [];
    },
    { jobs: 3 },
  );
  expect(most).toBe(6);
});

test('the largest photos are begun first, whatever their names: none is left for the end, alone', async () => {
  addPhoto('a.bmp', 10);
  addPhoto('b.bmp', 5000);
  addPhoto('c.bmp', 100);
  addPhoto('d.bmp', 20_000);
  const begun: number[] = [];
  await run(
    (width) => {
      begun.push(width);
      return [];
    },
    { jobs: 1 },
  );
  // Two at a time.
  expect(new Set(begun.slice(0, 2))).toEqual(new Set([20_000, 5000]));
});

test('a photo that can not be read is reported by name, and the run goes on', async () => {
  addPhotos(5);
  writeFileSync(join(temp(), 'photos', '003.bmp'), 'not a photo');
  symlinkSync('nowhere.jpg', join(temp(), 'photos', 'dead link.jpg'));
  const told: PhotoProblem[] = [];
  const summary = await run((width) => facesOf(width, 1), { onProblem: (problem) => told.push(problem) });
  expect(summary).toMatchObject({ photos: 5, faces: 4, photosFailed: 1, photosWithoutFace: 0 });
  expect(summary.problems.map(({ path, code }) => [path, code])).toEqual([
    [join(temp(), 'photos', 'dead link.jpg'), 'FACE_IO'],
    [join(temp(), 'photos', '003.bmp'), 'FACE_IMAGE_DECODE'],
  ]);
  expect(summary.problems[1]?.reason).toContain('003.bmp');
  expect(told).toEqual(summary.problems);
  expect(await readEncodings(encodings())).toHaveLength(4);
});

test('an error nobody foresaw costs one photo, not the night', async () => {
  addPhotos(3);
  const summary = await run((width) => {
    if (width === 2) throw new TypeError('a defect');
    return facesOf(width, 1);
  });
  expect(summary).toMatchObject({ faces: 2, photosFailed: 1 });
  expect(summary.problems[0]).toMatchObject({
    code: 'FACE_INTERNAL',
    reason: expect.stringMatching(/002\.bmp.*a defect/),
  });
});

test('a photo that is cut off is used as far as it goes, and named', async () => {
  mkdirSync(join(temp(), 'photos'));
  copyFileSync(samplePhoto('sample1.jpg'), join(temp(), 'photos', 'whole.jpg'));
  const bytes = readFileSync(samplePhoto('sample1.jpg'));
  writeFileSync(join(temp(), 'photos', 'half.jpg'), bytes.subarray(0, bytes.length / 2));
  const summary = await run((width) => facesOf(width, 1));
  expect(summary).toMatchObject({ faces: 2, photosFailed: 0 });
  const half = join(temp(), 'photos', 'half.jpg');
  expect(summary.warnings).toEqual([{ path: half, reason: expect.stringContaining(half) }]);
});

test('what concerns every photo ends the run: the others are stopped, and the old file stays', async () => {
  addPhotos(10);
  mkdirSync(join(temp(), 'out'));
  writeFileSync(encodings(), NO_FACES);
  let begun = 0;
  let stopped = 0;
  const failure = new FaceError('FACE_MODEL_DAMAGED', 'The model file is damaged.');
  const ended = run(async (width, signal) => {
    begun++;
    if (width === 9) {
      while (begun < 4) await delay(1);
      throw failure;
    }
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
    stopped++;
    throw abortError(signal);
  });
  await expect(ended).rejects.toBe(failure);
  expect([begun, stopped]).toEqual([4, 3]);
  expect(readFileSync(encodings(), 'utf8')).toBe(NO_FACES);
  expect(readdirSync(join(temp(), 'out'))).toEqual(['faces.pickle', 'faces.pickle.journal']);
});

test('an abort leaves the old file, and nothing but the journal beside it', async () => {
  addPhotos(10);
  mkdirSync(join(temp(), 'out'));
  writeFileSync(encodings(), NO_FACES);
  const stop = new AbortController();
  const ended = run(
    async (width) => {
      if (width === 3) stop.abort();
      return facesOf(width, 1);
    },
    { signal: stop.signal },
  );
  await expect(ended).rejects.toMatchObject({ code: 'FACE_ABORTED', name: 'AbortError' });
  expect(readFileSync(encodings(), 'utf8')).toBe(NO_FACES);
  expect(readdirSync(join(temp(), 'out'))).toEqual(['faces.pickle', 'faces.pickle.journal']);
});

test('a signal that is aborted already stops the job before it makes anything', async () => {
  addPhotos(1);
  await expect(run(() => [], { signal: AbortSignal.abort() })).rejects.toMatchObject({
    code: 'FACE_ABORTED',
  });
  expect(existsSync(join(temp(), 'out'))).toBe(false);
});

test('photos without any face give a file with an empty list', async () => {
  addPhotos(2);
  expect(await run(() => [])).toMatchObject({ photos: 2, faces: 0, photosWithoutFace: 2 });
  expect(await readEncodings(encodings())).toEqual([]);
});

test('when not one photo can be read, the old file is not replaced by an empty one', async () => {
  addPhotos(2);
  writeFileSync(join(temp(), 'photos', '001.bmp'), '');
  writeFileSync(join(temp(), 'photos', '002.bmp'), '');
  mkdirSync(join(temp(), 'out'));
  writeFileSync(encodings(), NO_FACES);
  await expect(run(() => [])).rejects.toMatchObject({
    code: 'FACE_NO_IMAGES',
    message: expect.stringMatching(/None of the 2 photos in .* could be read, .* The first: .*001\.bmp/),
  });
  rmSync(join(temp(), 'photos', '001.bmp'));
  await expect(run(() => [])).rejects.toMatchObject({
    code: 'FACE_NO_IMAGES',
    message: expect.stringMatching(/The one photo in .* could not be read, .* was not written\. .*002\.bmp/),
  });
  expect(readFileSync(encodings(), 'utf8')).toBe(NO_FACES);
});

test('a folder without photos is an error that says what was looked for', async () => {
  mkdirSync(join(temp(), 'photos'));
  await expect(run(() => [])).rejects.toMatchObject({
    code: 'FACE_NO_IMAGES',
    message: expect.stringContaining('.jpeg'),
  });
});

test('a folder with nothing but what can not be read yet, or is left out, is an error that counts it', async () => {
  mkdirSync(join(temp(), 'photos', '@eaDir'), { recursive: true });
  for (const name of ['a.jxl', 'b.JXL', 'c.x3f', 'd.mp4', 'e.mov', 'f.jpg', '.g.jpg']) {
    writeFileSync(join(temp(), 'photos', name), '');
  }
  await expect(run(() => [], { exclude: 'f.*' })).rejects.toMatchObject({
    code: 'FACE_NO_IMAGES',
    message: expect.stringMatching(
      /Left out were: 1 raw photo and 2 JPEG XL pictures: not readable yet; 2 videos: --video looks for faces in them, too; 1 hidden or system folder \(@eaDir\) and 1 hidden photo: --include-hidden.*; 1 photo: excluded/,
    ),
  });
});

test('several folders and photos give one file, in the order of the paths; what was left out is told', async () => {
  addPhotos(3);
  mkdirSync(join(temp(), 'more'));
  writeFileSync(join(temp(), 'more', 'b.bmp'), bitmap(5, 1));
  writeFileSync(join(temp(), 'more', 'c.mp4'), '');
  writeFileSync(join(temp(), 'a.bmp'), bitmap(4, 1));
  const summary = await run((width) => facesOf(width, 1), {
    dataset: [
      join(temp(), 'photos'),
      join(temp(), 'photos', '002.bmp'),
      join(temp(), 'more'),
      join(temp(), 'a.bmp'),
    ],
    exclude: ['003*'],
  });
  expect(summary).toMatchObject({
    photos: 4,
    faces: 4,
    leftOut: { unread: { video: 1 }, excluded: { photos: 1 } },
  });
  const records = await readEncodings(encodings());
  expect(records.map(({ encoding }) => encoding[0])).toEqual([4, 5, 1, 2]);
  const nowhere = join(temp(), 'nowhere');
  await expect(run(() => [], { dataset: [join(temp(), 'photos'), nowhere] })).rejects.toMatchObject({
    code: 'FACE_IO',
    message: expect.stringContaining(`"${nowhere}" does not exist`),
  });
});

test('an output that can not be written is found out before the work', async () => {
  addPhotos(2);
  writeFileSync(join(temp(), 'file'), '');
  mkdirSync(join(temp(), 'folder'));
  for (const [bad, reason] of [
    [join(temp(), 'file', 'faces.pickle'), 'is a file, not a folder'],
    [join(temp(), 'folder'), 'it is a folder'],
    [`${join(temp(), 'folder')}/`, 'it is a folder'],
    // As those write who want a folder to be made: it would fail at the very end.
    [`${join(temp(), 'results')}/`, 'it is a folder'],
    ['/dev/null', 'it is a pipe or a device'],
  ] as const) {
    let begun = 0;
    const ended = run(() => [], {
      encodings: bad,
      engine: engine(() => {
        begun++;
        return [];
      }),
    });
    await expect(ended).rejects.toMatchObject({ code: 'FACE_IO', message: expect.stringContaining(reason) });
    expect(begun).toBe(0);
  }
  expect(readdirSync(temp()).sort()).toEqual(['file', 'folder', 'photos']);
});

test('progress counts up from 0 to all photos', async () => {
  addPhotos(4);
  writeFileSync(join(temp(), 'photos', '002.bmp'), '');
  const events: EncodeProgress[] = [];
  await run((width) => facesOf(width, 2), { jobs: 1, onProgress: (event) => events.push(event) });
  expect(events.map(({ done, total }) => [done, total])).toEqual([0, 1, 2, 3, 4].map((done) => [done, 4]));
  expect(events[0]?.photo).toBeUndefined();
  expect(events.at(-1)).toMatchObject({ faces: 6, failed: 1, work: expect.closeTo(1) });
  const work = events.map((event) => event.work);
  expect(work[0]).toBe(0);
  expect(work).toEqual(work.toSorted((a, b) => a - b));
  // The empty file is as good as no work, whenever its turn was.
  const steps = work.slice(1).map((value, i) => value - (work[i] as number));
  const empty = events.slice(1).findIndex(({ photo }) => photo?.endsWith('002.bmp'));
  expect(Math.max(...steps)).toBeGreaterThan(10 * (steps[empty] as number));
  expect(new Set(events.slice(1).map(({ photo }) => photo)).size).toBe(4);
});

test.each<[string, Record<string, unknown>]>([
  ['dataset', { dataset: '' }],
  ['encodings', { encodings: 7 }],
  ['method', { method: 'magic' }],
  ['jobs', { jobs: 0 }],
  ['jobs', { jobs: -2 }],
  ['jobs', { jobs: 1.5 }],
  ['upsample', { upsample: -1 }],
  ['numJitters', { numJitters: 0 }],
  ['detectSize', { detectSize: 50 }],
])('a bad %s is refused by name', async (name, options) => {
  addPhotos(1);
  await expect(run(() => [], options)).rejects.toMatchObject({
    code: 'FACE_INVALID_ARGUMENT',
    message: expect.stringContaining(`for ${name} but received`),
  });
});
