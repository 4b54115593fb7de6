#!/usr/bin/env node
'use strict';
/* npm run models: gets the model files into a checkout, checked, and does nothing else of set-up; for npm pack. */
const { readStamp, removeStamp, writeStamp } = require('./setup/project.js');
const { runSteps } = require('./setup/run.js');
const { Reporter } = require('./setup/reporter.js');
const { modelsStep, nodeModulesStep, typescriptStep } = require('./setup/javascript.js');

async function main() {
  const reporter = new Reporter();
  const stamps = { read: readStamp, write: writeStamp, remove: removeStamp };
  const ready = await runSteps([nodeModulesStep(), typescriptStep(), modelsStep()], { reporter, stamps });
  reporter.end();
  process.exitCode = ready ? 0 : 1;
}

main();
