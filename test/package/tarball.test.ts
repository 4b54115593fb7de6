import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { pack, ROOT as root } from '../support/package';

const { dependencies, repository } = require('../../package.json') as {
  dependencies: Record<string, string>;
  repository: { url: string };
};

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
  const packed = pack();
  const names = packed.files.map(({ path }) => path);

  test('holds the compiled library, the sources of the addon and the models manifest', () => {
    const compiled = filesBelow('src').map((name) => name.replace(/^src\//, 'lib/').replace(/\.ts$/, '.js'));
    const native = ['binding/core', 'binding/napi', 'binding/cmake'].flatMap(filesBelow);
    const page = ['app.js', 'gallery.css', 'viewer.css', 'questions.css', 'index.html'].map(
      (name) => `lib/gallery/${name}`,
    );
    expect(names).toEqual(
      expect.arrayContaining([
        ...compiled,
        ...native,
        ...page,
        'package.json',
        'CMakeLists.txt',
        'lib/libheif/LICENSE',
        'lib/libheif/libheif.js',
        'lib/libheif/libheif.wasm',
        'models/manifest.json',
        'models/README.md',
        'schemas/clusters.schema.json',
        'schemas/people.schema.json',
      ]),
    );
  });

  test('holds nothing else: no photos, no tests, no left-overs', () => {
    const allowed = [
      /^(package\.json|README\.md|LICENSE|THIRD-PARTY-NOTICES\.md|CHANGELOG\.md|CONTRIBUTING\.md|CMakeLists\.txt)$/,
      /^docs\/[\w-]+\.(md|svg)$/,
      /^lib\/[\w/-]+(\.d\.ts|\.js)$/,
      /^binding\/(core|napi|cmake)\/[\w/-]+\.(h|cpp|cmake|sh)$/,
      /^binding\/(core|napi)\/CMakeLists\.txt$/,
      /^binding\/core\/clustering\/neighbors\/README\.md$/,
      /^binding\/napi\/exports\.map$/,
      /^lib\/libheif\/(LICENSE|package\.json|libheif\.(js|wasm))$/,
      /^lib\/gallery\/(index\.html|[\w-]+\.css)$/,
      /^models\/([\w-]+\.dat|manifest\.json|README\.md)$/,
      /^schemas\/[\w-]+\.schema\.json$/,
      /^prebuilds\/[\w-]+\/[\w.-]+\.node$/,
    ];
    expect(names.filter((name) => !allowed.some((pattern) => pattern.test(name)))).toEqual([]);
  });

  test('links lead somewhere: within the package, or to what is in the repository', () => {
    const sources = `${repository.url.replace(/^git\+|\.git$/g, '')}/blob/HEAD/`;
    const pages = names.filter((name) => name.endsWith('.md'));
    expect(pages).toEqual(expect.arrayContaining(['README.md', 'docs/api.md', 'models/README.md']));
    const broken = pages.flatMap((page) =>
      [...readFileSync(join(root, page), 'utf8').matchAll(/\]\(([^)#\s]+)[^)]*\)/g)]
        .map(([, target]) => target as string)
        .filter((target) => {
          if (target.startsWith(sources)) return !existsSync(join(root, target.slice(sources.length)));
          if (/^[a-z]+:/.test(target)) return false;
          const file = posix.join(posix.dirname(page), target);
          return !names.some((name) => name === file || name.startsWith(`${file}/`));
        })
        .map((target) => `${target} in ${page}`),
    );
    expect(broken).toEqual([]);
  });

  test('has compiled files for today’s sources only', () => {
    const sources = new Set(filesBelow('src').map((name) => name.replace(/^src\/(.*)\.ts$/, '$1')));
    const compiled = names
      .filter((name) => name.startsWith('lib/') && !/^lib\/(gallery|libheif)\//.test(name))
      .map((name) => name.slice(4).replace(/(\.d\.ts|\.js)$/, ''));
    expect(compiled.filter((name) => !sources.has(name))).toEqual([]);
  });

  test('declares what index.d.ts leads to, which types.test.ts finds enough, and no more', () => {
    const declared = names.filter((name) => name.endsWith('.d.ts'));
    const named = declared.flatMap((name) =>
      [...readFileSync(join(root, name), 'utf8').matchAll(/["'](\.{1,2}\/[^"']+)["']/g)].flatMap(([, to]) => {
        const module = posix.join(posix.dirname(name), to as string);
        return [`${module}.d.ts`, `${module}/index.d.ts`];
      }),
    );
    expect(declared).toContain('lib/index.d.ts');
    expect(declared.filter((name) => name !== 'lib/index.d.ts' && !named.includes(name))).toEqual([]);
  });

  test('holds the three models, and no others', () => {
    const { models } = require('../../models/manifest.json') as { models: { name: string; bytes: number }[] };
    const packedModels = packed.files.filter(({ path }) => path.endsWith('.dat'));
    const expected = models.map(({ name, bytes }) => ({ path: `models/${name}`, size: bytes }));
    expect(packedModels.map(({ path, size }) => ({ path, size }))).toEqual(expected);
  });

  test('is small but for the models and the binaries', () => {
    const rest = packed.files.filter(({ path }) => !/^prebuilds\/|^lib\/libheif\/|\.dat$/.test(path));
    expect(rest.reduce((sum, { size }) => sum + size, 0)).toBeLessThan(3_300_000);
  });

  test('needs nothing at run time that is not among its dependencies', () => {
    const builtIn = new Set(require('node:module').builtinModules as string[]);
    const optional = ['@u4/opencv4nodejs', 'bullmq', 'ioredis'];
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
