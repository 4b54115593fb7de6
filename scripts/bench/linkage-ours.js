'use strict';
/*
 * One grouping, in a process of its own so that its peak memory can be told. Prints a line of JSON.
 * node scripts/bench/linkage-ours.js <folder> <n> <plain|mirrored> <threads> <times> [<new>]
 */
const { linkage } = require('../../lib/clustering/linkage');
const { evaluateClustering } = require('../../lib/evaluate/clustering-quality');
const { DIMENSIONS } = require('./embeddings');
const { peakMemory } = require('./memory');
const { makeFaces, readFaces, strangers } = require('./mixed-faces');

/** How many make a person: those of fewer are nobody's. */
const LEAST_FACES = 3;
const QUANTILES = [0.0001, 0.001, 0.01, 0.1, 0.5, 0.9];

/** How far apart strangers are. */
function quantiles(faces) {
  const distances = strangers(faces, 200_000).map(Math.sqrt);
  distances.sort((a, b) => a - b);
  return QUANTILES.map((share) => distances[Math.floor(share * distances.length)]);
}

/**
 * What is known before so many faces are added, which stand among the others evenly: who everybody is of whom there are
 * three faces without these.
 */
function known(person, count) {
  const fresh = Array.from({ length: count }, (_, i) => Math.floor(((i + 0.5) * person.length) / count));
  const isNew = new Set(fresh);
  const faces = new Map();
  for (const [i, one] of person.entries()) {
    if (one >= 0 && !isNew.has(i)) faces.set(one, (faces.get(one) ?? 0) + 1);
  }
  const people = person.map((one, i) => (isNew.has(i) || !(faces.get(one) >= LEAST_FACES) ? -1 : one));
  return { people, joinPeople: false, fresh };
}

async function main([folder, count, encodings, threads, times, added]) {
  const n = Number(count);
  const real = readFaces(folder);
  const faces = makeFaces(real, n, Number(times));
  const people = new Set(faces.person.filter((person) => person >= 0)).size;
  const apart = { real: quantiles(real), all: quantiles(faces) };
  const matrix = (data) => ({ data, n, d: DIMENSIONS });
  const before = added === undefined ? {} : known(faces.person, Number(added));
  const cpuBefore = process.cpuUsage();
  const started = performance.now();
  const { labels, clusters, nearestOnly } = await linkage(matrix(faces.plain), {
    ...(encodings === 'mirrored' && { mirrored: matrix(faces.mirrored) }),
    threads: Number(threads),
    transfer: true,
    ...before,
  });
  const seconds = (performance.now() - started) / 1000;
  const cpu = process.cpuUsage(cpuBefore);
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
      ...evaluateClustering(labels, faces.person).bcubed,
    }),
  );
}

main(process.argv.slice(2));
