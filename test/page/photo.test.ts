import type { Page } from 'playwright-core';
import sharp from 'sharp';
import { describeWithBrowser } from '../support/browser';
import { useTempFolder } from '../support/files';
import { FACE_COLOUR, faceData, makeGallery, type Painted, paintFace } from '../support/gallery';

const temp = useTempFolder();

interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

async function rectangleOf(page: Page, selector: string): Promise<Rectangle> {
  const locator = page.locator(selector);
  await locator.waitFor();
  const rectangle = await locator.boundingBox();
  if (!rectangle) throw new Error(`${selector} is not on the screen`);
  return rectangle;
}

/** Where on the screenshot the face is, by its colour; the rest of the photo has none. */
async function paintedRectangle(page: Page): Promise<Rectangle> {
  // The box would hide the edges of what is in it.
  await page.locator('.box').evaluate((box: { style: { visibility: string } }) => {
    box.style.visibility = 'hidden';
  });
  const frame = await rectangleOf(page, '.frame');
  const { data, info } = await sharp(await page.screenshot())
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  const [xs, ys]: [number[], number[]] = [[], []];
  for (let y = Math.ceil(frame.y); y < frame.y + frame.height - 1; y++) {
    for (let x = Math.ceil(frame.x); x < frame.x + frame.width - 1; x++) {
      const [r = 0, g = 0, b = 0] = data.subarray(3 * (y * info.width + x));
      if (r > FACE_COLOUR.r - 60 && g < 60 && b < 60) {
        xs.push(x);
        ys.push(y);
      }
    }
  }
  const [x, y] = [Math.min(...xs), Math.min(...ys)];
  return { x, y, width: Math.max(...xs) + 1 - x, height: Math.max(...ys) + 1 - y };
}

const LANDSCAPE: Painted = { width: 800, height: 500, box: { top: 60, right: 260, bottom: 200, left: 120 } };
const PORTRAIT: Painted = { width: 500, height: 800, box: { top: 500, right: 480, bottom: 700, left: 280 } };

describeWithBrowser('the box on the photo', (browser) => {
  test.each<[string, Painted]>([
    ['a wide photo', LANDSCAPE],
    ['a tall photo', PORTRAIT],
    [
      'a photo smaller than the screen',
      { width: 90, height: 60, box: { top: 5, right: 50, bottom: 45, left: 10 } },
    ],
    [
      'a photo larger than the screen',
      { width: 4000, height: 3000, box: { top: 2000, right: 3900, bottom: 2900, left: 3000 } },
    ],
    ['a photo turned by EXIF, to the right', { ...PORTRAIT, orientation: 6 }],
    ['a photo turned by EXIF, to the left', { ...PORTRAIT, orientation: 8 }],
    ['a photo turned by EXIF, upside down', { ...LANDSCAPE, orientation: 3 }],
    ['a PNG', { ...LANDSCAPE, format: 'png' }],
    ['a WebP', { ...LANDSCAPE, format: 'webp' }],
    [
      'a face that is partly off the photo',
      { ...LANDSCAPE, box: { top: -40, right: 830, bottom: 120, left: 650 } },
    ],
  ])('lies on the face on %s', async (_, painted) => {
    const face = await paintFace(temp(), 'label0/photo.jpg', painted);
    const hash = `#person-0/face-${face.index}`;
    for (const viewport of [
      { width: 1280, height: 800 },
      { width: 390, height: 844 },
    ]) {
      const { page, troubles } = await browser.open(await makeGallery(temp(), [[face]]), hash, { viewport });
      const box = await rectangleOf(page, '.box');
      const onScreen = await paintedRectangle(page);
      const off = (['x', 'y', 'width', 'height'] as const).map((side) =>
        Math.abs(box[side] - onScreen[side]),
      );
      // JPEG and scaling blur edges by a pixel or two.
      expect(Math.max(...off)).toBeLessThanOrEqual(3);
      const frame = await rectangleOf(page, '.frame');
      expect(frame.width / frame.height).toBeCloseTo(painted.width / painted.height, 1);
      expect(frame.x).toBeGreaterThanOrEqual(0);
      expect(frame.x + frame.width).toBeLessThanOrEqual(viewport.width);
      expect(troubles).toEqual([]);
      await page.context().close();
    }
  });

  test('comes with the photo, in whose place there is a small picture until it is loaded', async () => {
    const before = await paintFace(temp(), 'label0/before.jpg', LANDSCAPE);
    const face = await paintFace(temp(), 'label0/photo.jpg', LANDSCAPE);
    const file = await makeGallery(temp(), [[before, face]]);
    const { page, troubles } = await browser.open(file, `#person-0/face-${before.index}`);
    await page.locator('.box').waitFor();
    const background = 'document.querySelector(".frame").style.backgroundImage';
    expect(await page.evaluate(background)).toBe('');
    // Nothing is loaded before the click has been dealt with.
    const loading = await page.evaluate(`(document.getElementById('viewer-next').click(), ${background})`);
    expect(loading).toBe(`url("thumbnails/photo%20${face.index}.webp")`);
    await page.locator('.box').waitFor();
    expect(await page.evaluate(background)).toBe('');
    expect(troubles).toEqual([]);
  });

  test('is left out when another photo has taken the place of the photo', async () => {
    const face = await paintFace(temp(), 'label0/photo.jpg', LANDSCAPE);
    await paintFace(temp(), 'label0/photo.jpg', PORTRAIT);
    const file = await makeGallery(temp(), [[face]]);
    const { page } = await browser.open(file, `#person-0/face-${face.index}`);
    await page.locator('.frame.wrong').waitFor();
    expect(await page.locator('.box').count()).toBe(0);
  });

  test('lies on a small picture, with a word why, where the browser can’t show the photo', async () => {
    const face = await paintFace(temp(), 'label0/scan.tiff', { ...LANDSCAPE, format: 'tiff' });
    const { page } = await browser.open(await makeGallery(temp(), [[face]]), `#person-0/face-${face.index}`);
    await page.getByText('Your browser does not show TIFF photos').waitFor();
    const [box, frame] = [await rectangleOf(page, '.box'), await rectangleOf(page, '.frame')];
    expect((box.x - frame.x) / frame.width).toBeCloseTo(120 / 800, 2);
    expect((box.y - frame.y) / frame.height).toBeCloseTo(60 / 500, 2);
    expect(await page.locator('#viewer-details a').getAttribute('href')).toBe('label0/scan.tiff');
  });

  test('is explained where there is no photo', async () => {
    const gone = faceData('photos/gone.jpg');
    const broken = faceData('photos/broken.jpg', { file: 'label0/broken.jpg' });
    const file = await makeGallery(temp(), [[gone, broken]]);
    const { page, troubles } = await browser.open(file, `#person-0/face-${gone.index}`);
    await page.getByText('was not found, or could not be read').waitFor();
    await page.keyboard.press('i');
    const details = page.getByRole('dialog').getByRole('region', { name: 'Details' });
    await details.getByText('gone.jpg').waitFor();
    expect(await details.getByRole('link').count()).toBe(0);
    await page.keyboard.press('ArrowRight');
    await details.getByRole('link', { name: 'broken.jpg' }).waitFor();
    expect(troubles).toEqual([]);
  });
});
