import { existsSync } from 'node:fs';
import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FaceError } from '../../src/base/errors';
import type { FaceRecord } from '../../src/base/types';
import { readEncodings, writeEncodings } from '../../src/encodings/encodings';
import type { NumpyArray } from '../../src/encodings/pickle/numpy';
import { codeIn } from '../support/docs';
import { parsePickle } from '../support/pickle-bytes';
import { describeWithPython, runPython } from '../support/python';
import { describeWithShared } from '../support/shared';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pickle-python-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** In C and in Python: they write different instructions. */
const WRITERS = ['dump', '_dump'] as const;
const PROTOCOLS = [0, 1, 2, 3, 4, 5] as const;
const combinations = WRITERS.flatMap((writer) => PROTOCOLS.map((protocol) => [writer, protocol] as const));

/** What Python says is in the file: `[imagePath (UTF-16 as hex), top, right, bottom, left, float64 as hex]`. */
type Expected = [string, number, number, number, number, string][];

const PRELUDE = `
import json, pickle, sys
import numpy as np

def summary(entries):
    return [[e["imagePath"].encode("utf-16-be", "surrogatepass").hex(), *map(int, e["loc"]),
             np.asarray(e["encoding"]).astype("<f8").tobytes().hex()] for e in entries]
`;

/** Faces as the Python project makes them, and as people's own scripts do. */
const MAKE_FACES = `${PRELUDE}
rng = np.random.default_rng(7)
vectors = rng.normal(size=(9, 128))
strided = np.repeat(vectors[7], 2)[::2]
matrix = np.asfortranarray(vectors)
read_only = vectors[6].copy(); read_only.setflags(write=False)
entries = [
    {"imagePath": "players/0001.jpg", "loc": (52, 243, 109, 186), "encoding": vectors[0].copy()},
    {"imagePath": "players/0001.jpg", "loc": (np.int64(0), np.int32(70000), np.uint8(255), np.int16(-3)),
     "encoding": vectors[1].astype("f4")},
    {"imagePath": "ünï/日本 😀.jpg", "loc": [1, 2, 3, 4], "encoding": vectors[2].astype(">f8")},
    {"imagePath": "not utf-8 \\udcff.jpg", "loc": np.array([5, 6, 7, 8]), "encoding": vectors[3].astype(">f4")},
    {"imagePath": "back\\\\slash\\nnewline\\x1a\\x00", "loc": (1, 2, 3, 4), "encoding": vectors[4].tolist()},
    {"encoding": tuple(np.float64(x) for x in vectors[5]), "more": [None, {"a": 2**70}, b"\\x00"], "loc": (9, 8, 7, 6),
     "imagePath": ""},
    {"imagePath": "c", "loc": (1, 2, 3, 4), "encoding": read_only},
    {"imagePath": "d", "loc": (1, 2, 3, 4), "encoding": strided},
    {"imagePath": "e", "loc": np.array([5, 6, 7, 8], dtype=">i4"), "encoding": matrix[8]},
]
entries.append(entries[0])
`;

const WRITE_ALL = `${MAKE_FACES}
import os
class Evil:
    def __reduce__(self): return os.system, ("touch " + sys.argv[2],)

base = np.arange(24).reshape(2, 3, 4)
arrays = [order(base.astype(end + kind))
          for kind in ("f8", "f4", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "b1")
          for end in "<>="
          for order in (np.ascontiguousarray, lambda a: a[::-1, :, ::2], lambda a: a[0, 0, 3])]
# Only one without elements: pickle._dump of Python 3.11 can't write two.
arrays.append(base[:0].astype("f8"))

for writer in ("dump", "_dump"):
    for protocol in range(6):
        for kind, value in ("faces", entries), ("arrays", arrays), ("evil", [{"imagePath": Evil()}]):
            with open(f"{sys.argv[1]}/{kind}-{writer}-{protocol}.pickle", "wb") as f:
                getattr(pickle, writer)(value, f, protocol)

def native(array):
    return array.astype(array.dtype.newbyteorder("=")).tobytes("C").hex()

print(json.dumps({
    "faces": summary(entries),
    "arrays": [[list(a.shape), a.dtype.str[1:], native(a)] if a.shape else a.item() for a in arrays],
}))
`;

/** Faces whose paths and entries are of other classes than `str` and `dict`. */
const WRITE_CLASSES = `${PRELUDE}
import pathlib
from collections import OrderedDict
names = ["photos/a.jpg", "/photos//b.jpg", "./c/../d.jpg", "", "ü/日本 😀.jpg"]
paths = [c(name) for name in names for c in (np.str_, pathlib.PurePosixPath, pathlib.PureWindowsPath, pathlib.Path)]
entries = [OrderedDict(imagePath=path, loc=(1, 2, 3, 4), encoding=np.arange(128.0)) for path in paths]
for protocol in range(6):
    with open(f"{sys.argv[1]}/classes-{protocol}.pickle", "wb") as f: pickle.dump(entries, f, protocol)
print(json.dumps([str(path) for path in paths]))
`;

/** Files of other kinds, by what they have to be called, and one that was added to. */
const WRITE_OTHERS = `${MAKE_FACES}
import bz2, gzip, joblib, lzma, os
place = sys.argv[1]
path = lambda name: os.path.join(place, name)
for name, module in ("gzip", gzip), ("bzip2", bz2), ("xz", lzma):
    with module.open(path(name), "wb") as f: pickle.dump(entries, f)
for name, compress in ("joblib", 0), ("zlib", True):
    joblib.dump(entries, path(name), compress=compress)
with open(path(".npy"), "wb") as f: np.save(f, vectors)
with open(path(".npz"), "wb") as f: np.savez(f, vectors)
with open(path("JSON"), "w") as f: json.dump(vectors.tolist(), f)
with open(path("known people"), "wb") as f: pickle.dump({"encodings": [vectors[0]], "names": ["Anna"]}, f)
for entry in entries:
    with open(path("a list of 1"), "ab") as f: pickle.dump([entry], f)
print(json.dumps([len(pickle.load(open(path("a list of 1"), "rb"))), sorted(os.listdir(place))]))
`;

async function readAsSummary(path: string): Promise<Expected> {
  return summary(await readEncodings(path));
}

function summary(records: readonly FaceRecord[]): Expected {
  return records.map(({ imagePath, loc, encoding }) => [
    Buffer.from(imagePath, 'utf16le').swap16().toString('hex'),
    ...([loc.top, loc.right, loc.bottom, loc.left] as const),
    Buffer.from(encoding.buffer, encoding.byteOffset, encoding.byteLength).toString('hex'),
  ]);
}

function someFaces(count: number): FaceRecord[] {
  return Array.from({ length: count }, (_, index) => ({
    imagePath: index % 3 === 2 ? `ü/${index}\udc80.jpg` : `photos/${index >> 1}.jpg`,
    loc: { top: index, right: 300 + index, bottom: 100_000, left: 5 - index },
    // Groups of five, so that DBSCAN has something to find.
    encoding: Float64Array.from({ length: 128 }, (_, at) => Math.sin((index % 7) * 128 + at) + index * 1e-5),
  }));
}

describeWithPython('pickles and Python', (environment) => {
  const run = (script: string, ...args: string[]) => runPython(environment, script, args);

  describe('we read what Python writes', () => {
    let written: { faces: Expected; arrays: unknown[] };
    let place: string;
    const file = (kind: string, writer: string, protocol: number) =>
      join(place, `${kind}-${writer}-${protocol}.pickle`);

    beforeAll(async () => {
      place = await mkdtemp(join(folder, 'python-'));
      written = JSON.parse(run(WRITE_ALL, place, join(place, 'proof')));
    });

    test.each(combinations)('faces, %s, protocol %i', async (writer, protocol) => {
      expect(written.faces).toHaveLength(10);
      expect(await readAsSummary(file('faces', writer, protocol))).toEqual(written.faces);
    });

    test.each(combinations)(
      'arrays of every type and byte order, %s, protocol %i',
      async (writer, protocol) => {
        const arrays = parsePickle(await readFile(file('arrays', writer, protocol)));
        const read = (arrays as (NumpyArray | number | boolean)[]).map((array) => {
          if (typeof array !== 'object') return array;
          const { data } = array;
          const hex = Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('hex');
          return [array.shape, array.dtype, hex];
        });
        expect(read).toHaveLength(100);
        expect(read).toEqual(written.arrays);
      },
    );

    test('os.system is refused and not run', async () => {
      const proof = join(place, 'proof');
      for (const [writer, protocol] of combinations) {
        const path = file('evil', writer, protocol);
        const error = (await readEncodings(path).catch((reason) => reason)) as FaceError;
        expect(error.code).toBe('FACE_PICKLE_UNSAFE');
        expect(error.message).toMatch(/"(posix|nt)\.system"/);
      }
      expect(existsSync(proof)).toBe(false);

      // The file is what it is said to be: Python does run it.
      run('import pickle, sys; pickle.load(open(sys.argv[1], "rb"))', file('evil', 'dump', 3));
      expect(existsSync(proof)).toBe(true);
    });
  });

  test('paths and entries of other classes are read as the text and the dict that they are', async () => {
    const place = await mkdtemp(join(folder, 'classes-'));
    const expected: string[] = JSON.parse(run(WRITE_CLASSES, place));
    expect(expected).toHaveLength(20);
    for (const protocol of PROTOCOLS) {
      const records = await readEncodings(join(place, `classes-${protocol}.pickle`));
      expect(records.map(({ imagePath }) => imagePath)).toEqual(expected);
    }
  });

  test('what Python writes of another kind is called what it is; what it would leave out is said', async () => {
    const place = await mkdtemp(join(folder, 'others-'));
    const [read, names] = JSON.parse(run(WRITE_OTHERS, place)) as [number, string[]];
    // The file is what it is said to be: Python reads one face of ten.
    expect(read).toBe(1);
    expect(names).toHaveLength(10);
    for (const name of names) {
      const error = (await readEncodings(join(place, name)).catch((reason) => reason)) as FaceError;
      expect([name, error.code]).toEqual([name, expect.stringMatching(/^FACE_(PICKLE|ENCODINGS)_INVALID$/)]);
      expect(error.message.slice(place.length + name.length)).toContain(name);
    }
  });

  test('the lines in the docs make one list of a file that was added to', async () => {
    const place = await mkdtemp(join(folder, 'join-'));
    const faces = someFaces(5);
    await writeEncodings(join(place, 'b'), faces.slice(2));
    await writeEncodings(join(place, 'added.pickle'), faces.slice(0, 2));
    await appendFile(join(place, 'added.pickle'), await readFile(join(place, 'b')));
    const lines = codeIn('docs/migration.md', 'python', 'added.pickle').replace(
      /"(added|joined)\.pickle"/g,
      (_, name) => JSON.stringify(join(place, `${name}.pickle`)),
    );
    run(lines);
    expect(summary(await readEncodings(join(place, 'joined.pickle')))).toEqual(summary(faces));
  });

  describe('Python reads what we write', () => {
    test.each(['pickle.load', 'pickle._load'])('the same types and bits, %s', async (load) => {
      const path = join(folder, 'ours.pickle');
      const records = someFaces(1050);
      await writeEncodings(path, records);
      const printed = run(
        `${PRELUDE}
with open(sys.argv[1], "rb") as f: entries = ${load}(f)
assert type(entries) is list
for e in entries:
    assert type(e) is dict and list(e) == ["imagePath", "loc", "encoding"]
    assert type(e["imagePath"]) is str
    assert type(e["loc"]) is tuple and len(e["loc"]) == 4 and all(type(x) is int for x in e["loc"])
    a = e["encoding"]
    assert type(a) is np.ndarray and a.dtype == np.dtype("float64") and a.dtype.isnative and a.shape == (128,)
    assert a.flags.writeable and a.flags.aligned and a.flags.c_contiguous
before = summary(entries)
entries[0]["encoding"][:] = 0
assert summary(entries)[1:] == before[1:], "entries share memory"
print(json.dumps(before))`,
        path,
      );
      expect(JSON.parse(printed)).toEqual(summary(records));
    });

    test('it runs through scikit-learn as in cluster_faces.py', async () => {
      const path = join(folder, 'cluster.pickle');
      await writeEncodings(path, someFaces(70));
      const labels = run(
        `${PRELUDE}
from sklearn.cluster import DBSCAN
data = np.array(pickle.loads(open(sys.argv[1], "rb").read()))
clt = DBSCAN(metric="euclidean", n_jobs=1)
clt.fit([d["encoding"] for d in data])
print(json.dumps(clt.labels_.tolist()))`,
        path,
      );
      expect(JSON.parse(labels)).toEqual(Array.from({ length: 70 }, (_, index) => index % 7));
    });

    test('an empty file, and no larger than what Python makes of the same faces', async () => {
      const path = join(folder, 'size.pickle');
      await writeEncodings(path, []);
      expect(run(`import pickle, sys; print(pickle.load(open(sys.argv[1], "rb")))`, path).trim()).toBe('[]');
      await writeEncodings(path, someFaces(500));
      const size = run(
        `${PRELUDE}
print(len(pickle.dumps(pickle.load(open(sys.argv[1], "rb")), 3)))`,
        path,
      );
      expect((await readFile(path)).length).toBeLessThanOrEqual(Number(size));
    });

    test('only old instructions: a file that pickletools finds nothing wrong with', async () => {
      const path = join(folder, 'tools.pickle');
      await writeEncodings(path, someFaces(300));
      const highest = run(
        `import io, pickletools, sys
out = io.StringIO()
pickletools.dis(open(sys.argv[1], "rb").read(), out)
print(out.getvalue().strip().splitlines()[-1])`,
        path,
      );
      expect(highest.trim()).toBe('highest protocol among opcodes = 3');
    });
  });

  describeWithShared('golden encodings', (shared) => {
    const names = ['players-hog', 'players-cnn', 'players-original-2020'];

    test.each(names)('%s: the same bits from every protocol, and back', async (name) => {
      const golden = join(shared, 'golden', `${name}.pickle`);
      const expected: Expected = JSON.parse(
        run(
          `${PRELUDE}
entries = pickle.load(open(sys.argv[1], "rb"))
for protocol in range(6):
    with open(f"{sys.argv[2]}-{protocol}.pickle", "wb") as f: pickle.dump(entries, f, protocol)
print(json.dumps(summary(entries)))`,
          golden,
          join(folder, name),
        ),
      );
      expect(await readAsSummary(golden)).toEqual(expected);
      for (const protocol of PROTOCOLS) {
        expect(await readAsSummary(join(folder, `${name}-${protocol}.pickle`))).toEqual(expected);
      }

      const ours = join(folder, `${name}-ours.pickle`);
      await writeEncodings(ours, await readEncodings(golden));
      const back = run(
        `${PRELUDE}
print(json.dumps(summary(pickle.load(open(sys.argv[1], "rb")))))`,
        ours,
      );
      expect(JSON.parse(back)).toEqual(expected);
    });
  });
});

// What Python 2 with NumPy writes can't be made here: no such Python is installed anywhere. This is its layout.
test('Python 2: a str for the path, the keys and the data of the array', async () => {
  const path = join(await mkdtemp(join(tmpdir(), 'pickle-python2-')), 'encodings.pickle');
  const data = Buffer.from(new Float64Array(128).fill(0.1).buffer);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(data.length);
  const latin1 = (text: string) => Buffer.from(text, 'latin1');
  await writeFile(
    path,
    Buffer.concat([
      latin1(
        '\x80\x02]q\x00}q\x01(U\x09imagePathq\x02U\x06\xc3\xa4.jpgq\x03U\x03locq\x04(K\x01K\x02K\x03K\x04tq\x05',
      ),
      latin1(
        'U\x08encodingq\x06cnumpy.core.multiarray\n_reconstruct\nq\x07cnumpy\nndarray\nq\x08K\x00\x85q\tU\x01bq\n',
      ),
      latin1(
        '\x87q\x0bRq\x0c(K\x01K\x80\x85q\rcnumpy\ndtype\nq\x0eU\x02f8q\x0fK\x00K\x01\x87q\x10Rq\x11(K\x03U\x01<q\x12',
      ),
      latin1('NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tq\x13b\x89T'),
      length,
      data,
      latin1('q\x14tq\x15bua.'),
    ]),
  );
  const [record] = await readEncodings(path);
  expect(record?.imagePath).toBe('ä.jpg');
  expect(record?.encoding).toEqual(new Float64Array(128).fill(0.1));
});
