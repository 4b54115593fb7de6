import { appendFileSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { placeAlbum } from '../../src/album/place';
import { inodeOf, type PhotoFile } from '../../src/result/originals/find';
import { sha256 } from '../../src/system/sha256';
import { useTempFolder } from '../support/files';

const temp = useTempFolder();

let whilePlaced = () => {};
jest.mock('../../src/result/originals/place-photo', () => {
  const actual = jest.requireActual('../../src/result/originals/place-photo');
  return {
    ...actual,
    placePhoto: async (...values: unknown[]) => {
      const how = await actual.placePhoto(...values);
      whilePlaced();
      return how;
    },
  };
});

test('what somebody edits while a photo is copied to its place stays, and the photo gets another name', async () => {
  const [path, copy] = [temp('a.jpg'), temp('album', 'a.jpg')];
  mkdirSync(temp('album'));
  writeFileSync(path, 'with names');
  writeFileSync(copy, 'before');
  const stats = statSync(path, { bigint: true });
  const [id, before] = [sha256(readFileSync(path)), sha256(readFileSync(copy))];
  const file = { path, inode: inodeOf(stats), size: Number(stats.size) } as PhotoFile;
  const photo = { id, path, file };
  const place = () =>
    placeAlbum(temp('album'), [photo], new Map([[id, [before]]]), 'copy', undefined, () => {});
  whilePlaced = () => {
    whilePlaced = () => {};
    appendFileSync(copy, ' and edited');
  };
  expect(await place()).toMatchObject({ renewed: 0, placed: { copy: 1 }, there: 0 });
  expect(readFileSync(copy, 'utf8')).toBe('before and edited');
  expect(readdirSync(temp('album')).sort()).toEqual(['a (2).jpg', 'a.jpg']);
  expect(await place()).toMatchObject({ renewed: 0, placed: { copy: 0 }, there: 1 });
});
