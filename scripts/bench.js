#!/usr/bin/env node
'use strict';
/*
 * npm run bench: the Python project and this one side by side, on the same photos, in turn, in one run, and what else a
 * JavaScript developer would take. Prints Markdown.
 *
 * npm run bench                                  on the photos of the devDependencies; about an hour
 * npm run bench -- --photos FOLDER               on your own
 *   --identities F file with a line "name of the photo,person" for each: the peers' table says how well people are told apart
 *   --cnn 40       photos for the cnn detector, evenly over all; the Python project takes seconds for each
 *   --rounds 3     how often each program runs; the median counts
 *   --many 2000    photos for the memory over many (the same ones again and again)
 *   --rows cnn,hog,cluster,cores,large,many,peers,core   only some of the measurements
 *
 * On a machine with AVX-512, cnn and hog are measured with that and, held to AVX2, once more.
 * Run "npm run setup" before. The Python project's libraries are installed by scripts/python-env.js, which compiles dlib the
 * first time: a quarter of an hour. The peers are installed by npm, in .setup/bench-peers, 0.4 GB. "cores" and "peers" need Linux.
 */
const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { parseArgs } = require('node:util');
const { measureCore } = require('./bench/core');
const { originalOn, oursOn, setsToMeasure } = require('./bench/instruction-sets');
const { measurePeers } = require('./bench/peers');
const { largePhoto, linkPhotos, photosIn, subset } = require('./bench/photos');
const { alternate, here, measure, original, ours, runJson } = require('./bench/run');

const seconds = (value) => `${value < 10 ? value.toFixed(2) : value.toFixed(1)} s`;
const megabytes = (bytes) => `${Math.round(bytes / 1e6).toLocaleString('en')} MB`;
const photosOf = ({ length }) => `${length.toLocaleString('en')} ${length === 1 ? 'photo' : 'photos'}`;
const times = (theirs, us) => `${(theirs / us).toFixed(1)} x`;

function row(...cells) {
  console.log(`| ${cells.join(' | ')} |`);
}

function compareRow(work, theirs, us) {
  row(
    work,
    ...[seconds(theirs.seconds), seconds(us.seconds), times(theirs.seconds, us.seconds)],
    ...[seconds(theirs.cpu), seconds(us.cpu), times(theirs.cpu, us.cpu)],
    ...[megabytes(theirs.peak), megabytes(us.peak)],
  );
}

/** A file or folder of the temporary folder that nothing has the name of. */
function names(folder) {
  let count = 0;
  return (name) => path.join(folder, `${count++}-${name}`);
}

function compareEncode(photos, method, rounds, fresh) {
  const folder = linkPhotos(fresh('photos'), photos);
  for (const set of setsToMeasure()) {
    const [theirs, us] = alternate(
      [
        () => originalOn(set, original('encode', folder, fresh('encodings.pickle'), method)),
        () => oursOn(set, ours('encode', '-i', folder, '-e', fresh('encodings.pickle'), '-d', method)),
      ],
      rounds,
    );
    compareRow(`\`encode -d ${method}\`, ${photosOf(photos)}, ${set.title}`, theirs, us);
  }
}

function compareCluster(photos, rounds, fresh) {
  const folder = linkPhotos(fresh('photos'), photos);
  const encodings = fresh('encodings.pickle');
  measure(ours('encode', '-i', folder, '-e', encodings, '-d', 'hog'));
  const [theirs, us] = alternate(
    [
      () => original('cluster', encodings, fresh('people')),
      () => ours('cluster', '-e', encodings, '-o', fresh('people')),
    ],
    rounds,
  );
  compareRow(`\`cluster\`, ${photosOf(photos)}`, theirs, us);
}

function compareCores(photos, rounds, fresh) {
  const folder = linkPhotos(fresh('photos'), photos);
  const run = () => ours('encode', '-i', folder, '-e', fresh('encodings.pickle'), '-d', 'cnn');
  const [one, all] = alternate([run, run], rounds, [1, 0]);
  const scaling = `1 to ${os.availableParallelism()} cores: \`encode -d cnn\`, ${photosOf(photos)}`;
  console.log(
    `\n${scaling}: ${seconds(one.seconds)} to ${seconds(all.seconds)}, ${times(one.seconds, all.seconds)}`,
  );
}

async function measureLarge(photos, fresh) {
  const folder = await largePhoto(fresh('large'), photos);
  const result = measure(ours('encode', '-i', folder, '-e', fresh('encodings.pickle'), '-d', 'cnn'));
  console.log(
    `\n\`encode -d cnn\`, one photo of 4000 x 3000: ${seconds(result.seconds)}, peak memory ${megabytes(result.peak)}`,
  );
}

function measureMany(photos, count, fresh) {
  const folder = linkPhotos(fresh('many'), photos, count);
  const marks = [Math.min(100, count), Math.round(count / 2), count];
  const peaks = runJson([
    process.execPath,
    here('many-photos.js'),
    folder,
    fresh('encodings.pickle'),
    ...[...new Set(marks)].map(String),
  ]);
  const parts = peaks.map(
    ({ done, peak }, i) => `${(peaks[i - 1]?.done ?? 0) + 1} to ${done}: ${megabytes(peak)}`,
  );
  console.log(`\nMemory held, \`hog\`, photos ${parts.join(', ')}`);
}

async function main() {
  const { values } = parseArgs({
    options: {
      photos: { type: 'string' },
      identities: { type: 'string' },
      cnn: { type: 'string', default: '40' },
      rounds: { type: 'string', default: '3' },
      many: { type: 'string', default: '2000' },
      rows: { type: 'string', default: 'cnn,hog,cluster,cores,large,many,peers,core' },
    },
  });
  const rounds = Number(values.rounds);
  const wanted = new Set(values.rows.split(','));
  execFileSync(process.execPath, [here('../python-env.js'), 'bench'], { stdio: ['ignore', 2, 2] });
  const all = await photosIn(values.photos);
  const some = subset(all, Number(values.cnn));

  const cpu = `${os.cpus()[0]?.model.trim()}, ${os.availableParallelism()} cores`;
  console.log(`${cpu}, ${Math.round(os.totalmem() / 1e9)} GB, Node ${process.version}\n`);
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'bench-'));
  const fresh = names(folder);
  try {
    const compared = ['cnn', 'hog', 'cluster'].filter((name) => wanted.has(name));
    if (compared.length > 0) {
      row('', 'Python project', 'ours', 'faster', 'its CPU time', 'ours', 'less', 'its peak memory', 'ours');
      row('---', ...Array.from({ length: 8 }, () => '--:'));
    }
    if (wanted.has('cnn')) compareEncode(some, 'cnn', rounds, fresh);
    if (wanted.has('hog')) compareEncode(all, 'hog', rounds, fresh);
    if (wanted.has('cluster')) compareCluster(all, rounds, fresh);
    if (wanted.has('cores')) compareCores(some, rounds, fresh);
    if (wanted.has('large')) await measureLarge(all, fresh);
    if (wanted.has('many')) measureMany(all, Number(values.many), fresh);
    if (wanted.has('peers')) await measurePeers(all, values.identities, rounds, fresh);
    if (wanted.has('core')) measureCore(2 * rounds);
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

main().catch((error) => {
  console.error(`bench: ${error.message}`);
  process.exitCode = 1;
});
