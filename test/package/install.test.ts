import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { MAIN } from '../support/cli';
import { codeIn } from '../support/docs';
import { PORTRAITS, samplePhoto } from '../support/files';
import { describeWithHeif, heifEnc } from '../support/heif';
import { npm, pack, ROOT } from '../support/package';
import { smallPhoto } from '../support/photos';

/*
 * The package, installed by npm into an empty project where PATH has nothing but Node: no compiler, no Python, no system
 * libraries of ours. What it does there must be what this checkout does.
 */
const { version, peerDependenciesMeta } = require('../../package.json') as {
  version: string;
  peerDependenciesMeta: object;
};
const LIMIT = 80e6;
let project: string;
let environment: NodeJS.ProcessEnv;
let photos: string;

beforeAll(() => {
  project = realpathSync(mkdtempSync(join(tmpdir(), 'face-cluster-package-')));
  const programs = join(project, 'programs');
  mkdirSync(programs);
  symlinkSync(process.execPath, join(programs, 'node'));
  environment = { HOME: process.env.HOME, PATH: process.platform === 'win32' ? process.env.PATH : programs };
  photos = join(project, 'photos');
  mkdirSync(photos);
  for (const name of readdirSync(PORTRAITS).filter((name) => name.startsWith('franck_'))) {
    copyFileSync(join(PORTRAITS, name), join(photos, name));
  }
  copyFileSync(samplePhoto('sample1.jpg'), join(photos, 'sample1.jpg'));
  writeFileSync(join(project, 'package.json'), '{ "private": true }');
  const { filename } = pack(project);
  npm(
    project,
    ['install', '--prefer-offline', '--no-audit', '--no-fund', join(project, filename)],
    environment,
  );
});

afterAll(() => rmSync(project, { recursive: true, force: true }));

/** Runs Node in the project, and nothing else can be run. */
function node(...args: string[]): string {
  return execFileSync(process.execPath, args, {
    cwd: project,
    env: environment,
    encoding: 'utf8',
    stdio: 'pipe',
  });
}

/** Runs a program in the project and returns what it prints. */
function run(file: string, code: string): string {
  writeFileSync(join(project, file), code);
  return node(file);
}

const command = () => join(project, 'node_modules', '.bin', 'face-cluster-native');

/** All regular files below the folder. */
function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

test('what is installed runs no script to install itself, and takes less than 80 MB', () => {
  const { packages } = JSON.parse(
    readFileSync(join(project, 'node_modules', '.package-lock.json'), 'utf8'),
  ) as { packages: Record<string, { hasInstallScript?: true }> };
  const names = Object.keys(packages);
  expect(names).toContain('node_modules/face-cluster-native');
  expect(names.filter((name) => packages[name]?.hasInstallScript)).toEqual([]);
  const bytes = filesIn(join(project, 'node_modules')).reduce((sum, file) => sum + statSync(file).size, 0);
  expect(bytes).toBeLessThan(LIMIT);
});

test('what is wanted for a queue, or for OpenCV, alone is not installed, and whoever wants a queue is told what to install', () => {
  const optional = ['bullmq', 'ioredis', 'pg', '@u4/opencv4nodejs'];
  expect(Object.keys(peerDependenciesMeta).sort()).toEqual([...optional].sort());
  for (const name of optional) expect(existsSync(join(project, 'node_modules', name))).toBe(false);
  for (const [address, driver] of [
    ['redis://127.0.0.1:1', 'ioredis'],
    ['postgres://faces@127.0.0.1:1/faces', 'pg'],
  ] as const) {
    for (const args of [
      ['worker', '--queue', address],
      ['encode', photos, '-d', 'hog', '-e', join(project, 'queue.pickle'), '--queue', address],
      ['queue', 'status', address],
    ]) {
      const { status, stdout, stderr } = spawnSync(process.execPath, [command(), ...args], {
        cwd: project,
        env: environment,
        encoding: 'utf8',
      });
      expect([status, stdout]).toEqual([1, '']);
      expect(stderr).toContain(
        `Queues need two packages that do not come with this one: bullmq and ${driver} `,
      );
      expect(stderr).toContain(
        `Install them where face-cluster-native is: npm install bullmq ${driver} (npm install -g, if it was installed with -g)`,
      );
    }
  }
  expect(existsSync(join(project, 'queue.pickle'))).toBe(false);
});

test('it can be required and imported, with the same names', () => {
  const required = run('a.cjs', "console.log(Object.keys(require('face-cluster-native')).sort().join())");
  const imported = run(
    'b.mjs',
    "import * as all from 'face-cluster-native'; const { default: _, __esModule, 'module.exports': __, ...names } = all;" +
      'console.log(Object.keys(names).sort().join())',
  );
  expect(required).toContain('dbscan');
  expect(imported).toBe(required);
});

test('it has a command that knows its version', () => {
  expect(execFileSync(command(), ['--version'], { env: environment, encoding: 'utf8' }).trim()).toBe(version);
});

test('doctor finds everything in order, with the binary and the models of the package', () => {
  const { healthy, findings } = JSON.parse(node(command(), 'doctor', '--json')) as {
    healthy: boolean;
    findings: { name: string; status: string; details: { path?: string } }[];
  };
  expect(findings.filter(({ status }) => status === 'error')).toEqual([]);
  expect(healthy).toBe(true);
  const installed = join(project, 'node_modules', 'face-cluster-native');
  const path = findings.find(({ name }) => name === 'native')?.details.path;
  expect(path?.startsWith(join(installed, 'prebuilds', `${process.platform}-${process.arch}`))).toBe(true);
});

test.each(['hog', 'cnn'])(
  'the faces of %s are, to the bit, those of the checkout, and so are the people',
  (method) => {
    // The cnn detector takes its time.
    const folder = join(project, `photos-${method}`);
    mkdirSync(folder);
    const names = readdirSync(photos).sort();
    for (const name of method === 'cnn' ? names.slice(0, 5) : names)
      copyFileSync(join(photos, name), join(folder, name));
    const [theirs, ours] = [command(), MAIN].map((program, index) => {
      const encodings = join(project, `${method}-${index}.pickle`);
      const output = join(project, `${method}-${index}-people`);
      node(program, 'encode', '-i', folder, '-e', encodings, '-d', method, '--quiet');
      node(program, 'cluster', '-e', encodings, '-o', output, '--min-samples', '2', '--quiet');
      const { people } = JSON.parse(readFileSync(join(output, 'clusters.json'), 'utf8'));
      return { encodings: createHash('sha256').update(readFileSync(encodings)).digest('hex'), people };
    });
    expect(ours?.people.length).toBeGreaterThan(0);
    expect(theirs).toEqual(ours);
  },
);

describeWithHeif('HEIC', () => {
  test('a HEIC photo is decoded to the pixels of the checkout, by what npm has installed along', async () => {
    const file = join(project, 'a.heic');
    writeFileSync(file, await heifEnc([await smallPhoto('sample1.jpg', 300)]));
    const decode = `decodeImage(${JSON.stringify(file)}).then(({ data }) => console.log(
      require('node:crypto').createHash('sha256').update(data).digest('hex')))`;
    const theirs = run('heic.cjs', `require('face-cluster-native').${decode};`);
    expect(theirs).toMatch(/^[0-9a-f]{64}\n$/);
    expect(run('heic-here.cjs', `require(${JSON.stringify(ROOT)}).${decode};`)).toBe(theirs);
  });
});

test('worker threads load it and end, one after the other, and the main thread goes on', () => {
  const printed = run(
    'workers.cjs',
    `const { Worker } = require('node:worker_threads');
    const work = "require('face-cluster-native').dbscan([[0, 0], [0, 0.1], [9, 9]], { eps: 0.5, minSamples: 2 })"
      + ".then(({ labels }) => require('node:worker_threads').parentPort.postMessage(Array.from(labels).join()))";
    const one = () => new Promise((resolve, reject) => {
      let said;
      new Worker(work, { eval: true }).on('message', (text) => { said = text; }).on('error', reject)
        .on('exit', (code) => resolve(said + ' ' + code));
    });
    (async () => {
      // Node unloads what no thread uses any more, and each of these is the only one.
      for (let i = 0; i < 3; i++) console.log(await one());
      const { FaceEngine } = require('face-cluster-native');
      console.log((await new FaceEngine().detect(${JSON.stringify(samplePhoto('sample1.jpg'))}, { method: 'hog' })).length > 0);
    })();`,
  );
  expect(printed).toBe(`${'0,0,-1 0\n'.repeat(3)}true\n`);
});

test('a program is bundled by esbuild as the recipe says', () => {
  const recipe = codeIn('docs/recipes.md', 'sh', 'bundle');
  const [line] = recipe.split('\n').filter((line) => line.startsWith('npx esbuild '));
  const [entry, ...options] = (line as string).slice('npx esbuild '.length).split(' ');
  writeFileSync(
    join(project, entry as string),
    `import { faceDistance } from 'face-cluster-native';
    console.log(faceDistance([new Float64Array(128)], new Float64Array(128).fill(1))[0]!.toFixed(3) as string);`,
  );
  const esbuild = require.resolve('esbuild/bin/esbuild');
  const path = [environment.PATH, process.env.PATH].join(delimiter);
  execFileSync(process.execPath, [esbuild, entry as string, ...options], {
    cwd: project,
    env: { ...environment, PATH: path },
    stdio: 'pipe',
  });
  const bundle = join(project, 'dist', 'app.cjs');
  expect(existsSync(bundle)).toBe(true);
  expect(node(bundle).trim()).toBe(Math.sqrt(128).toFixed(3));
});
