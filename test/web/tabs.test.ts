import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { PageState } from '../../src/web/api-types';
import { Tabs } from '../../src/web/tabs';

/* When the page counts as closed, and what a tab hears that does not listen. */
beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

const STATE: PageState = { revision: 1, unapplied: 0, busy: null };

/** A response, of which `full` says whether it takes no more for now. */
class Response extends EventEmitter {
  readonly written: string[] = [];
  full = false;

  write(text: string): boolean {
    this.written.push(text);
    return !this.full;
  }

  end(): void {
    this.emit('close');
  }

  get revisions(): number[] {
    return this.written.map((text) => JSON.parse(text.replace(/^event: state\ndata: /, '')).revision);
  }
}

function open(tabs: Tabs): Response {
  const response = new Response();
  tabs.add(response as unknown as ServerResponse, STATE);
  return response;
}

/** Whether the page counts as closed when so many seconds have passed. */
async function closedAfter(tabs: Tabs, seconds: number): Promise<boolean> {
  await jest.advanceTimersByTimeAsync(1000 * seconds);
  return Promise.race([tabs.closed.then(() => true), Promise.resolve().then(() => false)]);
}

test('it is closed soon after the last tab has said goodbye', async () => {
  const tabs = new Tabs();
  const [one, other] = [open(tabs), open(tabs)];
  tabs.goodbye();
  one.end();
  expect(await closedAfter(tabs, 3600)).toBe(false);
  tabs.goodbye();
  other.end();
  expect(await closedAfter(tabs, 9)).toBe(false);
  expect(await closedAfter(tabs, 1)).toBe(true);
});

test('it is not closed before it was opened, nor by being loaded anew', async () => {
  const tabs = new Tabs();
  expect(await closedAfter(tabs, 3600)).toBe(false);
  for (let i = 0; i < 5; i++) {
    const tab = open(tabs);
    tabs.goodbye();
    tab.end();
    expect(await closedAfter(tabs, 8)).toBe(false);
  }
  open(tabs);
  expect(await closedAfter(tabs, 3600)).toBe(false);
});

test('a tab that is gone without a word has time to come back', async () => {
  const tabs = new Tabs();
  open(tabs).end();
  expect(await closedAfter(tabs, 119)).toBe(false);
  const back = open(tabs);
  expect(await closedAfter(tabs, 3600)).toBe(false);
  back.end();
  expect(await closedAfter(tabs, 119)).toBe(false);
  expect(await closedAfter(tabs, 1)).toBe(true);
});

test('the time that the computer sleeps does not count', async () => {
  const tabs = new Tabs();
  open(tabs).end();
  await jest.advanceTimersByTimeAsync(60_000);
  // Clocks go on, and the timer fires once on waking.
  jest.setSystemTime(Date.now() + 8 * 3600 * 1000);
  expect(await closedAfter(tabs, 59)).toBe(false);
  expect(await closedAfter(tabs, 1)).toBe(true);
});

test('a tab that does not read hears of the latest state alone, when it reads again', () => {
  const tabs = new Tabs();
  const [slow, quick] = [open(tabs), open(tabs)];
  slow.full = true;
  for (let revision = 2; revision <= 1000; revision++) tabs.tell({ ...STATE, revision });
  expect(slow.revisions).toEqual([1, 2]);
  expect(quick.revisions).toHaveLength(1000);
  slow.full = false;
  slow.emit('drain');
  expect(slow.revisions).toEqual([1, 2, 1000]);
  tabs.tell({ ...STATE, revision: 1001 });
  expect(slow.revisions).toEqual([1, 2, 1000, 1001]);
});
