import { spawnSync } from 'node:child_process';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { useTempFolder } from '../support/files';
import { ROOT } from '../support/package';

/** See scripts/api-docs.js. */
interface PublicDeclaration {
  readonly name: string;
  readonly kind: string;
  readonly code: string;
  readonly text: string;
}

const { publicDeclarations } = require('../../scripts/api-docs') as {
  publicDeclarations(): PublicDeclaration[];
};
const temp = useTempFolder();
const isType = ({ kind }: PublicDeclaration) => kind === 'interface' || kind === 'type';

test('a strict program without the types of Node compiles with all that is exported, libraries checked, too', () => {
  const installed = join(temp(), 'node_modules', 'face-cluster-native');
  cpSync(join(ROOT, 'lib'), join(installed, 'lib'), {
    recursive: true,
    filter: (source) => !source.endsWith('.js'),
  });
  writeFileSync(join(installed, 'package.json'), readFileSync(join(ROOT, 'package.json')));
  const all = publicDeclarations();
  expect(all.length).toBeGreaterThan(50);
  const names = all.map((one) => (isType(one) ? `type ${one.name}` : one.name));
  const uses = all.map((one) => (isType(one) ? one.name : `typeof ${one.name}`));
  writeFileSync(
    join(temp(), 'program.ts'),
    `import { ${names.join(', ')} } from 'face-cluster-native';\nexport type All = [${uses.join(', ')}];\n`,
  );
  const compilerOptions = {
    ...{ strict: true, exactOptionalPropertyTypes: true, skipLibCheck: false, types: [], noEmit: true },
    ...{ target: 'es2022', module: 'nodenext' },
  };
  writeFileSync(join(temp(), 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['program.ts'] }));
  const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
  const { status, stdout } = spawnSync(process.execPath, [tsc, '-p', temp()], { encoding: 'utf8' });
  expect([stdout, status]).toEqual(['', 0]);
});

test('every type that a public signature names is exported, so that programs can name it, too', () => {
  const all = publicDeclarations();
  const known = new Set(all.map(({ name }) => name));
  const unknown = all.flatMap(({ name, code, text }) => {
    const imported = [...text.matchAll(/^import (?:type )?\{([^}]*)\} from '\.[^']*';$/gm)].flatMap(
      ([, list]) => (list as string).match(/\w+(?=\s*(?:,|$))/g),
    );
    const declared = [...text.matchAll(/^(?:export )?(?:declare )?(?:interface|type|class) (\w+)/gm)];
    const words = new Set(code.replace(/\/\*\*[\s\S]*?\*\//g, '').match(/\w+/g));
    return [...imported, ...declared.map(([, one]) => one)]
      .filter((one) => one && !known.has(one) && words.has(one))
      .map((one) => `${one} in ${name}`);
  });
  expect(unknown).toEqual([]);
});
