import { readFileSync, writeFileSync } from 'node:fs';
import { arrangePeople } from '../../src/sort/arrange';
import { type SortPhotosOptions, sortPhotos } from '../../src/sort/sort';
import { PORTRAITS, samplePhoto, useTempFolder } from '../support/files';
import { rejection } from '../support/photos';

const temp = useTempFolder();

test('whether another strictness is for new faces only is told', async () => {
  const encoding = new Float64Array(128).fill(0.1);
  const face = { box: { top: 10, right: 60, bottom: 60, left: 10 }, score: 1, encoding, mirrored: encoding };
  const sort = async (options: Partial<SortPhotosOptions> = {}) => {
    const { threshold, forNewFacesOnly } = await sortPhotos({
      photos: samplePhoto('sample2.jpg'),
      output: temp('people'),
      minPhotos: 1,
      engine: { jobs: 1, detectAndEncode: async () => [face] },
      ...options,
    });
    return [threshold, forNewFacesOnly];
  };
  expect(await sort()).toEqual([null, false]);
  expect(await sort({ threshold: 0.52 })).toEqual([0.52, true]);
  // It is remembered, and nothing new by then.
  expect(await sort()).toEqual([0.52, false]);
  expect(await sort({ threshold: 0.5, regroup: true })).toEqual([0.5, false]);
});

test('what can not be is refused before anything is decided', async () => {
  await sortPhotos({ photos: PORTRAITS, output: temp('people'), method: 'hog' });
  let asked = false;
  const refused = arrangePeople({
    output: temp('people'),
    maxPixels: 0,
    decide: async () => {
      asked = true;
    },
  });
  expect(await rejection(refused)).toMatchObject({ code: 'FACE_INVALID_ARGUMENT', argument: 'maxPixels' });
  expect(asked).toBe(false);

  const settings = temp('people/.data/sort.json');
  const text = readFileSync(settings, 'utf8');
  writeFileSync(settings, text.replace('"minPhotos": 3', '"minPhotos": 0'));
  expect(await rejection(arrangePeople({ output: temp('people') }))).toMatchObject({
    code: 'FACE_RESULT_INVALID',
    path: settings,
  });
});
