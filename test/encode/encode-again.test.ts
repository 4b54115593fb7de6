import {
  appendFileSync,
  chmodSync,
  chownSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
// Loaded here, and not when it is needed: what jest compiles it keeps in a folder that an unprivileged user can't write.
import '../../src/photos/formats/sharp';
import { FaceError, type FaceErrorCode } from '../../src/base/errors';
import type { EncodeFacesOptions } from '../../src/encode/encode';
import { readJournalFaces } from '../../src/encode/journal/faces';
import { readEncodings } from '../../src/encodings/encodings';
import type { OpenedImage } from '../../src/photos/decode';
import { bitmap } from '../support/bmp';
import { useEncodeRuns } from '../support/encode-runs';
import { useTempFolder } from '../support/files';
import { rejection } from '../support/photos';
import { notOnWindows, onLinux } from '../support/platform';
import { unprivileged } from '../support/unprivileged';

/*
 * What a run takes from those before it. The engine is a stand-in that notes which photos it was given; a photo is told
 * by its width. test/commands/encode-killed.test.ts does the same to the real command, the hard way.
 */
const temp = useTempFolder();
const { encodings, inPhotos, addPhoto, run } = useEncodeRuns(temp);

/** The file of a run that knows of no other. */
async function bytesFromScratch(): Promise<Buffer> {
  const { bytes } = await run({ encodings: encodings(), fresh: true });
  return bytes;
}

function addThree(): void {
  addPhoto('a.bmp', 1);
  addPhoto('b.bmp', 2);
  addPhoto('c/c.bmp', 3);
}

test('nothing has changed: nothing is done, and the file is the same', async () => {
  addThree();
  const first = await run();
  expect(first).toMatchObject({ worked: [1, 2, 3], photosKnown: 0 });
  const second = await run();
  expect(second).toMatchObject({ worked: [], photos: 3, faces: 3, photosKnown: 3, photosFailed: 0 });
  expect(second.bytes).toEqual(first.bytes);
  expect(second.journal).toBe(`${encodings()}.journal`);
});

test('only what is new or changed is done; what was moved is known again, what was removed drops out', async () => {
  addThree();
  await run();
  addPhoto('new.bmp', 4);
  addPhoto('b.bmp', 5);
  mkdirSync(inPhotos('elsewhere'));
  renameSync(inPhotos('c/c.bmp'), inPhotos('elsewhere/moved.bmp'));
  rmSync(inPhotos('a.bmp'));
  const second = await run();
  expect(second).toMatchObject({ worked: [4, 5], photos: 3, photosKnown: 1 });
  const records = await readEncodings(encodings());
  expect(records.map(({ imagePath }) => imagePath)).toEqual(
    ['b.bmp', 'elsewhere/moved.bmp', 'new.bmp'].map(inPhotos),
  );
  expect(second.bytes).toEqual(await bytesFromScratch());
});

test('a photo that was changed behind the back of its size and time is noticed', async () => {
  addThree();
  // As if the photos had been there for a minute: their state is then believed.
  const clock = jest.spyOn(Date, 'now').mockReturnValue(Date.now() + 60_000);
  try {
    await run();
    expect(readFileSync(`${encodings()}.journal`, 'latin1').match(/"state":/g)).toHaveLength(3);
    const { atime, mtime, size } = statSync(inPhotos('a.bmp'));
    const bytes = readFileSync(inPhotos('a.bmp'));
    bytes[54] = 200;
    writeFileSync(inPhotos('a.bmp'), bytes);
    utimesSync(inPhotos('a.bmp'), atime, mtime);
    expect(statSync(inPhotos('a.bmp')).size).toBe(size);
    expect(await run()).toMatchObject({ worked: [1], photosKnown: 2 });
  } finally {
    clock.mockRestore();
  }
});

test('of photos with the same bytes one is done', async () => {
  addPhoto('a.bmp', 1);
  await run();
  for (const name of ['b.bmp', 'c.bmp']) addPhoto(name, 1);
  const second = await run();
  expect(second).toMatchObject({ worked: [], photos: 3, faces: 3, photosKnown: 3 });
  expect(second.bytes).toEqual(await bytesFromScratch());
});

test('other options: everything is done anew, told apart, and there again when they are changed back', async () => {
  addThree();
  const first = await run();
  const other = await run({ method: 'cnn' });
  expect(other).toMatchObject({ worked: [1, 2, 3], faces: 6, photosKnown: 0 });
  expect(other.report).toMatchObject({ photos: 0, others: [{ photos: 3, settings: { method: 'hog' } }] });
  const back = await run();
  expect(back).toMatchObject({ worked: [], photosKnown: 3 });
  expect(back.report).toMatchObject({ photos: 3, others: [] });
  expect(back.bytes).toEqual(first.bytes);
});

/** What the journal says of the mirror images, by the first number of each face's encoding. */
async function mirroredInJournal(): Promise<Map<number, number | undefined>> {
  const records = await readEncodings(encodings());
  const known = await readJournalFaces(encodings(), records, undefined);
  return new Map(
    records.map(({ encoding }, i) => [encoding[0] as number, known?.faces[i]?.mirrored?.[127]] as const),
  );
}

test('mirror: where only that is missing, faces are not looked for again; what is there is kept, and the file is the same', async () => {
  addThree();
  const first = await run();
  expect(first).toMatchObject({ worked: [1, 2, 3], measured: [] });
  addPhoto('new.bmp', 4);
  const second = await run({ mirror: true });
  expect(second).toMatchObject({ worked: [4], measured: [1, 2, 3], photosKnown: 0, photosMeasured: 3 });
  const mirrored = new Map([1, 2, 3, 4].map((width) => [Math.fround(width / 7), Math.fround(width / 9)]));
  expect(await mirroredInJournal()).toEqual(mirrored);
  for (const mirror of [true, false]) {
    const again = await run({ mirror });
    expect(again).toMatchObject({ worked: [], measured: [], photosKnown: 4, photosMeasured: 0 });
    expect(again.bytes).toEqual(second.bytes);
    expect(await mirroredInJournal()).toEqual(mirrored);
  }
  expect(await bytesFromScratch()).toEqual(second.bytes);
});

test.each<[FaceErrorCode, boolean]>([
  ['FACE_OUT_OF_MEMORY', true],
  ['FACE_IMAGE_DECODE', true],
  ['FACE_IMAGE_DECODE', false],
])(
  'mirror: a photo of which no more can be measured (%s) keeps the faces that are known',
  async (code, measures) => {
    addThree();
    const first = await run();
    const fail = () => Promise.reject(new FaceError(code, 'No more.'));
    const engine = { jobs: 1, detectAndEncode: fail, ...(measures && { measure: fail }) };
    const second = await run({ engine, mirror: true });
    expect(second).toMatchObject({ faces: 3, photosKnown: 3, photosMeasured: 0, photosFailed: 0 });
    expect(second.bytes).toEqual(first.bytes);
    expect(await run({ mirror: true })).toMatchObject({ worked: [], measured: [1, 2, 3], photosMeasured: 3 });
  },
);

test('mirror: an engine that can not measure by itself looks for the faces again', async () => {
  addThree();
  await run();
  const worked: number[] = [];
  const engine: NonNullable<EncodeFacesOptions['engine']> = {
    jobs: 1,
    detectAndEncode: async (image, { mirror } = {}) => {
      worked.push((await (image as unknown as OpenedImage).decode()).width);
      expect(mirror).toBe(true);
      return [];
    },
  };
  await run({ engine, mirror: true });
  expect(worked.sort()).toEqual([1, 2, 3]);
});

test('starting over does everything anew', async () => {
  addThree();
  await run();
  const second = await run({ fresh: true });
  expect(second).toMatchObject({ worked: [1, 2, 3], photosKnown: 0, report: { dropped: { photos: 3 } } });
});

test('a photo that can not be decoded is remembered; one that could not be read is tried again', async () => {
  addThree();
  writeFileSync(inPhotos('bad.bmp'), 'no bitmap');
  writeFileSync(inPhotos('locked.bmp'), bitmap(9, 1), { mode: 0o000 });
  for (const path of [temp(), join(temp(), 'photos'), join(temp(), 'photos', 'c')]) chmodSync(path, 0o777);
  const first = await unprivileged(() => run());
  expect(first).toMatchObject({ photos: 5, faces: 3, photosFailed: 2, photosWithoutFace: 0, photosKnown: 0 });
  if (process.geteuid?.() === 0) chownSync(inPhotos('locked.bmp'), 65534, 65534);
  chmodSync(inPhotos('locked.bmp'), 0o600);
  const second = await unprivileged(() => run());
  expect(second).toMatchObject({ worked: [9], photosFailed: 1, photosKnown: 4 });
  expect(second.problems).toEqual(first.problems.filter(({ path }) => path === inPhotos('bad.bmp')));
  renameSync(inPhotos('bad.bmp'), inPhotos('worse.bmp'));
  const third = await run();
  expect(third.problems[0]?.reason).toContain('worse.bmp');
});

test('a run that is stopped finishes what is in hand, keeps it, and the next goes on', async () => {
  for (let width = 1; width <= 12; width++) addPhoto(`${width}.bmp`, width);
  const stop = new AbortController();
  const stopped = run({
    stop: stop.signal,
    jobs: 1,
    onProgress: ({ done }) => {
      if (done === 3) stop.abort();
    },
  });
  await expect(stopped).rejects.toMatchObject({ code: 'FACE_ABORTED' });
  expect(readdirSync(join(temp(), 'out'))).toEqual(['faces.pickle.journal']);
  const next = await run();
  // Three were done, and one more was in hand.
  expect(next.photosKnown).toBe(4);
  expect(next.worked).toHaveLength(8);
  expect(next.bytes).toEqual(await bytesFromScratch());
});

test('a run that is stopped after the last photo is done', async () => {
  addThree();
  const stop = new AbortController();
  const summary = await run({
    stop: stop.signal,
    onProgress: ({ done }) => {
      if (done === 3) stop.abort();
    },
  });
  expect(summary.faces).toBe(3);
});

test('strict: the first bad photo ends the run, and the old file stays', async () => {
  addThree();
  await run();
  const before = readFileSync(encodings());
  writeFileSync(inPhotos('bad.bmp'), 'no bitmap');
  for (let attempt = 0; attempt < 2; attempt++) {
    const error = await rejection(run({ strict: true }));
    expect(error).toMatchObject({ code: 'FACE_IMAGE_DECODE', message: expect.stringContaining('bad.bmp') });
  }
  expect(readFileSync(encodings())).toEqual(before);
  expect(await run()).toMatchObject({ worked: [], photosFailed: 1 });
});

test('a lower limit of pixels leaves out what was done under a higher one, and a higher one brings it in again', async () => {
  addThree();
  addPhoto('large.bmp', 1000);
  await run();
  const limited = await run({ maxPixels: 999 });
  expect(limited).toMatchObject({ worked: [], faces: 3, photosFailed: 1 });
  expect(limited.problems[0]).toMatchObject({ code: 'FACE_IMAGE_TOO_LARGE', path: inPhotos('large.bmp') });
  expect(await run()).toMatchObject({ worked: [], faces: 4, photosKnown: 4 });
});

test('two runs on one file: the second is refused and changes nothing', async () => {
  addThree();
  let second: Promise<unknown> | undefined;
  await run({
    onJournal: () => {
      second = rejection(run());
    },
    onProgress: () => {},
  });
  expect(await second).toMatchObject({
    code: 'FACE_LOCKED',
    message: expect.stringContaining(`${process.pid}`),
  });
  expect(readdirSync(join(temp(), 'out'))).toEqual(['faces.pickle', 'faces.pickle.journal']);
});

test('damage in the journal costs the photo that it is about, and is told', async () => {
  addThree();
  await run();
  appendFileSync(`${encodings()}.journal`, 'garbage\nmore garb');
  const second = await run();
  expect(second).toMatchObject({ worked: [], report: { damaged: 1, cutOff: 9 } });
});

notOnWindows(
  'a folder that may not be written is an error before the work; file and journal are as they were',
  async () => {
    addThree();
    await run();
    const out = join(temp(), 'out');
    const before = ['faces.pickle', 'faces.pickle.journal'].map((name) => readFileSync(join(out, name)));
    chmodSync(temp(), 0o755);
    chmodSync(out, 0o555);
    try {
      const error = await rejection(unprivileged(() => run({ fresh: true })));
      expect(error).toMatchObject({ code: 'FACE_IO', message: expect.stringMatching(/may write to/) });
    } finally {
      chmodSync(out, 0o755);
    }
    expect(readdirSync(out)).toEqual(['faces.pickle', 'faces.pickle.journal']);
    expect(['faces.pickle', 'faces.pickle.journal'].map((name) => readFileSync(join(out, name)))).toEqual(
      before,
    );
  },
);

test('the permission to write is taken away while it works: the file stays, and nothing that was done is lost', async () => {
  addThree();
  for (const path of [temp(), join(temp(), 'photos'), join(temp(), 'photos', 'c')]) chmodSync(path, 0o777);
  const out = dirname(encodings());
  await unprivileged(async () => {
    const first = await run();
    addPhoto('new.bmp', 4);
    const error = await rejection(
      run({
        onProgress: ({ done }) => {
          if (done === 1) chmodSync(out, 0o500);
        },
      }),
    );
    expect(error).toMatchObject({ code: 'FACE_IO', message: expect.stringMatching(/may write to/) });
    expect(readFileSync(encodings()).equals(first.bytes)).toBe(true);
    chmodSync(out, 0o700);
    // The lock is still there, but says that it is none any more.
    const next = await run();
    expect(readdirSync(out).sort()).toEqual(['faces.pickle', 'faces.pickle.journal']);
    expect(next.worked).toEqual([]);
    expect(next.bytes.equals(await bytesFromScratch())).toBe(true);
  });
});

test('what is made is for the user alone; permissions that the user has changed stay', async () => {
  addThree();
  await run();
  const mode = (path: string) => statSync(path).mode & 0o777;
  expect([mode(encodings()), mode(`${encodings()}.journal`), mode(dirname(encodings()))]).toEqual([
    0o600, 0o600, 0o700,
  ]);
  chmodSync(encodings(), 0o644);
  await run();
  expect(mode(encodings())).toBe(0o644);
});

onLinux('names that are no text are found, read, kept as Python keeps them, and known again', async () => {
  const name = Buffer.concat([Buffer.from(`${temp()}/photos/`), Buffer.from('caf\xe9/\xff.bmp', 'latin1')]);
  mkdirSync(dirnameOf(name), { recursive: true });
  writeFileSync(name, bitmap(7, 1));
  addPhoto('line\nbreak 👩‍👧.bmp', 8);
  await run();
  const records = await readEncodings(encodings());
  expect(records.map(({ imagePath }) => imagePath)).toEqual([
    inPhotos('caf\udce9/\udcff.bmp'),
    inPhotos('line\nbreak 👩‍👧.bmp'),
  ]);
  expect(await run()).toMatchObject({ worked: [], photosKnown: 2 });
});

function dirnameOf(path: Buffer): Buffer {
  return path.subarray(0, path.lastIndexOf('/'));
}
