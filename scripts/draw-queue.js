#!/usr/bin/env node
'use strict';
/*
 * Draws docs/many-machines.svg: who is who when several computers share the work of `encode`, and what goes between them.
 */
const fs = require('node:fs');
const path = require('node:path');

const WIDTH = 960;
const HEIGHT = 400;

const BOXES = [
  {
    ...{ x: 20, y: 96, width: 220, height: 150, kind: 'coordinator' },
    title: 'the coordinator',
    lines: ['encode photos --queue …', '', 'finds and reads the photos,', 'writes what is known'],
  },
  {
    ...{ x: 370, y: 96, width: 220, height: 150, kind: 'server' },
    title: 'the queue’s server',
    lines: ['Redis or PostgreSQL', '', 'keeps jobs and results', 'until they are taken'],
  },
  {
    ...{ x: 720, y: 20, width: 220, height: 88, kind: 'worker' },
    title: 'a worker',
    lines: ['worker --queue …', 'looks for faces'],
  },
  {
    ...{ x: 720, y: 127, width: 220, height: 88, kind: 'worker' },
    title: 'a worker',
    lines: ['on another computer,', 'as many as you have'],
  },
  {
    ...{ x: 720, y: 234, width: 220, height: 88, kind: 'worker' },
    title: 'a worker',
    lines: ['switched off? Others do', 'what it had in hand'],
  },
  {
    ...{ x: 370, y: 322, width: 220, height: 62, kind: 'photos' },
    title: 'the photos',
    lines: ['a share, or one disk'],
  },
];

const ARROWS = [
  { path: 'M240 150H366', text: 'jobs', at: [303, 142] },
  { path: 'M370 192H244', text: 'results', at: [307, 184] },
  { path: 'M590 140C650 130 650 70 716 60', text: 'jobs', at: [632, 88] },
  { path: 'M590 165H716', text: '', at: [0, 0] },
  { path: 'M720 185H594', text: 'results', at: [655, 203] },
  { path: 'M720 270C650 262 650 216 594 210', text: '', at: [0, 0] },
  { path: 'M370 352C200 352 130 320 130 250', text: 'read once, to know them', at: [246, 374], dash: true },
  { path: 'M590 352C680 352 690 345 760 326', text: 'read by who looks', at: [682, 374], dash: true },
];

function box({ x, y, width, height, kind, title, lines }) {
  const text = lines.map(
    (line, i) => `<text x="${x + 16}" y="${y + 50 + 21 * i}" font-size="14" class="muted">${line}</text>`,
  );
  return (
    `<rect x="${x}" y="${y}" width="${width}" height="${height}" rx="8" class="box ${kind}"/>` +
    `<text x="${x + 16}" y="${y + 28}" font-size="16" font-weight="600">${title}</text>${text.join('')}`
  );
}

function arrow({ path, text, at: [x, y], dash }) {
  const label =
    text && `<text x="${x}" y="${y}" font-size="13" text-anchor="middle" class="muted">${text}</text>`;
  const dashes = dash ? ' stroke-dasharray="5 4"' : '';
  return `<path d="${path}" class="line"${dashes} marker-end="url(#head)"/>${label}`;
}

const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" role="img" font-family="system-ui, sans-serif">
<title>A coordinator puts jobs on the queue’s server, workers on other computers take them and put results there; all read the photos from a share</title>
<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0L8 4L0 8Z" class="head"/></marker></defs>
<style>text{fill:#1f1d1b}.muted{fill:#66615b}.line{fill:none;stroke:#a09a92;stroke-width:1.6}.head{fill:#a09a92}.box{stroke:#dcd8d2}.coordinator{fill:#f7efd9}.server{fill:#e2ecec}.worker{fill:#e6efe0}.photos{fill:#efedea}@media(prefers-color-scheme:dark){text{fill:#f1eeea}.muted{fill:#a8a29a}.box{stroke:#3a3734}.coordinator{fill:#33291a}.server{fill:#1d2c2e}.worker{fill:#223022}.photos{fill:#252321}}</style>
${[...ARROWS.map(arrow), ...BOXES.map(box)].join('\n')}
</svg>
`;
fs.writeFileSync(path.join(__dirname, '../docs/many-machines.svg'), svg);
