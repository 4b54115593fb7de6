import { bytes, little } from '../support/pickle-bytes';
import { pick, type Random } from './target';

type Piece = string | Uint8Array;

const NAMES = ['imagePath', 'loc', 'encoding', '__proto__', 'constructor', 'length', 'toString', 'more'];
const DTYPES = [
  'f8',
  '<f8',
  '>f8',
  'f4',
  '>f4',
  'i8',
  'i4',
  'i2',
  'i1',
  'u8',
  'u4',
  'u2',
  'u1',
  'b1',
  '|b1',
  'O8',
  'f2',
  'V8',
  'U1',
  '<U2',
  '>U0',
];
const PATH_CLASSES = ['PosixPath', 'PurePosixPath', 'WindowsPath', 'PureWindowsPath'];
const PATH_PARTS = ['/', '//', 'C:\\', 'C:', '\\\\host\\share\\', 'a', 'b//c', './', '..', '', 'ä.jpg'];
const UNSAFE = [
  'os\nsystem',
  'builtins\neval',
  '__builtin__\nexec',
  '__proto__\nconstructor',
  'numpy\nload',
  'copyreg\n_reconstructor',
];
const FLOATS = ['nan', '-nan', 'inf', '-inf', '1e400', '-0', '0.1', '1_0', '0x1p3', '1e', '.5', '5.', ' 1 '];

/**
 * Makes pickles that keep the grammar but mean anything: every kind of value in every encoding, arrays whose shapes and
 * data agree or don't, references to what was memoized or wasn't, entries of encodings files with parts that are wrong.
 */
export class PickleGrammar {
  private readonly out: Piece[] = [];
  private memoized = 0;
  private size = 0;

  constructor(private readonly random: Random) {}

  make(): Buffer {
    const { random } = this;
    if (random(3) > 0) this.put('\x80', String.fromCharCode(random(50) === 0 ? random(256) : 2 + random(4)));
    if (random(2) === 0) this.encodings();
    else this.value(random(7));
    if (random(20) > 0) this.put('.');
    return bytes(...this.out);
  }

  private put(...pieces: Piece[]): void {
    for (const piece of pieces) this.size += piece.length;
    this.out.push(...pieces);
  }

  private around(before: string, inner: () => void, after: string): void {
    this.put(before);
    inner();
    this.put(after);
  }

  private rarely(): boolean {
    return this.random(30) === 0;
  }

  /** A list or tuple of entries, most of them sound. */
  private encodings(): void {
    const { random } = this;
    const tuple = random(8) === 0;
    if (!tuple) this.put(']');
    this.put('(');
    for (let count = random(6); count > 0; count--) {
      if (this.rarely()) this.value(2);
      else this.entry();
      this.memoize();
      if (this.rarely()) this.recall();
    }
    this.put(tuple ? 't' : 'e');
  }

  private entry(): void {
    const { random } = this;
    this.put('}(');
    for (const name of ['imagePath', 'loc', 'encoding', ...(this.rarely() ? [pick(random, NAMES)] : [])]) {
      if (this.rarely()) continue;
      this.text(this.rarely() ? pick(random, NAMES) : name);
      if (this.rarely()) this.value(2);
      else if (name === 'imagePath') this.imagePath();
      else if (name === 'loc') this.sequence(this.rarely() ? random(8) : 4, () => this.integer());
      else if (name === 'encoding') this.encoding();
      else this.value(1);
    }
    this.put('u');
  }

  private imagePath(): void {
    const { random } = this;
    pick<() => void>(random, [
      () => this.text(`photos/${random(20)}.jpg`),
      () => this.path(),
      () => this.scalar(`${pick(random, ['<', '>'])}U${random(4)}`),
    ])();
  }

  private path(): void {
    const { random } = this;
    this.put(`cpathlib${pick(random, ['', '._local'])}\n${pick(random, PATH_CLASSES)}\n(`);
    for (let count = random(4); count > 0; count--) {
      if (this.rarely()) this.value(1);
      else this.text(pick(random, PATH_PARTS));
    }
    this.put('tR');
  }

  private encoding(): void {
    const { random } = this;
    const length = this.rarely() ? random(300) : 128;
    if (random(4) > 0) this.array([length], random(3) > 0 ? '<f8' : pick(random, DTYPES));
    else this.sequence(length, () => (this.rarely() ? this.float() : this.put('K', little(random(256), 1))));
  }

  private value(depth: number): void {
    const { random } = this;
    // Deep, but not endless.
    if (this.size > 20_000) {
      this.put('N');
      return;
    }
    const container = depth > 0 && random(3) > 0;
    if (container) {
      const count = random(6);
      const inner = () => this.value(depth - 1);
      pick(random, [
        () => this.sequence(count, inner),
        () => this.dict(count, inner),
        () => this.chain(depth),
        () =>
          this.array(
            Array.from({ length: random(4) }, () => random(5)),
            pick(random, DTYPES),
          ),
      ])();
    } else {
      pick(random, [
        () => this.put(pick(random, ['N', '\x88', '\x89', 'I01\n', 'I00\n'])),
        () => this.integer(),
        () => this.float(),
        () => this.text(pick(random, [...NAMES, 'ä', '\u{1f600}', ''])),
        () => this.binary(random(40)),
        () => this.scalar(pick(random, DTYPES)),
        () => this.path(),
        () => this.recall(),
        () => this.oddity(),
      ])();
    }
    if (random(3) === 0) this.memoize();
  }

  private integer(): void {
    const { random } = this;
    const value = pick(random, [
      0,
      1,
      127,
      255,
      256,
      65_535,
      65_536,
      -1,
      2 ** 31 - 1,
      -(2 ** 31),
      random(5000),
    ]);
    const long = 1 + random(12);
    pick<() => void>(random, [
      () => this.put('K', little(value, 1)),
      () => this.put('M', Buffer.from([value & 255, (value >> 8) & 255])),
      () => this.put('J', little(value, 4)),
      () => this.put(`I${value}\n`),
      () => this.put(`L${value}${random(2) ? 'L' : ''}\n`),
      () => this.put('\x8a', little(long, 1), Buffer.alloc(long, random(256))),
      () => this.put('\x8b', little(long, 4), Buffer.alloc(long, random(256))),
    ])();
  }

  private float(): void {
    const { random } = this;
    if (random(2) === 0) {
      this.put(`F${pick(random, FLOATS)}\n`);
      return;
    }
    const value = Buffer.alloc(8);
    value.writeDoubleBE(pick(random, [0, -0, 0.5, Number.NaN, Infinity, -Infinity, 1e308, 5e-324, 2 ** 53]));
    this.put('G', value);
  }

  private text(text: string): void {
    const { random } = this;
    const utf8 =
      random(40) === 0 ? Buffer.from([0xed, 0xa0, 0x80, 0xff].slice(0, 3 + random(2))) : Buffer.from(text);
    pick<() => void>(random, [
      () => this.put('\x8c', little(utf8.length, 1), utf8),
      () => this.put('X', little(utf8.length, 4), utf8),
      () => this.put('\x8d', little(utf8.length, 8), utf8),
      () => this.put('U', little(utf8.length, 1), utf8),
      () => this.put('T', little(utf8.length, 4), utf8),
      () => this.put('V', utf8, '\n'),
      () => this.put("S'", utf8, "'\n"),
    ])();
    if (random(4) === 0) this.memoize();
  }

  private binary(length: number): void {
    const { random } = this;
    const data = Buffer.alloc(length, random(256));
    pick<() => void>(random, [
      () => this.put(length < 256 ? 'C' : 'B', little(length, length < 256 ? 1 : 4), data),
      () => this.put('B', little(length, 4), data),
      () => this.put('\x8e', little(length, 8), data),
      () => this.put('\x96', little(length, 8), data),
      () =>
        this.put('c_codecs\nencode\nX', little(length, 4), Buffer.alloc(length, 'a'), '\x8c\x06latin1\x86R'),
    ])();
  }

  private sequence(count: number, item: () => void): void {
    const items = () => {
      for (let i = 0; i < count; i++) item();
    };
    const oneByOne = () => {
      for (let i = 0; i < count; i++) {
        item();
        this.put('a');
      }
    };
    const shapes: (() => void)[] = [
      () => this.around('(', items, 't'),
      () => this.around('(', items, 'l'),
      () => this.around('](', items, 'e'),
      () => this.around(']', oneByOne, ''),
    ];
    if (count >= 1 && count <= 3)
      shapes.push(() => this.around('', items, String.fromCharCode(0x84 + count)));
    pick(this.random, shapes)();
  }

  private dict(count: number, item: () => void): void {
    const { random } = this;
    const pairs = (end: string) => {
      for (let i = 0; i < count; i++) {
        if (random(3) > 0) this.text(pick(random, NAMES));
        else item();
        item();
        this.put(end);
      }
    };
    pick<() => void>(random, [
      () => this.around('(', () => pairs(''), 'd'),
      () => this.around('}(', () => pairs(''), 'u'),
      () => this.around('}', () => pairs('s'), ''),
      () => this.around('ccollections\nOrderedDict\n)R(', () => pairs(''), 'u'),
      () => this.around('ccollections\nOrderedDict\n]](', () => pairs(''), 'ea\x85R'),
    ])();
  }

  /** Things in things in things, or each twice in the next. */
  private chain(depth: number): void {
    const { random } = this;
    const count = random(10) === 0 ? random(3000) : random(20);
    pick<() => void>(random, [
      () => this.put(')', '\x85'.repeat(count)),
      () => this.put(']'.repeat(count + 1), 'a'.repeat(count)),
      () => this.put(']', '2\x86'.repeat(count)),
      () => this.put('('.repeat(count), 't'.repeat(count), ...(count === 0 ? ['N'] : [])),
      () => this.value(depth - 1),
    ])();
  }

  private dtype(code: string): void {
    const { random } = this;
    this.put('cnumpy\ndtype\n', '\x8c', little(code.length, 1), code, '\x89\x88\x87R');
    if (random(3) === 0) return;
    const order = pick(random, ['<', '>', '|', '=']);
    this.put(`(K\x03\x8c\x01${order}NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\0tb`);
  }

  private shape(lengths: readonly number[]): void {
    this.put('(');
    for (const length of lengths) {
      if (this.rarely()) this.integer();
      else this.put('M', Buffer.from([length & 255, length >> 8]));
    }
    this.put('t');
  }

  private array(lengths: readonly number[], dtype: string): void {
    const { random } = this;
    const itemSize = Number(dtype.at(-1));
    const size = lengths.reduce((product, length) => product * length, itemSize);
    const length = this.rarely() ? random(2000) : Math.min(size, 5000);
    const package_ = pick(random, ['core', '_core']);
    const data = () => this.binary(length);
    if (random(3) === 0) {
      this.put(`cnumpy.${package_}.numeric\n_frombuffer\n(`);
      data();
      this.dtype(dtype);
      this.shape(lengths);
      this.put(`\x8c\x01${pick(random, ['C', 'F'])}tR`);
      return;
    }
    this.put(`cnumpy.${package_}.multiarray\n_reconstruct\ncnumpy\nndarray\nK\0\x85C\x01b\x87R(K\x01`);
    this.shape(lengths);
    this.dtype(dtype);
    this.put(pick(random, ['\x88', '\x89']));
    data();
    this.put('tb');
  }

  private scalar(dtype: string): void {
    this.put('cnumpy.core.multiarray\nscalar\n');
    this.dtype(dtype);
    // Text is of 4 bytes a character.
    this.binary(Number(dtype.at(-1)) * (dtype.includes('U') ? 4 : 1));
    this.put('\x86R');
  }

  private memoize(): void {
    const key = this.memoized++;
    pick<() => void>(this.random, [
      () => this.put('\x94'),
      () => this.put('q', little(key, 1)),
      () => this.put('r', little(key, 4)),
      () => this.put(`p${key}\n`),
    ])();
  }

  private recall(): void {
    const { random } = this;
    if (this.memoized === 0) {
      this.put('N');
      return;
    }
    const key = this.rarely() ? random(70_000) : random(this.memoized);
    pick<() => void>(random, [
      () => this.put('h', little(key, 1)),
      () => this.put('j', little(key, 4)),
      () => this.put(`g${key}\n`),
    ])();
  }

  /** What no pickler writes, or no safe one. */
  private oddity(): void {
    const { random } = this;
    if (random(4) > 0) {
      this.put('N');
      return;
    }
    this.put(
      pick(random, [
        `c${pick(random, UNSAFE)}\n`,
        `(i${pick(random, UNSAFE)}\n`,
        'N2',
        'NN0',
        '((1N',
        ']h\0b',
        'Nb',
        'NR',
        '\x81',
        '\x8f',
        'P1\n',
        '\x97',
        '\x82\x01',
        ']2a',
        '}2Ns',
        '}22s',
        `\x95${'\xff'.repeat(8)}`,
        'cnumpy\nndarray\n',
      ]),
    );
  }
}
