import { join } from 'node:path';
import type { Page } from 'playwright-core';
import type { ClusterData, FaceData } from '../../src/result/export/clusters-data';
import { writeExport } from '../../src/result/export/exporter';
import { exportGallery } from '../../src/result/export/gallery/gallery';
import { accessProblems, closeViewer, describeWithBrowser, viewShown } from '../support/browser';
import { useTempFolder } from '../support/files';
import { clustersData, faceData, type Painted, paintFace } from '../support/gallery';

const temp = useTempFolder();
const PHOTO: Painted = { width: 600, height: 300, box: { top: 100, right: 200, bottom: 200, left: 100 } };
const LONG =
  'Großtante Ottilie Wilhelmine von und zu Hohenfels-Brandenburg, geborene Müller, die vom See'.padEnd(
    200,
    'x',
  );
const RIGHT_TO_LEFT = 'סבתא רבתא ירושלמי';
const HOSTILE = '<img src=x onerror=alert(1)>"\' \u202e&amp;';

/** People 2 to 5: one of them without a name, all of them on the first photo. */
async function makeNamed(): Promise<string> {
  const everybody = await paintFace(temp(), 'album/all.jpg', PHOTO);
  const people: FaceData[][] = [];
  for (const [i, count] of [4, 3, 2, 1].entries()) {
    const box = { top: 100, right: 140 + 120 * i, bottom: 180, left: 60 + 120 * i };
    const faces = [{ ...everybody, ...faceData('photos/all.jpg', { ...everybody, box, index: 100 + i }) }];
    for (let n = 1; n < count; n++) faces.push(await paintFace(temp(), `album/${i}-${n}.jpg`, PHOTO));
    people.push(faces);
  }
  const names = [null, LONG, RIGHT_TO_LEFT, HOSTILE];
  const data = clustersData(people, [faceData('stranger.jpg', { distance: null })]);
  const several = { reasons: ['photos' as const], photos: 1, halves: null };
  await writeExport(temp(), exportGallery, {
    ...data,
    lastingLabels: true,
    people: data.people.map((person, i): ClusterData => {
      return { ...person, label: i + 2, name: names[i] ?? null, several: i < 3 ? several : null };
    }),
  });
  return join(temp(), 'index.html');
}

const PHONE = { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true };

/** How far something in the page reaches beyond the screen. */
const tooWide = (page: Page) =>
  page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');

describeWithBrowser('people who last', (browser) => {
  test('are called by their names, in every place where they are spoken of, and keep their numbers as addresses', async () => {
    const { page, troubles } = await browser.open(await makeNamed());
    await viewShown(page, '4 people');
    expect(await page.locator('.people bdi').allTextContents()).toEqual([
      'Person 02',
      LONG,
      RIGHT_TO_LEFT,
      HOSTILE,
      'Unsorted faces',
    ]);
    await page.locator('.people a').nth(2).click();
    await viewShown(page, RIGHT_TO_LEFT);
    expect(page.url()).toMatch(/#person-4$/);
    expect(await page.title()).toBe(`${RIGHT_TO_LEFT} – People on your photos`);
    // What helps where people are made anew each time is no help here.
    expect(await page.locator('.hint', { hasText: 'several people' }).textContent()).not.toMatch('--eps');
    await page.getByRole('link', { name: /all/ }).click();
    await page.locator('.box').waitFor();
    expect(await page.locator('#viewer-name a').textContent()).toBe(RIGHT_TO_LEFT);
    await page.locator('#viewer-others a').nth(2).waitFor();
    const others = ['Person 02', LONG, HOSTILE];
    expect(await page.locator('#viewer-others a').allTextContents()).toEqual(others);
    expect((await page.locator('.other-box span').allTextContents()).sort()).toEqual([...others].sort());
    await page.locator('#viewer-others a', { hasText: 'Person 02' }).click();
    await page.locator('#viewer-name a', { hasText: 'Person 02' }).waitFor();
    await closeViewer(page);
    expect(troubles).toEqual([]);
  });

  test('are found by their names, beside photos by theirs', async () => {
    const { page, troubles } = await browser.open(await makeNamed());
    const field = page.getByLabel('Search by name or file name');
    await field.fill('hohenFELS');
    await viewShown(page, /hohenFELS/);
    await page.locator('.people').getByRole('heading', { name: LONG }).waitFor();
    expect(await page.locator('.summary').textContent()).toBe('1 person · 3 photos');
    const names = page.locator('.photos .name');
    await names.getByText('all.jpg').waitFor();
    expect((await names.allTextContents()).sort()).toEqual(['1-1.jpg', '1-2.jpg', 'all.jpg']);
    await field.fill('0-3');
    await viewShown(page, /0-3/);
    expect(await page.locator('.people li').count()).toBe(0);
    await names.getByText('0-3.jpg').waitFor();
    await field.fill('nobody');
    await page.getByText('people by a part of their name').waitFor();
    expect(troubles).toEqual([]);
  });

  test.each([
    ['a desktop', {}],
    ['a phone', PHONE],
  ])(
    'names fit on the screen of %s, however long, and whichever way they are written',
    async (_, options) => {
      const { page } = await browser.open(await makeNamed(), '', options);
      await viewShown(page, '4 people');
      expect(await tooWide(page)).toBeLessThanOrEqual(0);
      expect(await accessProblems(page)).toEqual([]);
      // A long name hides nothing behind it.
      const mark = await page.locator('.people li').nth(1).locator('.mark').boundingBox();
      const card = await page.locator('.people li').nth(1).boundingBox();
      if (!mark || !card) throw new Error('The card has no mark.');
      expect(mark.x + mark.width).toBeLessThanOrEqual(card.x + card.width + 1);
      await page.locator('.people a').nth(1).click();
      await viewShown(page, LONG);
      expect(await tooWide(page)).toBeLessThanOrEqual(0);
      await page.getByRole('link', { name: /all/ }).click();
      await page.locator('.box').waitFor();
      await page.locator('#viewer-others a').nth(2).waitFor();
      expect(await accessProblems(page)).toEqual([]);
      await closeViewer(page);
      await page.goto(`${page.url().replace(/#.*/, '')}#person-2`);
      await viewShown(page, 'Person 02');
      await page.getByRole('link', { name: /all/ }).click();
      await page.locator('#viewer-others a').nth(2).waitFor();
      for (const what of ['#viewer-others a', '.other-box.named span']) {
        for (const name of await page.locator(what).all()) {
          const box = await name.boundingBox();
          if (!box) throw new Error(`A name in ${what} is not shown.`);
          expect(box.x).toBeGreaterThanOrEqual(0);
          expect(box.x + box.width).toBeLessThanOrEqual(page.viewportSize()?.width ?? 0);
        }
      }
    },
  );
});
