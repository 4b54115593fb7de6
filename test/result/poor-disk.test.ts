import fs, { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { face, facesOf, useCollection } from '../support/collection';
import { useTempFolder } from '../support/files';
import { notOnWindows } from '../support/platform';
import { refusal, useJestAsPoorDisk } from '../support/poor-disk';

const temp = useTempFolder();
const { cluster, inResult, photo, readData } = useCollection(temp);

afterEach(() => jest.restoreAllMocks());

describe('a result on a disk without links, permissions and many names (WSL, FUSE, exFAT, network drives)', () => {
  test.each(['EPERM', 'EACCES', 'ENOTSUP'])('has copies: %s', async (code) => {
    const paths = ['a.jpg', 'b.jpg'].map(photo);
    useJestAsPoorDisk(code);
    for (let run = 0; run < 2; run++) {
      const { files, problems } = await cluster(
        paths.map((path) => face(path, 0)),
        { minSamples: 2 },
      );
      expect([files, problems]).toEqual([{ hardlink: 0, copy: 2, symlink: 0 }, []]);
    }
    for (const path of paths) {
      const copy = inResult('label0', path.slice(-5));
      expect(readFileSync(copy).equals(readFileSync(path))).toBe(true);
      expect(Math.abs(statSync(copy).mtimeMs - statSync(path).mtimeMs)).toBeLessThan(0.002);
    }
    expect(existsSync(inResult('gallery', 'app.js'))).toBe(true);
  });

  notOnWindows('has the photos whose names it can not hold under names like theirs', async () => {
    const paths = ['8:15.jpg', '8?15.jpg', 'fine.jpg', 'a "b" <c>.jpg'].map(photo);
    useJestAsPoorDisk();
    const { problems } = await cluster(
      paths.map((path) => face(path, 0)),
      { minSamples: 4 },
    );
    expect(problems).toEqual([]);
    const names = ['8_15.jpg', '8_15 (2).jpg', 'fine.jpg', 'a _b_ _c_.jpg'];
    expect(readdirSync(inResult('label0')).sort()).toEqual([...names].sort());
    for (const [i, { file }] of facesOf(readData()).entries()) {
      expect(file).toBe(`label0/${names[i]}`);
      expect(readFileSync(inResult(file as string)).equals(readFileSync(paths[i] as string))).toBe(true);
    }
  });

  notOnWindows('has faces that were cut out of photos with such names', async () => {
    const path = photo('8:15.jpg');
    useJestAsPoorDisk();
    await cluster([face(path, 0)], { minSamples: 1, layout: 'faces' });
    expect(readdirSync(inResult('label0'))).toEqual(['8_15 face 0.jpg']);
    expect(facesOf(readData())[0]?.crop).toBe('label0/8_15 face 0.jpg');
  });

  test('has long names shortened where it takes 143 bytes only', async () => {
    const long = `${'x'.repeat(200)}.jpg`;
    const paths = ['a', 'b'].map((folder) => photo(join(folder, long)));
    useJestAsPoorDisk('EPERM', 143);
    const { problems } = await cluster(
      paths.map((path) => face(path, 0)),
      { minSamples: 2 },
    );
    expect(problems).toEqual([]);
    expect(readdirSync(inResult('label0'))).toHaveLength(2);
  });

  test('goes on without a photo that it takes under no name, and says so', async () => {
    const paths = [photo('a.jpg'), photo(`${'x'.repeat(60)}.jpg`)];
    mkdirSync(inResult(), { recursive: true });
    useJestAsPoorDisk('EPERM', 40);
    const { problems, files } = await cluster(
      paths.map((path) => face(path, 0)),
      { minSamples: 2, gallery: false },
    );
    expect(problems.map(({ path, code }) => [path, code])).toEqual([[paths[1], 'FACE_IO']]);
    expect(files.copy).toBe(1);
    expect(facesOf(readData()).map(({ file }) => file)).toEqual(['label0/a.jpg', null]);
  });
});

test('a photo that the disk fails to read is reported, and the others are copied', async () => {
  const paths = ['a.jpg', 'b.jpg'].map(photo);
  useJestAsPoorDisk();
  const { createReadStream } = fs;
  jest.spyOn(fs, 'createReadStream').mockImplementation((path, options) => {
    if (String(path) !== paths[0]) return createReadStream(path, options);
    const error = Object.assign(refusal('EIO'), { syscall: 'read' });
    const failing = new Readable({ read: () => failing.destroy(error) });
    return failing as fs.ReadStream;
  });
  const { problems, files } = await cluster(
    paths.map((path) => face(path, 0)),
    { minSamples: 2, gallery: false },
  );
  expect(problems.map(({ path, code }) => [path, code])).toEqual([[paths[0], 'FACE_IMAGE_NOT_FOUND']]);
  expect(files.copy).toBe(1);
  expect(readdirSync(inResult('label0'))).toEqual(['b.jpg']);
});
