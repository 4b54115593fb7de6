import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createContext, runInContext } from 'node:vm';
import type { ClustersData, FaceData } from '../../src/result/export/clusters-data';
import { writeExport } from '../../src/result/export/exporter';
import { describePage, PageFrame } from '../../src/result/export/gallery/describe';
import { exportGallery } from '../../src/result/export/gallery/gallery';
import type {
  GalleryFace,
  GalleryOverview,
  GalleryPhoto,
  PageKind,
} from '../../src/result/export/gallery/page-types';
import { urlOf } from '../../src/result/export/gallery/urls';
import { useTempFolder } from '../support/files';
import { clustersData, faceData } from '../support/gallery';
import { rejection } from '../support/photos';

const temp = useTempFolder();

const writeGallery = (folder: string, data: ClustersData, signal?: AbortSignal) =>
  writeExport(folder, exportGallery, data, signal);

/** What the page is given, read as it reads it: by running the scripts. */
function written(): { overview: GalleryOverview; faces: GalleryFace[]; photos: GalleryPhoto[] } {
  const overviews: GalleryOverview[] = [];
  const items: Record<PageKind, unknown[]> = { faces: [], photos: [] };
  const context = createContext({
    setOverview: (overview: GalleryOverview) => overviews.push(overview),
    addPage: (kind: PageKind, page: number, onPage: unknown[]) => {
      expect(page * (overviews[0]?.pageSize ?? 0)).toBe(items[kind].length);
      items[kind].push(...onPage);
    },
  });
  const folder = join(temp(), 'gallery/data');
  const run = (name: string) => runInContext(readFileSync(join(folder, name), 'utf8'), context);
  run('overview.js');
  for (const kind of Object.keys(items) as PageKind[]) {
    const files = readdirSync(folder).filter((name) => name.startsWith(kind));
    for (const page of files.keys()) run(`${kind}-${page}.js`);
  }
  const [overview] = overviews;
  if (!overview) throw new Error('overview.js did not call setOverview');
  return { overview, faces: items.faces as GalleryFace[], photos: items.photos as GalleryPhoto[] };
}

const at = (distance: number | null, more = {}) => faceData(`p${distance}.jpg`, { distance, ...more });

test('people come by number of photos, their faces by distance to the centre, those of nobody last', async () => {
  const one = [at(0.3), at(0.1)];
  const three = [at(0.2), at(0.5), at(0.4)];
  const twoFacesOnOnePhoto = [at(0.2), at(0.2), at(0.2)];
  await writeGallery(temp(), clustersData([one, twoFacesOnOnePhoto, three], [at(null), at(null)]));
  const { overview, faces } = written();
  expect(overview.people.map(({ label, photos, first, faces }) => [label, photos, first, faces])).toEqual([
    [2, 3, 0, 3],
    [0, 2, 3, 2],
    [1, 1, 5, 3],
    [-1, 1, 8, 2],
  ]);
  expect(faces.map(({ distance }) => distance)).toEqual([0.2, 0.4, 0.5, 0.1, 0.3, 0.2, 0.2, 0.2, null, null]);
  expect(faces.map(({ label }) => label)).toEqual([2, 2, 2, 0, 0, 1, 1, 1, -1, -1]);
  expect(overview).toMatchObject({
    faces: 10,
    photos: 6,
    options: '--eps 0.5 --min-samples 2',
    version: '1.2.3',
  });
});

test('a cover shows faces from the most typical to less typical ones, and only those that have a picture', async () => {
  const faces = Array.from({ length: 20 }, (_, i) =>
    at(i / 100, { thumbnail: i === 0 ? null : `t/${i}.webp` }),
  );
  await writeGallery(temp(), clustersData([faces.reverse()]));
  const [cover] = written().overview.people.map(({ cover }) => cover);
  expect(cover).toEqual(['t/1.webp', 't/4.webp', 't/7.webp', 't/10.webp', 't/13.webp', 't/16.webp']);
});

test('a box that reaches beyond the photo ends at its edge', async () => {
  const box = { top: -5, right: 120, bottom: 80, left: -1 };
  const face = faceData('a.jpg', { box, photoWidth: 100, photoHeight: 60 });
  await writeGallery(temp(), clustersData([[face, faceData('b.jpg', { box })]]));
  const [known, unknown] = written().faces;
  expect(known).toMatchObject({ size: [100, 60], box: [0, 100, 60, 0] });
  expect(unknown).toMatchObject({ size: null, box: [0, 120, 80, 0] });
});

test('a photo that does not reach to the face is another one: it has no size, and so is not shown', async () => {
  const face = { box: { top: 10, right: 50, bottom: 50, left: 20 }, photoWidth: 20, photoHeight: 100 };
  await writeGallery(temp(), clustersData([[faceData('a.jpg', face)]]));
  expect(written().faces).toMatchObject([{ size: null }]);
});

test('faces that are too unclear to tell are apart from others of nobody, and come last', async () => {
  const unclear = [at(null, { unclear: true }), at(null, { photo: 'b.jpg', unclear: true })];
  await writeGallery(temp(), clustersData([[at(0.1, { unclear: true })]], [at(null), ...unclear]));
  const { overview, faces } = written();
  const shown = overview.people.map(({ label, first, faces, photos, unclear, folder }) => {
    return { label, first, faces, photos, unclear, folder };
  });
  expect(shown).toEqual([
    { label: 0, first: 0, faces: 1, photos: 1, unclear: 1, folder: 'label0/' },
    { label: -1, first: 1, faces: 1, photos: 1, unclear: 0, folder: 'label-1/' },
    { label: -2, first: 2, faces: 2, photos: 2, unclear: 2, folder: null },
  ]);
  expect(faces.map(({ label }) => label)).toEqual([0, -1, -2, -2]);
});

test('photos come by the time on the camera’s clock, the latest first, each with its faces from left to right', async () => {
  const photoId = `9f86d081884c7d65${'0'.repeat(48)}`;
  const on = (photo: string, left: number, more: Partial<FaceData> = {}) =>
    faceData(photo, {
      box: { top: 1, right: 200, bottom: 3, left },
      photoWidth: 100,
      photoHeight: 60,
      ...more,
    });
  const [a, b, c] = [on('both.jpg', 40), on('unknown.jpg', 4), on('both.jpg', 4)];
  // Told apart by the camera's clock alone, wherever that stood.
  const early = on('z.jpg', 4, { photoId, photoTaken: '2019-07-14T15:30:12+09:00' });
  const late = on('copy of z.jpg', 4, { photoId, photoTaken: '2019-07-14T15:30:13-05:00' });
  const latest = on('new.jpg', 4, { photoTaken: '2024-01-01T00:00:00' });
  await writeGallery(
    temp(),
    clustersData(
      [
        [a, b, early],
        [c, latest],
      ],
      [late],
    ),
  );
  const { overview, faces, photos } = written();
  expect(photos.map(({ path }) => path)).toEqual([
    'new.jpg',
    'copy of z.jpg',
    'z.jpg',
    'both.jpg',
    'unknown.jpg',
  ]);
  expect(photos[3]).toEqual({
    id: String(a.index),
    path: 'both.jpg',
    photo: null,
    size: [100, 60],
    thumbnail: null,
    taken: null,
    faces: [
      { id: String(c.index), label: 1, box: [1, 100, 3, 4] },
      { id: String(a.index), label: 0, box: [1, 100, 3, 40] },
    ],
  });
  for (const { onPhoto, path, id } of faces) {
    expect(photos[onPhoto]?.path).toBe(path);
    expect(photos[onPhoto]?.faces.map((face) => face.id)).toContain(id);
  }
  expect(photos.slice(1, 3).map(({ id }) => id)).toEqual(['9f86d081884c7d65', '9f86d081884c7d65~2']);
  expect(overview.years).toEqual([
    { year: '2024', photos: 1 },
    { year: '2019', photos: 2 },
    { year: null, photos: 2 },
  ]);
});

test('photos without faces are among the others, and nobody’s', () => {
  const photo = { photo: 'beach.jpg', photoId: 'ab'.repeat(32), photoWidth: 40, photoHeight: 30 };
  const face = faceData('a.jpg', { photoTaken: '2020-05-05T05:05:05' });
  const { people } = clustersData([[face]]);
  const { page, ...overview } = describePage(
    people,
    {
      photo: (_, id) => `photos/${id}`,
      photoThumbnail: () => null,
      faceThumbnail: (_, id) => `thumbnails/faces/${id}`,
    },
    new PageFrame([face], [{ ...photo, photoTaken: '2021-01-01T00:00:00' }]),
  );
  expect(page('photos', 0)?.map(({ id, photo, faces }) => [id, photo, faces.length])).toEqual([
    ['abababababababab', 'photos/abababababababab', 0],
    [`${face.index}`, `photos/${face.index}`, 1],
  ]);
  expect(page('faces', 0)).toMatchObject([{ onPhoto: 1, thumbnail: `thumbnails/faces/${face.index}` }]);
  expect(page('photos', 1)).toBeUndefined();
  expect(overview).toMatchObject({ photos: 1, photosWithoutFaces: 1 });
});

test('a video counts as one photo, whatever frames of it are shown', () => {
  const clip = 'c'.repeat(48);
  const frame = (seconds: number, more: Partial<FaceData> = {}) =>
    faceData(`a/clip.mp4#t=${seconds}`, { photoId: `${seconds}`.padStart(16, '0') + clip, ...more });
  const photo = faceData('a/photo.jpg', { photoTaken: '2020-05-05T05:05:05' });
  const moved = faceData('b/clip.mp4#t=3', { photoId: `${3}`.padStart(16, '0') + clip });
  const other = faceData('z.mp4#t=0');
  const { people, encodings } = clustersData([
    [frame(3), frame(12), frame(0), photo, moved],
    [frame(12), other],
  ]);
  const all = people.flatMap(({ faces }) => faces);
  const { page, ...overview } = describePage(
    people,
    { photo: () => null, photoThumbnail: () => null, faceThumbnail: () => null },
    new PageFrame(all),
  );
  expect(overview.people).toMatchObject([
    { photos: 3, distinctPhotos: 2, faces: 5 },
    { photos: 2, distinctPhotos: 2, faces: 2 },
  ]);
  expect([overview.photos, encodings.faces]).toEqual([4, 7]);
  expect(page('photos', 0)?.map(({ path }) => path)).toEqual([
    'a/photo.jpg',
    ...[0, 3, 12].map((at) => `a/clip.mp4#t=${at}`),
    'b/clip.mp4#t=3',
    'z.mp4#t=0',
  ]);
  expect(overview.videos).toEqual([
    [1, 3],
    [4, 1],
    [5, 1],
  ]);
});

test('a face has the address that it has in every result, and no two have one: not on copies, nor without an id', async () => {
  const id = '9f86d081884c7d65_10_50_50_10';
  // The nearest to the centre comes first on the page.
  const faces = [0.3, 0.1, 0.2].map((distance) => at(distance, { id }));
  const [first, second, third] = faces as [FaceData, FaceData, FaceData];
  const gone = at(null);
  await writeGallery(temp(), clustersData([faces], [gone]));
  expect(written().faces.map(({ id, index }) => [id, index])).toEqual([
    [`${id}~2`, second.index],
    [`${id}~3`, third.index],
    [id, first.index],
    [`${gone.index}`, gone.index],
  ]);
});

test('thousands of faces are spread over files', async () => {
  const faces = Array.from({ length: 1234 }, (_, i) => at(i / 2000));
  await writeGallery(temp(), clustersData([faces]));
  expect(readdirSync(join(temp(), 'gallery/data')).sort()).toEqual([
    'faces-0.js',
    'faces-1.js',
    'faces-2.js',
    'overview.js',
    'photos-0.js',
    'photos-1.js',
    'photos-2.js',
  ]);
  expect(written().faces.map(({ index }) => index)).toEqual(faces.map(({ index }) => index));
});

test('whatever is in a path comes out as it went in, and can’t end the script', async () => {
  const path = 'a</script><!--\u2028\u2029"\\\n\ud800\udcff\0.jpg';
  await writeGallery(temp(), clustersData([[faceData(path)]]));
  expect(written().faces[0]?.path).toBe(path);
  const script = readFileSync(join(temp(), 'gallery/data/faces-0.js'), 'utf8');
  expect(script).not.toMatch(/[<\u2028\u2029\0]|\n./);
});

test.each([
  ['label0/a.jpg', 'label0/a.jpg'],
  ['label0/50% #1?.jpg', 'label0/50%25%20%231%3F.jpg'],
  ['../photos/Zoë.jpg', '../photos/Zo%C3%AB.jpg'],
  ['javascript:alert(1).jpg', 'javascript%3Aalert(1).jpg'],
  ['a\nb\\c.jpg', 'a%0Ab%5Cc.jpg'],
  // The byte 0xff of a name that is not UTF-8, as Python writes it; and half of a pair that means nothing.
  ['caf\udce9.jpg', 'caf%E9.jpg'],
  ['\ud83c.jpg', '%EF%BF%BD.jpg'],
  ['🎂.jpg', '%F0%9F%8E%82.jpg'],
])('the URL of %j is %s', (path, url) => {
  expect(urlOf(path)).toBe(url);
});

test('a photo on another drive has a URL from the root', () => {
  const path = resolve('/elsewhere/a #1.jpg');
  expect(urlOf(path)).toBe(pathToFileURL(path).href);
});

test('says what it could not write, and stops when it is told to', async () => {
  const data = clustersData([[faceData('a.jpg')]]);
  writeFileSync(join(temp(), 'gallery'), 'a file in its way');
  expect(await rejection(writeGallery(temp(), data))).toMatchObject({ code: 'FACE_IO' });
  const signal = AbortSignal.abort();
  expect(await rejection(writeGallery(join(temp(), 'new'), data, signal))).toMatchObject({
    code: 'FACE_ABORTED',
  });
});
