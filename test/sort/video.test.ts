import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import sharp from 'sharp';
import { type ExportProgress, exportPerson } from '../../src/album/export';
import { type FindPhotosOptions, findPhotos } from '../../src/album/find';
import { clusterFaces } from '../../src/cluster';
import type { OpenedImage } from '../../src/photos/decode';
import { arrangePeople, type SortProgress } from '../../src/sort/arrange';
import { type SortPhotosOptions, sortPhotos } from '../../src/sort/sort';
import { sha256 } from '../../src/system/sha256';
import { PeopleSession } from '../../src/web/session';
import { PORTRAITS, useTempFolder } from '../support/files';
import { foldersOf, treeOf } from '../support/people-folder';
import { rejection } from '../support/photos';
import { describeWithFfmpeg, fakeFfmpeg, makeClip, withPath } from '../support/video';

/* People in videos: on all pictures is one man, for an engine that is a stand-in. */
const temp = useTempFolder();

const engine: NonNullable<SortPhotosOptions['engine']> = {
  jobs: 2,
  async detectAndEncode(image) {
    await (image as unknown as OpenedImage).decode();
    const encoding = new Float64Array(128).fill(0.1);
    const box = { top: 20, right: 120, bottom: 120, left: 20 };
    return [{ box, score: 1, sharpness: 1, encoding, mirrored: encoding }];
  },
};

describeWithFfmpeg('sort with videos', () => {
  const franck = readdirSync(PORTRAITS)
    .filter((name) => /^franck_.*\.jpg$/.test(name))
    .map((name) => join(PORTRAITS, name));

  function addClip(name: string, photos: readonly string[]): string {
    mkdirSync(temp('photos'), { recursive: true });
    const path = temp('photos', name);
    makeClip(path, photos, { seconds: 3, width: 384, height: 288 });
    utimesSync(path, 1e9, 1e9);
    return path;
  }

  const sort = (options: Partial<SortPhotosOptions> = {}) =>
    sortPhotos({ photos: temp('photos'), output: temp('people'), method: 'hog', engine, ...options });

  /** The names of the folders, and of what is in them. */
  const folders = () => Object.fromEntries(foldersOf(temp('people')));
  const folderOf = (title: string) =>
    readdirSync(temp('people')).find((name) => name.replace(/ \(\d+\)$/, '') === title) as string;

  test('a person has the video, once, and it counts as one photo; the next run does nothing', async () => {
    addClip('clip.mp4', franck.slice(0, 3));
    const alone = await sort({ video: true });
    // Three faces of one man, in one video: nobody yet.
    expect(alone).toMatchObject({ faces: 3, photos: 1, people: [], unsorted: 3 });
    expect(folders()).toEqual({ 'Not sorted': ['clip.mp4'] });
    addClip('more.mp4', franck.slice(3, 5));
    const two = await sort({ minPhotos: 2 });
    expect(two.people).toMatchObject([{ photos: 2, faces: 5, folder: 'Person 01 (2)' }]);
    expect(folders()).toEqual({ 'Person 01': ['clip.mp4', 'more.mp4'] });
    const inFolder = statSync(temp('people/Person 01 (2)/clip.mp4'));
    expect(inFolder.ino).toBe(statSync(temp('photos/clip.mp4')).ino);
    const before = treeOf(temp('people'));
    await withPath(fakeFfmpeg(temp('bin'), 'exit 7'), async () => {
      const again = await sortPhotos({ output: temp('people'), engine });
      expect(again).toMatchObject({ problems: [], takenOver: [], folder: { moved: 0, removed: 0 } });
      expect(again.encode).toMatchObject({ videos: 2, frames: 5, photosKnown: 5 });
    });
    expect(treeOf(temp('people'))).toEqual(before);
    // The page shows the frames, and leads to the video.
    const faces = readFileSync(temp('people/.data/page/gallery/data/faces-0.js'), 'utf8');
    expect(faces).toMatch(/"photo":"\.\.\/\.\.\/Person%2001%20\(2\)\/clip\.mp4#t=\d/);
    expect(faces.match(/"thumbnail":"thumbnails/g)).toHaveLength(5);
    // It counts as the folder does.
    const overview = readFileSync(temp('people/.data/page/gallery/data/overview.js'), 'utf8');
    expect(overview).toMatch(/"photos":2,"distinctPhotos":2/);
    const page = await PeopleSession.open(temp('people'));
    expect(page.overview()).toMatchObject({ photos: 2, people: [{ photos: 2, faces: 5 }] });
    await page.close();
    // Whoever wants no videos any more says so.
    expect(
      (await sortPhotos({ output: temp('people'), photos: PORTRAITS, video: false })).encode.videos,
    ).toBe(0);
    expect(Object.values(folders()).flat()).not.toContain('clip.mp4');
    expect(existsSync(temp('photos/clip.mp4'))).toBe(true);
  });

  test('what is done to a video in a folder holds for all frames of it', async () => {
    addClip('clip.mp4', franck.slice(0, 3));
    addClip('more.mp4', franck.slice(3, 5));
    const cleaner = franck.slice(5, 8);
    for (const [i, photo] of cleaner.entries())
      writeFileSync(temp('photos', `photo${i}.jpg`), readFileSync(photo));
    expect((await sort({ video: true, minPhotos: 2 })).people).toMatchObject([
      { id: 1, photos: 5, faces: 8 },
    ]);

    // Deleted in the folder: none of its faces is theirs.
    rmSync(temp('people', folderOf('Person 01'), 'clip.mp4'));
    const removed = await sort();
    expect(removed.takenOver).toMatchObject([
      { message: expect.stringMatching(/^1 photo is no longer Person 01/) },
    ]);
    expect(removed.people).toMatchObject([{ id: 1, photos: 4, faces: 5 }]);
    expect(folders()['Not sorted']).toEqual(['clip.mp4']);
    expect(
      (await arrangePeople({ output: temp('people'), decide: ({ people }) => people.undo() })).people,
    ).toMatchObject([{ id: 1, photos: 5, faces: 8 }]);

    // Put into a folder of its own: somebody else, on all of its frames.
    mkdirSync(temp('people/Frank'));
    renameSync(temp('people', folderOf('Person 01'), 'clip.mp4'), temp('people/Frank/clip.mp4'));
    const split = await sort();
    expect(split.takenOver).toMatchObject([{ message: 'The 1 photo in the folder "Frank" shows Frank.' }]);
    expect(split.people).toMatchObject([
      { id: 1, photos: 4, faces: 5 },
      { name: 'Frank', photos: 1, faces: 3 },
    ]);

    // Moved from one person to another.
    renameSync(
      temp('people', folderOf('Person 01'), 'more.mp4'),
      temp('people', folderOf('Frank'), 'more.mp4'),
    );
    const moved = await sort();
    expect(moved.takenOver).toMatchObject([{ message: '1 photo moved from Person 01 to Frank.' }]);
    expect(moved.people).toMatchObject([
      { id: 1, photos: 3, faces: 3 },
      { name: 'Frank', photos: 2, faces: 5 },
    ]);
    expect(folders()).toMatchObject({ Frank: ['clip.mp4', 'more.mp4'] });
    expect(await sort()).toMatchObject({ takenOver: [], folder: { moved: 0, removed: 0 } });

    // A video is found by its path, too.
    await arrangePeople({
      output: temp('people'),
      decide: async ({ people, photoAt, facesOn }) => {
        const inFolder = await photoAt(temp('people', folderOf('Frank'), 'clip.mp4'));
        expect(facesOn(inFolder as string)).toHaveLength(3);
        const frame = await photoAt(temp('photos/clip.mp4#t=0'));
        expect(facesOn(frame as string)).toHaveLength(1);
        expect(people.list().find(({ name }) => name === 'Frank')?.photos).toBe(2);
      },
    });
  });

  test('found by its frames, in their order, it is put into an album once, and was there once', async () => {
    const clip = addClip('clip.mp4', franck.slice(0, 6));
    addClip('more.mp4', franck.slice(3, 5));
    await sort({ video: true, minPhotos: 2 });
    const find = () => findPhotos({ output: temp('people'), query: '1', to: temp('album') });
    const { photos, placed } = await find();
    expect(photos.map(({ path, photo }) => [path, photo])).toEqual(
      [clip, temp('photos/more.mp4')].map((path) => [path, sha256(readFileSync(path))]),
    );
    const times = photos[0]?.moments ?? [];
    expect(times.at(-1)).toBeGreaterThan(10);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(placed).toMatchObject({ placed: { hardlink: 2 }, there: 0 });
    expect((await find()).placed).toMatchObject({ placed: { hardlink: 0 }, there: 2 });
    expect(readdirSync(temp('album'))).toEqual(['clip.mp4', 'more.mp4']);
  });

  test('is one photo in all that is said while it is looked for, cut out of and given away', async () => {
    addClip('clip.mp4', franck.slice(0, 3));
    addClip('more.mp4', franck.slice(3, 5));
    const told = new Map<string, string>();
    const onProgress = ({ phase, done, total }: ExportProgress | SortProgress) =>
      told.set(phase, `${done}/${total}`);
    await sort({ video: true, minPhotos: 2, onProgress });
    expect([told.get('locate'), told.get('faces')]).toEqual(['2/2', '2/2']);
    for (const there of [0, 2]) {
      told.clear();
      const given = { output: temp('people'), people: 1, to: temp('given'), crops: true, onProgress };
      expect(await exportPerson(given)).toMatchObject({ photos: 2, there, crops: 5 });
      expect(Object.fromEntries(told)).toEqual({ locate: '2/2', files: '2/2', faces: '2/2' });
    }
  });

  test('a video is found by who is on it at any time', async () => {
    // Nobody, then one man, then another; the two are never seen together.
    const dark = temp('dark.png');
    const [one, other] = ['black', 'white'].map((name) => temp(`${name}.png`)) as [string, string];
    for (const [path, background] of [
      [dark, '#333'],
      [one, 'black'],
      [other, 'white'],
    ] as const) {
      await sharp({ create: { width: 384, height: 288, channels: 3, background } })
        .png()
        .toFile(path);
    }
    const byColour: typeof engine = {
      jobs: 2,
      async detectAndEncode(image) {
        const { data } = await (image as unknown as OpenedImage).decode();
        const light = data[3 * 100 * 384 + 300] as number;
        if (light > 20 && light < 200) return [];
        const encoding = new Float64Array(128).fill(light > 128 ? 0.3 : 0.1);
        const box = { top: 20, right: 120, bottom: 120, left: 20 };
        return [{ box, score: 1, sharpness: 1, encoding, mirrored: encoding }];
      },
    };
    addClip('both.mp4', [dark, one, other]);
    addClip('one.mp4', [one, dark]);
    addClip('nobody.mp4', [dark]);
    const sorted = await sort({ video: true, minPhotos: 1, engine: byColour });
    expect(sorted.people).toMatchObject([{ photos: 2 }, { photos: 1 }]);
    const find = async (query: string | undefined, more: Partial<FindPhotosOptions> = {}) => {
      const found = await findPhotos({ output: temp('people'), ...(query && { query }), ...more });
      expect(found.problems).toEqual([]);
      return found.photos.map(({ path, people, moments }) => [basename(path), people, moments.length]);
    };
    expect(await find('1 & 2')).toEqual([['both.mp4', [1, 2], 0]]);
    expect(await find('1 & !2')).toEqual([['one.mp4', [1], 1]]);
    expect(await find('2')).toEqual([['both.mp4', [1, 2], 1]]);
    expect((await find(undefined)).map(([name]) => name)).toEqual(['both.mp4', 'nobody.mp4', 'one.mp4']);
    expect((await find('!1')).map(([name]) => name)).toEqual(['nobody.mp4']);
    await find('1 & 2', { to: temp('album') });
    expect(readdirSync(temp('album'))).toEqual(['both.mp4']);
    // A video that is gone is one problem.
    rmSync(temp('photos/both.mp4'));
    expect((await findPhotos({ output: temp('people'), query: '2' })).problems).toHaveLength(1);
    // Without videos, there are none.
    await sort({ video: false, photos: PORTRAITS, minPhotos: 1, engine: byColour });
    expect(await find('!1 & !2')).not.toContainEqual(expect.arrayContaining(['nobody.mp4']));
  });

  test('photos go on where there is no ffmpeg', async () => {
    addClip('clip.mp4', franck.slice(0, 2));
    for (const [i, photo] of franck.slice(5, 8).entries()) {
      writeFileSync(temp('photos', `photo${i}.jpg`), readFileSync(photo));
    }
    const without = await withPath(temp(), () => sort({ video: true }));
    expect(without).toMatchObject({ people: [{ photos: 3 }], problems: [{ code: 'FACE_FFMPEG_MISSING' }] });
    expect(await sort()).toMatchObject({ people: [{ photos: 4, faces: 5 }], problems: [] });
  });

  test('"cluster" has the video in the folders, and faces cut out of frames', async () => {
    addClip('clip.mp4', franck.slice(0, 3));
    await sort({ video: { every: 1 } });
    const encodings = temp('people/.data/faces.pickle');
    const photos = await clusterFaces({ encodings, output: temp('photos-of'), minSamples: 2 });
    expect(photos.problems).toEqual([]);
    expect(readdirSync(temp('photos-of/label0'))).toEqual(['clip.mp4']);
    await clusterFaces({ encodings, output: temp('faces-of'), minSamples: 2, layout: 'faces' });
    const crops = readdirSync(temp('faces-of/label0')).filter((name) => name.startsWith('clip'));
    expect(crops.length).toBeGreaterThanOrEqual(2);
    for (const name of crops) expect(name).toMatch(/^clip\.mp4#t=\d+(\.\d+)? face \d+\.jpg$/);
    // Without a journal, photos are known by their bytes, and frames as they were.
    rmSync(`${encodings}.journal`);
    const again = await clusterFaces({ encodings, output: temp('photos-of'), minSamples: 2 });
    expect(again.problems).toEqual([]);
    // In the place of the video there is none any more.
    writeFileSync(temp('photos/clip.mp4'), 'root:x:0:0:root:/root:/bin/bash\n'.repeat(20));
    expect(await rejection(clusterFaces({ encodings, output: temp('none'), minSamples: 2 }))).toMatchObject({
      code: 'FACE_IMAGE_NOT_FOUND',
      message: expect.stringContaining('it is not a picture'),
    });
    expect(existsSync(temp('none'))).toBe(false);
  });
});
