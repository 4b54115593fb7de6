import { PrivateLink } from '../../src/cli/browser';
import { describeWithBrowser } from '../support/browser';
import { useTempFolder } from '../support/files';
import { sortPortraits, startView, type View } from '../support/served';

/* How a browser comes to the page that is served, and what it then asks for. */
const temp = useTempFolder();

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
    await page.getByRole('heading', { level: 1 }).waitFor();
    expect(await page.evaluate('document.cookie')).toBe('');
    const others = requests.filter(
      (url) => !/^(file|data|blob):/.test(url) && new URL(url).origin !== origin,
    );
    expect([others, troubles]).toEqual([[], []]);
    // Loaded anew, it is still there; what the first one was loading is not waited for.
    await page.reload();
    await page.getByRole('heading', { level: 1 }).waitFor();
    expect(troubles.filter((trouble) => !trouble.startsWith('failed: '))).toEqual([]);
  });
});
