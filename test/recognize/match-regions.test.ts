import type { Box } from '../../src/base/types';
import { storedArea } from '../../src/metadata/turned';
import { matchRegions } from '../../src/recognize/match-regions';

/** A square, by its left upper corner. */
const square = (left: number, top: number, side = 100): Box => ({
  top,
  right: left + side,
  bottom: top + side,
  left,
});
const PHOTO = { width: 600, height: 400 };

test.each([1, 2, 3, 4, 5, 6, 7, 8])(
  'finds the face of each region on a photo turned as EXIF says by %i',
  (orientation) => {
    const faces = [square(400, 20), square(60, 240), square(300, 200, 60)];
    const region = (name: string, box: Box) => ({
      name,
      area: storedArea(box, orientation, PHOTO.width, PHOTO.height),
    });
    // As other programs draw them: the whole head, or a little beside.
    const regions = [
      region('Ben', square(50, 220, 130)),
      region('Anna', square(410, 30)),
      region('nobody here', square(0, 0)),
    ];
    const found = matchRegions(regions, faces, { ...PHOTO, orientation });
    expect(found.map((one) => one?.name)).toEqual(['Anna', 'Ben', undefined]);
  },
);

test('takes an overlap of 0.35 and no less', () => {
  const facts = { ...PHOTO, orientation: null };
  const named = (box: Box) => [{ name: 'Anna', area: storedArea(box, 1, PHOTO.width, PHOTO.height) }];
  // The same height, shifted by s of 100: (100 - s) / (100 + s).
  expect(matchRegions(named(square(48, 0)), [square(0, 0)], facts)[0]?.name).toBe('Anna');
  expect(matchRegions(named(square(49, 0)), [square(0, 0)], facts)).toEqual([undefined]);
});

test('one region names one face, and one face has one name: those that overlap most', () => {
  const facts = { ...PHOTO, orientation: 1 };
  const named = (name: string, box: Box) => ({ name, area: storedArea(box, 1, PHOTO.width, PHOTO.height) });
  const faces = [square(0, 0), square(20, 0)];
  const regions = [named('Ben', square(30, 0)), named('Anna', square(22, 0))];
  expect(matchRegions(regions, faces, facts).map((one) => one?.name)).toEqual(['Ben', 'Anna']);
  expect(matchRegions(regions.slice(1), faces, facts).map((one) => one?.name)).toEqual([undefined, 'Anna']);
});

test('no regions, no faces', () => {
  expect(matchRegions([], [square(0, 0)], { ...PHOTO, orientation: 1 })).toEqual([undefined]);
  expect(matchRegions([], [], { ...PHOTO, orientation: 1 })).toEqual([]);
});

describe('a region that overlaps with no face enough', () => {
  const facts = { ...PHOTO, orientation: 1 };
  const named = (box: Box) => [{ name: 'Anna', area: storedArea(box, 1, PHOTO.width, PHOTO.height) }];
  const around = (...faces: Box[]) =>
    matchRegions(named(square(100, 50, 250)), faces, facts).map((one) => one?.name);

  test('is the face that it lies around', () => {
    expect(around(square(180, 130))).toEqual(['Anna']);
    expect(around(square(180, 130), square(400, 250))).toEqual(['Anna', undefined]);
  });

  test('is none of two that it lies around', () => {
    expect(around(square(150, 130), square(200, 130))).toEqual([undefined, undefined]);
  });

  test('is none that is in its corner, or a tenth of it', () => {
    expect(around(square(100, 50))).toEqual([undefined]);
    expect(around(square(190, 140, 70))).toEqual([undefined]);
  });

  test('is none that another region is', () => {
    const regions = [...named(square(100, 50, 250)), ...named(square(180, 130))];
    const found = matchRegions(regions, [square(180, 130)], facts);
    expect(found).toEqual([regions[1]]);
  });
});
