import { Allowance } from '../../src/encodings/pickle/allowance';
import { Machine } from '../../src/encodings/pickle/machine';
import { NumpyArray } from '../../src/encodings/pickle/numpy';
import { Survey } from '../../src/encodings/pickle/survey';
import { Tokens } from '../../src/encodings/pickle/tokens';
import { PICKLES } from '../fixtures/pickles';
import { bytes, little, parsed, parsePickle } from '../support/pickle-bytes';

describe('plain values', () => {
  test.each([
    ['NONE', ['N.'], null],
    ['NEWTRUE', ['\x88.'], true],
    ['NEWFALSE', ['\x89.'], false],
    ['INT, protocol 0', ['I-12\n.'], -12],
    ['INT as True', ['I01\n.'], true],
    ['INT as False', ['I00\n.'], false],
    ['INT with one digit is no bool', ['I1\n.'], 1],
    ['LONG', ['L123L\n.'], 123],
    ['LONG beyond 2^53', ['L9007199254740993L\n.'], 9007199254740993n],
    ['LONG without L', ['L-5\n.'], -5],
    ['LONG1 empty', ['\x8a\0.'], 0],
    ['LONG1 negative', ['\x8a\x01\xff.'], -1],
    ['LONG1 big', ['\x8a\x09', little(0, 8), '\x01.'], 2n ** 64n],
    ['LONG4', ['\x8b', little(2, 4), '\x00\x80.'], -32768],
    ['BININT', ['J', little(-70000, 4), '.'], -70000],
    ['BININT1', ['K\xff.'], 255],
    ['BININT2', ['M\x01\x02.'], 513],
    ['FLOAT', ['F-1.5e-3\n.'], -0.0015],
    ['FLOAT infinite', ['F-inf\n.'], -Infinity],
    ['FLOAT not a number', ['Fnan\n.'], Number.NaN],
    ['BINFLOAT is big-endian', ['G\x3f\xf8\0\0\0\0\0\0.'], 1.5],
    ['UNICODE', ['Vcaf\xe9 \\u20ac \\U0001F600 \\u005c\n.'], 'café € 😀 \\'],
    ['UNICODE with a doubled backslash', ['V\\\\u0041\n.'], '\\\\u0041'],
    ['SHORT_BINUNICODE', ['\x8c\x02\xc3\xa9.'], 'é'],
    ['BINUNICODE', ['X', little(3, 4), '\xe2\x82\xac.'], '€'],
    ['BINUNICODE8', ['\x8d', little(1, 8), 'a.'], 'a'],
    [
      'a lone surrogate, as in a file name that is not UTF-8',
      ['X', little(5, 4), 'a\xed\xb3\xa9b.'],
      'a\udce9b',
    ],
    ['STRING, Python 2', ["S'a\\'\\n\\x41\\101\\q'\n."], "a'\nAA\\q"],
    ['BINSTRING in ASCII', ['T', little(2, 4), 'ab.'], 'ab'],
    ['SHORT_BINSTRING in ASCII', ['U\x02ab.'], 'ab'],
    ['SHORT_BINSTRING with other bytes', ['U\x02\xc3\xa9.'], new Uint8Array([0xc3, 0xa9])],
    ['SHORT_BINBYTES', ['C\x02\0\xff.'], new Uint8Array([0, 255])],
    ['BINBYTES', ['B', little(1, 4), '\x07.'], new Uint8Array([7])],
    ['BINBYTES8', ['\x8e', little(1, 8), '\x07.'], new Uint8Array([7])],
    ['BYTEARRAY8', ['\x96', little(1, 8), '\x07.'], new Uint8Array([7])],
    [
      'bytes of protocol 2',
      ['c_codecs\nencode\nX', little(3, 4), 'a\xc3\xbfX', little(6, 4), 'latin1\x86R.'],
      new Uint8Array([97, 255]),
    ],
    ['empty bytes of protocol 2', ['c__builtin__\nbytes\n)R.'], new Uint8Array(0)],
    ['bytearray of protocol 3', ['cbuiltins\nbytearray\nC\x01a\x85R.'], new Uint8Array([97])],
  ])('%s', (_name, pieces, expected) => {
    expect(parsed(...pieces)).toEqual(expected);
  });

  test('negative zero and the bits of a float survive', () => {
    expect(Object.is(parsed('G\x80\0\0\0\0\0\0\0.'), -0)).toBe(true);
    expect(Object.is(parsed('F-0.0\n.'), -0)).toBe(true);
  });
});

describe('containers and the stack', () => {
  test.each([
    ['EMPTY_LIST, APPEND', [']K\x01a.'], [1]],
    ['APPENDS', ['](K\x01K\x02e.'], [1, 2]],
    ['LIST', ['(K\x01K\x02l.'], [1, 2]],
    ['EMPTY_TUPLE', [').'], []],
    ['TUPLE', ['(K\x01K\x02t.'], [1, 2]],
    ['TUPLE1', ['K\x01\x85.'], [1]],
    ['TUPLE2', ['K\x01K\x02\x86.'], [1, 2]],
    ['TUPLE3', ['K\x01K\x02K\x03\x87.'], [1, 2, 3]],
    ['EMPTY_DICT, SETITEM', ['}K\x01K\x02s.'], new Map([[1, 2]])],
    [
      'SETITEMS',
      ['}(K\x01K\x02K\x03K\x04u.'],
      new Map([
        [1, 2],
        [3, 4],
      ]),
    ],
    ['DICT', ['(K\x01K\x02d.'], new Map([[1, 2]])],
    ['POP', ['K\x01K\x020.'], 1],
    ['POP of a mark', ['K\x01(0.'], 1],
    ['POP_MARK', ['K\x01(K\x02K\x031.'], 1],
    ['DUP', ['K\x012\x86.'], [1, 1]],
    ['PUT, GET', ['K\x07p0\ng0\n\x86.'], [7, 7]],
    ['BINPUT, BINGET', ['K\x07q\0h\0\x86.'], [7, 7]],
    ['LONG_BINPUT, LONG_BINGET', ['K\x07r', little(3, 4), 'j', little(3, 4), '\x86.'], [7, 7]],
    ['MEMOIZE numbers from 0', ['K\x07\x94K\x08\x94h\0h\x01\x86.'], [7, 8]],
    ['FRAME is a hint', ['\x80\x04\x95', little(3, 8), 'K\x01.'], 1],
  ])('%s', (_name, pieces, expected) => {
    expect(parsed(...pieces)).toEqual(expected);
  });

  test('what is referred to twice is one object', () => {
    const [first, second] = parsed(']q\0h\0\x86.') as unknown[];
    expect(first).toBe(second);
  });

  test('a list can hold itself', () => {
    const list = parsed(']q\0h\0a.') as unknown[];
    expect(list[0]).toBe(list);
  });

  test('keys from a file reach no prototype', () => {
    const dict = parsed('}X', little(9, 4), '__proto__}X', little(8, 4), 'pollutedK\x01ss.');
    expect(dict).toBeInstanceOf(Map);
    expect((dict as Map<unknown, unknown>).has('__proto__')).toBe(true);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  test('what follows the pickle is ignored, as in Python', () => {
    expect(parsed('K\x01.garbage\xff')).toBe(1);
  });

  test('a view into a larger buffer is read from its offset', () => {
    expect(parsePickle(bytes('xxK\x05.yy').subarray(2, 5))).toBe(5);
  });
});

describe('text and dicts of other classes', () => {
  const text = (...texts: string[]) =>
    texts
      .map(
        (one) =>
          `X${little(Buffer.byteLength(one), 4).toString('latin1')}${Buffer.from(one).toString('latin1')}`,
      )
      .join('');
  const SCALAR = 'cnumpy.core.multiarray\nscalar\ncnumpy\ndtype\n';

  test.each([
    [
      'np.str_',
      [SCALAR, text('U2'), '\x85RC\x08', little(0x61, 4), little(0x1f600, 4), '\x86R.'],
      'a\u{1f600}',
    ],
    ['of the other byte order', [SCALAR, text('>U1'), '\x85RC\x04\0\0\0a\x86R.'], 'a'],
    ['filled up', [SCALAR, text('U3'), '\x85RC\x0ca\0\0\0\0\0\0\0\0\0\0\0\x86R.'], 'a'],
    ['empty', [SCALAR, text('U0'), '\x85RC\0\x86R.'], ''],
    ['with half a pair', [SCALAR, text('U1'), '\x85RC\x04', little(0xdcff, 4), '\x86R.'], '\udcff'],
  ])('NumPy’s text: %s', (_name, pieces, expected) => {
    expect(parsed(...pieces)).toBe(expected);
  });

  // Right column: str() of the path in Python.
  test.each([
    ['pathlib', 'PosixPath', ['photos', 'ä.jpg'], 'photos/ä.jpg'],
    ['pathlib', 'PurePosixPath', ['/', 'photos', 'a.jpg'], '/photos/a.jpg'],
    ['pathlib', 'PosixPath', ['//', 'a'], '//a'],
    ['pathlib', 'PosixPath', [], '.'],
    ['pathlib', 'WindowsPath', ['C:\\', 'Photos', 'a.jpg'], 'C:\\Photos\\a.jpg'],
    ['pathlib', 'PureWindowsPath', ['\\\\nas\\share\\', 'a.jpg'], '\\\\nas\\share\\a.jpg'],
    ['pathlib', 'WindowsPath', ['photos', 'a.jpg'], 'photos\\a.jpg'],
    // Python 3.13: what the path was made of.
    ['pathlib._local', 'PosixPath', ['./photos//', 'b/../a.jpg'], 'photos/b/../a.jpg'],
    ['pathlib._local', 'PosixPath', ['photos', '/a.jpg'], '/a.jpg'],
    ['pathlib._local', 'PosixPath', ['///a/'], '/a'],
    ['pathlib._local', 'WindowsPath', ['C:/Photos', 'a.jpg'], 'C:\\Photos\\a.jpg'],
  ])('%s.%s of %j is text', (module, name, parts, expected) => {
    expect(parsed(`c${module}\n${name}\n(`, text(...parts), 'tR.')).toBe(expected);
  });

  test('an OrderedDict is a dict, of Python 3 and 2', () => {
    const expected = new Map([
      ['b', 1],
      ['a', 2],
    ]);
    const name = 'ccollections\nOrderedDict\n';
    expect(parsed(`${name})R(`, text('b'), 'K\x01', text('a'), 'K\x02u.')).toEqual(expected);
    expect(parsed(`${name}(]((`, text('b'), 'K\x01l(', text('a'), 'K\x02letR.')).toEqual(expected);
  });
});

describe('files of Python', () => {
  const cases = Object.entries(PICKLES).flatMap(([writer, pickles]) =>
    pickles.map((pickle, protocol) => [writer, protocol, pickle] as const),
  );

  test.each(cases)('%s, protocol %i', (_writer, _protocol, pickle) => {
    const [first, second] = parsePickle(pickle) as [Map<string, unknown>, Map<string, unknown>];
    expect(first.get('imagePath')).toBe('ä/1.jpg');
    expect(first.get('loc')).toEqual([10, 200, 3000, -4]);
    expect((first.get('encoding') as NumpyArray).data).toEqual(new Float64Array([0.5, -1.5, 1e300]));

    expect(second.get('loc')).toEqual([1, 2, 3, 4]);
    // Big-endian in the file.
    expect((second.get('encoding') as NumpyArray).data).toEqual(new Float32Array([1, 2]));
    const more = second.get('more') as unknown[];
    expect(more.slice(0, 6)).toEqual([null, true, false, 1.25, 2n ** 70n, new Uint8Array([0, 255])]);
    expect(more[6]).toBeInstanceOf(NumpyArray);
    const matrix = more[6] as NumpyArray;
    expect(matrix.shape).toEqual([2, 3]);
    // Column by column, as in the file.
    expect(matrix.data).toEqual(new Int32Array([0, 3, 1, 4, 2, 5]));
  });

  test.each(cases)(
    '%s, protocol %i, through a window that grows as it must',
    (_writer, _protocol, pickle) => {
      const whole = parsePickle(pickle);
      for (const step of [1, 2, 3, 7, 64]) {
        const survey = new Survey();
        const refill = (tokens: Tokens) => {
          tokens.reserve();
          const from = tokens.base + tokens.end;
          const count = Math.min(step, tokens.bytes.length - tokens.end);
          pickle.copy(tokens.bytes, tokens.end, from, from + count);
          tokens.end += count;
        };
        const firstPass = new Tokens(pickle.length, Buffer.alloc(1), 0);
        while (!survey.scan(firstPass)) refill(firstPass);
        // The bytes of the first pass are still in the window: they must not be taken for the file.
        const tokens = new Tokens(pickle.length, firstPass.bytes, 0);
        const machine = new Machine(tokens, survey, new Allowance(pickle.length));
        while (!machine.run()) refill(machine.tokens);
        expect(machine.value).toEqual(whole);
      }
    },
  );

  test('only what is referred to again is kept', () => {
    const pickle = PICKLES.numpy1[3] as Buffer;
    const survey = new Survey();
    survey.scan(new Tokens(pickle.length, pickle, pickle.length));
    const tokens = new Tokens(pickle.length, pickle, pickle.length);
    const machine = new Machine(tokens, survey, new Allowance(pickle.length));
    machine.run();
    const stored = pickle.toString('latin1').split('q').length - 1;
    expect(stored).toBeGreaterThan(30);
    expect(machine.memo.size).toBeLessThan(stored / 2);
  });
});

describe('numbers of an array', () => {
  test('float64 is not copied again: it is a view of the bytes that were read', () => {
    const [first, second] = (parsePickle(PICKLES.numpy1[3] as Buffer) as Map<string, NumpyArray>[]).map(
      (entry) => entry.get('encoding'),
    );
    expect(first?.data.buffer).toBe(second?.data.buffer);
    expect((first?.data.byteOffset ?? 1) % 8).toBe(0);
  });

  test('a large array has a buffer of its own', () => {
    const length = 1 << 16;
    const array = parsed(
      'cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\0\x85C\x01b\x87R',
      ...['(K\x01M', little(length / 8, 2), '\x85cnumpy\ndtype\nX\x02\0\0\0f8\x85R\x89B', little(length, 4)],
      Buffer.alloc(length, little(1, 8)),
      'tb.',
    ) as NumpyArray;
    expect(array.data.buffer.byteLength).toBe(length);
    expect(array.data[8191]).toBe(5e-324);
  });
});
