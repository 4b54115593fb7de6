import { mkdirSync, writeFileSync } from 'node:fs';
import { commonFolder, placeWithin } from '../../src/queue/photo-folder';
import { useTempFolder } from '../support/files';

/*
 * What a share is called differs from computer to computer; where a photo is in it does not.
 */
const temp = useTempFolder();
beforeEach(() => {
  for (const folder of ['photos/2019', 'photos/2020', 'elsewhere'])
    mkdirSync(temp(folder), { recursive: true });
  writeFileSync(temp('photos/2019/a.jpg'), '');
});

test.each([
  [['photos'], 'photos'],
  [['photos/2019/'], 'photos/2019'],
  [['photos/2019/a.jpg'], 'photos/2019'],
  [['photos/2019', 'photos/2020'], 'photos'],
  [['photos/2019/a.jpg', 'photos/2020'], 'photos'],
  [['photos', 'photos/2019'], 'photos'],
  [['photos', 'elsewhere'], ''],
  [['photos/../photos/2019'], 'photos/2019'],
])('%j are all in %j', async (inputs, folder) => {
  expect(await commonFolder(inputs.map((input) => temp(input)))).toBe(temp(folder).replace(/\/$/, ''));
});

test.each([
  ['photos/2019/a.jpg', '2019/a.jpg'],
  ['photos/./2019/a.jpg', '2019/a.jpg'],
  ['photos/..a.jpg', '..a.jpg'],
  ['photos', undefined],
  ['elsewhere/a.jpg', undefined],
  ['photos/../elsewhere/a.jpg', undefined],
  ['photos2/a.jpg', undefined],
])('%s is at %s', (photo, place) => {
  expect(placeWithin(temp('photos'), temp(photo))).toBe(place);
});
