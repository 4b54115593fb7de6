import { join } from 'node:path';
import { buildSync } from 'esbuild';
import type { Locator, Page } from 'playwright-core';
import {
  closeViewer,
  describeWithBrowser,
  goBack,
  type TestBrowser,
  viewShown,
  waitUntil,
} from '../support/browser';
import { useTempFolder } from '../support/files';
import { faceData, makeGallery } from '../support/gallery';

const temp = useTempFolder();

const MANY = 3000;
const nameOf = (i: number) => `${String(i).padStart(5, '0')}.jpg`;
const manyFaces = (n = MANY) => Array.from({ length: n }, (_, i) => faceData(nameOf(i)));

/** The page of a person with many faces. */
async function openMany(browser: TestBrowser, viewport = { width: 1000, height: 700 }) {
  const watched = await browser.open(await makeGallery(temp(), [manyFaces()]), '#person-0', { viewport });
  await watched.page.locator('.faces a').first().waitFor();
  return watched;
}

/** Names of the faces that are on the screen in full. */
function onScreen(page: Page): Promise<string[]> {
  return page.evaluate(`[...document.querySelectorAll('.faces li')]
    .filter((item) => item.getBoundingClientRect().top >= 0 && item.getBoundingClientRect().bottom <= innerHeight)
    .map((item) => item.querySelector('.name').textContent)`);
}

const focused = (page: Page) => page.evaluate('document.activeElement.querySelector(".name")?.textContent');

async function waitForFace(page: Page, i: number): Promise<Locator> {
  const face = page.locator('.faces a', { hasText: nameOf(i) });
  await face.waitFor({ state: 'attached' });
  return face;
}

for (const browserName of ['Chromium', 'Firefox'] as const) {
  describeWithBrowser(
    `a long list in ${browserName}`,
    (browser) => {
      test('holds what is near the screen, and scrolls as far as all of it would', async () => {
        const { page, troubles } = await openMany(browser);
        const items = page.locator('.faces li');
        const few = await items.count();
        expect(few).toBeGreaterThan((await onScreen(page)).length);
        expect(few).toBeLessThan(150);
        const columns = await page.evaluate(
          'getComputedStyle(document.querySelector(".faces")).gridTemplateColumns.split(" ").length',
        );
        const { height: row = 0 } = (await items.first().boundingBox()) ?? {};
        const list = await page.locator('.faces').boundingBox();
        expect(list?.height).toBeGreaterThan((row * MANY) / Number(columns));

        await page.evaluate('scrollTo(0, document.documentElement.scrollHeight)');
        await waitForFace(page, MANY - 1);
        expect((await onScreen(page)).at(-1)).toBe(nameOf(MANY - 1));
        expect(await items.count()).toBeLessThan(150);
        expect(await items.last().getAttribute('aria-posinset')).toBe(String(MANY));
        expect(await items.last().getAttribute('aria-setsize')).toBe(String(MANY));
        await page.evaluate('scrollTo(0, 0)');
        await waitForFace(page, 0);
        expect((await onScreen(page))[0]).toBe(nameOf(0));
        expect(await page.locator('.faces').boundingBox()).toEqual(list);
        expect(troubles).toEqual([]);
      });

      test('shows every face once, in order, however it is scrolled', async () => {
        const { page } = await openMany(browser);
        const seen = new Set<string>();
        let ordered = true;
        for (let i = 0; i < 40; i++) {
          const names = await page.locator('.faces .name').allTextContents();
          ordered &&= names.join() === [...names].sort().join() && new Set(names).size === names.length;
          for (const name of await onScreen(page)) seen.add(name);
          await page.evaluate(`new Promise((scrolled) => {
        addEventListener('scroll', () => requestAnimationFrame(scrolled), { once: true });
        scrollBy(0, ${i % 5 === 4 ? -90 : 400});
      })`);
        }
        expect(ordered).toBe(true);
        expect([...seen]).toEqual([...seen].sort());
        expect([...seen]).toEqual(Array.from({ length: seen.size }, (_, i) => nameOf(i)));
        expect(seen.size).toBeGreaterThan(200);
      });

      test('Tab goes through all of it', async () => {
        const { page } = await openMany(browser);
        await page.locator('.faces a').first().focus();
        for (let i = 1; i <= 250; i++) {
          await page.keyboard.press('Tab');
          // What comes next is there before the browser has scrolled on: anything else would skip faces.
          if (i % 50 === 0) expect(await focused(page)).toBe(nameOf(i));
        }
      });

      test('the keyboard stays on a face while the mouse scrolls far away, and goes on from there', async () => {
        const { page } = await openMany(browser);
        await (await waitForFace(page, 3)).focus();
        await page.evaluate('scrollTo(0, 30000)');
        await waitUntil(page, 'document.querySelectorAll(".faces .kept").length === 1');
        expect(await focused(page)).toBe(nameOf(3));
        expect(await onScreen(page)).not.toContain(nameOf(3));
        await page.keyboard.press('ArrowRight');
        expect(await focused(page)).toBe(nameOf(4));
        expect(await onScreen(page)).toContain(nameOf(4));
        expect(await page.locator('.faces .kept').count()).toBe(0);
        expect((await page.locator('.faces .name').allTextContents())[0]).toBe(nameOf(0));
      });

      test('a face with a long name that keeps the keyboard covers nothing, and makes the page no wider', async () => {
        const name = `${'long name '.repeat(20)}.jpg`;
        const file = await makeGallery(temp(), [[faceData(name), ...manyFaces(), faceData(`z${name}`)]]);
        const { page } = await browser.open(file, '#person-0', { viewport: { width: 390, height: 844 } });
        const face = page.locator('.faces a').first();
        await face.waitFor();
        await face.focus();
        const size = '[document.documentElement.scrollWidth, document.documentElement.scrollHeight].join()';
        const before = await page.evaluate(size);
        await page.evaluate('scrollTo(0, 30000)');
        await page.locator('.faces .kept').waitFor({ state: 'attached' });
        expect(await page.evaluate(size)).toBe(before);
        await page.evaluate('scrollTo(0, document.documentElement.scrollHeight)');
        await page.locator('.faces a', { hasText: 'zlong' }).focus();
        await page.evaluate('scrollTo(0, 0)');
        await page.locator('.faces .kept').waitFor({ state: 'attached' });
        expect(await page.evaluate(size)).toBe(before);
      });

      test('arrow keys end at its ends', async () => {
        const { page } = await openMany(browser);
        await (await waitForFace(page, 0)).focus();
        await page.keyboard.press('ArrowLeft');
        expect(await focused(page)).toBe(nameOf(0));
        await page.evaluate('scrollTo(0, document.documentElement.scrollHeight)');
        await (await waitForFace(page, MANY - 1)).focus();
        await page.keyboard.press('ArrowRight');
        expect(await focused(page)).toBe(nameOf(MANY - 1));
      });

      test('what is at the top of the screen stays there when a phone is turned', async () => {
        const { page } = await openMany(browser, { width: 390, height: 844 });
        await page.evaluate('scrollTo(0, 40000)');
        await waitUntil(page, 'document.querySelector(".faces li").ariaPosInSet > 100');
        const [before = 'none'] = await onScreen(page);
        await page.setViewportSize({ width: 844, height: 390 });
        await waitUntil(
          page,
          'getComputedStyle(document.querySelector(".faces")).gridTemplateColumns.split(" ").length > 3',
        );
        // Within a row of the other width, which is up to six faces.
        await waitUntil(
          page,
          `[...document.querySelectorAll('.faces li')].some((item) => {
      const { top, bottom } = item.getBoundingClientRect();
      const away = item.ariaPosInSet - 1 - ${Number.parseInt(before, 10)};
      return bottom > 0 && top < innerHeight && Math.abs(away) <= 6;
    })`,
        );
      });

      test('going back leads to where it was scrolled to, and to the face', async () => {
        const { page } = await openMany(browser);
        await page.evaluate('scrollTo(0, 20000)');
        await waitUntil(page, 'document.querySelector(".faces li").ariaPosInSet > 100');
        const [face = 'none'] = (await onScreen(page)).slice(7);
        await page.getByRole('link', { name: face }).click();
        await page.getByRole('dialog').getByRole('link', { name: 'Person 0' }).waitFor();
        await closeViewer(page);
        expect(await focused(page)).toBe(face);
        const before = await page.evaluate('scrollY');
        await page
          .getByRole('link', { name: 'All people' })
          .evaluate((link) => (link as { click(): void }).click());
        await viewShown(page, '1 person');
        await goBack(page);
        await viewShown(page, 'Person 0');
        expect(await page.evaluate('scrollY')).toBe(before);
        expect(await onScreen(page)).toContain(face);
      });

      test('the viewer leads to faces that are not in the page yet', async () => {
        const { page } = await openMany(browser);
        await page.locator('.faces a').first().click();
        await page.getByRole('dialog').waitFor();
        await page.keyboard.press('End');
        await page.getByText(`${MANY.toLocaleString('en')} of ${MANY.toLocaleString('en')}`).waitFor();
        await closeViewer(page);
        expect(await focused(page)).toBe(nameOf(MANY - 1));
        expect(await onScreen(page)).toContain(nameOf(MANY - 1));
      });

      test('says what it leaves out where it would be taller than browsers can show', async () => {
        const { page } = await openMany(browser, { width: 360, height: 640 });
        const { outputFiles } = buildSync({
          stdin: {
            contents: 'export * from "./elements"; export * from "./lists";',
            resolveDir: join(__dirname, '../../gallery'),
          },
          bundle: true,
          write: false,
          globalName: 'modules',
        });
        const shown = await page.evaluate(`(() => {
      ${outputFiles[0]?.text}
      const { byId, element, longList, thumbnail } = modules;
      const items = Array.from({ length: 3_000_000 }, (_, i) => i);
      const make = (i) => element('li', {}, element('a', { href: '#' + i }, String(i), thumbnail(null)));
      const { list, rest, update, focusItem } = longList(items, make, 'faces');
      byId('content').replaceChildren(list, rest);
      update();
      const [left] = /[\\d,]+/.exec(rest.textContent);
      const last = 3_000_000 - Number(left.replaceAll(',', '')) - 1;
      return [focusItem(last), document.activeElement.textContent.startsWith(String(last)), focusItem(last + 1)];
    })()`);
        expect(shown).toEqual([true, true, false]);
        expect(await page.locator('.rest').isVisible()).toBe(true);
      });
    },
    browserName,
  );
}
