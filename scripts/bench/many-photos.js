'use strict';
/*
 * How much memory the process holds while it looks for faces on many photos. Prints a line of JSON: the most that was held
 * until so many photos were done, from then until the next mark, and so on.
 * node scripts/bench/many-photos.js <folder> <encodings file> <number of photos> …
 */
const { encodeFaces } = require('../..');

async function main([dataset, encodings, ...marks]) {
  const peaks = [];
  let peak = 0;
  await encodeFaces({
    dataset,
    encodings,
    method: 'hog',
    onProgress({ done }) {
      peak = Math.max(peak, process.memoryUsage.rss());
      if (done !== Number(marks[peaks.length])) return;
      peaks.push({ done, peak });
      peak = 0;
    },
  });
  console.log(JSON.stringify(peaks));
}

main(process.argv.slice(2));
