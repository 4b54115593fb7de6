#!/usr/bin/env node
'use strict';
/*
 * Copies what decodes HEIC into lib/libheif, unchanged: npm run build:ts
 *
 * As a dependency, libheif-js would bring itself along in four forms, 8.8 MB; of these, the one that is used has 1.5.
 */
const fs = require('node:fs');
const { inRoot } = require('./setup/project');

const FILES = [
  'package.json',
  'libheif-wasm/LICENSE',
  'libheif-wasm/libheif.js',
  'libheif-wasm/libheif.wasm',
];

fs.mkdirSync(inRoot('lib/libheif'), { recursive: true });
for (const file of FILES) {
  fs.copyFileSync(
    inRoot('node_modules/libheif-js', file),
    inRoot('lib/libheif', file.replace('libheif-wasm/', '')),
  );
}
