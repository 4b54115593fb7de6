import type { Page } from 'playwright-core';
import { accessProblems, closeViewer, describeWithBrowser } from '../support/browser';
import { goTo, nameButton, usePeoplePage } from '../support/people-page';

const NARROW = { viewport: { width: 320, height: 640 }, isMobile: true, hasTouch: true };
const WIDE = { viewport: { width: 2560, height: 1440 } };
const LONG = 'Maximiliane von und zu Löwenstein-Wertheim-Rosenberg-Freudenberg-Stolberg';
const FROM_RIGHT_TO_LEFT = 'נועה בת-שבע';

const VIEWS = [
  ['#people', /people$/],
  ['#person-1', /נועה/],
  ['#person-1?show=photos', /נועה/],
  ['#person-2?order=last', /Maximiliane/],
  ['#unsorted', /./],
  ['#unclear', /./],
  ['#photos', 'Photos'],
  ['#search=xyz', /xyz/],
  ['#questions', 'Same person?'],
  ['#history', 'History'],
  ['#hidden', 'Hidden people'],
] as const;

/** Names the first two people, as another tab would. */
async function nameTwo(page: Page): Promise<void> {
  const decisions = [FROM_RIGHT_TO_LEFT, LONG].map((name, i) => ({ do: 'name', person: i + 1, name }));
  await page.evaluate(`fetch('api/decisions', {
    method: 'POST', headers: { 'content-type': 'application/json' },
    body: ${JSON.stringify(JSON.stringify({ decisions }))} })`);
  await nameButton(page, 2).filter({ hasText: LONG }).waitFor();
}

/** What is cut off, or too small for a finger; only what can be used counts, and no link within a line of text. */
const troublesOf = (page: Page, touch: boolean) =>
  page.evaluate<string[]>(`(() => {
    const wide = document.documentElement.scrollWidth - innerWidth;
    const small = [...document.querySelectorAll('button, select, input, .views a, .show a')].filter((one) => {
      const { width, height } = one.getBoundingClientRect();
      return one.checkVisibility({ visibilityProperty: true }) && !one.disabled && !one.matches('.pick, .hidden') &&
        width > 1 && Math.min(width, height) < 44;
    });
    return [
      ...(wide > 0 ? [wide + ' pixels are beside the screen'] : []),
      ...(${touch} ? small.map((one) => one.outerHTML.slice(0, 100) + ' ' + one.getBoundingClientRect().height) : []),
    ];
  })()`);

describeWithBrowser('access to the page that is served', (browser) => {
  const open = usePeoplePage(browser);

  test.each([
    ['light, on the smallest screen', { ...NARROW, colorScheme: 'light' }],
    ['dark, on the smallest screen', { ...NARROW, colorScheme: 'dark' }],
    ['light, on a large screen', { ...WIDE, colorScheme: 'light', reducedMotion: 'reduce' }],
    ['dark, on a large screen', { ...WIDE, colorScheme: 'dark', reducedMotion: 'reduce' }],
  ] as const)(
    'each view has nothing that axe-core finds wrong, nor that is cut off: %s',
    async (_, options) => {
      const { page } = await open(options);
      await nameTwo(page);
      const found: string[] = [];
      for (const [hash, title] of VIEWS) {
        await goTo(page, hash, title);
        const troubles = [
          ...(await accessProblems(page)),
          ...(await troublesOf(page, 'hasTouch' in options)),
        ];
        found.push(...troubles.map((trouble) => `${hash}: ${trouble}`));
      }
      await goTo(page, '#person-1', /נועה/);
      await page.locator('.faces a').first().click();
      await page.locator('.box').waitFor();
      found.push(...(await accessProblems(page)).map((trouble) => `viewer: ${trouble}`));
      await closeViewer(page);
      expect(found).toEqual([]);
    },
  );

  test('text of twice the size is all there', async () => {
    const { page } = await open({ viewport: { width: 640, height: 900 } });
    await nameTwo(page);
    await page.evaluate(`document.documentElement.style.fontSize = '200%'`);
    const found: string[] = [];
    for (const [hash, title] of VIEWS.filter(([, title]) => title !== VIEWS[1][1])) {
      await goTo(page, hash, title);
      found.push(...(await troublesOf(page, false)).map((trouble) => `${hash}: ${trouble}`));
    }
    expect(found).toEqual([]);
  });
});
