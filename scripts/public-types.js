#!/usr/bin/env node
'use strict';
/*
 * Of the declarations that the compiler has written into lib/, leaves those that index.d.ts leads to: npm run build:ts
 *
 * The package can be entered there alone, so that no program gets at the others. They are more than half.
 */
const fs = require('node:fs');
const path = require('node:path');
const { inRoot } = require('./setup/project');

const LIB = inRoot('lib');

/** Adds a module, by its path without an ending, and all that its declarations name. */
function follow(module, seen) {
  const file = [`${module}.d.ts`, path.join(module, 'index.d.ts')].find((name) => fs.existsSync(name));
  if (file === undefined || seen.has(file)) return seen;
  seen.add(file);
  for (const [, next] of fs.readFileSync(file, 'utf8').matchAll(/\b(?:from |import\()["'](\.[^"']+)["']/g)) {
    follow(path.join(path.dirname(file), next), seen);
  }
  return seen;
}

const needed = follow(path.join(LIB, 'index'), new Set());
for (const entry of fs.readdirSync(LIB, { recursive: true, withFileTypes: true })) {
  const file = path.join(entry.parentPath, entry.name);
  if (entry.name.endsWith('.d.ts') && !needed.has(file)) fs.rmSync(file);
}
