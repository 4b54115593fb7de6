import type { Page } from 'playwright-core';
import type { FaceData } from '../../src/result/export/clusters-data';
import { accessProblems, closeViewer, describeWithBrowser, waitUntil } from '../support/browser';
import { useTempFolder } from '../support/files';
import { faceData, makeGallery, type Painted, paintFace } from '../support/gallery';
import { Fingers } from '../support/touch';

const temp = useTempFolder();

const PHOTO: Painted = { width: 1200, height: 900, box: { top: 200, right: 500, bottom: 500, left: 200 } };
const PHONE = { viewport: { width: 390, height: 800 }, isMobile: true, hasTouch: true } as const;

/** Three faces of a person, each on a photo of its own; with one of somebody else beside the second. */
async function makeThree(): Promise<{ file: string; faces: FaceData[]; beside: FaceData }> {
  const faces: FaceData[] = [];
  for (const name of ['a.jpg', 'b.jpg', 'c.jpg']) {
    const face = await paintFace(temp(), `label0/${name}`, PHOTO);
    faces.push({
      ...face,
      photoTaken: '2024-07-31T18:05:09+02:00',
      sharpness: 0.815,
      photo: `photos/Lake/${name}`,
    });
  }
  const box = { top: 200, right: 1000, bottom: 500, left: 700 };
  const beside = { ...(faces[1] as FaceData), index: faceData('').index, box };
  return { file: await makeGallery(temp(), [faces, [beside]]), faces, beside };
}

interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

async function rectangle(page: Page, what: string): Promise<Rectangle> {
  const found = await page.locator(what).boundingBox();
  if (!found) throw new Error(`${what} is not on the screen.`);
  return found;
}

const middleOf = ({ x, y, width, height }: Rectangle) => ({ x: x + width / 2, y: y + height / 2 });
const zoomIs = (page: Page, condition: string) =>
  waitUntil(
    page,
    `Number(document.querySelector('.frame').style.getPropertyValue('--zoom') || 1) ${condition}`,
  );
/** Whether what has been let go of has come to rest. */
const atRest = (page: Page) =>
  waitUntil(page, 'document.querySelector(".frame").getAnimations().length === 0');

describeWithBrowser('the viewer', (browser) => {
  test('says who it is first, then when and where, and the rest when asked for it', async () => {
    const { file, faces } = await makeThree();
    const { page, troubles } = await browser.open(file, `#person-0/face-${faces[0]?.index}`);
    await page.getByRole('dialog', { name: 'Person 0' }).waitFor();
    expect(await page.locator('#viewer-facts').textContent()).toBe('31 July 2024, 18:05 · Lake');
    const details = page.getByRole('region', { name: 'Details' });
    expect(await details.count()).toBe(0);
    await page.keyboard.press('i');
    await details.waitFor();
    expect(await details.locator('dt').allTextContents()).toEqual([
      'File',
      'In',
      'Taken',
      'Size',
      'Distance to the centre of the person',
      'Sharpness of the face',
      'Number in the encodings file',
    ]);
    expect(await details.locator('dd').allTextContents()).toEqual([
      'a.jpg',
      'photos/Lake/',
      '31 July 2024, 18:05:09',
      '1200 × 900 pixels (1.1 megapixels)',
      '0.25',
      '0.81',
      `${faces[0]?.index}`,
    ]);
    expect(troubles).toEqual([]);
    expect(await accessProblems(page)).toEqual([]);
    await page.getByRole('button', { name: 'Details' }).click();
    await details.waitFor({ state: 'hidden' });
  });

  test('zooms by the wheel where the pointer is, and moves the photo no further than its edges', async () => {
    const { file, faces } = await makeThree();
    const { page } = await browser.open(file, `#person-0/face-${faces[0]?.index}`);
    await page.locator('.box').waitFor();
    const whole = await rectangle(page, '.frame');
    // A corner of the face stays where it is on the screen.
    const box = await rectangle(page, '.box');
    await page.mouse.move(box.x, box.y);
    await page.mouse.wheel(0, -500);
    await zoomIs(page, '> 2.5');
    const zoomed = await rectangle(page, '.box');
    expect(Math.abs(zoomed.x - box.x)).toBeLessThanOrEqual(2);
    expect(Math.abs(zoomed.y - box.y)).toBeLessThanOrEqual(2);
    expect(zoomed.width / box.width).toBeCloseTo(Math.E, 1);
    // Lines are as thin as before.
    const lines = await page.evaluate<string>('getComputedStyle(document.querySelector(".box")).boxShadow');
    const white = /rgb\(255, 255, 255\) 0px 0px 0px ([\d.]+)px inset/.exec(lines)?.[1];
    expect(Number(white) * Math.E).toBeCloseTo(2, 1);

    await page.mouse.down();
    await page.mouse.move(1270, 790, { steps: 4 });
    await page.mouse.up();
    const stage = await rectangle(page, '#viewer-stage');
    const moved = await rectangle(page, '.frame');
    expect(moved.x).toBeCloseTo(stage.x, 0);
    expect(moved.y).toBeCloseTo(stage.y, 0);
    await page.mouse.move(box.x, box.y);
    await page.mouse.wheel(0, 5000);
    await zoomIs(page, '=== 1');
    expect(await rectangle(page, '.frame')).toEqual(whole);
  });

  test('zooms by keys and by a double click; another photo is shown whole', async () => {
    const { file, faces } = await makeThree();
    const { page, troubles } = await browser.open(file, `#person-0/face-${faces[0]?.index}`);
    await page.locator('.box').waitFor();
    const whole = await rectangle(page, '.frame');
    await page.keyboard.press('+');
    await page.keyboard.press('+');
    await zoomIs(page, '=== 2.25');
    await page.keyboard.press('-');
    await zoomIs(page, '=== 1.5');
    const before = await rectangle(page, '.frame');
    await page.keyboard.press('Shift+ArrowRight');
    expect((await rectangle(page, '.frame')).x).toBeLessThan(before.x);
    await page.keyboard.press('0');
    await zoomIs(page, '=== 1');
    expect(await rectangle(page, '.frame')).toEqual(whole);
    const { x, y } = middleOf(whole);
    await page.mouse.dblclick(x + 100, y + 100);
    await zoomIs(page, '=== 2.5');
    await page.mouse.dblclick(x, y);
    await zoomIs(page, '=== 1');
    await page.mouse.dblclick(x, y);
    await zoomIs(page, '=== 2.5');
    await page.keyboard.press('ArrowRight');
    await page.getByRole('dialog').getByText('2 of 3').waitFor();
    await zoomIs(page, '=== 1');
    expect(troubles).toEqual([]);
  });

  test('zooms by two fingers, moves by one, and zooms by two taps', async () => {
    const { file, faces } = await makeThree();
    const { page } = await browser.open(file, `#person-0/face-${faces[1]?.index}`, PHONE);
    await page.locator('.box').waitFor();
    const fingers = await Fingers.on(page);
    const { x, y } = middleOf(await rectangle(page, '.frame'));
    await fingers.move(
      [
        { x: x - 20, y },
        { x: x - 80, y },
      ],
      [
        { x: x + 20, y },
        { x: x + 80, y },
      ],
    );
    await zoomIs(page, '> 3.9');
    await zoomIs(page, '< 4.1');
    // The page itself is as large as before.
    expect(await page.evaluate('visualViewport.scale')).toBe(1);
    const before = await rectangle(page, '.frame');
    await fingers.move([
      { x, y },
      { x: x - 100, y: y - 40 },
    ]);
    const after = await rectangle(page, '.frame');
    expect(after.x - before.x).toBeCloseTo(-100, 0);
    expect(await page.locator('#viewer-position').textContent()).toBe('2 of 3');
    await fingers.move(
      [
        { x: x - 80, y },
        { x: x - 10, y },
      ],
      [
        { x: x + 80, y },
        { x: x + 10, y },
      ],
    );
    await zoomIs(page, '=== 1');
    const empty = { x: x - 100, y: y + 100 };
    await fingers.tapTwice(empty);
    await zoomIs(page, '=== 2.5');
    await fingers.tapTwice(empty);
    await zoomIs(page, '=== 1');
  });

  test('one finger turns the page, sideways only', async () => {
    const { file, faces } = await makeThree();
    const { page, troubles } = await browser.open(file, `#person-0/face-${faces[1]?.index}`, PHONE);
    await page.locator('.box').waitFor();
    const fingers = await Fingers.on(page);
    const position = page.locator('#viewer-position');
    const swipe = async (right: number, down: number) => {
      await page.locator('.box').waitFor();
      const { x, y } = middleOf(await rectangle(page, '#viewer-stage'));
      await fingers.move([
        { x, y },
        { x: x + right, y: y + down },
      ]);
      await atRest(page);
    };
    await swipe(60, 300);
    expect(await position.textContent()).toBe('2 of 3');
    await swipe(30, 0);
    expect(await position.textContent()).toBe('2 of 3');
    await swipe(-120, 20);
    await position.getByText('3 of 3').waitFor();
    // There is nothing behind the last one: it springs back.
    await swipe(-120, 0);
    expect(await position.textContent()).toBe('3 of 3');
    const [frame, stage] = [await rectangle(page, '.frame'), await rectangle(page, '#viewer-stage')];
    expect(frame.x).toBeCloseTo(stage.x, 0);
    await swipe(120, 0);
    await position.getByText('2 of 3').waitFor();
    expect(troubles).toEqual([]);
  });

  test('stays on the photo, zoomed as it is, when another face on it is pointed at', async () => {
    const { file, faces, beside } = await makeThree();
    const second = {
      ...beside,
      index: faceData('').index,
      box: { top: 550, right: 700, bottom: 850, left: 400 },
    };
    await makeGallery(temp(), [[faces[1] as FaceData, beside, second]]);
    const { page } = await browser.open(file, `#person-0/face-${faces[1]?.index}`);
    await page.locator('.other-box').nth(1).waitFor();
    await page.keyboard.press('+');
    await zoomIs(page, '=== 1.5');
    await page.evaluate('document.querySelector(".frame img").kept = true');
    await page.locator('.other-box').first().click();
    await page
      .getByRole('dialog')
      .getByText(/[23] of 3/)
      .waitFor();
    await zoomIs(page, '=== 1.5');
    expect(await page.evaluate('document.querySelector(".frame img").kept')).toBe(true);
    expect(await page.locator('.box').count()).toBe(1);
    expect(await page.locator('.other-box').count()).toBe(2);
  });

  test('has the photos beside it loaded when they are turned to', async () => {
    const { file } = await makeThree();
    const { page } = await browser.open(file, '#person-0');
    const asked = ['a.jpg', 'c.jpg'].map((name) =>
      page.waitForRequest((to) => to.url().endsWith(`/label0/${name}`)),
    );
    await page.locator('.faces a').nth(1).click();
    await Promise.all(asked);
    await closeViewer(page);
  });

  test('darkens nothing of the photo', async () => {
    const { file, faces } = await makeThree();
    const { page } = await browser.open(file, `#person-0/face-${faces[1]?.index}`);
    await page.locator('.other-box').waitFor();
    const over = `[...document.querySelectorAll('.frame > *')].filter((one) => one.localName !== 'img').map((one) => {
      const { backgroundColor, boxShadow } = getComputedStyle(one);
      return [backgroundColor, boxShadow.includes('vmax') || /\\b\\d{3,}px/.test(boxShadow)].join();
    })`;
    expect(new Set((await page.evaluate(over)) as string[])).toEqual(new Set(['rgba(0, 0, 0, 0),false']));
  });
});
