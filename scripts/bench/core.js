'use strict';
/* One core: our networks beside its peak, dlib's encoder and OpenBLAS's matrix product. */
const { spawnSync } = require('node:child_process');
const path = require('node:path');
const { findModelsFolder } = require('../..');
const { inRoot } = require('../setup/project');
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

function measureCore(rounds) {
  const sets = runJson([buildProgram(), findModelsFolder(), String(rounds)]);
  const theirs = runJson([python, here('original-core.py'), String(5 * rounds)], {
    OPENBLAS_NUM_THREADS: '1',
  });
  if (!theirs.systemBlas) {
    throw new Error(
      'dlib was compiled without OpenBLAS, which would be unfair. Install it (Debian: apt-get install libopenblas-dev), ' +
        'delete .setup/python-bench and run again.',
    );
  }
  console.log('\nOn one thread, by its CPU time, in GFLOP/s (a multiply-add counts as two):\n');
  console.log(
    '| instructions | multiply-add peak | `cnn` network | of the peak | of OpenBLAS | encoder, 1 face | of 16 | dlib, 1 face | faster |',
  );
  console.log('|---|--:|--:|--:|--:|--:|--:|--:|--:|');
  for (const [i, set] of sets.entries()) {
    // What OpenBLAS picks by itself is the best set, too.
    const best = i === 0;
    const cells = [
      ...[set.instructions, giga(set.peak), giga(set.detector), percent(set.detector, set.peak)],
      best ? percent(set.detector, theirs.sgemm) : '',
      ...[milliseconds(set.encoderSeconds), milliseconds(set.encoderSecondsInBatch)],
      best ? milliseconds(theirs.encoderSeconds) : '',
      best ? `${(theirs.encoderSeconds / set.encoderSeconds).toFixed(1)} x` : '',
    ];
    console.log(`| ${cells.join(' | ')} |`);
  }
  const share = percent(theirs.sgemm, sets[0].peak);
  console.log(`\nOpenBLAS sgemm, 2048 x 2048: ${giga(theirs.sgemm)} GFLOP/s, ${share} of the peak.`);
  const versions = Object.entries(theirs.versions).map(([name, version]) => `${name} ${version}`);
  console.log(`\nPython ${theirs.python}; ${versions.join(', ')}; BLAS: ${theirs.blas.join(', ')}.`);
}

module.exports = { measureCore };
