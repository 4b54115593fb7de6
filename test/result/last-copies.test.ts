import { execFileSync } from 'node:child_process';
import fs, {
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import type { FaceRecord } from '../../src/base/types';
import type { ClusterFacesOptions } from '../../src/cluster';
import { face, useCollection } from '../support/collection';
import { useTempFolder } from '../support/files';
import { testWithMount } from '../support/mount';

const temp = useTempFolder();
const { cluster, inResult, family, photo, photos } = useCollection(temp);
const KEPT = 'kept-originals-not-found';

afterEach(() => jest.restoreAllMocks());

/** What is in a folder of the result; nothing if there is no such folder. */
const inFolder = (name: string) => (existsSync(inResult(name)) ? readdirSync(inResult(name)).sort() : []);

/** A first result, and what a user would lose: anna's second photo, of which the result had the only copy. */
async function deleteAfterwards(options: Partial<ClusterFacesOptions>) {
  const records = family();
  await cluster(records, options);
  const gone = records[1]?.imagePath as string;
  const bytes = readFileSync(gone);
  rmSync(gone);
  return { records, gone, bytes, rest: records.filter(({ imagePath }) => imagePath !== gone) };
}

describe.each(['hardlink', 'copy'] as const)(
  'a photo of which an earlier result has the last copy (%s)',
  (files) => {
    test.each<
      [string, (rest: FaceRecord[], all: FaceRecord[]) => [FaceRecord[], Partial<ClusterFacesOptions>]]
    >([
      ['is no longer named by the encodings', (rest) => [rest, {}]],
      ['is named by the encodings', (_, all) => [all, {}]],
      ['is no longer named, and no photos are put there', (rest) => [rest, { files: 'none' }]],
      ['is no longer named, and links are put there', (rest) => [rest, { files: 'symlink' }]],
      ['is no longer named, and copies are put there', (rest) => [rest, { files: 'copy' }]],
      ['is no longer named, and faces are put there', (rest) => [rest, { layout: 'faces' }]],
      ['is none of other encodings', () => [[face(photo('other/x.jpg'), 0)], { gallery: false }]],
      ['is no longer named, and there are no other faces', () => [[], {}]],
    ])('is kept if it %s', async (_, next) => {
      const { records, rest, bytes, gone } = await deleteAfterwards({ files });
      const [then, options] = next(rest, records);
      const { kept } = await cluster(then, { files, ...options });
      const own = kept.filter(({ original }) => original === gone);
      expect(own).toEqual([{ file: `${KEPT}/anna2.jpg`, original: gone }]);
      expect(readFileSync(inResult(own[0]?.file as string)).equals(bytes)).toBe(true);
      // All others are where they were.
      expect(kept).toHaveLength(1);
      expect(inFolder(KEPT)).toEqual(['anna2.jpg']);
    });

    test('is kept by every run from then on, until it is taken away or is back', async () => {
      const { rest, gone, bytes } = await deleteAfterwards({ files });
      for (let run = 0; run < 3; run++) expect((await cluster(rest, { files })).kept).toHaveLength(1);
      expect(readFileSync(inResult(KEPT, 'anna2.jpg')).equals(bytes)).toBe(true);

      copyFileSync(inResult(KEPT, 'anna2.jpg'), gone);
      expect((await cluster(rest, { files })).kept).toEqual([]);
      expect(existsSync(inResult(KEPT))).toBe(false);
    });

    test('may be moved or deleted from where it was kept, and others be put there', async () => {
      const { rest } = await deleteAfterwards({ files });
      await cluster(rest, { files });
      renameSync(inResult(KEPT, 'anna2.jpg'), join(temp(), 'anna2.jpg'));
      writeFileSync(inResult(KEPT, 'mine.jpg'), 'only here');
      expect((await cluster(rest, { files })).kept).toEqual([{ file: `${KEPT}/mine.jpg`, original: null }]);
      expect(readFileSync(inResult(KEPT, 'mine.jpg'), 'utf8')).toBe('only here');
      rmSync(inResult(KEPT), { recursive: true });
      expect((await cluster(rest, { files })).kept).toEqual([]);
    });

    test('is kept once, though it is in the folders of two people', async () => {
      const records = family();
      await cluster(records, { files });
      // Anna and bob are on it.
      const both = records[0]?.imagePath as string;
      rmSync(both);
      await cluster(
        records.filter(({ imagePath }) => imagePath !== both),
        { files },
      );
      expect(inFolder(KEPT)).toEqual(['anna1.jpg']);
    });

    test('is not one whose original was moved and is among the photos again', async () => {
      const { records, gone, bytes } = await deleteAfterwards({ files });
      const moved = join(temp(), 'moved', 'new name.jpg');
      mkdirSync(dirname(moved));
      writeFileSync(moved, bytes);
      const now = records.map((record) =>
        record.imagePath === gone ? { ...record, imagePath: moved } : record,
      );
      expect((await cluster(now, { files })).kept).toEqual([]);
    });

    test('is the one that an edited photo was before', async () => {
      const records = family();
      await cluster(records, { files });
      const path = records[1]?.imagePath as string;
      const before = readFileSync(path);
      // As most editors write: a new file that takes the name of the old one.
      writeFileSync(`${path}.new`, readFileSync(records[0]?.imagePath as string));
      renameSync(`${path}.new`, path);
      await cluster(records, { files });
      expect(inFolder(KEPT)).toEqual(['anna2.jpg']);
      expect(readFileSync(inResult(KEPT, 'anna2.jpg')).equals(before)).toBe(true);
    });

    test('is one whose original only leads into the result any more', async () => {
      const { rest, gone, bytes } = await deleteAfterwards({ files });
      symlinkSync(inResult('label0', 'anna2.jpg'), gone);
      await cluster(rest, { files });
      expect(readFileSync(inResult(KEPT, 'anna2.jpg')).equals(bytes)).toBe(true);
    });

    test('is in the folders as before if the result itself was encoded', async () => {
      const { bytes, rest } = await deleteAfterwards({ files });
      const here = face(inResult('label0', 'anna2.jpg'), 0);
      expect((await cluster([...rest, here], { files })).kept).toEqual([]);
      expect(readFileSync(inResult('label0', 'anna2.jpg')).equals(bytes)).toBe(true);
      // The result has it once, and now no photos are put there.
      await cluster([...rest, here], { files: 'none' });
      expect(readFileSync(inResult(KEPT, 'anna2.jpg')).equals(bytes)).toBe(true);
    });

    test('is kept from a result that does not say where its photos came from', async () => {
      const { rest, bytes } = await deleteAfterwards({ files });
      rmSync(inResult('.face-cluster-originals.json'));
      const marker = inResult('.face-cluster-result.json');
      const { takeFingerprint } =
        require('../../src/result/publish/marker') as typeof import('../../src/result/publish/marker');
      const { identity, ...rest_ } = JSON.parse(readFileSync(marker, 'utf8'));
      writeFileSync(
        marker,
        JSON.stringify({ ...rest_, ...(await takeFingerprint(inResult(), { identity })) }),
      );
      await cluster(rest, { files });
      expect(inFolder(KEPT)).toEqual(['anna2.jpg']);
      expect(readFileSync(inResult(KEPT, 'anna2.jpg')).equals(bytes)).toBe(true);
    });
  },
);

test('other names of a photo are no proof: they may be those of another result, or in the trash', async () => {
  const records = family();
  await cluster(records);
  const gone = records[1]?.imagePath as string;
  linkSync(gone, join(temp(), 'in the trash.jpg'));
  rmSync(gone);
  await cluster(records);
  expect(inFolder(KEPT)).toEqual(['anna2.jpg']);
  expect(statSync(inResult(KEPT, 'anna2.jpg')).ino).toBe(statSync(join(temp(), 'in the trash.jpg')).ino);
});

test('two photos of one name are both kept', async () => {
  const paths = ['a/IMG.jpg', 'b/IMG.jpg'].map(photo);
  const bytes = paths.map((path) => readFileSync(path));
  const records = paths.map((path) => face(path, 0));
  await cluster(records, { minSamples: 2 });
  for (const path of paths) rmSync(path);
  await cluster([]);
  const kept = inFolder(KEPT).map((name) => readFileSync(inResult(KEPT, name)));
  expect(kept.map((one) => bytes.findIndex((other) => other.equals(one))).sort()).toEqual([0, 1]);
});

test('a copy that was edited without another size is kept', async () => {
  const records = family();
  await cluster(records, { files: 'copy' });
  const copy = inResult('label0', 'anna2.jpg');
  const edited = Buffer.concat([readFileSync(copy).subarray(0, -5), Buffer.alloc(5)]);
  writeFileSync(copy, edited);
  await cluster(records, { files: 'copy' });
  expect(readFileSync(inResult(KEPT, 'anna2.jpg')).equals(edited)).toBe(true);
});

test('faces that were cut out are no photos: they are drawn anew', async () => {
  const records = photos('a', 5).map((path) => face(path, 0));
  await cluster(records, { layout: 'faces' });
  rmSync(records[0]?.imagePath as string);
  expect((await cluster(records, { layout: 'faces' })).kept).toEqual([]);
});

test('copies are not read to know that they are copies, as long as nobody has touched them or their photos', async () => {
  const records = family();
  // Files that were changed just now prove nothing by their times.
  jest.spyOn(Date, 'now').mockReturnValue(Date.now() + 3_600_000);
  await cluster(records, { files: 'copy', gallery: false });
  const read = jest.spyOn(fs, 'createReadStream');
  expect((await cluster(records, { files: 'copy', gallery: false })).kept).toEqual([]);
  expect(read).not.toHaveBeenCalled();
});

testWithMount('last copies in a result on a mount point')(
  'are kept in a result that is a volume of its own',
  async () => {
    const records = family();
    mkdirSync(inResult());
    execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', inResult()]);
    try {
      // Another disk: these are copies.
      await cluster(records);
      const gone = records[1]?.imagePath as string;
      const bytes = readFileSync(gone);
      rmSync(gone);
      for (let run = 0; run < 2; run++) {
        expect((await cluster(records)).kept).toEqual([{ file: `${KEPT}/anna2.jpg`, original: gone }]);
        expect(readFileSync(inResult(KEPT, 'anna2.jpg')).equals(bytes)).toBe(true);
        expect(statSync(inResult(KEPT)).mode & 0o777).toBe(0o700);
      }
    } finally {
      execFileSync('umount', [inResult()]);
    }
  },
);
