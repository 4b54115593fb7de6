import { accessSync, constants, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, type BrowserContextOptions, chromium, firefox, type Page } from 'playwright-core';

/** A browser that is installed on the machine; on Debian, set-up for tests installs both. */
interface Kind {
  readonly programs: readonly string[];
  readonly places: readonly string[];
  readonly packageName: string;
  launch(executablePath: string): Promise<Browser>;
}

/**
 * When a step of the browser counts as hung. Nothing is measured by it, and a machine that has much else to do may take its
 * time; below jest's limit for a whole test (jest.config.js), so that what was waited for in vain is named.
 */
const PATIENCE_MS = 150_000;

/** What browsers say of what a page lets go of: it is left, or loaded anew, or shows another photo before one is there. */
const LET_GO = ['net::ERR_ABORTED', 'NS_BINDING_ABORTED'];

/**
 * Has nothing go away by itself that a page shows for some seconds, as what it tells of what was done: how long the next step of a
 * test takes is chance.
 */
const STAYING = `(() => {
  const { setTimeout } = window;
  window.setTimeout = (does, ms, ...more) => (ms >= 10_000 ? 0 : setTimeout.call(window, does, ms, ...more));
})()`;

const KINDS = {
  Chromium: {
    programs: ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'],
    places: [
      '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
      '/Applications/Chromium.app/Contents/MacOS/Chromium',
    ],
    packageName: 'chromium',
    launch: (executablePath) =>
      chromium.launch({
        executablePath,
        // No sandbox, as root can't have one; and no word to the browser's maker.
        args: [
          '--no-sandbox',
          '--disable-gpu',
          '--disable-quic',
          '--no-first-run',
          '--disable-background-networking',
          '--disable-component-update',
          '--disable-sync',
        ],
        timeout: PATIENCE_MS,
        // Browsers of real people allow a page only so many changes of its address in ten seconds.
        ignoreDefaultArgs: ['--disable-ipc-flooding-protection'],
      }),
  },
  Firefox: {
    programs: ['firefox-esr', 'firefox'],
    places: ['/Applications/Firefox.app/Contents/MacOS/firefox'],
    packageName: 'firefox-esr',
    launch: launchFirefox,
  },
} satisfies Record<string, Kind>;

export type BrowserName = keyof typeof KINDS;

/** The Firefox that people have, not one of Playwright's making: that is what channels with this name are. */
async function launchFirefox(executablePath: string): Promise<Browser> {
  const browser = await firefox.launch({
    channel: 'moz-firefox',
    executablePath,
    timeout: PATIENCE_MS,
    // A mouse, though there is no screen: it hovers, and points finely.
    firefoxUserPrefs: { 'ui.primaryPointerCapabilities': 6, 'ui.allPointerCapabilities': 6 },
  });
  // Playwright sends this to each page. Firefox 153 does not know it; nothing here asks Firefox for other media.
  const { _connection: connection } = browser as unknown as Driven;
  const protocol = Object.getPrototypeOf(connection.toImpl(browser)._browserSession);
  const { send } = protocol;
  protocol.send = function (method: string, parameters: unknown) {
    return method === 'emulation.setMediaFeaturesOverride'
      ? Promise.resolve({})
      : send.call(this, method, parameters);
  };
  return browser;
}

/** What Playwright has below what it offers. */
interface Driven {
  readonly _connection: { toImpl(browser: Browser): { readonly _browserSession: object } };
}

/** The browser, if it is installed. */
function pathOf({ programs, places }: Kind): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter);
  const onPath = programs.flatMap((program) => folders.map((folder) => join(folder, program)));
  return [...onPath, ...places].find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** A page, and what happened on it that should not. */
export interface WatchedPage {
  readonly page: Page;
  /** URLs of all that was asked for, in order. */
  readonly requests: readonly string[];
  /**
   * Errors and warnings on the console, uncaught errors, dialogs that were opened, requests that failed; none of these is one that
   * the page let go of itself.
   */
  readonly troubles: readonly string[];
}

/** Opens pages in one headless browser. */
export class TestBrowser {
  readonly name: BrowserName;
  #browser: Browser | undefined;

  constructor(name: BrowserName = 'Chromium') {
    this.name = name;
  }

  /** The first page of a browser takes longest: there has been one when this returns. */
  async start(): Promise<void> {
    const executablePath = pathOf(KINDS[this.name]);
    if (executablePath === undefined) throw new Error(`There is no ${this.name}.`);
    this.#browser = await KINDS[this.name].launch(executablePath);
    const page = await this.#browser.newPage();
    await page.goto('data:text/html,', { timeout: PATIENCE_MS });
    await page.close();
  }

  async stop(): Promise<void> {
    await this.#browser?.close();
  }

  async closeWindows(): Promise<void> {
    await Promise.all((this.#browser?.contexts() ?? []).map((context) => context.close()));
  }

  /** Opens a file in a fresh browser window. @param hash with its `#` */
  async open(file: string, hash = '', options: BrowserContextOptions = {}): Promise<WatchedPage> {
    return this.visit(pathToFileURL(file).href + hash, options);
  }

  /** Opens an address in a fresh browser window. */
  async visit(address: string, options: BrowserContextOptions = {}): Promise<WatchedPage> {
    if (!this.#browser) throw new Error('The browser has not been started.');
    const context = await this.#browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
    await context.addInitScript(STAYING);
    const page = await context.newPage();
    context.setDefaultTimeout(PATIENCE_MS);
    const requests: string[] = [];
    const troubles: string[] = [];
    page.on('request', (request) => requests.push(request.url()));
    page.on('requestfailed', (request) => {
      const why = request.failure()?.errorText ?? '';
      if (!LET_GO.includes(why)) troubles.push(`failed: ${request.url()}: ${why}`);
    });
    page.on('pageerror', (error) => troubles.push(`uncaught: ${error.message}`));
    page.on('dialog', (dialog) => {
      troubles.push(`dialog: ${dialog.message()}`);
      dialog.dismiss();
    });
    page.on('console', (message) => {
      if (message.type() !== 'error' && message.type() !== 'warning') return;
      const text = message.text();
      // Of what could not be loaded, the words don't say what that was.
      troubles.push(text.startsWith('Failed to load') ? `${text}: ${message.location().url}` : text);
    });
    await page.goto(address);
    return { page, requests, troubles };
  }
}

const AXE = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

/** What axe-core finds wrong: rule, and where. */
export async function accessProblems(page: Page): Promise<string[]> {
  await page.evaluate(AXE);
  return page.evaluate(`axe.run().then(({ violations }) =>
    violations.flatMap(({ id, nodes }) => nodes.map(({ target }) => id + ': ' + target)))`);
}

/** Waits until a JavaScript expression is true in the page, whose policy allows no other way to ask again and again. */
export async function waitUntil(page: Page, condition: string): Promise<void> {
  await page.evaluate(`new Promise((resolve) => {
    const look = () => (${condition} ? resolve() : requestAnimationFrame(look));
    look();
  })`);
}

/**
 * Waits until the gallery shows the view with this title, whole and with the keyboard where it belongs.
 * The names of people alone don't tell: they are headings among all people, too.
 */
export async function viewShown(page: Page, title: string | RegExp): Promise<void> {
  await page.getByRole('heading', { level: 1, name: title, exact: true }).waitFor();
}

/** Closes the gallery's viewer by the keyboard, and waits until the address is that of the view behind it, too. */
export async function closeViewer(page: Page): Promise<void> {
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'hidden' });
  await waitUntil(page, '!location.hash.includes("/face-")');
}

/** One step back, which need not load a page; Playwright's own way waits in vain for that in Firefox. */
export async function goBack(page: Page): Promise<void> {
  await page.evaluate('history.back()');
}

/** `describe` with a browser; where it is not installed it is skipped, and a line says so. */
export function describeWithBrowser(
  name: string,
  tests: (browser: TestBrowser) => void,
  which: BrowserName = 'Chromium',
): void {
  if (pathOf(KINDS[which]) !== undefined) {
    describe(name, () => {
      const browser = new TestBrowser(which);
      beforeAll(() => browser.start());
      afterAll(() => browser.stop());
      tests(browser);
      // What a page does when its test is over takes time from the others.
      afterEach(() => browser.closeWindows());
    });
    return;
  }
  const { packageName } = KINDS[which];
  process.stderr.write(
    `SKIPPED "${name}": no ${which}. Install it, e.g. sudo apt-get install ${packageName}\n`,
  );
  // A skipped suite must hold a test, and `tests` can't be called without a browser to make its own.
  describe.skip(name, () => {
    test(`needs ${which}`, () => {});
  });
}
