#!/usr/bin/env node
'use strict';
/*
 * Time, peak memory and accuracy of linkage on real faces and, beyond their number, on faces made of them: how, and how
 * like real ones they are, is in scripts/bench/mixed-faces.js.
 *
 * npm run bench:linkage -- FOLDER                       all real faces, then up to 100,000; about a minute
 * npm run bench:linkage -- FOLDER 1000000               other numbers; a million takes some 4 GB and minutes
 * npm run bench:linkage -- FOLDER --threads 1 --plain   with so many threads; without mirror encodings
 * npm run bench:linkage -- FOLDER 100000 --new 1,500    and so many new faces, where who the others are is known
 * npm run bench:linkage -- FOLDER 100000 --times 30     made people have so many times as many faces as real ones
 *
 * FOLDER has `encodings.f32` and `mirrored.f32`, (n, 128) in float32 each, and `truth.json` with the `person` of each
 * face, -1 if it is not known. Needs the compiled lib/ and the addon (npm run build). Each run is a process of its own.
 * Prints a Markdown table; B-cubed over the faces whose person is known. With new faces, all people of three faces are known
 * rightly, so their B-cubed is no measure of anything and is left out.
 */
const { spawnSync } = require('node:child_process');
const os = require('node:os');
const path = require('node:path');
const { parseArgs } = require('node:util');
const { readFaces } = require('./bench/mixed-faces');

function run(folder, n, encodings, threads, times, added = []) {
  const args = [
    path.join(__dirname, 'bench/linkage-ours.js'),
    folder,
    n,
    encodings,
    threads,
    times,
    ...added,
  ];
  const { status, stdout, stderr, error } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  if (error) throw error;
  if (status !== 0) throw new Error(`linkage of ${n} faces ended with ${status}:\n${stderr}`);
  return JSON.parse(stdout);
}

function countOf(name, value) {
  const count = Number(value);
  if (Number.isSafeInteger(count) && count >= 1) return count;
  console.error(`${name} should be a whole number from 1, not "${value}".`);
  process.exit(2);
}

function main() {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: {
      threads: { type: 'string', default: String(os.availableParallelism()) },
      plain: { type: 'boolean' },
      new: { type: 'string' },
      times: { type: 'string', default: '1' },
    },
  });
  const [folder, ...wanted] = positionals;
  if (folder === undefined) {
    console.error('Give the folder with encodings.f32, mirrored.f32 and truth.json.');
    process.exit(2);
  }
  const threads = countOf('--threads', values.threads);
  const times = countOf('--times', values.times);
  const added = values.new === undefined ? [] : values.new.split(',').map((one) => countOf('--new', one));
  const real = readFaces(folder).person.length;
  const sizes =
    wanted.length > 0 ? wanted.map((size) => countOf('A number of faces', size)) : [real, 100_000];
  console.log(`${threads} threads, ${os.cpus()[0]?.model}, Node ${process.version}\n`);
  console.log('| faces | people | time | CPU | peak memory | groups | precision | recall | F |');
  console.log('|--:|--:|--:|--:|--:|--:|--:|--:|--:|');
  let apart;
  for (const n of sizes) {
    for (const fresh of [undefined, ...added]) {
      const encodings = values.plain ? 'plain' : 'mirrored';
      const result = run(folder, n, encodings, threads, times, fresh === undefined ? [] : [fresh]);
      const shares = [result.precision, result.recall, result.f1].map((share) =>
        fresh === undefined ? share.toFixed(4) : '',
      );
      const nearest = result.nearestOnly > 0 ? `, of the ${result.nearestOnly} nearest of each` : '';
      const faces = `${n.toLocaleString('en')}${fresh === undefined ? '' : `, ${fresh} new`}`;
      console.log(
        `| ${faces} | ${result.people.toLocaleString('en')} | ${result.seconds.toFixed(2)} s | ` +
          `${result.cpuSeconds.toFixed(2)} s | ${Math.round(result.peak / 2 ** 20).toLocaleString('en')} MB | ` +
          `${result.clusters.toLocaleString('en')}${nearest} | ${shares.join(' | ')} |`,
      );
      apart = result.apart;
    }
  }
  const line = (distances) => distances.map((distance) => distance.toFixed(3)).join(', ');
  console.log('\nHow far apart strangers are, at 0.01, 0.1, 1, 10, 50 and 90 %:');
  console.log(`real faces: ${line(apart.real)}`);
  console.log(`all faces of the last line: ${line(apart.all)}`);
}

main();
