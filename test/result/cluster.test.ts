import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join, relative } from 'node:path';
import sharp from 'sharp';
import type { ClusterFacesOptions, ClusterProgress } from '../../src/cluster';
import { OpenedImage } from '../../src/photos/decode';
import { CLUSTER_PHASES, face, resultListing, useCollection } from '../support/collection';
import { useTempFolder } from '../support/files';
import { onLinux } from '../support/platform';

const temp = useTempFolder();
const { cluster, family, inResult, photo, photos } = useCollection(temp);

describe('the result', () => {
  test('is a folder for each person with all their photos, once each, and the montages', async () => {
    const summary = await cluster(family());
    expect(resultListing(inResult())).toEqual(
      [
        ...[1, 2, 3, 4, 5].map((n) => `label0/anna${n}.jpg`),
        ...[1, 2, 3, 4, 5].map((n) => `label1/bob${n}.jpg`),
        'label1/anna1.jpg',
        'label-1/stranger.jpg',
        'montage/Face ID #0.jpg',
        'montage/Face ID #1.jpg',
        'montage/Unknown Faces.jpg',
      ].sort(),
    );
    expect(summary).toMatchObject({
      faces: 13,
      photos: 11,
      people: [
        { label: 0, faces: 6, photos: 5 },
        { label: 1, faces: 6, photos: 6 },
      ],
      unclustered: 1,
      problems: [],
      output: inResult(),
    });
    expect([...summary.labels]).toEqual([0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, -1]);
  });

  test('keeps the bytes and the times of the photos', async () => {
    const records = family();
    const taken = new Date('2011-02-03T04:05:06Z');
    for (const { imagePath } of records) utimesSync(imagePath, taken, taken);
    await cluster(records);
    for (const { imagePath } of records.slice(0, 5)) {
      const copy = inResult('label0', relative(temp('photos'), imagePath));
      expect(readFileSync(copy).equals(readFileSync(imagePath))).toBe(true);
      expect(statSync(copy).mtime).toEqual(taken);
    }
  });

  test('keeps all photos of one name, also where upper and lower case are the same', async () => {
    const names = ['a/IMG_1.jpg', 'b/IMG_1.jpg', 'c/img_1.JPG', 'd/IMG_1 (2).jpg', 'e/IMG_1.jpg'];
    const paths = names.map(photo);
    await cluster(paths.map((path) => face(path, 0)));
    const expected = ['IMG_1.jpg', 'IMG_1 (2).jpg', 'img_1 (3).JPG', 'IMG_1 (2) (2).jpg', 'IMG_1 (4).jpg'];
    expect(readdirSync(inResult('label0')).sort()).toEqual([...expected].sort());
    for (const [i, name] of expected.entries()) {
      expect(readFileSync(inResult('label0', name)).equals(readFileSync(paths[i] as string))).toBe(true);
    }
  });

  test('shortens a name that would become too long for the file system', async () => {
    const long = `${'ä'.repeat(125)}.jpg`;
    await cluster([...['a', 'b'].map((folder) => face(photo(join(folder, long)), 0))], { minSamples: 2 });
    const names = readdirSync(inResult('label0'));
    expect(names).toHaveLength(2);
    expect(names).toContain(long);
  });

  test('an encodings file without faces gives no people', async () => {
    expect(await cluster([])).toMatchObject({ faces: 0, people: [], unclustered: 0 });
    expect(resultListing(inResult())).toEqual([]);
  });

  test('has montages that depend on the seed, and on nothing else', async () => {
    const people = photos('p', 30).map((path, i) =>
      face(path, 0, { top: 10 + i, right: 110 + i, bottom: 110 + i, left: 10 + i }),
    );
    const montage = async (options: Partial<ClusterFacesOptions>) => {
      await cluster(people, options);
      return readFileSync(inResult('montage', 'Face ID #0.jpg')).toString('base64');
    };
    const first = await montage({ jobs: 1 });
    expect(await montage({ jobs: 2, seed: 0 })).toBe(first);
    expect(await montage({ seed: 1 })).not.toBe(first);
  });
});

describe('photos', () => {
  test('that are gone are reported, and their faces count all the same', async () => {
    const records = family();
    rmSync(records[1]?.imagePath as string);
    const summary = await cluster(records);
    expect(summary.problems).toEqual([
      {
        path: records[1]?.imagePath,
        code: 'FACE_IMAGE_NOT_FOUND',
        reason: expect.stringContaining('anna2.jpg'),
      },
    ]);
    expect(summary.people[0]).toMatchObject({ label: 0, faces: 6, photos: 5 });
    expect(readdirSync(inResult('label0'))).toHaveLength(4);
  });

  test('of which none is there are an error that names the option to use', async () => {
    await expect(cluster([1, 2, 3].map((n) => face(`${n}.jpg`, 0)))).rejects.toMatchObject({
      code: 'FACE_IMAGE_NOT_FOUND',
      message: expect.stringContaining('--photos'),
    });
    expect(existsSync(inResult())).toBe(false);
  });

  test.each([
    ['is not there', () => temp('fotos')],
    ['is a file', () => photo('b.jpg')],
  ])('a folder to look in that %s is an error before anything is done', async (_, path) => {
    const folder = path();
    const looking = cluster([face(photo('a.jpg'), 0)], { photos: folder, minSamples: 1 });
    await expect(looking).rejects.toMatchObject({
      code: 'FACE_IO',
      path: folder,
      message: expect.stringContaining(folder),
    });
    expect(existsSync(inResult())).toBe(false);
  });

  test('are found in the given folder, also if the encodings were made on Windows', async () => {
    photo('a.jpg');
    photo(join('holiday', 'b.jpg'));
    const records = [face('a.jpg', 0), face('holiday\\b.jpg', 0)];
    const summary = await cluster(records, { photos: temp('photos'), minSamples: 2 });
    expect(summary.problems).toEqual([]);
    expect(resultListing(inResult('label0'))).toEqual(['a.jpg', 'b.jpg']);
  });

  test('are found in a folder that was moved: leading folders that all had may be missing', async () => {
    photo('2019/a.jpg');
    photo('2020/b.jpg');
    photo('c.jpg');
    const paths = ['/home/me/photos/2019/a.jpg', '/home/me/photos/2020/b.jpg', '/home/me/photos/2020/c.jpg'];
    const summary = await cluster(
      paths.map((path) => face(path, 0)),
      { photos: temp('photos'), minSamples: 3 },
    );
    // The c.jpg that is there is another photo than the one in folder 2020.
    expect(summary.problems.map(({ path }) => path)).toEqual(['/home/me/photos/2020/c.jpg']);
    expect(resultListing(inResult('label0'))).toEqual(['a.jpg', 'b.jpg']);
  });

  test('are copied from behind links', async () => {
    const real = photo('real.jpg');
    symlinkSync(real, temp('photos', 'link.jpg'));
    await cluster([face(temp('photos', 'link.jpg'), 0)], { minSamples: 1 });
    expect(readFileSync(inResult('label0', 'link.jpg')).equals(readFileSync(real))).toBe(true);
    expect(statSync(inResult('label0', 'link.jpg')).isFile()).toBe(true);
  });

  test('that became unreadable are put into the folder, but not drawn', async () => {
    const records = photos('a', 5).map((path) => face(path, 0));
    const damaged = records[3]?.imagePath as string;
    writeFileSync(damaged, readFileSync(damaged).subarray(0, 64));
    const summary = await cluster(records);
    expect(summary.problems.map(({ path, code }) => [path, code])).toEqual([[damaged, 'FACE_IMAGE_DECODE']]);
    expect(readdirSync(inResult('label0'))).toHaveLength(5);
  });
});

describe('what only has the name of a photo', () => {
  const key = '-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAA\n';

  /** A good photo; a link in the folder that leads to a key; a key that a photo was replaced by; a text that begins as a BMP does. */
  function withKeys() {
    const good = photo('good.jpg');
    writeFileSync(temp('id_rsa'), key);
    symlinkSync(temp('id_rsa'), temp('photos', 'link.jpg'));
    writeFileSync(temp('photos', 'key.jpg'), key);
    writeFileSync(temp('photos', 'letter.bmp'), 'BMW is what my secret diary is about');
    return { good, bad: ['link.jpg', 'key.jpg', 'letter.bmp'].map((name) => temp('photos', name)) };
  }

  test.each<Partial<ClusterFacesOptions>>([
    { files: 'hardlink' },
    { files: 'copy' },
    { files: 'symlink' },
    { files: 'none' },
    { layout: 'faces' },
  ])('gets into no result and is named by none: %p', async (options) => {
    const { good, bad } = withKeys();
    const summary = await cluster(
      [good, ...bad].map((path) => face(path, 0)),
      options,
    );
    expect(summary.problems.map(({ path, code }) => [path, code])).toEqual(
      bad.map((path) => [path, 'FACE_IMAGE_DECODE']),
    );
    const shown = summary.data.people.flatMap(({ faces }) => faces.map(({ file }) => file !== null));
    expect(shown.concat(summary.data.unclustered.faces.map(({ file }) => file !== null)).sort()).toEqual([
      false,
      false,
      false,
      true,
    ]);
    const everything = readdirSync(inResult(), { recursive: true, withFileTypes: true }).filter((entry) =>
      entry.isFile(),
    );
    for (const { parentPath, name } of everything) {
      expect(readFileSync(join(parentPath, name), 'utf8')).not.toContain('BEGIN OPENSSH');
    }
  });

  test('a link is named by where it leads, too: what begins as a picture does may be something else', async () => {
    const good = photo('good.jpg');
    writeFileSync(temp('disk image'), Buffer.concat([readFileSync(good), Buffer.from(key)]));
    symlinkSync(temp('disk image'), temp('photos', 'link.jpg'));
    const summary = await cluster([face(good, 0), face(temp('photos', 'link.jpg'), 0)]);
    expect(summary.problems).toMatchObject([
      { code: 'FACE_IMAGE_NOT_FOUND', reason: expect.stringContaining('link') },
    ]);
    expect(summary.files).toMatchObject({ hardlink: 1 });
  });

  test.each(['gif', 'png', 'tiff', 'webp', 'avif'] as const)(
    'is not said of a picture in another format: %s',
    async (format) => {
      mkdirSync(temp('photos'));
      const path = temp('photos', 'a.jpg');
      const grey = { create: { width: 200, height: 200, channels: 3, background: '#888' } } as const;
      writeFileSync(path, await sharp(grey).toFormat(format).toBuffer());
      expect((await cluster([face(path, 0)])).problems).toEqual([]);
    },
  );
});

describe('another spelling on the disk', () => {
  const umlauts = { NFC: 'Gr\u00fc\u00dfe', NFD: 'Gru\u0308\u00dfe' };

  test.each<[string, string, string]>([
    ['the other way to store accents', `${umlauts.NFD}.jpg`, `${umlauts.NFC}.jpg`],
    ['and the other way around', `${umlauts.NFC}.jpg`, `${umlauts.NFD}.jpg`],
    ['upper case', 'IMG_0.JPG', 'img_0.jpg'],
    ['on the way', `2020/${umlauts.NFD}/Summer/a.jpg`, `2020/${umlauts.NFC}/summer/a.jpg`],
  ])('%s: the photo is found', async (_, there, named) => {
    photo(there);
    const path = temp('photos', named);
    const { problems, data } = await cluster([face(path, 0)]);
    expect(problems).toEqual([]);
    expect(data.unclustered.faces[0]?.photo).toBe(path);
    expect(existsSync(inResult(data.unclustered.faces[0]?.file as string))).toBe(true);
  });

  test('of the folder given for the photos', async () => {
    photo(`${umlauts.NFD}/a.jpg`);
    const photos = temp('Photos', umlauts.NFC);
    expect((await cluster([face('old/A.jpg', 0)], { photos })).problems).toEqual([]);
  });

  onLinux('is not taken if there are several, nor before the exact name', async () => {
    const exact = photo('a.jpg');
    photo('A.jpg');
    photo('B.jpg');
    photo('b.JPG');
    const { problems } = await cluster([exact, temp('photos', 'b.jpg')].map((path) => face(path, 0)));
    expect(problems.map(({ path, code }) => [path, code])).toEqual([
      [temp('photos', 'b.jpg'), 'FACE_IMAGE_NOT_FOUND'],
    ]);
    expect(readFileSync(inResult('label-1', 'a.jpg')).equals(readFileSync(exact))).toBe(true);
  });
});

test('names from a hostile encodings file lead nowhere', async () => {
  const good = photo('good.jpg');
  mkdirSync(temp('photos', 'folder.jpg'));
  writeFileSync(temp('secret'), 'secret');
  copyFileSync(good, temp('outside.jpg'));
  const before = readdirSync(temp());
  const hostile = [
    '..',
    '.',
    '/',
    '/etc/passwd',
    temp('secret'),
    '../secret',
    'folder.jpg',
    'nul\0.jpg',
    '~',
    'CON',
  ];
  const records = [good, ...hostile, '../outside.jpg'].map((path) => face(path, 0));
  const summary = await cluster(records, { photos: temp('photos') });
  expect(summary.problems.map(({ path }) => path)).toEqual(hostile);
  // A photo outside of the folder may be meant, but its copy lies where all are.
  expect(resultListing(inResult())).toEqual([
    'label0/good.jpg',
    'label0/outside.jpg',
    'montage/Face ID #0.jpg',
  ]);
  expect(readdirSync(temp()).sort()).toEqual([...before, 'faces.pickle', 'people'].sort());
});

test('with little memory large photos are decoded one at a time, with the same result', async () => {
  const records = await Promise.all(
    [1, 2, 3, 4, 5].map(async (n) => {
      const path = temp(`${n}.png`);
      // 27 MB decoded, and as much may be cut out of it: of the 256 MB, 56 are for photos.
      const size = { width: 3000, height: 3000, channels: 3, background: { r: n, g: 0, b: 0 } } as const;
      await sharp({ create: size }).png().toFile(path);
      return face(path, 0);
    }),
  );
  let inHand = 0;
  let most = 0;
  const { decode } = OpenedImage.prototype;
  const spy = jest.spyOn(OpenedImage.prototype, 'decode').mockImplementation(async function (
    this: OpenedImage,
    signal,
  ) {
    most = Math.max(most, ++inHand);
    return decode.call(this, signal).finally(() => inHand--);
  });
  try {
    await cluster(records, { maxMemory: 256e6, jobs: 4 });
  } finally {
    spy.mockRestore();
  }
  expect(most).toBe(1);
  const pictures = resultListing(inResult()).filter((name) => name.startsWith('montage'));
  const drawn = pictures.map((name) => readFileSync(inResult(name)));
  rmSync(inResult(), { recursive: true });
  await cluster(records, { jobs: 4 });
  expect(pictures.map((name) => readFileSync(inResult(name)))).toEqual(drawn);
});

test('progress goes through all phases, each from 0 to its total', async () => {
  const events: ClusterProgress[] = [];
  await cluster(family(), { onProgress: (event) => events.push(event) });
  const phases = [...new Set(events.map(({ phase }) => phase))];
  expect(phases).toEqual(CLUSTER_PHASES);
  for (const phase of phases) {
    const own = events.filter((event) => event.phase === phase);
    expect(own[0]?.done).toBe(0);
    expect(own.at(-1)?.done).toBe(own.at(-1)?.total);
  }
});

test.each<[string, Record<string, unknown>]>([
  ['encodings', { encodings: '' }],
  ['output', { output: undefined }],
  ['photos', { photos: 3 }],
  ['eps', { eps: -1 }],
  ['eps', { eps: Number.NaN }],
  ['minSamples', { minSamples: 0 }],
  ['jobs', { jobs: 0 }],
  ['maxPixels', { maxPixels: 0 }],
  ['maxMemory', { maxMemory: 1e6 }],
  ['seed', { seed: -1 }],
  ['seed', { seed: 2 ** 32 }],
  ['minsamples', { minsamples: 2 }],
  ['toString', { toString: 2 }],
  ['colums', { montage: { colums: 2 } }],
])('a bad %s is refused by name', async (name, options) => {
  await expect(cluster([], options)).rejects.toMatchObject({
    code: 'FACE_INVALID_ARGUMENT',
    message: expect.stringContaining(`for ${name} but received`),
  });
});
