#!/usr/bin/env node
'use strict';
/* npm run models: gets the model files into a checkout, checked, and does nothing else of set-up; for npm pack. */
const { readStamp, removeStamp, writeStamp } = require('./setup/project');
const { runSteps } = require('./setup/run');
const { Reporter } = require('./setup/reporter');
const { modelsStep, nodeModulesStep, typescriptStep } = require('./setup/javascript');

async function main() {
  const reporter = new Reporter();
  const stamps = { read: readStamp, write: writeStamp, remove: removeStamp };
  const ready = await runSteps([nodeModulesStep(), typescriptStep(), modelsStep()], { reporter, stamps });
  reporter.end();
  process.exitCode = ready ? 0 : 1;
}

main();
