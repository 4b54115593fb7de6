#!/usr/bin/env node
'use strict';
/*
 * Makes the binaries that the package ships: npm run prebuilds [-- TARGET...]
 *
 * Without a target, that of this machine; "linux" is all of them for Linux. They end up in prebuilds/, named as
 * node-gyp-build looks for them. Those for Linux are compiled by Zig's C++ compiler, which brings every C library along: they
 * run wherever Node does, whatever is installed here. Others take the compiler of their system.
 *
 * prebuildify does the work, with scripts/prebuild-backend.js in the place of node-gyp. Each target has a build folder of its
 * own in .setup/prebuild, so that the one in build/ stays as it is.
 */
const fs = require('node:fs');
const path = require('node:path');
const { promisify } = require('node:util');
const prebuildify = promisify(require('prebuildify'));
const { inRoot, root } = require('./setup/project');
const { compileJobs } = require('./setup/native');
const { makeTools } = require('./zig');

/** What Zig calls them. glibc 2.28 is the oldest that Node 20 runs on. */
const LINUX = {
  'linux-x64-glibc': { zig: 'x86_64-linux-gnu.2.28', processor: 'x86_64' },
  'linux-x64-musl': { zig: 'x86_64-linux-musl', processor: 'x86_64' },
  'linux-arm64-glibc': { zig: 'aarch64-linux-gnu.2.28', processor: 'aarch64' },
  'linux-arm64-musl': { zig: 'aarch64-linux-musl', processor: 'aarch64' },
};

const glibc = process.platform === 'linux' && process.report.getReport().header.glibcVersionRuntime;
const libcHere = process.platform === 'linux' ? [glibc ? 'glibc' : 'musl'] : [];
const here = [process.platform, process.arch, ...libcHere].join('-');
const stageOf = (target) => inRoot('.setup', 'prebuild', target);

/** What CMake is told to compile for a Linux that need not be this one. */
async function definitions(target) {
  const linux = LINUX[target];
  if (!linux) return [];
  const tools = path.join(stageOf(target), 'tools');
  await makeTools(linux.zig, tools);
  const tool = (name) => path.join(tools, name);
  return [
    `CMAKE_C_COMPILER=${tool('cc')}`,
    `CMAKE_CXX_COMPILER=${tool('c++')}`,
    `CMAKE_AR=${tool('ar')}`,
    `CMAKE_RANLIB=${tool('ranlib')}`,
    ...(target === here ? [] : crossCompiling(linux.processor)),
  ];
}

/** What is made for another Linux may not run here, so what this one has generated for itself is taken. */
function crossCompiling(processor) {
  const filters = path.join(stageOf(here), 'build', 'frontal_face_filters.cpp');
  return [
    'CMAKE_SYSTEM_NAME=Linux',
    `CMAKE_SYSTEM_PROCESSOR=${processor}`,
    `FACE_CLUSTER_HOG_FILTERS=${filters}`,
  ];
}

/** @param {string} target platform-arch, on Linux with the C library */
async function prebuild(target) {
  const [platform, arch, libc] = target.split('-');
  if (target !== here && !(LINUX[target] && LINUX[here])) {
    throw new Error(
      `${target} can't be made on ${here}; on Linux there are: ${Object.keys(LINUX).join(', ')}`,
    );
  }
  console.log(`── ${target} ──`);
  const stage = stageOf(target);
  fs.mkdirSync(stage, { recursive: true });
  fs.copyFileSync(inRoot('package.json'), path.join(stage, 'package.json'));
  process.env.FACE_CLUSTER_PREBUILD = JSON.stringify(await definitions(target));
  process.env.CMAKE_BUILD_PARALLEL_LEVEL ??= String(compileJobs());
  await prebuildify({
    cwd: stage,
    out: root,
    targets: [{ runtime: 'node', target: process.versions.node }],
    napi: true,
    nodeGyp: `"${process.execPath}" "${inRoot('scripts/prebuild-backend.js')}"`,
    shell: true,
    platform,
    arch,
    ...(libc && { libc, tagLibc: true }),
  });
}

async function main(names) {
  const others = Object.keys(LINUX).filter((target) => target !== here);
  const targets = names.flatMap((name) => (name === 'linux' ? [here, ...others] : [name]));
  for (const target of targets.length > 0 ? targets : [here]) await prebuild(target);
}

main(process.argv.slice(2)).catch((error) => {
  console.error(`prebuild: ${error.message}`);
  process.exitCode = 1;
});
