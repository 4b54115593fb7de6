import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { checkBuilt, MAIN, runCli } from '../support/cli';
import { PORTRAITS, useTempFolder } from '../support/files';
import { copyTree } from '../support/people-folder';
import { FRANCK, sortPortraits, startView } from '../support/served';
import { testWithTerminal } from '../support/terminal';
import { tracesIn } from '../support/traces';
import { sidecarWithRegions } from '../support/xmp';

/* `find`, `export` and `forget`, as they are typed. */
const temp = useTempFolder();
const run = (...args: string[]) => runCli(args, { cwd: temp() });

let sorted = '';
beforeAll(async () => {
  sorted = mkdtempSync(join(realpathSync(tmpdir()), 'face-cluster-test-'));
  cpSync(PORTRAITS, join(sorted, 'photos'), { recursive: true });
  await sortPortraits(join(sorted, 'people'), join(sorted, 'photos'));
  await runCli(['name', '1', 'Franck', '-q'], { cwd: sorted });
  await runCli(['name', '2', 'Anna Schmidt', '-q'], { cwd: sorted });
});
afterAll(() => rmSync(sorted, { recursive: true, force: true }));
beforeEach(() => copyTree(join(sorted, 'people'), temp('people')));

const events = (stdout: string) =>
  stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

describe('find', () => {
  test('paths to stdout, one a line or ended by zero bytes; what it says goes to stderr', async () => {
    const { code, stdout, stderr } = await run('find', 'franck');
    expect(code).toBe(0);
    const paths = stdout.trimEnd().split('\n');
    expect(paths).toHaveLength(FRANCK.photos);
    for (const path of paths) expect(existsSync(path)).toBe(true);
    expect(stderr).toContain(`${FRANCK.photos} photos found.`);
    const zero = await run('find', 'franck', '-0', '-q');
    expect(zero).toMatchObject({ code: 0, stdout: `${paths.join('\0')}\0`, stderr: '' });
    // A name of several words needs no quotes.
    expect((await run('find', 'Anna', 'Schmidt', '!Franck', '-q')).stdout.trimEnd().split('\n')).toHaveLength(
      2,
    );
    expect(await run('find', 'Anna', 'Schmidt', 'Franck', '-q')).toMatchObject({
      code: 0,
      stdout: '',
      stderr: '',
    });
  });

  test('--json, dates, and the place of a mistake', async () => {
    const found = events((await run('find', 'Franck', '--json')).stdout);
    expect(found.map(({ event }) => event)).toEqual(expect.arrayContaining(['start', 'done']));
    expect(found.at(-1)).toMatchObject({ event: 'done', undated: 0, placed: null, problems: 0 });
    expect(found.at(-1).photos).toHaveLength(FRANCK.photos);
    expect(found.at(-1).photos[0]).toEqual({
      path: expect.stringContaining(sorted),
      photo: expect.stringMatching(/^[0-9a-f]{64}$/),
      taken: null,
      people: [1],
      moments: [],
    });
    const dated = await run('find', 'Franck', '--from', '2020');
    expect(dated).toMatchObject({ code: 0, stdout: '' });
    expect(dated.stderr).toContain('0 photos found; 14 left out that do not say when they were taken.');
    const mistaken = await run('find', 'Franck & (Anna');
    expect(mistaken).toMatchObject({ code: 2, stdout: '' });
    expect(mistaken.stderr).toContain(
      'There is nobody called "Anna", at character 11:\n  Franck & (Anna\n            ^\n',
    );
    expect((await run('find')).stderr).toContain('Say whom to look for');
    const nowhere = await run('find', 'Franck', '--files', 'copy');
    expect(nowhere).toMatchObject({ code: 2, stdout: '' });
    expect(nowhere.stderr).toContain('--files says how photos get into a folder: say which one with --to');
    expect((await run('find', '--from', 'summer')).stderr).toMatch(/for --from but received "summer"/);
  });

  test('--to fills a folder, and later what is missing there; a photo that is gone is told', async () => {
    const first = await run('find', 'Franck', '--to', 'out');
    expect(first).toMatchObject({ code: 0, stdout: '14 photos put into out.\n' });
    rmSync(temp('out', readdirSync(temp('out'))[0] as string));
    const second = await run('find', 'Franck', '--to', 'out');
    expect(second.stdout).toBe('1 photo put into out, 13 were there already.\n');
  });

  test('a photo that is gone is told, and not listed', async () => {
    cpSync(join(PORTRAITS, 'franck_02221.jpg'), temp('photos/franck_02221.jpg'));
    cpSync(join(PORTRAITS, 'franck_02045.jpg'), temp('photos/franck_02045.jpg'));
    await sortPortraits(temp('two'), temp('photos'));
    rmSync(temp('photos/franck_02045.jpg'));
    const { code, stdout, stderr } = await run('find', '1', '-q', '-o', 'two');
    expect([code, stdout]).toEqual([3, `${temp('photos/franck_02221.jpg')}\n`]);
    expect(stderr).toMatch(/^Could not be used:\n {2}The photo ".*franck_02045.jpg" was not found/);
  });
});

test('works while the page is open; forget waits until it is closed', async () => {
  const view = await startView(temp('people'));
  try {
    expect(await run('find', 'Franck', '-q')).toMatchObject({ code: 0, stderr: '' });
    expect(await run('export', '--person', 'Franck', '--to', 'out', '-q')).toMatchObject({
      code: 0,
      stderr: '',
    });
    const refused = await run('forget', 'Franck', '--yes');
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('The page of the people in people is open');
  } finally {
    await view.stop();
  }
});

test('export copies the photos of people', async () => {
  const { code, stdout } = await run(
    'export',
    '--person',
    'Franck',
    '--person',
    '2',
    '--to',
    'out',
    '--crops',
    '--encodings',
  );
  expect([code, stdout]).toEqual([
    0,
    '16 photos put into out.\n16 faces in out/faces.\nEncodings in out/faces.pickle: by them, people are found again on other photos.\n',
  ]);
  expect(readdirSync(temp('out'))).toHaveLength(18);
  expect(await run('export', '--person', 'Nobody', '--to', 'more')).toMatchObject({ code: 2 });
  expect((await run('export', '--person', 'Franck')).stderr).toContain('Say where to put them');
  expect((await run('export', '--to', 'more')).stderr).toContain('Say whose photos');
  expect(existsSync(temp('more'))).toBe(false);
});

describe('forget', () => {
  test('without a terminal only with --yes; says what it has done', async () => {
    const refused = await run('forget', 'Franck');
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain('add --yes');
    expect(await run('forget', 'Franck', 'Nobody', '-y')).toMatchObject({ code: 2 });
    expect((await run('people')).stdout).toContain('Franck');
    const { code, stdout } = await run('forget', 'anna schmidt', 'Franck', '--yes');
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^Franck is forgotten: 14 faces on 14 photos\.\nAnna Schmidt is forgotten: 2 faces on 2 photos\.\n/,
    );
    expect(tracesIn(temp('people'), { name: [Buffer.from('Franck'), Buffer.from('Anna Schmidt')] })).toEqual(
      [],
    );
    expect((await run('undo')).stderr).toContain('There is nothing to undo.');
  });

  test('says where the name still is, written by another program, and what follows of that', async () => {
    const [path] = (await run('find', 'franck', '-q')).stdout.trimEnd().split('\n') as [string];
    sidecarWithRegions(path, { width: 100, height: 100 }, [], ['FRANCK']);
    try {
      const { code, stdout } = await run('forget', 'Franck', '--yes');
      expect(stdout).toContain(
        `Still have the name, written by another program, and were left as they are:\n  ${path}.xmp\n`,
      );
      expect(stdout).toMatch(/"tag --remove"\s+takes\s+that\s+away\./);
      expect(code).toBe(0);
    } finally {
      rmSync(`${path}.xmp`);
    }
  });

  test('--json', async () => {
    const { code, stdout } = await run('forget', '1', '--yes', '--json');
    expect(code).toBe(0);
    expect(events(stdout).at(-1)).toMatchObject({
      event: 'done',
      forgotten: [{ id: 1, faces: 14, photos: 14 }],
      left: [],
      named: [],
      problems: 0,
    });
    const damaged = readFileSync(temp('people/.data/forgotten.jsonl'), 'utf8');
    expect(damaged.split('\n')).toHaveLength(16);
  });

  /** Runs it on a terminal, and types an answer when it asks for one. */
  function onTerminal(answer: string): Promise<{ status: number | null; output: string }> {
    checkBuilt();
    const command = `exec "${process.execPath}" "${MAIN}" forget Franck`;
    const child = spawn('script', ['-qec', command, '/dev/null'], { cwd: temp() });
    let output = '';
    let asked = false;
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      if (asked || !output.includes('Forget? [y/N]')) return;
      asked = true;
      child.stdin.write(answer);
    });
    return new Promise((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (status) => resolve({ status, output }));
    });
  }

  testWithTerminal('forget').each(['n\n', '\n', 'yeti\n', '\x03'])(
    'asks on a terminal: %j is no',
    async (answer) => {
      const { status, output } = await onTerminal(answer);
      expect(output.replace(/\s+/g, ' ')).toContain(
        'This takes Franck (14 faces on 14 photos) out of people for good',
      );
      expect(output).toContain('It can not be undone.');
      expect(output).toContain('Nobody was forgotten.');
      expect(status).toBe(130);
      expect(readdirSync(temp('people')).map((name) => basename(name))).toContain('Franck (14)');
      expect(existsSync(temp('people/.data/forgotten.jsonl'))).toBe(false);
    },
  );

  testWithTerminal('forget').each(['y\n', 'Yes\n'])('asks on a terminal: %j is yes', async (answer) => {
    const { status, output } = await onTerminal(answer);
    expect(output).toContain('Franck is forgotten');
    expect(status).toBe(0);
    expect(readdirSync(temp('people'))).not.toContain('Franck (14)');
  });
});
