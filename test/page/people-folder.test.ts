import { mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { clustersOf } from '../../src/clustering/clusters';
import { leadToPage } from '../../src/result/export/gallery/lead-to-page';
import { readClusters } from '../../src/result/export/json';
import { PhotoSet } from '../../src/result/originals/photo-set';
import { buildResult } from '../../src/result/publish/folder';
import { type Clustering, writeResult } from '../../src/result/result';
import { describeWithBrowser, viewShown } from '../support/browser';
import { clustersSchemaErrors } from '../support/clusters-schema';
import { face, useCollection } from '../support/collection';
import { useTempFolder } from '../support/files';

const temp = useTempFolder();
const { photo } = useCollection(temp);

const TO = '.data/page/index.html';

/**
 * The page of a folder of people, in which the photos of person 1, `Anna & Co; #1 (2)`, lie, and that of nobody. Person 12 has no
 * folder, and somebody is not to be shown.
 */
async function makePeopleFolder(): Promise<string> {
  const people = temp('people');
  const folders = new Map([
    [1, 'Anna & Co; #1 (2)'],
    [-1, 'Not sorted'],
  ]);
  const records = [
    face(photo('a %20.jpg'), 0),
    face(photo('b.jpg'), 0),
    face(photo('hidden.jpg'), 3),
    face(photo('c.jpg'), 1),
    face(photo('d.jpg'), 2),
  ];
  const HIDDEN = -2;
  const labels = [1, 1, HIDDEN, 12, -1];
  for (const [i, label] of labels.entries()) {
    const folder = folders.get(label);
    if (folder === undefined) continue;
    mkdirSync(join(people, folder), { recursive: true });
    const { imagePath } = records[i] as { imagePath: string };
    writeFileSync(join(people, folder, basename(imagePath)), readFileSync(imagePath));
  }
  const photos = new PhotoSet(records, undefined, () => {}, 'sort');
  await photos.locate(undefined, undefined, () => {});
  const clustering: Clustering = {
    records,
    clusters: clustersOf(
      labels,
      records.map(({ encoding }) => encoding),
    ).filter(({ label }) => label !== HIDDEN),
    several: new Map(),
    photos,
    unclear: records.map(() => false),
    known: undefined,
    encodings: 'encodings.pickle',
    parameters: { method: 'linkage', threshold: 0.5, mirrored: false, keepUnclear: false, minSamples: 1 },
    names: new Map([[1, 'Anna']]),
    placed: (label, imagePath) =>
      folders.has(label) ? `../../${folders.get(label)}/${basename(imagePath)}` : undefined,
    folders: (label) => folders.get(label) && `../../${folders.get(label)}`,
  };
  await buildResult(join(people, '.data/page'), (result, target) =>
    writeResult(result, target, clustering, {
      files: 'none',
      layout: 'photos',
      gallery: true,
      csv: true,
      montage: {
        layout: { columns: 2, rows: 2, tileWidth: 32, tileHeight: 32 },
        order: 'random',
        all: false,
        seed: 0,
      },
      maxPixels: 1e8,
      maxMemory: 1e9,
      jobs: 1,
      signal: undefined,
      onDone: () => {},
    }),
  );
  return people;
}

describeWithBrowser('the page of a folder of people', (browser) => {
  test('shows the photos in that folder, and still does when all of it was moved', async () => {
    const before = await makePeopleFolder();
    expect(await leadToPage(before, TO)).toBe(true);
    const people = temp('moved to', 'people #2');
    mkdirSync(temp('moved to'));
    renameSync(before, people);
    // The photos that were put there are gone: what is shown is what the folder has.
    renameSync(temp('photos'), temp('elsewhere'));
    const { page, troubles, requests } = await browser.open(join(people, 'index.html'));
    await viewShown(page, '2 people');
    expect(page.url()).toBe(pathToFileURL(join(people, TO)).href);
    expect(await page.locator('.people h2').allTextContents()).toEqual([
      'Anna',
      'Person 12',
      'Unsorted faces',
    ]);
    // Neither has it numbers that say nothing to people, nor a search that knows of files alone.
    await page.getByRole('searchbox', { name: 'Search by name or file name' }).waitFor();
    for (const [address, name, folder] of [
      ['#person-1', 'a %20.jpg', 'Anna & Co; #1 (2)'],
      ['#others', 'd.jpg', 'Not sorted'],
    ] as const) {
      await page.goto(`${pathToFileURL(join(people, TO)).href}${address}`);
      await page.getByRole('link', { name: 'Open the folder' }).waitFor();
      const shown: string = await page.evaluate('document.querySelector(".summary a").href');
      expect(fileURLToPath(shown)).toBe(join(people, folder, '/'));
      await page.getByRole('link', { name }).click();
      await page.locator('.box').waitFor();
      const photo = decodeURIComponent(pathToFileURL(join(people, folder, name)).href);
      expect(requests.map(decodeURIComponent)).toContain(photo);
    }
    await page.goto(`${pathToFileURL(join(people, TO)).href}#search=photos/`);
    await page.locator('.summary', { hasText: '4 photos' }).waitFor();
    await page.goto(`${pathToFileURL(join(people, TO)).href}#person-12`);
    await viewShown(page, 'Person 12');
    expect(await page.getByRole('link', { name: 'Open the folder' }).count()).toBe(0);
    expect(await page.locator('.faces .detail, .hint:visible').allTextContents()).toEqual([
      '25 January 2017',
    ]);
    expect(troubles).toEqual([]);
  });

  test('is led to by a link where the browser does not go there by itself', async () => {
    const people = await makePeopleFolder();
    await leadToPage(people, TO);
    const html = readFileSync(join(people, 'index.html'), 'utf8');
    writeFileSync(join(people, 'index.html'), html.replace(/.*http-equiv="refresh".*\n/, ''));
    const { page, troubles } = await browser.open(join(people, 'index.html'));
    await page.getByRole('link', { name: 'Show the people on your photos' }).click();
    await viewShown(page, '2 people');
    expect(troubles).toEqual([]);
  });
});

test('clusters.json names people, their numbers and where their photos are', async () => {
  const people = await makePeopleFolder();
  const data = await readClusters(join(people, '.data/page/clusters.json'));
  expect(clustersSchemaErrors(data)).toEqual([]);
  expect(data.lastingLabels).toBe(true);
  expect(data.people.map(({ label, name, folder }) => [label, name, folder])).toEqual([
    [1, 'Anna', '../../Anna & Co; #1 (2)'],
    [12, null, null],
  ]);
  expect(data.unclustered).toMatchObject({ label: -1, name: null, folder: '../../Not sorted' });
  expect(data.people.flatMap(({ faces }) => faces.map(({ file }) => file))).toEqual([
    '../../Anna & Co; #1 (2)/a %20.jpg',
    '../../Anna & Co; #1 (2)/b.jpg',
    // In no folder: where it was found.
    '../../../photos/c.jpg',
  ]);
  const table = readFileSync(join(people, '.data/page/clusters.csv'), 'utf8');
  expect(readdirSync(join(people, '.data/page/thumbnails')).length).toBe(8);
  expect(table.split('\r\n').map((line) => line.split(',').at(-1))).toEqual([
    'name',
    'Anna',
    'Anna',
    '',
    '',
    '',
  ]);
});

describe('the page that leads to another', () => {
  test('is written only where it is missing or another one of ours, and never over somebody else’s', async () => {
    const path = temp('index.html');
    expect(await leadToPage(temp(), TO)).toBe(true);
    const { ino } = statSync(path);
    expect(await leadToPage(temp(), TO)).toBe(true);
    expect(statSync(path).ino).toBe(ino);
    expect(await leadToPage(temp(), 'other #2/index.html')).toBe(true);
    expect(readFileSync(path, 'utf8')).toContain('href="other%20%232/index.html"');
    writeFileSync(path, '<h1>My photos</h1>');
    expect(await leadToPage(temp(), TO)).toBe(false);
    expect(readFileSync(path, 'utf8')).toBe('<h1>My photos</h1>');
  });
});
