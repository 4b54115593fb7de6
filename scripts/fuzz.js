#!/usr/bin/env node
'use strict';
/*
 * Tries the pickle reader, or the way of photos from their bytes to encodings, with any number of damaged and made-up inputs:
 *
 * npm run fuzz:pickle                                1,000 inputs
 * npm run fuzz:pickle -- --runs 2000000 --seed 7     as many as you like; the same seed makes the same inputs
 * npm run fuzz:images -- --runs 20000
 * npm run fuzz:heic -- --runs 2000                   HEIC photos, of which a second does ten; needs heif-enc
 * npm run fuzz:pickle -- --seed 7 --only 4711        one of them
 *
 * The work is done by child processes, so that crashes and hangs are noticed, too. What breaks a promise is printed and kept in
 * the folder given with --keep (default: a new one among the temporary files). Exit code 1 if anything did.
 */
const { spawn } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { parseArgs } = require('node:util');

/** Inputs for one process; then the next one starts, so that what collects in one shows. */
const BATCH = 100_000;
const HANG_SECONDS = 60;
const MOST_FINDINGS = 20;

function work(job) {
  const { transformFileSync } = require('@swc/core');
  require.extensions['.ts'] = (module, file) => {
    const options = {
      jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
      module: { type: 'commonjs' },
    };
    module._compile(transformFileSync(file, { ...options, swcrc: false }).code, file);
  };
  const { fuzz, keepInput } = require('../test/fuzz/main.ts');
  return job.keepOnly ? keepInput(job) : fuzz(job);
}

const currentInput = (file) => {
  const bytes = fs.readFileSync(file);
  return bytes.length === 8 ? bytes.readDoubleLE() : undefined;
};

/** Runs a job in a child process. Resolves with the lines it printed and, if it did not end well, with what happened. */
function runChild(job) {
  return new Promise((resolve) => {
    fs.writeFileSync(job.progress, '');
    const child = spawn(process.execPath, [__filename, '--job', JSON.stringify(job)], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let last = { input: undefined, since: performance.now() };
    let ending;
    const watch = setInterval(() => {
      const input = currentInput(job.progress);
      if (input !== last.input) last = { input, since: performance.now() };
      else if (performance.now() - last.since > 1000 * HANG_SECONDS) {
        ending = `it hung: nothing for ${HANG_SECONDS} seconds`;
        child.kill('SIGKILL');
      }
    }, 250);
    let out = '';
    let errors = '';
    child.stdout.setEncoding('utf8').on('data', (text) => {
      out += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text) => {
      errors = (errors + text).slice(-4000);
    });
    child.on('close', (code, signal) => {
      clearInterval(watch);
      if (code !== 0) ending ??= `the process ended with ${signal ?? `code ${code}`}:\n${errors}`;
      const lines = out.split('\n').filter((line) => line.startsWith('{'));
      resolve({ lines: lines.map((line) => JSON.parse(line)), ending, input: currentInput(job.progress) });
    });
  });
}

async function main() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      runs: { type: 'string', default: '1000' },
      seed: { type: 'string', default: '1' },
      only: { type: 'string' },
      keep: { type: 'string' },
      job: { type: 'string' },
    },
  });
  if (values.job) return work(JSON.parse(values.job));

  const [target] = positionals;
  const seed = Number(values.seed);
  const first = Number(values.only ?? 0);
  const end = values.only ? first + 1 : Number(values.runs);
  const keep = values.keep ?? fs.mkdtempSync(path.join(os.tmpdir(), `fuzz-${target}-`));
  fs.mkdirSync(keep, { recursive: true });
  const progress = path.join(keep, 'progress');
  const started = performance.now();
  const total = { tried: 0, bytes: 0, peak: 0, cpu: 0 };
  const outcomes = {};
  const findings = [];
  for (let from = first; from < end && findings.length < MOST_FINDINGS; ) {
    const job = { target, seed, from, to: Math.min(end, from + BATCH), progress, keep };
    const { lines, ending, input } = await runChild(job);
    for (const { index, broken } of lines) if (broken) findings.push({ index, problem: broken });
    const sum = lines.find((line) => line.outcomes);
    if (sum) {
      for (const [name, count] of Object.entries(sum.outcomes))
        outcomes[name] = (outcomes[name] ?? 0) + count;
      total.bytes += sum.bytes;
      total.cpu += sum.cpu;
      total.peak = Math.max(total.peak, sum.peak);
    }
    const next = ending ? (input ?? job.to - 1) + 1 : job.to;
    if (ending) {
      await runChild({ ...job, from: next - 1, keepOnly: true });
      findings.push({ index: next - 1, problem: ending });
    }
    total.tried += next - from;
    from = next;
  }
  for (const { index, problem } of findings) console.log(`Input ${index} (seed ${seed}): ${problem}\n`);
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  console.log(
    `${total.tried} inputs of ${(total.bytes / 1e6).toFixed(0)} MB in ${seconds} s (CPU ${total.cpu.toFixed(0)} s), ` +
      `at most ${Math.round(total.peak / 1e6)} MB of memory; ${findings.length} findings` +
      (findings.length > 0 ? `, kept in ${keep}` : ''),
  );
  for (const [name, count] of Object.entries(outcomes).sort((a, b) => b[1] - a[1]))
    console.log(`  ${name}: ${count}`);
  if (findings.length > 0) process.exitCode = 1;
  else if (!values.keep) fs.rmSync(keep, { recursive: true });
}

main();
