import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join, relative } from 'node:path';
import { type ClusterFacesOptions, type ClusterProgress, clusterFaces } from '../../src/cluster';
import { face, resultListing, useCollection } from '../support/collection';
import { samplePhoto, useTempFolder } from '../support/files';
import { testWithMount } from '../support/mount';
import { unprivileged } from '../support/unprivileged';

const temp = useTempFolder();
const inTemp = (...parts: string[]) => join(temp(), ...parts);
const output = () => inTemp('people');
const { cluster, family, photo, photos } = useCollection(temp);

describe('the result', () => {
  test('is a folder for each person with all their photos, once each, and the montages', async () => {
    const summary = await cluster(family());
    expect(resultListing(output())).toEqual(
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
      output: output(),
    });
    expect([...summary.labels]).toEqual([0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, -1]);
  });

  test('keeps the bytes and the times of the photos', async () => {
    const records = family();
    const taken = new Date('2011-02-03T04:05:06Z');
    for (const { imagePath } of records) utimesSync(imagePath, taken, taken);
    await cluster(records);
    for (const { imagePath } of records.slice(0, 5)) {
      const copy = inTemp('people', 'label0', relative(inTemp('photos'), imagePath));
      expect(readFileSync(copy).equals(readFileSync(imagePath))).toBe(true);
      expect(statSync(copy).mtime).toEqual(taken);
    }
  });

  test('keeps all photos of one name, also where upper and lower case are the same', async () => {
    const names = ['a/IMG_1.jpg', 'b/IMG_1.jpg', 'c/img_1.JPG', 'd/IMG_1 (2).jpg', 'e/IMG_1.jpg'];
    const paths = names.map(photo);
    await cluster(paths.map((path) => face(path, 0)));
    const expected = ['IMG_1.jpg', 'IMG_1 (2).jpg', 'img_1 (3).JPG', 'IMG_1 (2) (2).jpg', 'IMG_1 (4).jpg'];
    expect(readdirSync(inTemp('people', 'label0')).sort()).toEqual([...expected].sort());
    for (const [i, name] of expected.entries()) {
      expect(readFileSync(inTemp('people', 'label0', name)).equals(readFileSync(paths[i] as string))).toBe(
        true,
      );
    }
  });

  test('shortens a name that would become too long for the file system', async () => {
    const long = `${'ä'.repeat(125)}.jpg`;
    await cluster([...['a', 'b'].map((folder) => face(photo(join(folder, long)), 0))], { minSamples: 2 });
    const names = readdirSync(inTemp('people', 'label0'));
    expect(names).toHaveLength(2);
    expect(names).toContain(long);
  });

  test('an encodings file without faces gives no people', async () => {
    expect(await cluster([])).toMatchObject({ faces: 0, people: [], unclustered: 0 });
    expect(resultListing(output())).toEqual([]);
  });

  test('has montages that depend on the seed, and on nothing else', async () => {
    const people = photos('p', 30).map((path, i) =>
      face(path, 0, { top: 10 + i, right: 110 + i, bottom: 110 + i, left: 10 + i }),
    );
    const montage = async (options: Partial<ClusterFacesOptions>) => {
      await cluster(people, options);
      return readFileSync(inTemp('people', 'montage', 'Face ID #0.jpg')).toString('base64');
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
    expect(summary.people[0]).toEqual({ label: 0, faces: 6, photos: 5 });
    expect(readdirSync(inTemp('people', 'label0'))).toHaveLength(4);
  });

  test('of which none is there are an error that names the option to use', async () => {
    await expect(cluster([1, 2, 3].map((n) => face(`${n}.jpg`, 0)))).rejects.toMatchObject({
      code: 'FACE_IMAGE_NOT_FOUND',
      message: expect.stringContaining('--photos'),
    });
    expect(existsSync(output())).toBe(false);
  });

  test('are found in the given folder, also if the encodings were made on Windows', async () => {
    photo('a.jpg');
    photo(join('holiday', 'b.jpg'));
    const records = [face('a.jpg', 0), face('holiday\\b.jpg', 0)];
    const summary = await cluster(records, { photos: inTemp('photos'), minSamples: 2 });
    expect(summary.problems).toEqual([]);
    expect(resultListing(inTemp('people', 'label0'))).toEqual(['a.jpg', 'b.jpg']);
  });

  test('are found in a folder that was moved: leading folders that all had may be missing', async () => {
    photo('2019/a.jpg');
    photo('2020/b.jpg');
    photo('c.jpg');
    const paths = ['/home/me/photos/2019/a.jpg', '/home/me/photos/2020/b.jpg', '/home/me/photos/2020/c.jpg'];
    const summary = await cluster(
      paths.map((path) => face(path, 0)),
      { photos: inTemp('photos'), minSamples: 3 },
    );
    // The c.jpg that is there is another photo than the one in folder 2020.
    expect(summary.problems.map(({ path }) => path)).toEqual(['/home/me/photos/2020/c.jpg']);
    expect(resultListing(inTemp('people', 'label0'))).toEqual(['a.jpg', 'b.jpg']);
  });

  test('are copied from behind links', async () => {
    const real = photo('real.jpg');
    symlinkSync(real, inTemp('photos', 'link.jpg'));
    await cluster([face(inTemp('photos', 'link.jpg'), 0)], { minSamples: 1 });
    expect(readFileSync(inTemp('people', 'label0', 'link.jpg')).equals(readFileSync(real))).toBe(true);
    expect(statSync(inTemp('people', 'label0', 'link.jpg')).isFile()).toBe(true);
  });

  test('that became unreadable are copied, but not drawn', async () => {
    const records = photos('a', 5).map((path) => face(path, 0));
    writeFileSync(records[3]?.imagePath as string, 'not a photo');
    const summary = await cluster(records);
    expect(summary.problems.map(({ path, code }) => [path, code])).toEqual([
      [records[3]?.imagePath, 'FACE_IMAGE_DECODE'],
    ]);
    expect(readdirSync(inTemp('people', 'label0'))).toHaveLength(5);
  });
});

test('names from a hostile encodings file lead nowhere', async () => {
  const good = photo('good.jpg');
  mkdirSync(inTemp('photos', 'folder.jpg'));
  writeFileSync(inTemp('secret'), 'secret');
  copyFileSync(good, inTemp('outside.jpg'));
  const before = readdirSync(temp());
  const hostile = [
    '..',
    '.',
    '/',
    '/etc/passwd',
    inTemp('secret'),
    '../secret',
    'folder.jpg',
    'nul\0.jpg',
    '~',
    'CON',
  ];
  const records = [good, ...hostile, '../outside.jpg'].map((path) => face(path, 0));
  const summary = await cluster(records, { photos: inTemp('photos') });
  expect(summary.problems.map(({ path }) => path)).toEqual(hostile);
  // A photo outside of the folder may be meant, but its copy lies where all are.
  expect(resultListing(output())).toEqual([
    'label0/good.jpg',
    'label0/outside.jpg',
    'montage/Face ID #0.jpg',
  ]);
  expect(readdirSync(temp()).sort()).toEqual([...before, 'faces.pickle', 'people'].sort());
});

describe('the output folder', () => {
  (process.platform === 'linux' ? test : test.skip)(
    'is refused behind a name that is not UTF-8, and nothing is made under a name like it',
    async () => {
      const folder = Buffer.concat([Buffer.from(`${temp()}/caf`), Buffer.of(0xe9)]);
      mkdirSync(folder);
      symlinkSync(folder, join(temp(), 'link'));
      const lost = join(temp(), 'caf\ufffd');
      for (const output of [
        join(temp(), 'link'),
        join(temp(), 'link', 'people'),
        lost,
        join(lost, 'people'),
      ]) {
        await expect(cluster(family(), { output })).rejects.toMatchObject({
          code: 'FACE_IO',
          message: expect.stringContaining('not UTF-8'),
        });
      }
      expect(readdirSync(temp(), 'buffer')).toHaveLength(4);
      expect(readdirSync(folder)).toEqual([]);
    },
  );

  testWithMount('results on mount points').each([
    ['a volume of its own', (folder: string) => ['-t', 'tmpfs', 'tmpfs', folder]],
    ['a volume on the same disk', (folder: string) => ['--bind', inTemp('volume'), folder]],
  ])('may be a mount point, as in a container: %s', async (_, mount) => {
    const records = family();
    mkdirSync(output());
    mkdirSync(inTemp('volume'));
    execFileSync('mount', mount(output()));
    try {
      mkdirSync(join(output(), 'lost+found'));
      await cluster(records);
      const first = readdirSync(output()).sort();
      expect(first).toEqual([
        '.cache',
        '.face-cluster-result.json',
        'clusters.json',
        'gallery',
        'index.html',
        'label-1',
        'label0',
        'label1',
        'lost+found',
        'montage',
        'thumbnails',
      ]);
      expect(statSync(join(output(), 'label0')).mode & 0o777).toBe(0o700);
      expect(statSync(join(output(), 'index.html')).mode & 0o777).toBe(0o600);

      const stop = new AbortController();
      const onProgress = ({ phase }: ClusterProgress) => phase === 'montage' && stop.abort();
      await expect(cluster(records, { signal: stop.signal, onProgress })).rejects.toMatchObject({
        code: 'FACE_ABORTED',
      });
      expect(readdirSync(output()).sort()).toEqual(first);

      await cluster(records.slice(6), { minSamples: 6 });
      expect(readdirSync(output()).sort()).toEqual(first.filter((name) => name !== 'label1'));
      expect(readdirSync(temp()).sort()).toEqual(['faces.pickle', 'people', 'photos', 'volume']);

      writeFileSync(join(output(), 'label0', 'notes.txt'), 'who is this?');
      await expect(cluster(records)).rejects.toMatchObject({ code: 'FACE_IO' });
    } finally {
      execFileSync('umount', [output()]);
    }
  });

  (process.platform === 'win32' ? test.skip : test)(
    'is filled where the user may not change the folder that it is in, or refused before the work',
    async () => {
      const records = family();
      mkdirSync(output());
      await cluster(records, { output: inTemp('first') });
      if (process.geteuid?.() === 0) chownSync(output(), 65534, 65534);
      chmodSync(temp(), 0o555);
      try {
        const encodings = inTemp('faces.pickle');
        if (process.geteuid?.() === 0) chownSync(encodings, 65534, 65534);
        await unprivileged(() => clusterFaces({ encodings, output: output() }));
        expect(readdirSync(output()).sort()).toEqual(readdirSync(inTemp('first')).sort());

        const phases: string[] = [];
        const refused = unprivileged(() =>
          clusterFaces({
            encodings,
            output: inTemp('new', 'result'),
            onProgress: ({ phase }) => phases.push(phase),
          }),
        );
        await expect(refused).rejects.toMatchObject({
          code: 'FACE_IO',
          message: expect.stringContaining(`Could not write into the folder ${temp()}`),
        });
        expect(phases).toEqual(['check']);
      } finally {
        chmodSync(temp(), 0o755);
      }
    },
  );

  test('is replaced as a whole if it is an earlier result', async () => {
    const records = family();
    await cluster(records);
    writeFileSync(join(output(), '.DS_Store'), 'left by a file manager');
    await cluster(records.slice(6), { minSamples: 6 });
    expect(readdirSync(output()).filter((name) => name.startsWith('label'))).toEqual(['label-1', 'label0']);
    expect(readdirSync(temp()).sort()).toEqual(['faces.pickle', 'people', 'photos']);
  });

  test.each<[string, () => void]>([
    ['added', () => writeFileSync(inTemp('people', 'label0', 'notes.txt'), 'who is this?')],
    [
      'replaced',
      () => {
        // As most editors write: a new file that takes the name of the old one.
        writeFileSync(inTemp('people', 'new'), 'cropped');
        renameSync(inTemp('people', 'new'), inTemp('people', 'label0', 'anna1.jpg'));
      },
    ],
    ['removed', () => rmSync(inTemp('people', 'label0', 'anna1.jpg'))],
    ['renamed', () => renameSync(inTemp('people', 'label0'), inTemp('people', 'Anna'))],
  ])('is left alone if something in an earlier result was %s', async (_, change) => {
    const records = family();
    await cluster(records);
    change();
    const before = resultListing(output());
    await expect(cluster(records)).rejects.toMatchObject({
      code: 'FACE_IO',
      message: expect.stringContaining(output()),
    });
    expect(resultListing(output())).toEqual(before);
    expect(readdirSync(temp()).sort()).toEqual(['faces.pickle', 'people', 'photos']);
  });

  test('is left alone if a copy in an earlier result was edited in place', async () => {
    const records = family();
    await cluster(records, { files: 'copy' });
    writeFileSync(inTemp('people', 'label0', 'anna1.jpg'), 'cropped');
    await expect(cluster(records)).rejects.toMatchObject({ code: 'FACE_IO' });
    expect(readFileSync(inTemp('people', 'label0', 'anna1.jpg'), 'utf8')).toBe('cropped');
  });

  test('is replaced after photos were edited, whose hard links changed with them or kept what they were', async () => {
    const records = family();
    await cluster(records);
    appendFileSync(records[0]?.imagePath as string, 'edited in place');
    writeFileSync(inTemp('edited.jpg'), readFileSync(samplePhoto('sample3.jpg')));
    renameSync(inTemp('edited.jpg'), records[1]?.imagePath as string);
    await cluster(records);
    for (const [i, name] of ['anna1.jpg', 'anna2.jpg'].entries()) {
      const photo = readFileSync(records[i]?.imagePath as string);
      expect(readFileSync(inTemp('people', 'label0', name)).equals(photo)).toBe(true);
    }
  });

  test.each(['hardlink', 'copy'] as const)(
    'is left alone if it holds the last copy of a photo: %s',
    async (files) => {
      const records = family();
      await cluster(records, { files });
      rmSync(records[1]?.imagePath as string);
      await expect(cluster(records, { files })).rejects.toMatchObject({
        code: 'FACE_IO',
        message: expect.stringContaining('anna2.jpg'),
      });
      expect(existsSync(inTemp('people', 'label0', 'anna2.jpg'))).toBe(true);
    },
  );

  test('is left alone if it holds anything else', async () => {
    mkdirSync(output());
    writeFileSync(join(output(), 'thesis.doc'), 'three years of work');
    await expect(cluster(family())).rejects.toMatchObject({ code: 'FACE_IO' });
    expect(readFileSync(join(output(), 'thesis.doc'), 'utf8')).toBe('three years of work');
    expect(readdirSync(output())).toEqual(['thesis.doc']);
  });

  test('is left alone if it is a file', async () => {
    writeFileSync(output(), 'a file');
    await expect(cluster(family())).rejects.toMatchObject({ code: 'FACE_IO' });
    expect(readFileSync(output(), 'utf8')).toBe('a file');
  });

  test('may be there and empty, or behind a link, or not be there with its parents', async () => {
    const records = family();
    mkdirSync(inTemp('real'));
    symlinkSync(inTemp('real'), inTemp('link'));
    await cluster(records, { output: inTemp('link') });
    expect(readdirSync(inTemp('real'))).toContain('label0');
    await cluster(records, { output: inTemp('link') });
    expect(readdirSync(inTemp('real'))).toContain('label0');
    await cluster(records, { output: inTemp('new', 'deep', 'result') });
    expect(readdirSync(inTemp('new', 'deep'))).toEqual(['result']);
    expect(statSync(inTemp('new')).mode & 0o777).toBe(0o700);
  });

  test.each([
    ['250 letters', 'x'.repeat(250)],
    ['80 Chinese characters', '\u9762'.repeat(80)],
  ])('may have a name of %s', async (_, name) => {
    const records = family();
    for (let run = 0; run < 2; run++) await cluster(records, { output: inTemp(name) });
    expect(readdirSync(temp()).sort()).toEqual(['faces.pickle', 'photos', name].sort());
  });

  test('is for the user alone: faces are biometric data', async () => {
    await cluster(family());
    expect(statSync(output()).mode & 0o777).toBe(0o700);
  });

  test.each<ClusterProgress['phase']>([
    'check',
    'read',
    'locate',
    'cluster',
    'files',
    'faces',
    'montage',
    'finish',
  ])('is as it was, with nothing beside it, after an abort in phase "%s"', async (phase) => {
    const records = family();
    await cluster(records);
    const before = resultListing(output());
    const stop = new AbortController();
    const ended = cluster(records.slice(6), {
      signal: stop.signal,
      onProgress: (progress) => {
        if (progress.phase === phase) stop.abort();
      },
    });
    await expect(ended).rejects.toMatchObject({ code: 'FACE_ABORTED' });
    expect(resultListing(output())).toEqual(before);
    expect(readdirSync(temp()).sort()).toEqual(['faces.pickle', 'people', 'photos']);
  });
});

test('progress goes through all phases, each from 0 to its total', async () => {
  const events: ClusterProgress[] = [];
  await cluster(family(), { onProgress: (event) => events.push(event) });
  const phases = [...new Set(events.map(({ phase }) => phase))];
  expect(phases).toEqual(['check', 'read', 'locate', 'cluster', 'files', 'faces', 'montage', 'finish']);
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
  ['seed', { seed: -1 }],
  ['seed', { seed: 2 ** 32 }],
])('a bad %s is refused by name', async (name, options) => {
  await expect(cluster([], options)).rejects.toMatchObject({
    code: 'FACE_INVALID_ARGUMENT',
    message: expect.stringContaining(`for ${name} but received`),
  });
});
