import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Page } from 'playwright-core';
import type { Questions, ServedOverview } from '../../src/web/api-types';
import { describeWithBrowser, viewShown, waitUntil } from '../support/browser';
import { useTempFolder } from '../support/files';
import { nameButton } from '../support/people-page';
import { Client, sortPortraits, startView, type View } from '../support/served';
import { describeWithShared } from '../support/shared';

const temp = useTempFolder();

describeWithShared('from nothing to everybody named', (shared) => {
  const [, ...rows] = readFileSync(join(shared, 'data/players-identities.csv'), 'utf8').trim().split('\n');
  const players = new Map(
    rows.map((row) => {
      const [photo = '', who = ''] = row.trim().split(',');
      return [photo, who];
    }),
  );

  describeWithBrowser('on photos of five footballers', (browser) => {
    let view: View | undefined;
    afterEach(() => view?.stop());

    test('takes twelve clicks at most: questions are answered, names typed, the folders follow', async () => {
      const output = join(temp(), 'people');
      await sortPortraits(output, join(shared, 'data/players'), 3);
      view = await startView(output);
      const client = await Client.open(view.address);
      const { page, troubles } = await browser.visit(view.address);
      await viewShown(page, /people$/);
      await page.evaluate(
        'addEventListener("pointerdown", ({ isTrusted }) => { window.clicks = (window.clicks ?? 0) + isTrusted; }, true)',
      );

      await answerAll(page, client);
      // The names of those whose faces are on the screen, one after the other, the largest first.
      const { people } = await client.get<ServedOverview>('api/overview');
      const known = people.filter(({ label }) => label >= 0);
      const names = await Promise.all(known.map(({ label }) => whoIs(client, label)));
      await nameButton(page, known[0]?.label ?? 0).click();
      for (const name of names) {
        await page.keyboard.type(name);
        await page.keyboard.press('Enter');
      }
      await page.keyboard.press('Escape');
      await page.locator('.state', { hasText: `${known.length} changes` }).waitFor();
      await page.getByRole('button', { name: 'Apply to folders' }).click();
      await page.locator('.state', { hasText: 'up to date' }).waitFor();

      const clicks = await page.evaluate<number>('window.clicks');
      process.stderr.write(`Five footballers named by ${clicks} clicks.\n`);
      expect(clicks).toBeLessThanOrEqual(12);
      expect(troubles).toEqual([]);
      await page.context().close();
      await view.stop();
      view = undefined;
      const wanted = ['messi', 'neymar', 'ronaldo', 'salah', 'suarez'];
      const folders = readdirSync(output).filter((name) => /^[a-z]+ \(\d+\)$/.test(name));
      expect(folders.map((name) => name.split(' ')[0]).sort()).toEqual(wanted);
      for (const folder of folders) {
        const others = readdirSync(join(output, folder)).filter(
          (photo) => !folder.startsWith((players.get(photo) ?? '').replace('_lookalike', '')),
        );
        expect(others).toEqual([]);
      }
    });
  });

  /** Looks at whoever is asked about, and answers. */
  async function answerAll(page: Page, client: Client): Promise<void> {
    for (;;) {
      const { questions } = await client.get<Questions>('api/questions');
      const [next] = questions;
      if (!next) return;
      if ((await page.evaluate('location.hash')) !== '#questions')
        await page.getByRole('link', { name: /^Same person/ }).click();
      const [one, other] = await Promise.all(next.people.map((label) => whoIs(client, label)));
      await page.getByRole('button', { name: one === other ? /^Yes/ : /^No/ }).click();
      await waitUntil(page, 'document.querySelector(".toast") !== null');
    }
  }

  /** Who most of a person's photos are of. */
  async function whoIs(client: Client, label: number): Promise<string> {
    const faces = await client.get<{ label: number; path: string }[]>(
      `api/pages/faces/0?revision=${(await client.get<ServedOverview>('api/overview')).state.revision}`,
    );
    const names = faces
      .filter((face) => face.label === label)
      .map(({ path }) => players.get(basename(path)) ?? '');
    const times = (name: string) => names.filter((one) => one === name).length;
    return names.sort((a, b) => times(b) - times(a))[0] ?? '';
  }
});
