#!/usr/bin/env node
'use strict';
/*
 * What prebuildify takes for node-gyp: compiles the addon with cmake-js into build/Release of the working directory. Started
 * by scripts/prebuild.js, which says in FACE_CLUSTER_PREBUILD what to give to CMake; node-gyp's arguments mean nothing here,
 * since the addon is the same for all versions of Node (Node-API).
 */
const { spawnSync } = require('node:child_process');
const path = require('node:path');
const { inRoot, root } = require('./setup/project');

const command = [
  inRoot('node_modules/cmake-js/bin/cmake-js'),
  'compile',
  ...['--directory', root, '--out', path.resolve('build')],
  ...JSON.parse(process.env.FACE_CLUSTER_PREBUILD).map((definition) => `--CD${definition}`),
];
const { status, error } = spawnSync(process.execPath, command, { stdio: 'inherit' });
if (error) throw error;
process.exitCode = status ?? 1;
