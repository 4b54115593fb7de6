import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import type { RawImage } from '../../src/base/types';
import { pngOf } from './photos';

/*
 * HEIC photos. Their pictures are encoded by libheif's `heif-enc`; what that can't write (grids, turned pictures, depth maps) is
 * put together here from pictures that it has made.
 */

/** `describe`, or without `heif-enc` one that is skipped, and a line says so. */
export const describeWithHeif: (name: string, tests: () => void) => void = (name, tests) => {
  const { stdout = '', error } = spawnSync('heif-enc', ['--list-encoders'], { encoding: 'utf8' });
  if (!error && /x265|kvazaar/.test(stdout)) {
    describe(name, tests);
    return;
  }
  process.stderr.write(
    `SKIPPED "${name}": no heif-enc with an encoder for HEVC (Debian: libheif-examples)\n`,
  );
  // The tests themselves may need it to be declared.
  describe.skip(name, () => {
    test('needs heif-enc', () => {});
  });
};

/** Calls `work` with a folder that is there for so long. */
async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'heif-'));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The HEIC that `heif-enc` makes of PNG or JPEG files, the first being the primary picture. */
export async function heifEnc(
  pictures: readonly (Buffer | RawImage)[],
  ...options: string[]
): Promise<Buffer> {
  const files = await Promise.all(
    pictures.map((picture) => (Buffer.isBuffer(picture) ? picture : pngOf(picture))),
  );
  return encoded(
    files.map((bytes) => ({ bytes, type: bytes[0] === 0xff ? 'jpg' : 'png' })),
    options,
  );
}

/** The same of light, then the two differences of colour, each for four pixels, as they are. */
export function heifEncYuv(planes: Buffer, width: number, height: number): Promise<Buffer> {
  const head = Buffer.from(`YUV4MPEG2 W${width} H${height} F1:1 Ip A1:1 C420jpeg\nFRAME\n`);
  return encoded([{ bytes: Buffer.concat([head, planes]), type: 'y4m' }], []);
}

function encoded(
  pictures: readonly { readonly bytes: Buffer; readonly type: string }[],
  options: readonly string[],
): Promise<Buffer> {
  return inFolder(async (folder) => {
    const files = pictures.map(({ bytes, type }, i) => {
      const file = join(folder, `${i}.${type}`);
      writeFileSync(file, bytes);
      return file;
    });
    const heic = join(folder, options.includes('-A') ? 'out.avif' : 'out.heic');
    execFileSync('heif-enc', [...options, '-o', heic, ...files], { stdio: ['ignore', 'ignore', 'pipe'] });
    return readFileSync(heic);
  });
}

/** What `heif-convert` makes of the primary picture: 8 bits of its colours, without transparency. */
export function heifConvert(heic: Buffer): Promise<RawImage> {
  return inFolder(async (folder) => {
    const file = join(folder, 'in.heic');
    writeFileSync(file, heic);
    execFileSync('heif-convert', [file, join(folder, 'out.png')], { stdio: ['ignore', 'ignore', 'pipe'] });
    const pictures = readdirSync(folder).filter((name) => /^out.*png$/.test(name));
    const png = sharp(readFileSync(join(folder, pictures.sort()[0] as string)));
    const { depth } = await png.metadata();
    const wide = depth === 'ushort' ? png.toColourspace('rgb16') : png.toColourspace('srgb');
    const raw = wide.removeAlpha().raw({ depth: depth === 'ushort' ? 'ushort' : 'uchar' });
    const { data, info } = await raw.toBuffer({ resolveWithObject: true });
    // The high byte of each of little-endian 16 bits.
    const bytes = depth === 'ushort' ? data.filter((_, i) => i % 2 === 1) : data;
    return { data: new Uint8Array(bytes), width: info.width, height: info.height };
  });
}

/** Something in a HEIF file: a coded picture, one made of others, metadata. */
export interface HeifItem {
  readonly id: number;
  readonly type: string;
  readonly data: Buffer;
  /** Whole boxes that say more of it. */
  readonly properties: readonly Buffer[];
  readonly references: readonly { readonly type: string; readonly to: readonly number[] }[];
  readonly hidden?: boolean;
}

export interface HeifParts {
  readonly brand?: string;
  readonly primary: number;
  readonly items: readonly HeifItem[];
  /** Behind all boxes. */
  readonly trailing?: Buffer;
  /** How often the bytes of the last item are named as its own. */
  readonly times?: number;
}

const u8 = (...values: number[]) => Buffer.from(values);
const u16 = (...values: number[]) => Buffer.concat(values.map((value) => u8(value >> 8, value & 255)));
const u32 = (...values: number[]) => u16(...values.flatMap((value) => [value >>> 16, value & 0xffff]));

export function box(type: string, ...content: readonly Buffer[]): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), ...content]);
  return Buffer.concat([u32(body.length + 4), body]);
}

const fullBox = (type: string, version: number, flags: number, ...content: readonly Buffer[]) =>
  box(type, u32(version * 2 ** 24 + flags), ...content);

/** Turned by so many quarters against the clock. */
export const irot = (quarters: number) => box('irot', u8(quarters));
/** Mirrored: 0 top to bottom, 1 left to right. */
export const imir = (axis: 0 | 1) => box('imir', u8(axis));
export const ispe = (width: number, height: number) => fullBox('ispe', 0, 0, u32(width, height));
/** What an auxiliary picture is. */
export const auxC = (urn: string) => fullBox('auxC', 0, 0, Buffer.from(`${urn}\0`));

/** An item that puts others together, row by row: `references` to them are for the caller to give. */
export const gridData = (columns: number, rows: number, width: number, height: number) =>
  Buffer.concat([u8(0, 1, rows - 1, columns - 1), u32(width, height)]);

/** Puts a file together. */
export function heifFile({
  brand = 'heic',
  primary,
  items,
  trailing = Buffer.alloc(0),
  times = 1,
}: HeifParts): Buffer {
  // Those that are the same are there once: there is room for 127.
  const properties = new Map(
    items.flatMap((item) => item.properties).map((property) => [property.toString('hex'), property]),
  );
  const places = [...properties.keys()];
  const infos = items.map(({ id, type, hidden = false }) =>
    fullBox('infe', 2, hidden ? 1 : 0, u16(id, 0), Buffer.from(`${type}\0`, 'latin1')),
  );
  const references = items.flatMap(({ id, references }) =>
    references.map(({ type, to }) => box(type, u16(id, to.length, ...to))),
  );
  const associations = items.map(({ id, properties: own }) => {
    const indices = own.map((property) => u8(0x80 | (1 + places.indexOf(property.toString('hex')))));
    return Buffer.concat([u16(id), u8(indices.length), ...indices]);
  });
  const start = box('ftyp', Buffer.from(`${brand}\0\0\0\0mif1${brand}`, 'latin1'));
  const metaAt = (dataAt: number) => {
    let at = dataAt;
    const locations = items.map(({ id, data }, i) => {
      const pieces = i === items.length - 1 ? times : 1;
      const entry = Buffer.concat([
        u16(id, 0, pieces),
        ...new Array<Buffer>(pieces).fill(u32(at, data.length)),
      ]);
      at += data.length;
      return entry;
    });
    return fullBox(
      'meta',
      0,
      0,
      fullBox('hdlr', 0, 0, u32(0), Buffer.from('pict'), Buffer.alloc(13)),
      fullBox('pitm', 0, 0, u16(primary)),
      fullBox('iloc', 0, 0, u8(0x44, 0), u16(items.length), ...locations),
      fullBox('iinf', 0, 0, u16(items.length), ...infos),
      ...(references.length > 0 ? [fullBox('iref', 0, 0, ...references)] : []),
      box(
        'iprp',
        box('ipco', ...properties.values()),
        fullBox('ipma', 0, 0, u32(items.length), ...associations),
      ),
    );
  };
  const dataAt = start.length + metaAt(0).length + 8;
  return Buffer.concat([start, metaAt(dataAt), box('mdat', ...items.map(({ data }) => data)), trailing]);
}

/** Takes a file of `heif-enc` apart. */
export function heifParts(file: Buffer): { readonly primary: number; readonly items: readonly HeifItem[] } {
  const meta = new Map(boxesOf(inside(file, 'meta').subarray(4)));
  const part = (type: string) => (meta.get(type) ?? Buffer.alloc(0)) as Buffer;
  const properties = boxesOf(inside(part('iprp'), 'ipco')).map(([type, content]) => box(type, content));
  const own = associationsIn(inside(part('iprp'), 'ipma'));
  const places = locationsIn(part('iloc'));
  const references = boxesOf(part('iref').subarray(4)).map(([type, content]) => {
    const [from = 0, count = 0] = [content.readUInt16BE(0), content.readUInt16BE(2)];
    return { type, from, to: Array.from({ length: count }, (_, i) => content.readUInt16BE(4 + 2 * i)) };
  });
  const items = boxesOf(part('iinf').subarray(6)).map(([, info]) => {
    const id = info.readUInt16BE(4);
    return {
      id,
      type: info.toString('latin1', 8, 12),
      hidden: (info[3] ?? 0) === 1,
      data: Buffer.concat(
        (places.get(id) ?? []).map(([at, length, inside]) =>
          (inside ? part('idat') : file).subarray(at, at + length),
        ),
      ),
      properties: (own.get(id) ?? []).map((index) => properties[index - 1] as Buffer),
      references: references.filter(({ from }) => from === id).map(({ type, to }) => ({ type, to })),
    };
  });
  return { primary: part('pitm').readUInt16BE(4), items };
}

function boxesOf(content: Buffer): [type: string, content: Buffer][] {
  const boxes: [string, Buffer][] = [];
  for (let at = 0; at + 8 <= content.length; at += content.readUInt32BE(at)) {
    boxes.push([
      content.toString('latin1', at + 4, at + 8),
      content.subarray(at + 8, at + content.readUInt32BE(at)),
    ]);
  }
  return boxes;
}

const inside = (content: Buffer, type: string) => new Map(boxesOf(content)).get(type) as Buffer;

function associationsIn(ipma: Buffer): Map<number, number[]> {
  const found = new Map<number, number[]>();
  let at = 8;
  for (let count = ipma.readUInt32BE(4); count > 0; count--) {
    const number = ipma[at + 2] as number;
    const indices = [...ipma.subarray(at + 3, at + 3 + number)].map((index) => index & 0x7f);
    found.set(ipma.readUInt16BE(at), indices);
    at += 3 + number;
  }
  return found;
}

type Place = readonly [at: number, length: number, inside: boolean];

/** Of versions 0 and 1, with offsets and lengths of 32 bits, as `heif-enc` writes them: in the file, or inside `idat`. */
function locationsIn(iloc: Buffer): Map<number, Place[]> {
  const version = iloc[0] as number;
  const baseBytes = (iloc[5] as number) >> 4;
  const found = new Map<number, Place[]>();
  let at = 8;
  for (let count = iloc.readUInt16BE(6); count > 0; count--) {
    const id = iloc.readUInt16BE(at);
    const inside = version === 1 && iloc.readUInt16BE(at + 2) === 1;
    at += version === 1 ? 6 : 4;
    const base = baseBytes === 0 ? 0 : iloc.readUIntBE(at, baseBytes);
    at += baseBytes;
    const extents = iloc.readUInt16BE(at);
    at += 2;
    const list: Place[] = [];
    for (let i = 0; i < extents; i++, at += 8) {
      list.push([base + iloc.readUInt32BE(at), iloc.readUInt32BE(at + 4), inside]);
    }
    found.set(id, list);
  }
  return found;
}
