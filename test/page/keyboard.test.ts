import type { Locator, Page } from 'playwright-core';
import { closeViewer, describeWithBrowser, viewShown, waitUntil } from '../support/browser';
import {
  card,
  nameButton,
  nameOf,
  STRICTLY,
  sortStrictly,
  toast,
  usePeoplePage,
} from '../support/people-page';

/** More than there are stops on a view before its end. */
const MOST_STOPS = 120;

async function hasKeyboard(page: Page, one: Locator): Promise<boolean> {
  return (await one.and(page.locator(':focus')).count()) > 0;
}

/** Goes to what can be used by Tab, as somebody would who sees where the keyboard is. */
async function tabTo(page: Page, to: Locator, key: 'Tab' | 'Shift+Tab' = 'Tab'): Promise<void> {
  await to.waitFor();
  for (let stops = 0; stops < MOST_STOPS; stops++) {
    await page.keyboard.press(key);
    if (await hasKeyboard(page, to)) return;
  }
  throw new Error(`${to} is not reached by ${key}.`);
}

/** Notes each key that is pressed while the keyboard is nowhere, but for the first: then it can't be anywhere. */
async function watchKeys(page: Page): Promise<void> {
  await page.keyboard.press('Tab');
  await page.evaluate(`(() => {
    window.nowhere = [];
    addEventListener('keydown', ({ key }) => {
      const { activeElement } = document;
      if (!activeElement || activeElement === document.body) nowhere.push(location.hash + ': ' + key);
    }, true);
    window.pointed = 0;
    addEventListener('pointerdown', () => pointed++, true);
  })()`);
}

describeWithBrowser('with the keyboard alone', (browser) => {
  const open = usePeoplePage(browser, sortStrictly, STRICTLY);

  test('people are named, merged, corrected, asked about; photos are opened and chosen', async () => {
    const { page } = await open();
    const link = (name: string | RegExp) => page.getByRole('link', { name, exact: true });
    const press = (key: string) => page.keyboard.press(key);
    await watchKeys(page);

    // Five names.
    await tabTo(page, nameButton(page, 1));
    await press('Enter');
    const names = ['Anna', 'Ben', 'Carl', 'Dora', 'Émile'];
    for (const name of names) {
      await page.keyboard.type(name);
      await press('Enter');
    }
    await press('Escape');
    await page.locator('.state', { hasText: '5 changes' }).waitFor();
    expect(await Promise.all([1, 2, 3, 4, 5].map((label) => nameOf(page, label)))).toEqual(names);

    // Two who are one, and are two again.
    await tabTo(page, card(page, 6).locator('a'), 'Shift+Tab');
    await press('Space');
    await press('Shift+ArrowRight');
    await press('Tab');
    await press('Enter');
    await viewShown(page, '25 people');
    await press('Control+z');
    await viewShown(page, STRICTLY);

    // A face that is not Anna's; Undo is in what is told of it.
    await tabTo(page, card(page, 1).locator('a'), 'Shift+Tab');
    await press('Enter');
    await viewShown(page, 'Anna, change the name');
    await tabTo(page, page.locator('.faces a').first());
    await press('ArrowRight');
    await press('Space');
    await tabTo(page, page.getByRole('button', { name: 'Not Anna' }));
    await press('Enter');
    await toast(page, 'This face is not Anna.').waitFor();
    const faces = (n: number) =>
      waitUntil(page, `document.querySelector('.faces li')?.ariaSetSize === '${n}'`);
    await faces(6);
    await tabTo(page, toast(page, 'not Anna').getByRole('button', { name: 'Undo' }));
    await press('Enter');
    await toast(page, 'Undone.').waitFor();
    await faces(7);

    // Who is the same person.
    await tabTo(page, link(/^Same person/), 'Shift+Tab');
    await press('Enter');
    await viewShown(page, 'Same person?');
    const asked = await page.locator('.who').allTextContents();
    await press('y');
    await toast(page, 'are one').waitFor();
    await press('u');
    await toast(page, 'Undone').waitFor();
    await waitUntil(
      page,
      `JSON.stringify([...document.querySelectorAll('.who')].map((one) => one.textContent)) === ${JSON.stringify(JSON.stringify(asked))}`,
    );

    // A photo is opened, the next one, and left.
    await tabTo(page, link('Photos'), 'Shift+Tab');
    await press('Enter');
    await viewShown(page, 'Photos');
    const photos = page.locator('.photos a[href]');
    await tabTo(page, photos.first());
    await press('Enter');
    const dialog = page.getByRole('dialog');
    await dialog.getByText('1 of').waitFor();
    await press('ArrowRight');
    await dialog.getByText('2 of').waitFor();
    await closeViewer(page);
    expect(await hasKeyboard(page, photos.nth(1))).toBe(true);

    // Photos of somebody, and without.
    await tabTo(page, page.getByRole('combobox', { name: 'Add a person' }), 'Shift+Tab');
    await page.keyboard.type('Ann');
    await press('ArrowDown');
    await press('Enter');
    await viewShown(page, 'Photos of Anna');
    await tabTo(page, page.getByRole('button', { name: 'With Anna: change to without' }), 'Shift+Tab');
    await press('Enter');
    await viewShown(page, 'Photos without Anna');
    await tabTo(page, page.getByRole('button', { name: 'Leave Anna out of the choice' }));
    await press('Enter');
    await viewShown(page, 'Photos');

    // What was done goes to the folders.
    await tabTo(page, page.getByRole('button', { name: 'Apply to folders' }), 'Shift+Tab');
    await press('Enter');
    await page.locator('.state', { hasText: 'up to date' }).waitFor();
    await press('Tab');
    expect(await page.evaluate('nowhere')).toEqual([]);
    expect(await page.evaluate('pointed')).toBe(0);
  });
});
