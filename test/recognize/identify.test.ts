import { faceDistance } from '../../src/clustering/dbscan';
import { type IdentifyOptions, identify, type PersonExamples } from '../../src/recognize/identify';

/** As `[first, , ]`, which array functions skip. */
function withHole(first: unknown): unknown[] {
  const array = [first];
  array.length = 2;
  return array;
}

/** Points on a line, in two dimensions. */
const at = (...x: number[]) => x.map((value) => [value, 0]);
const person = (name: string, ...x: number[]): PersonExamples => ({ name, encodings: at(...x) });
const who = (x: number, people: readonly PersonExamples[], options?: IdentifyOptions) =>
  identify(at(x), people, options)[0];

test('a face is the nearest person, and it is said how far that is, and who comes next', () => {
  expect(who(0.25, [person('Anna', 0), person('Ben', 1)])).toEqual({
    name: 'Anna',
    nearest: 'Anna',
    distance: 0.25,
    second: { name: 'Ben', distance: 0.75 },
  });
});

test('with one face of each, the distance is that of faceDistance', () => {
  const face = Float64Array.from({ length: 128 }, (_, i) => Math.sin(i));
  const other = Float64Array.from({ length: 128 }, (_, i) => Math.cos(i));
  const [found] = identify([face], [{ name: 'Anna', encodings: [other] }]);
  expect(found?.distance).toBe(faceDistance([other], face)[0]);
});

test('of several faces the three nearest count, and all of fewer', () => {
  expect(who(0, [person('Anna', 0.5, 9, 0.1, 0.3, 7)])?.distance).toBeCloseTo(0.3, 12);
  expect(who(0, [person('Anna', 0.3, 0.1)])?.distance).toBeCloseTo(0.2, 12);
  expect(who(0, [person('Anna', 0.1, 0.2, 0.3)])?.distance).toBeCloseTo(0.2, 12);
});

test('who is too far away is nobody, though the nearest is told', () => {
  const people = [person('Anna', 0)];
  expect(who(0.6, people)?.name).toBe('Anna');
  expect(who(0.61, people)).toMatchObject({ name: undefined, nearest: 'Anna' });
  expect(who(0.5, people, { tolerance: 0.4 })?.name).toBeUndefined();
  expect(who(0.5, people, { tolerance: 0.5 })?.name).toBe('Anna');
});

test('between two people it is neither, unless no margin is wanted', () => {
  const people = [person('Anna', 0), person('Ben', 1)];
  expect(who(0.49, people)).toMatchObject({ name: undefined, nearest: 'Anna' });
  expect(who(0.47, people)?.name).toBe('Anna');
  expect(who(0.49, people, { margin: 0 })?.name).toBe('Anna');
  expect(who(0.47, people, { margin: 0.1 })?.name).toBeUndefined();
});

test('matrices are taken as arrays of rows are, in single precision, too', () => {
  const rows = [
    [0, 0.1],
    [1, 0.2],
  ];
  const people = [person('Anna', 0), person('Ben', 1)];
  const matrix = { data: Float32Array.from(rows.flat()), n: 2, d: 2 };
  const asMatrix = (of: PersonExamples) => ({
    name: of.name,
    encodings: { data: Float64Array.from((of.encodings as number[][]).flat()), n: 1, d: 2 },
  });
  expect(identify(matrix, people.map(asMatrix)).map(({ name }) => name)).toEqual(['Anna', 'Ben']);
  expect(identify(rows, people).map(({ name }) => name)).toEqual(['Anna', 'Ben']);
  expect([...matrix.data]).toHaveLength(4);
});

test('no faces, and nobody known', () => {
  expect(identify([], [person('Anna', 0)])).toEqual([]);
  expect(who(0, [])).toEqual({ name: undefined, nearest: undefined, distance: Infinity, second: undefined });
  expect(who(0, [person('Anna', 0)])?.second).toBeUndefined();
});

test.each<[string, unknown, unknown, object]>([
  ['faces', 'anna', [], {}],
  ['faces', new Float64Array(2), [], {}],
  ['faces.data', { n: 1, d: 2 }, [], {}],
  ['faces[1].length', [[0, 0], [0]], [], {}],
  ['people', [[0, 0]], { name: 'Anna' }, {}],
  ['people[1]', [[0, 0]], withHole(person('Anna', 0)), {}],
  ['people[0].name', [[0, 0]], [{ name: '', encodings: [[0, 0]] }], {}],
  ['people[1].name', [[0, 0]], [person('Anna', 0), person('Anna', 1)], {}],
  ['people[0].encodings', [[0, 0]], [person('Anna')], {}],
  ['people[0].encodings', [[0, 0]], [{ name: 'Anna', encodings: [[0, 0, 0]] }], {}],
  [
    'faces[1]',
    [
      [0, 0],
      [0, Number.NaN],
    ],
    [person('Anna', 0)],
    {},
  ],
  ['people[1].encodings[2]', [[0, 0]], [person('Anna', 0), person('Ben', 1, 2, Infinity)], {}],
  ['tolerance', [[0, 0]], [], { tolerance: -1 }],
  ['margin', [[0, 0]], [], { margin: Number.NaN }],
  ['tolerence', [[0, 0]], [], { tolerence: 0.5 }],
])('refuses a wrong %s', (argument, faces, people, options) => {
  expect(() => identify(faces as number[][], people as PersonExamples[], options)).toThrow(
    expect.objectContaining({ code: 'FACE_INVALID_ARGUMENT', argument }),
  );
});
