import { types } from 'node:util';
import { findModelsFolder } from '../../src/models/folders';
import { modelPaths } from '../../src/models/verify';
import { type NativeCancelToken, type NativeDetectCall, native } from '../../src/native';

/*
 * The addon itself, without the checks of src/: whatever it is given, the process lives on, and what it refuses it
 * refuses with a code.
 */

const { Engine, CancelToken, useInstructionSet, ...functions } = native();
const models = modelPaths(findModelsFolder());
const rest = { threads: 1, keptBytes: 2 ** 20, reference: false };
const newEngine = () => new Engine({ ...models, ...rest });
const engine = newEngine();
afterAll(() => engine.dispose());

/** A parameter: how to make a value that is right (pixels are used up by a call), and which others are. */
interface Parameter {
  readonly sound: () => unknown;
  readonly accepts: (value: unknown) => boolean;
}

const integer = (sound: number, min: number, max: number): Parameter => ({
  sound: () => sound,
  accepts: (value) => Number.isInteger(value) && (value as number) >= min && (value as number) <= max,
});
const number = (sound: number): Parameter => ({
  sound: () => sound,
  accepts: (value) => typeof value === 'number' && value >= 0 && value <= 1e308,
});
const optional = (sound: unknown, is: (value: unknown) => boolean): Parameter => ({
  sound: () => sound,
  accepts: (value) => value === undefined || is(value),
});
const cancel = optional(new CancelToken(), () => false);
const newPixels = () => new Uint8Array(3 * 30 * 20);
const pixels: Parameter = {
  sound: newPixels,
  // Shared memory can't be handed over.
  accepts: (value) =>
    types.isUint8Array(value) && value.length === 3 * 30 * 20 && !types.isSharedArrayBuffer(value.buffer),
};
const boxes: Parameter = {
  sound: () => Int32Array.of(2, 15, 15, 2),
  accepts: (value) => types.isInt32Array(value) && value.length === 0,
};
const photo = { data: pixels, width: integer(30, 30, 30), height: integer(20, 20, 20), cancel };
const detection = {
  method: { sound: () => 'hog', accepts: (value: unknown) => value === 'hog' || value === 'cnn' },
  upsample: integer(1, 0, 2),
  detectSize: integer(20, 0, 2 ** 24),
};
const bytes = integer(2 ** 28, 0, Number.MAX_SAFE_INTEGER);
const numJitters = integer(1, 1, 3);
const flag: Parameter = { sound: () => true, accepts: (value) => typeof value === 'boolean' };
const measures = { numJitters, mirror: flag, confirm: flag, bytes };
/** With one score for it. */
const oneBox: Parameter = { ...boxes, accepts: () => false };
const scores: Parameter = { sound: () => Float64Array.of(1), accepts: () => false };
/** With one size for it. */
const onePart: Parameter = { sound: () => Int32Array.of(2, 30, 20, 10), accepts: () => false };
const oneSize: Parameter = { sound: () => Int32Array.of(10, 9), accepts: () => false };
/** Pairs of numbers, the first of each up to `most`. */
const pairs = (sound: Int32Array, most: number): Parameter => ({
  sound: () => sound,
  accepts: (value) =>
    types.isInt32Array(value) &&
    value.length % 2 === 0 &&
    // Where there is none of them, it may be because they were taken away.
    (value.length === 0 || value.every((one, i) => i % 2 === 1 || (one >= 0 && one <= most))),
});
const points = {
  points: {
    sound: () => Float32Array.of(0, 0, 1, 1, 2, 2),
    accepts: (value: unknown) =>
      (types.isFloat32Array(value) || types.isFloat64Array(value)) && value.length === 6,
  },
  n: integer(3, 3, 3),
  d: integer(2, 2, 2),
  threads: integer(1, 1, 1024),
  maxMemory: integer(2 ** 20, 0, Number.MAX_SAFE_INTEGER),
  onProgress: optional(
    () => {},
    (value) => typeof value === 'function',
  ),
  cancel,
};
const far = integer(30, 1, 2 ** 24);

interface Call {
  readonly call: (argument: never) => unknown;
  /** By name: the properties of the only argument. */
  readonly parameters: Readonly<Record<string, Parameter>>;
}

/** Every function of the addon. What is exported and not in here fails the first test. */
const CALLS: Readonly<Record<string, Call>> = {
  'Engine.detect': {
    call: (call: NativeDetectCall) => engine.detect(call),
    parameters: { ...photo, ...detection, bytes },
  },
  'Engine.landmarks': { call: engine.landmarks.bind(engine), parameters: { ...photo, boxes } },
  'Engine.encode': { call: engine.encode.bind(engine), parameters: { ...photo, boxes, numJitters } },
  'Engine.detectAndEncode': {
    call: engine.detectAndEncode.bind(engine),
    parameters: { ...photo, ...detection, ...measures },
  },
  'Engine.measure': {
    call: engine.measure.bind(engine),
    parameters: { ...photo, boxes: oneBox, scores, ...measures },
  },
  'Engine.dispose': { call: () => newEngine().dispose(), parameters: {} },
  'Engine.detectionMemory': {
    call: Engine.detectionMemory,
    parameters: { ...detection, upsample: integer(1, 0, 8), width: far, height: far },
  },
  'Engine.confirmationMemory': { call: Engine.confirmationMemory, parameters: {} },
  'CancelToken.cancel': { call: () => new CancelToken().cancel(), parameters: {} },
  dbscan: {
    call: functions.dbscan,
    parameters: { ...points, eps: number(1), minSamples: integer(2, 1, 2 ** 31 - 1) },
  },
  linkage: {
    call: functions.linkage,
    parameters: {
      ...points,
      mirrored: optional(points.points.sound(), points.points.accepts),
      threshold: number(1),
      photos: optional(Uint32Array.of(0, 0, 1), (value) => types.isUint32Array(value) && value.length === 3),
      people: optional(Int32Array.of(0, 7, -1), (value) => types.isInt32Array(value) && value.length === 3),
      joinPeople: flag,
      keep: { sound: () => Int32Array.of(0), accepts: types.isInt32Array },
      apart: pairs(Int32Array.of(0, 7), 2 ** 31 - 1),
      not: pairs(Int32Array.of(2, 7), 2),
      fresh: optional(
        Uint32Array.of(2),
        (value) => types.isUint32Array(value) && value.every((one) => one < 3),
      ),
    },
  },
  similarPeople: {
    call: functions.similarPeople,
    parameters: {
      ...points,
      mirrored: optional(points.points.sound(), points.points.accepts),
      labels: {
        sound: () => Int32Array.of(0, 0, 1),
        accepts: (value: unknown) => types.isInt32Array(value) && value.length === 3,
      },
      threshold: number(1),
      most: integer(5, 1, 1e6),
    },
  },
  radiusNeighbors: {
    // With no memory at all it says that it needs some, rightly.
    call: (call: Parameters<typeof functions.radiusNeighbors>[0]) =>
      functions.radiusNeighbors(call).catch((error) => {
        if (error.code !== 'FACE_OUT_OF_MEMORY') throw error;
      }),
    parameters: { ...points, eps: number(1) },
  },
  resizeByArea: { call: functions.resizeByArea, parameters: { ...photo, parts: onePart, sizes: oneSize } },
  kDistances: { call: functions.kDistances, parameters: { ...points, k: integer(1, 1, 2) } },
  instructionSets: { call: functions.instructionSets, parameters: {} },
  useInstructionSet: { call: () => useInstructionSet?.(), parameters: {} },
};

function detached<T extends ArrayBufferView>(array: T): T {
  structuredClone(array.buffer, { transfer: [array.buffer as ArrayBuffer] });
  return array;
}

function shrunk(): Uint8Array {
  // biome-ignore lint/suspicious/noExplicitAny: resizable buffers are younger than our types
  const buffer = new (ArrayBuffer as any)(1800, { maxByteLength: 4000 });
  const array = new Uint8Array(buffer, 0, 1800);
  buffer.resize(10);
  return array;
}

const forged = () => Object.setPrototypeOf({}, CancelToken.prototype) as NativeCancelToken;
const disguised = () => Object.setPrototypeOf(newEngine(), CancelToken.prototype);
const throwing = {
  valueOf() {
    throw new Error('valueOf must not be called');
  },
};

/** Made anew for each call: some can be spoiled. */
const WRONG: Readonly<Record<string, () => unknown>> = {
  undefined: () => undefined,
  null: () => null,
  true: () => true,
  text: () => '1',
  symbol: () => Symbol('1'),
  bigint: () => 1n,
  NaN: () => Number.NaN,
  '-1': () => -1,
  '-0.5': () => -0.5,
  '0.5': () => 0.5,
  0: () => 0,
  '2^31 - 1': () => 2 ** 31 - 1,
  '2^31': () => 2 ** 31,
  '2^32': () => 2 ** 32,
  '2^32 + 2': () => 2 ** 32 + 2,
  '2^53': () => 2 ** 53,
  '2^63': () => 2 ** 63,
  '1e308': () => 1e308,
  Infinity: () => Infinity,
  '-Infinity': () => -Infinity,
  'an object': () => ({}),
  'an object that throws': () => throwing,
  'a function': () => () => {},
  'an array': () => [0, 1, 2, 3],
  'a proxy': () => new Proxy(new Uint8Array(1800), {}),
  'an ArrayBuffer': () => new ArrayBuffer(1800),
  'a DataView': () => new DataView(new ArrayBuffer(1800)),
  'no values': () => new Uint8Array(0),
  'no boxes': () => new Int32Array(0),
  'three values': () => new Int32Array(3),
  'clamped values': () => new Uint8ClampedArray(1800),
  'signed values': () => new Int8Array(1800),
  'big integers': () => new BigInt64Array(6),
  'float32 values, one too many': () => new Float32Array(7),
  'float64 values': () => new Float64Array(6),
  'shared pixels': () => new Uint8Array(new SharedArrayBuffer(1800)),
  'shared points': () => new Float32Array(new SharedArrayBuffer(24)),
  'a view with an offset': () => new Uint8Array(new ArrayBuffer(1807), 7),
  'points with an offset': () => new Float64Array(new ArrayBuffer(56), 8),
  'detached pixels': () => detached(new Uint8Array(1800)),
  'detached points': () => detached(new Float32Array(6)),
  'detached boxes': () => detached(new Int32Array(4)),
  'pixels whose buffer was shrunk': shrunk,
  'boxes upside down': () => Int32Array.of(15, 15, 2, 2),
  'boxes far away': () => Int32Array.of(0, 2 ** 31 - 1, 2 ** 31 - 1, -(2 ** 31)),
  'a forged token': forged,
  'an engine that poses as a token': disguised,
  'an object that poses as an array': () => Object.setPrototypeOf({ length: 1800 }, Uint8Array.prototype),
};

/** The code of what `call` throws or rejects with; `undefined` if it does neither. */
async function codeOf(call: () => unknown): Promise<unknown> {
  try {
    await call();
    return undefined;
  } catch (error) {
    return (error as { code?: unknown }).code ?? `no code: ${error}`;
  }
}

test('every function that the addon has is tested here', () => {
  const methods = (name: string, type: { prototype: object }) =>
    [...Object.getOwnPropertyNames(type.prototype), ...Object.getOwnPropertyNames(type)]
      .filter(
        (method) => !['constructor', 'prototype', 'name', 'length', 'arguments', 'caller'].includes(method),
      )
      .map((method) => `${name}.${method}`);
  const all = [
    ...Object.keys(functions),
    // Only where the addon was built for tests.
    'useInstructionSet',
    ...methods('Engine', Engine),
    ...methods('CancelToken', CancelToken),
  ];
  expect(all.sort()).toEqual(Object.keys(CALLS).sort());
});

const calling = (name: string, argument: unknown) =>
  codeOf(() => Reflect.apply((CALLS[name] as Call).call, undefined, [argument]));

/** An argument for `name` in which all is right but what `others` says. */
const soundBut = (name: string, others: Readonly<Record<string, unknown>> = {}) => {
  const { parameters } = CALLS[name] as Call;
  const sound = Object.entries(parameters).map(([key, parameter]) => [key, parameter.sound()]);
  return { ...Object.fromEntries(sound), ...others };
};

describe.each(Object.entries(CALLS))('%s', (name, { parameters }) => {
  test('with sound arguments, and with superfluous ones', async () => {
    expect(await calling(name, soundBut(name))).toBeUndefined();
    expect(await calling(name, soundBut(name, { surplus: 1, [Symbol('s')]: 2, 7: null }))).toBeUndefined();
  });

  test('without one that is needed, or without any', async () => {
    const needed = Object.keys(parameters).filter((key) => !parameters[key]?.accepts(undefined));
    for (const key of needed) {
      const { [key]: _, ...rest } = soundBut(name);
      expect([key, await calling(name, rest)]).toEqual([key, 'FACE_INVALID_ARGUMENT']);
    }
    if (needed.length === 0) return;
    for (const nothing of [undefined, null, 1, 'text', {}, [], () => {}]) {
      expect(await calling(name, nothing)).toBe('FACE_INVALID_ARGUMENT');
    }
  });
});

test.each(
  Object.entries(CALLS).flatMap(([name, { parameters }]) =>
    Object.entries(parameters).map(([key, parameter]) => [name, key, parameter] as const),
  ),
)('%s: %s of any kind', async (name, key, parameter) => {
  const refused: string[] = [];
  const expected: string[] = [];
  for (const [kind, make] of Object.entries(WRONG)) {
    const value = make();
    const code = await calling(name, soundBut(name, { [key]: value }));
    if (code !== undefined) refused.push(`${kind}: ${code}`);
    if (!parameter.accepts(value)) expected.push(`${kind}: FACE_INVALID_ARGUMENT`);
  }
  expect(refused).toEqual(expected);
});

test('a getter can not take away memory that was looked at before', async () => {
  const data = newPixels();
  const call = {
    data,
    width: 30,
    height: 20,
    method: 'hog',
    upsample: 0,
    get bytes() {
      detached(data);
      return 2 ** 28;
    },
  };
  expect(await codeOf(() => engine.detect(call as never))).toBe('FACE_INVALID_ARGUMENT');
});

describe('sizes that overflow', () => {
  test.each([
    [2 ** 24, 2 ** 24],
    [2 ** 16, 2 ** 16],
    [2 ** 31, 2 ** 33],
  ])('pixels of %i x %i', async (width, height) => {
    for (const values of [new Uint8Array(0), new Uint8Array(3)]) {
      const call = soundBut('Engine.detect', { data: values, width, height });
      expect(await calling('Engine.detect', call)).toBe('FACE_INVALID_ARGUMENT');
    }
  });

  test.each([
    [2 ** 31 - 1, 2 ** 33],
    [2 ** 16, 2 ** 48],
    [1, 2 ** 53 - 1],
  ])('points of %i x %i', async (n, d) => {
    for (const values of [new Float32Array(0), new Float64Array(4)]) {
      expect(await calling('dbscan', soundBut('dbscan', { points: values, n, d }))).toBe(
        'FACE_INVALID_ARGUMENT',
      );
    }
  });

  test('no points of any width', async () => {
    const none = { points: new Float32Array(0), n: 0, d: 2 ** 53 - 1 };
    for (const name of ['dbscan', 'radiusNeighbors', 'kDistances']) {
      expect(await calling(name, soundBut(name, none))).toBeUndefined();
    }
  });
});

test.each<[string, number[], number[]]>([
  ['a part beyond the left edge', [2, 10, 20, -1], [5, 5]],
  ['beyond the right edge', [2, 31, 20, 10], [5, 5]],
  ['above', [-1, 10, 20, 0], [5, 5]],
  ['below', [2, 10, 21, 0], [5, 5]],
  ['without rows', [2, 10, 2, 0], [5, 1]],
  ['with its edges exchanged', [10, 10, 2, 0], [5, 5]],
  ['a size of nothing', [2, 10, 20, 0], [0, 5]],
  ['wider than the part', [2, 10, 20, 0], [11, 5]],
  ['higher than the part', [2, 10, 20, 0], [10, 19]],
  ['one size too few', [2, 10, 20, 0, 2, 10, 20, 0], [5, 5]],
])('resizeByArea refuses %s', async (_, parts, sizes) => {
  const call = soundBut('resizeByArea', { parts: Int32Array.from(parts), sizes: Int32Array.from(sizes) });
  expect(await calling('resizeByArea', call)).toBe('FACE_INVALID_ARGUMENT');
});

describe('classes', () => {
  test.each<[string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['a number', 1],
    ['an empty object', {}],
    ['no thread', { ...models, ...rest, threads: 0 }],
    ['2^53 threads', { ...models, ...rest, threads: 2 ** 53 }],
    ['a path that is a number', { ...models, ...rest, mmod: 1 }],
    ['negative memory', { ...models, ...rest, keptBytes: -1 }],
    ['a reference that is a number', { ...models, ...rest, reference: 1 }],
  ])('new Engine of %s', async (_, options) => {
    expect(await codeOf(() => new Engine(options as never))).toBe('FACE_INVALID_ARGUMENT');
  });

  test('a getter that throws is passed on', () => {
    const options = {
      get threads(): number {
        throw new RangeError('from the getter');
      },
    };
    expect(() => new Engine(options as never)).toThrow('from the getter');
  });

  test.each([
    ['another object', {}],
    ['a token', new CancelToken()],
    ['a forged engine', Object.create(Engine.prototype)],
    ['undefined', undefined],
  ])('methods on %s are refused by V8', (_, receiver) => {
    for (const method of [
      'detect',
      'landmarks',
      'encode',
      'detectAndEncode',
      'measure',
      'dispose',
    ] as const) {
      expect(() => Reflect.apply(Engine.prototype[method], receiver, [])).toThrow(/Illegal invocation/);
    }
  });

  test('a subclass is as good; a constructor can not be called', async () => {
    class Token extends CancelToken {}
    const token = new Token();
    token.cancel();
    expect(await calling('Engine.detect', soundBut('Engine.detect', { cancel: token }))).toBe('FACE_ABORTED');
    for (const construct of [Engine, CancelToken]) {
      expect(() => Reflect.apply(construct as never, undefined, [])).toThrow(/without 'new'/);
    }
  });
});
