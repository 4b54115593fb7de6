#!/usr/bin/env node
'use strict';
/*
 * DBSCAN side by side with scikit-learn: time and peak memory of both on the same points, made by scripts/bench/embeddings.js.
 *
 * npm run bench:dbscan                        20,000 to 1,000,000 points; scikit-learn up to 100,000; about 10 minutes
 * npm run bench:dbscan -- 20000 50000         other sizes
 * npm run bench:dbscan -- --sklearn-max 0     without scikit-learn
 *
 * Needs the compiled lib/ (npm run build) and, for scikit-learn, what scripts/python-env.js makes. Prints a Markdown table.
 * Exit code 1 if any label differs.
 */
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { parseArgs } = require('node:util');
const { DIMENSIONS, makeEmbeddings } = require('./bench/embeddings');

const SIZES = [20_000, 50_000, 100_000, 1_000_000];
const python = path.join(
  __dirname,
  '../.setup/python-numpy2',
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

function compare(n, folder, { threads, sklearnMax }) {
  const points = path.join(folder, 'points');
  const labels = ['ours', 'ours-1', 'sklearn'].map((name) => path.join(folder, name));
  writePoints(points, n);
  const ours = (count, file) =>
    run(process.execPath, [path.join(__dirname, 'bench/dbscan-ours.js'), points, n, DIMENSIONS, count, file]);
  const all = ours(threads, labels[0]);
  // A million points with one thread would double the time of the whole run.
  const one = n <= 200_000 && threads > 1 ? ours(1, labels[1]) : undefined;
  const theirs =
    n <= sklearnMax
      ? run(python, [path.join(__dirname, 'bench/dbscan-sklearn.py'), points, n, DIMENSIONS, labels[2]])
      : undefined;
  const first = fs.readFileSync(labels[0]);
  const equal = [one && labels[1], theirs && labels[2]].every(
    (file) => !file || first.equals(fs.readFileSync(file)),
  );
  const cells = [
    n.toLocaleString('en'),
    `${seconds(all.seconds)} s`,
    one ? `${(one.seconds / all.seconds).toFixed(2)} x` : '',
    megabytes(all.peak),
    theirs ? `${seconds(theirs.seconds)} s` : '',
    theirs ? megabytes(theirs.peak) : '',
    theirs ? `${(theirs.seconds / all.seconds).toFixed(1)} x` : '',
    theirs ? `1/${(theirs.peak / all.peak).toFixed(1)}` : '',
    `${all.clusters.toLocaleString('en')}, ${((100 * all.noise) / n).toFixed(0)} %`,
    theirs ? (equal ? 'equal' : 'DIFFERENT') : equal ? '' : 'DIFFERENT',
  ];
  console.log(`| ${cells.join(' | ')} |`);
  return { n, seconds: all.seconds, equal, version: theirs?.version };
}

function main() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { 'sklearn-max': { type: 'string' }, threads: { type: 'string' } },
  });
  const threads = Number(values.threads ?? os.availableParallelism());
  const sklearnMax = Number(values['sklearn-max'] ?? 100_000);
  const sizes = positionals.length > 0 ? positionals.map(Number) : SIZES;
  console.log(
    `${os.cpus()[0]?.model.trim()}, ${threads} threads, ${Math.round(os.totalmem() / 2 ** 30)} GB, Node ${process.version}\n`,
  );
  console.log(
    '| n x 128 | time | 1 to all threads | peak | scikit-learn | its peak | faster | memory | clusters, noise | labels |',
  );
  console.log('|--:|--:|--:|--:|--:|--:|--:|--:|--:|---|');
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'bench-dbscan-'));
  try {
    const rows = sizes.map((n) => compare(n, folder, { threads, sklearnMax }));
    const version = rows.find((row) => row.version)?.version;
    if (version) console.log(`\nscikit-learn ${version}, n_jobs=-1; both got the same float32 points.`);
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
