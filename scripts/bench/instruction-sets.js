'use strict';
/*
 * The vector instructions to measure with. Both programs are held to the same: ours by use-instructions.js, the Python project by
 * OpenBLAS's own variable, for dlib's time is that of OpenBLAS.
 */
const { native } = require('../../lib/native');
const { here } = require('./run');

/** By the beginnings of Highway's names. Left to itself, OpenBLAS 0.3.21 takes its AVX2 kernels on every AMD processor. */
const KINDS = [
  { title: 'AVX-512', begins: 'AVX3', openBlas: ['OPENBLAS_CORETYPE=SkylakeX'] },
  { title: 'AVX2', begins: 'AVX2', openBlas: ['OPENBLAS_CORETYPE=Haswell'] },
];

/**
 * Whole programs are measured on the best set that this machine has, and on AVX2 where that is AVX-512.
 * @returns {{title: string, name: string, best: boolean, openBlas: string[]}[]}
 */
function setsToMeasure() {
  const names = native().instructionSets();
  const found = KINDS.flatMap(({ title, begins, openBlas }) => {
    const name = names.find((name) => name.startsWith(begins));
    return name === undefined ? [] : [{ title, name, best: name === names[0], openBlas }];
  });
  return found.length > 0 ? found : [{ title: names[0], name: names[0], best: true, openBlas: [] }];
}

/** The kind that a set of Highway's is of, as far as OpenBLAS has its like. */
function kindOf(name) {
  return KINDS.find(({ begins }) => name.startsWith(begins));
}

/** A command with settings in its environment. */
const withSettings = (settings, command) =>
  settings.length > 0 ? ['env', ...settings, ...command] : command;

/** A command of ours on that set. */
function oursOn({ name, best }, [node, ...rest]) {
  if (best) return [node, ...rest];
  const settings = [`FACE_CLUSTER_BENCH_INSTRUCTIONS=${name}`];
  return withSettings(settings, [node, '--require', here('use-instructions.js'), ...rest]);
}

/** A command of the Python project, with OpenBLAS on that set. */
const originalOn = ({ openBlas }, command) => withSettings(openBlas, command);

module.exports = { kindOf, originalOn, oursOn, setsToMeasure };
