import type { Box } from '../base/types';

/** A part of a picture, in shares of its width and height, from 0 to 1. */
export interface Area {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

type Turn = (x: number, y: number) => readonly [number, number];

const upright: Turn = (x, y) => [x, y];

/** Where a point of the stored picture is on the upright one, in shares of width and height, by EXIF's orientation. */
const TURNS: Readonly<Record<number, Turn>> = {
  2: (x, y) => [1 - x, y],
  3: (x, y) => [1 - x, 1 - y],
  4: (x, y) => [x, 1 - y],
  5: (x, y) => [y, x],
  6: (x, y) => [1 - y, x],
  7: (x, y) => [1 - y, 1 - x],
  8: (x, y) => [y, 1 - x],
};

/** What turns back what `orientation` turns: all are their own way back, but for the two quarter turns. */
const BACK: Readonly<Record<number, number>> = { 6: 8, 8: 6 };

/**
 * Where an area of the stored picture is on the upright one.
 * @param area in shares of the stored picture's width and height
 * @param orientation as EXIF has it, from 1 to 8; anything else counts as 1
 * @param width of the upright picture in pixels
 * @param height of the upright picture in pixels
 * @returns in pixels, not rounded
 */
export function uprightBox(area: Area, orientation: number, width: number, height: number): Box {
  const { left, top, width: wide, height: high } = turned(area, orientation);
  return {
    top: top * height,
    right: (left + wide) * width,
    bottom: (top + high) * height,
    left: left * width,
  };
}

/**
 * Where a box on the upright picture is on the stored one: the way back from {@link uprightBox}.
 * @param box in pixels of the upright picture
 * @param orientation as EXIF has it, from 1 to 8; anything else counts as 1
 * @param width of the upright picture in pixels
 * @param height of the upright picture in pixels
 */
export function storedArea(box: Box, orientation: number, width: number, height: number): Area {
  const area = {
    left: box.left / width,
    top: box.top / height,
    width: (box.right - box.left) / width,
    height: (box.bottom - box.top) / height,
  };
  return turnedBack(area, orientation);
}

/** An area of the stored picture on the upright one. */
export function turned({ left, top, width, height }: Area, orientation: number): Area {
  const turn = TURNS[orientation] ?? upright;
  const [x1, y1] = turn(left, top);
  const [x2, y2] = turn(left + width, top + height);
  return {
    left: Math.min(x1, x2),
    top: Math.min(y1, y2),
    width: Math.abs(x2 - x1),
    height: Math.abs(y2 - y1),
  };
}

/** An area of the upright picture on the stored one. */
export function turnedBack(area: Area, orientation: number): Area {
  return turned(area, BACK[orientation] ?? orientation);
}
