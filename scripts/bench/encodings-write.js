'use strict';
/*
 * Writes an encodings file with writeEncodings, in a process of its own: a child process counts its parent's memory as its own.
 * node scripts/bench/encodings-write.js <file> <faces>
 */
const { writeEncodings } = require('../..');
const { makeEmbeddings, DIMENSIONS } = require('./embeddings');

async function main([file, count]) {
  const values = Float64Array.from(makeEmbeddings(Number(count)));
  const records = Array.from({ length: Number(count) }, (_, face) => ({
    imagePath: `photos/${String(face >> 1).padStart(7, '0')}.jpg`,
    loc: { top: 10, right: 200 + (face % 999), bottom: 300, left: 20 },
    encoding: values.subarray(face * DIMENSIONS, (face + 1) * DIMENSIONS),
  }));
  await writeEncodings(file, records);
}

main(process.argv.slice(2));
