import type { Page } from 'playwright-core';
import type { FaceData } from '../../src/result/export/clusters-data';
import { accessProblems, closeViewer, describeWithBrowser, viewShown, waitUntil } from '../support/browser';
import { useTempFolder } from '../support/files';
import { faceData, makeGallery, type Painted, paintFace } from '../support/gallery';

const temp = useTempFolder();

const PHOTO: Painted = { width: 400, height: 300, box: { top: 60, right: 160, bottom: 160, left: 60 } };

/** A face on a photo of `folder`, which is taken then. */
async function painted(folder: string, file: string, taken: string | null): Promise<FaceData> {
  const face = await paintFace(temp(), `label0/${file}`, PHOTO);
  const photoId = file.padEnd(64, '0').replace(/[^0-9a-f]/g, 'a');
  return { ...face, photo: `photos/${folder}/${file}`, photoId, photoTaken: taken };
}

const alsoOn = (face: FaceData): FaceData => ({
  ...face,
  index: faceData('').index,
  box: { top: 60, right: 360, bottom: 160, left: 260 },
});

/**
 * Person 0 is on all photos, person 1 on two of 2023, person 2 on one of these; one photo has no date.
 */
async function makePhotos(): Promise<string> {
  const beach = await painted('Beach', 'b1.jpg', '2023-07-31T18:05:09');
  const lake = await painted('Lake', 'b2.jpg', '2023-08-01T00:00:00+02:00');
  const old = await painted('Albums', 'b3.jpg', '1999-12-31T23:59:59');
  const undated = await painted('Scans', 'b4.jpg', null);
  return makeGallery(
    temp(),
    [[beach, lake, old, undated], [alsoOn(beach), alsoOn(lake)], [alsoOn(lake)]].map((faces, label) =>
      faces.map((face) => (label === 2 ? { ...face, box: { ...face.box, bottom: 150 } } : face)),
    ),
  );
}

const photosShown = async (page: Page) => {
  await page.locator('.photos a[href]').first().waitFor();
  await waitUntil(page, '!document.querySelector(".photos a:not([href])")');
  return page
    .locator('.photos a')
    .evaluateAll((links) =>
      (links as unknown as { querySelectorAll(what: string): Iterable<{ textContent: string }> }[]).map(
        (link) =>
          [...link.querySelectorAll('.name, .detail')].map(({ textContent }) => textContent).join(', '),
      ),
    );
};

const ALL = ['1 August 2023, Lake', '31 July 2023, Beach', '31 December 1999, Albums', 'b4.jpg, Scans'];
const headings = (page: Page) => page.getByRole('heading', { level: 2 }).allTextContents();

describeWithBrowser('photos', (browser) => {
  test('are in the order in which they were taken, below their years, with date and folder', async () => {
    const { page, troubles } = await browser.open(await makePhotos());
    await page.getByRole('link', { name: 'Photos', exact: true }).click();
    await viewShown(page, 'Photos');
    expect(await photosShown(page)).toEqual(ALL);
    expect(await headings(page)).toEqual(['2023', '1999', 'Without a date']);
    expect(await page.locator('.summary').textContent()).toBe('4 photos');
    // Screen readers are told who is on it, and which file it is.
    await page
      .getByRole('link', { name: '1 August 2023 Lake b2.jpg, Person 0, Person 1, Person 2' })
      .waitFor();
    expect(troubles).toEqual([]);
    expect(await accessProblems(page)).toEqual([]);
  });

  test('a video counts as one, and how many frames of it are shown is said', async () => {
    const beach = await painted('Beach', 'b1.jpg', '2023-07-31T18:05:09');
    const frames = ['clip.mp4#t=0', 'clip.mp4#t=3', 'clip.mp4#t=12', 'other.mp4#t=0'].map((name) => ({
      ...alsoOn(beach),
      photo: `photos/Beach/${name}`,
      photoId: null,
    }));
    const gallery = await makeGallery(temp(), [[beach, ...frames], [alsoOn(beach)]]);
    const { page, troubles } = await browser.open(gallery, '#photos');
    await viewShown(page, 'Photos');
    await page.getByText('3 photos, among them 4 frames of 2 videos').waitFor();
    await page.getByRole('link', { name: 'People', exact: true }).click();
    await page.getByText('6 faces on 3 photos').waitFor();
    await page.getByText('3 photos, 5 faces').waitFor();
    expect(troubles).toEqual([]);
  });

  test('are opened and gone through as a whole, whoever is on them', async () => {
    const { page, troubles } = await browser.open(await makePhotos(), '#photos');
    await page.getByRole('link', { name: /Beach/ }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('2 of 4').waitFor();
    expect(await page.locator('#viewer-name').textContent()).toBe('Person 0, Person 1');
    expect(await page.locator('#viewer-facts').textContent()).toBe('31 July 2023, 18:05 · Beach');
    await page.locator('.other-box').nth(1).waitFor();
    expect(await page.locator('.box').count()).toBe(0);
    await page.keyboard.press('ArrowRight');
    await page.locator('#viewer-facts').getByText('31 December 1999').waitFor();
    await waitUntil(page, 'location.hash.startsWith("#photos/photo-b3a")');
    await page.reload();
    await dialog.getByText('3 of 4').waitFor();
    expect(troubles).toEqual([]);
    expect(await accessProblems(page)).toEqual([]);
    await closeViewer(page);
    expect(await page.evaluate('location.hash')).toBe('#photos');
    expect(await page.evaluate('document.activeElement.textContent')).toMatch(/Albums/);
  });

  test('of a person take the place of the person’s faces, and back', async () => {
    const { page } = await browser.open(await makePhotos(), '#person-1');
    await viewShown(page, 'Person 1');
    await page.getByRole('link', { name: 'Photos', exact: true }).last().click();
    expect(await photosShown(page)).toEqual(ALL.slice(0, 2));
    expect(await page.evaluate('location.hash')).toBe('#person-1?show=photos');
    await page.reload();
    expect(await photosShown(page)).toEqual(ALL.slice(0, 2));
    await page.getByRole('link', { name: /Lake/ }).click();
    await page.getByRole('dialog').getByText('1 of 2').waitFor();
    await closeViewer(page);
    await page.getByRole('link', { name: 'Faces' }).click();
    await page.locator('.faces li').nth(1).waitFor();
    expect(await page.locator('.photos').count()).toBe(0);
  });

  test.each([
    ['with=0,1', 'Photos of Person 0 and Person 1', ALL.slice(0, 2)],
    ['with=0,1&without=2', 'Photos of Person 0 and Person 1, not Person 2', ALL.slice(1, 2)],
    ['without=1', 'Photos without Person 1', ALL.slice(2)],
    ['faces=several', 'Photos with several faces', ALL.slice(0, 2)],
    [
      'with=0&faces=several&without=2',
      'Photos with several faces of Person 0, not Person 2',
      ALL.slice(1, 2),
    ],
  ])('of several people at once: %s', async (address, title, photos) => {
    const { page } = await browser.open(await makePhotos(), `#photos?${address}`);
    await viewShown(page, title);
    expect(await photosShown(page)).toEqual(photos);
  });

  test('that nobody is on are none', async () => {
    const { page } = await browser.open(await makePhotos(), '#photos?with=2&without=0');
    await viewShown(page, 'Photos of Person 2, not Person 0');
    await page.getByText('There is no such photo.').waitFor();
    expect(await page.locator('.summary').textContent()).toBe('0 photos');
    expect(await accessProblems(page)).toEqual([]);
  });

  test('are chosen by people, with the keyboard alone', async () => {
    const { page, troubles } = await browser.open(await makePhotos(), '#photos');
    await viewShown(page, 'Photos');
    const field = page.getByRole('combobox', { name: 'Add a person' });
    await field.focus();
    await page.keyboard.type('person 1');
    await page.keyboard.press('Enter');
    await viewShown(page, 'Photos of Person 1');
    expect(await page.evaluate('location.hash')).toBe('#photos?with=1');
    // The field is there for the next one.
    await page.keyboard.type('2');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await viewShown(page, 'Photos of Person 1 and Person 2');
    await page.getByRole('button', { name: 'With Person 2: change to without' }).press('Enter');
    await viewShown(page, 'Photos of Person 1, not Person 2');
    expect(await page.evaluate('location.hash')).toBe('#photos?with=1&without=2');
    expect(await photosShown(page)).toEqual(ALL.slice(1, 2));
    await page.getByRole('button', { name: 'Leave Person 1 out of the choice' }).press('Enter');
    await viewShown(page, 'Photos without Person 2');
    await page.getByLabel('Which photos').selectOption('with several faces');
    await viewShown(page, 'Photos with several faces without Person 2');
    // A result of "cluster" knows of no photos without faces.
    expect(await page.getByRole('option', { name: 'without a face' }).count()).toBe(0);
    expect(troubles).toEqual([]);
  });

  test('thousands of them scroll as one list; what is looked at is loaded, and no more', async () => {
    const many = Array.from({ length: 4000 }, (_, i) =>
      faceData(`p/${i}.jpg`, { photoTaken: `${2020 - Math.floor(i / 900)}-01-01T00:00:00` }),
    );
    const { page, requests, troubles } = await browser.open(await makeGallery(temp(), [many]), '#photos');
    await viewShown(page, 'Photos');
    await photosShown(page);
    expect(await headings(page)).toEqual(['2020', '2019', '2018', '2017', '2016']);
    expect(await page.locator('.photos li').count()).toBeLessThan(200);
    const pages = () => requests.flatMap((url) => /(?:photos|faces)-\d+\.js$/.exec(url)?.[0] ?? []);
    expect(pages()).toEqual(['photos-0.js']);
    await page.evaluate('scrollTo(0, document.documentElement.scrollHeight)');
    await page.locator('[aria-posinset="4000"] a[href]').waitFor();
    expect(pages().sort()).toEqual(['photos-0.js', 'photos-7.js']);
    // Arrow keys lead from the last one of a year to the next year.
    await page.evaluate('scrollTo(0, 0)');
    await page.locator('[aria-posinset="1"] a[href]').waitFor();
    const focused = 'document.activeElement.closest("li").ariaPosInSet';
    await page.locator('[aria-posinset="1"] a').focus();
    await page.goto(page.url().replace(/#.*/, '#people'));
    await viewShown(page, '1 person');
    await page.goBack();
    await viewShown(page, 'Photos');
    await page.evaluate('document.querySelectorAll("section")[1].scrollIntoView()');
    await page.locator('[aria-posinset="901"] a[href]').focus();
    await page.keyboard.press('ArrowLeft');
    expect(await page.evaluate(focused)).toBe('900');
    await page.keyboard.press('ArrowDown');
    expect(await page.evaluate(focused)).toBe('901');
    expect(troubles).toEqual([]);
  });
});

describeWithBrowser('the search', (browser) => {
  test('finds photos by a part of their file’s name, or, with a slash, of their path', async () => {
    const { page } = await browser.open(await makePhotos());
    const field = page.getByRole('searchbox');
    await field.fill('B1');
    await viewShown(page, 'Search for “B1”');
    expect(await photosShown(page)).toEqual(ALL.slice(1, 2));
    await field.fill('beach');
    await page.locator('.summary').getByText('Nothing was found').waitFor();
    await field.fill('beach/');
    await viewShown(page, 'Search for “beach/”');
    expect(await photosShown(page)).toEqual(ALL.slice(1, 2));
    await page.getByRole('link', { name: /Beach/ }).click();
    await page.getByRole('dialog').getByText('1 of 1').waitFor();
  });

  test('tells its rule when nothing is found', async () => {
    const { page } = await browser.open(await makePhotos(), '#search=nobody');
    await page
      .getByText(/people by a part of their name, and for photos by a part of their file’s name/)
      .waitFor();
    expect(await page.locator('.photos').count()).toBe(0);
    expect(await accessProblems(page)).toEqual([]);
  });
});
