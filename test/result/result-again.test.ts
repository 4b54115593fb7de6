import {
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join, relative } from 'node:path';
import type { ClusterFacesOptions } from '../../src/cluster';
import { OpenedImage } from '../../src/photos/decode';
import type { FaceData } from '../../src/result/export/clusters-data';
import { facesOf, resultListing, useCollection } from '../support/collection';
import { samplePhoto, useTempFolder } from '../support/files';

const temp = useTempFolder();
const { cluster, family, inResult, readData } = useCollection(temp);

describe('a second run into the same folder', () => {
  /** When the small pictures were written: a picture that is used again keeps its time and its inode. */
  const pictures = () =>
    new Map(
      ['thumbnails', '.cache/tiles', '.cache/crops']
        .filter((folder) => existsSync(inResult(folder)))
        .flatMap((folder) =>
          readdirSync(inResult(folder), { recursive: true, withFileTypes: true })
            .filter((entry) => entry.isFile())
            .map((entry): [string, number] => {
              const path = join(entry.parentPath, entry.name);
              return [relative(inResult(), path), statSync(path).ino];
            }),
        ),
    );

  test.each<[string, Partial<ClusterFacesOptions>]>([
    ['the same options', {}],
    ['another eps', { eps: 1.5 }],
    ['another seed', { seed: 9 }],
    ['other files', { files: 'copy' }],
  ])('with %s uses all small pictures again', async (_, options) => {
    const records = family();
    await cluster(records);
    const first = pictures();
    await cluster(records, options);
    expect(pictures()).toEqual(first);
  });

  test('makes the page and its pictures again, whatever is missing of them', async () => {
    const records = family();
    await cluster(records);
    const before = pictures().size;
    rmSync(inResult('gallery', 'data', 'faces-0.js'));
    rmSync(inResult('thumbnails'), { recursive: true });
    writeFileSync(inResult('.cache', 'photos.json'), '{');
    await cluster(records);
    expect(existsSync(inResult('gallery', 'data', 'faces-0.js'))).toBe(true);
    expect(pictures().size).toBe(before);
    for (const { thumbnail } of facesOf(readData()))
      expect(existsSync(inResult(thumbnail as string))).toBe(true);
  });

  test('draws no montage anew that shows the same faces', async () => {
    const records = family();
    await cluster(records);
    const montage = inResult('montage', 'Face ID #0.jpg');
    const first = statSync(montage).ino;
    const bytes = readFileSync(montage);
    await cluster(records, { files: 'copy' });
    expect(statSync(montage).ino).toBe(first);
    await cluster(records, { montage: { columns: 2 } });
    expect(statSync(montage).ino).not.toBe(first);
    await cluster(records);
    expect(readFileSync(montage).equals(bytes)).toBe(true);
  });

  test('does not read photos that have not changed', async () => {
    const records = family();
    const taken = new Date('2011-02-03T04:05:06Z');
    for (const { imagePath } of records) utimesSync(imagePath, taken, taken);
    await cluster(records, { layout: 'faces' });
    // What can't be decoded any more, with the size and time it had.
    for (const { imagePath } of records) {
      writeFileSync(imagePath, readFileSync(imagePath).fill(0, 32));
      utimesSync(imagePath, taken, taken);
    }
    const { problems, people } = await cluster(records, { layout: 'faces', eps: 1.5 });
    expect(problems).toEqual([]);
    expect(people).toHaveLength(1);
    expect(resultListing(inResult()).filter((name) => name.startsWith('label0'))).toHaveLength(13);
  });

  test('knows photos that were moved by their bytes, and does not decode them again', async () => {
    const records = family();
    await cluster(records);
    const first = pictures();
    const moved = records.map((record) => ({
      ...record,
      imagePath: record.imagePath.replace(/(\w+)\.jpg$/, 'moved-$1.jpg'),
    }));
    for (const path of new Set(records.map(({ imagePath }) => imagePath))) {
      renameSync(path, path.replace(/(\w+)\.jpg$/, 'moved-$1.jpg'));
    }
    const decode = jest.spyOn(OpenedImage.prototype, 'decode');
    try {
      await cluster(moved);
      expect(decode).not.toHaveBeenCalled();
    } finally {
      decode.mockRestore();
    }
    expect(pictures()).toEqual(first);
    expect(readData().people[0]?.faces[0]?.photo).toContain('moved-');
  });

  test('draws the pictures of a changed photo anew, and keeps those of the others', async () => {
    const records = family();
    await cluster(records);
    const before = readData();
    const changed = records[0]?.imagePath as string;
    rmSync(changed);
    writeFileSync(changed, readFileSync(samplePhoto('sample5.jpg')));
    await cluster(records);
    const after = facesOf(readData());
    for (const [i, { photo, thumbnail }] of facesOf(before).entries()) {
      expect((after[i] as FaceData).thumbnail === thumbnail).toBe(photo !== changed);
    }
  });

  test('keeps no pictures that are not used any more', async () => {
    const records = family();
    await cluster(records);
    await cluster(records.slice(0, 6));
    const named = new Set(
      facesOf(readData()).flatMap(({ thumbnail, photoThumbnail }) => [thumbnail, photoThumbnail]),
    );
    const there = [...pictures().keys()].filter((name) => name.startsWith('thumbnails'));
    expect(there.sort()).toEqual([...named].sort());
  });
});
