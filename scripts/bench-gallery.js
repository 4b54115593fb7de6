#!/usr/bin/env node
'use strict';
/*
 * What `cluster` makes of many faces, and how its page does in headless Chromium: time to write it all, also again with another
 * eps, its size, time until what is on the screen is there, and how evenly it scrolls.
 *
 * npm run bench:gallery              20,000 faces, a photo each: some minutes, and a GB in the folder for temporary files
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
const { clusterFaces, writeEncodings } = require('../lib');

const DIFFERENT = 64;
const PHOTO = { width: 1024, height: 768 };
const EPS = 0.5;

/** Photos of painted noise; only so many look different, but no two files are the same. */
async function makePhotos(folder, n) {
  fs.mkdirSync(folder);
  const different = await Promise.all(
    Array.from({ length: DIFFERENT }, (_, i) => {
      const noise = { type: 'gaussian', mean: 60 + 2 * i, sigma: 12 };
      return sharp({ create: { ...PHOTO, channels: 3, background: '#888', noise } })
        .blur(1)
        .jpeg()
        .toBuffer();
    }),
  );
  return Array.from({ length: n }, (_, i) => {
    const file = path.join(folder, `IMG_${String(i).padStart(6, '0')}.JPG`);
    // What is behind the end of a JPEG is not looked at.
    fs.writeFileSync(file, Buffer.concat([different[i % DIFFERENT], Buffer.from(String(i))]));
    return file;
  });
}

/** Who is on each photo; -1 is nobody that is on another one. */
function whoIsWho(n) {
  const labels = [];
  const add = (label, size) => {
    for (let i = 0; i < size && labels.length < n; i++) labels.push(label);
  };
  add(0, Math.floor(n / 2));
  for (let person = 1; labels.length < 0.8 * n; person++) {
    add(person, Math.min(0.8 * n - labels.length, 2 + (person % 40)));
  }
  add(-1, n);
  return labels;
}

/** Faces of one person are up to 0.15 apart, those of different people more than 0.6. */
function encodingOf(label, i) {
  const encoding = new Float64Array(128);
  let state = label < 0 ? 1e6 + i : label + 1;
  const random = () => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647 - 0.5;
  };
  for (let k = 0; k < 128; k++) encoding[k] = random();
  const length = Math.hypot(...encoding) / 0.7;
  for (let k = 0; k < 128; k++) encoding[k] /= length;
  encoding[i % 128] += 0.1 * ((i % 1000) / 1000);
  return encoding;
}

function sizeOf(...folders) {
  const files = folders.flatMap((folder) =>
    fs.readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()),
  );
  const bytes = files.reduce((sum, e) => sum + fs.statSync(path.join(e.parentPath, e.name)).size, 0);
  return `${(bytes / 1e6).toFixed(1)} MB in ${files.length} files`;
}

/** Runs `cluster` and returns how long it took, and what it found. */
async function measureCluster(options) {
  const cpu = process.cpuUsage();
  const summary = await clusterFaces({ ...options, minSamples: 2 });
  const { user, system } = process.cpuUsage(cpu);
  return {
    summary,
    took: `${summary.seconds.toFixed(1)} s, ${((user + system) / 1e6).toFixed(1)} s of CPU time`,
  };
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
    const load = os.loadavg()[0].toFixed(1);
    const photos = await makePhotos(path.join(folder, 'photos'), n);
    const encodings = path.join(folder, 'faces.pickle');
    const [width, height] = [PHOTO.width / 4, PHOTO.height / 4];
    const loc = { top: height, right: 2 * width, bottom: 2 * height, left: width };
    await writeEncodings(
      encodings,
      whoIsWho(n).map((label, i) => ({ imagePath: photos[i], loc, encoding: encodingOf(label, i) })),
    );
    const output = path.join(folder, 'people');
    const { summary, took } = await measureCluster({ encodings, output, eps: EPS });
    console.log(`${n} faces, ${summary.people.length} people, ${summary.unclustered} faces of nobody`);
    console.log(`load of the machine before: ${load} on ${os.availableParallelism()} cores`);
    console.log(`clustered, folders, pictures and page written: ${took}`);
    console.log(
      `again, with another eps: ${(await measureCluster({ encodings, output, eps: EPS - 0.05 })).took}`,
    );
    console.log(`page and its data: ${sizeOf(path.join(output, 'gallery'))}`);
    console.log(`small pictures: ${sizeOf(path.join(output, 'thumbnails'))}`);

    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    let since = performance.now();
    await page.goto(pathToFileURL(path.join(output, 'index.html')).href);
    console.log(`opened in ${await untilShown(page, since, page.locator('.people h2'))}`);
    console.log(`all people, scrolled by ${await scroll(page)}`);
    await page.evaluate(() => scrollTo(0, 0));
    since = performance.now();
    await page.locator('a[href="#person-0"]').click();
    console.log(
      `person of ${n / 2} faces opened in ${await untilShown(page, since, page.locator('.faces li'))}`,
    );
    console.log(`their faces, scrolled by ${await scroll(page)}`);
    since = performance.now();
    await page.locator('header a[href="#photos"]').click();
    console.log(`all photos opened in ${await untilShown(page, since, page.locator('.photos a[href]'))}`);
    console.log(`all photos, scrolled by ${await scroll(page)}`);
    since = performance.now();
    await page.evaluate(() => {
      location.hash = '#photos?with=0&without=1,2';
    });
    console.log(
      `photos of one person without two others in ${await untilShown(page, since, page.locator('h1', { hasText: 'not' }))}`,
    );
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
