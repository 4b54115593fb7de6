'use strict';

/*
 * To be loaded by `node --require` before a program: kills the process by SIGKILL when it is about to change something on the disk for
 * the DIE_AT-th time. Without DIE_AT, it writes into the file CHANGES_TO how many changes there were.
 */
const files = require('node:fs/promises');
const { writeFileSync } = require('node:fs');

const CHANGES = [
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
const at = Number(process.env.DIE_AT ?? Number.POSITIVE_INFINITY);
let count = 0;
for (const name of CHANGES) {
  const original = files[name];
  files[name] = (...args) => {
    // What is opened to be read changes nothing.
    if (name === 'open' && /^r$|^undefined$/.test(String(args[1]))) return original(...args);
    if (++count >= at) process.kill(process.pid, 'SIGKILL');
    return original(...args);
  };
}
if (process.env.CHANGES_TO) process.on('exit', () => writeFileSync(process.env.CHANGES_TO, String(count)));
