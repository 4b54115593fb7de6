'use strict';
/*
 * Photos for benchmarks of `sort` and of what comes after it, and an engine that only makes up encodings. The photos are small
 * pictures of noise.
 */
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const sharp = require('sharp');
const { DIMENSIONS, normal, uniform } = require('./embeddings');

const DIFFERENT = 64;
const SIZE = 160;
/** Two faces of each person are about 0.35 apart, and people 0.75, as dlib's encoder has it. */
const FACE = 0.35 / Math.sqrt(2 * DIMENSIONS);
const PERSON = 0.75 / Math.sqrt(2 * DIMENSIONS);

/** Small photos, of which no two are the same. */
async function addPhotos(folder, from, to) {
  fs.mkdirSync(folder, { recursive: true });
  const different = await Promise.all(
    Array.from({ length: DIFFERENT }, (_, i) => {
      const noise = { type: 'gaussian', mean: 60 + 2 * i, sigma: 12 };
      const background = '#888';
      return sharp({ create: { width: SIZE, height: SIZE, channels: 3, background, noise } })
        .jpeg()
        .toBuffer();
    }),
  );
  for (let i = from; i < to; i++) {
    // What is behind the end of a JPEG is not looked at.
    const bytes = Buffer.concat([different[i % DIFFERENT], Buffer.from(String(i))]);
    fs.writeFileSync(path.join(folder, `IMG_${String(i).padStart(6, '0')}.JPG`), bytes);
  }
}

/** Finds two faces on each photo, of people drawn at random; large people are larger than small ones. */
function standIn(people, seed) {
  const gauss = normal(uniform(1));
  const centres = Array.from({ length: people }, () =>
    Float64Array.from({ length: DIMENSIONS }, () => PERSON * gauss()),
  );
  const random = uniform(seed);
  const noise = normal(random);
  const encoding = (centre) => centre.map((value) => value + FACE * noise());
  const face = (left) => {
    const centre = centres[Math.floor(people * random() ** 2)];
    return {
      box: { top: 40, right: left + 60, bottom: 100, left },
      score: 1,
      sharpness: 1,
      encoding: encoding(centre),
      mirrored: encoding(centre),
    };
  };
  return { jobs: os.availableParallelism(), detectAndEncode: async () => [face(10), face(90)] };
}

module.exports = { addPhotos, standIn };
