import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import sharp from 'sharp';
import type { Box } from '../../src/base/types';
import type { EncodedFace } from '../../src/engine/faces';
import {
  type EvaluatePhotosOptions,
  type EvaluateSummary,
  evaluatePhotos,
} from '../../src/evaluate/evaluate-photos';
import { storedArea } from '../../src/metadata/turned';
import type { OpenedImage } from '../../src/photos/decode';
import { bitmap } from '../support/bmp';
import { useTempFolder } from '../support/files';
import { rejection } from '../support/photos';
import { DAMAGED_JPEG, rawPhoto } from '../support/raw';
import { sidecarWithRegions } from '../support/xmp';

const temp = useTempFolder();

/** What is on the photos, by their widths. */
let faces: Map<number, EncodedFace[]>;
let looked: number;
beforeEach(() => {
  faces = new Map();
  looked = 0;
});

const HEIGHT = 100;
const MIDDLE: Box = { top: 20, right: 70, bottom: 80, left: 10 };
const CORNER: Box = { top: 0, right: 20, bottom: 20, left: 0 };

/** A face of somebody; all of a person are the same, those of two far from each other. */
function faceOf(person: number, box = MIDDLE): EncodedFace {
  const encoding = new Float64Array(128);
  encoding[person] = 1;
  return { box, score: 1, encoding };
}

/** A photo with these faces on it, different from every other. */
function photo(name: string, ...own: EncodedFace[]): string {
  const width = 80 + faces.size;
  faces.set(width, own);
  const path = temp('photos', name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, bitmap(width, HEIGHT));
  return path;
}

function evaluate(options: Partial<EvaluatePhotosOptions> = {}): Promise<EvaluateSummary> {
  return evaluatePhotos({
    photos: temp('photos'),
    encodings: temp('kept', 'faces.pickle'),
    engine: {
      jobs: 2,
      detectAndEncode: async (image, { mirror } = {}) => {
        looked++;
        const { width } = await (image as OpenedImage).decode();
        return (faces.get(width) ?? []).map((one) => (mirror ? { ...one, mirrored: one.encoding } : one));
      },
    },
    ...options,
  });
}

const usual = ({ settings }: EvaluateSummary, method = 'linkage') =>
  settings.find((one) => one.usual && one.parameters.method === method);

/** One of which the JPEG is damaged, and there is the raw photo beside it. */
async function rawBesideDamaged(name: string, ...own: EncodedFace[]): Promise<void> {
  const jpeg = photo(`${name}.jpg`, ...own);
  const width = readFileSync(jpeg).readInt32LE(18);
  const picture = await sharp({ create: { width, height: HEIGHT, channels: 3, background: '#888' } })
    .jpeg()
    .toBuffer();
  writeFileSync(temp('photos', `${name}.nef`), rawPhoto(picture));
  writeFileSync(jpeg, DAMAGED_JPEG);
}

/** Writes beside a photo who is on it, as digiKam does. */
function sidecar(path: string, regions: Readonly<Record<string, Box>>, people: readonly string[] = []): void {
  const size = { width: readFileSync(path).readInt32LE(18), height: HEIGHT };
  const areas = Object.entries(regions).map(([name, box]) => ({
    name,
    area: storedArea(box, 1, size.width, size.height),
  }));
  sidecarWithRegions(path, size, areas, people);
}

describe('folders that are named after people', () => {
  test('say who is on the photos in them, however deep', async () => {
    for (const i of [1, 2, 3]) photo(`Anna/${i}.bmp`, faceOf(0));
    for (const i of [1, 2]) photo(`Ben (2)/2019/trip/${i}.bmp`, faceOf(1));
    const summary = await evaluate();
    expect(summary).toMatchObject({
      faces: 5,
      photos: 5,
      truth: 'folders',
      mirrored: true,
      people: [
        { name: 'Anna', faces: 3 },
        { name: 'Ben', faces: 2 },
      ],
      problems: [],
    });
    expect(usual(summary)).toMatchObject({
      faces: 5,
      people: 2,
      clusters: 2,
      bcubed: { precision: 1, recall: 1, f1: 1 },
      pairwise: { precision: 1, recall: 1, f1: 1 },
      parameters: { mirrored: true, threshold: 0.56 },
    });
    // Nobody has five faces.
    expect(usual(summary, 'dbscan')).toMatchObject({ clusters: 5, pairwise: { precision: null, recall: 0 } });
  });

  test('say it of a raw photo that was taken in the place of a damaged one', async () => {
    photo('Anna/1.bmp', faceOf(0));
    photo('Ben/1.bmp', faceOf(1));
    await rawBesideDamaged('Ben/2', faceOf(1));
    expect(await evaluate()).toMatchObject({
      people: [
        { name: 'Ben', faces: 2 },
        { name: 'Anna', faces: 1 },
      ],
      problems: [],
    });
  });

  test('mistakes are measured: one looks like another, one like nobody else', async () => {
    // Anna twice, Ben as Anna; Ben and his other self.
    photo('Anna/1.bmp', faceOf(0));
    photo('Anna/2.bmp', faceOf(0));
    photo('Ben/1.bmp', faceOf(0));
    photo('Ben/2.bmp', faceOf(1));
    expect(usual(await evaluate())).toMatchObject({
      clusters: 2,
      bcubed: { precision: expect.closeTo((2 / 3 + 2 / 3 + 1 / 3 + 1) / 4, 12), recall: 3 / 4 },
      pairwise: { precision: 1 / 3, recall: 1 / 2 },
    });
  });

  test('of several faces the main one counts; the others are grouped along and count nowhere', async () => {
    photo('Anna/1.bmp', faceOf(0), faceOf(2, CORNER));
    photo('Anna/2.bmp', faceOf(2, CORNER), faceOf(0));
    photo('Ben/1.bmp', faceOf(1), faceOf(0, CORNER));
    const summary = await evaluate();
    expect(summary).toMatchObject({
      faces: 6,
      people: [
        { name: 'Anna', faces: 2 },
        { name: 'Ben', faces: 1 },
      ],
    });
    expect(usual(summary)).toMatchObject({ faces: 3, clusters: 2, bcubed: { f1: 1 } });
  });

  test('a copy counts once, and a photo in the folders of two people is of nobody', async () => {
    const one = photo('Anna/1.bmp', faceOf(0));
    const both = photo('Anna/both.bmp', faceOf(0));
    photo('Ben/1.bmp', faceOf(1));
    writeFileSync(temp('photos/Anna/copy.bmp'), readFileSync(one));
    writeFileSync(temp('photos/Ben/both.bmp'), readFileSync(both));
    expect(await evaluate()).toMatchObject({
      faces: 3,
      photos: 3,
      people: [
        { name: 'Anna', faces: 1 },
        { name: 'Ben', faces: 1 },
      ],
    });
  });

  test('folders of several inputs and in other letters are one person; those that name nobody are none', async () => {
    photo('here/Zoë/1.bmp', faceOf(0));
    photo(`there/${'zoë'.normalize('NFD')}/1.bmp`, faceOf(0));
    photo('there/Person 02 (1)/1.bmp', faceOf(1));
    photo('there/Not sorted/1.bmp', faceOf(2));
    photo('there/Ben.bmp', faceOf(3));
    const photos = [temp('photos/here'), temp('photos/there')];
    expect(await evaluate({ photos })).toMatchObject({ faces: 5, people: [{ name: 'Zoë', faces: 2 }] });
  });
});

describe('names in photos', () => {
  test('a region names the face that it is around; a keyword the only face of a photo', async () => {
    const head = { ...MIDDLE, top: 10, bottom: 85 };
    sidecar(photo('1.bmp', faceOf(0), faceOf(5, CORNER)), { Anna: head });
    sidecar(photo('2.bmp', faceOf(0)), {}, ['Anna']);
    // Which of the two?
    sidecar(photo('3.bmp', faceOf(0), faceOf(6, CORNER)), {}, ['Anna']);
    sidecar(photo('4.bmp', faceOf(1)), {}, ['Anna', 'Ben']);
    // Somebody whom the detector has not found.
    sidecar(photo('5.bmp', faceOf(1)), { Ben: CORNER });
    sidecar(photo('6.bmp', faceOf(1)), { Ben: MIDDLE });
    const summary = await evaluate();
    expect(summary).toMatchObject({
      truth: 'photos',
      people: [
        { name: 'Anna', faces: 2 },
        { name: 'Ben', faces: 1 },
      ],
    });
    expect(usual(summary)).toMatchObject({ faces: 3, bcubed: { f1: 1 } });
  });

  test('come before folders, unless folders are asked for', async () => {
    sidecar(photo('Summer/1.bmp', faceOf(0)), { Anna: MIDDLE });
    photo('Winter/2.bmp', faceOf(1));
    expect(await evaluate()).toMatchObject({ truth: 'photos', people: [{ name: 'Anna', faces: 1 }] });
    expect(await evaluate({ truth: 'folders' })).toMatchObject({
      truth: 'folders',
      people: [
        { name: 'Summer', faces: 1 },
        { name: 'Winter', faces: 1 },
      ],
    });
  });

  test('a photo that is gone by then is told, and the others count', async () => {
    sidecar(photo('1.bmp', faceOf(0)), { Anna: MIDDLE });
    const gone = photo('2.bmp', faceOf(0));
    await evaluate();
    const told: string[] = [];
    const summary = await evaluate({
      onProgress: ({ phase, done }) => {
        if (phase === 'names' && done === 0) rmSync(gone);
      },
      onProblem: ({ path }) => told.push(path),
    });
    expect(told).toEqual([gone]);
    expect(summary).toMatchObject({ faces: 2, problems: [{ path: gone, code: 'FACE_IMAGE_NOT_FOUND' }] });
  });
});

test('says what is missing where nobody is known', async () => {
  photo('1.bmp', faceOf(0));
  const error = await rejection(evaluate());
  expect(error).toMatchObject({ code: 'FACE_NO_NAMES' });
  expect(error.message).toContain('no names were found in them');
  expect(error.remedy).toContain('photos/Anna/1.jpg');
  expect((await rejection(evaluate({ truth: 'photos' }))).message).not.toContain('not in folders');
  expect((await rejection(evaluate({ truth: 'folders' }))).message).not.toContain('no names were');
});

test('says that there is no face', async () => {
  photo('Anna/1.bmp');
  expect(await rejection(evaluate())).toMatchObject({
    code: 'FACE_NO_NAMES',
    message: expect.stringContaining('no faces'),
  });
});

test('what is known needs no second look, and photos of others are dropped only if that is wished', async () => {
  photo('Anna/1.bmp', faceOf(0));
  photo('Ben/1.bmp', faceOf(1));
  const first = await evaluate();
  expect(looked).toBe(2);
  const again = await evaluate();
  expect(looked).toBe(2);
  expect(again.settings).toEqual(first.settings);
  expect(again.encode.photosKnown).toBe(2);

  mkdirSync(temp('other/Carl'), { recursive: true });
  writeFileSync(temp('other/Carl/1.bmp'), bitmap(200, HEIGHT));
  faces.set(200, [faceOf(2)]);
  const others = { photos: temp('other') };
  expect(await rejection(evaluate(others))).toMatchObject({ code: 'FACE_ENCODINGS_OTHER_PHOTOS' });
  expect((await evaluate({ ...others, dropOthers: true })).people).toEqual([{ name: 'Carl', faces: 1 }]);
  await evaluate({ dropOthers: true });
  expect(looked).toBe(3);
});

test('takes options that the methods know, and no others', async () => {
  photo('Anna/1.bmp', faceOf(0));
  photo('Anna/2.bmp', faceOf(0));
  const summary = await evaluate({ minSamples: 2 });
  expect(usual(summary, 'dbscan')).toMatchObject({ clusters: 1, parameters: { minSamples: 2 } });
  for (const [option, value] of Object.entries({
    photos: '',
    truth: 'guess',
    minSamples: 0,
    detectSize: -1,
    dropOthers: 1,
    method: 'mtcnn',
    eps: 0.5,
  })) {
    expect(await rejection(evaluate({ [option]: value } as never))).toMatchObject({
      code: 'FACE_INVALID_ARGUMENT',
      argument: option,
    });
  }
});

test('can be stopped, and says how far it is', async () => {
  photo('Anna/1.bmp', faceOf(0));
  const phases: string[] = [];
  await evaluate({ onProgress: ({ phase, done, total }) => phases.push(`${phase} ${done}/${total}`) });
  expect(phases.slice(0, 2)).toEqual(['encode 0/1', 'encode 1/1']);
  expect(phases.slice(2, 4)).toEqual(['names 0/1', 'names 1/1']);
  expect(phases.at(-1)).toBe('cluster 1/1');
  for (const way of ['signal', 'stop']) {
    const stop = new AbortController();
    const stopped = evaluate({
      [way]: stop.signal,
      onProgress: ({ phase }) => phase === 'names' && stop.abort(),
    });
    expect(await rejection(stopped)).toMatchObject({ code: 'FACE_ABORTED' });
  }
});
