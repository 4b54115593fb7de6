'use strict';
/*
 * Reads an encodings file, in a process of its own so that its peak memory can be told. Prints a line of JSON.
 * node scripts/bench/encodings-read.js <file>
 */
const { readEncodings } = require('../..');

async function main([file]) {
  let pause = 0;
  let last = performance.now();
  const timer = setInterval(() => {
    const now = performance.now();
    pause = Math.max(pause, now - last);
    last = now;
  }, 1);
  const started = performance.now();
  const records = await readEncodings(file);
  const seconds = (performance.now() - started) / 1000;
  clearInterval(timer);
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  const cpu = (userCPUTime + systemCPUTime) / 1e6;
  console.log(JSON.stringify({ faces: records.length, seconds, cpu, peak: maxRSS * 1024, pause }));
}

main(process.argv.slice(2));
