'use strict';

/*
 * To be loaded by `node --require` before a program, see moment.ts: at a moment of its work, the process does something. With
 * CHANGES_TO alone, it writes into that file how often it has changed something on the disk.
 */
const files = require('node:fs/promises');
const { statSync, writeFileSync } = require('node:fs');

const CHANGES = require('./disk-changes.js');

const { AT_MOMENT = '{}', CHANGES_TO } = process.env;
// Programs that it starts have moments of their own.
delete process.env.AT_MOMENT;
delete process.env.CHANGES_TO;
const { said, change, longer, does } = JSON.parse(AT_MOMENT);

let has = false;
function now() {
  if (has) return;
  has = true;
  new Function('require', does)(require);
}

if (said !== undefined) {
  let text = '';
  for (const stream of [process.stdout, process.stderr]) {
    const { write } = stream;
    stream.write = function (...args) {
      const wrote = write.apply(this, args);
      text += args[0];
      if (text.includes(said)) now();
      return wrote;
    };
  }
}

let changes = 0;
const isMoment =
  typeof change === 'string' ? (what) => new RegExp(change).test(what) : () => changes >= change;
for (const name of CHANGES) {
  const original = files[name];
  files[name] = (...args) => {
    // What is opened to be read changes nothing; a lock's sign of life, alone opened as r+, comes by the clock, not by the work.
    if (name === 'open' && /^(r\+?|undefined)$/.test(String(args[1]))) return original(...args);
    changes++;
    if (isMoment(`${name} ${args.join(' ')}`)) now();
    return original(...args);
  };
}
if (CHANGES_TO) process.on('exit', () => writeFileSync(CHANGES_TO, String(changes)));

if (longer !== undefined) {
  const [file, bytes] = longer;
  setInterval(() => {
    if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) > bytes) now();
  }, 1).unref();
}
