import { existsSync } from 'node:fs';
import { appendFile, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateSync, gzipSync } from 'node:zlib';
import type { FaceError } from '../../src/base/errors';
import type { FaceRecord } from '../../src/base/types';
import { readEncodings, writeEncodings } from '../../src/encodings/encodings';
import { bytes, little } from '../support/pickle-bytes';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'encodings-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Where every encoding is a view of: much faster than making each. */
const VALUES = Float64Array.from({ length: 1128 }, (_, index) => Math.sin(index));

function record(index: number, imagePath = `photos/${index}.jpg`): FaceRecord {
  return {
    imagePath,
    loc: { top: index, right: index + 300, bottom: index + 70_000, left: 5 - index },
    encoding: new Float64Array(VALUES.buffer, 8 * (index % 1000), 128),
  };
}

/** A record in a form that is compared at once, and to the bit. */
function bits({ imagePath, loc, encoding }: FaceRecord) {
  const hex = Buffer.from(encoding.buffer, encoding.byteOffset, encoding.byteLength).toString('hex');
  return [imagePath, loc, hex];
}

async function rejection(promise: Promise<unknown>): Promise<FaceError> {
  return promise.then(
    () => {
      throw new Error('Expected a rejection.');
    },
    (error) => error,
  );
}

/** An encodings file with one entry, `wellFormed` entries before it; the pieces are pickles of the values. */
async function fileWith(entry: Partial<Record<'imagePath' | 'loc' | 'encoding', string>>): Promise<string> {
  const text = (value: string) => `\x8c${String.fromCharCode(value.length)}${value}`;
  const values = { imagePath: text('a.jpg'), loc: '(K\x01K\x02K\x03K\x04t', encoding: list(128), ...entry };
  const pairs = Object.entries(values).map(([key, value]) => (value === '' ? '' : text(key) + value));
  const path = join(folder, 'made.pickle');
  await writeFile(path, bytes(`]}(${pairs.join('')}ua.`));
  return path;
}
const list = (length: number, item = 'K\x01') => `(${item.repeat(length)}l`;

describe('a round trip', () => {
  test.each([0, 1, 2, 999, 1000, 1001, 2500])('%i faces come back bit for bit', async (count) => {
    // Runs of one photo, so that its path is written once and referred to.
    const records = Array.from({ length: count }, (_, index) => record(index, `photos/${index >> 2}.jpg`));
    const path = join(folder, 'encodings.pickle');
    await writeEncodings(path, records);
    expect((await readEncodings(path)).map(bits)).toEqual(records.map(bits));
  });

  test.each(['', 'ü/日本/😀.jpg', 'line\nbreak', 'not UTF-8: \udcff\udc80.jpg', '\ud83d'])(
    'the path %j',
    async (name) => {
      const path = join(folder, 'encodings.pickle');
      await writeEncodings(path, [record(1, name), record(2, name), record(3, 'other')]);
      expect((await readEncodings(path)).map(({ imagePath }) => imagePath)).toEqual([name, name, 'other']);
    },
  );

  test('boxes at the ends of their range, values that are hard to keep', async () => {
    const extreme = { top: -(2 ** 31), right: 2 ** 31 - 1, bottom: 65_536, left: -1 };
    const encoding = new Float64Array(128).fill(5e-324);
    encoding.set([-0, Number.MAX_VALUE, 0.1]);
    const path = join(folder, 'encodings.pickle');
    await writeEncodings(path, [{ imagePath: 'a', loc: extreme, encoding }]);
    const [read] = await readEncodings(path);
    expect(read?.loc).toEqual(extreme);
    expect(Buffer.from(read?.encoding.slice().buffer as ArrayBuffer).toString('hex')).toBe(
      Buffer.from(encoding.buffer).toString('hex'),
    );
  });

  test('an encoding that is a part of a larger buffer', async () => {
    const all = Float64Array.from({ length: 300 }, (_, index) => index);
    const path = join(folder, 'encodings.pickle');
    await writeEncodings(path, [{ ...record(0), encoding: all.subarray(100, 228) }]);
    expect((await readEncodings(path))[0]?.encoding).toEqual(all.slice(100, 228));
  });
});

describe('reading', () => {
  test.each([
    ['a list of numbers', { encoding: list(128, 'G\x3f\xf0\0\0\0\0\0\0') }],
    ['a tuple of numbers', { encoding: `(${'K\x01'.repeat(128)}t` }],
    ['loc as a list', { loc: list(4) }],
    ['imagePath as bytes', { imagePath: 'C\x05a.jpg' }],
    ['a box of whole floats', { loc: list(4, 'G\x3f\xf0\0\0\0\0\0\0') }],
  ])('%s is accepted', async (_name, entry) => {
    const [read] = await readEncodings(await fileWith(entry));
    expect(read?.imagePath).toBe('a.jpg');
    expect(read?.loc.top).toBe(1);
    expect(read?.encoding).toEqual(new Float64Array(128).fill(1));
  });

  test('bytes of Python 2 are UTF-8, as keys too', async () => {
    const path = join(folder, 'made.pickle');
    const entry = `}(C\x09imagePathU\x06\xc3\xa4.jpgC\x03loc${list(4)}C\x08encoding${list(128)}K\x01Nu`;
    await writeFile(path, bytes(`]${entry}a.`));
    expect((await readEncodings(path))[0]?.imagePath).toBe('ä.jpg');
  });

  test.each([
    ['no imagePath', { imagePath: '' }, 'imagePath to be text but received nothing'],
    ['imagePath as a number', { imagePath: 'K\x07' }, 'imagePath to be text but received the number 7'],
    ['imagePath not UTF-8', { imagePath: 'C\x01\xff' }, 'imagePath in UTF-8'],
    ['no loc', { loc: '' }, 'loc to be 4 integers'],
    ['loc of 3', { loc: list(3) }, 'received a list of 3'],
    ['loc with a fraction', { loc: list(4, 'G\x3f\xf8\0\0\0\0\0\0') }, 'received 1.5'],
    ['loc with a bool', { loc: list(4, '\x88') }, 'loc to be 4 integers'],
    ['loc beyond 32 bits', { loc: list(4, '\x8a\x05\0\0\0\0\x01') }, 'received 4294967296'],
    [
      'loc beyond 64 bits',
      { loc: list(4, '\x8a\x09\0\0\0\0\0\0\0\0\x01') },
      'the integer 18446744073709551616',
    ],
    ['no encoding', { encoding: '' }, 'encoding to be 128 numbers but received nothing'],
    ['an encoding of 64', { encoding: list(64) }, 'encoding to be 128 numbers but received a list of 64'],
    ['an encoding of text', { encoding: list(128, '\x8c\x01a') }, 'encoding to be 128 numbers'],
    ['an encoding not a number', { encoding: list(128, 'Fnan\n') }, 'finite but received NaN as number 1'],
    ['an infinite encoding', { encoding: list(128, 'Finf\n') }, 'finite but received Infinity'],
    [
      'an integer beyond float64',
      { encoding: list(128, `\x8b${little(200, 4).toString('latin1')}${'\x01'.repeat(200)}`) },
      'Infinity',
    ],
  ])('%s is refused', async (_name, entry, problem) => {
    const path = await fileWith(entry);
    const error = await rejection(readEncodings(path));
    expect(error.code).toBe('FACE_ENCODINGS_INVALID');
    expect(error.message).toContain(problem);
    expect(error.message).toContain(path);
    expect(error.message).toContain('Entry 0');
  });

  test('the entry that is wrong is named, not the first', async () => {
    const path = join(folder, 'made.pickle');
    const good = `}(\x8c\x09imagePath\x8c\x01a\x8c\x03loc${list(4)}\x8c\x08encoding${list(128)}u`;
    await writeFile(path, bytes(`](${good.repeat(9000)}Ne.`));
    expect((await rejection(readEncodings(path))).message).toContain('Entry 9000 ');
  });

  test('a tuple of entries is as good as a list', async () => {
    const path = join(folder, 'made.pickle');
    const entry = `}(\x8c\x09imagePath\x8c\x01a\x8c\x03loc${list(4)}\x8c\x08encoding${list(128)}u`;
    await writeFile(path, bytes(`(${entry.repeat(9000)}t.`));
    expect(await readEncodings(path)).toHaveLength(9000);
    await writeFile(path, bytes(`(${entry.repeat(9000)}Nt.`));
    expect((await rejection(readEncodings(path))).message).toContain('Entry 9000 ');
  });

  test('a list that goes on growing from elsewhere is refused, not read as half records', async () => {
    const path = join(folder, 'made.pickle');
    const entry = `}(\x8c\x09imagePath\x8c\x01a\x8c\x03loc${list(4)}\x8c\x08encoding${list(128)}uq\x01`;
    await writeFile(path, bytes(`]q\0${entry}a0Nh\0h\x01a.`));
    expect((await rejection(readEncodings(path))).code).toBe('FACE_PICKLE_INVALID');
  });

  test.each([
    ['the same entry', `h\0`, 200_000],
    ['entries with the same numbers', '}(h\x03h\x04h\x05h\x06h\x07h\x08u', 100_000],
  ])(
    '%s again and again: refused before it takes many times the size of the file',
    async (_, again, count) => {
      const path = join(folder, 'made.pickle');
      const entry =
        `}(\x8c\x09imagePathq\x03C\x01aq\x04\x8c\x03locq\x05${list(4)}q\x06` +
        `\x8c\x08encodingq\x07${list(128)}q\x08uq\0`;
      await writeFile(path, bytes(`](${entry}${again.repeat(1000)}e.`));
      expect(await readEncodings(path)).toHaveLength(1001);
      await writeFile(path, bytes(`](${entry}${again.repeat(count)}e.`));
      const error = await rejection(readEncodings(path));
      expect(error.code).toBe('FACE_PICKLE_INVALID');
      expect(error.message).toContain('many times the size of the file');
    },
  );

  test.each([
    ['a dict', '}.'],
    ['a number', 'K\x01.'],
  ])('a pickle of %s is no encodings file', async (_name, pickle) => {
    const path = join(folder, 'made.pickle');
    await writeFile(path, bytes(pickle));
    expect((await rejection(readEncodings(path))).code).toBe('FACE_ENCODINGS_INVALID');
  });

  test('the file of known people that other programs make is called that', async () => {
    const path = join(folder, 'made.pickle');
    await writeFile(path, bytes('}(\x8c\x09encodings]\x8c\x05names]u.'));
    const error = await rejection(readEncodings(path));
    expect(error.code).toBe('FACE_ENCODINGS_INVALID');
    expect(error.message).toContain('known people');
  });

  test('of lists that were written one after the other none is left out without a word', async () => {
    const path = join(folder, 'appended.pickle');
    const other = join(folder, 'other.pickle');
    await writeEncodings(path, [record(1)]);
    await writeEncodings(other, [record(2), record(3)]);
    const first = (await readFile(path)).length;
    await appendFile(path, await readFile(other));
    const error = await rejection(readEncodings(path));
    expect(error.code).toBe('FACE_ENCODINGS_INVALID');
    expect(error.message).toContain(`a list of 1, which ends at byte ${first}`);
    expect(error.message).toContain('docs/migration.md');
  });

  test.each(['\n', '\r\n', '\0'.repeat(512)])('what only fills a file up is no list: %j', async (padding) => {
    const path = join(folder, 'padded.pickle');
    await writeEncodings(path, [record(1), record(2)]);
    await appendFile(path, padding);
    expect(await readEncodings(path)).toEqual([record(1), record(2)]);
  });

  test.each<[string, string | Buffer]>([
    ['an empty file', ''],
    ['gzip', gzipSync('x')],
    ['bzip2', 'BZh91AY&SY'],
    ['xz', '\xfd7zXZ\0\0\x04'],
    ['zstd', '\x28\xb5\x2f\xfd\x04'],
    ['zlib', deflateSync('x')],
    ['.npy', '\x93NUMPY\x01\0v\0{}'],
    ['.npz', 'PK\x03\x04\x14\0'],
    ['HDF5', '\x89HDF\r\n\x1a\n\0'],
    ['JPEG', '\xff\xd8\xff\xe0\0\x10JFIF'],
    ['JSON', '[{"imagePath": "a.jpg"}]'],
    ['JSON', ' {"faces": []}\n'],
    ['joblib', `]}(\x8c\x08encoding\x8c\x12joblib.numpy_pickle\x8c\x11NumpyArrayWrapper\x93)R\xff\xff`],
    ['Git LFS', 'version https://git-lfs.github.com/spec/v1\noid sha256:0\n'],
  ])('an intact file of another kind is called what it is: %s', async (kind, content) => {
    const path = join(folder, 'other.pickle');
    await writeFile(path, content, 'latin1');
    const error = await rejection(readEncodings(path));
    expect(error.code).toBe('FACE_PICKLE_INVALID');
    expect(error.message).toContain(kind);
    expect(error.message).not.toContain('damaged');
  });

  test('an unsafe or damaged file is refused under its name', async () => {
    const path = join(folder, 'made.pickle');
    await writeFile(path, bytes('cposix\nsystem\n\x8c\x04true\x85R.'));
    const unsafe = await rejection(readEncodings(path));
    expect([unsafe.code, unsafe.message.includes('posix.system'), unsafe.message.includes(path)]).toEqual([
      'FACE_PICKLE_UNSAFE',
      true,
      true,
    ]);
    await writeFile(path, '');
    expect((await rejection(readEncodings(path))).code).toBe('FACE_PICKLE_INVALID');
  });

  test('a file that is not there, and a folder', async () => {
    const missing = await rejection(readEncodings(join(folder, 'none.pickle')));
    expect([missing.code, missing.message.includes('there is no such file')]).toEqual(['FACE_IO', true]);
    expect((await rejection(readEncodings(folder))).code).toBe('FACE_IO');
    expect((await rejection(readEncodings(''))).code).toBe('FACE_INVALID_ARGUMENT');
  });

  test('a signal stops it', async () => {
    const path = join(folder, 'encodings.pickle');
    await writeEncodings(
      path,
      Array.from({ length: 6000 }, (_, index) => record(index)),
    );
    expect((await rejection(readEncodings(path, { signal: AbortSignal.abort() }))).code).toBe('FACE_ABORTED');
    const controller = new AbortController();
    const reading = readEncodings(path, { signal: controller.signal });
    setImmediate(() => controller.abort());
    expect((await rejection(reading)).code).toBe('FACE_ABORTED');
  });
});

describe('writing is all or nothing', () => {
  test('missing folders are made, an old file is replaced, nothing else is left', async () => {
    const path = join(folder, 'a', 'b', 'encodings.pickle');
    await writeEncodings(path, [record(1)]);
    await writeEncodings(path, [record(2)]);
    expect(await readEncodings(path)).toEqual([record(2)]);
    expect(await readdir(join(folder, 'a', 'b'))).toEqual(['encodings.pickle']);
  });

  test.each([
    ['a box with a fraction', { loc: { top: 0.5, right: 1, bottom: 1, left: 0 } }, 'records[1500].loc.top'],
    [
      'a box beyond 32 bits',
      { loc: { top: 0, right: 2 ** 31, bottom: 1, left: 0 } },
      'records[1500].loc.right',
    ],
    ['no box', { loc: undefined }, 'records[1500].loc.top'],
    ['a path that is none', { imagePath: 5 }, 'records[1500].imagePath'],
    ['a path without end', { imagePath: 'a'.repeat(1_000_000) }, 'records[1500].imagePath'],
    ['an encoding of 127', { encoding: new Float64Array(127) }, 'records[1500].encoding'],
    ['an encoding of float32', { encoding: new Float32Array(128) }, 'records[1500].encoding'],
    ['an encoding not finite', { encoding: new Float64Array(128).fill(Number.NaN, 3) }, 'encoding[3]'],
  ])('%s: the old file stays', async (_name, wrong, place) => {
    const path = join(folder, 'encodings.pickle');
    await writeEncodings(path, [record(1)]);
    const records = Array.from({ length: 2000 }, (_, index) => record(index));
    records[1500] = { ...record(0), ...wrong } as FaceRecord;
    const error = await rejection(writeEncodings(path, records));
    expect(error.code).toBe('FACE_INVALID_ARGUMENT');
    expect(error.message).toContain(place);
    expect(await readEncodings(path)).toEqual([record(1)]);
    expect(await readdir(folder)).toEqual(['encodings.pickle']);
  });

  test('a signal: the old file stays', async () => {
    const path = join(folder, 'encodings.pickle');
    await writeEncodings(path, [record(1)]);
    const before = await readFile(path);
    const controller = new AbortController();
    const records = Array.from({ length: 3000 }, (_, index) => record(index));
    const writing = writeEncodings(path, records, { signal: controller.signal });
    controller.abort();
    expect((await rejection(writing)).code).toBe('FACE_ABORTED');
    expect((await readFile(path)).equals(before)).toBe(true);
    expect(await readdir(folder)).toEqual(['encodings.pickle']);
  });

  test('a place that can not be written to says what to do', async () => {
    await writeFile(join(folder, 'file'), '');
    const below = await rejection(writeEncodings(join(folder, 'file', 'encodings.pickle'), []));
    expect([below.code, below.message.includes('choose another place')]).toEqual(['FACE_IO', true]);

    await mkdir(join(folder, 'taken', 'full'), { recursive: true });
    const taken = await rejection(writeEncodings(join(folder, 'taken'), []));
    expect([taken.code, taken.message.includes('choose another name')]).toEqual(['FACE_IO', true]);
    expect((await readdir(folder)).sort()).toEqual(['file', 'taken']);
  });

  test.each([
    ['250 letters', 'x'.repeat(250)],
    ['80 Chinese characters', '\u9762'.repeat(80)],
  ])('a name of %s, as long as names can be', async (_, name) => {
    const file = join(folder, name);
    await writeEncodings(file, [record(1)]);
    expect(await readEncodings(file)).toHaveLength(1);
    expect(await readdir(folder)).toEqual([name]);
  });

  test('a symbolic link stays one', async () => {
    const target = join(folder, 'real.pickle');
    await writeEncodings(target, []);
    await symlink(target, join(folder, 'link.pickle'));
    await writeEncodings(join(folder, 'link.pickle'), [record(4)]);
    expect(await readEncodings(target)).toEqual([record(4)]);
    expect(existsSync(target)).toBe(true);
  });
});
