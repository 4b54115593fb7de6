#!/usr/bin/env node
'use strict';
/*
 * Runs everything that must be right before a change goes in: lint and format, types, the tests of the native core (CTest),
 * all other tests (jest). Set-up has made them ready (npm test does both). Arguments go to jest: npm test -- test/photos
 *
 * Each check counts as one test. Every part runs, whatever happened to those before it. What was skipped is listed with its
 * reason. The last line is always "N passed, N failed, N skipped".
 *
 * Exit codes: 0 nothing failed, 1 something did.
 */
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { inRoot, root, setupFolder } = require('./setup/project');
const { countCTest, countJest } = require('./test/results');

const resultsFolder = path.join(setupFolder, 'test-results');
const node = process.execPath;

const total = { passed: 0, failed: [], skipped: [] };

function add({ passed, failed, skipped }) {
  total.passed += passed;
  total.failed.push(...failed);
  total.skipped.push(...skipped);
}

function run(title, command) {
  console.log(`\n── ${title} ──`);
  const [program, ...args] = command;
  const { status, signal, error } = spawnSync(program, args, {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (error) console.error(`${program} could not be started: ${error.message}`);
  return {
    ok: status === 0,
    how: error?.message ?? (signal ? `ended by ${signal}` : `exit code ${status}`),
    status,
  };
}

/** A check that is right or wrong as a whole. `cannot`: the exit code that means "not on this machine". */
function check(title, command, cannot) {
  const { ok, how, status } = run(title, command);
  if (ok) add({ passed: 1, failed: [], skipped: [] });
  // Where it counts, a check that can't run is a check that has not been passed.
  else if (status === cannot && !process.env.CI)
    add({ passed: 0, failed: [], skipped: [`${title}: see above`] });
  else add({ passed: 0, failed: [`${title}: ${how}`], skipped: [] });
}

/** A test program that leaves a file with its results, which `count` reads. */
function suite(title, command, file, count) {
  fs.mkdirSync(resultsFolder, { recursive: true });
  fs.rmSync(file, { force: true });
  const { ok, how } = run(title, command);
  const counted = fs.existsSync(file)
    ? count(fs.readFileSync(file, 'utf8'))
    : { passed: 0, failed: [], skipped: [] };
  const empty = counted.passed + counted.failed.length + counted.skipped.length === 0;
  // A crash between the tests, or a suite without any, must not pass for success.
  if (counted.failed.length === 0 && (!ok || empty)) {
    counted.failed.push(
      `${title}: ${empty ? 'no test was run' : 'all tests passed, but it ended badly'} (${how})`,
    );
  }
  add(counted);
}

check('Lint and format (biome)', [node, inRoot('node_modules/@biomejs/biome/bin/biome'), 'check', '.']);
check('Format of the C++ sources (clang-format)', [node, inRoot('scripts/clang-format.js'), '--check'], 3);
check('Types (tsc)', [node, inRoot('node_modules/typescript/bin/tsc'), '--noEmit']);
check('Types of the gallery (tsc)', [node, inRoot('node_modules/typescript/bin/tsc'), '-p', 'gallery']);

check('Rooms and arrows (dependency-cruiser)', [node, inRoot('scripts/house.js')]);

const ctestFile = path.join(resultsFolder, 'ctest.xml');
suite(
  'Native core (CTest)',
  ['ctest', '--test-dir', 'build', '--output-on-failure', '--no-tests=error', '--output-junit', ctestFile],
  ctestFile,
  countCTest,
);

const jestFile = path.join(resultsFolder, 'jest.json');
suite(
  'Library, command line, parity, package (jest)',
  [
    node,
    inRoot('node_modules/jest/bin/jest.js'),
    '--json',
    `--outputFile=${jestFile}`,
    ...process.argv.slice(2),
  ],
  jestFile,
  (json) => countJest(json, root),
);

console.log('\n── Result ──');
for (const [title, names] of [
  ['Skipped', total.skipped],
  ['Failed', total.failed],
]) {
  if (names.length > 0) console.log(`${title}:\n${names.map((name) => `  ${name}`).join('\n')}`);
}
process.exitCode = total.failed.length > 0 ? 1 : 0;
console.log(`${total.passed} passed, ${total.failed.length} failed, ${total.skipped.length} skipped`);
