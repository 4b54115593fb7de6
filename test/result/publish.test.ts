import { execFileSync } from 'node:child_process';
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
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { type ClusterProgress, clusterFaces } from '../../src/cluster';
import { CLUSTER_PHASES, resultListing, useCollection } from '../support/collection';
import { samplePhoto, useTempFolder } from '../support/files';
import { testWithMount } from '../support/mount';
import { notOnWindows, onLinux } from '../support/platform';
import { unprivileged } from '../support/unprivileged';

const temp = useTempFolder();
const { cluster, family, inResult } = useCollection(temp);

describe('the output folder', () => {
  onLinux(
    'is refused behind a name that is not UTF-8, and nothing is made under a name like it',
    async () => {
      const folder = Buffer.concat([Buffer.from(`${temp()}/caf`), Buffer.of(0xe9)]);
      mkdirSync(folder);
      symlinkSync(folder, temp('link'));
      const lost = temp('caf\ufffd');
      for (const output of [temp('link'), temp('link', 'people'), lost, join(lost, 'people')]) {
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
    ['a volume on the same disk', (folder: string) => ['--bind', temp('volume'), folder]],
  ])('may be a mount point, as in a container: %s', async (_, mount) => {
    const records = family();
    mkdirSync(inResult());
    mkdirSync(temp('volume'));
    execFileSync('mount', mount(inResult()));
    try {
      mkdirSync(inResult('lost+found'));
      await cluster(records);
      const first = readdirSync(inResult()).sort();
      expect(first).toEqual([
        '.cache',
        '.face-cluster-originals.json',
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
      expect(statSync(inResult('label0')).mode & 0o777).toBe(0o700);
      expect(statSync(inResult('index.html')).mode & 0o777).toBe(0o600);

      const stop = new AbortController();
      const onProgress = ({ phase }: ClusterProgress) => phase === 'montage' && stop.abort();
      await expect(cluster(records, { signal: stop.signal, onProgress })).rejects.toMatchObject({
        code: 'FACE_ABORTED',
      });
      expect(readdirSync(inResult()).sort()).toEqual(first);

      await cluster(records.slice(6), { minSamples: 6 });
      expect(readdirSync(inResult()).sort()).toEqual(first.filter((name) => name !== 'label1'));
      expect(readdirSync(temp()).sort()).toEqual(['faces.pickle', 'people', 'photos', 'volume']);

      writeFileSync(inResult('label0', 'notes.txt'), 'who is this?');
      await expect(cluster(records)).rejects.toMatchObject({ code: 'FACE_IO' });
    } finally {
      execFileSync('umount', [inResult()]);
    }
  });

  notOnWindows(
    'is filled where the user may not change the folder that it is in, or refused before the work',
    async () => {
      const records = family();
      mkdirSync(inResult());
      await cluster(records, { output: temp('first') });
      if (process.geteuid?.() === 0) chownSync(inResult(), 65534, 65534);
      chmodSync(temp(), 0o555);
      try {
        const encodings = temp('faces.pickle');
        if (process.geteuid?.() === 0) {
          // Root may let nobody else read what it makes.
          const photos = readdirSync(temp('photos')).map((name) => temp('photos', name));
          for (const path of [encodings, temp('photos'), ...photos]) chownSync(path, 65534, 65534);
        }
        await unprivileged(() => clusterFaces({ encodings, output: inResult() }));
        expect(readdirSync(inResult()).sort()).toEqual(readdirSync(temp('first')).sort());

        const phases: string[] = [];
        const refused = unprivileged(() =>
          clusterFaces({
            encodings,
            output: temp('new', 'result'),
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
    writeFileSync(inResult('.DS_Store'), 'left by a file manager');
    await cluster(records.slice(6), { minSamples: 6 });
    expect(readdirSync(inResult()).filter((name) => name.startsWith('label'))).toEqual(['label-1', 'label0']);
    expect(readdirSync(temp()).sort()).toEqual(['faces.pickle', 'people', 'photos']);
  });

  test.each<[string, () => void]>([
    ['added', () => writeFileSync(inResult('label0', 'notes.txt'), 'who is this?')],
    [
      'replaced',
      () => {
        // As most editors write: a new file that takes the name of the old one.
        writeFileSync(inResult('new'), 'cropped');
        renameSync(inResult('new'), inResult('label0', 'anna1.jpg'));
      },
    ],
    ['removed', () => rmSync(inResult('label0', 'anna1.jpg'))],
    ['renamed', () => renameSync(inResult('label0'), inResult('Anna'))],
  ])('is left alone if something in an earlier result was %s', async (_, change) => {
    const records = family();
    await cluster(records);
    change();
    const before = resultListing(inResult());
    await expect(cluster(records)).rejects.toMatchObject({
      code: 'FACE_IO',
      message: expect.stringContaining(inResult()),
    });
    expect(resultListing(inResult())).toEqual(before);
    expect(readdirSync(temp()).sort()).toEqual(['faces.pickle', 'people', 'photos']);
  });

  test('is left alone if a copy in an earlier result was edited in place', async () => {
    const records = family();
    await cluster(records, { files: 'copy' });
    writeFileSync(inResult('label0', 'anna1.jpg'), 'cropped');
    await expect(cluster(records)).rejects.toMatchObject({ code: 'FACE_IO' });
    expect(readFileSync(inResult('label0', 'anna1.jpg'), 'utf8')).toBe('cropped');
  });

  test('is replaced after photos were edited, whose hard links changed with them or kept what they were', async () => {
    const records = family();
    await cluster(records);
    appendFileSync(records[0]?.imagePath as string, 'edited in place');
    writeFileSync(temp('edited.jpg'), readFileSync(samplePhoto('sample3.jpg')));
    renameSync(temp('edited.jpg'), records[1]?.imagePath as string);
    await cluster(records);
    for (const [i, name] of ['anna1.jpg', 'anna2.jpg'].entries()) {
      const photo = readFileSync(records[i]?.imagePath as string);
      expect(readFileSync(inResult('label0', name)).equals(photo)).toBe(true);
    }
  });

  test('is left alone if it holds anything else', async () => {
    mkdirSync(inResult());
    writeFileSync(inResult('thesis.doc'), 'three years of work');
    await expect(cluster(family())).rejects.toMatchObject({ code: 'FACE_IO' });
    expect(readFileSync(inResult('thesis.doc'), 'utf8')).toBe('three years of work');
    expect(readdirSync(inResult())).toEqual(['thesis.doc']);
  });

  test('is left alone if it is a file', async () => {
    writeFileSync(inResult(), 'a file');
    await expect(cluster(family())).rejects.toMatchObject({ code: 'FACE_IO' });
    expect(readFileSync(inResult(), 'utf8')).toBe('a file');
  });

  test('may be there and empty, or behind a link, or not be there with its parents', async () => {
    const records = family();
    mkdirSync(temp('real'));
    symlinkSync(temp('real'), temp('link'));
    await cluster(records, { output: temp('link') });
    expect(readdirSync(temp('real'))).toContain('label0');
    await cluster(records, { output: temp('link') });
    expect(readdirSync(temp('real'))).toContain('label0');
    await cluster(records, { output: temp('new', 'deep', 'result') });
    expect(readdirSync(temp('new', 'deep'))).toEqual(['result']);
    expect(statSync(temp('new')).mode & 0o777).toBe(0o700);
  });

  test.each([
    ['250 letters', 'x'.repeat(250)],
    ['80 Chinese characters', '\u9762'.repeat(80)],
  ])('may have a name of %s', async (_, name) => {
    const records = family();
    for (let run = 0; run < 2; run++) await cluster(records, { output: temp(name) });
    expect(readdirSync(temp()).sort()).toEqual(['faces.pickle', 'photos', name].sort());
  });

  test('is for the user alone: faces are biometric data', async () => {
    await cluster(family());
    expect(statSync(inResult()).mode & 0o777).toBe(0o700);
  });

  test.each<ClusterProgress['phase']>(CLUSTER_PHASES)(
    'is as it was, with nothing beside it, after an abort in phase "%s"',
    async (phase) => {
      const records = family();
      await cluster(records);
      const before = resultListing(inResult());
      const stop = new AbortController();
      const ended = cluster(records.slice(6), {
        signal: stop.signal,
        onProgress: (progress) => {
          if (progress.phase === phase) stop.abort();
        },
      });
      await expect(ended).rejects.toMatchObject({ code: 'FACE_ABORTED' });
      expect(resultListing(inResult())).toEqual(before);
      expect(readdirSync(temp()).sort()).toEqual(['faces.pickle', 'people', 'photos']);
    },
  );
});
