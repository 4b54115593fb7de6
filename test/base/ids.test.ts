import { faceId } from '../../src/base/ids';

test('a face keeps the name that earlier results gave it', () => {
  const photo = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08';
  expect(faceId(photo, { top: 20, right: 120, bottom: 121, left: -3 })).toBe(
    '9f86d081884c7d65_20_120_121_-3',
  );
});
