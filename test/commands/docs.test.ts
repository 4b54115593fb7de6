import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkBuilt, runCli } from '../support/cli';
import { codeIn, page, ROOT, tableRows } from '../support/docs';
import { PORTRAITS, useTempFolder } from '../support/files';

beforeAll(checkBuilt);
const temp = useTempFolder();

test('docs/api.md is what the comments in the code say', () => {
  const { apiDocs } = require('../../scripts/api-docs') as { apiDocs(): string };
  // If not: npm run build:ts && npm run docs
  expect(page('docs/api.md')).toBe(apiDocs());
});

test('docs/api.md has every public name', () => {
  const names = Object.keys(require('../../lib/index') as object);
  expect(names.length).toBeGreaterThan(10);
  const headings: string[] = page('docs/api.md').match(/^### \w+$/gm) ?? [];
  expect(names.filter((name) => !headings.includes(`### ${name}`))).toEqual([]);
});

test('a public name without a chapter in docs/api.md, or with two, is refused, and so is a chapter of what is not there', () => {
  const { checkChapters } = require('../../scripts/api-docs') as {
    checkChapters(chapters: readonly { names: readonly string[] }[], names: readonly string[]): void;
  };
  const chapters = [{ names: ['sortPhotos', 'People'] }, { names: ['FaceError'] }];
  checkChapters(chapters, ['FaceError', 'sortPhotos', 'People']);
  const faults = (...names: string[]) => expect(() => checkChapters(chapters, names));
  faults('FaceError', 'sortPhotos', 'People', 'newThing').toThrow(
    /scripts\/api-chapters\.js[\s\S]*- newThing: exported, but in no chapter of docs\/api\.md: add/,
  );
  faults('FaceError', 'sortPhotos').toThrow(/- People: in a chapter, but not exported: take out/);
  expect(() =>
    checkChapters([...chapters, { names: ['People'] }], ['FaceError', 'sortPhotos', 'People']),
  ).toThrow(/- People: in a chapter twice, or in two: leave in one/);
});

test('docs/troubleshooting.md explains each error code, and no other', () => {
  const codes: string[] = page('src/base/errors.ts').match(/(?<=\| ')FACE_\w+(?=')/g) ?? [];
  const explained = tableRows('docs/troubleshooting.md').flatMap(
    ([first]) => first?.match(/FACE_\w+/g) ?? [],
  );
  expect(explained.sort()).toEqual(codes.sort());
});

test('the options that README and the guides name are there', async () => {
  const { stdout } = await runCli(['--help'], { cwd: temp() });
  const commands = [...stdout.matchAll(/^ {2}face-cluster-native ([a-z]+)/gm)].map(
    ([, name]) => name as string,
  );
  expect(commands).toEqual(expect.arrayContaining(['sort', 'people', 'encode', 'cluster']));
  const helps = await Promise.all(commands.map((name) => runCli([name, '--help'], { cwd: temp() })));
  const known = new Set(helps.flatMap(({ stdout }) => stdout.match(/--[a-z][\w-]+/g) ?? []));
  for (const name of [
    'docs/migration.md',
    'docs/troubleshooting.md',
    'docs/recipes.md',
    'docs/people.md',
    'docs/many-machines.md',
    'README.md',
  ]) {
    // What esbuild and servers are given is not ours.
    const text = page(name).replace(/^(npx esbuild|sudo|redis-cli|.*valkey-server) .*$/gm, '');
    const named = text.match(/(?<=[`\s])--[a-z][\w-]+/g) ?? [];
    expect([name, named.filter((option) => !known.has(option))]).toEqual([name, []]);
  }
});

test("docs/migration.md's defaults are those of the help", async () => {
  const rows = tableRows('docs/migration.md').filter(
    ([option, fallback]) => option?.startsWith('`-') && fallback,
  );
  expect(rows).toHaveLength(5);
  for (const [option, fallback, , command] of rows) {
    const long = option?.match(/--\w+/)?.[0];
    const value = fallback?.match(/`(.*?)`/)?.[1];
    const commands = command === 'both' ? ['encode', 'cluster'] : [command?.match(/\w+/)?.[0] as string];
    for (const name of commands) {
      const { stdout } = await runCli([name, '--help'], { cwd: temp() });
      const help = stdout.replace(/\s+/g, ' ');
      expect(help).toMatch(new RegExp(`${long}[ ,][^[]*(\\[[^d][^\\]]*\\] )*\\[default: "?${value}"?\\]`));
    }
  }
});

test('every line of the API table in docs/migration.md does what it says', async () => {
  const library = require('../../lib/index') as typeof import('../../src');
  const engine = new library.FaceEngine({ jobs: 1 });
  const image = join(PORTRAITS, 'franck_02221.jpg');
  const [found] = await engine.detectAndEncode(image);
  if (!found) throw new Error('no face');
  const faces = [{ imagePath: image, loc: found.box, encoding: found.encoding }];
  await library.writeEncodings(join(temp(), 'encodings.pickle'), faces);
  const x = [[0], [0.4], [9]];
  const given = { engine, image, path: image, folder: PORTRAITS, boxes: [found.box], x, faces, tiles: faces };
  const encodings = [found.encoding];
  const names = { ...library, ...given, encodings, known: encodings, face: found.encoding };
  const lines = tableRows('docs/migration.md')
    .flatMap(([, ours]) => ours?.match(/`([^`]*\w\([^`]*)`/)?.[1] ?? [])
    .filter((line) => !line.startsWith('cluster'));
  const results = new Map<string, unknown>();
  for (const line of lines) {
    const inTemp = line.replace("'encodings.pickle'", JSON.stringify(join(temp(), 'encodings.pickle')));
    const run = new Function(...Object.keys(names), `return (async () => (${inTemp}))()`);
    results.set(line, await run(...Object.values(names)));
  }
  engine.dispose();
  const result = (part: string) => [...results].find(([line]) => line.includes(part))?.[1];
  expect(results.size).toBe(13);
  expect(result('findImages')).toHaveLength(
    readdirSync(PORTRAITS).filter((name) => /\.(jpg|png|bmp)$/.test(name)).length,
  );
  expect(result('engine.detect(')).toEqual([found.box]);
  expect(result('engine.encode(')).toEqual([found.encoding]);
  expect(result('.map((d)')).toEqual(Float64Array.of(1));
  expect([...(result('dbscan') as Int32Array)]).toEqual([-1, -1, -1]);
  // As scikit-learn has it: the points are among their own neighbours.
  expect(result('radiusNeighbors')).toMatchObject({ indices: Uint32Array.of(0, 1, 0, 1, 2) });
  expect(result('readEncodings')).toEqual(faces);
  expect(result('createMontage')).toMatchObject({ width: 480, height: 480 });
});

test('the lines of people.jsonl that docs/people.md shows are read, and do what it says', async () => {
  const { People } = require('../../lib/index') as typeof import('../../src');
  const file = join(temp(), 'people.jsonl');
  writeFileSync(file, `${codeIn('docs/people.md', 'jsonl', '"do"')}\n`);
  const people = await People.open(file, { readOnly: true });
  const decisions = people.decisions();
  expect(decisions.map(({ do: kind, counts }) => [kind, counts])).toEqual([
    ['name', true],
    ['merge', false],
    ['not', true],
    ['undo', true],
  ]);
  await people.close();
  // Every kind of decision has a row.
  const kinds = tableRows('docs/people.md').flatMap(([first]) => first?.match(/(?<=`)[a-z-]+(?=`)/g) ?? []);
  const schema = JSON.parse(page('schemas/people.schema.json')).$defs.decision.oneOf as {
    properties: { do: { const: string } };
  }[];
  expect(kinds).toEqual(expect.arrayContaining(schema.map(({ properties }) => properties.do.const)));
});

test('links between the pages lead somewhere', () => {
  const pages = [
    'README.md',
    ...readdirSync(join(ROOT, 'docs')).flatMap((name) => (name.endsWith('.md') ? [`docs/${name}`] : [])),
  ];
  for (const name of pages) {
    for (const [, target] of page(name).matchAll(/\]\((?!https?:)([^)\s]+)\)/g)) {
      const [file, heading] = (target as string).split('#');
      const path = file ? join(ROOT, name, '..', file) : join(ROOT, name);
      expect([name, target, existsSync(path)]).toEqual([name, target, true]);
      if (!heading) continue;
      const slugs = [...readFileSync(path, 'utf8').matchAll(/^#+ (.*)$/gm)].map(([, title]) =>
        (title as string)
          .toLowerCase()
          .replace(/[^\w\s-]/g, '')
          .replace(/ /g, '-'),
      );
      expect([name, slugs]).toEqual([name, expect.arrayContaining([heading])]);
    }
  }
});
