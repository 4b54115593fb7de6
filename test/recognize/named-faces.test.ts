import type { Box } from '../../src/base/types';
import { storedArea } from '../../src/metadata/turned';
import { namedFaces } from '../../src/recognize/named-faces';

const square = (left: number, top: number, side = 100): Box => ({
  top,
  right: left + side,
  bottom: top + side,
  left,
});
const PHOTO = { width: 600, height: 400, orientation: 6, taken: null };
const region = (name: string, box: Box) => ({
  name,
  area: storedArea(box, PHOTO.orientation, PHOTO.width, PHOTO.height),
});

test('regions name faces, also where only one name and one face are there', () => {
  const names = { regions: [region('Anna', square(410, 10))], people: ['Anna'] };
  expect(namedFaces(names, [square(0, 0), square(400, 0)], PHOTO)).toEqual([undefined, 'Anna']);
  expect(namedFaces(names, [square(0, 0)], PHOTO)).toEqual([undefined]);
});

test('without a region, a name is that of the only face; of several nobody knows whose', () => {
  const names = (...people: string[]) => ({ regions: [], people });
  expect(namedFaces(names('Anna'), [square(0, 0)], undefined)).toEqual(['Anna']);
  expect(namedFaces(names('Anna', 'ANNA'), [square(0, 0)], undefined)).toEqual(['Anna']);
  expect(namedFaces(names('Anna', 'Ben'), [square(0, 0)], PHOTO)).toEqual([undefined]);
  expect(namedFaces(names('Anna'), [square(0, 0), square(200, 0)], PHOTO)).toEqual([undefined, undefined]);
  expect(namedFaces(names('Anna'), [], PHOTO)).toEqual([]);
  expect(namedFaces(names(), [square(0, 0)], PHOTO)).toEqual([undefined]);
});

test('a photo of which nobody knows how it lies has regions of nobody', () => {
  expect(
    namedFaces({ regions: [region('Anna', square(0, 0))], people: ['Anna'] }, [square(0, 0)], undefined),
  ).toEqual([undefined]);
});
