'use strict';
const fs = require('node:fs');

/**
 * Makes this process the only one at work for as long as the file exists, which is until it exits. The file holds its
 * number, from the first moment on: an empty lock would look like that of a process that is gone, which is taken over.
 *
 * @param {string} file its folder must exist
 * @returns {number | undefined} the process that has it, if this one has not got it; NaN if the file does not say
 */
function takeLock(file) {
  const own = `${file}-${process.pid}`;
  fs.writeFileSync(own, String(process.pid));
  try {
    while (!putInPlace(own, file)) {
      const holder = holderOf(file);
      if (holder !== undefined && isAlive(holder)) return holder;
      if (holder !== undefined) removeDead(file, holder);
    }
  } finally {
    fs.rmSync(own, { force: true });
  }
  process.on('exit', () => fs.rmSync(file, { force: true }));
  return undefined;
}

/** Whether `file` is now another name of `own`, or a copy where a disk has no links; not if there is such a file. */
function putInPlace(own, file) {
  try {
    try {
      fs.linkSync(own, file);
    } catch (error) {
      if (error.code === 'EEXIST') return false;
      fs.copyFileSync(own, file, fs.constants.COPYFILE_EXCL);
    }
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
}

/** Removes the lock of a process that is gone. Another process may have done that, and put its own in the place. */
function removeDead(file, holder) {
  const taken = `${file}-${process.pid}-taken`;
  try {
    fs.renameSync(file, taken);
  } catch (error) {
    if (error.code === 'ENOENT') return;
    throw error;
  }
  if (holderOf(taken) !== holder) putInPlace(taken, file);
  fs.rmSync(taken, { force: true });
}

/** @returns {number | undefined} `undefined` if there is no such file */
function holderOf(file) {
  try {
    return Number.parseInt(fs.readFileSync(file, 'utf8'), 10);
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Who is not known may be at work. */
function isAlive(pid) {
  if (Number.isNaN(pid)) return true;
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error.code === 'EPERM';
  }
}

module.exports = { takeLock };
