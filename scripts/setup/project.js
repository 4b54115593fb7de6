'use strict';
/* Where things are, and the stamps by which a later run knows what is done. */
const { createHash } = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');

/** The repository. */
const root = path.join(__dirname, '..', '..');
/** Everything set-up keeps for itself: stamps, logs, environments. Deleting it only costs time. */
const setupFolder = path.join(root, '.setup');
const logsFolder = path.join(setupFolder, 'logs');

/** Absolute path of something in the repository. */
const inRoot = (...parts) => path.join(root, ...parts);

/** SHA-256 over any number of strings and buffers; where one ends and the next begins counts. */
function hashOf(...pieces) {
  const hash = createHash('sha256');
  for (const piece of pieces) hash.update(`${Buffer.byteLength(piece)}:`).update(piece);
  return hash.digest('hex');
}

/** SHA-256 over names and contents of files and folders (recursively) of the repository; what is missing counts as such. */
function hashOfFiles(...relativePaths) {
  const pieces = [];
  const visit = (relative) => {
    const info = fs.statSync(inRoot(relative), { throwIfNoEntry: false });
    if (info?.isDirectory()) {
      for (const name of fs.readdirSync(inRoot(relative)).sort()) visit(`${relative}/${name}`);
    } else {
      pieces.push(relative, info ? fs.readFileSync(inRoot(relative)) : 'missing');
    }
  };
  relativePaths.forEach(visit);
  return hashOf(...pieces);
}

const stampFile = (name) => path.join(setupFolder, `${name}.stamp`);

/** What was written when the step `name` last succeeded, or undefined. */
function readStamp(name) {
  try {
    return fs.readFileSync(stampFile(name), 'utf8');
  } catch {
    return undefined;
  }
}

function writeStamp(name, content) {
  fs.mkdirSync(setupFolder, { recursive: true });
  // In two moves, so that a power cut can't leave half a stamp.
  fs.writeFileSync(`${stampFile(name)}.new`, content);
  fs.renameSync(`${stampFile(name)}.new`, stampFile(name));
}

/** To be called before a step starts: if it is interrupted, nobody must take its old result for the new one. */
function removeStamp(name) {
  fs.rmSync(stampFile(name), { force: true });
}

/** Absolute path of the program `name` on PATH, or undefined. */
function findProgram(name) {
  const extensions = process.platform === 'win32' ? ['.exe', '.cmd', '.bat'] : [''];
  for (const folder of (process.env.PATH ?? '').split(path.delimiter).filter(Boolean)) {
    for (const extension of extensions) {
      const file = path.join(folder, name + extension);
      try {
        fs.accessSync(file, fs.constants.X_OK);
        if (fs.statSync(file).isFile()) return file;
      } catch {
        // Not in this folder.
      }
    }
  }
  return undefined;
}

module.exports = {
  root,
  setupFolder,
  logsFolder,
  inRoot,
  hashOf,
  hashOfFiles,
  readStamp,
  writeStamp,
  removeStamp,
  findProgram,
};
