import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ClustersData } from '../../src/result/export/clusters-data';
import { clustersJson, readClusters } from '../../src/result/export/json';
import { clustersSchemaErrors } from '../support/clusters-schema';
import { useTempFolder } from '../support/files';
import { clustersData, faceData } from '../support/gallery';
import { rejection } from '../support/photos';

const temp = useTempFolder();

function file(text: string): string {
  const path = join(temp(), 'clusters.json');
  writeFileSync(path, text);
  return path;
}

const textOf = (data: ClustersData) => [...clustersJson(data)].join('');

/** As version 1 wrote it, of which there are some on people's disks. */
const VERSION_1 = `{
"format": "face-cluster-native clusters",
"version": 1,
"program": {"name":"face-cluster-native","version":"0.1.0"},
"encodings": {"file":"faces.pickle","faces":2,"photos":2},
"parameters": {"eps":0.5,"minSamples":1,"seed":0},
"people": [
{
"label": 0,
"photos": 1,
"distinctPhotos": 1,
"onlyCopies": false,
"photosWithSeveral": 0,
"folder": "label0",
"montages": ["montage/Face ID #0.jpg"],
"representative": 0,
"faces": [
{"index":0,"photo":"a.jpg","box":{"top":1,"right":5,"bottom":7,"left":2},"distance":0,"score":1.5,"inside":null,"file":"label0/a.jpg","crop":null,"thumbnail":null,"photoThumbnail":null,"photoWidth":40,"photoHeight":20}
]}],
"unclustered": {
"label": -1,
"photos": 1,
"distinctPhotos": 1,
"onlyCopies": false,
"photosWithSeveral": null,
"folder": null,
"montages": [],
"representative": null,
"faces": [
{"index":1,"photo":"b.jpg","box":{"top":1,"right":5,"bottom":7,"left":2},"distance":null,"score":null,"inside":null,"file":null,"crop":null,"thumbnail":null,"photoThumbnail":null,"photoWidth":null,"photoHeight":null}
]},
"problems": [
{"path":"b.jpg","code":"FACE_IMAGE_NOT_FOUND","reason":"The photo \\"b.jpg\\" was not found: it does not exist."}
]
}
`;

test('a result of version 1 is read as one of now, with null for what it does not say', async () => {
  const data = await readClusters(file(VERSION_1));
  expect(clustersSchemaErrors(data)).toEqual([]);
  expect(data.parameters).toEqual({ method: 'dbscan', eps: 0.5, minSamples: 1, seed: 0 });
  expect(data.people[0]?.faces).toEqual([
    {
      ...JSON.parse(VERSION_1).people[0].faces[0],
      id: null,
      sharpness: null,
      unclear: false,
      photoId: null,
      photoOrientation: null,
      photoTaken: null,
    },
  ]);
  expect(data.problems).toHaveLength(1);
  expect(data.people[0]).toMatchObject({ name: null, spread: 0, several: null });
  expect(data.unclustered).toMatchObject({ name: null, spread: null, several: null });
  expect(data.lastingLabels).toBe(false);
});

describe('a result of now', () => {
  const data = clustersData(
    [
      [
        faceData('a\u2028\r"\n}.jpg', { id: '9f86d081884c7d65_10_50_50_10', score: 2 }),
        faceData('ä 面 🎂.jpg'),
      ],
      // More than is read at once.
      Array.from({ length: 5000 }, (_, i) => faceData(`${'面'.repeat(i % 100)}.jpg`)),
    ],
    [faceData('stranger.jpg', { distance: null })],
  );

  test.each([
    ['written', textOf(data)],
    ['set out by another program', JSON.stringify(data, null, 2)],
    ['put into one line by it', JSON.stringify(data)],
    ['saved on Windows', textOf(data).replaceAll('\n', '\r\n')],
  ])('is read as it was %s', async (_, text) => {
    expect(await readClusters(file(text))).toEqual(data);
  });
});

describe('what is no result is refused, with what is wrong:', () => {
  const changed = (change: object) => JSON.stringify({ ...JSON.parse(VERSION_1), ...change });

  test.each([
    ['a file of a newer version', changed({ version: 3 }), /version 3; .* up to 2/],
    ['a version that there is not', changed({ version: '1' }), /version "1"/],
    ['another JSON file', '{"name": "x"}', /format/],
    ['nothing', 'null', /format/],
    ['a text', 'label,index', /no JSON/],
    ['one that was cut off', VERSION_1.slice(0, 700), /no JSON/],
    ['a damaged face', VERSION_1.replace('"photo":', '"photo"'), /damaged/],
    ['one without people', changed({ people: undefined }), /people/],
    ['one without faces', changed({ people: [{ label: 0 }] }), /faces/],
    ['one without strangers', changed({ unclustered: undefined }), /faces/],
  ])('%s', async (_, text, message) => {
    const path = file(text);
    const error = await rejection(readClusters(path));
    expect(error).toMatchObject({
      code: 'FACE_RESULT_INVALID',
      message: expect.stringMatching(message),
      path,
    });
    expect(error.message).toContain(path);
  });

  test('a file that is not there, and a folder', async () => {
    expect(await rejection(readClusters(join(temp(), 'none')))).toMatchObject({ code: 'FACE_IO' });
    expect(await rejection(readClusters(temp()))).toMatchObject({ code: 'FACE_IO' });
  });
});

test('reading stops when it is told to', async () => {
  const options = { signal: AbortSignal.abort() };
  expect(await rejection(readClusters(file(VERSION_1), options))).toMatchObject({ code: 'FACE_ABORTED' });
});
