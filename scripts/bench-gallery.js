#!/usr/bin/env node
'use strict';
/*
 * The gallery of many faces in headless Chromium: time to write it, its size, time until what is on the screen is there, and
 * how evenly it scrolls.
 *
 * npm run bench:gallery              20,000 faces
 * npm run bench:gallery -- 100000    another number
 *
 * Half of the faces are one person's, a fifth nobody's, the others' are of people of all sizes: the worst for long lists.
 * Needs the compiled lib/ (npm run build) and Chromium. Prints what it measures.
 */
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { pathToFileURL } = require('node:url');
const sharp = require('sharp');
const { chromium } = require('playwright-core');
const { writeGallery } = require('../lib/gallery/write');

const PICTURES = 64;

/** Small pictures as large as those of faces are; a face each, but only so many different ones. */
async function makePictures(folder, n) {
  const different = await Promise.all(
    Array.from({ length: PICTURES }, (_, i) => {
      const background = { r: (40 * i) % 256, g: (90 * i) % 256, b: 120 };
      const noise = { type: 'gaussian', mean: 128, sigma: 12 };
      return sharp({ create: { width: 192, height: 192, channels: 3, background, noise } })
        .webp({ quality: 75 })
        .toBuffer();
    }),
  );
  for (let i = 0; i < n; i++) {
    const file = path.join(folder, pictureOf(i));
    if (i < 256) fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, different[i % PICTURES]);
  }
  return different.reduce((sum, { length }) => sum + length, 0) / PICTURES;
}

function pictureOf(i) {
  return `thumbnails/${(i % 256).toString(16).padStart(2, '0')}/${i}.webp`;
}

function makeData(n) {
  let next = 0;
  const cluster = (label, size) => ({
    label,
    photos: size,
    folder: `label${label}`,
    montages: [],
    representative: label < 0 ? null : next,
    faces: Array.from({ length: size }, () => {
      const index = next++;
      return {
        index,
        photo: `photos/2019/07 Summer holidays/IMG_${String(index).padStart(6, '0')}.JPG`,
        box: { top: 200, right: 700, bottom: 700, left: 200 },
        distance: label < 0 ? null : (index % 1000) / 2000,
        file: `label${label}/IMG_${String(index).padStart(6, '0')}.JPG`,
        crop: null,
        thumbnail: pictureOf(index),
        photoThumbnail: pictureOf(index),
        photoWidth: 4000,
        photoHeight: 3000,
      };
    }),
  });
  const people = [cluster(0, Math.floor(n / 2))];
  while (next < 0.8 * n)
    people.push(cluster(people.length, Math.min(0.8 * n - next, 2 + (people.length % 40))));
  const unclustered = cluster(-1, n - next);
  return {
    program: { version: '0.0.0' },
    encodings: { file: 'faces.pickle', faces: n, photos: n },
    parameters: { eps: 0.5, minSamples: 2, seed: 0 },
    people,
    unclustered,
    problems: [],
  };
}

function sizeOf(folder) {
  const files = fs.readdirSync(folder, { recursive: true, withFileTypes: true }).filter((e) => e.isFile());
  const bytes = files.reduce((sum, e) => sum + fs.statSync(path.join(e.parentPath, e.name)).size, 0);
  return `${(bytes / 1e6).toFixed(1)} MB in ${files.length} files`;
}

/** Waits until all pictures on the screen are there, and have been drawn; returns the seconds since `begun`. */
async function untilShown(page, begun, what) {
  await what.first().waitFor();
  await page.evaluate(async () => {
    const onScreen = ({ top, bottom }) => bottom > 0 && top < innerHeight;
    const complete = () =>
      [...document.images].every((image) => image.complete || !onScreen(image.getBoundingClientRect()));
    while (!complete()) await new Promise(requestAnimationFrame);
    await new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)));
  });
  return `${((performance.now() - begun) / 1000).toFixed(2)} s`;
}

/** Scrolls with the wheel, as fast as people do, and returns how far and the times between frames. */
async function scroll(page) {
  await page.mouse.move(640, 400);
  await page.evaluate(() => {
    const times = [];
    window.frameTimes = times;
    const frame = (now) => {
      times.push(now);
      if (window.frameTimes === times) requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
  });
  for (let i = 0; i < 150; i++) await page.mouse.wheel(0, 400);
  const { times, down, items } = await page.evaluate(() => ({
    times: window.frameTimes,
    down: Math.round(scrollY),
    items: document.querySelectorAll('main li').length,
  }));
  const gaps = times.slice(1).map((time, i) => time - times[i]);
  gaps.sort((a, b) => a - b);
  const at = (part) => `${gaps[Math.floor(part * (gaps.length - 1))].toFixed(0)} ms`;
  return `${down} pixels, ${items} items: ${gaps.length} frames, median ${at(0.5)}, 95 % within ${at(0.95)}, longest ${at(1)}`;
}

async function main() {
  const n = Number(process.argv[2] ?? 20_000);
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'bench-gallery-'));
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update'],
  });
  try {
    const bytes = await makePictures(folder, n);
    const data = makeData(n);
    const cpu = process.cpuUsage();
    const begun = performance.now();
    await writeGallery(folder, data);
    const { user, system } = process.cpuUsage(cpu);
    const seconds = ((performance.now() - begun) / 1000).toFixed(2);
    console.log(`${n} faces, ${data.people.length} people, ${data.unclustered.faces.length} faces of nobody`);
    console.log(`load of the machine: ${os.loadavg()[0].toFixed(1)} on ${os.availableParallelism()} cores`);
    console.log(`written in ${seconds} s, ${((user + system) / 1e6).toFixed(2)} s of it CPU time`);
    console.log(`size: ${sizeOf(path.join(folder, 'gallery'))}; pictures of ${Math.round(bytes)} bytes each`);

    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    let since = performance.now();
    await page.goto(pathToFileURL(path.join(folder, 'index.html')).href);
    console.log(`opened in ${await untilShown(page, since, page.locator('.people h2'))}`);
    console.log(`all people, scrolled by ${await scroll(page)}`);
    await page.evaluate(() => scrollTo(0, 0));
    since = performance.now();
    await page.locator('.people a').first().click();
    console.log(
      `person of ${n / 2} faces opened in ${await untilShown(page, since, page.locator('.faces li'))}`,
    );
    console.log(`their faces, scrolled by ${await scroll(page)}`);
    since = performance.now();
    await page.locator('#query').fill('IMG_001');
    console.log(
      `first search in ${await untilShown(page, since, page.locator('h1', { hasText: 'Search' }))}`,
    );
    since = performance.now();
    await page.locator('#query').fill('IMG_0012');
    console.log(`next search in ${await untilShown(page, since, page.locator('h1', { hasText: '0012' }))}`);
  } finally {
    await browser.close();
    fs.rmSync(folder, { recursive: true });
  }
}

main();
