'use strict';
/*
 * Writes docs/api.md from the declarations in lib/, which tsc has made: `npm run docs`. Each public name gets what its
 * comment says and its declaration. (typedoc 0.28 needs a compiler older than ours, and writes ten times as much.)
 */
const fs = require('node:fs');
const path = require('node:path');
const { parseSync } = require('@swc/core');
const { CHAPTERS } = require('./api-chapters');
const { inRoot } = require('./setup/project');

/** The statements of a file, each with the comment that stands before it and with `textOf` for the text of its parts. */
function statements(text) {
  const bytes = Buffer.from(text);
  // swc counts bytes, from 1.
  const textOf = ({ start, end }) => bytes.toString('utf8', start - 1, end - 1);
  let last = 1;
  return parseSync(text, { syntax: 'typescript' }).body.map((statement) => {
    const before = textOf({ start: last, end: statement.span.start });
    last = statement.span.end;
    return { statement, comment: /\/\*\*(?:(?!\*\/)[\s\S])*\*\/\s*$/.exec(before)?.[0] ?? '', textOf };
  });
}

/**
 * The public names, each with the module that index.d.ts takes it from.
 * @param {string} index text of index.d.ts
 * @returns {Map<string, string>} in its order
 */
function publicNames(index) {
  const exported = statements(index).filter(({ statement }) => statement.type === 'ExportNamedDeclaration');
  return new Map(
    exported.flatMap(({ statement: { specifiers, source } }) =>
      specifiers.map(({ orig }) => [orig.value, source?.value.replace(/^\.\//, '')]),
    ),
  );
}

const KINDS = {
  TsInterfaceDeclaration: 'interface',
  TsTypeAliasDeclaration: 'type',
  FunctionDeclaration: 'function',
  ClassDeclaration: 'class',
  VariableDeclaration: 'const',
};

/**
 * The top-level declarations of a module.
 * @param {string} text of a .d.ts file
 * @returns {Map<string, {kind: string, comment: string, code: string}>}
 */
function declarations(text) {
  const found = new Map();
  for (const { statement, comment, textOf } of statements(text)) {
    if (statement.type !== 'ExportDeclaration') continue;
    const { declaration } = statement;
    const kind = KINDS[declaration.type];
    const { value: name } = declaration.id ?? declaration.identifier ?? declaration.declarations[0].id;
    const isPrivate = (member) => member.type === 'PrivateProperty' || member.accessibility === 'private';
    const hidden = kind === 'class' ? declaration.body.filter(isPrivate).map(({ span }) => textOf(span)) : [];
    const whole = textOf(statement.span).replace(/^export (declare )?(abstract )?/, '');
    const code = whole
      .split('\n')
      .filter((line) => !hidden.includes(line.trim()))
      .join('\n');
    const before = found.get(name);
    // Overloads are one entry.
    found.set(name, before ? { ...before, code: `${before.code}\n${code}` } : { kind, comment, code });
  }
  return found;
}

/** A doc comment as Markdown: prose, then what goes in, what comes out, and what is thrown. */
function markdown(comment) {
  const text = comment
    .replace(/^\/\*\*|\*\/\s*$/g, '')
    .replace(/^ *\* ?/gm, '')
    .replace(/\{@link ([^}]+)\}/g, '`$1`')
    .trim();
  const [prose, ...tags] = text.split(/^@(?=\w)/m);
  const items = tags.map((tag) => {
    const [, name, what] = /^(\w+)\s*([\s\S]*)$/.exec(tag.trim());
    const words = what.replace(/\s*\n\s*/g, ' ');
    if (name === 'param') return words.replace(/^([\w.]+)\s*/, '- `$1`: ');
    return `- ${{ returns: 'Returns', throws: 'Throws' }[name] ?? name}: ${words}`;
  });
  return [prose.trim(), items.join('\n')].filter((part) => part !== '').join('\n\n');
}

/** The code without `{@link }`, which is only for editors. */
function plainCode(code) {
  return code
    .replace(/\{@link ([^}]+)\}/g, '$1')
    .replace(/^ {4}/gm, '  ')
    .replace(/^ {6}/gm, '    ');
}

/** The file of lib/ that declares what `module` exports, which may be a folder. */
function fileOf(module) {
  return fs.existsSync(inRoot(`lib/${module}.d.ts`)) ? `${module}.d.ts` : `${module}/index.d.ts`;
}

function read(module) {
  return fs.readFileSync(inRoot('lib', fileOf(module)), 'utf8');
}

/**
 * The declaration of `name`, which `module` has or takes from another one, and the text of the file that it is in.
 * @returns {{kind: string, comment: string, code: string, text: string}}
 */
function find(name, module) {
  const text = read(module);
  const found = declarations(text).get(name);
  if (found) return { ...found, text };
  const next = publicNames(text).get(name);
  if (next === undefined) throw new Error(`${name} is exported, but not declared in lib/${module}.d.ts`);
  return find(name, path.posix.join(path.posix.dirname(fileOf(module)), next));
}

/** What the package exports: each name with the module that index.d.ts takes it from, and with what {@link find} finds. */
function publicDeclarations() {
  if (!fs.existsSync(inRoot('lib/index.d.ts')))
    throw new Error('There is no lib/. Run "npm run build:ts" first.');
  return [...publicNames(read('index'))].map(([name, module]) => ({ name, module, ...find(name, module) }));
}

/**
 * Refuses chapters that are not those of the names: each has to be in one chapter, once.
 * @param {readonly {title: string, names: readonly string[]}[]} chapters
 * @param {readonly string[]} names all that the package exports
 */
function checkChapters(chapters, names) {
  const listed = chapters.flatMap((chapter) => chapter.names);
  const missing = names.filter((name) => !listed.includes(name));
  const unknown = listed.filter((name) => !names.includes(name));
  const twice = listed.filter((name, i) => listed.indexOf(name) !== i);
  const faults = [
    [missing, 'exported, but in no chapter of docs/api.md: add to the one that it is needed for'],
    [unknown, 'in a chapter, but not exported: take out, or export'],
    [twice, 'in a chapter twice, or in two: leave in one'],
  ].filter(([found]) => found.length > 0);
  if (faults.length === 0) return;
  const lines = faults.map(([found, what]) => `- ${found.join(', ')}: ${what}`);
  throw new Error(
    `The chapters in scripts/api-chapters.js do not fit what src/index.ts exports:\n${lines.join('\n')}`,
  );
}

const isCalled = ({ kind }) => kind === 'function' || kind === 'class';
const link = ({ name }) => `[\`${name}\`](#${name.toLowerCase()})`;

/** The anchor of a heading, as GitHub makes it. */
function anchor(title) {
  return title
    .toLowerCase()
    .replace(/[^\w\s-]/g, '')
    .replaceAll(' ', '-');
}

/** What a function takes and gives, as far as it is described here, too. */
function namesIn({ name, code }, all) {
  const words = new Set(code.replace(/\/\*\*[\s\S]*?\*\//g, '').match(/\w+/g));
  return all.filter((other) => other.name !== name && !isCalled(other) && words.has(other.name));
}

/** The text of docs/api.md. */
function apiDocs() {
  const all = publicDeclarations();
  checkChapters(
    CHAPTERS,
    all.map(({ name }) => name),
  );
  const byName = new Map(all.map((one) => [one.name, one]));
  const chapters = CHAPTERS.map(({ names, ...chapter }) => ({
    ...chapter,
    own: names.map((name) => byName.get(name)),
  }));
  return [
    '# API reference',
    'Made from the comments in the code by `npm run docs`; changes belong there. [recipes.md](recipes.md) shows it at ' +
      'work, [troubleshooting.md](troubleshooting.md) explains the error codes.',
    ['| to | there is |', '|---|---|']
      .concat(
        chapters.map(({ title, own }) => {
          const called = own.filter(isCalled);
          return `| [${title}](#${anchor(title)}) | ${called.map(link).join(', ')} |`;
        }),
      )
      .join('\n'),
    markdown(/\/\*\*[\s\S]*?\*\//.exec(read('index'))[0]).replace(/\n*- packageDocumentation: $/, ''),
    ...chapters.flatMap(({ title, intro, own }) => [
      `## ${title}`,
      intro,
      own.map(link).join(' · '),
      ...own.flatMap((entry) => [
        `### ${entry.name}`,
        ...(entry.comment ? [markdown(entry.comment)] : []),
        `\`\`\`ts\n${plainCode(entry.code)}\n\`\`\``,
        ...(isCalled(entry) && namesIn(entry, all).length > 0
          ? [`Takes and gives: ${namesIn(entry, all).map(link).join(', ')}`]
          : []),
      ]),
    ]),
    '',
  ]
    .join('\n\n')
    .trimEnd()
    .concat('\n');
}

module.exports = { apiDocs, checkChapters, publicDeclarations };

if (require.main === module) fs.writeFileSync(inRoot('docs/api.md'), apiDocs());
