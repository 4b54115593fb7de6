import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { accessProblems, describeWithBrowser, viewShown, waitUntil } from '../support/browser';
import {
  card,
  EVERYBODY,
  giveName,
  goTo,
  nameButton,
  nameOf,
  REFUSED,
  toast,
  usePeoplePage,
} from '../support/people-page';

const focusedName = 'document.activeElement?.getAttribute("aria-label")';

describeWithBrowser('naming people', (browser) => {
  const open = usePeoplePage(browser);

  /** The page, where Person 02 is to have the name that Person 01 has: whether they are one is asked. */
  async function askedWhetherOne() {
    const { page } = await open();
    await giveName(page, 1, 'Anna');
    await nameButton(page, 2).click();
    await page.keyboard.type('ANNA');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    return page;
  }

  test('a click, five names, each ended by Enter: that is all', async () => {
    const { page, folder } = await open();
    await nameButton(page, 1).click();
    const names = ['Anna', 'Ben', 'Carl', 'Dora', 'Émile'];
    for (const name of names) {
      await page.keyboard.type(name);
      await page.keyboard.press('Enter');
    }
    await page.keyboard.press('Escape');
    await page.locator('.state', { hasText: '5 changes are not in the folders yet' }).waitFor();
    expect(await Promise.all([1, 2, 3, 4, 5].map((label) => nameOf(page, label)))).toEqual(names);
    // On the disk at once.
    const file = readFileSync(join(folder, '.data/people.jsonl'), 'utf8');
    for (const name of names) expect(file).toContain(`"name":"${name}"`);
    await page.reload();
    await viewShown(page, EVERYBODY);
    expect(await nameOf(page, 5)).toBe('Émile');
    expect(await accessProblems(page)).toEqual([]);
  });

  test('what is typed into the next field is kept when the page shows what was saved', async () => {
    const { page } = await open();
    await nameButton(page, 1).click();
    await page.keyboard.type('Anna');
    await page.keyboard.press('Enter');
    await page.keyboard.type('Be');
    await toast(page, 'Person 01 is called Anna.').waitFor();
    expect(await page.evaluate(focusedName)).toBe('Name of Person 02');
    await page.keyboard.type('n');
    await page.keyboard.press('Enter');
    await toast(page, 'Person 02 is called Ben.').waitFor();
  });

  test('F2 on a card and Enter on a name open the field; Esc leaves all as it was; Enter on nothing goes on', async () => {
    const { page } = await open();
    await card(page, 2).locator('a').focus();
    await page.keyboard.press('F2');
    await waitUntil(page, `${focusedName} === 'Name of Person 02'`);
    await page.keyboard.type('Nobody');
    await page.keyboard.press('Escape');
    expect(await page.evaluate(focusedName)).toBe('Add a name to Person 02');
    await page.keyboard.press('Enter');
    await waitUntil(page, `${focusedName} === 'Name of Person 02'`);
    expect(await page.getByRole('combobox').inputValue()).toBe('');
    await page.keyboard.press('Enter');
    await waitUntil(page, `${focusedName} === 'Name of Person 03'`);
    await page.keyboard.press('Escape');
    await page.locator('.state', { hasText: 'up to date' }).waitFor();
  });

  test('a click beside the field saves, too', async () => {
    const { page } = await open();
    await nameButton(page, 3).click();
    await page.keyboard.type('Cleo');
    await page.getByRole('heading', { level: 1 }).click();
    await toast(page, 'Person 03 is called Cleo.').waitFor();
    expect(await nameOf(page, 3)).toBe('Cleo');
    expect(await page.getByRole('combobox').count()).toBe(0);
  });

  test('a name that somebody has asks whether they are one: yes makes them one', async () => {
    const { page } = await open();
    await giveName(page, 1, 'Anna');
    await nameButton(page, 8).click();
    await page.keyboard.type('an');
    await page.getByRole('option', { name: 'Anna' }).waitFor();
    await page.keyboard.press('ArrowDown');
    expect(await page.getByRole('option', { selected: true }).textContent()).toContain('Anna');
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog', { name: 'Anna is already there. Are they one person?' });
    await dialog.waitFor();
    expect(await dialog.locator('img').count()).toBe(2);
    expect(await accessProblems(page)).toEqual([]);
    await page.keyboard.press('Enter');
    await toast(page, 'Person 08 is Anna, too.').waitFor();
    await viewShown(page, '17 people');
    expect(await card(page, 1).locator('p').textContent()).toBe('15 photos');
    // On to the next one without a name.
    await waitUntil(page, `${focusedName} === 'Name of Person 09'`);
  });

  test('… no makes another person of that name, and Esc leaves the field as it was', async () => {
    const page = await askedWhetherOne();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(await page.evaluate(focusedName)).toBe('Name of Person 02');
    expect(await page.getByRole('combobox').inputValue()).toBe('ANNA');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'No, another person of that name' }).click();
    await toast(page, 'Person 02 is called Anna.').waitFor();
    await viewShown(page, EVERYBODY);
    expect(await nameOf(page, 2)).toBe('Anna');
  });

  test('a key right after Esc finds the field as one that waits for keys', async () => {
    const page = await askedWhetherOne();
    // As Esc does; the browser has not told yet that the dialog is closed when the field has the keyboard again.
    const [focused, asked] = (await page.evaluate(`(async () => {
      document.querySelector('dialog[open]').requestClose();
      await undefined;
      const field = document.activeElement;
      for (let i = 0; i < 20; i++) await undefined;
      field.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true }));
      await undefined;
      return [field.getAttribute('aria-label'), document.querySelector('dialog[open]') !== null];
    })()`)) as [string, boolean];
    expect(focused).toBe('Name of Person 02');
    expect(asked).toBe(true);
  });

  test.each([
    ['typed', 'ANNA', []],
    ['chosen from the list', 'an', ['ArrowDown']],
  ])('a click beside the question decides nothing: a name that was %s', async (_, typed, keys) => {
    const { page, folder } = await open();
    await giveName(page, 1, 'Anna');
    const decisions = () => readFileSync(join(folder, '.data/people.jsonl'), 'utf8');
    const before = decisions();
    await nameButton(page, 2).click();
    await page.keyboard.type(typed);
    for (const key of [...keys, 'Enter']) await page.keyboard.press(key);
    await page.getByRole('dialog').waitFor();
    await page.mouse.click(5, 400);
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    // What a field does that has lost the keyboard, it does in a later task.
    await page.evaluate('new Promise((resolve) => setTimeout(() => requestAnimationFrame(resolve)))');
    expect(await page.getByRole('dialog').count()).toBe(0);
    expect(await page.evaluate(focusedName)).toBe('Name of Person 02');
    expect(await page.getByRole('combobox').inputValue()).toBe(typed);
    expect(decisions()).toBe(before);
  });

  test('the page of a person has the name in its heading; who is made one with somebody leads there', async () => {
    const { page } = await open();
    await giveName(page, 1, 'Anna');
    await goTo(page, '#person-9', 'Add a name to Person 09');
    await nameButton(page, 9).click();
    await page.keyboard.type('Zoë');
    await page.keyboard.press('Enter');
    await viewShown(page, 'Zoë, change the name');
    await waitUntil(page, 'document.title === "Zoë – People on your photos"');
    await nameButton(page, 9).focus();
    await page.keyboard.press('F2');
    expect(await page.getByRole('combobox').inputValue()).toBe('Zoë');
    await page.keyboard.type('Anna');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Yes, both are Anna' }).click();
    await viewShown(page, 'Anna, change the name');
    expect(await page.evaluate('location.hash')).toBe('#person-1');
    await page.getByRole('button', { name: 'Undo' }).click();
    await toast(page, 'Undone.').waitFor();
    await goTo(page, '#person-9', 'Zoë, change the name');
    await nameButton(page, 9).click();
    await page.keyboard.press('Delete');
    await page.keyboard.press('Enter');
    await viewShown(page, 'Add a name to Person 09');
  });

  test('names can be written from right to left, and be long', async () => {
    const { page } = await open({ viewport: { width: 320, height: 640 } });
    const names = ['סבתא ירושלמי', `${'Long name '.repeat(15)}the end`];
    for (const [i, name] of names.entries()) {
      await nameButton(page, i + 1).click();
      await page.keyboard.insertText(name);
      await page.keyboard.press('Enter');
      await page.keyboard.press('Escape');
    }
    await page.locator('.state', { hasText: '2 changes' }).waitFor();
    expect(await nameOf(page, 1)).toBe(names[0]);
    const tooWide = 'document.documentElement.scrollWidth - document.documentElement.clientWidth';
    expect(await page.evaluate(tooWide)).toBeLessThanOrEqual(0);
    await goTo(page, '#person-2', /the end/);
    expect(await page.evaluate(tooWide)).toBeLessThanOrEqual(0);
    await nameButton(page, 2).click();
    await page.keyboard.insertText('סבתא');
    await page.locator('.offered [role=option]').waitFor();
    expect(await page.evaluate(tooWide)).toBeLessThanOrEqual(0);
    // Beside the picture, as any name.
    const fromPicture = await page.evaluate(`(() => {
      const [picture, name] = document.querySelectorAll('.offered .thumbnail, .offered bdi');
      const words = document.createRange();
      words.selectNodeContents(name);
      return words.getBoundingClientRect().left - picture.getBoundingClientRect().right;
    })()`);
    expect(fromPicture).toBeLessThan(24);
    const search = page.getByRole('searchbox', { name: 'Search by name or file name' });
    await search.waitFor();
  });

  test('what the program refuses is told, and what was typed is not lost', async () => {
    const { page, expected } = await open();
    expected.push(REFUSED);
    await nameButton(page, 1).click();
    await page.keyboard.insertText('\u3164');
    await page.keyboard.press('Enter');
    await toast(page, 'characters that can be seen').waitFor();
    await toast(page, 'was not saved').getByRole('button', { name: 'Try again' }).click();
    expect(await page.evaluate(focusedName)).toBe('Name of Person 01');
    await page.keyboard.press('Escape');
    expect(await nameOf(page, 1)).toBe('Add a name');
  });
});
