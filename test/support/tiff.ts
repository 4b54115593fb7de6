/** The tags of a TIFF of one strip, by their numbers; those of the strip and the size come on their own. */
export interface TiffParts {
  readonly width: number;
  readonly height: number;
  readonly bits: readonly number[];
  readonly compression?: number;
  readonly photometric: number;
  /** More tags of one or two SHORT values. */
  readonly shorts?: Readonly<Record<number, readonly number[]>>;
  /** Tags of EXIF's directory, which are text. */
  readonly exif?: Readonly<Record<number, string>>;
  /** The strip as it stands in the file. */
  readonly pixels: readonly number[] | Buffer;
  readonly bigEndian?: boolean;
  /** 64-bit offsets. */
  readonly big?: boolean;
}

const ASCII = 2;
const SHORT = 3;
const LONG = 4;
const LONG8 = 16;

/** Puts a TIFF together: of the kinds that matter here sharp writes none. */
export function tiffFile(parts: TiffParts): Buffer {
  const { width, height, bits, pixels, big = false, bigEndian = false } = parts;
  const offset = big ? LONG8 : LONG;
  const head = big ? 16 : 8;
  const [entryBytes, fieldBytes] = big ? [20, 8] : [12, 4];
  const strip = Buffer.from(pixels);
  const stored = new Map<number, readonly [type: number, values: readonly number[]]>([
    [256, [LONG, [width]]],
    [257, [LONG, [height]]],
    [258, [SHORT, bits]],
    [259, [SHORT, [parts.compression ?? 1]]],
    [262, [SHORT, [parts.photometric]]],
    [277, [SHORT, [bits.length]]],
    [278, [LONG, [height]]],
    [279, [LONG, [strip.length]]],
    ...Object.entries(parts.shorts ?? {}).map(([tag, values]) => [Number(tag), [SHORT, values]] as const),
  ]);
  const directoryBytes = (entries: number) => (big ? 8 : 2) + entries * entryBytes + (big ? 8 : 4);
  const exif = Object.entries(parts.exif ?? {});
  const tags = stored.size + (parts.exif ? 2 : 1);
  const aside = head + directoryBytes(tags);
  const exifAt = aside + 8 + strip.length;
  stored.set(273, [offset, [aside + 8]]);
  if (parts.exif) stored.set(0x8769, [LONG, [exifAt]]);
  const texts = exif.map(([, text]) => Buffer.from(`${text}\0`));
  const textsAt = exifAt + directoryBytes(exif.length);
  const file = Buffer.alloc(textsAt + Buffer.concat(texts).length);
  strip.copy(file, aside + 8);
  const put = (value: number, at: number, bytes: number) => {
    if (bytes === 8) put(0, at + (bigEndian ? 0 : 4), 4);
    const low = bytes === 8 && bigEndian ? at + 4 : at;
    const wide = Math.min(bytes, 4);
    if (bigEndian) file.writeUIntBE(value, low, wide);
    else file.writeUIntLE(value, low, wide);
  };
  file.write(bigEndian ? 'MM' : 'II');
  put(big ? 43 : 42, 2, 2);
  if (big) put(8, 4, 2);
  put(head, big ? 8 : 4, fieldBytes);
  put(tags, head, big ? 8 : 2);
  let at = head + (big ? 8 : 2);
  for (const [tag, [type, values]] of [...stored].sort(([a], [b]) => a - b)) {
    const bytes = type === SHORT ? 2 : type === LONG ? 4 : 8;
    const field = at + entryBytes - fieldBytes;
    put(tag, at, 2);
    put(type, at + 2, 2);
    put(values.length, at + 4, fieldBytes);
    // Three bits-per-sample values are the only ones that do not fit into a classic entry.
    const place = values.length * bytes <= fieldBytes ? field : aside;
    if (place === aside) put(aside, field, fieldBytes);
    for (const [i, value] of values.entries()) put(value, place + i * bytes, bytes);
    at += entryBytes;
  }
  if (!parts.exif) return file.subarray(0, exifAt);
  put(exif.length, exifAt, big ? 8 : 2);
  let textAt = textsAt;
  for (const [i, [tag]] of exif.entries()) {
    const entry = exifAt + (big ? 8 : 2) + i * entryBytes;
    const text = texts[i] as Buffer;
    put(Number(tag), entry, 2);
    put(ASCII, entry + 2, 2);
    put(text.length, entry + 4, fieldBytes);
    if (text.length <= fieldBytes) text.copy(file, entry + entryBytes - fieldBytes);
    else put(textAt, entry + entryBytes - fieldBytes, fieldBytes);
    text.copy(file, textAt);
    textAt += text.length;
  }
  return file;
}
