import type { Page } from 'playwright-core';
import { accessProblems, describeWithBrowser, viewShown, waitUntil } from '../support/browser';
import {
  card,
  EVERYBODY,
  giveName,
  goTo,
  holdFinger,
  nameButton,
  nameOf,
  toast,
  usePeoplePage,
} from '../support/people-page';

/** Labels of the people who are selected, and are near the screen. */
const selected = (page: Page) =>
  page
    .locator('.people li:has(.pick:checked)')
    .evaluateAll((items) =>
      items.map((item) => Number((item as unknown as { dataset: { key: string } }).dataset.key)),
    );
const bar = (page: Page) => page.getByRole('toolbar');
const PHONE = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };

describeWithBrowser('selecting, merging and hiding people', (browser) => {
  const open = usePeoplePage(browser);

  test('check marks, Ctrl and Shift with a click select; the bar says how many, and Esc clears', async () => {
    const { page } = await open();
    await card(page, 2).hover();
    await card(page, 2).getByRole('checkbox').click();
    await page.getByRole('toolbar', { name: '1 person selected' }).waitFor();
    expect(await bar(page).getByRole('button', { name: 'Merge' }).isDisabled()).toBe(true);
    await card(page, 4)
      .locator('a')
      .click({ modifiers: ['ControlOrMeta'] });
    expect(await selected(page)).toEqual([2, 4]);
    await card(page, 6)
      .locator('a')
      .click({ modifiers: ['Shift'] });
    expect(await selected(page)).toEqual([2, 4, 5, 6]);
    // While something is selected, a click selects, too.
    await card(page, 5).locator('a').click();
    await page.getByRole('toolbar', { name: '3 people selected' }).waitFor();
    expect(await selected(page)).toEqual([2, 4, 6]);
    expect(await accessProblems(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await bar(page).waitFor({ state: 'detached' });
    expect(await selected(page)).toEqual([]);
    await card(page, 5).locator('a').click();
    await viewShown(page, 'Add a name to Person 05');
  });

  test('the keyboard selects: Space, Shift and arrows, Ctrl+A, and Tab leads to the bar', async () => {
    const { page } = await open();
    await card(page, 1).locator('a').focus();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Space');
    expect(await selected(page)).toEqual([2]);
    await page.keyboard.press('Shift+ArrowRight');
    await page.keyboard.press('Shift+ArrowRight');
    expect(await selected(page)).toEqual([2, 3, 4]);
    await page.keyboard.press('Shift+ArrowLeft');
    expect(await selected(page)).toEqual([2, 3]);
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Merge');
    await page.keyboard.press('ArrowRight');
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Hide');
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('Enter');
    await viewShown(page, '17 people');
    expect(await card(page, 2).locator('p').textContent()).toMatch(/4 photos$/);
    await bar(page).waitFor({ state: 'detached' });
    await card(page, 1).locator('a').focus();
    await page.keyboard.press('ControlOrMeta+a');
    await page.getByRole('toolbar', { name: '17 people selected' }).waitFor();
  });

  test('a frame drawn from beside the cards selects what it touches', async () => {
    const { page } = await open();
    const [first, third] = [await card(page, 1).boundingBox(), await card(page, 3).boundingBox()];
    if (!first || !third) throw new Error('There are no cards.');
    await page.mouse.move(first.x - 20, first.y - 10);
    await page.mouse.down();
    await page.mouse.move(third.x + 20, third.y + 40, { steps: 5 });
    await page.locator('.selection-frame').waitFor();
    await page.mouse.up();
    expect(await selected(page)).toEqual([1, 2, 3]);
    expect(await page.locator('.selection-frame').count()).toBe(0);
  });

  test('people with one name between them are made one, and Undo makes them two', async () => {
    const { page } = await open();
    await giveName(page, 4, 'Dora');
    for (const label of [2, 4])
      await card(page, label)
        .locator('a')
        .click({ modifiers: ['ControlOrMeta'] });
    await bar(page).getByRole('button', { name: 'Merge' }).click();
    await toast(page, 'Person 02 and Dora are one.').waitFor();
    await viewShown(page, '17 people');
    expect(await card(page, 4).locator('p').textContent()).toBe('4 photos');
    await toast(page, 'are one').getByRole('button', { name: 'Undo' }).click();
    await viewShown(page, EVERYBODY);
    await toast(page, 'Undone.').getByRole('button', { name: 'Do it again' }).click();
    await viewShown(page, '17 people');
  });

  test('of two names, it asks which is right', async () => {
    const { page } = await open();
    await giveName(page, 2, 'Ben');
    await giveName(page, 3, 'Carl');
    for (const label of [2, 3, 5])
      await card(page, label)
        .locator('a')
        .click({ modifiers: ['ControlOrMeta'] });
    await bar(page).getByRole('button', { name: 'Merge' }).click();
    const dialog = page.getByRole('dialog', { name: 'These people have different names. Who are they?' });
    await dialog.waitFor();
    expect(await accessProblems(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    await bar(page).getByRole('button', { name: 'Merge' }).click();
    await dialog.getByRole('button', { name: 'Carl' }).click();
    await viewShown(page, '16 people');
    expect(await nameOf(page, 3)).toBe('Carl');
    expect(await card(page, 3).locator('p').textContent()).toBe('6 photos');
  });

  test('a card that is dragged onto another becomes that person', async () => {
    const { page } = await open();
    await giveName(page, 1, 'Anna');
    const target = card(page, 1);
    await card(page, 3).locator('a').hover();
    await page.mouse.down();
    await target.hover();
    await target.hover();
    await target.getByText('The same person').waitFor();
    await page.mouse.up();
    await toast(page, 'Person 03 and Anna are one.').waitFor();
    expect(await target.locator('p').textContent()).toBe('16 photos');
    expect(await page.locator('.target').count()).toBe(0);
  });

  test('who is hidden is on a page of their own, and can be shown again', async () => {
    const { page } = await open();
    await giveName(page, 2, 'Ben');
    for (const label of [2, 3])
      await card(page, label)
        .locator('a')
        .click({ modifiers: ['ControlOrMeta'] });
    await bar(page).getByRole('button', { name: 'Hide' }).click();
    await toast(page, '2 people are hidden.').waitFor();
    await viewShown(page, '16 people');
    await page.getByRole('link', { name: '2 hidden people' }).click();
    await viewShown(page, 'Hidden people');
    expect(await accessProblems(page)).toEqual([]);
    await page.getByRole('button', { name: 'Show again: Ben' }).click();
    await page.locator('.summary', { hasText: '1 person' }).waitFor();
    await goTo(page, '#people', '17 people');
    expect(await nameOf(page, 2)).toBe('Ben');
    // A name of somebody hidden is known.
    await nameButton(page, 1).click();
    await page.keyboard.type('Be');
    await page.getByRole('option', { name: 'Ben' }).waitFor();
    await page.keyboard.press('Escape');
  });

  test('the page of a person hides the person, and leads to all people', async () => {
    const { page } = await open();
    await goTo(page, '#person-3', /Person 03/);
    await page.getByRole('button', { name: 'Hide' }).click();
    await viewShown(page, '17 people');
    expect(await page.evaluate('location.hash')).toBe('#people');
  });

  test('a finger that stays selects, others are tapped', async () => {
    const { page } = await open(PHONE);
    await holdFinger(page, card(page, 2).locator('a'));
    await page.getByRole('toolbar', { name: '1 person selected' }).waitFor();
    await card(page, 3).locator('a').tap();
    await page.getByRole('toolbar', { name: '2 people selected' }).waitFor();
    expect(await selected(page)).toEqual([2, 3]);
    for (const button of await bar(page).getByRole('button').all()) {
      const { width = 0, height = 0 } = (await button.boundingBox()) ?? {};
      expect(Math.min(width, height)).toBeGreaterThanOrEqual(44);
    }
    await bar(page).getByRole('button', { name: 'Merge' }).tap();
    await viewShown(page, '17 people');
    await card(page, 2).locator('a').tap();
    await viewShown(page, 'Add a name to Person 02');
    await waitUntil(page, 'document.querySelectorAll(".faces li").length === 4');
  });
});
