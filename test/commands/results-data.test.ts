import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { clustersOf } from '../../src/clustering/clusters';
import { describeClusters } from '../../src/result/export/clusters-data';
import { clustersCsv } from '../../src/result/export/csv';
import { sha256 } from '../../src/system/sha256';
import { runCli } from '../support/cli';
import { face, useCollection } from '../support/collection';
import { codeIn } from '../support/docs';
import { useTempFolder } from '../support/files';
import { NOWHERE, UNKNOWN } from '../support/nowhere';
import { pythonEnvironments, runPython } from '../support/python';

const temp = useTempFolder();
const { cluster, family, photos } = useCollection(temp);

/** The code that docs/results.md shows in `language`, of which the first that has `part` is meant. */
const shownCode = (language: string, part: string) => codeIn('docs/results.md', language, part);

function hasJq(): boolean {
  try {
    execFileSync('jq', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    process.stderr.write('SKIPPED: there is no jq here to run what docs/results.md shows. Install jq.\n');
    return false;
  }
}

const python = pythonEnvironments()?.find(({ name }) => name === 'NumPy 2');
if (!python) process.stderr.write('SKIPPED: no Python with pandas. Run: node scripts/python-env.js\n');
const testWithPandas = python ? test : test.skip;

(hasJq() ? test : test.skip)('the line for jq in the docs says who is on how many photos', async () => {
  const records = family();
  await cluster(records, { output: temp('clusters') });
  const line = shownCode('sh', 'jq');
  expect(line).not.toContain('\n');
  const shown = execFileSync('sh', ['-c', line], { cwd: temp(), encoding: 'utf8' });
  expect(shown).toBe(
    `label0: 5 photos, best face on ${records[0]?.imagePath}\n` +
      `label1: 6 photos, best face on ${records[6]?.imagePath}\n`,
  );
});

testWithPandas('the line for pandas in the docs gives a table with a line for each face', async () => {
  await cluster(family(), { output: temp('clusters') });
  const line = shownCode('python', 'pandas');
  expect(line).not.toContain('\n');
  const table = line.replace(/print\((.*)\)$/, 'faces = $1');
  expect(table).not.toBe(line);
  const check = 'print(len(faces), sorted(faces.columns), faces.groupby("label").photo.nunique().to_dict())';
  const script = `import os, sys; os.chdir(sys.argv[1]); ${line}\n${table}\n${check}`;
  const shown = runPython(python as NonNullable<typeof python>, script, [temp()])
    .trim()
    .split('\n');
  expect(shown.at(-1)).toBe(
    "12 ['box.bottom', 'box.left', 'box.right', 'box.top', 'crop', 'distance', 'file', 'id', 'index', 'inside', " +
      "'label', 'photo', 'photoHeight', 'photoId', 'photoOrientation', 'photoTaken', 'photoThumbnail', " +
      "'photoWidth', 'score', 'sharpness', 'thumbnail', 'unclear'] {0: 5, 1: 6}",
  );
});

describe('clusters.csv', () => {
  const NAMES = [
    '=cmd|calc.jpg',
    '+1.jpg',
    '@x.jpg',
    '-a.jpg',
    'a,b.jpg',
    'say "hi".jpg',
    'two\nlines.jpg',
    'ä 面.jpg',
  ];

  const csvOf = (names: readonly string[], personName?: string) =>
    [
      ...clustersCsv(
        describeClusters(
          names.map((name) => face(name, 0)),
          clustersOf(
            names.map((_, i) => (i === 0 ? -1 : 0)),
            names.map(() => face('', 0).encoding),
          ),
          {
            encodings: 'e',
            programVersion: '1',
            parameters: { method: 'dbscan' as const, eps: 0.5, minSamples: 5, seed: 0 },
            lastingLabels: false,
            problems: [],
          },
          { ...UNKNOWN, name: () => personName },
          { folder: () => null, montages: () => [], face: () => NOWHERE },
        ),
      ),
    ].join('');

  test('is written with --csv, with a line for each face', async () => {
    const records = photos('a', 5).map((path) => face(path, 0));
    await cluster(records);
    const args = ['cluster', '-e', 'faces.pickle', '-o', 'people', '--csv'];
    expect(await runCli(args, { cwd: temp() })).toMatchObject({ code: 0 });
    const lines = readFileSync(join(temp(), 'people', 'clusters.csv'), 'utf8').split('\r\n');
    expect(lines[0]).toBe(
      'label,index,photo,top,right,bottom,left,distance,representative,file,crop,thumbnail,score,inside,id,photo_id,unclear,sharpness,name',
    );
    expect(lines[1]).toMatch(`0,0,${records[0]?.imagePath},20,120,120,20,0,1,label0/a1.jpg,,thumbnails/`);
    const id = sha256(readFileSync(records[0]?.imagePath as string));
    expect(lines[1]?.endsWith(`,,,${id.slice(0, 16)}_20_120_120_20,${id},0,,`)).toBe(true);
    expect(lines).toHaveLength(7);
    expect(lines[6]).toBe('');
  });

  test('holds no cell that a spreadsheet would run, and leads to the same files', () => {
    const [, ...lines] = csvOf(NAMES.slice(0, 4)).trim().split('\r\n');
    expect(lines.map((line) => line.split(',')[2])).toEqual([
      './=cmd|calc.jpg',
      './+1.jpg',
      './@x.jpg',
      './-a.jpg',
    ]);
    const [, nobodys] = csvOf(['a.jpg'], '=cmd|"calc", or so').trim().split('\r\n');
    expect(nobodys).toMatch(/,"'=cmd\|""calc"", or so"$/);
  });

  testWithPandas('is read by pandas as it was written, whatever is in the names', () => {
    const script =
      'import io, json, sys, pandas as pd; t = pd.read_csv(io.StringIO(sys.argv[1])); ' +
      'print(json.dumps([t.label.tolist(), t["index"].tolist(), t.photo.tolist(), t.distance.isna().tolist()]))';
    const [labels, indices, read, empty] = JSON.parse(
      runPython(python as NonNullable<typeof python>, script, [csvOf(NAMES)]),
    );
    expect(labels).toEqual([-1, 0, 0, 0, 0, 0, 0, 0]);
    expect(indices).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(read).toEqual(NAMES.map((name, i) => (i < 4 ? `./${name}` : name)));
    expect(empty).toEqual([true, false, false, false, false, false, false, false]);
  });
});
