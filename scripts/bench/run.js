'use strict';
/* Runs the programs that a benchmark compares, and says what they took. */
const { spawnSync } = require('node:child_process');
const path = require('node:path');
const { inRoot } = require('../setup/project');

const here = (name) => path.join(__dirname, name);
const python = inRoot(
  '.setup/python-bench',
  process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python',
);
const original = (...args) => [python, here('original.py'), ...args];
const ours = (...args) => [process.execPath, inRoot('lib/cli/main.js'), ...args];

/** Runs a program and returns the last line of what it prints, which is JSON. */
function runJson([program, ...args], env = {}) {
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    encoding: 'utf8',
    env: { ...process.env, ...env },
    maxBuffer: 1 << 26,
  });
  if (error) throw error;
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}\nended with ${status}:\n${stderr}`);
  return JSON.parse(stdout.trim().split('\n').pop());
}

/**
 * Runs a program on `cores` cores, 0 for all.
 * @returns {{seconds: number, cpu: number, peak: number}} time, CPU time of all cores, bytes
 */
function measure(command, cores = 0) {
  const result = runJson([python, here('measure.py'), String(cores), ...command]);
  if (result.status !== 0) throw new Error(`${command.join(' ')}\nended with ${result.status}.`);
  return result;
}

/** Of several runs the one that took the middle time; of an even number, the faster of the two in the middle. */
function median(runs) {
  return [...runs].sort((a, b) => a.seconds - b.seconds)[(runs.length - 1) >> 1];
}

/**
 * Runs each of the programs `rounds` times, in turn, so that what else happens on the machine meets all of them.
 * @param programs functions of the round, a command each
 * @returns for each the median run
 */
function alternate(programs, rounds, cores = programs.map(() => 0)) {
  const runs = programs.map(() => []);
  for (let round = 0; round < rounds; round++) {
    for (const [i, program] of programs.entries()) runs[i].push(measure(program(round), cores[i]));
  }
  return runs.map(median);
}

module.exports = { alternate, here, measure, original, ours, python, runJson };
