#!/usr/bin/env node
'use strict';
/*
 * npm run house: the rooms of src on their floors, and the arrows between them, as dependency-cruiser finds them, see
 * .dependency-cruiser.js for the rules; and those of binding/core, by its includes.
 *
 * Exit codes: 0 all arrows run down, 1 some do not (they are listed).
 */
const { inRoot, root } = require('./setup/project');
const { CORE_FLOORS, coreArrows } = require('./house/core');
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
  const { violations } = output.summary;
  const broken = violations.map(({ rule, from, to }) => `${rule.name}: ${from} -> ${to}`);
  report('src', FLOORS, arrows, broken);
  console.log();
  const core = coreArrows(inRoot('binding/core'));
  report('binding/core', CORE_FLOORS, core.arrows, core.violations);
  process.exitCode = broken.length + core.violations.length > 0 ? 1 : 0;
}

function report(house, floors, arrows, violations) {
  for (const [i, floor] of [...floors.entries()].reverse()) {
    for (const room of floor)
      console.log(`${i} ${room.padEnd(12)} ${[...(arrows.get(room) ?? [])].sort().join(' ')}`);
  }
  const count = [...arrows.values()].reduce((sum, to) => sum + to.size, 0);
  console.log(
    `${house}: ${floors.flat().length} rooms on ${floors.length} floors, ${count} arrows, ${violations.length} against the rules`,
  );
  for (const violation of violations) console.log(violation);
}

main();
