'use strict';
/* The packages that npm run bench compares ours with: in a folder of their own, so that package.json knows nothing of them. */
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const { createRequire } = require('node:module');
const path = require('node:path');
const { inRoot } = require('../setup/project');

const folder = inRoot('.setup/bench-peers');
const PACKAGE = {
  private: true,
  dependencies: {
    '@tensorflow/tfjs': '4.22.0',
    '@tensorflow/tfjs-backend-wasm': '4.22.0',
    '@vladmandic/face-api': '1.7.15',
  },
  // Fetches TensorFlow's C library when it is installed: where that fails, npm leaves it out, and where npm runs no such scripts
  // it is there without.
  optionalDependencies: { '@tensorflow/tfjs-node': '4.22.0' },
};

const requirePeer = createRequire(path.join(folder, 'package.json'));
/** A file or folder of the packages. */
const peerPath = (name) => path.join(folder, 'node_modules', name);

/** Installs the packages, unless they are there. */
function installPeers() {
  const content = `${JSON.stringify(PACKAGE, null, 2)}\n`;
  const ready = path.join(folder, 'ready.json');
  if (fs.existsSync(ready) && fs.readFileSync(ready, 'utf8') === content) return;
  fs.rmSync(folder, { recursive: true, force: true });
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(path.join(folder, 'package.json'), content);
  const { status, error } = spawnSync('npm', ['install', '--no-audit', '--no-fund'], {
    cwd: folder,
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
  });
  if (error) throw error;
  if (status !== 0) throw new Error(`npm install in ${folder} ended with ${status}.`);
  fs.writeFileSync(ready, content);
}

/** Whether TensorFlow itself could be installed: only loading the package tells. */
function hasTensorFlow() {
  const load = `require(${JSON.stringify(peerPath('@tensorflow/tfjs-node'))})`;
  return spawnSync(process.execPath, ['-e', load], { stdio: 'ignore' }).status === 0;
}

const versionOf = (name) => JSON.parse(fs.readFileSync(peerPath(`${name}/package.json`), 'utf8')).version;

module.exports = { hasTensorFlow, installPeers, peerPath, requirePeer, versionOf };
