import { writeFileSync } from 'node:fs';
import { SplitMix64 } from '../../src/base/random';
import { type ClusteringQuality, evaluateClustering } from '../../src/evaluate/clustering-quality';
import { useTempFolder } from '../support/files';
import { describeWithPython, runPython } from '../support/python';
import { EVALUATE } from '../support/quality';

const inFolder = useTempFolder();

type Figures = ClusteringQuality['bcubed'];

const NONE: Figures = { precision: null, recall: null, f1: null };
const ALL_RIGHT: Figures = { precision: 1, recall: 1, f1: 1 };

/** The definitions, word by word: each face is compared with each. */
function byDefinition(labels: readonly number[], people: readonly number[]): ClusteringQuality {
  const known = [...labels.keys()].filter((face) => people[face] !== -1);
  const together = (a: number, b: number) => a === b || (labels[a] !== -1 && labels[a] === labels[b]);
  const same = (a: number, b: number) => people[a] === people[b];
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const figures = (precision: number | null, recall: number | null): Figures => ({
    precision,
    recall,
    f1: precision === null || recall === null ? null : (2 * precision * recall) / (precision + recall),
  });
  const meanShare = (right: typeof same, of: typeof same) =>
    known.length === 0
      ? null
      : mean(
          known.map((face) => {
            const all = known.filter((other) => of(face, other));
            return all.filter((other) => right(face, other)).length / all.length;
          }),
        );
  const pairs = known.flatMap((a, i) => known.slice(i + 1).map((b) => [a, b] as const));
  const [joined, alike] = [pairs.filter(([a, b]) => together(a, b)), pairs.filter(([a, b]) => same(a, b))];
  const right = joined.filter(([a, b]) => same(a, b)).length;
  return {
    faces: known.length,
    people: new Set(known.map((face) => people[face])).size,
    clusters: known.filter((face, i) => !known.slice(0, i).some((other) => together(face, other))).length,
    bcubed: figures(meanShare(same, together), meanShare(together, same)),
    pairwise: {
      precision: joined.length === 0 ? null : right / joined.length,
      recall: alike.length === 0 ? null : right / alike.length,
      f1: joined.length + alike.length === 0 ? null : (2 * right) / (joined.length + alike.length),
    },
  };
}

/** Groups and people drawn by chance, from hardly any to as many as faces; some faces in no group, some of nobody known. */
function randomGrouping(random: SplitMix64): { readonly labels: number[]; readonly people: number[] } {
  const n = random.below(40);
  const draw = () => {
    const most = 1 + random.below(Math.max(1, n));
    const none = random.below(3);
    return Array.from({ length: n }, () => (random.below(6) < none ? -1 : random.below(most)));
  };
  return { labels: draw(), people: draw() };
}

const closeTo = (figures: Figures) =>
  Object.fromEntries(
    Object.entries(figures).map(([name, value]) => [name, value === null ? null : expect.closeTo(value, 12)]),
  );

function expectSame(found: ClusteringQuality, expected: ClusteringQuality): void {
  const { bcubed, pairwise } = expected;
  expect(found).toEqual({ ...expected, bcubed: closeTo(bcubed), pairwise: closeTo(pairwise) });
}

test('2,000 groupings by chance have the figures of the definitions', () => {
  const random = new SplitMix64(1n);
  for (let i = 0; i < 2000; i++) {
    const { labels, people } = randomGrouping(random);
    expectSame(evaluateClustering(labels, people), byDefinition(labels, people));
  }
});

test('three groups, by hand', () => {
  // A group of Anna, Anna, Ben; one of Anna; Ben in none.
  const { bcubed, pairwise, clusters } = evaluateClustering(Int32Array.of(0, 0, 0, 7, -1), [
    'Anna',
    'Anna',
    'Ben',
    'Anna',
    'Ben',
  ]);
  expect(clusters).toBe(3);
  expect(bcubed).toEqual(
    closeTo({
      precision: (2 / 3 + 2 / 3 + 1 / 3 + 1 + 1) / 5,
      recall: (2 / 3 + 2 / 3 + 1 / 2 + 1 / 3 + 1 / 2) / 5,
      f1: (2 * (11 / 15) * (8 / 15)) / (11 / 15 + 8 / 15),
    }),
  );
  expect(pairwise).toEqual({ precision: 1 / 3, recall: 1 / 4, f1: 2 / 7 });
});

test.each([
  ['all of one person, in one group', [3, 3, 3], ['Anna', 'Anna', 'Anna'], ALL_RIGHT, ALL_RIGHT],
  [
    'all in one group, all different',
    [0, 0, 0, 0],
    [1, 2, 3, 4],
    { precision: 1 / 4, recall: 1, f1: 0.4 },
    { precision: 0, recall: null, f1: 0 },
  ],
  [
    'nobody in a group, one person',
    [-1, -1, -1, -1],
    [0, 0, 0, 0],
    { precision: 1, recall: 1 / 4, f1: 0.4 },
    { precision: null, recall: 0, f1: 0 },
  ],
  ['nobody in a group, all different', [-1, -1], ['Anna', 'Ben'], ALL_RIGHT, NONE],
  ['one face', [0], ['Anna'], ALL_RIGHT, NONE],
  ['no face', [], [], NONE, NONE],
  ['nobody is known', [0, 0, -1], [-1, undefined, null], NONE, NONE],
])('%s', (_, labels, truth, bcubed, pairwise) => {
  expect(evaluateClustering(labels, truth)).toMatchObject({ bcubed, pairwise });
});

test('faces of whom nobody knows who they are change nothing', () => {
  const figures = evaluateClustering([0, 0, 1, -1], ['Anna', 'Anna', 'Ben', 'Ben']);
  const withOthers = evaluateClustering(
    [0, 0, 0, 1, -1, 5, 1],
    ['Anna', undefined, 'Anna', 'Ben', 'Ben', null, -1],
  );
  expect(withOthers).toEqual(figures);
});

test('the number 1 and the name "1" are two people; any label of 31 bits is one', () => {
  expect(evaluateClustering([2 ** 31 - 1, 2 ** 31 - 1], [1, '1'])).toMatchObject({
    people: 2,
    clusters: 1,
    pairwise: { precision: 0 },
  });
});

test.each([
  [undefined, [], 'labels'],
  [[0, 1], ['Anna'], 'truth'],
  [[0.5], ['Anna'], 'labels\\[0\\]'],
  [[-2], ['Anna'], 'labels\\[0\\]'],
  [[0], [-2], 'truth\\[0\\]'],
  [[0], [Number.NaN], 'truth\\[0\\]'],
])('refuses %j with %j', (labels, truth, argument) => {
  expect(() => evaluateClustering(labels as number[], truth)).toThrow(new RegExp(`for ${argument} but`));
});

const SCRIPT = `${EVALUATE}
print(json.dumps([evaluate(**grouping) for grouping in json.load(open(sys.argv[1]))]))`;

describeWithPython("scikit-learn's contingency tables", (environment) => {
  test('give the same figures of 300 groupings by chance, and of a large one', () => {
    const random = new SplitMix64(2n);
    const groupings = Array.from({ length: 300 }, () => randomGrouping(random));
    const draw = (most: number) => Array.from({ length: 20_000 }, () => random.below(most) - 1);
    groupings.push({ labels: draw(3000), people: draw(2000) });
    const file = inFolder('groupings.json');
    writeFileSync(file, JSON.stringify(groupings));
    const expected: ClusteringQuality[] = JSON.parse(runPython(environment, SCRIPT, [file]));
    expect(expected).toHaveLength(301);
    for (const [i, { labels, people }] of groupings.entries()) {
      expectSame(evaluateClustering(labels, people), expected[i] as ClusteringQuality);
    }
  });
});
