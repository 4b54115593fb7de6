import type { Page } from 'playwright-core';
import { accessProblems, closeViewer, describeWithBrowser } from '../support/browser';
import {
  draw,
  EVERYBODY,
  giveName,
  goTo,
  naming,
  openFace,
  rectangle,
  toast,
  usePeoplePage,
} from '../support/people-page';
import { Fingers } from '../support/touch';

const dialog = (page: Page) => page.getByRole('dialog').first();
const heading = (page: Page) => page.locator('#viewer-name');
const position = (page: Page) => page.locator('#viewer-position');
const faces = (page: Page) => page.locator('.frame [data-face]');

describeWithBrowser('the viewer, where people can be changed', (browser) => {
  const open = usePeoplePage(browser);

  test('a click on a box names who it is, which can be undone at once', async () => {
    const { page } = await open();
    await openFace(page, 1, 'Add a name to Person 01');
    await page.locator('.box').click();
    await naming(page).waitFor();
    expect(await accessProblems(page)).toEqual([]);
    await page.keyboard.type('Franck');
    await page.keyboard.press('Enter');
    await heading(page).getByText('Franck').waitFor();
    await toast(page, 'is called Franck').getByRole('button', { name: 'Undo' }).click();
    await heading(page).getByText('Person 01').waitFor();
    expect(await position(page).textContent()).toBe('1 of 14');
    await closeViewer(page);
    // What is told of from now on is beside the list again.
    await goTo(page, '#people', EVERYBODY);
    await giveName(page, 2, 'Anna');
  });

  test('a face that is somebody else’s goes to them, and the next one takes its place', async () => {
    const { page } = await open();
    await giveName(page, 1, 'Franck');
    await giveName(page, 2, 'Anna');
    await openFace(page, 1, /Franck/);
    await page.locator('.box').click();
    // Whoever is known is offered.
    await page.keyboard.type('ann');
    await naming(page).getByRole('option', { name: /Anna/ }).click();
    await toast(page, 'This face is Anna.').waitFor();
    await position(page).getByText('1 of 13').waitFor();
    await page.locator('.box').click();
    await page.keyboard.type('Somebody new');
    await page.keyboard.press('Enter');
    await position(page).getByText('1 of 12').waitFor();
    await page.locator('.box').click();
    await naming(page).getByRole('button', { name: 'Not Franck' }).click();
    await position(page).getByText('1 of 11').waitFor();
    await page.locator('.box').click();
    await naming(page).getByRole('button', { name: 'Not a face' }).click();
    await position(page).getByText('1 of 10').waitFor();
    await closeViewer(page);
    expect(await page.locator('.faces li').count()).toBe(10);
    await goTo(page, '#people', '19 people');
    await page.locator('.people').getByText('Somebody new').waitFor();
  });

  test('what is typed stays when people change meanwhile, in another tab for one', async () => {
    const { page } = await open();
    await openFace(page, 1, 'Add a name to Person 01');
    await page.locator('.box').click();
    await page.keyboard.type('Fran');
    const other = await page.context().newPage();
    await other.goto(page.url().replace(/#.*/, ''));
    await giveName(other, 2, 'Anna');
    await other.close();
    await page.getByText('1 change is not in the folders yet').waitFor({ state: 'attached' });
    await page.keyboard.type('ck');
    await page.keyboard.press('Enter');
    await heading(page).getByText('Franck').waitFor();
    await closeViewer(page);
    await goTo(page, '#people', EVERYBODY);
    await page.locator('.people').getByText('Anna').waitFor();
  });

  test('a finger draws a box, too', async () => {
    const { page } = await open({ viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true });
    await goTo(page, '#person-1', 'Add a name to Person 01');
    await page.locator('.faces li a').first().tap();
    await page.locator('.box').waitFor();
    const before = await faces(page).count();
    await page.getByRole('button', { name: 'Add a face' }).tap();
    await page.locator('.drawn').waitFor();
    const { x, y, width, height } = await rectangle(page.locator('.frame'));
    const fingers = await Fingers.on(page);
    const at = (right: number, down: number) => ({ x: x + right * width, y: y + down * height });
    await fingers.move([at(0.7, 0.65), at(0.95, 0.95)]);
    await naming(page).waitFor();
    expect(await faces(page).count()).toBe(before + 1);
    expect(await position(page).textContent()).toBe('1 of 14');
  });

  test('the keyboard reaches a box, and comes back to it', async () => {
    const { page } = await open();
    await openFace(page, 1, 'Add a name to Person 01');
    await page.locator('.box').focus();
    await page.keyboard.press('Enter');
    await naming(page).getByRole('combobox', { name: 'Name of Person 01' }).waitFor();
    // Arrow keys in the field turn no page.
    await page.keyboard.type('Fr');
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('Escape');
    await naming(page).waitFor({ state: 'detached' });
    expect(await page.evaluate('document.activeElement.className')).toBe('box');
    expect(await position(page).textContent()).toBe('1 of 14');
    await page.keyboard.press('ArrowRight');
    await position(page).getByText('2 of 14').waitFor();
  });

  test('a box that is drawn is a face, and asks for its name', async () => {
    const { page } = await open();
    await giveName(page, 2, 'Anna');
    await openFace(page, 1, 'Add a name to Person 01');
    const before = await faces(page).count();
    await page.getByRole('button', { name: 'Add a face' }).click();
    await page.getByText('Draw a box around the face.').waitFor();
    await draw(page, [0.7, 0.95, 0.95, 0.7]);
    await naming(page).waitFor();
    expect(await faces(page).count()).toBe(before + 1);
    expect(await page.locator('.drawn').count()).toBe(0);
    await page.keyboard.type('Anna');
    await page.keyboard.press('Enter');
    await toast(page, 'This face is Anna.').waitFor();
    await page.locator('#viewer-others').getByRole('link', { name: 'Anna' }).click();
    await heading(page).getByText('Anna').waitFor();
    await position(page).getByText('of 3').waitFor();
  });

  test('a box is drawn with the keyboard alone, or not at all', async () => {
    const { page } = await open();
    await openFace(page, 1, 'Add a name to Person 01');
    const before = await faces(page).count();
    const add = page.getByRole('button', { name: 'Add a face' });
    await add.focus();
    await page.keyboard.press('Enter');
    const box = page.getByRole('application', { name: 'Box around the face' });
    await box.waitFor();
    const first = await rectangle(box);
    for (let i = 0; i < 5; i++) await page.keyboard.press('ArrowRight');
    for (let i = 0; i < 3; i++) await page.keyboard.press('Shift+ArrowUp');
    const moved = await rectangle(box);
    expect(moved.x).toBeGreaterThan(first.x);
    expect(moved.width).toBeCloseTo(first.width, 0);
    expect(moved.height).toBeGreaterThan(first.height);
    expect(await position(page).textContent()).toBe('1 of 14');
    expect(await accessProblems(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await box.waitFor({ state: 'detached' });
    expect(await page.evaluate('document.activeElement.id')).toBe('viewer-draw');
    expect(await dialog(page).isVisible()).toBe(true);
    await page.keyboard.press('Enter');
    for (let i = 0; i < 10; i++) await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await naming(page).waitFor();
    expect(await faces(page).count()).toBe(before + 1);
    await page.keyboard.press('Escape');
    await closeViewer(page);
  });

  test('photos on which nobody was found are shown, and stay when somebody is', async () => {
    const { page } = await open();
    await goTo(page, '#photos?faces=none', 'Photos without a face');
    const links = page.locator('.photos a[href]');
    await links.first().waitFor();
    const photos = await links.count();
    await links.first().click();
    await heading(page)
      .getByText('Nobody was found on this photo')
      .or(heading(page).locator('.name'))
      .waitFor();
    await page.locator('.frame.whole').waitFor();
    await page.getByRole('button', { name: 'Add a face' }).click();
    await draw(page, [0.48, 0.52, 0.52, 0.48]);
    await page.getByText('This is too small').waitFor();
    await draw(page, [0.1, 0.9, 0.9, 0.1]);
    await naming(page).waitFor();
    await page.keyboard.type('Ghost');
    await page.keyboard.press('Enter');
    await heading(page).getByText('Ghost').waitFor();
    await closeViewer(page);
    await page.locator('.summary', { hasText: `${photos - 1} photo` }).waitFor();
  });
});
