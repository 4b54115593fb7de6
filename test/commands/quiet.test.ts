import type { ChildProcess } from 'node:child_process';
import {
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CliResult, runCli } from '../support/cli';
import { PORTRAITS, samplePhoto, useTempFolder } from '../support/files';
import { makePhotos, type Network, onNetwork } from '../support/queue-machines';
import { describeWithServer, startRedis } from '../support/queue-servers';
import { DAMAGED_JPEG, rawPhoto } from '../support/raw';
import { Client, sortPortraits, startView } from '../support/served';

/*
 * `--quiet`, of every command that has it: its answer, if it is run for one, on stdout; on stderr what went wrong or is left to the user
 * to do; and nothing else.
 */
const temp = useTempFolder();
const run = (...args: string[]) => runCli(args, { cwd: temp() });

const FRANCK = ['01829', '02045', '02159', '02221', '02683', '02888'].map((n) => `franck_${n}.jpg`);

/** Photos of two people, sorted by persons 1, who is Franck, and 2; and their faces as "encode" writes them down. */
let made = '';
beforeAll(async () => {
  made = mkdtempSync(join(realpathSync(tmpdir()), 'face-cluster-test-'));
  mkdirSync(join(made, 'photos/Franck'), { recursive: true });
  mkdirSync(join(made, 'photos/Audrey'));
  for (const name of FRANCK) copyFileSync(join(PORTRAITS, name), join(made, 'photos/Franck', name));
  for (const name of ['audrey.jpg', 'audrey_crop.jpg'])
    copyFileSync(join(PORTRAITS, name), join(made, 'photos/Audrey', name));
  await sortPortraits(join(made, 'people'), join(made, 'photos'));
  await runCli(['name', '1', 'Franck'], { cwd: made });
  await runCli(['encode', 'photos', '-d', 'hog', '-e', 'faces.pickle'], { cwd: made });
});
afterAll(() => rmSync(made, { recursive: true, force: true }));

const photo = (name: string) => join('people', 'Franck (6)', name);
const FIRST = photo(FRANCK[0] as string);

/** Of each command: how it may be run on what was made, and what it answers then. */
const COMMANDS: Readonly<Record<string, readonly [args: readonly string[], answer?: RegExp]>> = {
  sort: [['photos', '-d', 'hog', '-o', 'anew']],
  view: [['people', '--no-open'], /^http:\/\/127\.0\.0\.1:\d+\/\?token=\S+\n$/],
  name: [['2', 'Audrey']],
  merge: [['2', '1']],
  split: [['Franck', FIRST]],
  not: [['Franck', FIRST]],
  hide: [['2']],
  suggest: [[], /^( +\d+ {2}.+ and .+\n)*$/],
  undo: [[]],
  find: [['Franck'], /^(.*franck_\d+\.jpg\n){6}$/],
  export: [['--person', 'Franck', '--to', 'out']],
  tag: [['--dry-run'], /^( {2}create: .*franck_\d+\.jpg\.xmp \(Franck\)\n){6}$/],
  forget: [['2', '--yes']],
  encode: [['photos', '-d', 'hog', '-e', 'faces.pickle']],
  cluster: [['-e', 'faces.pickle', '-o', 'out', '--min-samples', '2']],
  evaluate: [['photos', '-d', 'hog'], /^8 faces of 2 people known by the folders.*each face.*\n$/s],
  recognize: [['photos/Franck', 'photos'], /^(photos.*\.jpg,(\w+),\d\.\d{4}\n){8}$/],
};

/** Runs it, and ends it when it has answered if it goes on after that. */
const quietly = (command: string, args: readonly string[]): Promise<CliResult> =>
  runCli([command, ...args, '-q'], {
    cwd: temp(),
    ...(command === 'view' && { onStdout: (_, child) => child.kill('SIGINT') }),
  });

test('every command that has it says the same of it, and is looked at here', async () => {
  const [list = ''] = (await run('--help')).stdout.split('Options:');
  const commands = list.match(/(?<=^ {2}face-cluster-native )\w+/gm) ?? [];
  const quiet: string[] = [];
  for (const command of commands) {
    const help = (await run(command, '--help')).stdout.replaceAll(/\s+/g, ' ');
    if (!help.includes('--quiet')) continue;
    quiet.push(command);
    const answers = COMMANDS[command]?.[1] !== undefined;
    expect([command, help]).toEqual([
      command,
      expect.stringMatching(
        answers
          ? /-q, --quiet Say nothing but [\w -]+, and what went wrong or is left to you to do \[/
          : /-q, --quiet Say nothing but what went wrong or is left to you to do \[/,
      ),
    ]);
  }
  expect(quiet.sort()).toEqual([...Object.keys(COMMANDS), 'worker'].sort());
});

describe('where all is well', () => {
  beforeEach(() => cpSync(made, temp(), { recursive: true }));

  test.each(Object.keys(COMMANDS))('%s says its answer, or nothing', async (command) => {
    const [args, answer = /^$/] = COMMANDS[command] ?? [[]];
    const { code, stdout, stderr } = await quietly(command, args);
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: expect.stringMatching(answer), stderr: '' });
  });
});

describe('where something is wrong', () => {
  beforeEach(() => cpSync(made, temp(), { recursive: true }));

  test.each(['sort', 'encode', 'evaluate', 'recognize'])(
    '%s names photos that could not be read, and those used all the same',
    async (command) => {
      writeFileSync(temp('photos/Franck/text.jpg'), 'no photo');
      writeFileSync(temp('photos/Franck/cut.jpg'), DAMAGED_JPEG);
      writeFileSync(temp('photos/Franck/cut.nef'), rawPhoto(readFileSync(join(PORTRAITS, 'audrey.jpg'))));
      const { code, stderr } = await quietly(command, COMMANDS[command]?.[0] ?? []);
      expect(stderr).toMatch(
        /^Could not be (used|read):\n( .*\n)*.*text\.jpg.*\n( .*\n)*\nUsed all the same:\n( .*\n)*.*cut\.nef"\s+was\s+taken.*\n( .*\n)*$/,
      );
      expect(code).toBe(3);
    },
  );

  test.each(['name', 'merge', 'hide', 'undo', 'find', 'export', 'forget', 'cluster'])(
    '%s names a photo that is gone',
    async (command) => {
      // From where they were sorted, and from here, where "cluster" looks for it.
      const gone = join(made, 'photos/Franck', FRANCK[1] as string);
      rmSync(temp('photos/Franck', FRANCK[1] as string));
      renameSync(gone, `${gone}~`);
      try {
        const { code, stderr } = await quietly(command, COMMANDS[command]?.[0] ?? []);
        expect(stderr).toMatch(new RegExp(`^[A-Z].*:\\n( .*\\n)*.*${FRANCK[1]}`));
        expect(code).toBe(3);
      } finally {
        renameSync(`${gone}~`, gone);
      }
    },
  );

  test('find says why it has found nothing', async () => {
    const { code, stdout, stderr } = await run('find', 'Franck', '--from', '2020', '-q');
    expect({ code, stdout, stderr }).toEqual({
      code: 0,
      stdout: '',
      stderr: '0 photos found; 6 left out that do not say when they were taken.\n',
    });
  });

  test('what is to be typed next works on the same folder', async () => {
    expect((await run('undo', '77')).stderr).toContain('See them: face-cluster-native people --history\n');
    renameSync(temp('people'), temp('my people'));
    await run('suggest', '-o', 'my people');
    const next = async (...args: string[]) => {
      const { code, stderr } = await run(...args, '-o', 'my people', '-q');
      return [code, stderr];
    };
    expect(await next('undo', '77')).toEqual([
      2,
      expect.stringContaining("See them: face-cluster-native people --history -o 'my people'\n"),
    ]);
    expect(await next('suggest', '--yes', '77')).toEqual([
      2,
      expect.stringContaining("See it again: face-cluster-native suggest -o 'my people'\n"),
    ]);
  });

  test('sort says whom it was to forget and does not know', async () => {
    const { code, stderr } = await run('sort', '-o', 'people', '--forget', 'elsewhere', '-q');
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: 'Not forgotten: elsewhere is none of the folders that are sorted.\n',
    });
  });

  test.each<[string, RegExp, () => void]>([
    [
      'a file of which nothing follows, and not of a name',
      /^Noticed: Nothing follows from "mine\.jpg" .* no\s+faces are known there\.\n$/,
      () => {
        copyFileSync(samplePhoto('sample3.jpg'), temp(photo('mine.jpg')));
        renameSync(temp('people/Person 02 (2)'), temp('people/Audrey'));
      },
    ],
    [
      'folders that are made again',
      /^Noticed: All folders of people are gone or empty\. .*they are\s+made again;.*\n$/s,
      () => {
        for (const name of ['Franck (6)', 'Person 02 (2)']) rmSync(temp('people', name), { recursive: true });
      },
    ],
  ])('sort tells of %s, once', async (_, told, change) => {
    change();
    const { code, stdout, stderr } = await run('sort', '-o', 'people', '-q');
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: '', stderr: expect.stringMatching(told) });
    expect((await run('sort', '-o', 'people', '-q')).stderr).toBe('');
  });

  test('forget says what is left of somebody', async () => {
    writeFileSync(temp('people/Person 02 (2)/notes.txt'), 'mine');
    const { stderr } = await run('forget', '2', '--yes', '-q');
    expect(stderr).toMatch(
      /^Still there: .*Person 02 \(2\), with files in it that were not put there by this\.\n$/,
    );
  });

  test('tag says what it could not write', async () => {
    writeFileSync(temp('made.xmp'), 'no XMP');
    const sidecar = join(made, 'photos/Franck', `${FRANCK[0]}.xmp`);
    copyFileSync(temp('made.xmp'), sidecar);
    try {
      const { code, stderr } = await run('tag', '--dry-run', '-q');
      expect(stderr).toMatch(/^Could not be tagged:\n.*\.xmp" was left as it is/);
      expect(code).toBe(3);
    } finally {
      rmSync(sidecar);
    }
  });

  test('encode says that what it knew was damaged, and not what it knows', async () => {
    const journal = temp('faces.pickle.journal');
    const lines = readFileSync(journal, 'latin1').split('\n');
    writeFileSync(journal, lines.map((line, i) => (i === 2 ? line.slice(0, -9) : line)).join('\n'), 'latin1');
    const { stderr } = await run('encode', 'photos', '-d', 'hog', '-e', 'faces.pickle', '-q');
    expect(stderr).toMatch(/^1 entry of .*faces\.pickle\.journal was damaged; .*Is the disk failing\?\n$/);
  });

  test('cluster says that it keeps the last copy of a photo', async () => {
    const cluster = ['cluster', '-e', 'faces.pickle', '-o', 'out', '--min-samples', '2', '-q'];
    await run(...cluster);
    rmSync(temp('photos/Franck', FRANCK[1] as string));
    const { stderr } = await run(...cluster);
    expect(stderr).toMatch(
      /^Kept: .*kept-originals-not-found.*move it to where it belongs.*\n\nNot found.*:\n/,
    );
  });

  test('view says why nothing can be changed on the page', async () => {
    const first = await startView(temp('people'));
    try {
      const { code, stdout, stderr } = await run('view', 'people', '--no-open', '-q');
      expect([code, stdout]).toEqual([0, expect.stringMatching(/index\.html\n$/)]);
      expect(stderr).toMatch(/^The page of the people .*nothing can be changed on it\.\n$/);
    } finally {
      await first.stop();
    }
  });

  test('view says which photo could not be put into a folder at its end; a terminal obeys no name', async () => {
    const hostile = temp('mine/\x1b[31mred.jpg');
    renameSync(temp('photos/Franck'), temp('mine'));
    renameSync(temp('mine', FRANCK[0] as string), hostile);
    await sortPortraits(temp('own'), temp('mine'));
    await run('hide', '1', '-o', 'own', '-q');
    const view = await startView(temp('own'), ['--no-open', '-q']);
    rmSync(hostile);
    await (await Client.open(view.address)).post('api/decisions', { decisions: [{ do: 'show', person: 1 }] });
    const { code, stdout, stderr } = await view.stop();
    expect([code, stdout]).toEqual([0, `${view.address}\n`]);
    expect(stderr).toMatch(/^\S*mine\/\\x1b\[31mred\.jpg: .*\n$/);
  });
});

describeWithServer('Redis', 'of computers that share the work', () => {
  const ENCODE = ['encode', 'photos', '-d', 'hog', '-e', 'faces.pickle'];

  /** Runs commands at once, until each has said on stderr what is expected of it. */
  async function untilAllSaid(
    { cwd, server }: Network,
    commands: readonly { readonly args: readonly string[]; readonly says: RegExp }[],
  ): Promise<CliResult[]> {
    const children = new Set<ChildProcess>();
    const stopAll = () => {
      for (const child of children) child.kill('SIGINT');
    };
    const silent = new Set(commands);
    return Promise.all(
      commands.map((command) =>
        runCli([...command.args, '--queue', server.url, '-q'], {
          cwd,
          env: { ...server.env },
          onSpawn: (child) => {
            server.keep(child);
            children.add(child);
          },
          onStderr: (text) => {
            if (command.says.test(text) && silent.delete(command) && silent.size === 0) stopAll();
          },
        }).finally(stopAll),
      ),
    );
  }

  test(
    'nothing is said while all is well, and nobody waits without being told why',
    onNetwork(startRedis, async (network) => {
      await makePhotos(network.temp('photos'), 6);
      const [main, other] = await untilAllSaid(network, [
        { args: [...ENCODE, '--no-work'], says: /can't take part/ },
        { args: ['worker'], says: /Can't help/ },
      ]);
      expect(main).toMatchObject({ code: 130, stdout: '' });
      expect(other).toMatchObject({
        code: 0,
        stdout: '',
        stderr: expect.stringMatching(/^(Can't help .* \(run \w+\): .*\n)+$/),
      });
      const [alone] = await untilAllSaid(network, [{ args: ENCODE, says: /./ }]);
      expect(alone).toMatchObject({ code: 0, stdout: '', stderr: '' });
    }),
  );
});
