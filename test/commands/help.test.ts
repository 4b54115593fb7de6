import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCli } from '../support/cli';
import { useTempFolder } from '../support/files';

const temp = useTempFolder();
const run = (...args: string[]) => runCli(args, { cwd: temp() });

/** The help as one line: where it is broken does not matter. */
async function help(...args: string[]) {
  const { code, stdout } = await run(...args);
  return { code, stdout: stdout.replace(/\s+/g, ' ') };
}

test('--help names the commands, shows both steps and says what the exit codes mean', async () => {
  const { code, stdout, stderr } = await run('--help');
  expect([code, stderr]).toEqual([0, '']);
  for (const part of [
    'encode',
    'cluster',
    'models',
    'Examples:',
    'Exit codes:',
    '130',
    'one folder for each person',
  ]) {
    expect(stdout).toContain(part);
  }
});

test("encode --help shows the original's flags, aliases and defaults", async () => {
  const { code, stdout } = await help('encode', '--help');
  expect(code).toBe(0);
  expect(stdout).toMatch(/-i, --dataset [^[]*\[array\] \[default: "datasets\/default_dataset"/);
  expect(stdout).toMatch(/-e, --encodings [^[]*\[string\] \[default: "encodings\/encodings\.pickle"/);
  expect(stdout).toMatch(
    /-d, --detection_method, --detection-method [^[]*\[choices: "cnn", "hog"\] \[default: "cnn"\]/,
  );
  expect(stdout).toMatch(/-j, --jobs [^[]*\[\w+\] \[default: -1\]/);
  for (const option of ['--upsample', '--detect-size', '--num-jitters', '--mirror', '--models'])
    expect(stdout).toContain(option);
  expect(stdout).toContain('face-cluster-native encode photos');
});

test("cluster --help shows the original's flags, aliases and defaults", async () => {
  const { code, stdout } = await help('cluster', '-h');
  expect(code).toBe(0);
  expect(stdout).toMatch(/-e, --encodings [^[]*\[string\] \[default: "encodings\/encodings\.pickle"/);
  expect(stdout).toMatch(/-o, --output [^[]*\[string\] \[default: "results\/default_result"/);
  expect(stdout).toMatch(/-j, --jobs [^[]*\[\w+\] \[default: -1\]/);
  expect(stdout).toMatch(/--eps [^[]*Default: 0\.5 \[\w+\]/);
  expect(stdout).toMatch(/--min-samples [^[]*\[\w+\] \[default: 5\]/);
  expect(stdout).toMatch(/--seed [^[]*\[\w+\] \[default: 0\]/);
  expect(stdout).toContain('--photos');
});

test('no command shows what yargs takes for nothing as the default of its words', async () => {
  const [list = ''] = (await run('--help')).stdout.split('Options:');
  const commands = list.match(/(?<=^ {2}face-cluster-native )\w+/gm) ?? [];
  expect(commands).toEqual(expect.arrayContaining(['sort', 'merge', 'not', 'find', 'evaluate']));
  for (const command of commands) {
    const { code, stdout } = await run(command, '--help');
    expect([code, stdout]).toEqual([0, expect.not.stringContaining('default: [')]);
  }
});

test.each<[string[], string]>([
  [['sort', '--', '-odd'], '-odd" does not exist'],
  [['encode', '--', '--help'], '"--help" does not exist'],
  [['encode', '--exclude', 'x', '--', '--exclude'], '"--exclude" does not exist'],
  [['encode', '-i', '.', '--', '-i'], '"-i" does not exist'],
  [['encode', '-e', 'a', '--', '-j', '0'], '"-j" does not exist'],
  [['view', '--', '--port'], 'in the folder --port'],
  [['undo', '--', '4'], 'No photos were sorted'],
  [['undo', '--', '-0'], '<decision> needs a number'],
  [['name', '1', '--', 'Anna', 'help'], 'Unexpected "help". Put a name of several words into quotes'],
])('behind -- is no option: %j', async (args, hint) => {
  const { code, stdout, stderr } = await run(...args);
  expect(stderr).toContain(hint);
  expect(code).not.toBe(0);
  expect(stdout).toBe('');
});

test('help needs neither the image library nor the addon: it is there at once', async () => {
  const trap = `
    import { Module } from 'node:module';
    const load = Module._load;
    Module._load = (name, ...rest) => {
      if (/^(sharp|node-gyp-build)$|opencv/.test(name)) throw new Error('loaded ' + name);
      return load(name, ...rest);
    };`;
  const env = { NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(trap)}` };
  for (const args of [['--help'], ['encode', '--help'], ['cluster', '--help'], ['--version']]) {
    expect(await runCli(args, { cwd: temp(), env })).toMatchObject({ code: 0, stderr: '' });
  }
});

test("--version is the package's", async () => {
  const { version } = JSON.parse(readFileSync(join(__dirname, '../../package.json'), 'utf8'));
  expect(await run('--version')).toMatchObject({ code: 0, stdout: `${version}\n` });
});

test('"help" is another way to ask for help', async () => {
  expect(await run('help', 'cluster')).toEqual(await run('cluster', '--help'));
  expect(await run('help')).toEqual(await run('--help'));
  expect((await run('help', 'cluster')).stdout).toContain('--min-samples');
});

test('all is in English, whatever the language of the system', async () => {
  const german = { LANG: 'de_DE.UTF-8', LC_ALL: 'de_DE.UTF-8', LC_MESSAGES: 'de_DE.UTF-8', LANGUAGE: 'de' };
  for (const args of [['--help'], ['encode', '--help'], ['clustr'], ['frobnicate'], ['encode', '-e']]) {
    expect(await runCli(args, { cwd: temp(), env: german })).toEqual(await run(...args));
  }
  expect((await runCli(['--help'], { cwd: temp(), env: german })).stdout).toContain('Commands:');
});

test.each<[string, string[]]>([
  ['Did you mean --dataset?', ['encode', '--datset', 'x']],
  ['Did you mean --num-jitters?', ['encode', '--num-jiters', '3']],
  ['Did you mean --min-samples?', ['cluster', '--min_samples', '2']],
  ['Unknown option --no-dataset', ['encode', '--no-dataset']],
  ['There is no such command. Did you mean cluster?', ['clustr']],
  ['Unknown option -x', ['encode', '-x', '3']],
  ['Unknown command: frobnicate', ['frobnicate']],
  ['Unknown command: frobnicate', ['frobnicate', '--help']],
  ['Unknown command: frobnicate', ['help', 'frobnicate']],
  ['Did you mean cluster?', ['clustr', '-h']],
  ['Give the folder with your photos', []],
  ['Choose one of "strict", "normal", "loose"', ['sort', '--strictness', 'hard']],
  ['--min-photos needs a number, e.g. --min-photos 3', ['sort', '--min-photos', 'few']],
  ['integer from 1 to 2147483647 for --min-photos', ['sort', 'photos', '--min-photos', '0']],
  ['Put a name of several words into quotes', ['name', '1', 'Anna', 'Schmidt']],
  ['Did you mean --strictness?', ['sort', '--strictnes', 'strict']],
  ['Give the folder with your photos: face-cluster-native encode <folder>', ['encode']],
  ['--photos needs a value', ['encode', 'photos', '']],
  ['--dataset needs a value', ['encode', '-i']],
  ['--exclude needs a value', ['encode', 'photos', '--exclude', '']],
  ['with --encodings', ['cluster', 'faces.pickle']],
  ['--jobs needs a number', ['encode', '--jobs', 'many']],
  ['--detect-size needs a number, e.g. --detect-size 1600', ['encode', '--detect-size', 'small']],
  ['--eps needs a number', ['cluster', '--eps', 'wide']],
  ['The option "jobs" needs a value', ['encode', '--jobs']],
  ['Error: The option "e" needs a value after it.', ['encode', '-e']],
  ['--dataset needs a value', ['encode', '--dataset', '']],
  ['--encodings was given more than once', ['encode', '-e', 'a', '--encodings', 'b']],
  [
    'Error: The option "detection_method" can not be "magic". Choose one of "cnn", "hog".',
    ['encode', '-d', 'magic'],
  ],
  ['-1 (all cores)', ['encode', 'photos', '-j', '0']],
  ['--min-samples', ['cluster', '--min-samples', '0']],
  ['or postgres://user@host/database for <address> but', ['queue', 'status', 'mysql://nas']],
  ['or postgres://user@host/database for --queue but', ['worker', '--queue', 'mysql://nas']],
  ['Expected a number of at least 0 for --eps but received -0.5\n', ['cluster', '--eps', '-0.5']],
])('a wrong command line says %j and exits with 2', async (hint, args) => {
  const { code, stdout, stderr } = await run(...args);
  expect(stderr).toContain(hint);
  expect(stderr).not.toMatch(/^\s+at /m);
  expect(stderr.trimEnd().split('\n')).toHaveLength(2);
  expect([code, stdout]).toEqual([2, '']);
});
