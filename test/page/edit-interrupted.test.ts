import { describeWithBrowser, goBack, viewShown, waitUntil } from '../support/browser';
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

describeWithBrowser('gestures that something comes between', (browser) => {
  const open = usePeoplePage(browser);

  test('the keyboard stays on the page when what it was on is gone: a toast, an undo, "Apply to folders"', async () => {
    const { page } = await open();
    await giveName(page, 1, 'Anna');
    await card(page, 3).locator('a').focus();
    const undo = toast(page, 'is called Anna.').getByRole('button', { name: 'Undo' });
    await undo.focus();
    await page.keyboard.press('Enter');
    await toast(page, 'Undone.').waitFor();
    expect(await page.evaluate('document.activeElement.closest("li").dataset.key')).toBe('3');

    await goTo(page, '#history', 'History');
    await page.locator('.history [data-part=undo]').last().focus();
    await page.keyboard.press('Enter');
    await page.locator('.summary', { hasText: '3 changes' }).waitFor();
    expect(await page.evaluate('document.querySelector("main").contains(document.activeElement)')).toBe(true);

    await page.getByRole('button', { name: 'Apply to folders' }).focus();
    await page.keyboard.press('Enter');
    await toast(page, 'The folders are up to date.').waitFor();
    // The page hears of the new state by another way than of the end of what it has asked for.
    await waitUntil(page, 'document.activeElement.className === "state"');
  });

  test('a box that is being drawn stays when another tab changes people', async () => {
    const { page } = await open();
    await goTo(page, '#person-1', 'Add a name to Person 01');
    await page.locator('.faces li a').first().click();
    await page.locator('.box').waitFor();
    const faces = page.locator('.frame [data-face]');
    const before = await faces.count();
    await page.getByRole('button', { name: 'Add a face' }).click();
    const { x, y, width, height } = (await page.locator('.frame').boundingBox()) ?? fail();
    await page.mouse.move(x + 0.7 * width, y + 0.7 * height);
    await page.mouse.down();
    await page.mouse.move(x + 0.8 * width, y + 0.8 * height);
    const other = await page.context().newPage();
    await other.goto(page.url().replace(/#.*/, ''));
    await giveName(other, 2, 'Anna');
    await page.getByText('1 change is not in the folders yet').waitFor({ state: 'attached' });
    expect(await page.locator('.drawn').count()).toBe(1);
    await page.mouse.move(x + 0.95 * width, y + 0.95 * height);
    await page.mouse.up();
    await page.getByRole('dialog', { name: 'Who is this?' }).waitFor();
    expect(await faces.count()).toBe(before + 1);
  });

  test('all faces of somebody under a new name are that person by another name; none can be left', async () => {
    const { page } = await open();
    await goTo(page, '#person-2', 'Add a name to Person 02');
    await page.locator('.faces li a').first().focus();
    await page.keyboard.press('Control+a');
    const bar = page.getByRole('toolbar');
    expect(await bar.getByRole('button', { name: 'New person' }).isDisabled()).toBe(true);
    await bar.getByRole('button', { name: 'Move to…' }).click();
    await page.keyboard.type('Dora');
    await page.keyboard.press('Enter');
    await toast(page, 'Person 02 is called Dora.').waitFor();
    await viewShown(page, 'Dora, change the name');

    // In the viewer, too.
    await goTo(page, '#person-9', 'Add a name to Person 09');
    for (const name of ['Emil', 'Emilia']) {
      await page.locator('.faces li a').first().click();
      await page.locator('.box').click();
      await page.keyboard.type(name);
      await page.keyboard.press('Enter');
      await toast(page, `is called ${name}.`).waitFor();
      await page.keyboard.press('Escape');
      await page.getByRole('dialog').waitFor({ state: 'hidden' });
    }
    await viewShown(page, 'Emilia, change the name');
  });

  test('whoever somebody was made one with takes their place in the choice of photos', async () => {
    const { page } = await open();
    await goTo(page, '#photos?with=2', 'Photos of Person 02');
    await goTo(page, '#people', EVERYBODY);
    await card(page, 2).locator('a').dragTo(card(page, 1).locator('a'));
    await toast(page, 'Person 02 and Person 01 are one.').waitFor();
    await goTo(page, '#photos?with=2', 'Photos of Person 01');
    await page.locator('.summary', { hasText: '16 photos' }).waitFor();
  });

  test('a question is closed by what is beside it alone, and left with its view', async () => {
    const { page } = await open();
    await giveName(page, 1, 'Anna');
    await goTo(page, '#person-9', 'Add a name to Person 09');
    await nameButton(page, 9).click();
    await page.keyboard.type('Anna');
    await page.keyboard.press('Enter');
    const question = page.getByRole('dialog', { name: 'Anna is already there. Are they one person?' });
    await question.waitFor();
    const { x, y } = (await question.boundingBox()) ?? fail();
    await page.mouse.click(x + 6, y + 30);
    expect(await question.isVisible()).toBe(true);
    await goBack(page);
    await viewShown(page, EVERYBODY);
    await question.waitFor({ state: 'detached' });
    // It is not asked again, and what the keyboard does is done here.
    await card(page, 4).locator('a').press(' ');
    await page.getByRole('toolbar', { name: '1 person selected' }).waitFor();
    expect(await page.getByRole('dialog').count()).toBe(0);
    expect(await nameOf(page, 9)).toBe('Add a name');
  });

  test('when the program has ended, what it said of the folders is not said any more', async () => {
    const people = await open();
    const { page } = people;
    await giveName(page, 1, 'Anna');
    await goTo(page, '#person-1', 'Anna, change the name');
    await page.locator('.faces li a').first().click();
    await page.locator('.box').waitFor();
    expect(await page.locator('#viewer-draw').isVisible()).toBe(true);
    await endProgram(people);
    await page.locator('#viewer-draw').waitFor({ state: 'hidden' });
    await page.locator('.box').click();
    expect(await page.locator('.naming').count()).toBe(0);
    await page.keyboard.press('Escape');
    await page.getByRole('alert').getByText('The program has ended.').waitFor();
    expect(await page.locator('.state').isVisible()).toBe(false);
  });
});

function fail(): never {
  throw new Error('It is not on the screen.');
}
