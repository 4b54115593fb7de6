import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { dbscan } from '../../src/clustering/dbscan';
import { linkage } from '../../src/clustering/linkage';
import { evaluateClustering } from '../../src/evaluate/clustering-quality';
import { describeWithShared } from '../support/shared';

/** Rows of the table in docs/grouping.md: threshold and figures of linkage, eps and figures of DBSCAN; a side may be empty. */
function rowsOfDocs(): { readonly method: 'linkage' | 'dbscan'; readonly figures: readonly number[] }[] {
  const text = readFileSync(join(__dirname, '../../docs/grouping.md'), 'utf8');
  const table = text.slice(text.indexOf('| `--method linkage --threshold`')).split('\n\n', 1)[0] as string;
  const numbers = (cells: readonly string[]) => cells.map((cell) => Number(cell.replaceAll('*', '').trim()));
  return table
    .split('\n')
    .slice(2)
    .flatMap((line) => {
      const cells = line.split('|').slice(1, -1);
      return [
        { method: 'linkage' as const, figures: numbers(cells.slice(0, 4)) },
        { method: 'dbscan' as const, figures: numbers(cells.slice(5)) },
      ];
    })
    .filter(({ figures }) => figures[0] !== 0);
}

describeWithShared('half of Labeled Faces in the Wild', (shared) => {
  const matrix = (name: string) => {
    const { buffer, byteOffset, byteLength } = readFileSync(join(shared, 'lfw-half', name));
    const data = new Float32Array(buffer.slice(byteOffset, byteOffset + byteLength));
    return { data, n: data.length / 128, d: 128 };
  };

  test('is told apart as docs/grouping.md says', async () => {
    const [points, mirrored] = [matrix('encodings.f32'), matrix('mirrored.f32')];
    const { person } = JSON.parse(readFileSync(join(shared, 'lfw-half/truth.json'), 'utf8'));
    const rows = rowsOfDocs();
    expect(rows.map(({ method }) => method).sort()).toEqual([
      ...Array(6).fill('dbscan'),
      ...Array(7).fill('linkage'),
    ]);
    for (const { method, figures } of rows) {
      const [strictness = 0, ...expected] = figures;
      const { labels } =
        method === 'linkage'
          ? await linkage(points, { mirrored, threshold: strictness })
          : await dbscan(points, { eps: strictness });
      const { precision, recall, f1 } = evaluateClustering(labels, person).bcubed;
      const found = [precision, recall, f1].map((share) => Number(share?.toFixed(4)));
      expect({ method, strictness, found }).toEqual({ method, strictness, found: expected });
    }
  });
});
