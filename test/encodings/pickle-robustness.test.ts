import * as v8 from 'node:v8';
import { FaceError } from '../../src/base/errors';
import { PICKLES } from '../fixtures/pickles';
import { bytes, faceError, little, parsed, parsePickle, randomIntegers } from '../support/pickle-bytes';

jest.mock('node:v8', () => ({ ...jest.requireActual('node:v8'), getHeapStatistics: jest.fn() }));

const files = Object.values(PICKLES).flat();

beforeEach(() => {
  jest
    .mocked(v8.getHeapStatistics)
    .mockImplementation(jest.requireActual<typeof v8>('node:v8').getHeapStatistics);
});

/** Fails unless the pickle is read or refused in one of the ways that are promised. */
function readOrRefused(pickle: Uint8Array): 'read' | 'refused' {
  try {
    parsePickle(pickle);
    return 'read';
  } catch (error) {
    if (error instanceof FaceError && /^FACE_PICKLE_(UNSAFE|INVALID)$/.test(error.code)) return 'refused';
    throw error;
  }
}

test('a file cut short at any byte is refused as such', () => {
  for (const file of files) {
    for (let length = 0; length < file.length; length++) {
      const error = faceError(() => parsePickle(file.subarray(0, length)));
      expect(error.code).toBe('FACE_PICKLE_INVALID');
    }
  }
});

test('changed bytes give plain data or a refusal, nothing else', () => {
  const random = randomIntegers(20);
  const opcodes = bytes(').]}NK(0te\x85\x86\x87Rbhqjr\x94\x93\x8cXCBJMGUTSVIFLpgacdlsuo2');
  let refused = 0;
  const rounds = 8000;
  for (let round = 0; round < rounds; round++) {
    const pickle = Buffer.from(files[random(files.length)] as Buffer);
    for (let changes = 1 + random(4); changes > 0; changes--) {
      const at = random(pickle.length);
      // Half of them instructions, so that the machine gets further than the first nonsense.
      pickle[at] = random(2) === 0 ? random(256) : (opcodes[random(opcodes.length)] as number);
    }
    if (readOrRefused(pickle) === 'refused') refused++;
  }
  expect(refused).toBeGreaterThan(rounds / 4);
  expect(refused).toBeLessThan(rounds);
});

test('pieces of files in any order give plain data or a refusal, nothing else', () => {
  const random = randomIntegers(21);
  for (let round = 0; round < 4000; round++) {
    const pieces: Uint8Array[] = [];
    for (let count = 1 + random(6); count > 0; count--) {
      const file = files[random(files.length)] as Buffer;
      const from = random(file.length);
      pieces.push(file.subarray(from, from + random(file.length - from + 1)));
    }
    readOrRefused(bytes(...pieces, '.'));
  }
});

describe('a small file can not take all memory or time', () => {
  test.each([
    ['BINBYTES', ['B\xff\xff\xff\xff']],
    ['BINBYTES8', ['\x8e\xff\xff\xff\xff\xff\xff\xff\xff']],
    ['BINBYTES8 of 2^53', ['\x8e', little(2n ** 53n, 8)]],
    ['BYTEARRAY8', ['\x96\xff\xff\xff\xff\xff\xff\xff\x7f']],
    ['BINUNICODE', ['X\xff\xff\xff\xff']],
    ['BINUNICODE8', ['\x8d\xff\xff\xff\xff\0\0\0\0']],
    ['BINSTRING', ['T\xff\xff\xff\x7f']],
    ['LONG4', ['\x8b\xff\xff\xff\x7f']],
  ])('%s with a length that is not there', (_name, pieces) => {
    expect(faceError(() => parsed(...pieces, 'abc.')).code).toBe('FACE_PICKLE_INVALID');
  });

  test('lists of lists of lists, each twice in the next (2^5000 in all)', () => {
    const pickle = bytes(']q\0', ...Array(5000).fill('h\0h\0\x86q\0'), '.');
    expect(Array.isArray(parsePickle(pickle))).toBe(true);
  });

  test.each([
    ['tuples in tuples', [']', '\x85'.repeat(200_000), '.']],
    ['lists in lists', [']'.repeat(200_000), 'a'.repeat(199_999), '.']],
    ['dicts in dicts', ['}\x8c\x01k'.repeat(50_000), '}', 's'.repeat(50_000), '.']],
  ])('nesting: %s', (_name, pieces) => {
    expect(readOrRefused(bytes(...pieces))).toBe('read');
  });

  const DTYPE = 'cnumpy\ndtype\nX\x02\0\0\0f8\x85Rq\0';
  const RECONSTRUCT = 'cnumpy.core.multiarray\n_reconstruct\nq\x01cnumpy\nndarray\nK\0\x85C\x01b\x87q\x02';
  test.each([
    ['dicts', ['}'.repeat(1_000_000), '.']],
    ['empty tuples', [')'.repeat(2_000_000), '.']],
    ['tuples in tuples', [')', '\x85'.repeat(1_000_000), '.']],
    ['empty bytes', ['C\0'.repeat(1_000_000), '.']],
    ['bytes of Python 2', ['U\x01\xff'.repeat(2_000_000), '.']],
    ['arrays without values', [RECONSTRUCT, 'h\x01h\x02R'.repeat(1_000_000), '.']],
    [
      'shapes of 64 dimensions',
      [
        DTYPE,
        'cnumpy.core.numeric\n_frombuffer\nq\x05(C\x00h\0(',
        'K\0'.repeat(64),
        't\x8c\x01Ctq\x06',
      ].concat('h\x05h\x06R'.repeat(50_000), '.'),
    ],
  ])('a byte or two for each of many objects: %s', (_name, pieces) => {
    const error = faceError(() => parsed(...pieces));
    expect(error.code).toBe('FACE_PICKLE_INVALID');
    expect(error.message).toContain('many times the size of the file');
  });

  // JavaScript compares them all with one another: 200,000 would take minutes.
  test.each([
    ['integers that differ beyond 64 bits', (i: number) => ['\x8a\x0c', little(1, 8), little(i, 4)]],
    ['integers', (i: number) => ['J', little(i, 4)]],
    ['fractions', (i: number) => [`F${i}.5\n`]],
  ])('a dict with keys that meet in one place of its table: %s', (_name, key) => {
    const pairs = (count: number, after: string) =>
      Buffer.concat(Array.from({ length: count }, (_, i) => bytes(...key(i), after)));
    expect(parsed('}(', pairs(1000, 'N'), 'u.')).toHaveProperty('size', 1000);
    expect(faceError(() => parsed('}(', pairs(20_000, 'N'), 'u.')).message).toContain('numbers for keys');
    expect(faceError(() => parsed('}', pairs(20_000, 'Ns'), '.')).message).toContain('numbers for keys');
  });

  test.each([
    ['BINUNICODE', 'X', ''],
    ['BINSTRING', 'T', ''],
    ['UNICODE', 'V', '\n'],
    ['STRING', "S'", "'\n"],
    ['GLOBAL', 'c', '\nname\n'],
  ])('text of more than 16 MB: %s', (_name, before, after) => {
    const size = (16 << 20) + 2048;
    const length = after === '' ? little(size, 4) : '';
    const read = () => parsed(before, length, Buffer.alloc(size, 'a'), after, '.');
    // Bytes need not be looked at one by one.
    if (before === 'T') expect(read()).toHaveProperty('length', size);
    else expect(faceError(read).code).toBe('FACE_PICKLE_INVALID');
  });

  test('text full of halves of characters takes memory in proportion', () => {
    const text = '\xed\xa0\x80'.repeat(5_000_000);
    const read = parsed('X', little(text.length, 4), text, '.') as string;
    expect([read.length, read.slice(-2)]).toEqual([5_000_000, '\ud800\ud800']);
  });

  test('marks without end', () => {
    expect(readOrRefused(bytes('('.repeat(1_000_000), '.'))).toBe('refused');
  });

  test('text turned into bytes again and again', () => {
    const text = 'a'.repeat(100_000);
    const pickle = bytes(
      ...['c_codecs\nencode\nq\0X', little(text.length, 4), text, 'q\x01\x8c\x06latin1q\x02]'],
      ...Array(100_000).fill('h\0h\x01h\x02\x86Ra'),
      '.',
    );
    expect(faceError(() => parsePickle(pickle)).message).toContain('many times the size of the file');
  });

  test('a heap that is nearly full is an error while there still can be one', () => {
    const actual = v8.getHeapStatistics();
    jest.mocked(v8.getHeapStatistics).mockReturnValue({
      ...actual,
      used_heap_size: 0.9 * actual.heap_size_limit,
    });
    const error = faceError(() => parsed(']', ']a'.repeat(100_000), '.'));
    expect(error.code).toBe('FACE_OUT_OF_MEMORY');
    expect(error.message).toContain('--max-old-space-size');
  });
});
