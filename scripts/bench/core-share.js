'use strict';
/* Programs that may use a part of a core only, as on a slower computer, by Linux's control groups. Needs root. */
const fs = require('node:fs');
const path = require('node:path');

const GROUPS = '/sys/fs/cgroup';
const PERIOD = 100_000;

/**
 * A group of programs that take so many percent of one core together.
 * @returns `within(command)`: the command that runs `command` in there; `remove()`, when all have ended
 */
function coreShare(name, percent) {
  const isUnified = fs.existsSync(path.join(GROUPS, 'cgroup.controllers'));
  const folder = path.join(GROUPS, isUnified ? '' : 'cpu', name);
  const quota = String((percent / 100) * PERIOD);
  if (isUnified) fs.writeFileSync(path.join(GROUPS, 'cgroup.subtree_control'), '+cpu');
  fs.mkdirSync(folder, { recursive: true });
  if (isUnified) {
    fs.writeFileSync(path.join(folder, 'cpu.max'), `${quota} ${PERIOD}`);
  } else {
    fs.writeFileSync(path.join(folder, 'cpu.cfs_period_us'), String(PERIOD));
    fs.writeFileSync(path.join(folder, 'cpu.cfs_quota_us'), quota);
  }
  return {
    within: (command) => [
      ...['sh', '-c', 'echo $$ > "$0" && exec "$@"', path.join(folder, 'cgroup.procs')],
      ...command,
    ],
    remove: () => fs.rmdirSync(folder),
  };
}

module.exports = { coreShare };
