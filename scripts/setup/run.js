'use strict';
/* Runs the steps of set-up: side by side where they don't need each other, each with a log of its own. */
const { spawn } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { logsFolder, root } = require('./project');

/** A step went wrong in a way that a person has to mend; `advice` says how. */
class StepError extends Error {
  constructor(message, advice = '') {
    super(message);
    this.advice = advice;
  }
}

/** For `.catch()`: adds to a failed command what to do about it. */
const advise = (advice) => (error) => {
  if (error instanceof StepError && !error.advice) error.advice = advice;
  throw error;
};

/**
 * One step of set-up.
 * @typedef {object} Step
 * @property {string} name   also the name of its stamp and log
 * @property {string} title  for people
 * @property {string} [detail]  what exactly there is to do
 * @property {string[]} needs  names of steps that must be done before
 * @property {() => string} inputs  what the result is made from, as a string
 * @property {() => string | undefined} result  what there is of the result, as a string; undefined when it is not there.
 *   The step is done when its stamp holds these inputs and this result
 * @property {(log: Log) => Promise<string | void>} run  does the work; may resolve to a remark for the console
 * @property {boolean} [selfEvident]  the result alone tells that the step is done, whoever did it: no stamp is needed
 * @property {boolean} [optional]  when it fails, say so and go on; it is tried again when its inputs have changed
 */

/** The log file of one step: everything its commands print goes there. */
class Log {
  constructor(name) {
    fs.mkdirSync(logsFolder, { recursive: true });
    this.file = path.join(logsFolder, `${name}.log`);
    this.descriptor = fs.openSync(this.file, 'w');
  }

  write(text) {
    fs.writeSync(this.descriptor, `${text}\n`);
  }

  close() {
    fs.closeSync(this.descriptor);
  }

  /** Path for people: relative to the repository. */
  get name() {
    return path.relative(root, this.file);
  }

  /** The end of the log, and before it the first line about an error where that came earlier. */
  excerpt(lines = 20) {
    const all = fs.readFileSync(this.file, 'utf8').trimEnd().split('\n');
    const tail = all.slice(-lines);
    const first = all.findIndex((line) => /\b(error|fatal)\b|^E: /i.test(line));
    if (first < 0 || first >= all.length - lines) return tail.join('\n');
    const end = Math.min(first + 6, all.length - lines);
    return [...all.slice(first, end), ...(end < all.length - lines ? ['[…]'] : []), ...tail].join('\n');
  }
}

const running = new Set();

/**
 * Runs a command, its output into the log. Rejects with a {@link StepError} unless it exits with 0.
 * @param {Log} log
 * @param {string[]} command  program and arguments; no shell
 * @param {object} [options]
 * @param {string} [options.cwd]  default: the repository
 * @param {object} [options.env]  added to the environment
 * @param {number} [options.minutes]  end it after that long; only for commands that wait for a network
 * @param {boolean} [options.mustFinish]  never end it half-way, as a package manager that is writing its database
 */
function run(log, command, { cwd = root, env = {}, minutes, mustFinish = false } = {}) {
  const [program, ...args] = command;
  const name = path.basename(program);
  log.write(`$ ${command.join(' ')}`);
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', log.descriptor, log.descriptor],
      // A process group of its own, so that stopping make also stops the compilers it has started.
      detached: !mustFinish && process.platform !== 'win32',
    });
    let late = false;
    const timer =
      minutes &&
      setTimeout(() => {
        late = true;
        stop(child);
      }, minutes * 60_000);
    if (!mustFinish) running.add(child);
    const settle = (error) => {
      clearTimeout(timer);
      running.delete(child);
      if (error) reject(error);
      else resolve();
    };
    child.on('error', (error) => settle(new StepError(`${name} could not be started: ${error.message}`)));
    child.on('close', (exitCode, signal) => {
      if (exitCode === 0) settle();
      else if (late) settle(new StepError(`${name} was not done after ${minutes} minutes and was stopped`));
      else settle(new StepError(`${name} ended with ${signal ?? `exit code ${exitCode}`}`));
    });
  });
}

function stop(child) {
  try {
    process.kill(process.platform === 'win32' ? child.pid : -child.pid, 'SIGTERM');
  } catch {
    // It has ended by itself.
  }
}

/** Ends the commands that are under way: a step has failed, or the user wants to stop. */
function stopAll() {
  for (const child of running) stop(child);
}

/** True when there is nothing to do for `step`. */
function isDone(step, readStamp) {
  const result = step.result();
  if (result === undefined)
    return step.optional === true && readStamp(step.name) === `failed\n${step.inputs()}`;
  return step.selfEvident === true || readStamp(step.name) === `${step.inputs()}\n${result}`;
}

/**
 * Runs `steps`, each as soon as what it needs is done. A step that is done is passed over; after a failure no further
 * step is started.
 * @param {Step[]} steps  in an order in which they could be run one after the other
 * @param {{reporter: Reporter, stamps: {read: Function, write: Function, remove: Function}}} context
 * @returns {Promise<boolean>}  whether all went well; `optional` steps aside
 */
async function runSteps(steps, { reporter, stamps }) {
  const ends = new Map();
  let failed = false;
  const runStep = async (step) => {
    await Promise.all(step.needs.map((name) => ends.get(name)));
    if (failed || isDone(step, stamps.read)) return;
    // From here on the old result counts for nothing: an interrupted run must not look like a finished one.
    stamps.remove(step.name);
    const log = new Log(step.name);
    const began = Date.now();
    reporter.started(step);
    // Taken before the work: whoever edits a file meanwhile wants it done again.
    const inputs = step.inputs();
    try {
      const remark = await step.run(log);
      const result = step.result();
      if (result === undefined)
        throw new StepError('it ended well but did not make what it should have made');
      stamps.write(step.name, `${inputs}\n${result}`);
      reporter.finished(step, began, remark);
    } catch (error) {
      if (!(error instanceof StepError)) log.write(error.stack ?? String(error));
      if (failed) return; // Ended because of another step's failure, which has been reported.
      if (step.optional) {
        // Remembered, so that not every later run spends minutes on what can't be had.
        stamps.write(step.name, `failed\n${inputs}`);
        reporter.skipped(step, began, error, log);
        return;
      }
      failed = true;
      reporter.failed(step, began, error, log);
      stopAll();
    } finally {
      log.close();
    }
  };
  for (const step of steps) ends.set(step.name, runStep(step));
  await Promise.all(ends.values());
  return !failed;
}

module.exports = { StepError, advise, Log, run, runSteps, isDone, stopAll };
