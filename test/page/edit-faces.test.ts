import type { Page } from 'playwright-core';
import { accessProblems, describeWithBrowser, viewShown, waitUntil } from '../support/browser';
import { card, giveName, goTo, holdFinger, nameOf, toast, usePeoplePage } from '../support/people-page';
import { ALIKE, drawPhotos, sortDrawn } from '../web/support';

const face = (page: Page, place: number) => page.locator(`.faces li[aria-posinset="${place}"]`);
const faces = (n: number) => `document.querySelector('.faces li')?.ariaSetSize === '${n}'`;
const bar = (page: Page, selected?: string) =>
  page.getByRole('toolbar', selected ? { name: `${selected} selected` } : {});
/** Places of the faces that are selected, from 1. */
const selected = (page: Page) =>
  page
    .locator('.faces li:has(.pick:checked)')
    .evaluateAll((items) => items.map((item) => Number(item.getAttribute('aria-posinset'))));
const PHONE = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };

describeWithBrowser('correcting faces', (browser) => {
  const open = usePeoplePage(browser);

  /** The page of the first person, who has 14 faces and is called Anna. */
  async function openAnna(...options: Parameters<typeof open>) {
    const people = await open(...options);
    await giveName(people.page, 1, 'Anna');
    await goTo(people.page, '#person-1', 'Anna, change the name');
    return people;
  }

  test('“Not Anna” takes faces away; who they are is open again', async () => {
    const { page } = await openAnna();
    await face(page, 2)
      .locator('a')
      .click({ modifiers: ['ControlOrMeta'] });
    await face(page, 4)
      .locator('a')
      .click({ modifiers: ['Shift'] });
    await bar(page, '3 faces').waitFor();
    expect(await accessProblems(page)).toEqual([]);
    await bar(page).getByRole('button', { name: 'Not Anna' }).click();
    await toast(page, 'These 3 faces are not Anna.').waitFor();
    await waitUntil(page, faces(11));
    await bar(page).waitFor({ state: 'detached' });
    await page.keyboard.press('ControlOrMeta+z');
    await toast(page, 'Undone.').waitFor();
    await waitUntil(page, faces(14));
  });

  test('“Move to…” offers everybody, found by name; a new name makes somebody new', async () => {
    const { page } = await openAnna();
    await goTo(page, '#person-2', 'Add a name to Person 02');
    await face(page, 1).hover();
    await face(page, 1).getByRole('checkbox').click();
    await bar(page).getByRole('button', { name: 'Move to…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Who is this?' });
    await dialog.getByRole('option').first().waitFor();
    expect(await dialog.getByRole('option').count()).toBe(17);
    await page.keyboard.type('ann');
    await waitUntil(page, 'document.querySelectorAll("dialog[open] [role=option]").length === 1');
    expect(await accessProblems(page)).toEqual([]);
    await page.keyboard.press('ArrowDown');
    await dialog.getByRole('button', { name: 'Move to Anna' }).waitFor();
    await page.keyboard.press('Enter');
    await toast(page, 'This face is Anna.').waitFor();
    await waitUntil(page, faces(1));
    await goTo(page, '#person-1', 'Anna, change the name');
    await waitUntil(page, faces(15));
    await face(page, 1).locator('a').focus();
    await page.keyboard.press('Space');
    await page.keyboard.press('Shift+ArrowRight');
    await bar(page).getByRole('button', { name: 'Move to…' }).click();
    await page.keyboard.type('Somebody');
    await page.getByRole('button', { name: 'Move to “Somebody”, a new person' }).click();
    await toast(page, 'These 2 faces are Somebody.').waitFor();
    await goTo(page, '#people', '19 people');
    await page.locator('.people').getByText('Somebody').waitFor();
  });

  test('a click on somebody in the list moves there', async () => {
    const { page } = await openAnna();
    await face(page, 14)
      .locator('a')
      .click({ modifiers: ['ControlOrMeta'] });
    await bar(page).getByRole('button', { name: 'Move to…' }).click();
    await page.getByRole('option', { name: 'Person 05' }).click();
    await toast(page, 'This face is Person 05.').waitFor();
    await goTo(page, '#person-5', 'Add a name to Person 05');
    await waitUntil(page, faces(3));
  });

  test('“New person” makes somebody new of faces, without a name unless one is given', async () => {
    const { page } = await openAnna();
    for (const place of [3, 5])
      await face(page, place)
        .locator('a')
        .click({ modifiers: ['ControlOrMeta'] });
    await bar(page).getByRole('button', { name: 'New person' }).click();
    await page.getByRole('dialog', { name: 'A new person' }).waitFor();
    await page.keyboard.press('Enter');
    await toast(page, 'These 2 faces are somebody new.').waitFor();
    await waitUntil(page, faces(12));
    await goTo(page, '#people', '19 people');
    await page.getByRole('button', { name: 'Undo' }).click();
    await viewShown(page, '18 people');
  });

  test('“Not a face” and “Use as cover”', async () => {
    const { page } = await openAnna();
    await face(page, 14)
      .locator('a')
      .click({ modifiers: ['ControlOrMeta'] });
    await bar(page).getByRole('button', { name: 'Not a face' }).click();
    await toast(page, 'This is not a face.').waitFor();
    await waitUntil(page, faces(13));
    const picture = await face(page, 9).locator('img').getAttribute('src');
    await face(page, 9)
      .locator('a')
      .click({ modifiers: ['ControlOrMeta'] });
    await bar(page).getByRole('button', { name: 'Use as cover' }).click();
    await toast(page, 'This is the picture of Anna now.').waitFor();
    await goTo(page, '#people', '18 people');
    expect(await card(page, 1).locator('img').first().getAttribute('src')).toBe(picture);
  });

  test('a frame, Shift and arrows, Ctrl+A and Esc', async () => {
    const { page } = await openAnna();
    const [first, last] = [await face(page, 1).boundingBox(), await face(page, 4).boundingBox()];
    if (!first || !last) throw new Error('There are no faces.');
    await page.mouse.move(first.x - 12, first.y - 8);
    await page.mouse.down();
    await page.mouse.move(last.x + 10, last.y + 10, { steps: 4 });
    await page.mouse.up();
    expect(await selected(page)).toEqual([1, 2, 3, 4]);
    await face(page, 2).locator('a').focus();
    await page.keyboard.press('Escape');
    await page.keyboard.press('Space');
    await page.keyboard.press('Shift+ArrowDown');
    expect((await selected(page)).length).toBeGreaterThan(3);
    await page.keyboard.press('ControlOrMeta+a');
    await bar(page, '14 faces').waitFor();
    await page.keyboard.press('Escape');
    expect(await selected(page)).toEqual([]);
  });

  test('a finger that stays selects; more are tapped; the viewer stays closed', async () => {
    const { page } = await openAnna(PHONE);
    await holdFinger(page, face(page, 1).locator('a'));
    await face(page, 3).locator('a').tap();
    await bar(page, '2 faces').waitFor();
    expect(await selected(page)).toEqual([1, 3]);
    expect(await page.locator('#viewer').isVisible()).toBe(false);
    await bar(page).getByRole('button', { name: 'Not Anna' }).tap();
    await waitUntil(page, faces(12));
  });

  test('what is selected stays so in another order, and is gone elsewhere', async () => {
    const { page } = await openAnna();
    await face(page, 1)
      .locator('a')
      .click({ modifiers: ['ControlOrMeta'] });
    await page.getByLabel('Order').focus();
    await page.getByLabel('Order').selectOption('least typical first');
    await waitUntil(page, 'location.hash === "#person-1?order=last"');
    await bar(page, '1 face').waitFor();
    await waitUntil(page, 'document.activeElement.localName === "select"');
    await page.evaluate('scrollTo(0, document.documentElement.scrollHeight)');
    expect(await selected(page)).toEqual([14]);
    await goTo(page, '#people', '18 people');
    expect(await bar(page).count()).toBe(0);
    await page.goBack();
    await viewShown(page, 'Anna, change the name');
    expect(await bar(page).count()).toBe(0);
    expect(await nameOf(page, 1)).toBe('Anna');
  });

  test('faces that belong to nobody can be given to somebody', async () => {
    const { page } = await openAnna();
    await face(page, 2)
      .locator('a')
      .click({ modifiers: ['ControlOrMeta'] });
    await bar(page).getByRole('button', { name: 'Not Anna' }).click();
    await toast(page, 'not Anna').waitFor();
    await goTo(page, '#unclear', 'Unclear faces');
    await page
      .locator('.faces a')
      .first()
      .click({ modifiers: ['ControlOrMeta'] });
    await bar(page).getByRole('button', { name: 'Move to…' }).click();
    await page.getByRole('option', { name: 'Anna' }).click();
    await toast(page, 'This face is Anna.').waitFor();
  });
});

for (const browserName of ['Chromium', 'Firefox'] as const) {
  describeWithBrowser(
    `who a person may be, too, in ${browserName}`,
    (browser) => {
      const photosOf = (person: number, photos: number) =>
        Object.fromEntries(Array.from({ length: photos }, (_, i) => [`${person}-${i}.png`, [person]]));
      const cast = { ...photosOf(ALIKE, 5), ...photosOf(ALIKE + 1, 4), ...photosOf(3, 3) };
      const open = usePeoplePage(
        browser,
        async (output) => {
          const photos = `${output} photos`;
          await drawPhotos(photos, cast);
          await sortDrawn({ photos: [photos], output, minPhotos: 1, threshold: 0.3 });
        },
        '3 people',
      );

      test('is asked below the faces: no is remembered', async () => {
        const { page } = await open();
        await giveName(page, 1, 'Anna');
        await goTo(page, '#person-1', 'Anna, change the name');
        const section = page.getByRole('region', { name: 'Possibly also' });
        await section.waitFor();
        expect(await section.getByRole('listitem').count()).toBe(1);
        if (browserName === 'Chromium') expect(await accessProblems(page)).toEqual([]);
        await section.getByRole('button', { name: /^No, Person/ }).click();
        await toast(page, /Anna and Person 0\d are two people/).waitFor();
        await section.waitFor({ state: 'detached' });
        await page.keyboard.press('ControlOrMeta+z');
        await section.waitFor();
      });

      test('… and yes makes them one, on the page of the one who keeps the name', async () => {
        const { page } = await open();
        await giveName(page, 1, 'Anna');
        await page.locator('.people a').nth(1).click();
        const section = page.getByRole('region', { name: 'Possibly also' });
        await section.getByRole('button', { name: 'Yes, Anna' }).click();
        await viewShown(page, 'Anna, change the name');
        await waitUntil(page, faces(9));
        expect(await page.evaluate('location.hash')).toBe('#person-1');
      });
    },
    browserName,
  );
}
