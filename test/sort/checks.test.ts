import { readFileSync, writeFileSync } from 'node:fs';
import { arrangePeople } from '../../src/sort/arrange';
import { sortPhotos } from '../../src/sort/sort';
import { PORTRAITS, useTempFolder } from '../support/files';
import { rejection } from '../support/photos';

const temp = useTempFolder();

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
