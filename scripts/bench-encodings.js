#!/usr/bin/env node
'use strict';
/*
 * How much memory and time reading an encodings file of many faces takes, and for how long it holds up the event loop.
 *
 * npm run bench:encodings                 a million faces: needs 1.2 GB of disk; Python needs 5 GB of memory
 * npm run bench:encodings -- 100000       another number
 *
 * The files: one of ours, and what Python writes with protocols 3, 4 and 5, if scripts/python-env.js has made what that
 * needs. Needs the compiled lib/ (npm run build:ts). Prints a Markdown table.
 */
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { DIMENSIONS } = require('./bench/embeddings');

const python = path.join(__dirname, '../.setup/python-numpy2/bin/python');

function run(program, args) {
  const { status, stdout, stderr, error } = spawnSync(program, args, { encoding: 'utf8' });
  if (error) throw error;
  if (status !== 0) throw new Error(`${path.basename(program)} ended with ${status}:\n${stderr}`);
  return stdout;
}

const megabytes = (bytes) => `${Math.round(bytes / 1e6).toLocaleString('en')} MB`;

function main([count]) {
  const faces = Number(count ?? 1_000_000);
  if (!Number.isSafeInteger(faces) || faces < 1) {
    console.error(`The number of faces should be a whole number from 1, not "${count}".`);
    process.exit(2);
  }
  const numbers = faces * DIMENSIONS * 8;
  console.log(
    `${faces.toLocaleString('en')} faces, ${megabytes(numbers)} of numbers; Node ${process.version}\n`,
  );
  console.log('| written by | file | peak memory | of the numbers | CPU | time | longest pause |');
  console.log('|---|--:|--:|--:|--:|--:|--:|');
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'bench-encodings-'));
  const file = path.join(folder, 'encodings.pickle');
  try {
    const ours = path.join(__dirname, 'bench/encodings-write.js');
    const writers = [['writeEncodings', () => run(process.execPath, [ours, file, faces])]];
    for (const protocol of fs.existsSync(python) ? [3, 4, 5] : []) {
      const script = path.join(__dirname, 'bench/encodings-python.py');
      writers.push([`Python, protocol ${protocol}`, () => run(python, [script, file, faces, protocol])]);
    }
    for (const [name, write] of writers) {
      write();
      const read = JSON.parse(run(process.execPath, [path.join(__dirname, 'bench/encodings-read.js'), file]));
      if (read.faces !== faces) throw new Error(`${name}: ${read.faces} faces were read`);
      const cells = [
        name,
        megabytes(fs.statSync(file).size),
        megabytes(read.peak),
        `${(read.peak / numbers).toFixed(2)} x`,
        `${read.cpu.toFixed(1)} s`,
        `${read.seconds.toFixed(1)} s`,
        `${Math.round(read.pause)} ms`,
      ];
      console.log(`| ${cells.join(' | ')} |`);
    }
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

main(process.argv.slice(2));
