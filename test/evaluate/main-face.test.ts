import type { Box } from '../../src/base/types';
import { mainFace } from '../../src/evaluate/main-face';

const SIZE = { width: 250, height: 250 };
const square = (left: number, top: number, side: number): Box => ({
  top,
  right: left + side,
  bottom: top + side,
  left,
});

test.each([
  ['the only face, wherever it is', [square(0, 0, 20)], 0],
  ['of two the larger, nearer to the middle', [square(0, 90, 60), square(70, 70, 110)], 1],
  [
    'the middle counts as that of the boxes, not their corners',
    [square(65, 65, 120), square(126, 126, 40)],
    0,
  ],
  ['nobody if somebody else is larger', [square(110, 110, 30), square(0, 0, 90)], undefined],
  ['of equal ones the first', [square(75, 75, 100), square(75, 75, 100)], 0],
  ['no face, nobody', [], undefined],
])('%s', (_, boxes, expected) => {
  expect(mainFace(boxes, SIZE)).toBe(expected);
});

test('of a photo whose size is not known only a face that is alone is known', () => {
  expect(mainFace([square(0, 0, 20)], undefined)).toBe(0);
  expect(mainFace([square(75, 75, 100), square(0, 0, 20)], undefined)).toBeUndefined();
});
