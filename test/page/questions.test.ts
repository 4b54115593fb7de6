import type { Page } from 'playwright-core';
import { accessProblems, describeWithBrowser, viewShown, waitUntil } from '../support/browser';
import { goTo, STRICTLY, sortStrictly, toast, usePeoplePage } from '../support/people-page';

const PHONE = { viewport: { width: 320, height: 640 }, isMobile: true, hasTouch: true };

/** The two who are asked about. */
const asked = (page: Page) => page.locator('.who').allTextContents();
const left = (page: Page, n: number) => page.locator('.summary', { hasText: `${n} left` }).waitFor();
const answer = (page: Page, name: RegExp) => page.getByRole('button', { name });
const announced = (page: Page) => page.locator('#status').textContent();
const focused = (page: Page) => page.evaluate('document.activeElement.textContent');

/** Opens the questions, of which there are 14. */
async function ask(page: Page): Promise<void> {
  await page.getByRole('link', { name: 'Same person? 14' }).click();
  await viewShown(page, 'Same person?');
  await left(page, 14);
}

for (const browserName of ['Chromium', 'Firefox'] as const) {
  describeWithBrowser(
    `questions in ${browserName}`,
    (browser) => {
      const open = usePeoplePage(browser, sortStrictly, STRICTLY);

      test('the surest comes first; an answer shows the next at once, and people are one or two after it', async () => {
        const { page } = await open();
        await ask(page);
        expect(await asked(page)).toEqual(['Person 01', 'Person 19']);
        // The answer is on its way for as long as we like.
        let send = () => {};
        const sent = new Promise<void>((resolve) => {
          send = resolve;
        });
        await page.route('**/api/decisions', async (route) => {
          await sent;
          await route.continue();
        });
        await answer(page, /^Yes/).click();
        expect(await asked(page)).toEqual(['Person 01', 'Person 02']);
        expect(await announced(page)).toBe(
          'Yes. Person 01, 7 photos and Person 02, 3 photos: the same person?',
        );
        expect(await focused(page)).toContain('Yes');
        send();
        await toast(page, 'Person 19 and Person 01 are one.').waitFor();
        // Those who were asked about Person 19 are asked about nobody twice.
        await left(page, 10);
        expect(await asked(page)).toEqual(['Person 01', 'Person 02']);
        expect(await page.locator('.side .detail').first().textContent()).toBe('8 photos');
        await page.keyboard.press('n');
        await toast(page, 'Person 02 and Person 01 are two people.').waitFor();
        expect(await asked(page)).not.toContain('Person 02');
        await goTo(page, '#people', '25 people');
      });

      test('what was answered or skipped can be taken back, by keys, and is asked again', async () => {
        const { page } = await open();
        await ask(page);
        await page.keyboard.press('s');
        await left(page, 13);
        expect(await asked(page)).toEqual(['Person 01', 'Person 02']);
        await page.keyboard.press('y');
        await toast(page, 'are one').waitFor();
        await page.keyboard.press('u');
        await toast(page, 'Undone').waitFor();
        await left(page, 13);
        expect(await asked(page)).toEqual(['Person 01', 'Person 02']);
        await page.keyboard.press('u');
        await left(page, 14);
        expect(await asked(page)).toEqual(['Person 01', 'Person 19']);
        expect(await answer(page, /^Undo/).isDisabled()).toBe(true);
        await goTo(page, '#people', STRICTLY);
      });

      test('answers that are given faster than they are sent are all sent, and of people who are there', async () => {
        const { page } = await open();
        await ask(page);
        // Person 01 is 19, 02, 04 and 07.
        for (let i = 0; i < 4; i++) {
          while ((await asked(page))[0] !== 'Person 01') await page.keyboard.press('s');
          await page.keyboard.press('y');
        }
        await toast(page, 'Person 07 and Person 01 are one.').waitFor();
        await goTo(page, '#people', '22 people');
        await page.locator('.people li[data-key="1"]').getByText('14 photos').waitFor();
      });

      test('when it no longer helps to ask, it says so; what was skipped is asked again if somebody wants to', async () => {
        const { page } = await open();
        await ask(page);
        await page.keyboard.press('s');
        const no = answer(page, /^No/);
        while (await no.isVisible()) {
          if ((await asked(page)).length === 2) await page.keyboard.press('n');
          await waitUntil(page, '!document.querySelector(".questions .pair:empty ~ .end:empty")');
        }
        await page.getByText('That was the last, but for 1 question that you have skipped.').waitFor();
        expect(await accessProblems(page)).toEqual([]);
        await page.getByRole('button', { name: 'Ask what I skipped' }).click();
        expect(await asked(page)).toEqual(['Person 01', 'Person 19']);
        await answer(page, /^No/).click();
        await page.getByText('That was the last that is worth asking.').waitFor();
        expect(await focused(page)).toBe('Same person?');
        expect(await page.getByRole('link', { name: /^Same person/ }).textContent()).toBe('Same person?');
      });

      test('a face is shown with its photo around it, if somebody wants to see that', async () => {
        const { page } = await open();
        await ask(page);
        const face = page.getByRole('button', { name: /Person 01, on .*jpg: show the whole photo/ });
        await waitUntil(page, '!document.querySelector(".large-face .photo").hidden');
        const widths = () =>
          face.evaluate((button: { querySelector(s: string): { clientWidth: number } }) => [
            button.querySelector('.photo').clientWidth,
            (button as unknown as { clientWidth: number }).clientWidth,
          ]);
        const [before = 0, side = 0] = await widths();
        expect(before).toBeGreaterThan(side);
        await face.click();
        await waitUntil(
          page,
          'document.querySelector(".large-face .photo").clientWidth <= document.querySelector(".large-face").clientWidth',
        );
        expect(await face.getAttribute('aria-pressed')).toBe('true');
      });
    },
    browserName,
  );
}

describeWithBrowser('access to questions', (browser) => {
  const open = usePeoplePage(browser, sortStrictly, STRICTLY);

  test.each([
    ['light', PHONE],
    ['dark', PHONE],
    ['light', {}],
    ['dark', {}],
  ] as const)('axe-core finds nothing wrong, nothing is cut off: %s %j', async (colorScheme, options) => {
    const { page } = await open({ ...options, colorScheme });
    await ask(page);
    expect(await accessProblems(page)).toEqual([]);
    expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0);
  });

  test('by touch: buttons are as large as fingertips, and show no keys', async () => {
    const { page } = await open(PHONE);
    await ask(page);
    await answer(page, /^Yes/).tap();
    await toast(page, 'are one').waitFor();
    for (const button of await page.locator('.answers button').all()) {
      expect((await button.boundingBox())?.height).toBeGreaterThanOrEqual(44);
    }
    expect(await page.locator('kbd').first().isVisible()).toBe(false);
  });

  test.each([
    [{ viewport: { width: 1200, height: 850 } }],
    [{ viewport: { width: 1440, height: 790 } }],
    [PHONE],
  ])('what is told of an answer covers no other: %j', async (options) => {
    const { page } = await open(options);
    await ask(page);
    await page.keyboard.press('n');
    await toast(page, 'are two people').waitFor();
    const reached = await page.evaluate(`[...document.querySelectorAll('.answers button')].map((button) => {
      const { left, top, width, height } = button.getBoundingClientRect();
      return button.contains(document.elementFromPoint(left + width / 2, top + height / 2));
    })`);
    expect(reached).toEqual([true, true, true, true]);
  });

  test('letters that are typed elsewhere answer nothing', async () => {
    const { page } = await open();
    await ask(page);
    await page.getByRole('searchbox').focus();
    await page.keyboard.press('y');
    await page.getByRole('searchbox').fill('');
    await goTo(page, '#people', STRICTLY);
    await page.keyboard.press('y');
    await goTo(page, '#questions', 'Same person?');
    await left(page, 14);
  });

  test('what another tab answers is not asked any more', async () => {
    const { page } = await open();
    await ask(page);
    const other = await page.context().newPage();
    await other.goto(`${new URL(page.url()).origin}/#questions`);
    await left(other, 14);
    await answer(other, /^Yes/).click();
    await left(page, 10);
    expect(await asked(page)).toEqual(['Person 01', 'Person 02']);
  });
});

for (const browserName of ['Chromium', 'Firefox'] as const) {
  describeWithBrowser(
    `people who may be several, in ${browserName}`,
    (browser) => {
      const open = usePeoplePage(browser);

      /** Makes one of three, who are 18 photos then. */
      async function makeOne(page: Page): Promise<void> {
        await page.evaluate(`fetch('api/decisions', {
      method: 'POST', headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ decisions: [2, 3].map((person) => ({ do: 'merge', person, into: 1 })) }) }).then((answer) => answer.json())`);
        await viewShown(page, '16 people');
        await goTo(page, '#person-1', /Person 01/);
      }

      test('it is shown what holds them together, and they are taken apart', async () => {
        const { page } = await open();
        await makeOne(page);
        await page.getByText('These may be several people: they fall into two groups').waitFor();
        await page.getByRole('button', { name: 'Why together?' }).click();
        await page.getByText('14 faces that would stay').waitFor();
        await page.getByText('4 faces that would be somebody else').waitFor();
        expect(await page.locator('.several .large-face').count()).toBe(2);
        expect(await accessProblems(page)).toEqual([]);
        await page.getByRole('button', { name: 'Take them apart' }).click();
        await toast(page, '4 faces of Person 01 are somebody else now.').waitFor();
        await page.getByText('Several people?').waitFor({ state: 'detached' });
        await page.getByText('14 photos').first().waitFor();
        await goTo(page, '#people', '17 people');
      });

      test('that they are one is written down, and the mark is gone', async () => {
        // No Firefox is made a phone of from outside.
        const byTouch = browserName === 'Chromium';
        const { page } = await open(byTouch ? PHONE : {});
        const press = (name: string) => {
          const button = page.getByRole('button', { name });
          return byTouch ? button.tap() : button.click();
        };
        await makeOne(page);
        await press('Why together?');
        await press('They are one');
        await toast(page, 'Person 01 is one person.').waitFor();
        await page.getByText('Several people?').waitFor({ state: 'detached' });
        // It lasts, until it is undone.
        await page.reload();
        await page.getByText('18 photos').first().waitFor();
        expect(await page.getByText('Several people?').count()).toBe(0);
        await page.keyboard.press('Control+z');
        await page.getByText('Several people?').waitFor();
        await goTo(page, '#history', 'History');
        expect(await page.locator('.history li').first().textContent()).toContain('Person 01');
        await goTo(page, '#people', '16 people');
      });
    },
    browserName,
  );
}
