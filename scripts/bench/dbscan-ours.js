'use strict';
/*
 * One clustering by us, in a process of its own so that its peak memory can be told. Prints a line of JSON.
 * node scripts/bench/dbscan-ours.js <points> <n> <d> <threads> <labels>
 */
const fs = require('node:fs');
// Not the whole library, as scikit-learn is not loaded as a whole either.
const { dbscan } = require('../../lib/clustering/dbscan');
const { peakMemory } = require('./memory');

async function main([points, n, d, threads, labels]) {
  const data = new Float32Array(Number(n) * Number(d));
  const bytes = new Uint8Array(data.buffer);
  const file = fs.openSync(points, 'r');
  for (let at = 0; at < bytes.length; ) {
    at += fs.readSync(file, bytes, at, Math.min(bytes.length - at, 1 << 24), null);
  }
  fs.closeSync(file);
  const before = process.cpuUsage();
  const started = performance.now();
  const result = await dbscan(
    { data, n: Number(n), d: Number(d) },
    { threads: Number(threads), transfer: true },
  );
  const seconds = (performance.now() - started) / 1000;
  const cpu = process.cpuUsage(before);
  fs.writeFileSync(labels, result.labels);
  const peak = peakMemory();
  const noise = result.labels.reduce((count, label) => count + (label === -1 ? 1 : 0), 0);
  const cpuSeconds = (cpu.user + cpu.system) / 1e6;
  const whole = process.cpuUsage();
  const processCpuSeconds = (whole.user + whole.system) / 1e6;
  console.log(
    JSON.stringify({ seconds, cpuSeconds, processCpuSeconds, peak, clusters: result.clusters, noise }),
  );
}

main(process.argv.slice(2));
