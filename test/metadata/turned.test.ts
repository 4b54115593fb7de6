import sharp from 'sharp';
import { storedArea, uprightBox } from '../../src/metadata/turned';

/** A black picture, 64 by 40, with a white box on it. */
const stored = { width: 64, height: 40 };
const box = { left: 8, top: 4, width: 16, height: 10 };
const area = { left: 8 / 64, top: 4 / 40, width: 16 / 64, height: 10 / 40 };

/** Where white is on a picture, as its viewer shows it. */
async function whiteBox(picture: Buffer) {
  const { data, info } = await sharp(picture)
    .autoOrient()
    .greyscale()
    .raw()
    .toBuffer({ resolveWithObject: true });
  const white = [...data.keys()].filter((at) => (data[at] ?? 0) > 127);
  const [xs, ys] = [white.map((at) => at % info.width), white.map((at) => Math.floor(at / info.width))];
  return {
    size: [info.width, info.height] as const,
    box: {
      left: Math.min(...xs),
      top: Math.min(...ys),
      right: Math.max(...xs) + 1,
      bottom: Math.max(...ys) + 1,
    },
  };
}

test.each([1, 2, 3, 4, 5, 6, 7, 8])(
  'orientation %i: an area is where the picture shows it',
  async (orientation) => {
    const white = await sharp({
      create: { width: box.width, height: box.height, channels: 3, background: 'white' },
    })
      .png()
      .toBuffer();
    const picture = await sharp({ create: { ...stored, channels: 3, background: 'black' } })
      .composite([{ input: white, left: box.left, top: box.top }])
      .withMetadata({ orientation })
      .png()
      .toBuffer();
    const seen = await whiteBox(picture);
    const { left, top, right, bottom } = uprightBox(area, orientation, ...seen.size);
    expect([left, top, right, bottom].map((value) => Math.round(value * 1e6) / 1e6)).toEqual([
      seen.box.left,
      seen.box.top,
      seen.box.right,
      seen.box.bottom,
    ]);
    const back = storedArea(seen.box, orientation, ...seen.size);
    for (const key of ['left', 'top', 'width', 'height'] as const)
      expect(back[key]).toBeCloseTo(area[key], 9);
  },
);
