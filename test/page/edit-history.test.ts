import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { accessProblems, describeWithBrowser, viewShown, waitUntil } from '../support/browser';
import {
  card,
  EVERYBODY,
  endProgram,
  giveName,
  goTo,
  nameButton,
  nameOf,
  toast,
  usePeoplePage,
} from '../support/people-page';

const UP_TO_DATE = 'The folders are up to date.';

describeWithBrowser('what is kept of decisions', (browser) => {
  const open = usePeoplePage(browser);

  test('the history has each with an Undo of its own, in any order, and an undo can be undone', async () => {
    const { page } = await open();
    await giveName(page, 1, 'Anna');
    await giveName(page, 2, 'Ben');
    await page.getByRole('link', { name: 'History' }).click();
    await viewShown(page, 'History');
    const entries = page.locator('.history li');
    await waitUntil(page, 'document.querySelectorAll(".history li").length === 2');
    expect(await entries.first().textContent()).toContain('Ben');
    expect(await entries.first().textContent()).toContain('on this page');
    expect(await accessProblems(page)).toEqual([]);
    // Not the last one.
    await entries.last().getByRole('button', { name: 'Undo' }).click();
    await waitUntil(page, 'document.querySelectorAll(".history li").length === 3');
    await page.locator('.history .undone', { hasText: 'Anna' }).waitFor();
    await goTo(page, '#people', EVERYBODY);
    expect([await nameOf(page, 1), await nameOf(page, 2)]).toEqual(['Add a name', 'Ben']);
    await goTo(page, '#history', 'History');
    await entries.first().getByRole('button', { name: 'Do it again' }).click();
    await waitUntil(page, 'document.querySelectorAll(".history li").length === 4');
    await toast(page, 'Done again.').getByRole('button', { name: 'Undo' }).waitFor();
    expect(await entries.first().locator('.what').textContent()).toBe('again: Person 01 is called Anna');
    await entries.first().getByRole('button', { name: 'Undo' }).waitFor();
    await goTo(page, '#people', EVERYBODY);
    await waitUntil(page, 'document.querySelector(\'[data-names="1"]\').textContent === "Anna"');
  });

  test('Ctrl+Z undoes the last, then the one before; in a field it is the field’s', async () => {
    const { page } = await open();
    await giveName(page, 1, 'Anna');
    await giveName(page, 2, 'Ben');
    await nameButton(page, 3).click();
    await page.keyboard.type('x');
    await page.keyboard.press('ControlOrMeta+z');
    await page.keyboard.press('Escape');
    expect(await nameOf(page, 2)).toBe('Ben');
    for (const label of [2, 1]) {
      await page.keyboard.press('ControlOrMeta+z');
      await waitUntil(page, `document.querySelector('[data-names="${label}"]').textContent === 'Add a name'`);
    }
  });

  test('a toast stays while it has the keyboard, and is read aloud', async () => {
    const { page } = await open();
    await giveName(page, 1, 'Anna');
    expect(await page.locator('#toasts').getAttribute('role')).toBe('status');
    await page.getByRole('button', { name: 'Undo' }).focus();
    await page.keyboard.press('Enter');
    await toast(page, 'Undone.').waitFor();
    expect(await nameOf(page, 1)).toBe('Add a name');
  });

  test('says that the folders are not as the page is, until they are', async () => {
    const { page, folder } = await open();
    await page.locator('.state', { hasText: UP_TO_DATE }).waitFor();
    expect(await page.getByRole('button', { name: 'Apply to folders' }).isVisible()).toBe(false);
    await giveName(page, 1, 'Anna');
    await page.locator('.state', { hasText: '1 change is not in the folders yet' }).waitFor();
    expect(readdirSync(folder).filter((name) => name.startsWith('Anna'))).toEqual([]);
    await page.getByRole('button', { name: 'Apply to folders' }).click();
    await page.locator('.state', { hasText: UP_TO_DATE }).waitFor();
    await toast(page, UP_TO_DATE).waitFor();
    expect(existsSync(join(folder, 'Anna (14)'))).toBe(true);
  });

  test('what is done in one tab is shown in another, where it is scrolled to and what is typed stay', async () => {
    const { page, view } = await open();
    const other = await page.context().newPage();
    await other.goto(view.address);
    await viewShown(other, EVERYBODY);
    await other.evaluate('scrollTo(0, 300)');
    await nameButton(other, 5).click();
    await other.keyboard.type('Ev');
    const scrolled = await other.evaluate('scrollY');
    await giveName(page, 1, 'Anna');
    await waitUntil(other, 'document.querySelector(\'[data-names="1"]\').textContent === "Anna"');
    expect(await other.evaluate('scrollY')).toBe(scrolled);
    await other.keyboard.type('e');
    await other.keyboard.press('Enter');
    await waitUntil(page, 'document.querySelector(\'[data-names="5"]\').textContent === "Eve"');
    await other.close();
  });

  test('when the program has ended, it says so, and nothing can be changed', async () => {
    const people = await open();
    const { page } = people;
    await giveName(page, 1, 'Anna');
    await endProgram(people);
    await page.getByRole('alert').getByText('The program has ended.').waitFor();
    expect(await accessProblems(page)).toEqual([]);
    await card(page, 2).locator('a').focus();
    await page.keyboard.press('F2');
    expect(await page.getByRole('combobox').count()).toBe(0);
  });

  test('so it does while the program is ending, and says no more than that', async () => {
    const { page, expected } = await open();
    expected.push(/ 503 \(Service Unavailable\)/);
    await nameButton(page, 1).click();
    await page.keyboard.type('Anna');
    await page.route('**/api/**', (route) => route.fulfill({ status: 503, json: { statusCode: 503 } }));
    // By this, or by what the page asks for by itself.
    await page.keyboard.press('Enter');
    await page.getByRole('alert').getByText('The program has ended.').waitFor();
  });
});
