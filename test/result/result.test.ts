import {
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { type ClusterFacesOptions, clusterFaces } from '../../src/cluster';
import { decodeImage } from '../../src/photos/decode';
import type { ClusterData, FaceData } from '../../src/result/export/clusters-data';
import { createMontage } from '../../src/result/montage/montage';
import { clustersSchemaErrors } from '../support/clusters-schema';
import { face, facesOf, resultListing, useCollection } from '../support/collection';
import { useTempFolder } from '../support/files';

const temp = useTempFolder();
const { cluster, family, inResult, photo, photos, readData } = useCollection(temp);

describe('files', () => {
  test('are hard links by default, on which no byte and no time is other than on the photo', async () => {
    const records = family();
    const taken = new Date('2011-02-03T04:05:06Z');
    for (const { imagePath } of records) utimesSync(imagePath, taken, taken);
    const summary = await cluster(records);
    expect(summary.files).toEqual({ hardlink: 12, copy: 0, symlink: 0 });
    const original = statSync(records[0]?.imagePath as string);
    // Anna's first photo is in two folders.
    for (const folder of ['label0', 'label1']) {
      expect(statSync(inResult(folder, 'anna1.jpg')).ino).toBe(original.ino);
    }
    expect(original.mtime).toEqual(taken);
  });

  test('are copies of their own with "copy"', async () => {
    const records = family();
    const original = records[0]?.imagePath as string;
    // As cameras and phones write them, not in whole seconds.
    utimesSync(original, 1577934245.123456, 1577934245.987654);
    const old = new Date('1965-03-04T05:06:07Z');
    utimesSync(records[1]?.imagePath as string, old, old);
    const summary = await cluster(records, { files: 'copy' });
    expect(summary.files).toEqual({ hardlink: 0, copy: 12, symlink: 0 });
    const copy = inResult('label0', 'anna1.jpg');
    expect(statSync(copy).ino).not.toBe(statSync(original).ino);
    expect(readFileSync(copy).equals(readFileSync(original))).toBe(true);
    // To the microsecond, which is what Node.js can set.
    expect(Math.abs(statSync(copy).mtimeMs - statSync(original).mtimeMs)).toBeLessThan(0.002);
    // Some give scans the time when the photo was taken.
    expect(statSync(inResult('label0', 'anna2.jpg')).mtime).toEqual(old);
  });

  test('are links to the photos with "symlink", which work from wherever the result is moved to', async () => {
    const records = family();
    const summary = await cluster(records, { files: 'symlink' });
    expect(summary.files).toEqual({ hardlink: 0, copy: 0, symlink: 12 });
    const link = inResult('label0', 'anna1.jpg');
    expect(lstatSync(link).isSymbolicLink()).toBe(true);
    expect(readlinkSync(link)).toBe(records[0]?.imagePath);
    // And it is a result like any other.
    await cluster(records, { files: 'symlink' });
  });

  test('are not there with "none"; clusters.json says where the photos are', async () => {
    const records = family();
    const summary = await cluster(records, { files: 'none' });
    expect(summary.files).toEqual({ hardlink: 0, copy: 0, symlink: 0 });
    expect(readdirSync(inResult()).filter((name) => name.startsWith('label'))).toEqual([]);
    const data = readData();
    expect(data.people[0]?.folder).toBeNull();
    for (const { photo, file } of facesOf(data)) expect(inResult(file as string)).toBe(photo);
  });

  test('are found from a result behind a link, new or replaced', async () => {
    mkdirSync(temp('deep', 'down'), { recursive: true });
    symlinkSync(temp('deep', 'down'), temp('link'));
    for (const output of [temp('link'), temp('link', 'new', 'people')]) {
      const { data } = await cluster(family(), { files: 'none', output });
      for (const { photo, file } of facesOf(data)) {
        expect(join(realpathSync(output), file as string)).toBe(photo);
      }
    }
  });

  test('are put into the folders, but not drawn, if they have more pixels than they may', async () => {
    const records = family();
    const summary = await cluster(records, { maxPixels: 1000 });
    expect(summary.files.hardlink).toBe(12);
    expect(new Set(summary.problems.map(({ code }) => code))).toEqual(new Set(['FACE_IMAGE_TOO_LARGE']));
    expect(facesOf(readData()).every(({ thumbnail }) => thumbnail === null)).toBe(true);
    expect((await cluster(records)).problems).toEqual([]);
    // Now the cache has them all.
    expect((await cluster(records, { maxPixels: 1000 })).problems).toEqual(summary.problems);
  });

  test('are copies where there can be no hard link: on another disk', async () => {
    const other = otherDisk();
    if (!other) return;
    try {
      const records = family();
      cpSync(temp('photos'), other, { recursive: true });
      const summary = await cluster(records, { photos: other });
      expect(summary.files).toEqual({ hardlink: 0, copy: 12, symlink: 0 });
      expect(readFileSync(inResult('label0', 'anna1.jpg'))).toEqual(readFileSync(join(other, 'anna1.jpg')));
    } finally {
      rmSync(other, { recursive: true });
    }
  });

  /** A new folder on another disk than the temporary one, or, said aloud, `undefined`. */
  function otherDisk(): string | undefined {
    for (const place of ['/dev/shm', '/run', process.cwd()]) {
      try {
        const folder = mkdtempSync(join(place, 'face-cluster-test-'));
        if (statSync(folder).dev !== statSync(realpathSync(tmpdir())).dev) return folder;
        rmSync(folder, { recursive: true });
      } catch {
        // Not a place to write to.
      }
    }
    process.stderr.write('SKIPPED a test of photos on another disk: there is only one here.\n');
    return undefined;
  }
});

describe('layout "faces"', () => {
  const box = { top: 100, right: 300, bottom: 320, left: 120 };

  test('cuts the faces out of the photos, with the pixels that are in the box', async () => {
    const paths = photos('anna', 5);
    const records = [...paths.map((path) => face(path, 0, box)), face(photo('x/stranger.jpg'), 1, box)];
    await cluster(records, { layout: 'faces' });
    expect(resultListing(inResult())).toEqual(
      [
        ...paths.map((_, i) => `label0/anna${i + 1} face ${i}.jpg`),
        'label-1/stranger face 5.jpg',
        'montage/Face ID #0.jpg',
        'montage/Unknown Faces.jpg',
      ].sort(),
    );
    const cut = await sharp(inResult('label0', 'anna1 face 0.jpg'))
      .raw()
      .toBuffer({ resolveWithObject: true });
    expect(cut.info).toMatchObject({ width: 180, height: 220 });
    const original = await sharp(paths[0] as string)
      .extract({ left: 120, top: 100, width: 180, height: 220 })
      .raw()
      .toBuffer();
    const differences = cut.data.map((value, i) => Math.abs(value - (original[i] as number)));
    expect(differences.reduce((sum, value) => sum + value, 0) / differences.length).toBeLessThan(2);
  });

  test('is said in clusters.json: the face is in the folder, the photo where it was', async () => {
    const [path] = photos('anna', 1);
    await cluster([face(path as string, 0, box)], { layout: 'faces', minSamples: 1 });
    const [only] = facesOf(readData());
    expect(only?.crop).toBe('label0/anna1 face 0.jpg');
    expect(inResult(only?.file as string)).toBe(path);
  });
});

describe('clusters.json', () => {
  test('fits its schema, and every file that it names is there', async () => {
    await cluster(family(), { montage: { columns: 2, rows: 1, all: true } });
    const data = readData();
    expect(clustersSchemaErrors(data)).toEqual([]);
    const named = [
      ...facesOf(data).flatMap(({ file, thumbnail, photoThumbnail }) => [file, thumbnail, photoThumbnail]),
      ...[...data.people, data.unclustered].flatMap(({ montages, folder }) => [...montages, folder]),
    ];
    for (const name of named) {
      expect(name).not.toBeNull();
      expect(existsSync(inResult(name as string))).toBe(true);
    }
    expect(data.people.map(({ montages }) => montages.length)).toEqual([3, 3]);
  });

  test('is what the summary holds', async () => {
    const summary = await cluster(family(), { files: 'copy', eps: 0.4, seed: 3 });
    expect(readData()).toEqual(summary.data);
    expect(summary.data.parameters).toEqual({ method: 'dbscan', eps: 0.4, minSamples: 5, seed: 3 });
  });

  test('has null for a photo that is gone, and the size and small pictures of the others', async () => {
    const records = family();
    rmSync(records[1]?.imagePath as string);
    await cluster(records);
    const faces = readData().people[0]?.faces as FaceData[];
    expect(faces[1]).toMatchObject({ file: null, thumbnail: null, photoThumbnail: null, photoWidth: null });
    const { width, height } = await decodeImage(records[0]?.imagePath as string);
    expect(faces[0]).toMatchObject({ file: 'label0/anna1.jpg', photoWidth: width, photoHeight: height });
    expect(clustersSchemaErrors(readData())).toEqual([]);
  });

  test('gives the photos of a person the names that they have in the folder', async () => {
    const paths = ['a/IMG.jpg', 'b/IMG.jpg', 'c/img.JPG'].map(photo);
    await cluster(
      paths.map((path) => face(path, 0)),
      { minSamples: 3 },
    );
    for (const { photo, file } of facesOf(readData())) {
      expect(readFileSync(inResult(file as string)).equals(readFileSync(photo))).toBe(true);
    }
  });
});

describe('small pictures', () => {
  const box = { top: 400, right: 900, bottom: 900, left: 400 };

  test('show the face with some of what is around it, and the whole photo', async () => {
    const path = photo('a.jpg');
    await cluster([face(path, 0, box)], { minSamples: 1 });
    const only = facesOf(readData())[0] as FaceData;
    const thumbnail = await sharp(inResult(only.thumbnail as string)).metadata();
    expect(thumbnail).toMatchObject({ format: 'jpeg', width: 192, height: 192 });
    const { data: shown } = await sharp(inResult(only.thumbnail as string))
      .raw()
      .toBuffer({ resolveWithObject: true });
    const expected = await sharp(path)
      .extract({ left: 250, top: 250, width: 800, height: 800 })
      .resize(192)
      .raw()
      .toBuffer();
    const differences = shown.map((value, i) => Math.abs(value - (expected[i] as number)));
    expect(differences.reduce((sum, value) => sum + value, 0) / differences.length).toBeLessThan(6);
    const whole = await sharp(inResult(only.photoThumbnail as string)).metadata();
    const { width, height } = await sharp(path).metadata();
    expect(Math.max(whole.width, whole.height)).toBe(320);
    expect(Math.abs(whole.width / whole.height - width / height)).toBeLessThan(0.01);
  });

  test('are left out without a gallery', async () => {
    await cluster(family(), { gallery: false });
    for (const name of ['thumbnails', 'index.html', 'gallery'])
      expect(existsSync(inResult(name))).toBe(false);
    for (const { thumbnail, photoThumbnail } of facesOf(readData())) {
      expect([thumbnail, photoThumbnail]).toEqual([null, null]);
    }
  });

  test('of a face that is not on the photo are not there, and this is reported', async () => {
    const records = photos('a', 2).map((path) => face(path, 0));
    const outside = face(records[0]?.imagePath as string, 0, {
      top: 9000,
      right: 9100,
      bottom: 9100,
      left: 9000,
    });
    const { problems } = await cluster([...records, outside], { minSamples: 2 });
    expect(problems).toHaveLength(1);
    expect(problems[0]?.reason).toContain('is not on the photo');
    expect(facesOf(readData()).map(({ thumbnail }) => thumbnail !== null)).toEqual([true, true, false]);
  });
});

describe('montages', () => {
  /** Faces of one person, each at another distance from the centre. */
  function line(count: number) {
    return photos('p', count).map((path, i) => {
      const record = face(path, 0, { top: 10, right: 110 + i, bottom: 110, left: 10 });
      record.encoding[1] = 0.013 * i ** 2;
      return record;
    });
  }

  const pixels = async (name: string) =>
    sharp(inResult('montage', name)).raw().toBuffer({ resolveWithObject: true });

  test('have the size, the tiles and, with "representative", the order asked for', async () => {
    const records = line(8);
    const { data } = await cluster(records, {
      montage: { columns: 3, rows: 2, tile: 40, order: 'representative' },
    });
    const nearest = [...(data.people[0] as ClusterData).faces].sort(
      (a, b) => (a.distance as number) - (b.distance as number) || a.index - b.index,
    );
    expect(nearest[0]?.index).toBe(data.people[0]?.representative);
    const expected = await createMontage(
      nearest.map(({ photo, box }) => ({ imagePath: photo, loc: box })),
      { columns: 3, rows: 2, tileWidth: 40, tileHeight: 40 },
    );
    const { data: drawn, info } = await pixels('Face ID #0.jpg');
    expect(info).toMatchObject({ width: 120, height: 80 });
    const differences = drawn.map((value, i) => Math.abs(value - (expected.data[i] as number)));
    expect(differences.reduce((sum, value) => sum + value, 0) / differences.length).toBeLessThan(4);
  });

  test('show every face with "all", page by page, the first ones as without', async () => {
    const records = line(7);
    const montage = { columns: 2, rows: 2, tile: 20 };
    await cluster(records, { montage });
    const without = await pixels('Face ID #0.jpg');
    const { data } = await cluster(records, { montage: { ...montage, all: true } });
    expect(data.people[0]?.montages).toEqual([
      'montage/Face ID #0 (1 of 2).jpg',
      'montage/Face ID #0 (2 of 2).jpg',
    ]);
    expect((await pixels('Face ID #0 (1 of 2).jpg')).data.equals(without.data)).toBe(true);
    const last = (await pixels('Face ID #0 (2 of 2).jpg')).data;
    // Three faces and a black place.
    expect(last.subarray((39 * 40 + 39) * 3).every((value) => value < 8)).toBe(true);
    expect(last.subarray((39 * 40 + 10) * 3, (39 * 40 + 10) * 3 + 3).some((value) => value > 8)).toBe(true);
  });

  test('are in their order where files are sorted by name', async () => {
    const { data } = await cluster(line(11), { montage: { columns: 1, rows: 1, tile: 20, all: true } });
    const names = readdirSync(inResult('montage'));
    expect(data.people[0]?.montages).toHaveLength(11);
    expect(names.sort().map((name) => `montage/${name}`)).toEqual(data.people[0]?.montages);
  });

  test("stay as they are when others come: a person's draw depends on their own faces only", async () => {
    const bob = Array.from({ length: 9 }, (_, i) => face(photo(`bob${i}.jpg`), 1));
    const anna = Array.from({ length: 5 }, (_, i) => face(photo(`anna${i}.jpg`), 2));
    const montage = { columns: 2, rows: 2 };
    const records = [...bob, ...anna];
    await cluster(records, { montage });
    const annas = readFileSync(inResult('montage', 'Face ID #1.jpg'));
    await cluster(records, { montage, minSamples: 5, eps: 0 });
    expect(readFileSync(inResult('montage', 'Face ID #1.jpg')).equals(annas)).toBe(true);
    // Without bob she is the first, with the faces that she had.
    const apart = records.map((record, i) => (i < 9 ? face(record.imagePath, 10 + i) : record));
    await cluster(apart, { montage });
    expect(readFileSync(inResult('montage', 'Face ID #0.jpg')).equals(annas)).toBe(true);
  });

  test('take the next face for one whose photo is damaged', async () => {
    const records = line(5);
    writeFileSync(records[0]?.imagePath as string, 'not a photo');
    await cluster(records, { montage: { columns: 2, rows: 2, tile: 20, order: 'representative' } });
    const { data } = await pixels('Face ID #0.jpg');
    expect(data.subarray((39 * 40 + 30) * 3, (39 * 40 + 30) * 3 + 3).some((value) => value > 8)).toBe(true);
  });
});

test.each<[string, string, Record<string, unknown>]>([
  ['files', 'files', { files: 'move' }],
  ['layout', 'layout', { layout: 'people' }],
  ['csv', 'csv', { csv: 'yes' }],
  ['gallery', 'gallery', { gallery: 1 }],
  ['number of columns', 'columns', { montage: { columns: 0 } }],
  ['size of a tile', 'tile', { montage: { tile: 5000 } }],
  ['order', 'order', { montage: { order: 'best' } }],
])('a bad %s is refused by name', async (_, name, options) => {
  await expect(
    clusterFaces({ encodings: temp('none'), output: inResult(), ...options } as ClusterFacesOptions),
  ).rejects.toMatchObject({
    code: 'FACE_INVALID_ARGUMENT',
    message: expect.stringContaining(`for ${name} but received`),
  });
});
