import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Locator, Page } from 'playwright-core';
import type { ClusterData, FaceData } from '../../src/result/export/clusters-data';
import { writeExport } from '../../src/result/export/exporter';
import { exportGallery } from '../../src/result/export/gallery/gallery';
import { closeViewer, describeWithBrowser, viewShown, waitUntil } from '../support/browser';
import { useTempFolder } from '../support/files';
import { clustersData, faceData, makeGallery, makeSmallGallery } from '../support/gallery';

const temp = useTempFolder();

const textsOf = (locator: Locator) => locator.allTextContents();
/** Whether the address is that of the face that the viewer shows, by its number, which stands for an id here. */
const ADDRESS_FOLLOWS =
  'location.hash.endsWith("/face-" + /file(\\d+)$/.exec(document.getElementById("viewer-details").textContent)[1])';
const summaryOf = (page: Page, text: string) => page.locator('.summary', { hasText: text });

describeWithBrowser('the gallery', (browser) => {
  test('opens from the disk without a word on the console, and asks for nothing outside of its folder', async () => {
    const { page, requests, troubles } = await browser.open(await makeSmallGallery(temp()));
    await page.getByRole('link', { name: /Person 1/ }).click();
    await page.getByRole('link', { name: /b2/ }).click();
    await page.locator('.box').waitFor();
    const folder = `${pathToFileURL(temp()).href}/`;
    expect(requests.filter((url) => !url.startsWith(folder) && url !== 'data:,')).toEqual([]);
    expect(requests).toContain(`${folder}label1/b2.jpg`);
    expect(troubles).toEqual([]);
  });

  test('shows those on most photos first, then the unsorted faces', async () => {
    const { page } = await browser.open(await makeSmallGallery(temp()));
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('2 people');
    expect(await page.locator('.summary').textContent()).toBe('6 faces on 6 photos · 1 unsorted face');
    expect(await textsOf(page.locator('.people h2'))).toEqual(['Person 1', 'Person 0', 'Unsorted faces']);
    expect(await textsOf(page.locator('.people p'))).toEqual(['3 photos', '2 photos', '1 photo']);
  });

  test('shows a person’s faces with file name and distance, nearest to the centre first or in another order', async () => {
    const { page, troubles } = await browser.open(await makeSmallGallery(temp()), '#person-1');
    const names = page.locator('.faces .name');
    await names.first().waitFor();
    expect(await textsOf(names)).toEqual(['b2.jpg', 'b3.jpg', 'b1.jpg']);
    expect(await textsOf(page.locator('.faces .detail'))).toEqual([
      'distance 0.10',
      'distance 0.20',
      'distance 0.40',
    ]);
    await page.getByLabel('Order').selectOption('least typical first');
    await names.first().getByText('b1').waitFor();
    expect(await textsOf(names)).toEqual(['b1.jpg', 'b3.jpg', 'b2.jpg']);
    await page.getByLabel('Order').selectOption('by file name');
    await names.nth(1).getByText('b2').waitFor();
    expect(await textsOf(names)).toEqual(['b1.jpg', 'b2.jpg', 'b3.jpg']);
    expect(troubles).toEqual([]);
  });

  test('says how many different photos a person is on, and of whom copies alone have made a person', async () => {
    const data = clustersData(
      [
        ['a', 'b', 'c'],
        ['d', 'e'],
      ].map((photos) => photos.map((photo) => faceData(photo))),
    );
    const [copied, other] = data.people as [ClusterData, ClusterData];
    const faces = copied.faces.map((face) => ({ ...face, photoId: 'ab'.repeat(32) }));
    const people = [{ ...copied, faces, distinctPhotos: 1, onlyCopies: true }, other];
    await writeExport(temp(), exportGallery, { ...data, people });
    const { page } = await browser.open(join(temp(), 'index.html'));
    await viewShown(page, '2 people');
    expect(await textsOf(page.locator('.people p'))).toEqual(['3 photos (1 different)', '2 photos']);
    const warning = page.getByText('Copies of the same photos made this a person');
    await page.getByRole('link', { name: /Person 0/ }).click();
    await warning.waitFor();
    await page.goBack();
    await page.getByRole('link', { name: /Person 1/ }).click();
    await viewShown(page, 'Person 1');
    expect(await warning.count()).toBe(0);
  });

  test('marks people who look like several, and says why', async () => {
    const data = clustersData([['a', 'b'], ['c']].map((photos) => photos.map((photo) => faceData(photo))));
    const [one, other] = data.people as [ClusterData, ClusterData];
    const reasons = ['photos', 'halves'] as const;
    const several = { reasons, photos: 2, halves: { distance: 0.7, share: 0.5 } };
    await writeExport(temp(), exportGallery, { ...data, people: [{ ...one, several }, other] });
    const { page } = await browser.open(join(temp(), 'index.html'));
    await viewShown(page, '2 people');
    expect(await textsOf(page.locator('.people h2'))).toEqual(['Person 0 · several people?', 'Person 1']);
    await page.getByRole('link', { name: /Person 0/ }).click();
    await page.getByText('two of them are on each of 2 photos; they fall into two groups').waitFor();
  });

  test('the unsorted faces have no distance, and no order by it', async () => {
    const unsorted = ['d.jpg', 'c.jpg'].map((photo) => faceData(photo, { distance: null }));
    const { page } = await browser.open(await makeGallery(temp(), [], unsorted), '#others');
    await viewShown(page, 'Unsorted faces');
    expect(await textsOf(page.locator('.faces .name'))).toEqual(['d.jpg', 'c.jpg']);
    expect(await textsOf(page.locator('.faces .detail'))).toEqual(['', '']);
    expect(await page.getByLabel('Order').count()).toBe(0);
  });

  test('a photo opens beside the page, from the folder of the person', async () => {
    const { page } = await browser.open(await makeSmallGallery(temp()), '#person-1');
    await page.getByRole('link', { name: /b3/ }).click();
    await page.keyboard.press('i');
    const photo = page.getByRole('dialog').getByRole('link', { name: 'b3.jpg' });
    expect(await photo.getAttribute('href')).toBe('label1/b3.jpg');
    const [opened] = await Promise.all([page.context().waitForEvent('page'), photo.click()]);
    await opened.waitForURL(pathToFileURL(join(temp(), 'label1/b3.jpg')).href);
  });

  test('finds photos by the name of their file, in upper or lower case', async () => {
    const { page, troubles } = await browser.open(await makeSmallGallery(temp()));
    await page.getByLabel('Search by file name').fill('B');
    await summaryOf(page, '3 photos').waitFor();
    await page.getByLabel('Search by file name').fill('B1');
    await summaryOf(page, '1 photo').waitFor();
    await page.locator('.photos').getByRole('link', { name: 'b1.jpg' }).waitFor();
    expect(await textsOf(page.locator('.photos .name'))).toEqual(['b1.jpg']);
    await page.getByLabel('Search by file name').fill('100% <nothing>');
    await summaryOf(page, 'Nothing was found').waitFor();
    await page.goBack();
    await viewShown(page, '2 people');
    expect(troubles).toEqual([]);
  });

  test('going back, forward and reloading lead where they should', async () => {
    const { page } = await browser.open(await makeSmallGallery(temp()));
    const dialog = page.getByRole('dialog');
    await page.getByRole('link', { name: /Person 1/ }).click();
    await page.getByRole('link', { name: /b2/ }).click();
    await dialog.getByText('1 of 3').waitFor();
    await page.keyboard.press('ArrowRight');
    await dialog.getByText('2 of 3').waitFor();
    await waitUntil(page, ADDRESS_FOLLOWS);
    await page.reload();
    await dialog.getByText('2 of 3').waitFor();
    await page.goBack();
    await dialog.waitFor({ state: 'hidden' });
    await viewShown(page, 'Person 1');
    await page.goBack();
    await viewShown(page, '2 people');
    await page.goForward();
    await viewShown(page, 'Person 1');
  });

  test('a search is one step, however it is typed, and the field says what is shown', async () => {
    const file = await makeGallery(temp(), [
      Array.from({ length: 4000 }, (_, i) => faceData(`photo${i}.jpg`)),
    ]);
    const { page } = await browser.open(file);
    const field = page.getByLabel('Search by file name');
    await viewShown(page, '1 person');
    // The first letters come while the faces are still being loaded for the search.
    await field.pressSequentially('photo12');
    await viewShown(page, 'Search for “photo12”');
    await page.goBack();
    await viewShown(page, '1 person');
    expect(await field.inputValue()).toBe('');
    await page.goForward();
    await viewShown(page, 'Search for “photo12”');
    expect(await field.inputValue()).toBe('photo12');
  });

  test('hundreds of photos can be gone through with a key held down, and typing can go on for long', async () => {
    const file = await makeGallery(temp(), [
      Array.from({ length: 900 }, (_, i) => faceData(`photo${i}.jpg`)),
    ]);
    const { page, troubles } = await browser.open(file, '#person-0');
    const dialog = page.getByRole('dialog');
    await page.locator('.faces a').first().click();
    await dialog.getByText('1 of 900').waitFor();
    for (let i = 0; i < 400; i++) await page.keyboard.press('ArrowRight');
    await dialog.getByText('401 of 900').waitFor();
    await waitUntil(page, ADDRESS_FOLLOWS);
    await page.reload();
    await dialog.getByText('401 of 900').waitFor();
    await closeViewer(page);
    const field = page.getByLabel('Search by file name');
    for (let i = 0; i < 25; i++) {
      await field.pressSequentially('photo89');
      await field.fill('');
    }
    await field.pressSequentially('photo899');
    await summaryOf(page, '1 photo').waitFor();
    expect(await field.inputValue()).toBe('photo899');
    expect(troubles).toEqual([]);
  });

  test('closing a photo leads back to the list, after a reload and by two clicks at once, too', async () => {
    const { page } = await browser.open(await makeSmallGallery(temp()));
    const dialog = page.getByRole('dialog');
    await page.getByRole('link', { name: /Person 1/ }).click();
    await page.getByRole('link', { name: /b2/ }).click();
    await dialog.getByText('1 of 3').waitFor();
    await page.reload();
    await dialog.getByText('1 of 3').waitFor();
    await closeViewer(page);
    await page.goBack();
    await viewShown(page, '2 people');
    await page.goForward();
    await page.getByRole('link', { name: /b2/ }).click();
    await dialog.getByText('1 of 3').waitFor();
    const steps = await page.evaluate(`(() => {
      let steps = 0;
      history.back = () => { steps++; History.prototype.back.call(history); };
      const close = document.getElementById('viewer-close');
      close.click();
      close.click();
      return steps;
    })()`);
    expect(steps).toBe(1);
    await dialog.waitFor({ state: 'hidden' });
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('Person 1');
  });

  test('says so when there is not one face', async () => {
    const { page, troubles } = await browser.open(await makeGallery(temp(), []));
    await page.getByText('No faces were found').waitFor();
    expect(troubles).toEqual([]);
  });

  test('says what is wrong when a file of it is missing or damaged', async () => {
    const file = await makeSmallGallery(temp());
    const faces = join(temp(), 'gallery/data/faces-0.js');
    const whole = readFileSync(faces);
    writeFileSync(faces, 'addPage("faces", 0, [{"ind');
    const damaged = await browser.open(file, '#person-1');
    await damaged.page.getByText('gallery/data/faces-0.js is missing or damaged').waitFor();
    await damaged.page.getByRole('link', { name: 'People on your photos' }).click();
    await viewShown(damaged.page, '2 people');
    rmSync(faces);
    const missing = await browser.open(file, '#person-1');
    await missing.page.getByText('gallery/data/faces-0.js is missing or damaged').waitFor();
    writeFileSync(faces, whole);
    await missing.page.getByRole('link', { name: 'People on your photos' }).click();
    await missing.page.getByRole('link', { name: /Person 1/ }).click();
    await viewShown(missing.page, 'Person 1');
    rmSync(join(temp(), 'gallery'), { recursive: true });
    const alone = await browser.open(file);
    await alone.page.getByText('It needs the folder “gallery”').waitFor();
  });

  test('names a face in the address by its id, and finds it by its number, as in the addresses of earlier pages', async () => {
    const id = '9f86d081884c7d65_10_50_50_10';
    const [one, copy, other] = ['one', 'copy', 'other'].map((name) => faceData(`p/${name}.jpg`)) as [
      FaceData,
      FaceData,
      FaceData,
    ];
    const named = [{ ...one, id }, { ...copy, id }, other];
    const { page } = await browser.open(await makeGallery(temp(), [named]), `#person-0/face-${copy.index}`);
    const name = page.locator('#viewer-details');
    const attached = { state: 'attached' } as const;
    await name.getByText('copy').waitFor(attached);
    await closeViewer(page);
    for (const [shown, hash] of [
      ['one', id],
      ['copy', `${id}~2`],
    ] as const) {
      await page.locator('.faces').getByRole('link', { name: shown }).click();
      await name.getByText(shown).waitFor(attached);
      expect(await page.evaluate('location.hash')).toBe(`#person-0/face-${hash}`);
      await page.reload();
      await name.getByText(shown).waitFor(attached);
      await closeViewer(page);
    }
  });

  test('loads what is looked at, not thousands of faces at once', async () => {
    const many = Array.from({ length: 1700 }, (_, i) => faceData(`p/${i}.jpg`));
    const file = await makeGallery(temp(), [many.slice(0, 200), many.slice(200)]);
    const { page, requests } = await browser.open(file);
    const pages = () => requests.flatMap((url) => /faces-\d+\.js$/.exec(url)?.[0] ?? []);
    await viewShown(page, '2 people');
    expect(pages()).toEqual([]);
    await page.getByRole('link', { name: /Person 0/ }).click();
    await viewShown(page, 'Person 0');
    expect(pages()).toEqual(['faces-3.js']);
    await page.getByRole('link', { name: 'All people' }).click();
    await page.getByRole('link', { name: /Person 1/ }).click();
    await viewShown(page, 'Person 1');
    expect(pages()).toEqual(['faces-3.js', 'faces-0.js', 'faces-1.js', 'faces-2.js']);
    expect(await page.locator('.faces li').count()).toBeLessThan(200);
  });
});
