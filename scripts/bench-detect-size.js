#!/usr/bin/env node
'use strict';
/*
 * npm run bench:detect-size: which faces detectSize finds, and how long that takes. Prints Markdown. A quarter of an hour.
 *
 * On photos of 12 megapixels, made of the six group photos of the devDependencies: one enlarged to fill the photo, or 4, 9, 16
 * and so on of them beside each other, so that their faces are smaller. There are 22 faces on the six photos, seen by eye,
 * and these are what `cnn` finds on the photos as they are: so a face counts as found if a box shares more than
 * 0.3 of what both cover with the one that was found there.
 */
const os = require('node:os');
const sharp = require('sharp');
const { FaceEngine, faceDistance } = require('..');
const { overlap } = require('../lib/base/box');
const { demoPhotos } = require('./demo-photos');

const [WIDTH, HEIGHT] = [4000, 3000];
const SIZES = [1024, 1600, 2048, undefined];
/** How many group photos lie beside each other, and on how many photos of 12 megapixels. */
const GRIDS = [
  { across: 1, photos: 6 },
  { across: 2, photos: 3 },
  { across: 3, photos: 2 },
  { across: 4, photos: 1 },
  { across: 6, photos: 1 },
  { across: 8, photos: 1 },
  { across: 11, photos: 1 },
];
const FACES_BY_EYE = 22;

const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];
const percentile = (values, share) =>
  values.toSorted((a, b) => a - b)[Math.floor(share * (values.length - 1))];

/** The group photos with the boxes of their faces. */
async function groupPhotos(engine) {
  const photos = demoPhotos().filter(({ name }) => name.startsWith('sample'));
  const groups = [];
  for (const { path } of photos) {
    const { width, height } = await sharp(path).metadata();
    groups.push({ path, width, height, faces: await engine.detect(path, { method: 'cnn' }) });
  }
  const faces = groups.reduce((sum, group) => sum + group.faces.length, 0);
  if (faces !== FACES_BY_EYE) throw new Error(`There are ${FACES_BY_EYE} faces, but cnn has found ${faces}.`);
  return groups;
}

/** A photo of 12 megapixels with `across` x `across` group photos, and where the faces are on it. */
async function tiled(groups, across, first) {
  const tiles = [];
  const faces = [];
  const [cellWidth, cellHeight] = [Math.floor(WIDTH / across), Math.floor(HEIGHT / across)];
  for (let i = 0; i < across * across; i++) {
    const { path, width, height, faces: found } = groups[(first + i) % groups.length];
    const scale = Math.min(cellWidth / width, cellHeight / height);
    const [left, top] = [cellWidth * (i % across), cellHeight * Math.floor(i / across)];
    const input = await sharp(path)
      .resize(Math.round(width * scale), Math.round(height * scale))
      .toBuffer();
    tiles.push({ input, left, top });
    for (const { box } of found) {
      faces.push({
        top: top + box.top * scale,
        right: left + box.right * scale,
        bottom: top + box.bottom * scale,
        left: left + box.left * scale,
      });
    }
  }
  const photo = await sharp({ create: { width: WIDTH, height: HEIGHT, channels: 3, background: '#777' } })
    .composite(tiles)
    .jpeg({ quality: 90 })
    .toBuffer();
  return { photo, faces };
}

/** What is found on the photos: of which faces the encoding, how many boxes more, and the time of all cores. */
async function look(engine, photos, options) {
  const found = [];
  let more = 0;
  let seconds = 0;
  for (const { pixels, faces } of photos) {
    const before = process.cpuUsage();
    const boxes = await engine.detectAndEncode(pixels, options);
    const { user, system } = process.cpuUsage(before);
    seconds += (user + system) / 1e6;
    const hits = faces.map((face) => boxes.find(({ box }) => overlap(box, face) > 0.3));
    found.push(...hits.map((hit) => hit?.encoding));
    more += boxes.filter((box) => !hits.includes(box)).length;
  }
  return { found, more, seconds: seconds / photos.length };
}

async function main() {
  const { decodeImage } = require('..');
  const engine = new FaceEngine();
  const groups = await groupPhotos(engine);
  console.log(`${os.cpus()[0]?.model.trim()}, ${os.availableParallelism()} cores, Node ${process.version}\n`);
  const times = new Map();
  const distances = new Map();
  const add = (map, key, values) => map.set(key, [...(map.get(key) ?? []), ...values]);
  for (const method of ['cnn', 'hog']) {
    console.log(
      `| width of the faces, \`${method}\` | faces | ${SIZES.map((size) => size ?? 'full size').join(' | ')} |`,
    );
    console.log(`|---|--:|${SIZES.map(() => '--:').join('|')}|`);
    for (const { across, photos: count } of GRIDS) {
      const photos = [];
      for (let i = 0; i < count; i++) {
        const { photo, faces } = await tiled(groups, across, i * across * across);
        photos.push({ pixels: await decodeImage(photo), faces });
      }
      const widths = photos.flatMap(({ faces }) => faces.map(({ left, right }) => right - left));
      const results = [];
      for (const detectSize of SIZES) {
        const result = await look(engine, photos, { method, detectSize });
        results.push(result);
        add(times, `${method} ${detectSize}`, [result.seconds]);
      }
      const full = results.at(-1).found;
      for (const [i, { found }] of results.entries()) {
        const both = found.flatMap((encoding, face) =>
          encoding && full[face] ? [[encoding, full[face]]] : [],
        );
        add(
          distances,
          `${method} ${SIZES[i]}`,
          both.map(([a, b]) => faceDistance([a], b)[0]),
        );
      }
      const cells = results.map(({ found, more }) => {
        const share = found.filter((encoding) => encoding !== undefined).length / found.length;
        return `${Math.round(100 * share)} %${more > 0 ? ` (+${more})` : ''}`;
      });
      const range = `${Math.round(Math.min(...widths))} to ${Math.round(Math.max(...widths))}`;
      console.log(`| ${range} | ${widths.length} | ${cells.join(' | ')} |`);
    }
    const row = (title, map, text) =>
      console.log(`| ${title} | | ${SIZES.map((size) => text(map.get(`${method} ${size}`))).join(' | ')} |`);
    row('seconds of all cores for a photo, decoded', times, (values) => median(values).toFixed(2));
    row('distance of encodings from those of full size: median, 95 % within', distances, (values) =>
      [median(values), percentile(values, 0.95)].map((value) => value.toFixed(2)).join(', '),
    );
    console.log('');
  }
  engine.dispose();
}

main().catch((error) => {
  console.error(`bench: ${error.message}`);
  process.exitCode = 1;
});
