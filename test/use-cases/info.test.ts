import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FaceRecord } from '../../src/base/types';
import { bar, curve } from '../../src/cli/terminal/charts';
import { writeEncodings } from '../../src/encodings/encodings';
import { describeEncodings, type EncodingsInfo } from '../../src/info';
import { face } from '../support/collection';
import { useTempFolder } from '../support/files';
import { describeWithPython, runPython } from '../support/python';
import { describeWithShared } from '../support/shared';

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
    frames: 0,
    videos: 0,
    facesPerPhoto: [2, 1, 1],
    dimensions: 128,
    origin: { writer: 'face-cluster-native', protocol: 3, numpy: '1' },
  });
});

test('frames of videos are told apart from photos', async () => {
  const names = ['a.jpg', 'clip.mp4#t=0', 'clip.mp4#t=0', 'clip.mp4#t=3', 'z.mov#t=1.5', 'x.jpg#t=1'];
  expect(await info(names.map((name) => face(name, 0)))).toMatchObject({
    faces: 6,
    photos: 5,
    frames: 3,
    videos: 2,
    facesPerPhoto: [4, 1],
  });
});

test('an empty file has nothing to compare', async () => {
  expect(await info([])).toMatchObject({
    faces: 0,
    photos: 0,
    facesPerPhoto: [],
    distances: { pairs: 0, bins: [] },
    kDistances: undefined,
    trials: Array.from({ length: 10 }, () => expect.objectContaining({ people: 0, recommended: false })),
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

describe('clusterings that are tried', () => {
  /** Two people of six faces who are 0.48 apart, a third one farther off, and a face alone. */
  const faces = () =>
    [0, 0.48, 3]
      .flatMap((place) => chain(6, 0.01).map((record) => moved(record, place)))
      .concat(moved(face('x', 5), 9));
  const moved = (record: FaceRecord, place: number) => {
    record.encoding[0] = (record.encoding[0] as number) + place;
    // Nobody is twice on one photo, in one place.
    return { ...record, imagePath: `${place} ${record.imagePath}` };
  };
  const settings = ({ trials = [] }: EncodingsInfo) =>
    trials.map(({ parameters }) => (parameters.method === 'dbscan' ? parameters.eps : parameters.threshold));
  const recommended = ({ trials = [] }: EncodingsInfo) => trials.filter(({ recommended }) => recommended);

  test('are by both methods, from strict to loose, with the defaults among them', async () => {
    const described = await info(faces());
    expect(settings(described)).toEqual([0.4, 0.45, 0.5, 0.55, 0.6, 0.51, 0.56, 0.61, 0.66, 0.71]);
    expect(described.trials?.[0]).toEqual({
      parameters: { method: 'dbscan', eps: 0.4, minSamples: 5 },
      people: 3,
      largest: 6,
      unclustered: 1,
      unclear: 0,
      toLookAfter: 1,
      several: 0,
      severalFaces: 0,
      recommended: false,
    });
    expect(described.trials?.[1]).toMatchObject({ people: 2, largest: 12, unclustered: 1 });
  });

  test('have the eps that was asked for among them', async () => {
    const described = await info(faces(), { eps: 0.3, minSamples: 6 });
    expect(settings(described).slice(0, 2)).toEqual([0.3, 0.4]);
    expect(described.trials?.[0]).toMatchObject({ people: 3, parameters: { minSamples: 6 } });
    expect(settings(await info(faces(), { eps: 0.5 }))).toHaveLength(10);
  });

  test('of equal ones the default is recommended', async () => {
    expect(recommended(await info([...chain(6, 0.001), face('b', 7)]))).toMatchObject([
      { parameters: { method: 'dbscan', eps: 0.5 }, people: 1, unclustered: 1 },
    ]);
  });

  test('that put several people into one are not recommended', async () => {
    // A chain of groups that is too long for one person, but not for DBSCAN with 0.5.
    const places = [0, 0.47, 0.94, 1.41];
    const groups = places.flatMap((place) => chain(6, 0.001).map((record) => moved(record, place)));
    const described = await info(groups);
    expect(described.trials?.[2]).toMatchObject({ people: 1, several: 1, severalFaces: 24 });
    expect(recommended(described)).toMatchObject([{ people: 4, several: 0 }]);
  });

  test('that make somebody of blurs are not recommended', async () => {
    // Blurs are alike: with DBSCAN a crowd of boxes inside other boxes is a person without an unsorted face.
    const people = [0, 1.41].flatMap((place) =>
      chain(8, 0.001).map((record) => ({
        ...moved(record, place),
        imagePath: `${place} ${record.imagePath}`,
      })),
    );
    const blurs = people.map(({ imagePath, loc }, i): FaceRecord => {
      const { top, right, bottom, left } = loc;
      const encoding = new Float64Array(128);
      encoding[5] = 3 + 0.001 * i;
      return {
        imagePath,
        loc: { top: top + 1, right: right - 1, bottom: bottom - 1, left: left + 1 },
        encoding,
      };
    });
    const described = await info([...people, ...blurs]);
    expect(described.trials?.[2]).toMatchObject({ people: 3, unclustered: 0, toLookAfter: blurs.length });
    expect(recommended(described)).toMatchObject([
      {
        parameters: { method: 'linkage' },
        people: 2,
        unclustered: blurs.length,
        unclear: blurs.length,
        toLookAfter: 0,
      },
    ]);
  });

  test('that are looser than the default are recommended only if nobody is found otherwise', async () => {
    // Each as far from each other as two photos of one person seldom are.
    const apart = (distance: number) =>
      Array.from({ length: 8 }, (_, i) => {
        const record = face(`${i}`, i);
        record.encoding[i] = distance / Math.SQRT2;
        return record;
      });
    expect(recommended(await info(apart(0.56)))).toMatchObject([
      { parameters: { method: 'dbscan', eps: 0.6 }, people: 1 },
    ]);
    expect(recommended(await info(apart(0.9)))).toEqual([]);
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

describeWithShared('of five footballers', (shared) => {
  test.each(['players-hog', 'players-cnn'])('%s, those five are recommended', async (name) => {
    const { trials } = await describeEncodings({ encodings: join(shared, 'golden', `${name}.pickle`) });
    const best = trials?.find(({ recommended }) => recommended);
    expect(best).toMatchObject({ people: 5, several: 0, largest: expect.any(Number) });
    expect(best?.unclustered).toBeLessThanOrEqual(7);
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
