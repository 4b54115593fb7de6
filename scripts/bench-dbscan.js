#!/usr/bin/env node
'use strict';
/*
 * DBSCAN side by side with the newest scikit-learn: time and peak memory of both on the same points, made by
 * scripts/bench/embeddings.js.
 *
 * npm run bench:dbscan                        20,000 to 1,000,000 points; scikit-learn up to 100,000; about 15 minutes
 * npm run bench:dbscan -- 20000 50000         other sizes
 * npm run bench:dbscan -- --sklearn-max 0     without scikit-learn
 *
 * Needs the compiled lib/ and the addon (npm run build); installs scikit-learn into .setup/python-latest. Each run is a
 * process of its own; ours and theirs take turns, and the median of the times is reported, the largest of the peaks.
 * Says so if something else kept the machine busy: then the times mean little. Exit code 1 if any label differs.
 */
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { parseArgs } = require('node:util');
const { native } = require('../lib/native');
const { DIMENSIONS, makeEmbeddings } = require('./bench/embeddings');

const SIZES = [20_000, 50_000, 100_000, 1_000_000];
/** How often: up to so many points, the disturbance of one run must not decide. */
const ROUNDS = [
  [20_000, 7],
  [50_000, 5],
  [200_000, 3],
];
const SCALING_MAX = 200_000;
/** Cores that others may keep busy before the machine counts as disturbed. */
const QUIET = 0.15;
const python = path.join(
  __dirname,
  '../.setup/python-latest',
  process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python',
);

function run(program, args) {
  const { status, stdout, stderr, error } = spawnSync(program, args, { encoding: 'utf8' });
  if (error) throw error;
  if (status !== 0) throw new Error(`${path.basename(args[0])} ended with ${status}:\n${stderr}`);
  return JSON.parse(stdout.trim().split('\n').pop());
}

function writePoints(file, n) {
  const bytes = new Uint8Array(makeEmbeddings(n).buffer);
  const out = fs.openSync(file, 'w');
  for (let at = 0; at < bytes.length; )
    at += fs.writeSync(out, bytes, at, Math.min(bytes.length - at, 1 << 24));
  fs.closeSync(out);
}

const seconds = (value) => (value < 10 ? value.toFixed(2) : value.toFixed(0));
const megabytes = (bytes) => `${Math.round(bytes / 2 ** 20).toLocaleString('en')} MB`;

/** Core seconds that the machine has worked since it was started. */
function busySeconds() {
  return os
    .cpus()
    .reduce((sum, { times }) => sum + (times.user + times.nice + times.sys + times.irq) / 1000, 0);
}

/** Runs a program; adds how many cores others kept busy meanwhile. */
function measure(program, args) {
  const busy = busySeconds();
  const started = performance.now();
  const before = process.resourceUsage();
  const result = run(program, args);
  const wall = (performance.now() - started) / 1000;
  const after = process.resourceUsage();
  const own = (after.userCPUTime - before.userCPUTime + after.systemCPUTime - before.systemCPUTime) / 1e6;
  const others = (busySeconds() - busy - own - result.processCpuSeconds) / wall;
  return { ...result, others: Math.max(0, others) };
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return sorted.length % 2 ? sorted[Math.floor(middle)] : (sorted[middle - 1] + sorted[middle]) / 2;
}

function summary(runs) {
  if (runs.length === 0) return undefined;
  return {
    ...runs[0],
    seconds: median(runs.map((run) => run.seconds)),
    peak: Math.max(...runs.map((run) => run.peak)),
    others: Math.max(...runs.map((run) => run.others)),
  };
}

function compare(n, folder, { threads, sklearnMax }) {
  const points = path.join(folder, 'points');
  const labels = path.join(folder, 'labels');
  writePoints(points, n);
  const programs = {
    all: [
      process.execPath,
      path.join(__dirname, 'bench/dbscan-ours.js'),
      points,
      n,
      DIMENSIONS,
      threads,
      labels,
    ],
  };
  // A million points with one thread would double the time of the whole run.
  if (n <= SCALING_MAX && threads > 1) programs.one = programs.all.with(-2, 1);
  if (n <= sklearnMax) {
    programs.sklearn = [
      python,
      path.join(__dirname, 'bench/dbscan-sklearn.py'),
      points,
      n,
      DIMENSIONS,
      labels,
    ];
  }
  const runs = { all: [], one: [], sklearn: [] };
  let first;
  let equal = true;
  const rounds = ROUNDS.find(([most]) => n <= most)?.[1] ?? 1;
  for (let round = 0; round < rounds; round++) {
    for (const [name, [program, ...args]] of Object.entries(programs)) {
      runs[name].push(measure(program, args));
      const found = fs.readFileSync(labels);
      first ??= found;
      equal &&= first.equals(found);
    }
  }
  const all = summary(runs.all);
  const one = summary(runs.one);
  const theirs = summary(runs.sklearn);
  const others = Math.max(...[all, one, theirs].map((side) => side?.others ?? 0));
  const cells = [
    n.toLocaleString('en'),
    `${seconds(all.seconds)} s`,
    `${seconds(all.cpuSeconds)} s`,
    one ? `${(one.seconds / all.seconds).toFixed(2)} x` : '',
    megabytes(all.peak),
    theirs ? `${seconds(theirs.seconds)} s` : '',
    theirs ? megabytes(theirs.peak) : '',
    theirs ? `${(theirs.seconds / all.seconds).toFixed(1)} x` : '',
    theirs ? `1/${(theirs.peak / all.peak).toFixed(1)}` : '',
    `${all.clusters.toLocaleString('en')}, ${((100 * all.noise) / n).toFixed(0)} %`,
    equal ? (theirs ? 'equal' : '') : 'DIFFERENT',
  ];
  console.log(`| ${cells.join(' | ')} |`);
  if (others > QUIET) {
    console.error(
      `Not quiet: others kept up to ${others.toFixed(1)} cores busy while ${n} points were measured.`,
    );
  }
  return { n, seconds: all.seconds, equal, versions: theirs?.versions };
}

function main() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { 'sklearn-max': { type: 'string' }, threads: { type: 'string' } },
  });
  const threads = Number(values.threads ?? os.availableParallelism());
  const sklearnMax = Number(values['sklearn-max'] ?? 100_000);
  const sizes = positionals.length > 0 ? positionals.map(Number) : SIZES;
  const load = () =>
    os
      .loadavg()
      .map((value) => value.toFixed(2))
      .join(' ');
  if (sizes.some((n) => n <= sklearnMax)) {
    const made = spawnSync(process.execPath, [path.join(__dirname, 'python-env.js'), 'latest'], {
      stdio: 'inherit',
    });
    if (made.status !== 0) process.exit(made.status ?? 1);
  }
  console.log(
    `${os.cpus()[0]?.model.trim()}, ${threads} threads, ${native().instructionSets()[0]}, ` +
      `${Math.round(os.totalmem() / 2 ** 30)} GB, ${os.type()} ${os.release()}, Node ${process.version}; ` +
      `load average at the start: ${load()}\n`,
  );
  if (os.loadavg()[0] > QUIET * 2) console.error('The machine is not quiet: the times will mean little.\n');
  console.log(
    '| n x 128 | time | CPU time | 1 to all threads | peak | scikit-learn | its peak | faster | memory | clusters, noise | labels |',
  );
  console.log('|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|---|');
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'bench-dbscan-'));
  try {
    const rows = sizes.map((n) => compare(n, folder, { threads, sklearnMax }));
    console.log(`\nLoad average at the end, of this run too: ${load()}`);
    const versions = rows.find((row) => row.versions)?.versions;
    if (versions) console.log(`${versions}, n_jobs=-1; both got the same float32 points.`);
    for (const [i, row] of rows.entries()) {
      const before = rows[i - 1];
      if (!before) continue;
      const growth = (row.seconds / before.seconds).toFixed(1);
      console.log(
        `From ${before.n.toLocaleString('en')} to ${row.n.toLocaleString('en')} points: ${growth} times the time.`,
      );
    }
    if (rows.some((row) => !row.equal)) process.exitCode = 1;
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

main();
