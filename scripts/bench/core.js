'use strict';
/* One core: our networks beside its peak, dlib's encoder and OpenBLAS's matrix product. */
const { spawnSync } = require('node:child_process');
const path = require('node:path');
const { findModelsFolder } = require('../..');
const { inRoot } = require('../setup/project');
const { kindOf } = require('./instruction-sets');
const { here, python, runJson } = require('./run');

/** Compiles binding/bench in the addon's build folder and returns the program's path. */
function buildProgram() {
  const commands = [
    ['-S', inRoot('.'), '-B', inRoot('build'), '-DFACE_CLUSTER_BUILD_BENCH=ON'],
    ['--build', inRoot('build'), '--config', 'Release', '--target', 'face_cluster_core_bench'],
  ];
  for (const args of commands) {
    const { status, stdout, stderr, error } = spawnSync('cmake', args, {
      encoding: 'utf8',
      maxBuffer: 1 << 26,
    });
    if (error) throw error;
    if (status !== 0) throw new Error(`cmake ${args.join(' ')}\nended with ${status}:\n${stdout}${stderr}`);
  }
  return path.join(inRoot('build'), 'binding/bench/face_cluster_core_bench');
}

const giga = (value) => (value / 1e9).toFixed(1);
const percent = (part, whole) => `${Math.round((100 * part) / whole)} %`;
const milliseconds = (value) => `${(value * 1000).toFixed(1)} ms`;

/** OpenBLAS on one thread, and dlib's encoder with it. @param settings of its environment, `NAME=value` */
function measureTheirs(rounds, settings) {
  const theirs = runJson([python, here('original-core.py'), String(5 * rounds)], {
    OPENBLAS_NUM_THREADS: '1',
    ...Object.fromEntries(settings.map((setting) => setting.split('='))),
  });
  if (theirs.systemBlas) return theirs;
  throw new Error(
    'dlib was compiled without OpenBLAS, which would be unfair. Install it (Debian: apt-get install libopenblas-dev), ' +
      'delete .setup/python-bench and run again.',
  );
}

function measureCore(rounds) {
  const sets = runJson([buildProgram(), findModelsFolder(), String(rounds)]);
  // On the first set of each kind that OpenBLAS can be held to; on another processor, with what it takes by itself.
  const compared = new Map();
  for (const [i, { instructions }] of sets.entries()) {
    const kind = kindOf(instructions);
    if (i > 0 && (!kind || [...compared.values()].some((other) => other.kind === kind))) continue;
    compared.set(instructions, { kind, ...measureTheirs(rounds, kind?.openBlas ?? []) });
  }
  console.log(
    '\nOn one thread, by its CPU time, in GFLOP/s: a multiply-add counts as two, and networks for what direct ' +
      'convolution takes, however many they save.\n',
  );
  console.log(
    '| instructions | multiply-add peak | `cnn` network | of the peak | of OpenBLAS | encoder, 1 face | of 16 | dlib, 1 face | faster: 1 face | of 16 |',
  );
  console.log('|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|');
  for (const set of sets) {
    const theirs = compared.get(set.instructions);
    const cells = [
      ...[set.instructions, giga(set.peak), giga(set.detector), percent(set.detector, set.peak)],
      theirs ? percent(set.detector, theirs.sgemm) : '',
      ...[milliseconds(set.encoderSeconds), milliseconds(set.encoderSecondsInBatch)],
      theirs ? milliseconds(theirs.encoderSeconds) : '',
      ...[set.encoderSeconds, set.encoderSecondsInBatch].map((seconds) =>
        theirs ? `${(theirs.encoderSeconds / seconds).toFixed(1)} x` : '',
      ),
    ];
    console.log(`| ${cells.join(' | ')} |`);
  }
  for (const [instructions, { sgemm, blas }] of compared) {
    const { peak } = sets.find((set) => set.instructions === instructions);
    const share = percent(sgemm, peak);
    console.log(
      `\n${instructions}: OpenBLAS sgemm, 2048 x 2048: ${giga(sgemm)} GFLOP/s, ${share} of the peak; ${blas.join(', ')}.`,
    );
  }
  const { python: version, versions } = compared.get(sets[0].instructions);
  const packages = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  console.log(`\nPython ${version}; ${packages.join(', ')}.`);
}

module.exports = { measureCore };
