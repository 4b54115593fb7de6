import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const { runSteps, isDone, run, StepError, Log } = require('../../scripts/setup/run');
const { missingPackages, listsAreFresh, commands, withoutStarting } = require('../../scripts/setup/system');
const { hashOf, logsFolder } = require('../../scripts/setup/project');
const { countCTest, countJest } = require('../../scripts/test/results');

describe('system packages', () => {
  test('who only builds is not asked for what tests need, such as a browser; who tests needs both', () => {
    const build: string[] = missingPackages(new Set(), false, 'debian');
    const forTest: string[] = missingPackages(new Set(), true, 'debian');
    expect(build).toContain('g++');
    expect(build).not.toContain('chromium');
    expect(forTest).toEqual(expect.arrayContaining([...build, 'chromium', 'firefox-esr']));
  });

  test('a package that a distribution does not have is not asked for', () => {
    const missing: string[] = missingPackages(new Set(), true, 'ubuntu');
    expect(missing.filter((name) => /chromium|firefox/.test(name))).toEqual([]);
    expect(missing).toContain('libgtest-dev');
  });

  test('only those that are missing are installed, and an equivalent will do', () => {
    const build: string[] = missingPackages(new Set(), false);
    const equivalents = ['clang-format', 'firefox', 'google-chrome-stable'];
    const others = ['python3-venv', 'libgtest-dev', 'jq', 'libheif-examples', 'libimage-exiftool-perl'];
    const forTest = [...equivalents, ...others, 'exiv2', 'ffmpeg', 'valkey-server', 'postgresql'];
    const installed = new Set([...build.filter((name) => name !== 'cmake'), ...forTest]);
    expect(missingPackages(installed, true)).toEqual(['cmake']);
  });

  test('where they can’t be installed, there are commands for apt, dnf, brew, winget and vcpkg', () => {
    const text = commands(['cmake', 'g++'], false);
    expect(text).toContain('apt-get install -y --no-install-recommends cmake g++');
    expect(text).toMatch(/dnf install .*gcc-c\+\+ .*python3 python3-pip /);
    expect(text).toMatch(/brew install .*cmake/);
    expect(text).toMatch(/winget install .*CMake/);
    expect(text).toContain('vcpkg install opencv');
    expect(text).not.toContain('ffmpeg');
  });

  test('who tests is told the tools for HEIC, names in photos, videos and queues, too', () => {
    const text = commands(['libheif-examples'], true);
    expect(text).toMatch(
      /dnf install .*libheif-tools perl-Image-ExifTool exiv2 ffmpeg-free valkey postgresql-server/,
    );
    expect(text).toMatch(/brew install .*libheif exiftool exiv2 ffmpeg redis postgresql/);
  });

  test('apt’s lists are fetched when there are none or old ones', () => {
    const folder = mkdtempSync(join(tmpdir(), 'lists-'));
    try {
      expect(listsAreFresh(join(folder, 'none'))).toBe(false);
      expect(listsAreFresh(folder)).toBe(false);
      const list = join(folder, 'deb.example_dists_stable_main_binary-amd64_Packages');
      writeFileSync(list, '');
      expect(listsAreFresh(folder)).toBe(true);
      const old = new Date(Date.now() - 48 * 3600_000);
      utimesSync(list, old, old);
      utimesSync(folder, old, old);
      expect(listsAreFresh(folder)).toBe(false);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('services that come with packages', () => {
  // No such service: this computer's own are left alone.
  const SERVICES = ['face-cluster-no-such-service'];
  let folder: string;
  let log: InstanceType<typeof Log>;
  const policy = () => join(folder, 'policy-rc.d');
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'policy-'));
    log = new Log('test-policy');
  });
  afterEach(() => {
    log.close();
    rmSync(folder, { recursive: true });
    rmSync(log.file);
  });

  /** Whether the package manager is told to start a service, who asks by what is in its environment. */
  const maybeStarted = (env: NodeJS.ProcessEnv) => spawnSync(policy(), [], { env }).status === 0;

  test('are not started by what set-up installs, and only that; then all is as before', async () => {
    let installed = false;
    const install = async () => {
      installed = true;
      expect(maybeStarted({ FACE_CLUSTER_SETUP: '1' })).toBe(false);
      expect(maybeStarted({})).toBe(true);
    };
    await withoutStarting(SERVICES, [], log, install, policy());
    expect(installed).toBe(true);
    expect(readdirSync(folder)).toEqual([]);
    const fails = () => Promise.reject(new Error('no network'));
    await expect(withoutStarting(SERVICES, [], log, fails, policy())).rejects.toThrow('no network');
    expect(readdirSync(folder)).toEqual([]);
  });

  test('are up to the policy that somebody else has, also if it is put there meanwhile', async () => {
    const theirs = '#!/bin/sh\nexit 101\n';
    writeFileSync(policy(), theirs);
    await withoutStarting(SERVICES, [], log, async () => {}, policy());
    expect(readFileSync(policy(), 'utf8')).toBe(theirs);
    rmSync(policy());
    await withoutStarting(SERVICES, [], log, async () => writeFileSync(policy(), theirs), policy());
    expect(readFileSync(policy(), 'utf8')).toBe(theirs);
  });

  test('a set-up that was killed leaves what forbids nothing to others, and the next one removes it', async () => {
    const child = spawn(
      process.execPath,
      [
        '-e',
        `const { withoutStarting } = require(process.argv[1]);
        const { Log } = require(process.argv[2]);
        const install = () => { console.log('installing'); return new Promise(() => setInterval(() => {}, 1000)); };
        withoutStarting(['x'], [], new Log('test-policy-killed'), install, process.argv[3]);`,
        ...['system', 'run'].map((name) => require.resolve(`../../scripts/setup/${name}`)),
        policy(),
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    await once(child.stdout, 'data');
    child.kill('SIGKILL');
    await once(child, 'exit');
    rmSync(join(logsFolder, 'test-policy-killed.log'));
    expect(readdirSync(folder)).toEqual(['policy-rc.d']);
    expect(maybeStarted({})).toBe(true);
    // It may have left the package manager at work.
    expect(maybeStarted({ FACE_CLUSTER_SETUP: '1' })).toBe(false);
    await withoutStarting([], [], log, async () => {}, policy());
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe('the steps of set-up', () => {
  let saved: Map<string, string>;
  let said: string[];
  let ran: string[];
  const reporter = {
    started: () => {},
    finished: ({ name }: { name: string }) => said.push(`done ${name}`),
    skipped: ({ name }: { name: string }, _: number, error: Error) =>
      said.push(`skipped ${name}: ${error.message}`),
    failed: ({ name }: { name: string }, _: number, error: Error) =>
      said.push(`failed ${name}: ${error.message}`),
  };

  beforeEach(() => {
    saved = new Map();
    said = [];
    ran = [];
  });

  afterEach(() => {
    for (const name of readdirSync(logsFolder)) {
      if (name.startsWith('test-')) rmSync(join(logsFolder, name));
    }
  });

  /** A step whose result appears when it is run. */
  function step(name: string, more: object = {}) {
    let result: string | undefined;
    return {
      name: `test-${name}`,
      title: name,
      needs: [],
      inputs: () => 'inputs',
      result: () => result,
      run: async () => {
        ran.push(name);
        result = 'result';
      },
      ...more,
    };
  }

  const runAll = (steps: object[]): Promise<boolean> =>
    runSteps(steps, {
      reporter,
      stamps: {
        read: (name: string) => saved.get(name),
        write: (name: string, content: string) => saved.set(name, content),
        remove: (name: string) => saved.delete(name),
      },
    });

  test('run once, and again only when what they are made from changes', async () => {
    let inputs = 'first';
    const steps = [step('a', { inputs: () => inputs }), step('b', { needs: ['test-a'] })];
    expect(await runAll(steps)).toBe(true);
    expect(await runAll(steps)).toBe(true);
    expect(ran).toEqual(['a', 'b']);
    inputs = 'second';
    await runAll(steps);
    expect(ran).toEqual(['a', 'b', 'a']);
  });

  test('a result without a stamp is one of an interrupted run, and made again', async () => {
    const one = step('a', { result: () => 'half' });
    expect(isDone(one, () => undefined)).toBe(false);
    await runAll([one]);
    expect(ran).toEqual(['a']);
  });

  test('an edit during the work makes it out of date', async () => {
    let inputs = 'before';
    const one = step('a', {
      inputs: () => inputs,
      result: () => 'made',
      run: async () => {
        inputs = 'after';
      },
    });
    await runAll([one]);
    expect(isDone(one, (name: string) => saved.get(name))).toBe(false);
  });

  test('after a failure nothing is started, and the stamp is gone', async () => {
    saved.set('test-a', 'old\nresult');
    const fails = step('a', {
      run: async () => {
        throw new StepError('no luck');
      },
    });
    expect(await runAll([fails, step('b', { needs: ['test-a'] })])).toBe(false);
    expect(said).toEqual(['failed test-a: no luck']);
    expect(ran).toEqual([]);
    expect(saved.size).toBe(0);
  });

  test('an optional step may fail, once', async () => {
    let tries = 0;
    const optional = step('a', {
      optional: true,
      run: async () => {
        tries++;
        throw new StepError('no OpenCV');
      },
    });
    expect(await runAll([optional, step('b', { needs: ['test-a'] })])).toBe(true);
    expect(said).toEqual(['skipped test-a: no OpenCV', 'done test-b']);
    await runAll([optional]);
    expect(tries).toBe(1);
    // Where it is not optional, an earlier failure is no excuse.
    expect(await runAll([{ ...optional, optional: false }])).toBe(false);
    expect(tries).toBe(2);
  });

  test('a step that ends well without a result has failed', async () => {
    expect(await runAll([step('a', { run: async () => {} })])).toBe(false);
    expect(said[0]).toMatch(/^failed test-a: it ended well but/);
  });

  test('a command’s output goes to the log, its failure becomes an error', async () => {
    const log = new Log('test-command');
    await run(log, [process.execPath, '-e', 'console.log("out"); console.error("err")']);
    await expect(run(log, [process.execPath, '-e', 'process.exit(3)'])).rejects.toThrow(
      'ended with exit code 3',
    );
    await expect(run(log, ['no-such-program'])).rejects.toThrow('no-such-program could not be started');
    await expect(
      run(log, [process.execPath, '-e', 'setInterval(() => {}, 1000)'], { minutes: 0.005 }),
    ).rejects.toThrow('was not done after 0.005 minutes');
    log.close();
    expect(readFileSync(log.file, 'utf8')).toMatch(/out\n[\s\S]*err/);
  });

  test('the log’s excerpt has the first error, however long ago', () => {
    const log = new Log('test-excerpt');
    log.write(
      ['start', 'a.cpp:1: error: no such thing', ...Array(50).fill('noise'), 'make: failed'].join('\n'),
    );
    log.close();
    const lines = log.excerpt(5).split('\n');
    expect(lines[0]).toBe('a.cpp:1: error: no such thing');
    expect(lines.at(-1)).toBe('make: failed');
    expect(lines.length).toBeLessThan(15);
  });

  test('hashes tell where one piece ends and the next begins', () => {
    expect(hashOf('ab', 'c')).not.toBe(hashOf('a', 'bc'));
  });
});

describe('counting tests', () => {
  test('CTest: passed, failed, and skipped with the reason', () => {
    const xml = `<?xml version="1.0"?><testsuite name="x" tests="4">
      <testcase name="dbscan" classname="dbscan" time="0.1" status="run"><system-out>&lt;ok&gt;</system-out></testcase>
      <testcase name="empty" classname="empty" time="0.1" status="run"/>
      <testcase name="a &lt; b" classname="x" time="0" status="fail"><failure message=""/><system-out/></testcase>
      <testcase name="gpu" classname="x" time="0" status="notrun"><skipped message="SKIP_RETURN_CODE=77"/></testcase>
    </testsuite>`;
    expect(countCTest(xml)).toEqual({
      passed: 2,
      failed: ['core: a < b'],
      skipped: ['core: gpu: SKIP_RETURN_CODE=77'],
    });
  });

  test('jest: also a file that could not be loaded is a failure', () => {
    const results = {
      testResults: [
        {
          name: '/r/test/a.test.ts',
          status: 'failed',
          message: 'x',
          assertionResults: [
            { status: 'passed', fullName: 'works' },
            { status: 'failed', fullName: 'breaks' },
            { status: 'pending', fullName: 'waits (needs OpenCV)' },
            { status: 'todo', fullName: 'later' },
          ],
        },
        {
          name: '/r/test/b.test.ts',
          status: 'failed',
          message: 'SyntaxError: no\n  at',
          assertionResults: [],
        },
      ],
    };
    expect(countJest(JSON.stringify(results), '/r')).toEqual({
      passed: 1,
      failed: ['test/a.test.ts: breaks', 'test/b.test.ts: SyntaxError: no'],
      skipped: ['test/a.test.ts: waits (needs OpenCV)', 'test/a.test.ts: later (todo)'],
    });
  });
});
