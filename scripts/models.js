#!/usr/bin/env node
'use strict';
/* npm run models: the command `face-cluster-native models` in a checkout, where it may have to be compiled first. */
const { spawnSync } = require('node:child_process');
const { inRoot, readStamp, removeStamp, writeStamp } = require('./setup/project');
const { runSteps } = require('./setup/run');
const { Reporter } = require('./setup/reporter');
const { nodeModulesStep, typescriptStep } = require('./setup/javascript');

async function main() {
  const reporter = new Reporter();
  const stamps = { read: readStamp, write: writeStamp, remove: removeStamp };
  const ready = await runSteps([nodeModulesStep(), typescriptStep()], { reporter, stamps });
  reporter.end();
  if (!ready) {
    process.exitCode = 1;
    return;
  }
  const command = [inRoot('lib/cli/main.js'), 'models', ...process.argv.slice(2)];
  const { status, error } = spawnSync(process.execPath, command, { stdio: 'inherit' });
  if (error) throw error;
  process.exitCode = status ?? 1;
}

main();
