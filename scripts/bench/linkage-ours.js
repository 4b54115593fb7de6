'use strict';
/*
 * One grouping, in a process of its own so that its peak memory can be told. Prints a line of JSON.
 * node scripts/bench/linkage-ours.js <folder> <n> <plain|mirrored> <threads>
 */
const { linkage } = require('../../lib/clustering/linkage');
const { DIMENSIONS } = require('./embeddings');
const { peakMemory } = require('./memory');
const { bcubed, makeFaces, readFaces, strangers } = require('./mixed-faces');

const QUANTILES = [0.0001, 0.001, 0.01, 0.1, 0.5, 0.9];

/** How far apart strangers are. */
function quantiles(faces) {
  const distances = strangers(faces, 200_000).map(Math.sqrt);
  distances.sort((a, b) => a - b);
  return QUANTILES.map((share) => distances[Math.floor(share * distances.length)]);
}

async function main([folder, count, encodings, threads]) {
  const n = Number(count);
  const real = readFaces(folder);
  const faces = makeFaces(real, n);
  const people = new Set(faces.person.filter((person) => person >= 0)).size;
  const apart = { real: quantiles(real), all: quantiles(faces) };
  const matrix = (data) => ({ data, n, d: DIMENSIONS });
  const before = process.cpuUsage();
  const started = performance.now();
  const { labels, clusters, nearestOnly } = await linkage(matrix(faces.plain), {
    ...(encodings === 'mirrored' && { mirrored: matrix(faces.mirrored) }),
    threads: Number(threads),
    transfer: true,
  });
  const seconds = (performance.now() - started) / 1000;
  const cpu = process.cpuUsage(before);
  const peak = peakMemory();
  const cpuSeconds = (cpu.user + cpu.system) / 1e6;
  console.log(
    JSON.stringify({
      seconds,
      cpuSeconds,
      peak,
      clusters,
      nearestOnly,
      people,
      apart,
      ...bcubed(faces.person, labels),
    }),
  );
}

main(process.argv.slice(2));
