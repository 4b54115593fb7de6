import fs, {
  copyFileSync,
  cpSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import type { FaceRecord } from '../../src/base/types';
import type { ClusterFacesOptions } from '../../src/cluster';
import { readJournalFaces } from '../../src/encode/journal/faces';
import { face, facesOf, useCollection } from '../support/collection';
import { samplePhoto, useTempFolder } from '../support/files';

const temp = useTempFolder();
const { cluster, inResult, keepJournal, photo, photos, readData } = useCollection(temp);

/** Faces of one person, each told from the others, as real ones are. */
function person(paths: readonly string[], id = 0): FaceRecord[] {
  return paths.map((path, i) => {
    const record = face(path, id);
    record.encoding[127] = 0.001 * (i + 1);
    return record;
  });
}

afterEach(() => jest.restoreAllMocks());

describe('a photo that was changed after it was encoded', () => {
  const turned = (path: string) => writeFileSync(path, readFileSync(samplePhoto('sample6.jpg')));

  test.each<Partial<ClusterFacesOptions>>([
    {},
    { layout: 'faces' },
    { gallery: false, montage: { all: true } },
  ])('is a problem that says what to do, and none of its faces is cut out: %p', async (options) => {
    const records = person(photos('a', 5));
    await keepJournal(records);
    const changed = records[1]?.imagePath as string;
    turned(changed);
    const { problems } = await cluster(records, options);
    expect(problems).toEqual([
      {
        path: changed,
        code: 'FACE_IMAGE_CHANGED',
        reason: expect.stringContaining('Run "encode" again'),
        remedy: 'Run "encode" again.',
      },
    ]);
    for (const { photo, thumbnail, photoThumbnail, photoWidth, crop } of facesOf(readData())) {
      if (photo === changed)
        expect([thumbnail, photoThumbnail, photoWidth, crop]).toEqual([null, null, null, null]);
      else expect(thumbnail !== null || crop !== null || options.gallery === false).toBe(true);
    }
    if (options.layout !== 'faces') expect(readdirSync(inResult('label0'))).toContain('a2.jpg');
  });

  test('is noticed by the next run, too, that knows the other photos already', async () => {
    const records = person(photos('a', 5));
    await keepJournal(records);
    expect((await cluster(records)).problems).toEqual([]);
    turned(records[0]?.imagePath as string);
    for (let run = 0; run < 2; run++) {
      expect((await cluster(records)).problems.map(({ code }) => code)).toEqual(['FACE_IMAGE_CHANGED']);
    }
  });

  test('is noticed though the journal knows what it is now: encode had not come to its end', async () => {
    const records = person(photos('a', 5));
    await keepJournal(records);
    const changed = records[0]?.imagePath as string;
    turned(changed);
    await keepJournal([{ ...(records[0] as FaceRecord), loc: { top: 5, right: 50, bottom: 50, left: 5 } }]);
    expect((await cluster(records)).problems.map(({ path }) => path)).toEqual([changed]);
  });

  test.each([
    ['another size', (path: string) => turned(path), true],
    ['another time', (path: string) => utimesSync(path, 1577934245, 1577934245), false],
  ])('is looked for by its size and time where no pictures are made: %s', async (_, change, isAnother) => {
    const records = person(photos('a', 12));
    // Files that were changed just now prove nothing by their times.
    jest.spyOn(Date, 'now').mockReturnValue(Date.now() + 3_600_000);
    await keepJournal(records);
    const options = { gallery: false, montage: { columns: 1, rows: 1, order: 'representative' } } as const;
    expect((await cluster(records, options)).problems).toEqual([]);
    // Not the one on the montage: the farthest from the centre.
    const changed = records[11]?.imagePath as string;
    const read = jest.spyOn(fs, 'createReadStream');
    change(changed);
    const { problems } = await cluster(records, options);
    expect(problems.map(({ path }) => path)).toEqual(isAnother ? [changed] : []);
    expect(read.mock.calls.map(([path]) => path)).toEqual([changed]);
  });

  test('is not one that was moved, or encoded in another folder', async () => {
    const records = person(photos('a', 5));
    await keepJournal(records);
    renameSync(temp('photos'), temp('moved'));
    expect((await cluster(records, { photos: temp('moved') })).problems).toEqual([]);
  });

  test('can not be told without a journal, with one that knows nothing of it, or with what is none', async () => {
    const records = person(photos('a', 5));
    turned(records[0]?.imagePath as string);
    expect((await cluster(records)).problems).toEqual([]);
    await keepJournal(person([photo('other.jpg')], 5));
    expect((await cluster(records)).problems).toEqual([]);
    writeFileSync(temp('faces.pickle.journal'), 'no journal');
    expect((await cluster(records)).problems).toEqual([]);
    rmSync(temp('faces.pickle.journal'));
    cpSync(temp('photos'), temp('faces.pickle.journal'), { recursive: true });
    expect((await cluster(records)).problems).toEqual([]);
  });
});

test("each face has the detector's score, from whatever run it is; those that the journal does not know have none", async () => {
  const records = person(photos('a', 5));
  await keepJournal(records.slice(0, 2), 0.25);
  await keepJournal(records.slice(2, 4), 1.5);
  await cluster(records);
  expect(facesOf(readData()).map(({ score }) => score)).toEqual([0.25, 0.25, 1.5, 1.5, null]);
});

test('of a face in a journal of earlier versions, its score is known and nothing else that is measured', async () => {
  const records = person(photos('a', 2));
  await keepJournal(records);
  const known = await readJournalFaces(temp('faces.pickle'), records, undefined);
  expect(known?.faces).toEqual(records.map(() => ({ score: 1, contents: expect.any(Set) })));
});

test('what several runs have measured of a face is known together', async () => {
  const records = person([photo('a.jpg')]);
  await keepJournal(records, 1, { sharpness: 0.5 });
  const mirrored = new Float64Array(128).fill(0.25);
  await keepJournal(records, 1, { mirrored });
  await keepJournal(records);
  const known = await readJournalFaces(temp('faces.pickle'), records, undefined);
  expect(known?.faces).toEqual([{ score: 1, contents: expect.any(Set), sharpness: 0.5, mirrored }]);
});

describe('copies of one photo', () => {
  /** One photo in five albums, and a person who is on five photos. */
  function albums(): FaceRecord[] {
    const first = photo('1/a.jpg');
    const copies = [2, 3, 4, 5].map((album) => {
      const copy = temp('photos', `copy ${album}.jpg`);
      copyFileSync(first, copy);
      return copy;
    });
    return [...[first, ...copies].map((path) => face(path, 0)), ...person(photos('b', 5), 1)];
  }

  test.each([
    ['with a journal', true],
    ['without', false],
  ])('are told from different photos, and a person whom they alone have made is: %s', async (_, journal) => {
    const records = albums();
    if (journal) await keepJournal(records);
    for (const gallery of [true, false]) {
      const { people } = await cluster(records, { gallery });
      expect(people).toMatchObject([
        { label: 0, faces: 5, photos: 5, distinctPhotos: 1, onlyCopies: true },
        { label: 1, faces: 5, photos: 5, distinctPhotos: 5, onlyCopies: false },
      ]);
    }
  });
});
