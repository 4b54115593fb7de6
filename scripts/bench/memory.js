'use strict';
const fs = require('node:fs');

/** The most memory this process had, in bytes. On Linux `maxRSS` would begin with that of the process that started it. */
function peakMemory() {
  if (process.platform !== 'linux') return process.resourceUsage().maxRSS * 1024;
  return Number(/VmHWM:\s+(\d+) kB/.exec(fs.readFileSync('/proc/self/status', 'utf8'))[1]) * 1024;
}

module.exports = { peakMemory };
