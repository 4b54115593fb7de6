#!/usr/bin/env node
'use strict';
/*
 * What `sort` takes when faces are known: all photos for the first time, the same again, one photo more, 500 more. Time, CPU time
 * and peak memory of each, which is a process of its own.
 *
 * npm run bench:sort              100,000 faces of 2,000 people, two on each of 50,000 photos: a quarter of an hour
 * npm run bench:sort -- 10000     another number of faces; a fiftieth as many people
 *
 * The photos are small pictures of noise, and an engine that only makes up encodings stands in for the real one: looking for
 * faces is left out, and comes on top for photos that are new. Needs the compiled lib/ and the addon (npm run build).
 */
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { peakMemory } = require('./bench/memory');
const { addPhotos, standIn } = require('./bench/sorted-folder');
const { sortPhotos } = require('../lib');

async function run(folder, people, seed) {
  const started = performance.now();
  let encoded = started;
  const summary = await sortPhotos({
    photos: path.join(folder, 'photos'),
    output: path.join(folder, 'people'),
    engine: standIn(people, seed),
    onProgress: ({ phase }) => {
      if (phase === 'encode') encoded = performance.now();
    },
  });
  const { user, system } = process.cpuUsage();
  return {
    faces: summary.faces,
    people: summary.people.length,
    encode: (encoded - started) / 1000,
    rest: (performance.now() - encoded) / 1000,
    cpu: (user + system) / 1e6,
    memory: peakMemory(),
  };
}

async function main() {
  const [first, ...rest] = process.argv.slice(2);
  if (first === '--run') {
    const [folder, people, seed] = rest;
    console.log(JSON.stringify(await run(folder, Number(people), Number(seed))));
    return;
  }
  const faces = Number(first ?? 100_000);
  if (!Number.isSafeInteger(faces) || faces < 100) {
    console.error('Give a number of faces, 100 at least.');
    process.exitCode = 2;
    return;
  }
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'bench-sort-'));
  try {
    const photos = Math.floor(faces / 2);
    const people = Math.floor(faces / 50);
    console.log(`${os.availableParallelism()} threads, ${os.cpus()[0]?.model}, Node ${process.version}\n`);
    console.log('| | faces | people | reading and noting photos | the rest | CPU | peak memory |');
    console.log('|:--|--:|--:|--:|--:|--:|--:|');
    let there = 0;
    for (const [title, more] of [
      ['first', photos],
      ['again', 0],
      ['one photo more', 1],
      ['500 more', 500],
    ]) {
      await addPhotos(path.join(folder, 'photos'), there, there + more);
      there += more;
      const args = [__filename, '--run', folder, String(people), String(there)];
      const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
      if (status !== 0) throw new Error(`"${title}" ended with ${status}:\n${stderr}`);
      const result = JSON.parse(stdout);
      console.log(
        `| ${title} | ${result.faces.toLocaleString('en')} | ${result.people.toLocaleString('en')} | ${result.encode.toFixed(1)} s | ${result.rest.toFixed(1)} s | ${result.cpu.toFixed(1)} s | ${(result.memory / 2 ** 30).toFixed(2)} GB |`,
      );
    }
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
