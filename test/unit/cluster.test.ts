import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { type ClusterFacesOptions, type ClusterProgress, clusterFaces } from '../../src/cluster';
import { writeEncodings } from '../../src/io/encodings';
import type { FaceRecord } from '../../src/types';
import { samplePhoto, useTempFolder } from '../support/files';

const temp = useTempFolder();
const inTemp = (...parts: string[]) => join(temp(), ...parts);
const output = () => inTemp('people');

/** A face of person number `person`: the same encoding each time, sqrt(2) from that of any other. */
function face(
  imagePath: string,
  person: number,
  loc = { top: 20, right: 120, bottom: 120, left: 20 },
): FaceRecord {
  const encoding = new Float64Array(128);
  encoding[person] = 1;
  return { imagePath, loc, encoding };
}

let photosMade = 0;

/** A real photo, different from every other: bytes after the end of a JPEG are ignored. */
function photo(name: string): string {
  const path = inTemp('photos', name);
  mkdirSync(dirname(path), { recursive: true });
  const bytes = readFileSync(samplePhoto(`sample${1 + (photosMade % 6)}.jpg`));
  writeFileSync(path, Buffer.concat([bytes, Buffer.from(`photo ${photosMade++}`)]));
  return path;
}

const photos = (prefix: string, count: number) =>
  Array.from({ length: count }, (_, i) => photo(`${prefix}${i + 1}.jpg`));

async function cluster(records: readonly FaceRecord[], options: Partial<ClusterFacesOptions> = {}) {
  const encodings = inTemp('faces.pickle');
  await writeEncodings(encodings, records);
  return clusterFaces({ encodings, output: output(), ...options });
}

/** Everything in a folder but our marker, as sorted relative paths. */
function listing(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory() && !entry.name.startsWith('.face-cluster'))
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .sort();
}

/** Two people and a stranger; anna is on one photo twice (in a mirror, say), and bob is on one of hers. */
function family(): FaceRecord[] {
  const anna = photos('anna', 5);
  const bob = photos('bob', 5);
  return [
    ...anna.map((path) => face(path, 0)),
    face(anna[2] as string, 0, { top: 30, right: 90, bottom: 90, left: 30 }),
    ...bob.map((path) => face(path, 1)),
    face(anna[0] as string, 1),
    face(photo('stranger.jpg'), 2),
  ];
}

describe('the result', () => {
  test('is a folder for each person with all their photos, once each, and the montages', async () => {
    const summary = await cluster(family());
    expect(listing(output())).toEqual(
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
    expect(listing(output())).toEqual([]);
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
    expect(listing(inTemp('people', 'label0'))).toEqual(['a.jpg', 'b.jpg']);
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
    expect(listing(inTemp('people', 'label0'))).toEqual(['a.jpg', 'b.jpg']);
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
  expect(listing(output())).toEqual(['label0/good.jpg', 'label0/outside.jpg', 'montage/Face ID #0.jpg']);
  expect(readdirSync(temp()).sort()).toEqual([...before, 'faces.pickle', 'people'].sort());
});

/** `test`, or, said aloud, `test.skip` where this process may not mount anything. */
function testWithMount() {
  const folder = mkdtempSync(join(tmpdir(), 'mount-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', folder], { stdio: 'ignore' });
    execFileSync('umount', [folder]);
    return test;
  } catch {
    process.stderr.write('SKIPPED the tests of results on mount points: they take root and mount.\n');
    return test.skip;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

describe('the output folder', () => {
  testWithMount().each([
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
        '.face-cluster-result.json',
        'label-1',
        'label0',
        'label1',
        'lost+found',
        'montage',
      ]);
      expect(statSync(join(output(), 'label0')).mode & 0o777).toBe(0o700);

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

  /** As a user who is not root: root may write anywhere. */
  async function unprivileged<T>(work: () => Promise<T>): Promise<T> {
    const root = process.geteuid?.() === 0;
    if (root) process.seteuid?.(65534);
    try {
      return await work();
    } finally {
      if (root) process.seteuid?.(0);
    }
  }

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
        expect(phases).toEqual([]);
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
    ['edited', () => writeFileSync(inTemp('people', 'label0', 'anna1.jpg'), 'cropped')],
    ['removed', () => rmSync(inTemp('people', 'label0', 'anna1.jpg'))],
    ['renamed', () => renameSync(inTemp('people', 'label0'), inTemp('people', 'Anna'))],
  ])('is left alone if something in an earlier result was %s', async (_, change) => {
    const records = family();
    await cluster(records);
    change();
    const before = listing(output());
    await expect(cluster(records)).rejects.toMatchObject({
      code: 'FACE_IO',
      message: expect.stringContaining(output()),
    });
    expect(listing(output())).toEqual(before);
    expect(readdirSync(temp()).sort()).toEqual(['faces.pickle', 'people', 'photos']);
  });

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

  test.each<ClusterProgress['phase']>(['read', 'locate', 'cluster', 'copy', 'montage'])(
    'is as it was, with nothing beside it, after an abort in phase "%s"',
    async (phase) => {
      const records = family();
      await cluster(records);
      const before = listing(output());
      const stop = new AbortController();
      const ended = cluster(records.slice(6), {
        signal: stop.signal,
        onProgress: (progress) => {
          if (progress.phase === phase) stop.abort();
        },
      });
      await expect(ended).rejects.toMatchObject({ code: 'FACE_ABORTED' });
      expect(listing(output())).toEqual(before);
      expect(readdirSync(temp()).sort()).toEqual(['faces.pickle', 'people', 'photos']);
    },
  );
});

test('progress goes through all phases, each from 0 to its total', async () => {
  const events: ClusterProgress[] = [];
  await cluster(family(), { onProgress: (event) => events.push(event) });
  const phases = [...new Set(events.map(({ phase }) => phase))];
  expect(phases).toEqual(['read', 'locate', 'cluster', 'copy', 'montage']);
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
  ['seed', { seed: -1 }],
  ['seed', { seed: 2 ** 32 }],
])('a bad %s is refused by name', async (name, options) => {
  await expect(cluster([], options)).rejects.toMatchObject({
    code: 'FACE_INVALID_ARGUMENT',
    message: expect.stringContaining(`for ${name} but received`),
  });
});
