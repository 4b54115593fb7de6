#!/usr/bin/env node
'use strict';
/*
 * Draws README's first picture, docs/people.svg: the folder that `sort` makes, and its page. The people on it are drawn: photos
 * of people do not belong into a repository.
 */
const fs = require('node:fs');
const path = require('node:path');

const WIDTH = 960;
const HEIGHT = 366;
const FOLDER = { left: 16, top: 16, width: 250, height: 334 };
const PAGE = { left: 282, top: 16, width: 662, height: 334 };

const PEOPLE = [
  { title: 'Anna', photos: 135, skin: '#e8b796', hair: '#5b3a29', shirt: '#c8553d', style: 'long' },
  { title: 'Ben', photos: 77, skin: '#8d5a3b', hair: '#241a15', shirt: '#2f6f8f', style: 'short' },
  { title: 'Person 03', photos: 21, skin: '#f0c9a8', hair: '#8d8780', shirt: '#6a7f4f', style: 'bald' },
  { title: 'Person 04', photos: 9, skin: '#d39a6f', hair: '#1f1b1d', shirt: '#8a5a9c', style: 'bun' },
];
/** What is behind people: sky, grass, a wall, an evening, sand, a room. */
const BACKGROUNDS = ['#a9cbe0', '#b9cfa4', '#ddd3c6', '#e3b98f', '#e6dcb5', '#b7b3c4'];

const HAIR = {
  long: '<path d="M24 50C20 10 80 10 76 50L80 86H66L68 46Q50 40 32 46L34 86H20Z"/>',
  short: '<path d="M27 46C22 12 78 12 73 46Q68 30 50 31Q32 30 27 46Z"/>',
  bald: '<path d="M26 52Q22 40 28 32Q28 44 30 54ZM74 52Q78 40 72 32Q72 44 70 54Z"/>',
  bun: '<circle cx="50" cy="13" r="10"/><path d="M26 50C20 12 80 12 74 50Q70 33 50 34Q30 33 26 50Z"/>',
};

/** A person without a background, 100 by 100. */
function person({ skin, hair, shirt, style }, i) {
  const [behind, before] = style === 'long' ? [HAIR.long, HAIR.short] : ['', HAIR[style]];
  return (
    `<symbol id="p${i}" viewBox="0 0 100 100" overflow="visible"><g fill="${hair}">${behind}</g>` +
    `<path fill="${shirt}" d="M8 112Q10 76 50 76Q90 76 92 112Z"/><path fill="${skin}" d="M41 62H59V80Q50 86 41 80Z"/>` +
    `<ellipse cx="50" cy="48" rx="23" ry="28" fill="${skin}"/><g fill="${hair}">${before}</g></symbol>`
  );
}

/** A photo of a person: each is a little different. */
function photo(who, number, x, y, size) {
  const turn = ((number * 7 + who * 3) % 5) * 5 - 10;
  const scale = 0.92 + ((number * 5) % 4) * 0.07;
  const left = 50 - 50 * scale + (((number * 3 + who) % 5) - 2) * 3;
  return (
    `<g clip-path="url(#photo)" transform="translate(${x} ${y}) scale(${(size / 100).toFixed(4)})">` +
    `<path d="M0 0H100V100H0Z" fill="${BACKGROUNDS[(number + who * 2) % BACKGROUNDS.length]}"/>` +
    `<use href="#p${who}" width="100" height="100" transform="translate(${left.toFixed(1)} ${(104 - 100 * scale).toFixed(1)}) scale(${scale}) rotate(${turn} 50 100)"/></g>`
  );
}

/** The six photos of a person on the page: a large one, five small ones. */
function cover(who, x, y, size) {
  const small = (size - 4) / 3;
  const places = [
    [0, 0, 2 * small + 2],
    [2, 0, small],
    [2, 1, small],
    [0, 2, small],
    [1, 2, small],
    [2, 2, small],
  ];
  const at = (start, place) => (start + place * (small + 2)).toFixed(1);
  return places.map(([column, row, width], i) => photo(who, i, at(x, column), at(y, row), width)).join('');
}

const text = (x, y, what, attributes = '') => `<text x="${x}" y="${y}"${attributes}>${what}</text>`;
const frame = ({ left, top, width, height }) =>
  `<rect class="frame" x="${left}" y="${top}" width="${width}" height="${height}" rx="10"/>`;

function folder() {
  const { left, top, width } = FOLDER;
  const folders = [...PEOPLE.map(({ title, photos }) => `${title} (${photos})`), 'Not sorted', 'Too unclear'];
  const icon = (x, y) =>
    `<path class="folder" d="M${x} ${y + 3}q0-3 3-3h5l3 3h8q3 0 3 3v8q0 3-3 3h-16q-3 0-3-3z"/>`;
  const line = (i) => top + 70 + i * 36;
  return [
    frame(FOLDER),
    text(left + 18, top + 28, 'people', ' font-weight="600"'),
    `<path class="line" d="M${left} ${top + 44}h${width}"/>`,
    ...folders.flatMap((name, i) => [icon(left + 18, line(i) - 13), text(left + 50, line(i) + 1, name)]),
    `<rect class="file" x="${left + 20}" y="${line(folders.length) - 14}" width="16" height="19" rx="2"/>`,
    text(left + 50, line(folders.length) + 1, 'index.html'),
  ];
}

function page() {
  const { left, top, width } = PAGE;
  const gap = 16;
  const inside = width - 48;
  const size = (inside - (PEOPLE.length - 1) * gap) / PEOPLE.length;
  const photos = PEOPLE.reduce((sum, person) => sum + person.photos, 0);
  return [
    frame(PAGE),
    `<rect class="here" x="${left + 16}" y="${top + 9}" width="74" height="27" rx="13.5"/>`,
    text(left + 30, top + 27, 'People', ' font-size="14" font-weight="500"'),
    text(left + 110, top + 27, 'Photos', ' class="muted" font-size="14"'),
    text(left + 180, top + 27, 'Same person? 3', ' class="muted" font-size="14"'),
    `<rect class="search" x="${left + width - 204}" y="${top + 9}" width="180" height="27" rx="13.5"/>`,
    text(left + width - 190, top + 27, 'Search', ' class="muted" font-size="13"'),
    `<path class="line" d="M${left} ${top + 44}h${width}"/>`,
    text(left + 24, top + 86, `${PEOPLE.length} people`, ' font-size="26" font-weight="650"'),
    text(left + 24, top + 110, `${photos + 32} faces on 221 photos`, ' class="muted" font-size="14"'),
    ...PEOPLE.flatMap(({ title, photos: own }, i) => {
      const x = left + 24 + i * (size + gap);
      const y = top + 130;
      return [
        `<g clip-path="url(#cover${i})">${cover(i, x, y, size)}</g>`,
        `<clipPath id="cover${i}"><rect x="${x}" y="${y}" width="${size}" height="${size}" rx="12"/></clipPath>`,
        ...(/^Person/.test(title)
          ? [
              text(x, y + size + 24, 'Add a name', ' class="link" font-weight="600"'),
              text(x, y + size + 42, `${title} · ${own} photos`, ' class="muted" font-size="13"'),
            ]
          : [
              text(x, y + size + 24, title, ' font-weight="600"'),
              text(x, y + size + 42, `${own} photos`, ' class="muted" font-size="13"'),
            ]),
      ];
    }),
  ];
}

const svg = [
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="system-ui, sans-serif" font-size="15" role="img" aria-label="A folder &quot;people&quot; with a folder for each person, and the page that shows them: Anna, Ben, and two who have no name yet">`,
  '<style>text{fill:#1f1d1b}.muted{fill:#66615b}.link{fill:#1c6470}.here{fill:#dae3e4}.frame{fill:#faf9f7;stroke:#dcd8d2}.line{stroke:#dcd8d2}.search{fill:#efedea;stroke:#a09a92}.folder{fill:#d9a441}.file{fill:#efedea;stroke:#a09a92}' +
    '@media(prefers-color-scheme:dark){text{fill:#f1eeea}.muted{fill:#a8a29a}.link{fill:#83c9d4}.here{fill:#25302f}.frame{fill:#161514;stroke:#3a3734}.line{stroke:#3a3734}.search,.file{fill:#252321}}</style>',
  '<clipPath id="photo"><path d="M0 0H100V100H0Z"/></clipPath>',
  ...PEOPLE.map(person),
  ...folder(),
  ...page(),
  '</svg>',
];

fs.writeFileSync(path.join(__dirname, '../docs/people.svg'), `${svg.join('\n')}\n`);
