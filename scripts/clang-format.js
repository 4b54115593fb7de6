#!/usr/bin/env node
'use strict';
/*
 * Formats the C++ sources in place, or with --check says which are not formatted.
 * Releases of clang-format differ in what they find beautiful, so it has to be the one that the sources were formatted with.
 *
 * Exit codes: 0 formatted, 1 --check found files that are not, 2 wrong use, 3 no clang-format of the right release.
 */
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const { inRoot, root } = require('./setup/project');

const RELEASE = 14;

/** The program to use, or undefined. */
function findClangFormat() {
  return [`clang-format-${RELEASE}`, 'clang-format'].find((name) => {
    const { stdout, status } = spawnSync(name, ['--version'], { encoding: 'utf8' });
    return status === 0 && new RegExp(`version ${RELEASE}\\.`).test(stdout);
  });
}

const HOW_TO_INSTALL =
  `clang-format ${RELEASE} was not found. Install it: apt-get install clang-format-${RELEASE} (Debian 12, Ubuntu 22.04 and 24.04), ` +
  `or anywhere: pipx install 'clang-format==${RELEASE}.*'`;

function sources() {
  return fs
    .readdirSync(inRoot('binding'), { recursive: true })
    .filter((name) => /\.(h|cpp)$/.test(name))
    .map((name) => `binding/${name}`)
    .sort();
}

function main(args) {
  const check = args[0] === '--check';
  if (args.length > (check ? 1 : 0)) {
    console.error('Usage: node scripts/clang-format.js [--check]');
    return 2;
  }
  const program = findClangFormat();
  if (program === undefined) {
    console.error(HOW_TO_INSTALL);
    return 3;
  }
  const mode = check ? ['--dry-run', '--Werror'] : ['-i'];
  const result = spawnSync(program, [...mode, '--style=file', ...sources()], { cwd: root, stdio: 'inherit' });
  if (result.error) throw result.error;
  if (result.status !== 0 && check) console.error('To format them: npm run format');
  return result.status === 0 ? 0 : 1;
}

process.exitCode = main(process.argv.slice(2));
