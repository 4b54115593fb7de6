import { cpSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BrowserContextOptions, Locator, Page } from 'playwright-core';
import { sortPhotos } from '../../src/sort/sort';
import { type TestBrowser, viewShown, type WatchedPage } from './browser';
import { PORTRAITS } from './files';
import { sortPortraits, startView, type View } from './served';

/** A people folder of its own, and the page of it that `view` serves. */
export interface PeoplePage extends WatchedPage {
  readonly folder: string;
  readonly view: View;
  /** What else the console may say: that the program refuses what is to be refused, for one. */
  readonly expected: RegExp[];
}

/** Chromium says so of each answer that is no good. */
export const REFUSED = /^Failed to load resource: .* 400 \(Bad Request\)/;

/**
 * Whether the page asks for something as people were, or of somebody who has become somebody else just now, is chance: it then asks
 * anew, or needs it no more.
 */
const OVERTAKEN = [
  / 409 \(Conflict\): .*\/api\/pages\//,
  / 400 \(Bad Request\): .*\/api\/people\/\d+\/(alike|several)$/,
];

/** 18 people, see {@link sortPortraits}: the first is on 14 photos, the six after that are on 2, the others on 1. */
export const EVERYBODY = '18 people';

/** Sorts so strictly that the same people are several: {@link STRICTLY}, and 14 pairs that look like one, Person 01 and 19 the first. */
export function sortStrictly(output: string): Promise<unknown> {
  return sortPhotos({ photos: [PORTRAITS], output, method: 'hog', threshold: 0.3, minPhotos: 1 });
}

export const STRICTLY = '26 people';

/**
 * Returns a function that opens the page of a fresh copy of the people on the portraits that come with the devDependencies. After
 * each test, no page may have had an error, broken its policy, or asked another server for something.
 * @param sort makes the people folder
 * @param title of the view of all people
 */
export function usePeoplePage(
  browser: TestBrowser,
  sort: (folder: string) => Promise<unknown> = sortPortraits,
  title = EVERYBODY,
): (options?: BrowserContextOptions) => Promise<PeoplePage> {
  let root = '';
  let copies = 0;
  let opened: PeoplePage[] = [];
  beforeAll(async () => {
    root = mkdtempSync(join(realpathSync(tmpdir()), 'face-cluster-page-'));
    await sort(join(root, 'sorted'));
  });
  afterAll(() => rmSync(root, { recursive: true, force: true }));
  afterEach(async () => {
    const pages = opened;
    opened = [];
    for (const { page, view } of pages) {
      await page.context().close();
      await view.stop();
    }
    for (const { requests, troubles, view, expected } of pages) {
      const { origin } = new URL(view.address);
      expect(requests.filter((url) => !url.startsWith(`${origin}/`) && url !== 'data:,')).toEqual([]);
      const isAllowed = (trouble: string) => [...OVERTAKEN, ...expected].some((words) => words.test(trouble));
      expect(troubles.filter((trouble) => !isAllowed(trouble))).toEqual([]);
    }
  });
  return async (options) => {
    const folder = join(root, `copy ${++copies}`);
    cpSync(join(root, 'sorted'), folder, { recursive: true, preserveTimestamps: true });
    const view = await startView(folder);
    const watched = await browser.visit(view.address, options);
    const people = { ...watched, folder, view, expected: [] };
    opened.push(people);
    await viewShown(people.page, title);
    return people;
  };
}

/**
 * Has the program end while its page is open, and allows what the browser says of that. Which words it has for it is chance: a
 * stream breaks off, and a question that is under way is refused, reset, or answered by a no, by how far the program's end has come.
 */
export async function endProgram({ view, expected }: PeoplePage): Promise<void> {
  const { origin } = new URL(view.address);
  expected.push(/^Failed to load resource: /, new RegExp(`^failed: ${origin}/`));
  await view.stop();
}

/** Goes to an address of the page, as by a link. */
export async function goTo(page: Page, hash: string, title: string | RegExp): Promise<void> {
  await page.evaluate(`location.hash = ${JSON.stringify(hash)}`);
  await viewShown(page, title);
}

/** The card of a person among all. */
export function card(page: Page, label: number): Locator {
  return page.locator(`.people li[data-key="${label}"]`);
}

/** The button with the name of a person, on the card or above the person's faces. */
export function nameButton(page: Page, label: number): Locator {
  return page.locator(`[data-names="${label}"] button`);
}

export async function nameOf(page: Page, label: number): Promise<string> {
  return (await nameButton(page, label).textContent()) ?? '';
}

/** What was said last on what was done. */
export function toast(page: Page, text: string | RegExp): Locator {
  return page.locator('.toast', { hasText: text });
}

/** Gives a person who has none a name, by the mouse and the keyboard. */
export async function giveName(page: Page, label: number, name: string): Promise<void> {
  await nameButton(page, label).click();
  await page.keyboard.type(name);
  await page.keyboard.press('Enter');
  // A name from right to left has characters around it that can't be seen: it is no text in one piece with what is before it.
  await toast(page, 'is called').filter({ hasText: name }).waitFor();
  await page.keyboard.press('Escape');
}

/** Holds a finger on something until the page has noticed. */
export async function holdFinger(page: Page, on: Locator): Promise<void> {
  const { x, y, width, height } = await rectangle(on);
  const devices = await page.context().newCDPSession(page);
  const touchPoints = [{ x: x + width / 2, y: y + height / 2 }];
  await devices.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints });
  await page.getByRole('toolbar').waitFor();
  await devices.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
}

/** Opens a face of a person in the viewer, with its box. */
export async function openFace(page: Page, label: number, title: string | RegExp, which = 0): Promise<void> {
  await goTo(page, `#person-${label}`, title);
  await page.locator('.faces li a').nth(which).click();
  await page.locator('.box').waitFor();
}

/** Where it is asked in the viewer who a face is. */
export function naming(page: Page): Locator {
  return page.getByRole('dialog', { name: 'Who is this?' });
}

/** @throws Error if it is not on the screen */
export async function rectangle(locator: Locator) {
  const found = await locator.boundingBox();
  if (!found) throw new Error('It is not on the screen.');
  return found;
}

/** Draws a box on the photo in the viewer by the mouse, given as parts of it. */
export async function draw(
  page: Page,
  [top, right, bottom, left]: readonly [number, number, number, number],
): Promise<void> {
  const { x, y, width, height } = await rectangle(page.locator('.frame'));
  await page.mouse.move(x + left * width, y + top * height);
  await page.mouse.down();
  await page.mouse.move(x + right * width, y + bottom * height, { steps: 5 });
  await page.mouse.up();
}
