#!/usr/bin/env node
'use strict';
/*
 * npm run house: the rooms of src on their floors, and the arrows between them, as dependency-cruiser finds them; see
 * .dependency-cruiser.js for the rules.
 *
 * Exit codes: 0 all arrows run down, 1 some do not (they are listed).
 */
const { inRoot, root } = require('./setup/project');
const { FLOORS, roomOf } = require('./house/floors');

async function main() {
  process.chdir(root);
  const { cruise } = await import('dependency-cruiser');
  const { options, forbidden } = require(inRoot('.dependency-cruiser.js'));
  const { output } = await cruise(['src'], { ...options, ruleSet: { forbidden }, validate: true });
  const arrows = new Map();
  for (const { source, dependencies } of output.modules.filter((module) =>
    module.source.startsWith('src/'),
  )) {
    for (const { resolved } of dependencies.filter((one) => one.resolved.startsWith('src/'))) {
      const [from, to] = [roomOf(source), roomOf(resolved)];
      if (from !== to) arrows.set(from, new Set([...(arrows.get(from) ?? []), to]));
    }
  }
  for (const [i, floor] of [...FLOORS.entries()].reverse()) {
    for (const room of floor)
      console.log(`${i} ${room.padEnd(12)} ${[...(arrows.get(room) ?? [])].sort().join(' ')}`);
  }
  const count = [...arrows.values()].reduce((sum, to) => sum + to.size, 0);
  const { violations } = output.summary;
  console.log(
    `${FLOORS.flat().length} rooms on ${FLOORS.length} floors, ${count} arrows, ${violations.length} against the rules`,
  );
  for (const { rule, from, to } of violations) console.log(`${rule.name}: ${from} -> ${to}`);
  process.exitCode = violations.length > 0 ? 1 : 0;
}

main();
