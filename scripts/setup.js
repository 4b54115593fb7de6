#!/usr/bin/env node
'use strict';
/*
 * Makes a fresh clone ready to run: npm run setup [-- --for test]
 *
 * Runs before node_modules exists, so it uses nothing but Node. It looks at what is there, says what it will do, and does
 * only what is missing; each step leaves a stamp in .setup when it has succeeded, so a run that was interrupted goes on
 * where it stopped, and one with nothing to do takes no time. What commands print goes to .setup/logs.
 *
 * Exit codes: 0 ready, 1 a step failed (said which, why, and what to do), 2 wrong use or Node.js too old, 130 interrupted.
 */
const fs = require('node:fs');
const path = require('node:path');

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(
    `Node.js 20.19 or newer is needed; this is ${process.version}. See https://nodejs.org/en/download`,
  );
  process.exit(2);
}

const { readStamp, removeStamp, setupFolder, writeStamp } = require('./setup/project');
const { takeLock } = require('./setup/lock');
const { isDone, runSteps, stopAll } = require('./setup/run');
const { Reporter } = require('./setup/reporter');
const { systemStep } = require('./setup/system');
const { modelsStep, nodeModulesStep, typescriptStep } = require('./setup/javascript');
const { addonStep, coreTestsStep, prebuildStep, pythonStep } = require('./setup/native');
const { opencvStep } = require('./setup/opencv');

const lockFile = path.join(setupFolder, 'lock');

function parseArguments(args) {
  const known = args.length === 0 || (args.length === 2 && args[0] === '--for' && args[1] === 'test');
  if (!known) {
    console.error('Usage: node scripts/setup.js [--for test]');
    process.exit(2);
  }
  return { forTest: args.length > 0 };
}

/** All steps, in an order in which they could be run one after the other. */
function planSteps({ forTest }) {
  // Where tests run, a part that is quietly missing is a test that quietly does not run.
  const optional = !forTest && !process.env.CI;
  return [
    systemStep({ forTest }),
    nodeModulesStep(),
    typescriptStep(),
    modelsStep(),
    addonStep(),
    ...(forTest ? [coreTestsStep(), prebuildStep(), pythonStep()] : []),
    opencvStep({ forTest, optional }),
  ];
}

/** Two set-ups at a time would write into each other's files. */
function beTheOnlyOne() {
  fs.mkdirSync(setupFolder, { recursive: true });
  const holder = takeLock(lockFile);
  if (holder === undefined) return;
  const who = Number.isNaN(holder) ? `if none is, delete ${lockFile}` : `process ${holder}`;
  console.error(`Another set-up is at work in this folder (${who}). Let it finish, then try again.`);
  process.exit(1);
}

async function main() {
  const began = Date.now();
  const steps = planSteps(parseArguments(process.argv.slice(2)));
  const todo = steps.filter((step) => !isDone(step, readStamp));
  if (todo.length === 0) {
    console.log('Set-up is complete; nothing to do.');
    return;
  }
  beTheOnlyOne();
  console.log(
    `Set-up, to do: ${todo.map(({ title, detail }) => (detail ? `${title} (${detail})` : title)).join(', ')}.`,
  );

  const reporter = new Reporter();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.once(signal, () => {
      stopAll();
      reporter.end();
      console.log('\nSet-up was interrupted. The next run goes on with the step that was not finished.');
      process.exit(130);
    });
  }
  const stamps = { read: readStamp, write: writeStamp, remove: removeStamp };
  const ok = await runSteps(steps, { reporter, stamps });
  reporter.end();
  if (!ok) {
    console.error('Set-up is not complete. What was done so far stays; the next run goes on from here.');
    process.exitCode = 1;
    return;
  }
  console.log(`Set-up is complete (${((Date.now() - began) / 1000).toFixed(0)} s).`);
}

main();
