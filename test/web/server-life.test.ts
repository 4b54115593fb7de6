import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Decided, Failure, HistoryEntry, PageState, ServedOverview } from '../../src/web/api-types';
import { PageServer } from '../../src/web/server';
import { checkPageBuilt, PATIENT, runCli } from '../support/cli';
import { FakePeople } from '../support/fake-people';
import { useTempFolder, written } from '../support/files';
import { copyTree, foldersOf } from '../support/people-folder';
import { onLinux } from '../support/platform';
import { Client, FRANCK, sortPortraits, startView, type View } from '../support/served';
import { STRANGER, testAsStranger } from '../support/unprivileged';

/* The server from its start to its end, and what is on the disk by then, however it ends. */
beforeAll(checkPageBuilt);
const temp = useTempFolder();

const running: View[] = [];
afterEach(async () => {
  for (const view of running.splice(0)) {
    view.child.kill('SIGKILL');
    await view.ended;
  }
});

let sorted = '';
beforeAll(async () => {
  sorted = mkdtempSync(join(tmpdir(), 'face-cluster-test-'));
  await sortPortraits(join(sorted, 'people'));
});
afterAll(() => rmSync(sorted, { recursive: true, force: true }));

/** Makes a people folder as it was sorted. */
const makePeople = (name = 'people') => copyTree(join(sorted, 'people'), temp(name));

/** Serves the people folder `people`, as it was sorted if it is not there. */
async function serve(args?: readonly string[], options?: Parameters<typeof startView>[2]): Promise<View> {
  if (!existsSync(temp('people'))) makePeople();
  const view = await startView(temp('people'), args, options);
  running.push(view);
  return view;
}

/** Lets no time pass for what this process waits for, until the test tells it to. */
function stopClock(): void {
  const others = [
    'nextTick',
    'queueMicrotask',
    'setImmediate',
    'clearImmediate',
    'setInterval',
    'clearInterval',
  ] as const;
  jest.useFakeTimers({ doNotFake: [...others, 'performance', 'hrtime', 'Date'] });
}
afterEach(() => jest.useRealTimers());

const naming = (name: string, person = FRANCK.label) => ({ decisions: [{ do: 'name', person, name }] });

async function history(): Promise<string> {
  const { stdout } = await runCli(['people', '--history', '-o', temp('people')], { cwd: temp() });
  return stdout;
}

describe('what is decided', () => {
  test('is known in both tabs, and the folders follow at the end', async () => {
    const view = await serve();
    const client = await Client.open(view.address);
    const tabs = [await client.openTab(), await client.openTab()] as const;
    for (const tab of tabs) expect(await tab.state()).toMatchObject({ unapplied: 0 });
    // On the same thing, at once.
    const [one, other] = await Promise.all([
      client.post<Decided>('api/decisions', naming('Franck')),
      client.post<Decided>('api/decisions', naming('Frank')),
    ]);
    expect(one.gesture).not.toBe(other.gesture);
    for (const tab of tabs) {
      let state: PageState;
      do state = await tab.state();
      while (state.unapplied < 2);
      expect(state.revision).toBeGreaterThan(1);
    }
    const last = one.gesture > other.gesture ? 'Franck' : 'Frank';
    const { people } = await client.get<ServedOverview>('api/overview');
    expect(people.find(({ label }) => label === FRANCK.label)?.name).toBe(last);
    expect(await client.get<HistoryEntry[]>('api/history')).toHaveLength(2);
    expect([...foldersOf(temp('people')).keys()]).toContain('Person 01');

    const { code, stdout, stderr } = await view.stop();
    expect([code, stderr]).toEqual([
      0,
      expect.stringContaining('The folders are brought up to what you decided'),
    ]);
    expect(stdout.split('\n')[0]).toBe(view.address);
    expect(foldersOf(temp('people')).get(last)).toHaveLength(FRANCK.photos);
    expect(existsSync(temp('people', `${last} (${FRANCK.photos})`))).toBe(true);
    expect(await history()).toMatch(/view: Person 01 is called Fran/);
  });

  test.each([
    ['has a megabyte', 'a'.repeat(900_000)],
    ['can not be seen', '\u200b'],
    ['has several lines', 'Anna\nBen'],
    ['is that of a folder of nobody', 'Not sorted'],
  ])('is refused, in words, if a name %s', async (_, name) => {
    const view = await serve();
    const client = await Client.open(view.address);
    const answer = await client.send('api/decisions', JSON.stringify(naming(name)));
    expect(answer.status).toBe(400);
    const failure = (await answer.json()) as Failure;
    expect(failure).toEqual({ code: 'FACE_INVALID_ARGUMENT', message: expect.any(String) });
    expect(failure.message.length).toBeLessThan(500);
    expect(await client.get<HistoryEntry[]>('api/history')).toEqual([]);
  });

  test.each(['<script>alert(1)</script>', '../../outside', '%2e%2e', '$(id)'])(
    'may be a name like %s: it is a name',
    async (name) => {
      const view = await serve();
      const client = await Client.open(view.address);
      await client.post('api/decisions', naming(name));
      const { people } = await client.get<ServedOverview>('api/overview');
      expect(people.find(({ label }) => label === FRANCK.label)?.name).toBe(name);
      expect(await view.stop()).toMatchObject({ code: 0 });
      expect(readdirSync(temp())).toEqual(['people']);
      expect([...foldersOf(temp('people')).keys()]).toHaveLength(foldersOf(join(sorted, 'people')).size);
    },
  );

  test('is kept if it was answered, when the server is killed in the middle of the next', async () => {
    for (const after of [1, 3, 8, 20]) {
      const view = await serve();
      const client = await Client.open(view.address);
      const answered: number[] = [];
      const asked = Array.from({ length: 40 }, async (_, i) => {
        await client.post('api/decisions', naming(`Name ${i}.`));
        if (answered.push(i) === after) view.child.kill('SIGKILL');
      });
      await Promise.allSettled(asked);
      expect(await view.ended).toMatchObject({ signal: 'SIGKILL' });
      const told = await history();
      for (const i of answered) expect(told).toContain(`Name ${i}.\n`);
      // And it goes on from there.
      const again = await serve();
      const { people, state } = await (await Client.open(again.address)).get<ServedOverview>('api/overview');
      expect(people.find(({ label }) => label === FRANCK.label)?.name).toMatch(/^Name \d+\.$/);
      expect(state.unapplied).toBeGreaterThanOrEqual(answered.length);
      expect(await again.stop()).toMatchObject({ code: 0 });
      expect([...foldersOf(temp('people')).keys()].some((name) => /^Name \d+/.test(name))).toBe(true);
      rmSync(temp('people'), { recursive: true });
    }
  });

  test('in hand when the server ends is answered, and others are not kept waiting by a slow client', async () => {
    const people = new FakePeople(temp());
    const server = await PageServer.start(people);
    const client = await Client.open(server.address);
    const tab = await client.openTab();
    await tab.state();
    let go = () => {};
    const begun = new Promise<void>((resolve) => {
      people.before = () => {
        resolve();
        return new Promise((then) => {
          go = then;
        });
      };
    });
    const answer = client.post('api/decisions', naming('Anna'));
    // Says that it sends more than it does.
    const slow = connect(server.port, '127.0.0.1');
    slow.write(
      `POST /api/decisions HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\nOrigin: ${client.origin}\r\n` +
        `Cookie: ${client.cookie}\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{`,
    );
    await begun;
    expect(await client.get('api/history')).toEqual([]);
    stopClock();
    const closed = server.close();
    // The stream of a tab ends, so that it knows.
    await expect(tab.state()).rejects.toThrow();
    go();
    expect(await answer).toMatchObject({ gesture: 1 });
    await jest.advanceTimersByTimeAsync(5_000);
    await closed;
    slow.destroy();
    await expect(client.get('api/history')).rejects.toThrow();
  });
});

test('who has asked for nothing, or not to the end, does not keep it from ending', async () => {
  const server = await PageServer.start(new FakePeople(temp()));
  const sockets = await Promise.all(
    ['', 'GET / HT', `GET /api/history HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\n\r\nGET`].map(
      async (said) => {
        const socket = connect(server.port, '127.0.0.1');
        await once(socket, 'connect');
        socket.write(said);
        if (said.includes('\n')) await once(socket, 'data');
        return socket;
      },
    ),
  );
  // Nobody's patience ends.
  stopClock();
  await server.close();
  for (const socket of sockets) socket.destroy();
});

describe('its life', () => {
  test('it ends by itself after the tab was closed, and not by its being loaded anew', async () => {
    const view = await serve();
    const client = await Client.open(view.address);
    const tab = await client.openTab();
    await client.post('api/goodbye', {});
    tab.close();
    // At once, as when it is loaded anew.
    const again = await client.openTab();
    await client.post('api/decisions', naming('Franck'));
    await client.post('api/goodbye', {});
    again.close();
    const { code, stderr } = await view.ended;
    expect([code, stderr]).toEqual([0, expect.stringContaining('The page was closed.')]);
    expect([...foldersOf(temp('people')).keys()]).toContain('Franck');
  });

  test('nothing decided, nothing done', async () => {
    const view = await serve();
    const { code, stdout } = await view.stop();
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^http:.*\nNothing was left to do.*\n$/)]);
  });

  test('SIGTERM ends it in good order, too', async () => {
    const view = await serve(['--no-open', '--quiet']);
    await (await Client.open(view.address)).post('api/decisions', naming('Franck'));
    view.child.kill('SIGTERM');
    const { code, stdout, stderr } = await view.ended;
    expect([code, stdout, stderr]).toEqual([0, `${view.address}\n`, '']);
    expect([...foldersOf(temp('people')).keys()]).toContain('Franck');
  });

  test('for programs it says the same as JSON', async () => {
    makePeople();
    let told = false;
    const { code, stdout } = await runCli(['view', temp('people'), '--no-open', '--json'], {
      cwd: temp(),
      onStdout: (text, child) => {
        if (told || !text.includes('"page"')) return;
        told = true;
        child.kill('SIGINT');
      },
    });
    const events = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect([code, events[0].event, events.at(-1).event]).toEqual([0, 'start', 'done']);
    expect(events.find(({ event }) => event === 'page').address).toMatch(
      /^http:\/\/127\.0\.0\.1:\d+\/\?token=/,
    );
    expect(events.map(({ event }) => event)).toContain('progress');
  });

  test('the port may be chosen; one that is taken is named', async () => {
    const view = await serve();
    const { port } = new URL(view.address);
    makePeople('others');
    const { code, stderr } = await runCli(['view', temp('others'), '--no-open', '--port', port], {
      cwd: temp(),
    });
    expect([code, stderr]).toEqual([1, expect.stringContaining(`Port ${port} is in use`)]);
    await view.stop();
    const other = await startView(temp('others'), ['--no-open', '--port', port]);
    running.push(other);
    expect(new URL(other.address).port).toBe(port);
    const wrong = await runCli(['view', temp('people'), '--port', '70000'], { cwd: temp() });
    expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringMatching(/^Error: .*from 0 to 65535/)]);
  });

  test('a folder that another program works on is there to look at', async () => {
    await serve();
    const { code, stdout, stderr } = await runCli(['view', temp('people'), '--no-open'], { cwd: temp() });
    expect([code, stdout]).toEqual([0, `${temp('people/.data/page/index.html')}\n`]);
    expect(stderr).toMatch(/^The page of the people in .* is open.*process \d+.*nothing can be changed.*\n$/);
    const name = await runCli(['name', '1', 'Anna', '-o', temp('people')], { cwd: temp() });
    expect([name.code, name.stderr]).toEqual([1, expect.stringMatching(/page of the people in .* is open/)]);
  });
});

describe('the browser', () => {
  /** A desktop whose opener is a script; see test/page/view.test.ts. */
  function desktop(opener: string): NodeJS.ProcessEnv {
    mkdirSync(temp('programs'), { recursive: true });
    writeFileSync(temp('programs/gio'), `#!/bin/sh\n[ "$1" = help ] || { ${opener}; }\n`, { mode: 0o755 });
    return {
      DISPLAY: ':99',
      WAYLAND_DISPLAY: '',
      WSL_DISTRO_NAME: '',
      XDG_CURRENT_DESKTOP: 'GNOME',
      PATH: `${temp('programs')}:${process.env.PATH}`,
      ...PATIENT,
    };
  }

  onLinux('is led to the page by a file that nobody else may read, and that is gone afterwards', async () => {
    const env = desktop(
      `cd '${temp()}'; printf '%s\\n' "$@" > arguments; stat -c %a "$2" > mode; cp "$2" opened.html; mv opened.html opened`,
    );
    const view = await serve([], { env });
    const opened = await written(temp('opened'));
    const said = readFileSync(temp('arguments'), 'utf8');
    expect(said).toBe(`open\n${temp('people/.data/open.html')}\n`);
    expect(readFileSync(temp('mode'), 'utf8')).toBe('600\n');
    const [, address] = opened.match(/url=([^"]+)"/) ?? [];
    expect(address).toBe(view.address);
    await Client.open(view.address);
    while (existsSync(temp('people/.data/open.html'))) await new Promise((resolve) => setImmediate(resolve));
  });

  onLinux('that can not be started is no reason to end', async () => {
    const view = await serve([], { env: desktop('exit 2') });
    const client = await Client.open(view.address);
    expect(await client.get('api/overview')).toMatchObject({ state: { unapplied: 0 } });
    while (!view.stderr().includes('could not be opened'))
      await new Promise((resolve) => setImmediate(resolve));
    expect(existsSync(temp('people/.data/open.html'))).toBe(false);
  });

  onLinux('is not looked for where there is no display', async () => {
    const view = await serve([], { env: { DISPLAY: '', WAYLAND_DISPLAY: '', WSL_DISTRO_NAME: '' } });
    const { port } = new URL(view.address);
    while (!view.stderr().includes(`ssh -L ${port}:127.0.0.1:${port}`))
      await new Promise((resolve) => setImmediate(resolve));
    expect(await view.stop()).toMatchObject({ code: 0 });
  });
});

describe('another user of the computer', () => {
  /** Runs a script as that user; what it prints. */
  function as(user: number, script: string): Promise<string> {
    const child: ChildProcess = spawn(process.execPath, ['--eval', script], {
      uid: user,
      cwd: '/',
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let text = '';
    child.stdout?.setEncoding('utf8').on('data', (part: string) => {
      text += part;
    });
    return new Promise((resolve, reject) => {
      child.on('error', reject);
      child.on('close', () => resolve(text.trim()));
    });
  }

  const OTHER = 65534;

  testAsStranger('view beside another user')('does not get in, whatever they have got hold of', async () => {
    // As somebody who is not root, whose folder it is.
    chmodSync(temp(), 0o755);
    makePeople();
    for (const entry of ['', ...readdirSync(temp('people'), { recursive: true })])
      chownSync(join(temp('people'), `${entry}`), STRANGER, 0);
    const view = await serve(['--no-open'], { uid: STRANGER, env: { HOME: '/nonexistent' } });
    const { origin } = new URL(view.address);
    const { cookie } = await Client.open(view.address);
    const status = (user: number, path: string, headers: object) =>
      as(
        user,
        `fetch(${JSON.stringify(origin + path)}, { redirect: 'manual', headers: ${JSON.stringify(headers)} }).then(async (a) => console.log(a.status, (await a.text()).match(/"code":"(\\w+)"/)?.[1]))`,
      );
    expect(await status(STRANGER, '/api/history', { cookie })).toBe('200 undefined');
    expect(await status(OTHER, '/api/history', {})).toBe('403 USER');
    expect(await status(OTHER, '/api/history', { cookie })).toBe('403 USER');
    expect(await status(OTHER, new URL(view.address).search, {})).toBe('403 USER');
    // Neither by the list of processes, nor by the disk.
    const token = new URL(view.address).searchParams.get('token') as string;
    const lists = await as(
      OTHER,
      `const fs = require('fs'); for (const pid of fs.readdirSync('/proc').filter(Number)) try { console.log(fs.readFileSync('/proc/' + pid + '/cmdline', 'latin1')) } catch {}`,
    );
    expect(lists).toContain('view');
    expect(lists).not.toContain(token);
    expect(
      await as(
        OTHER,
        `try { console.log(require('fs').readdirSync(${JSON.stringify(temp('people/.data'))})) } catch (error) { console.log(error.code) }`,
      ),
    ).toBe('EACCES');
    expect(statSync(temp('people/.data')).mode & 0o077).toBe(0);
  });
});
