'use strict';

/** The functions of node:fs/promises that change something on the disk. */
module.exports = [
  'rename',
  'link',
  'symlink',
  'unlink',
  'rm',
  'rmdir',
  'mkdir',
  'open',
  'copyFile',
  'writeFile',
  'utimes',
];
