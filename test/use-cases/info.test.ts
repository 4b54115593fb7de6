import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FaceRecord } from '../../src/base/types';
import { bar, curve } from '../../src/cli/terminal/charts';
import { writeEncodings } from '../../src/encodings/encodings';
import { describeEncodings } from '../../src/info';
import { face } from '../support/collection';
import { useTempFolder } from '../support/files';
import { describeWithPython, runPython } from '../support/python';

const temp = useTempFolder();
const file = () => join(temp(), 'faces.pickle');

async function info(records: readonly FaceRecord[], options = {}) {
  await writeEncodings(file(), records);
  return describeEncodings({ encodings: file(), ...options });
}

/** Faces `step` apart on a line: DBSCAN goes from one to the next. */
function chain(count: number, step: number): FaceRecord[] {
  return Array.from({ length: count }, (_, i) => {
    const record = face(`${i}.jpg`, 5);
    record.encoding[0] = step * i;
    return record;
  });
}

test('counts faces, photos and the faces of each photo', async () => {
  const names = ['a', 'a', 'a', 'b', 'c', 'c', 'd'];
  expect(await info(names.map((name) => face(name, 0)))).toMatchObject({
    faces: 7,
    photos: 4,
    facesPerPhoto: [2, 1, 1],
    dimensions: 128,
    origin: { writer: 'face-cluster-native', protocol: 3, numpy: '1' },
  });
});

test('an empty file has nothing to compare', async () => {
  expect(await info([])).toMatchObject({
    faces: 0,
    photos: 0,
    facesPerPhoto: [],
    distances: { pairs: 0, bins: [] },
    kDistances: undefined,
    clusters: { people: 0, unclustered: 0, large: undefined },
    origin: { writer: 'face-cluster-native', numpy: null },
  });
});

test('puts each pair of faces into its bin, a distance on an edge into the upper one', async () => {
  // At 0, 0.15, 0.15 and 1: distances 0, 0.15 twice, 0.85 twice and 1.
  const { distances } = await info([0, 0.15, 0.15, 1].map((x) => chain(2, x)[1] as FaceRecord));
  expect(distances).toMatchObject({ pairs: 6, sampled: false, binWidth: 0.05 });
  const filled = distances.bins.flatMap((n, i) => (n > 0 ? [[i, n]] : []));
  expect(filled).toEqual([
    [0, 1],
    [3, 2],
    [17, 2],
    [20, 1],
  ]);
});

test('draws pairs where there are too many, and gives their shares right', async () => {
  // Half of the faces at each of two places: a pair is at one place (n/2 - 1) / (n - 1) of the time.
  const records = Array.from({ length: 2400 }, (_, i) => face(`${i}`, i % 2));
  const { distances } = await info(records);
  expect(distances).toMatchObject({ pairs: 250_000, sampled: true });
  expect((distances.bins[0] as number) / distances.pairs).toBeCloseTo(1199 / 2399, 2);
  expect(distances.bins[28]).toBe(distances.pairs - (distances.bins[0] as number));
});

test('has the distances to the k-th nearest face, sorted', async () => {
  const { kDistances } = await info(chain(11, 0.1), { minSamples: 3 });
  expect(kDistances?.k).toBe(2);
  expect(kDistances?.percentiles).toHaveLength(101);
  // Of those at the ends the second nearest is 0.2 away, of all others 0.1.
  expect(kDistances?.percentiles[0]).toBeCloseTo(0.1);
  expect(kDistances?.percentiles[84]).toBeCloseTo(0.1);
  expect(kDistances?.percentiles[86]).toBeCloseTo(0.2);
});

describe('a cluster that swallows others', () => {
  /** Five tight people whose neighbours are 0.48 away, with one face half-way in the last gap that joins two at 0.45 as well. */
  const people = (gap: number) =>
    Array.from({ length: 5 }, (_, p) =>
      chain(6, 0.01).map((record, i) => {
        record.encoding[0] = gap * p + 0.01 * i;
        return record;
      }),
    ).flat();

  test('is found, with an eps at which it falls apart', async () => {
    const { clusters } = await info(people(0.48));
    expect(clusters).toMatchObject({
      people: 1,
      largest: 30,
      large: { percent: 100, mixed: true, tryEps: 0.4 },
    });
    const stricter = await info(people(0.48), { eps: clusters?.large?.tryEps });
    expect(stricter.clusters).toMatchObject({ people: 5, large: undefined });
  });

  test('is told from one person who is on most photos', async () => {
    const { clusters } = await info([...chain(30, 0.005), ...people(0.9)]);
    expect(clusters).toMatchObject({
      largest: 36,
      large: { percent: 60, mixed: false, tried: true, tryEps: undefined },
    });
  });

  test('gets an eps that is not absurd, however large the one was that was tried', async () => {
    const { clusters } = await info(people(0.48), { eps: 1000 });
    expect(clusters).toMatchObject({ people: 1, large: { percent: 100, mixed: true, tryEps: 0.4 } });
  });

  test('has nothing to try where no eps keeps people apart and leaves some', async () => {
    // All on one line, each as far from the next.
    const { clusters } = await info(chain(60, 0.07));
    expect(clusters).toMatchObject({ people: 1, large: { percent: 100, mixed: true, tryEps: undefined } });
    const strict = await info(chain(12, 0.001), { eps: 0.05 });
    expect(strict.clusters).toMatchObject({ large: { mixed: false, tryEps: undefined } });
  });

  test('of two, the larger one is told', async () => {
    const far = chain(101, 0.001).map((record) => {
      record.encoding[1] = 9;
      return record;
    });
    for (const faces of [
      [...chain(100, 0.001), ...far],
      [...far, ...chain(100, 0.001)],
    ]) {
      expect((await info(faces)).clusters?.large?.label).toBe(faces[0] === far[0] ? 0 : 1);
    }
  });

  test('says nothing where there are hardly any faces', async () => {
    expect((await info(chain(9, 0.01))).clusters).toMatchObject({ people: 1, large: undefined });
    expect((await info(chain(10, 0.01))).clusters).toMatchObject({ people: 1, large: { percent: 100 } });
  });

  test('comes before a larger one that is not mixed', async () => {
    const far = chain(34, 0.001).map((record) => {
      record.encoding[1] = 9;
      return record;
    });
    const { clusters } = await info([...far, ...people(0.48)]);
    expect(clusters).toMatchObject({ people: 2, largest: 34, large: { percent: 46, mixed: true } });
  });
});

describeWithPython('who wrote a file', (environment) => {
  test.each([0, 1, 2, 3, 4, 5])('Python with pickle protocol %d', async (protocol) => {
    const script = `
import pickle, sys, numpy
faces = [{"imagePath": "a.jpg", "loc": (1, 2, 3, 0), "encoding": numpy.zeros(128)} for i in range(3)]
pickle.dump(faces, open(sys.argv[1], "wb"), protocol=${protocol})`;
    runPython(environment, script, [file()]);
    expect((await describeEncodings({ encodings: file() })).origin).toEqual({
      writer: 'python',
      // Protocol 0 and 1 have no header; NumPy's arrays look the same in both.
      protocol: protocol === 1 ? expect.any(Number) : protocol,
      numpy: environment.name === 'NumPy 2' ? '2' : '1',
    });
  });

  test('an empty list of Python', async () => {
    runPython(environment, 'import pickle, sys; pickle.dump([], open(sys.argv[1], "wb"), protocol=3)', [
      file(),
    ]);
    expect((await describeEncodings({ encodings: file() })).origin).toEqual({
      writer: 'python',
      protocol: 3,
      numpy: null,
    });
  });
});

test('a file that is none is refused', async () => {
  writeFileSync(file(), 'hello');
  await expect(describeEncodings({ encodings: file() })).rejects.toMatchObject({
    code: 'FACE_PICKLE_INVALID',
  });
});

test.each([
  ['encodings', { encodings: '' }],
  ['eps', { eps: -1 }],
  ['minSamples', { minSamples: 0 }],
  ['all', { all: 1 }],
])('a bad %s is refused by name', async (name, options) => {
  await expect(info([], options)).rejects.toMatchObject({
    code: 'FACE_INVALID_ARGUMENT',
    message: expect.stringContaining(`for ${name} but received`),
  });
});

describe('charts', () => {
  test.each([
    [0, ''],
    [0.001, '▏'],
    [0.25, '██▌'],
    [1, '██████████'],
  ])('a bar of %d', (fraction, drawn) => {
    expect(bar(fraction, 10)).toBe(drawn);
  });

  test('a curve rises from the lower left to the upper right, without gaps', () => {
    const values = [0, 0, 0, 4, 4];
    expect(curve(values, 5, 4, (value) => value.toFixed(1))).toEqual([
      '3.5    **',
      '2.5    *',
      '1.5    *',
      '0.5 ***',
    ]);
  });

  test('a curve of equal values is a line', () => {
    expect(curve([1, 1], 3, 2, () => '-')).toEqual(['-', '- ***']);
  });
});
