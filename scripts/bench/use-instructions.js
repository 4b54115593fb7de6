'use strict';
/*
 * node --require scripts/bench/use-instructions.js ...: holds our vector code to the instruction set that
 * FACE_CLUSTER_BENCH_INSTRUCTIONS names, as if the machine had no better one. What ships has no such switch; the addon of
 * a checkout has it for the tests (FACE_CLUSTER_TEST_SURFACE in CMake).
 */
const { native } = require('../../lib/native');

const use = native().useInstructionSet;
if (!use) throw new Error('This addon has no switch for instruction sets. Build it again: npm run setup');
use(process.env.FACE_CLUSTER_BENCH_INSTRUCTIONS);
