#!/usr/bin/env node
'use strict';
/*
 * Draws the picture of docs/grouping.md, docs/demo-result.svg, from what "npm run demo" has found: each face of demo/encodings.pickle as a
 * dot, where its encoding lies, and the folder it went to. No photo goes into it.
 *
 * The place of a dot is the projection of its 128 numbers onto their two directions of largest variance, with the unclustered
 * faces left out of the choice of directions; so near dots are alike, though not every distance can be kept on paper.
 */
const fs = require('node:fs');
const path = require('node:path');
const { dbscan, readEncodings } = require('../lib');

const root = path.join(__dirname, '..');
const WIDTH = 960;
const HEIGHT = 400;
const PLOT = { left: 20, top: 20, width: 560, height: 360 };
const COLOURS = [
  '#4e79a7',
  '#f28e2b',
  '#e15759',
  '#76b7b2',
  '#59a14f',
  '#b07aa1',
  '#9c755f',
  '#edc948',
  '#ff9da7',
];
const GREY = '#9a9a9a';

const colour = (label) => (label < 0 ? GREY : COLOURS[label % COLOURS.length]);
const dot = (a, b) => a.reduce((sum, value, i) => sum + value * b[i], 0);
const scaled = (a, factor) => a.map((value) => value * factor);
const minus = (a, b) => a.map((value, i) => value - b[i]);

/** The direction of largest variance of `rows` (their mean is 0) that is at right angles to `others`: power iteration. */
function mainDirection(rows, others) {
  let direction = rows[0].map((_, i) => Math.sin(i + 1));
  for (let round = 0; round < 500; round++) {
    let next = rows.reduce((sum, row) => minus(sum, scaled(row, -dot(row, direction))), scaled(direction, 0));
    for (const other of others) next = minus(next, scaled(other, dot(next, other)));
    direction = scaled(next, 1 / Math.hypot(...next));
  }
  return direction;
}

function project(vectors, labels) {
  const people = vectors.filter((_, i) => labels[i] >= 0);
  const mean = scaled(
    people.reduce((sum, v) => minus(sum, scaled(v, -1))),
    1 / people.length,
  );
  const centred = people.map((v) => minus(v, mean));
  const first = mainDirection(centred, []);
  const second = mainDirection(centred, [first]);
  const points = vectors.map((v) => [dot(minus(v, mean), first), dot(minus(v, mean), second)]);
  return [0, 1].map((axis) => {
    const values = points.map((point) => point[axis]);
    const low = Math.min(...values);
    const range = Math.max(...values) - low;
    return values.map((value) => (value - low) / range);
  });
}

async function main() {
  const records = await readEncodings(path.join(root, 'demo/encodings.pickle'));
  const vectors = records.map((record) => Array.from(record.encoding));
  const { labels, clusters } = await dbscan(vectors, { minSamples: 2 });
  const [x, y] = project(vectors, labels);

  const svg = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="system-ui, sans-serif" font-size="15" role="img" aria-label="${records.length} faces as dots, those of one person close together, and the folders they went to">`,
    '<style>text{fill:#333}.frame{fill:none;stroke:#8886}@media(prefers-color-scheme:dark){text{fill:#ddd}}</style>',
    `<rect class="frame" x="${PLOT.left}" y="${PLOT.top}" width="${PLOT.width}" height="${PLOT.height}" rx="8"/>`,
  ];
  // The unclustered first, so that they cover nobody.
  const order = [...records.keys()].sort((a, b) => labels[a] - labels[b]);
  for (const i of order) {
    const cx = PLOT.left + 20 + x[i] * (PLOT.width - 40);
    const cy = PLOT.top + 20 + (1 - y[i]) * (PLOT.height - 40);
    svg.push(
      `<circle cx="${cx.toFixed(1)}" cy="${cy.toFixed(1)}" r="${labels[i] < 0 ? 4 : 7}" fill="${colour(labels[i])}" fill-opacity="0.85"/>`,
    );
  }

  const column = PLOT.left + PLOT.width + 40;
  const line = Math.min(40, (HEIGHT - 90) / (clusters + 1));
  svg.push(`<text x="${column}" y="38" font-weight="600">clusters/</text>`);
  for (let label = 0; label <= clusters; label++) {
    const shown = label === clusters ? -1 : label;
    const photos = new Set(records.filter((_, i) => labels[i] === shown).map((record) => record.imagePath))
      .size;
    const at = 70 + label * line;
    svg.push(
      `<circle cx="${column + 22}" cy="${at - 5}" r="7" fill="${colour(shown)}"/>`,
      `<text x="${column + 40}" y="${at}">label${shown}/  ${photos} photos${shown < 0 ? ', faces like no other' : ''}</text>`,
    );
  }
  const montage = 70 + (clusters + 1) * line;
  svg.push(`<text x="${column + 15}" y="${montage}">montage/  an overview picture of each</text>`, '</svg>');

  const file = path.join(root, 'docs/demo-result.svg');
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, `${svg.join('\n')}\n`);
  console.log(`${file}: ${records.length} faces, ${clusters} people`);
}

main();
