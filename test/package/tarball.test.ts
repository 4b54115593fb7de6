import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const root = resolve(__dirname, '..', '..');
const { version, dependencies } = require('../../package.json') as {
  version: string;
  dependencies: Record<string, string>;
};

/** What `npm pack` has to say, or makes in `folder`. */
function npmPack(...args: string[]): {
  filename: string;
  size: number;
  files: { path: string; size: number }[];
} {
  const json = execFileSync('npm', ['pack', '--json', '--ignore-scripts', ...args], {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
    shell: process.platform === 'win32',
  });
  return JSON.parse(json)[0];
}

/** Names, relative to the repository, of all files below `folder`. */
function filesBelow(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(root.length + 1)
        .replaceAll('\\', '/'),
    );
}

describe('the package', () => {
  const packed = npmPack('--dry-run');
  const names = packed.files.map(({ path }) => path);

  test('holds the compiled library, the sources of the addon and the models manifest', () => {
    const compiled = filesBelow('src').flatMap((name) => {
      const base = name.replace(/^src\//, 'lib/').replace(/\.ts$/, '');
      return [`${base}.js`, `${base}.d.ts`];
    });
    const native = ['binding/core', 'binding/napi', 'binding/cmake'].flatMap(filesBelow);
    const page = filesBelow('gallery').filter((name) => !name.endsWith('.json'));
    expect(names).toEqual(
      expect.arrayContaining([
        ...compiled,
        ...native,
        ...page,
        'package.json',
        'CMakeLists.txt',
        'models/manifest.json',
        'models/README.md',
        'schemas/clusters.schema.json',
      ]),
    );
  });

  test('holds nothing else: no photos, no tests, no left-overs', () => {
    const allowed = [
      /^(package\.json|README\.md|LICENSE|THIRD-PARTY-NOTICES\.md|CHANGELOG\.md|CMakeLists\.txt)$/,
      /^lib\/[\w/-]+(\.d\.ts|\.js)$/,
      /^binding\/(core|napi|cmake)\/[\w/-]+\.(h|cpp|cmake)$/,
      /^binding\/(core|napi)\/CMakeLists\.txt$/,
      /^binding\/napi\/exports\.map$/,
      /^gallery\/(index\.html|[\w-]+\.(css|js))$/,
      /^models\/([\w-]+\.dat|manifest\.json|README\.md)$/,
      /^schemas\/[\w-]+\.schema\.json$/,
      /^prebuilds\/[\w-]+\/[\w.-]+\.node$/,
    ];
    expect(names.filter((name) => !allowed.some((pattern) => pattern.test(name)))).toEqual([]);
  });

  test('has compiled files for today’s sources only', () => {
    const sources = new Set(filesBelow('src').map((name) => name.replace(/^src\/(.*)\.ts$/, '$1')));
    const compiled = names
      .filter((name) => name.startsWith('lib/'))
      .map((name) => name.slice(4).replace(/(\.d\.ts|\.js)$/, ''));
    expect(compiled.filter((name) => !sources.has(name))).toEqual([]);
  });

  test('holds the three models, and no others', () => {
    const { models } = require('../../models/manifest.json') as { models: { name: string; bytes: number }[] };
    const packedModels = packed.files.filter(({ path }) => path.endsWith('.dat'));
    const expected = models.map(({ name, bytes }) => ({ path: `models/${name}`, size: bytes }));
    expect(packedModels.map(({ path, size }) => ({ path, size }))).toEqual(expected);
  });

  test('is small but for the models and the binaries', () => {
    const rest = packed.files.filter(({ path }) => !/^prebuilds\/|\.dat$/.test(path));
    expect(rest.reduce((sum, { size }) => sum + size, 0)).toBeLessThan(2_000_000);
  });

  test('needs nothing at run time that is not among its dependencies', () => {
    const builtIn = new Set(require('node:module').builtinModules as string[]);
    const optional = ['@u4/opencv4nodejs'];
    const foreign = new Set<string>();
    for (const name of names.filter((name) => name.startsWith('lib/') && name.endsWith('.js'))) {
      const code = readFileSync(join(root, name), 'utf8');
      for (const [, request = ''] of code.matchAll(/\brequire\("([^."][^"]*)"\)/g)) {
        const bare = request
          .split('/')
          .slice(0, request.startsWith('@') ? 2 : 1)
          .join('/');
        if (!request.startsWith('node:') && !builtIn.has(request)) foreign.add(bare);
      }
    }
    const known = [...Object.keys(dependencies), ...optional];
    expect([...foreign].filter((name) => !known.includes(name))).toEqual([]);
  });
});

describe('the package, unpacked in an empty project', () => {
  let project: string;
  let installed: string;

  beforeAll(() => {
    project = mkdtempSync(join(tmpdir(), 'package-'));
    installed = join(project, 'node_modules', 'face-cluster-native');
    mkdirSync(installed, { recursive: true });
    const { filename } = npmPack('--pack-destination', project);
    execFileSync('tar', ['xzf', join(project, filename), '-C', installed, '--strip-components=1']);
    // Its dependencies, as npm would lay them beside it; from here, so that the test needs no network.
    for (const name of readdirSync(join(root, 'node_modules'))) {
      if (!name.startsWith('.'))
        symlinkSync(join(root, 'node_modules', name), join(project, 'node_modules', name), 'junction');
    }
    // Until prebuilds are packed, the binary that set-up has built stands in for one.
    const binary = join(root, 'build', 'Release', 'face_cluster_native.node');
    if (!existsSync(join(installed, 'prebuilds'))) {
      mkdirSync(join(installed, 'build', 'Release'), { recursive: true });
      symlinkSync(binary, join(installed, 'build', 'Release', 'face_cluster_native.node'));
    }
  });

  afterAll(() => rmSync(project, { recursive: true, force: true }));

  /** Runs a program in the project and returns what it prints. */
  function run(file: string, code: string): string {
    writeFileSync(join(project, file), code);
    return execFileSync(process.execPath, [file], { cwd: project, encoding: 'utf8' });
  }

  test('can be required and imported, with the same names', () => {
    const required = run('a.cjs', "console.log(Object.keys(require('face-cluster-native')).sort().join())");
    const imported = run(
      'b.mjs',
      "import * as all from 'face-cluster-native'; const { default: _, __esModule, 'module.exports': __, ...names } = all;" +
        'console.log(Object.keys(names).sort().join())',
    );
    expect(required).toContain('dbscan');
    expect(imported).toBe(required);
  });

  test('finds its native addon', () => {
    const labels = run(
      'c.cjs',
      "require('face-cluster-native').dbscan([[0, 0], [0, 0.1], [9, 9]], { eps: 0.5, minSamples: 2 })" +
        '.then(({ labels }) => console.log(Array.from(labels).join()))',
    );
    expect(labels.trim()).toBe('0,0,-1');
  });

  test('has a command that knows its version', () => {
    const command = join(installed, 'lib', 'cli', 'main.js');
    const printed = execFileSync(process.execPath, [command, '--version'], {
      cwd: project,
      encoding: 'utf8',
    });
    expect(printed.trim()).toBe(version);
  });
});
