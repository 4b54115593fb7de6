import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { groupBy } from '../../src/base/maps';
import { SplitMix64 } from '../../src/base/random';
import type { Box, FaceRecord } from '../../src/base/types';
import { linkageClusterer } from '../../src/clustering/clusterer';
import { facesToCluster, type KnownFaces } from '../../src/clustering/faces-to-cluster';
import { type DecodedImage, decodeImage, FaceEngine } from '../../src/index';
import { describeWithShared } from '../support/shared';

/** A score at which the HOG detector doubts, and the CNN detector is asked. */
const DOUBTFUL = 0.3;

/** What HOG takes for faces where there is none, made from a photo with one: the photo to look at, and the box. */
async function badBox(photo: DecodedImage, face: Box, kind: number, random: SplitMix64) {
  const { width, height } = photo;
  const size = face.right - face.left;
  const raw = { raw: { width, height, channels: 3 as const } };
  const moved = (left: number, top: number, side: number) => ({
    photo: { ...photo, data: new Uint8Array(photo.data) },
    box: { top, right: left + side, bottom: top + side, left },
  });
  switch (kind) {
    case 0: {
      const data = await sharp(photo.data, raw)
        .blur(size / 10)
        .raw()
        .toBuffer();
      return { photo: { ...photo, data: new Uint8Array(data) }, box: face };
    }
    // A chin, an ear, a shoulder.
    case 1: {
      const side = random.below(2) === 0 ? 0.7 : -0.7;
      return moved(Math.round(face.left + side * size), Math.round(face.top + 0.5 * size), size);
    }
    // Clothes, or what is in the background.
    default: {
      const side = Math.floor(Math.min(width, height) / 4);
      return moved(random.below(Math.ceil(width / 3)), Math.floor(height * 0.65), side);
    }
  }
}

describeWithShared('unclear faces', (shared) => {
  test('200 bad boxes among the faces of five players make nobody, and no player is lost', async () => {
    using engine = new FaceEngine();
    const folder = join(shared, 'data/players');
    const records: FaceRecord[] = [];
    const faces: NonNullable<KnownFaces['faces'][number]>[] = [];
    const isBad: boolean[] = [];
    const random = new SplitMix64(1n);
    const measures = { mirror: true, confirm: true };
    const names = readdirSync(folder).filter((name) => /[.](jpe?g|png)$/i.test(name));
    for (const [i, name] of names.sort().entries()) {
      const path = join(folder, name);
      const photo = await decodeImage(path);
      const found = await engine.detectAndEncode(path, { method: 'hog', ...measures });
      for (const { box, encoding, ...measured } of found) {
        records.push({ imagePath: name, loc: box, encoding });
        faces.push(measured);
        isBad.push(false);
      }
      const [first] = found;
      if (!first) continue;
      for (const kind of [i % 3, (i + 1) % 3]) {
        const bad = await badBox(photo, first.box, kind, random);
        const box = { box: bad.box, score: DOUBTFUL };
        const copy = { ...bad.photo, data: new Uint8Array(bad.photo.data) };
        const [measured] = await engine.measure(copy, [box], measures);
        const [encoding] = await engine.encode(bad.photo, [bad.box]);
        records.push({ imagePath: `${name}, ${kind}`, loc: bad.box, encoding: encoding as Float64Array });
        faces.push({ score: DOUBTFUL, ...measured });
        isBad.push(true);
      }
    }
    expect(isBad.filter((bad) => bad).length).toBeGreaterThan(200);
    const all = facesToCluster(records, { faces, photos: new Map() });
    expect(all.mirrored).toBeDefined();
    const people = async (keepUnclear: boolean) => {
      const clusterer = linkageClusterer({ threshold: undefined, minSamples: 5, keepUnclear }, true);
      const { labels } = await clusterer.cluster(all, {});
      const members = groupBy(labels.keys(), (index) => labels[index] as number);
      members.delete(-1);
      return [...members.values()].map(
        (indices) => indices.filter((index) => !isBad[index]).length / indices.length,
      );
    };
    const clean = await people(false);
    expect(clean).toHaveLength(5);
    expect(Math.min(...clean)).toBeGreaterThan(0.9);
    // Else the test would show nothing: taken like all others, they are somebody.
    expect((await people(true)).filter((good) => good < 0.1).length).toBeGreaterThan(0);
    // HOG has some in these photos, too: nothing that is a face is unclear.
    expect(all.unclear.filter((unclear, i) => unclear && !isBad[i]).length).toBeLessThanOrEqual(6);
  });
});
