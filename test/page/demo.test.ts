import { copyFileSync, mkdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { clusterFaces } from '../../src/cluster';
import { encodeFaces } from '../../src/encode/encode';
import { closeViewer, describeWithBrowser, viewShown } from '../support/browser';
import { PORTRAITS, samplePhoto, useTempFolder } from '../support/files';

const temp = useTempFolder();

const SAME = [
  ['franck_02159.jpg', 'franck_02221.jpg', 'franck_03909.jpg'],
  ['audrey.jpg', 'audrey_crop.jpg'],
  ['Justin-Bieber2_crop.jpg', 'bieber_small.jpg'],
  // Photos of three people each, one of them on both.
  ['sample1.jpg', 'sample3.jpg'],
];
const ALONE = 'obama4_crop.jpg';

describeWithBrowser('the gallery of real photos', (browser) => {
  test('shows the right people and counts, and each box where the face was found', async () => {
    const dataset = join(temp(), 'photos');
    mkdirSync(dataset);
    for (const name of [...SAME.flat(), ALONE]) {
      const from = name.startsWith('sample') ? samplePhoto(name) : join(PORTRAITS, name);
      copyFileSync(from, join(dataset, name));
    }
    const encodings = join(temp(), 'faces.pickle');
    await encodeFaces({ dataset, encodings });
    const output = join(temp(), 'people');
    const { data, gallery } = await clusterFaces({ encodings, output, minSamples: 2 });

    const { page, troubles } = await browser.open(gallery ?? 'none');
    await viewShown(page, '4 people');
    expect(await page.locator('.summary').textContent()).toBe('14 faces on 10 photos · 5 unsorted faces');
    expect((await page.locator('.people p').allTextContents()).sort()).toEqual(
      ['3 photos', '2 photos', '2 photos', '2 photos', '3 photos, 5 faces'].sort(),
    );
    const people: string[][] = [];
    for (const { label, faces } of data.people) {
      await page.goto(`${page.url().replace(/#.*/, '')}#person-${label}`);
      await viewShown(page, `Person ${label}`);
      people.push((await page.locator('.faces .name').allTextContents()).sort());
      for (const { photo, box, photoWidth } of [...faces].sort(
        (a, b) => (a.distance ?? 0) - (b.distance ?? 0),
      )) {
        await page
          .getByRole('link', { name: basename(photo), exact: false })
          .first()
          .click();
        await page.locator('.box').waitFor();
        const [frame, drawn] = await Promise.all([
          page.locator('.frame').boundingBox(),
          page.locator('.box').boundingBox(),
        ]);
        if (!frame || !drawn || !photoWidth) throw new Error(`${photo} is not shown with a box`);
        const scale = frame.width / photoWidth;
        expect(drawn.x - frame.x).toBeCloseTo(box.left * scale, 0);
        expect(drawn.y - frame.y).toBeCloseTo(box.top * scale, 0);
        expect(drawn.width).toBeCloseTo((box.right - box.left) * scale, 0);
        expect(drawn.height).toBeCloseTo((box.bottom - box.top) * scale, 0);
        await closeViewer(page);
      }
    }
    expect(people.sort()).toEqual([...SAME].sort());
    const broken = `[...document.images].filter((image) => image.complete && image.naturalWidth === 0).length`;
    expect(await page.evaluate(broken)).toBe(0);
    expect(troubles).toEqual([]);
  });
});
