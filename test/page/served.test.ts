import type { Page } from 'playwright-core';
import { PrivateLink } from '../../src/cli/browser';
import { describeWithBrowser } from '../support/browser';
import { useTempFolder } from '../support/files';
import { Client, sortPortraits, startView, type View } from '../support/served';

/* How a browser comes to the page that is served, and what it then asks for. */
const temp = useTempFolder();

/** Waits until the page has its people from the server. */
const everybodyShown = (page: Page) => page.getByText('Person 01').first().waitFor();

describeWithBrowser('the page that is served', (browser) => {
  let view: View;
  beforeEach(async () => {
    await sortPortraits(temp('people'));
    view = await startView(temp('people'));
  });
  afterEach(() => view.stop());

  test.each([
    ['by its address', async () => view.address],
    [
      'by the file that leads there, as it is opened on a desktop',
      async () => `file://${(await PrivateLink.make(view.address, temp())).path}`,
    ],
  ])('%s', async (_, way) => {
    const { page, requests, troubles } = await browser.visit(await way());
    const { origin } = new URL(view.address);
    await page.waitForURL((url) => url.href.startsWith(`${origin}/`) && url.search === '');
    await everybodyShown(page);
    expect(await page.evaluate('document.cookie')).toBe('');
    const others = requests.filter(
      (url) => !/^(file|data|blob):/.test(url) && new URL(url).origin !== origin,
    );
    expect([others, troubles]).toEqual([[], []]);
    // Loaded anew, it is still there.
    await page.reload();
    await everybodyShown(page);
    expect(troubles).toEqual([]);
  });

  test('it says goodbye, and with the last tab the command ends', async () => {
    const { page } = await browser.visit(view.address);
    await everybodyShown(page);
    // What is sent by a page that goes is not shown to tests.
    const [answer] = await Promise.all([
      page.waitForResponse('**/api/goodbye'),
      page.evaluate(`dispatchEvent(new Event('pagehide'))`),
    ]);
    expect(answer.status()).toBe(204);
    await page.goto('about:blank');
    const { code, stderr } = await view.ended;
    expect([code, stderr]).toEqual([0, expect.not.stringContaining('Error')]);
  });

  test('ten tabs are told of what one of them decides, also when the first is closed', async () => {
    const { page, troubles } = await browser.visit(view.address);
    await everybodyShown(page);
    const tabs = [page];
    for (let i = 1; i < 10; i++) {
      const tab = await page.context().newPage();
      await tab.goto(new URL(view.address).origin);
      await everybodyShown(tab);
      tabs.push(tab);
    }
    const client = await Client.open(view.address);
    const name = (name: string) =>
      client.post('api/decisions', { decisions: [{ do: 'name', person: 1, name }] });
    const allShow = (name: string) => Promise.all(tabs.map((tab) => tab.getByText(name).first().waitFor()));
    await name('Franck');
    await allShow('Franck');
    await tabs.shift()?.close();
    await name('Olivier');
    await allShow('Olivier');
    expect(troubles).toEqual([]);
  });
});
