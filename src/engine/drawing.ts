import type { RawImage } from '../base/types';

/** Of the drawing, in pixels. */
const SIZE = 200;
/** How soft the edges are, as a share of half the drawing. */
const SOFTNESS = 0.08;

/** Centre and radii of an ellipse, in halves of the drawing, from its middle; and how light it is, from 0 to 255. */
type Ellipse = readonly [x: number, y: number, width: number, height: number, light: number];

/** From back to front. */
const FACE: readonly Ellipse[] = [
  [0, -0.08, 0.56, 0.72, 40], // hair
  [0, 0.08, 0.46, 0.62, 200], // skin
  ...[-0.2, 0.2].flatMap((x): Ellipse[] => [
    [x, -0.14, 0.13, 0.03, 60], // brow
    [x, 0, 0.13, 0.075, 90], // socket
    [x, 0.01, 0.1, 0.045, 230], // eye
    [x, 0.01, 0.045, 0.05, 30], // pupil
  ]),
  [0, 0.27, 0.09, 0.035, 150], // nose
  [0.05, 0.12, 0.015, 0.13, 170], // its shadow
  [0, 0.45, 0.19, 0.045, 70], // mouth
];
const BACKGROUND = 120;

/**
 * A drawing of a face that both detectors find. Only operations that IEEE 754 rounds exactly, so that its pixels are
 * the same on every machine.
 */
export function drawFace(): RawImage {
  const data = new Uint8Array(3 * SIZE * SIZE);
  for (let row = 0; row < SIZE; row++) {
    for (let column = 0; column < SIZE; column++) {
      const light = lightAt((2 * column + 1) / SIZE - 1, (2 * row + 1) / SIZE - 1);
      data.fill(Math.round(light), 3 * (row * SIZE + column), 3 * (row * SIZE + column + 1));
    }
  }
  return { data, width: SIZE, height: SIZE };
}

function lightAt(x: number, y: number): number {
  return FACE.reduce((behind, [centreX, centreY, width, height, light]) => {
    const dx = (x - centreX) / width;
    const dy = (y - centreY) / height;
    const outside = (Math.sqrt(dx * dx + dy * dy) - 1) * Math.min(width, height);
    const share = Math.min(1, Math.max(0, 0.5 - outside / SOFTNESS));
    return behind * (1 - share) + light * share;
  }, BACKGROUND);
}
