import { pick, type Random } from './target';

/** Numbers at which something overflows, in the forms that file formats store them. */
const EDGES: readonly number[] = [
  0,
  1,
  2,
  3,
  4,
  7,
  8,
  15,
  16,
  63,
  64,
  65,
  126,
  127,
  128,
  129,
  255,
  256,
  257,
  1000,
  1023,
  1024,
  4095,
  4096,
  32767,
  32768,
  65499,
  65500,
  65535,
  65536,
  2 ** 24 - 1,
  2 ** 24,
  2 ** 30,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 32 - 2,
  2 ** 32 - 1,
];

type Mutator = (bytes: Buffer, random: Random, corpus: readonly Uint8Array[], likely: Uint8Array) => Buffer;

const inPlace =
  (change: (bytes: Buffer, random: Random, likely: Uint8Array) => void): Mutator =>
  (bytes, random, _corpus, likely) => {
    if (bytes.length > 0) change(bytes, random, likely);
    return bytes;
  };

function part(bytes: Uint8Array, random: Random): Uint8Array {
  const from = random(bytes.length + 1);
  // Mostly short.
  const length = random(4) === 0 ? random(bytes.length + 1) : random(40);
  return bytes.subarray(from, from + length);
}

function insert(bytes: Buffer, at: number, piece: Uint8Array): Buffer {
  return Buffer.concat([bytes.subarray(0, at), piece, bytes.subarray(at)]);
}

const MUTATORS: readonly Mutator[] = [
  inPlace((bytes, random) => {
    const at = random(bytes.length);
    bytes[at] = (bytes[at] as number) ^ (1 << random(8));
  }),
  inPlace((bytes, random) => {
    bytes[random(bytes.length)] = random(256);
  }),
  inPlace((bytes, random, likely) => {
    bytes[random(bytes.length)] = pick(random, [...likely]);
  }),
  inPlace((bytes, random) => {
    const width = pick(random, [1, 2, 4]);
    if (bytes.length < width) return;
    const at = random(bytes.length - width + 1);
    const value = pick(random, EDGES) % 2 ** (8 * width);
    if (random(2) === 0) bytes.writeUIntLE(value, at, width);
    else bytes.writeUIntBE(value, at, width);
  }),
  (bytes, random, _corpus, likely) =>
    insert(bytes, random(bytes.length + 1), likely.subarray(random(likely.length))),
  (bytes, random, _corpus, likely) => {
    const pieces = Array.from({ length: 1 + random(4) }, () => pick(random, [...likely]));
    return insert(bytes, random(bytes.length + 1), Buffer.from(pieces));
  },
  (bytes, random) => {
    const gone = part(bytes, random);
    const from = gone.byteOffset - bytes.byteOffset;
    return Buffer.concat([bytes.subarray(0, from), bytes.subarray(from + gone.length)]);
  },
  (bytes, random) => insert(bytes, random(bytes.length + 1), part(bytes, random)),
  (bytes, random, corpus) => insert(bytes, random(bytes.length + 1), part(pick(random, corpus), random)),
  (bytes, random) => {
    const times = 2 + random(40);
    const piece = part(bytes, random).subarray(0, 64);
    return insert(bytes, random(bytes.length + 1), Buffer.concat(Array(times).fill(piece)));
  },
  (bytes, random) => bytes.subarray(0, random(bytes.length + 1)),
];

/**
 * A copy of `bytes` with a few changes: bits, bytes, lengths, pieces taken out, put in, repeated, cut off.
 *
 * @param corpus where pieces of other files come from
 * @param likely bytes that mean something in this format
 */
export function mutate(
  bytes: Uint8Array,
  random: Random,
  corpus: readonly Uint8Array[],
  likely: Uint8Array,
): Buffer {
  let result = Buffer.from(bytes);
  for (let changes = 1 + random(random(3) === 0 ? 12 : 3); changes > 0; changes--) {
    result = Buffer.from(pick(random, MUTATORS)(result, random, corpus, likely));
  }
  return result;
}
