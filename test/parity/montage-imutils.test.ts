import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createMontage } from '../../src/result/montage/montage';
import { useTempFolder } from '../support/files';
import { noiseImage } from '../support/pixels';
import { describeWithPython, runPython } from '../support/python';

const TILE = 96;

/** Draws what noiseImage gives for the seeds 1 to n with imutils, which is given the tiles in their final size. */
const BUILD_MONTAGES = `
import base64, sys, types
import numpy as np

# imutils only passes the pictures on to cv2.resize, which other tests compare; here it must have nothing to do.
cv2 = types.ModuleType("cv2")
cv2.__getattr__ = lambda name: 0
def resize(image, size):
    assert image.shape == (size[1], size[0], 3), image.shape
    return image
cv2.resize = resize
sys.modules["cv2"] = cv2
from imutils import build_montages

tiles = np.fromfile(sys.argv[1], dtype=np.uint8).reshape(-1, 96, 96, 3)
montages = build_montages(list(tiles), (96, 96), (5, 5))
print(base64.b64encode(montages[0].tobytes()).decode(), *montages[0].shape)
`;

describeWithPython('montages as imutils.build_montages lays them out', (environment) => {
  const temp = useTempFolder();

  test.each([1, 5, 7, 25])('with %i faces: equal to the last pixel', async (count) => {
    const images = Array.from({ length: count }, (_, i) => noiseImage(TILE, TILE, i + 1));
    const whole = { top: 0, right: TILE, bottom: TILE, left: 0 };
    const montage = await createMontage(
      images.map((image, i) => ({ imagePath: `${i}`, loc: whole, image })),
      { backend: 'sharp' },
    );

    const file = join(temp(), 'tiles');
    await writeFile(file, Buffer.concat(images.map(({ data }) => data)));
    const [pixels = '', ...shape] = runPython(environment, BUILD_MONTAGES, [file]).trim().split(' ');
    expect([montage.height, montage.width, 3]).toEqual(shape.map(Number));
    expect(Buffer.from(montage.data).equals(Buffer.from(pixels, 'base64'))).toBe(true);
  });
});
