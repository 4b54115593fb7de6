'use strict';
/*
 * The rooms of binding/core. What is in another room is included by its path from there, so the lines that do so are all
 * arrows there are; what a room includes of its own has no folder, or one of the room's.
 */
const fs = require('node:fs');
const path = require('node:path');

/** From the ground up; `.` stands for the engine, the façade. */
const CORE_FLOORS = [['base'], ['image', 'nn', 'clustering'], ['detect'], ['recognize'], ['.']];

const INCLUDE = /^#include "(?<room>[a-z]+)\/[^"]+"/gm;

/**
 * @param {string} core the folder
 * @returns {{ arrows: Map<string, Set<string>>, violations: string[] }} by room; the files that break a rule, and how
 */
function coreArrows(core) {
  const rooms = CORE_FLOORS.flat();
  const floorOf = (room) => CORE_FLOORS.findIndex((floor) => floor.includes(room));
  const arrows = new Map();
  const violations = [];
  for (const file of fs.readdirSync(core, { recursive: true }).filter((name) => /[.](h|cpp)$/.test(name))) {
    const parts = file.split(path.sep);
    const from = parts.length === 1 ? '.' : parts[0];
    if (!rooms.includes(from)) violations.push(`every room has a floor: ${file}`);
    for (const { groups } of fs.readFileSync(path.join(core, file), 'utf8').matchAll(INCLUDE)) {
      const to = groups.room;
      if (to === from || !rooms.includes(to)) continue;
      arrows.set(from, new Set([...(arrows.get(from) ?? []), to]));
      if (floorOf(to) >= floorOf(from)) violations.push(`${from}: from floors below only: ${file} -> ${to}`);
    }
  }
  return { arrows, violations };
}

module.exports = { CORE_FLOORS, coreArrows };
