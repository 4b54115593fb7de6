'use strict';
/*
 * Files from the Python package index, through pip: it knows of the mirror or the proxy that stands between this machine and
 * the network.
 */
const { createHash } = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');
const { setupFolder } = require('./project');
const { StepError, run } = require('./run');

/** The Python to use, for whatever needs one. */
const pythonCommand = () =>
  process.env.FACE_CLUSTER_PYTHON || (process.platform === 'win32' ? 'python' : 'python3');

/** A log for {@link run}, for what is not a step of set-up. */
const onConsole = { write: console.log, descriptor: process.stdout.fd };

/**
 * One file of the index.
 * @typedef {object} PackageFile
 * @property {string} requirement  name and version, as `name==1.0`
 * @property {boolean} [source]  whether it is the source and not the wheel
 * @property {string} [platform]  which machine the wheel is for, as pip calls it, if not for this one
 * @property {string} sha256
 */

/**
 * Unpacks a file of the index into `folder`, which is made anew, and keeps nothing else of it.
 * @param {import('./run.js').Log} log
 * @param {PackageFile} file
 * @param {string} folder
 */
async function unpackPackage(log, { requirement, source = false, platform, sha256 }, folder) {
  const [name] = requirement.split('==');
  const python = pythonCommand();
  fs.mkdirSync(setupFolder, { recursive: true });
  const download = fs.mkdtempSync(path.join(setupFolder, 'download-'));
  try {
    const kind = source ? ['--no-binary', name] : ['--only-binary', name];
    if (platform) kind.push('--platform', platform);
    const pip = [python, '-m', 'pip', 'download', '--quiet', '--disable-pip-version-check', '--no-input'];
    await run(log, [...pip, '--no-deps', ...kind, '--dest', download, requirement], { minutes: 15 });
    const [archive] = fs.readdirSync(download).map((entry) => path.join(download, entry));
    const found = createHash('sha256').update(fs.readFileSync(archive)).digest('hex');
    if (found !== sha256) {
      throw new StepError(
        `${path.basename(archive)} has the SHA-256 ${found}, not ${sha256}: it was not used`,
      );
    }
    // In two moves: half an unpacked folder must not look like one.
    const unpacked = path.join(download, 'unpacked');
    const unpack = 'import shutil, sys; shutil.unpack_archive(*sys.argv[1:])';
    await run(log, [python, '-c', unpack, archive, unpacked, source ? 'gztar' : 'zip']);
    fs.rmSync(folder, { recursive: true, force: true });
    fs.renameSync(unpacked, folder);
  } finally {
    fs.rmSync(download, { recursive: true, force: true });
  }
}

/** What to do where pip could not get a file. */
const PIP_ADVICE =
  'This needs Python 3 with pip (Debian, Ubuntu: apt-get install python3-pip; FACE_CLUSTER_PYTHON names another Python), and\n' +
  'the Python package index once. Behind a proxy or a mirror, tell pip: pip config set global.proxy, global.index-url.';

module.exports = { PIP_ADVICE, onConsole, pythonCommand, unpackPackage };
