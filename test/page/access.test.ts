import type { Page } from 'playwright-core';
import { accessProblems, closeViewer, describeWithBrowser, viewShown } from '../support/browser';
import { useTempFolder } from '../support/files';
import { faceData, makeGallery, makeSmallGallery } from '../support/gallery';

const temp = useTempFolder();

/** What the keyboard acts on: the text of the link, the label of the button or the id of the field. */
function focused(page: Page): Promise<string> {
  return page.evaluate(`(({ activeElement: element }) =>
    element.getAttribute('aria-label') || element.querySelector('h2, .name')?.textContent ||
    element.textContent.trim() || element.id)(document)`);
}

const press = async (page: Page, ...keys: string[]) => {
  for (const key of keys) await page.keyboard.press(key);
  return focused(page);
};

const PHONE = { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true };
const DESKTOP = { viewport: { width: 1280, height: 800 } };

describeWithBrowser('access', (browser) => {
  test.each([
    ['light, on a desktop', { ...DESKTOP, colorScheme: 'light' }],
    ['dark, on a desktop', { ...DESKTOP, colorScheme: 'dark' }],
    ['light, on a phone', { ...PHONE, colorScheme: 'light' }],
    ['dark, on a phone', { ...PHONE, colorScheme: 'dark' }],
  ] as const)('axe-core finds nothing wrong: %s', async (_, options) => {
    const gone = await browser.open(
      await makeGallery(temp(), [[faceData('gone.jpg')]]),
      '#person-0',
      options,
    );
    await gone.page.getByRole('link', { name: /gone/ }).waitFor();
    expect(await accessProblems(gone.page)).toEqual([]);
    await gone.page.getByRole('link', { name: /gone/ }).click();
    await gone.page.getByText('was not found, or could not be read').waitFor();
    expect(await accessProblems(gone.page)).toEqual([]);
    const { page } = await browser.open(await makeSmallGallery(temp()), '', options);
    await viewShown(page, '2 people');
    expect(await accessProblems(page)).toEqual([]);
    await page.getByRole('link', { name: /Person 1/ }).click();
    await viewShown(page, 'Person 1');
    expect(await accessProblems(page)).toEqual([]);
    await page.locator('.faces a').first().click();
    await page.locator('.box').waitFor();
    expect(await accessProblems(page)).toEqual([]);
    await closeViewer(page);
    await page.getByLabel('Search by file name').fill('1.jpg');
    await viewShown(page, /Search/);
    expect(await accessProblems(page)).toEqual([]);
  });

  test('the keyboard alone leads to a photo, through the person’s photos, and back to where it was', async () => {
    const { page } = await browser.open(await makeSmallGallery(temp()));
    await viewShown(page, '2 people');
    expect(await press(page, 'Tab')).toBe('Skip to the content');
    expect(await press(page, 'Enter', 'Tab')).toBe('1 unsorted face');
    expect(await press(page, 'Tab')).toBe('Person 1');
    expect(await press(page, 'ArrowRight')).toBe('Person 0');
    expect(await press(page, 'ArrowLeft')).toBe('Person 1');
    await page.keyboard.press('Enter');
    await viewShown(page, 'Person 1');
    expect(await focused(page)).toBe('Person 1');
    expect(await press(page, 'Tab', 'Tab', 'Tab', 'Tab', 'Tab')).toBe('b2.jpg');
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog');
    await dialog.getByText('1 of 3').waitFor();
    await page.keyboard.press('ArrowRight');
    await dialog.getByText('2 of 3').waitFor();
    await page.keyboard.press('End');
    await dialog.getByText('3 of 3').waitFor();
    await closeViewer(page);
    expect(await focused(page)).toBe('b1.jpg');
    await page.goBack();
    await viewShown(page, '2 people');
    expect(await focused(page)).toBe('Person 1');
  });

  test('the keyboard stays in the viewer while that is open', async () => {
    const { page } = await browser.open(await makeSmallGallery(temp()), '#person-1');
    await page.locator('.faces a').nth(1).click();
    await page.getByRole('dialog').waitFor();
    const stops: string[] = [];
    for (let i = 0; i < 7; i++) stops.push(await press(page, 'Tab'));
    const expected = ['Close', 'Previous', 'Next', 'Details', 'Person 1'];
    // Between the last and the first there may be the browser's own buttons.
    expect([...new Set(stops)].filter((stop) => expected.includes(stop)).sort()).toEqual(expected.sort());
    expect(stops).not.toContain('All people');
    expect(stops).not.toContain('query');
  });

  test('the keyboard stays in the viewer at the first and the last photo, too', async () => {
    const { page } = await browser.open(await makeSmallGallery(temp()), '#person-1');
    await page.locator('.faces a').first().click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('1 of 3').waitFor();
    for (const [button, steps, back] of [
      ['Next', ['2 of 3', '3 of 3'], 'ArrowLeft'],
      ['Previous', ['1 of 3'], 'ArrowRight'],
    ] as const) {
      for (const step of steps) {
        await page.getByLabel(button, { exact: true }).click();
        await dialog.getByText(step).waitFor();
      }
      await page.keyboard.press(back);
      await dialog.getByText('2 of 3').waitFor();
    }
  });

  test('the search field keeps the keyboard when it is emptied', async () => {
    const { page } = await browser.open(await makeSmallGallery(temp()));
    const field = page.getByLabel('Search by file name');
    await field.pressSequentially('b2');
    await viewShown(page, 'Search for “b2”');
    await page.keyboard.press('Backspace');
    await page.keyboard.press('Backspace');
    await viewShown(page, '2 people');
    await page.keyboard.type('a1');
    await viewShown(page, 'Search for “a1”');
    expect(await field.inputValue()).toBe('a1');
  });

  test('arrow keys go up and down in rows', async () => {
    const faces = Array.from({ length: 200 }, (_, i) => faceData(`${String(i).padStart(3, '0')}.jpg`));
    const file = await makeGallery(temp(), [faces]);
    const { page } = await browser.open(file, '#person-0', { viewport: { width: 700, height: 500 } });
    await page.locator('.faces a').first().focus();
    const [columns = Number.NaN] = [Number.parseInt(await press(page, 'ArrowDown'), 10)];
    expect(columns).toBeGreaterThan(1);
    expect(await press(page, 'ArrowDown', 'ArrowRight')).toBe(
      `${String(2 * columns + 1).padStart(3, '0')}.jpg`,
    );
    expect(await press(page, 'ArrowUp', 'ArrowUp', 'ArrowLeft')).toBe('000.jpg');
  });

  test('a new view is announced by its heading, what was searched for by the number of hits', async () => {
    const { page } = await browser.open(await makeSmallGallery(temp()));
    await page.getByRole('link', { name: /Person 0/ }).click();
    await viewShown(page, 'Person 0');
    expect(await focused(page)).toBe('Person 0');
    expect(await page.title()).toMatch(/^Person 0/);
    await page.getByLabel('Search by file name').pressSequentially('b2');
    await page.getByRole('status').getByText('1 photo').waitFor({ state: 'attached' });
    expect(await focused(page)).toBe('query');
  });

  test.each([320, 360, 768])('nothing is cut off on a screen %i pixels wide', async (width) => {
    const long = `${'Großmutters_Geburtstag'.repeat(9)}.jpg`;
    const face = faceData(`${'folder/'.repeat(20)}${long}`);
    const file = await makeGallery(temp(), [[face, faceData('b.jpg')]]);
    const { page } = await browser.open(file, '', { ...PHONE, viewport: { width, height: 640 } });
    const overflow = `document.documentElement.scrollWidth - innerWidth`;
    await viewShown(page, '1 person');
    expect(await page.evaluate(overflow)).toBe(0);
    await page.getByRole('link', { name: /Person 0/ }).click();
    await viewShown(page, 'Person 0');
    expect(await page.evaluate(overflow)).toBe(0);
    await page.getByLabel('Search by file name').fill(long.slice(0, 150));
    await viewShown(page, /Search/);
    expect(await page.evaluate(overflow)).toBe(0);
    await page.locator('.photos a[href]').first().click();
    const dialog = page.getByRole('dialog');
    await dialog.waitFor();
    const name = await page.locator('#viewer-name').boundingBox();
    expect((name?.x ?? -1) >= 0 && (name?.x ?? 0) + (name?.width ?? 0)).toBeLessThanOrEqual(width);
    expect((name?.y ?? 0) + (name?.height ?? 0)).toBeLessThanOrEqual(640);
  });
});
