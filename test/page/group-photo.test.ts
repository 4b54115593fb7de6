import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { FaceData } from '../../src/result/export/clusters-data';
import {
  accessProblems,
  closeViewer,
  describeWithBrowser,
  type TestBrowser,
  viewShown,
} from '../support/browser';
import { useTempFolder } from '../support/files';
import { faceData, makeGallery, type Painted, paintFace } from '../support/gallery';

const temp = useTempFolder();

const PHOTO: Painted = { width: 800, height: 500, box: { top: 100, right: 260, bottom: 200, left: 160 } };

/** A face on a photo that {@link paintFace} has painted another one on. */
function alsoOn(face: FaceData, left: number, top = 120): FaceData {
  return { ...face, index: faceData('').index, box: { top, right: left + 80, bottom: top + 80, left } };
}

/** Person 0 and person 1 on group.jpg with a stranger between them; person 1 on alone.jpg as well. */
async function openGroup(browser: TestBrowser) {
  const zero = await paintFace(temp(), 'label0/group.jpg', PHOTO);
  const one = alsoOn(zero, 600);
  const stranger = { ...alsoOn(zero, 400), distance: null };
  const alone = await paintFace(temp(), 'label1/alone.jpg', PHOTO);
  const file = await makeGallery(temp(), [[zero], [one, alone]], [stranger]);
  return { zero, one, stranger, alone, file, open: (hash: string) => browser.open(file, hash) };
}

describeWithBrowser('a photo with several people', (browser) => {
  test('shows where the others are, and who', async () => {
    const { zero, one, open } = await openGroup(browser);
    const { page, troubles } = await open(`#person-0/face-${zero.index}`);
    const others = page.locator('.other-box');
    await others.nth(1).waitFor();
    expect(await others.count()).toBe(2);
    expect(await page.locator('.box').count()).toBe(1);
    const frame = await page.locator('.frame').boundingBox();
    const box = await page.locator('.other-box', { hasText: 'Person 1' }).boundingBox();
    if (!frame || !box) throw new Error('There is no box.');
    const scale = frame.width / PHOTO.width;
    expect(box.x - frame.x).toBeCloseTo(one.box.left * scale, 0);
    expect(box.y - frame.y).toBeCloseTo(one.box.top * scale, 0);
    expect(box.width).toBeCloseTo(80 * scale, 0);
    expect(box.height).toBeCloseTo(80 * scale, 0);
    expect(await page.locator('#viewer-others').textContent()).toBe(
      'Also on this photo: 1 unsorted face, Person 1',
    );
    expect(troubles).toEqual([]);
    expect(await accessProblems(page)).toEqual([]);
  });

  test('leads to them, from the photo and from the words below it', async () => {
    const { zero, one, stranger, open } = await openGroup(browser);
    const { page, troubles } = await open(`#person-0/face-${zero.index}`);
    const hash = () => page.evaluate('location.hash');
    const fact = page.locator('#viewer-name a');
    await page.locator('.other-box', { hasText: 'Person 1' }).click();
    await fact.getByText('Person 1').waitFor();
    expect(await hash()).toBe(`#person-1/face-${one.index}`);
    await page.locator('#viewer-others').getByRole('link', { name: '1 unsorted face' }).click();
    await fact.getByText('Unsorted face').waitFor();
    expect(await hash()).toBe(`#unsorted/face-${stranger.index}`);
    await closeViewer(page);
    await viewShown(page, 'Unsorted faces');
    await page.goBack();
    await fact.getByText('Person 1').waitFor();
    expect(troubles).toEqual([]);
  });

  test('another face of the same list is a step in the viewer, which closes at once', async () => {
    const first = { ...(await paintFace(temp(), 'label-1/group.jpg', PHOTO)), distance: null };
    const second = alsoOn(first, 500);
    const file = await makeGallery(temp(), [], [first, second]);
    const { page } = await browser.open(file, '#people');
    const dialog = page.getByRole('dialog');
    for (const link of ['.other-box', '#viewer-others a']) {
      await page.getByRole('link', { name: /Unsorted faces/ }).click();
      await page.locator('.faces a').first().click();
      await dialog.getByText('1 of 2').waitFor();
      await page.locator(link).click();
      await dialog.getByText('2 of 2').waitFor();
      await closeViewer(page);
      expect(await page.evaluate('location.hash')).toBe('#unsorted');
      await page.locator('.faces a').first().click();
      await dialog.waitFor();
      await page.locator('#viewer-name a').click();
      await dialog.waitFor({ state: 'hidden' });
      await page.goBack();
      await viewShown(page, '0 people');
    }
  });

  test('names at the edge of the photo stay on the screen', async () => {
    const first = await paintFace(temp(), 'label0/wide.jpg', { ...PHOTO, width: 2000 });
    const file = await makeGallery(temp(), [[first], [alsoOn(first, 0)], [alsoOn(first, 1920)]]);
    const viewport = { width: 390, height: 844 };
    const { page } = await browser.open(file, `#person-0/face-${first.index}`, { viewport });
    await page.locator('.other-box').nth(1).waitFor();
    for (const name of ['Person 1', 'Person 2']) {
      const { x = -1, width = 0 } =
        (await page.locator('.other-box span', { hasText: name }).boundingBox()) ?? {};
      expect(x).toBeGreaterThanOrEqual(0);
      expect(x + width).toBeLessThanOrEqual(viewport.width);
    }
    expect(await page.evaluate('document.getElementById("viewer").scrollWidth')).toBe(viewport.width);
  });

  test('nobody else is on a photo with one face', async () => {
    const { one, alone, open } = await openGroup(browser);
    const { page } = await open(`#person-1/face-${alone.index}`);
    await page.locator('.box').waitFor();
    expect(await page.locator('.other-box').count()).toBe(0);
    expect(await page.locator('#viewer-others').textContent()).toBe('');
    // Nor does anybody stay there from the photo before.
    await page.goto(page.url().replace(/face-\d+$/, `face-${one.index}`));
    await page.locator('.other-box').first().waitFor();
    await page.goto(page.url().replace(/face-\d+$/, `face-${alone.index}`));
    await page.locator('#viewer-details').getByText('alone.jpg').waitFor({ state: 'attached' });
    expect(await page.locator('.other-box').count()).toBe(0);
    expect(await page.locator('#viewer-others').textContent()).toBe('');
  });

  test('names as many as there is room for', async () => {
    const first = await paintFace(temp(), 'label0/crowd.jpg', { ...PHOTO, width: 2000 });
    const crowd = Array.from({ length: 40 }, (_, i) => [alsoOn(first, 100 + 45 * i, 300)]);
    const file = await makeGallery(temp(), [[first], ...crowd]);
    const { page } = await browser.open(file, `#person-0/face-${first.index}`);
    await page.locator('.other-box').nth(39).waitFor();
    expect(await page.locator('#viewer-others').textContent()).toMatch(
      /^Also on this photo: Person 1, .*Person 12 and 28 more$/,
    );
    expect(await page.locator('.other-box span:visible').count()).toBe(0);
    await page.locator('.other-box').first().hover();
    expect(await page.locator('.other-box span:visible').count()).toBe(1);
  });

  test('of two faces that overlap, the smaller one can be pointed at', async () => {
    const { zero } = await openGroup(browser);
    const small = alsoOn(zero, 500);
    const large = {
      ...small,
      index: faceData('').index,
      box: { top: 50, right: 760, bottom: 450, left: 400 },
    };
    const file = await makeGallery(temp(), [[zero], [small], [large]]);
    const { page } = await browser.open(file, `#person-0/face-${zero.index}`);
    await page.locator('.other-box', { hasText: 'Person 1' }).click();
    await page.locator('#viewer-name').getByText('Person 1').waitFor();
  });

  test('is shown without the others, and a word why, where their file is missing', async () => {
    const { zero, open } = await openGroup(browser);
    rmSync(join(temp(), 'gallery/data/photos-0.js'));
    const { page } = await open(`#person-0/face-${zero.index}`);
    await page.locator('.box').waitFor();
    await page.getByText('gallery/data/photos-0.js is missing or damaged').waitFor();
  });

  test('gives way to what is wrong when the faces of another person are missing', async () => {
    const many = Array.from({ length: 600 }, (_, i) => faceData(`${i}.jpg`));
    const zero = await paintFace(temp(), 'label1/group.jpg', PHOTO);
    const file = await makeGallery(temp(), [[...many, alsoOn(zero, 400)], [zero]]);
    rmSync(join(temp(), 'gallery/data/faces-0.js'));
    const { page } = await browser.open(file, `#person-1/face-${zero.index}`);
    await page.locator('.other-box').click();
    await viewShown(page, 'This page is not complete');
    expect(await page.evaluate('document.activeElement.textContent')).toBe('This page is not complete');
    expect(await page.getByRole('dialog').isVisible()).toBe(false);
    await page.keyboard.press('ArrowRight');
    await page.goBack();
    await page.locator('h1', { hasText: 'Person 1' }).waitFor({ state: 'attached' });
    await page.getByRole('dialog').waitFor();
  });
});
