#!/usr/bin/env node
'use strict';
/*
 * node scripts/page-pictures.js [OUTPUT]: photographs the page of people as `view` serves it, on the photos of the demo (see
 * demo-photos.js): each view at widths from a phone's to a large screen's, light and dark, for looking at what a change of its
 * style has done everywhere. OUTPUT is a new folder, `demo/pictures` unless given; the photos on the pictures are not ours to
 * pass on.
 *
 * It takes `npm run build:ts` and Chromium.
 */
const { spawn, spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { chromium } = require('playwright-core');
const { demoPhotos } = require('./demo-photos');
const { findProgram, inRoot } = require('./setup/project');

const COMMAND = inRoot('lib/cli/main.js');
const SIZES = [
  [390, 844],
  [820, 1180],
  [1280, 800],
  [1920, 1080],
];
const SCHEMES = ['light', 'dark'];

/** Sorts so strictly that the same people are many: there is something to ask, to name and to merge. */
async function sort(folder) {
  const { sortPhotos } = require('../lib');
  const photos = demoPhotos().map(({ path: photo }) => photo);
  await sortPhotos({ photos, output: folder, method: 'hog', threshold: 0.35, minPhotos: 1 });
  for (const [person, name] of [
    ['1', 'Franck'],
    ['2', 'Maximiliane von und zu Löwenstein-Wertheim-Rosenberg'],
    ['3', 'נועה'],
  ]) {
    spawnSync(process.execPath, [COMMAND, 'name', person, name, '-o', folder], { stdio: 'inherit' });
  }
}

/** Starts `view`. @returns its address and how to end it */
async function serve(folder) {
  const child = spawn(process.execPath, [COMMAND, 'view', folder, '--no-open'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const address = await new Promise((resolve, reject) => {
    let said = '';
    child.stdout.on('data', (text) => {
      said += text;
      const [found] = /^http:\S+(?=\n)/m.exec(said) ?? [];
      if (found) resolve(found);
    });
    child.on('exit', (code) => reject(new Error(`view ended with ${code}`)));
  });
  return { address, stop: () => child.kill('SIGINT') };
}

/** Selects the first items of a list. */
async function select(page, list, items) {
  await page.locator(`${list} a`).first().focus();
  await page.keyboard.press('Space');
  for (let i = 1; i < items; i++) await page.keyboard.press('Shift+ArrowRight');
}

/** What is photographed: the address behind `#`, and what is done there before. */
const VIEWS = {
  people: { hash: '#people' },
  'people-selected': {
    hash: '#people',
    async act(page) {
      await select(page, '.people', 2);
    },
  },
  person: { hash: '#person-1' },
  'person-photos': { hash: '#person-1?show=photos' },
  'person-long-name': { hash: '#person-2' },
  'person-selected': {
    hash: '#person-1',
    async act(page) {
      await select(page, '.faces', 3);
    },
  },
  unsorted: { hash: '#unsorted' },
  unclear: { hash: '#unclear' },
  photos: { hash: '#photos' },
  viewer: {
    hash: '#person-1',
    async act(page) {
      await page.locator('.faces a').nth(1).click();
      await page.locator('#viewer .box').first().waitFor();
    },
  },
  questions: { hash: '#questions' },
  history: { hash: '#history' },
  hidden: { hash: '#hidden' },
  search: { hash: '#search=fran' },
  'search-nothing': { hash: '#search=xyz' },
};

/** Waits until all pictures on the screen are there. */
async function settle(page) {
  await page.locator('h1').first().waitFor();
  await page.waitForLoadState('networkidle');
  await page.evaluate(() => {
    const shown = [...document.images].filter((image) => image.getBoundingClientRect().top < innerHeight);
    return Promise.all(shown.map((image) => image.decode().catch(() => {})));
  });
}

async function main(output = inRoot('demo/pictures'), only = '') {
  if (fs.existsSync(output)) throw new Error(`${output} is there already; give a new folder.`);
  fs.mkdirSync(output, { recursive: true });
  const folder = path.join(output, 'people');
  await sort(folder);
  const { address, stop } = await serve(folder);
  const browser = await chromium.launch({
    executablePath: findProgram('chromium') ?? findProgram('google-chrome'),
    args: ['--no-sandbox', '--disable-gpu'],
  });
  try {
    for (const [width, height] of SIZES) {
      for (const colorScheme of SCHEMES) {
        const phone = width < 500;
        const context = await browser.newContext({
          viewport: { width, height },
          colorScheme,
          hasTouch: phone,
          isMobile: phone,
        });
        const page = await context.newPage();
        page.on('console', (message) => console.error(`${message.type()}: ${message.text()}`));
        await page.goto(address);
        for (const [name, { hash, act }] of Object.entries(VIEWS)) {
          if (!name.startsWith(only)) continue;
          await page.evaluate((at) => location.assign(at), hash);
          await settle(page);
          await act?.(page);
          await settle(page);
          await page.screenshot({ path: path.join(output, `${name}-${width}-${colorScheme}.png`) });
          await page.keyboard.press('Escape');
        }
        await context.close();
      }
    }
  } finally {
    await browser.close();
    stop();
  }
}

main(...process.argv.slice(2)).catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
