import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { clusterFaces } from '../../src/cluster';
import { readEncodings } from '../../src/encodings/encodings';
import { useTempFolder } from '../support/files';
import { describeWithShared } from '../support/shared';

/** How many faces scikit-learn's `DBSCAN(eps=0.5, min_samples=5)` gives each label; from golden/README.md. */
const COUNTS: readonly (readonly [file: string, counts: Readonly<Record<number, number>>])[] = [
  ['players-original-2020.pickle', { 0: 26, 1: 26, 2: 19, 3: 25, 4: 30, [-1]: 1 }],
  ['players-cnn.pickle', { 0: 26, 1: 26, 2: 19, 3: 25, 4: 30, [-1]: 1 }],
  ['players-hog.pickle', { 0: 26, 1: 25, 2: 45, 3: 29, [-1]: 7 }],
];

describeWithShared('clustering the files of the Python project', (shared) => {
  const temp = useTempFolder();

  test.each(COUNTS)(
    '%s: the people are the same, and their folders hold their photos',
    async (file, counts) => {
      const encodings = join(shared, 'golden', file);
      const photos = join(shared, 'data', 'players');
      const output = join(temp(), 'people');
      const summary = await clusterFaces({ encodings, output, photos });

      const found: Record<number, number> = {};
      for (const label of summary.labels) found[label] = (found[label] ?? 0) + 1;
      expect(found).toEqual(counts);
      expect(summary.problems).toEqual([]);
      expect(Object.fromEntries(summary.people.map(({ label, faces }) => [label, faces]))).toEqual({
        ...counts,
        [-1]: undefined,
      });
      expect(summary.unclustered).toBe(counts[-1]);

      const records = await readEncodings(encodings);
      for (const label of Object.keys(counts).map(Number)) {
        const members = records.filter((_, i) => summary.labels[i] === label);
        const names = members.map(({ imagePath }) => basename(imagePath));
        const copies = readdirSync(join(output, `label${label}`));
        expect(copies.sort()).toEqual([...new Set(names)].sort());
        for (const name of copies) {
          const copy = readFileSync(join(output, `label${label}`, name));
          expect(copy.equals(readFileSync(join(photos, name)))).toBe(true);
        }
      }
      const montages = summary.people.map(({ label }) => `Face ID #${label}.jpg`);
      expect(readdirSync(join(output, 'montage')).sort()).toEqual([...montages, 'Unknown Faces.jpg'].sort());
    },
  );
});
