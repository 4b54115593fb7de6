import { type TagValue, TiffWriter } from './tiff-writer';

/** What goes into a raw photo. */
export interface RawParts {
  /** The picture that the camera has put in to look at. */
  readonly jpeg: Buffer;
  /** A smaller one. */
  readonly thumbnail: Buffer;
  /** See EXIF. */
  readonly orientation: number;
  /** As EXIF has it. */
  readonly taken: string;
}

const [COMPRESSION, PHOTOMETRIC, MAKE, STRIP, ORIENTATION, STRIP_BYTES, BELOW] = [
  259, 262, 271, 273, 274, 279, 330,
];
const [JPEG_AT, JPEG_BYTES, EXIF, TAKEN, MAKER_NOTE, DNG_VERSION] = [513, 514, 34665, 36867, 37500, 50706];
const CFA = 32803;

const text = (latin1: string) => Buffer.from(latin1, 'latin1');
const HEADS = { le: text('II*\0\0\0\0\0'), be: text('MM\0*\0\0\0\0') };

/** What the sensor saw: a lossless JPEG (SOF3), of which a viewer can make nothing. */
function sensorData({ jpeg }: RawParts): Buffer {
  const data = Buffer.from(jpeg);
  const frame = data.indexOf(Buffer.of(0xff, 0xc0));
  data[frame + 1] = 0xc3;
  // Larger than any picture.
  data.writeUInt16BE(6000, frame + 5);
  return data;
}

class RawWriter extends TiffWriter {
  constructor(
    readonly parts: RawParts,
    make: string,
    head: Buffer,
  ) {
    super(head, head[0] === 0x4d);
    this.about = { [MAKE]: make, [ORIENTATION]: parts.orientation };
  }

  private readonly about: Readonly<Record<number, TagValue>>;

  exif(note?: Buffer): number {
    return this.directory({ [TAKEN]: this.parts.taken, ...(note && { [MAKER_NOTE]: note }) });
  }

  /** The tags of a first directory. */
  first(tags: Readonly<Record<number, TagValue>>, note?: Buffer): Readonly<Record<number, TagValue>> {
    return { ...this.about, ...tags, [EXIF]: this.exif(note) };
  }

  embedded(jpeg: Buffer): Readonly<Record<number, TagValue>> {
    return { [COMPRESSION]: 6, [JPEG_AT]: this.add(jpeg), [JPEG_BYTES]: jpeg.length };
  }

  strip(jpeg: Buffer, compression: number): Readonly<Record<number, TagValue>> {
    return { [COMPRESSION]: compression, [STRIP]: this.add(jpeg), [STRIP_BYTES]: jpeg.length };
  }

  sensor(): Readonly<Record<number, TagValue>> {
    return { ...this.strip(sensorData(this.parts), 7), [PHOTOMETRIC]: CFA };
  }
}

type MakeRaw = (parts: RawParts) => Buffer;

/** Raw photos, as far as they are read, by what writes them. */
export const RAW_KINDS: Readonly<Record<string, MakeRaw>> = {
  'Canon CR2': (parts) => {
    const file = new RawWriter(parts, 'Canon', text('II*\0\0\0\0\0CR\x02\0\0\0\0\0'));
    const sensor = file.directory(file.strip(sensorData(parts), 6));
    const small = file.directory(file.embedded(parts.thumbnail), sensor);
    return file.file(file.directory(file.first(file.strip(parts.jpeg, 6)), small));
  },
  'Canon CR3': canonBoxes,
  'Nikon NEF': (parts) => {
    const file = new RawWriter(parts, 'NIKON CORPORATION', HEADS.le);
    const below = [file.directory(file.embedded(parts.jpeg)), file.directory(file.sensor())];
    // 8 x 8 pixels in colour, as which other programs read it.
    const pixels = { 256: 8, 257: 8, [STRIP]: file.add(Buffer.alloc(192)), [STRIP_BYTES]: 192 };
    return file.file(file.directory(file.first({ ...pixels, [PHOTOMETRIC]: 2, [BELOW]: below })));
  },
  'Nikon NEF with the picture in the notes': (parts) => {
    const { jpeg } = parts;
    const addPreview = (note: TiffWriter) =>
      note.directory({ [COMPRESSION]: 6, [JPEG_AT]: note.add(jpeg), [JPEG_BYTES]: jpeg.length });
    const note = makerNote(text('MM\0*\0\0\0\x08'), 0x11, addPreview, true);
    const whole = Buffer.concat([text('Nikon\0\x02\x10\0\0'), note]);
    const file = new RawWriter(parts, 'NIKON CORPORATION', HEADS.be);
    return file.file(file.directory(file.first({ [BELOW]: file.directory(file.sensor()) }, whole)));
  },
  'Sony ARW': (parts) => {
    const file = new RawWriter(parts, 'SONY', HEADS.le);
    const below = file.directory(file.sensor());
    const small = file.directory(file.embedded(parts.thumbnail));
    return file.file(file.directory(file.first({ ...file.embedded(parts.jpeg), [BELOW]: below }), small));
  },
  'Adobe DNG': (parts) => {
    const file = new RawWriter(parts, 'Canon', HEADS.le);
    const below = [file.directory(file.sensor()), file.directory(file.strip(parts.jpeg, 7))];
    const version = { [DNG_VERSION]: Buffer.of(1, 4, 0, 0) };
    return file.file(
      file.directory(file.first({ ...file.strip(parts.thumbnail, 7), ...version, [BELOW]: below })),
    );
  },
  'Pentax PEF': (parts) => {
    const file = new RawWriter(parts, 'PENTAX', HEADS.be);
    const picture = file.directory(file.embedded(parts.jpeg));
    const small = file.directory(file.embedded(parts.thumbnail), picture);
    return file.file(file.directory(file.first(file.sensor()), small));
  },
  'Pentax PEF with the picture in the notes': (parts) => {
    const file = new RawWriter(parts, 'PENTAX', HEADS.be);
    const at = file.add(parts.jpeg);
    const note = new TiffWriter(text('AOC\0MM'), true);
    note.directory({ 3: parts.jpeg.length, 4: at });
    return file.file(file.directory(file.first(file.sensor(), note.bytes)));
  },
  'Olympus ORF': (parts) => olympus(parts, text('OLYMPUS\0II\x03\0')),
  'OM System ORF': (parts) => olympus(parts, text('OM SYSTEM\0\0\0II\x04\0')),
  'Olympus ORF of old': (parts) => {
    const file = new RawWriter(parts, 'OLYMPUS', text('IIRS\0\0\0\0'));
    const settings = file.directory({ 257: file.add(parts.jpeg), 258: parts.jpeg.length });
    const note = new TiffWriter(text('OLYMP\0\x02\0'));
    note.directory({ 8224: settings });
    return file.file(file.directory(file.first({ [PHOTOMETRIC]: CFA }, note.bytes)));
  },
  'Panasonic RW2': (parts) => {
    const file = new RawWriter(parts, 'Panasonic', text('IIU\0\0\0\0\0'));
    return file.file(file.directory(file.first({ 46: parts.jpeg })));
  },
  'Samsung SRW': (parts) => {
    const file = new RawWriter(parts, 'SAMSUNG', HEADS.le);
    const below = file.directory(file.embedded(parts.jpeg));
    const sensor = file.directory(file.sensor());
    return file.file(file.directory(file.first({ [BELOW]: [below, sensor] })));
  },
};

function olympus(parts: RawParts, head: Buffer): Buffer {
  const note = makerNote(head, 0x2020, (inner) =>
    inner.directory({ 257: inner.add(parts.jpeg), 258: parts.jpeg.length }),
  );
  const file = new RawWriter(parts, 'OLYMPUS', text('IIRO\0\0\0\0'));
  return file.file(file.directory(file.first({ [PHOTOMETRIC]: CFA }, note)));
}

/** A note with its first directory, of one tag that leads to another, right behind its head, where programs look for it. */
function makerNote(head: Buffer, tag: number, addOther: (note: TiffWriter) => number, be = false): Buffer {
  const directoryBytes = 18;
  const note = new TiffWriter(Buffer.concat([head, Buffer.alloc(directoryBytes)]), be);
  const other = addOther(note);
  const first = new TiffWriter(head, be);
  first.directory({ [tag]: other });
  const whole = note.bytes;
  first.bytes.copy(whole);
  return whole;
}

/** The head of a RAF, and the JPEG that it leads to: what is known of the photo is in that one's EXIF. */
export function fujifilmRaw(jpeg: Buffer): Buffer {
  const head = Buffer.alloc(148);
  head.write('FUJIFILMCCD-RAW 0201FF383501FinePix S5Pro');
  head.writeUInt32BE(head.length, 84);
  head.writeUInt32BE(jpeg.length, 88);
  return Buffer.concat([head, jpeg, Buffer.alloc(64, 'sensor')]);
}

function box(type: string, ...content: readonly Buffer[]): Buffer {
  const body = Buffer.concat(content);
  const head = Buffer.alloc(8);
  head.writeUInt32BE(8 + body.length);
  head.write(type, 4, 'latin1');
  return Buffer.concat([head, body]);
}

const words = (...values: readonly number[]) =>
  Buffer.concat(values.map((value) => Buffer.of(value >>> 24, value >> 16, value >> 8, value)));

function canonBoxes(parts: RawParts): Buffer {
  const about = new TiffWriter(HEADS.le);
  const exif = new TiffWriter(HEADS.le);
  const known = [
    box('CMT1', about.file(about.directory({ [ORIENTATION]: parts.orientation }))),
    box('CMT2', exif.file(exif.directory({ [TAKEN]: parts.taken }))),
    box('THMB', words(0, 0x00a00078, parts.thumbnail.length, 0x00010000), parts.thumbnail),
  ];
  const track = (at: number, bytes: number) =>
    box(
      'trak',
      box('mdia', box('minf', box('stbl', box('stsz', words(0, bytes, 1)), box('co64', words(0, 1, 0, at))))),
    );
  const moov = (at: number) =>
    box(
      'moov',
      box('uuid', Buffer.from('85c0b687820f11e08111f4ce462b6a48', 'hex'), ...known),
      track(at, parts.jpeg.length),
      track(at + parts.jpeg.length, sensorData(parts).length),
    );
  const ftyp = box('ftyp', text('crx \0\0\0\x01crx isom'));
  const at = ftyp.length + moov(0).length + 8;
  return Buffer.concat([ftyp, moov(at), box('mdat', parts.jpeg, sensorData(parts))]);
}

/** A raw photo of a Nikon's with this picture in it. */
export function rawPhoto(jpeg: Buffer): Buffer {
  const parts = { jpeg, thumbnail: jpeg, orientation: 1, taken: '2019:07:14 15:30:12' };
  return RAW_KINDS['Nikon NEF']?.(parts) as Buffer;
}

/** What is left of a JPEG of which nothing can be decoded. */
export const DAMAGED_JPEG = Buffer.concat([Buffer.of(0xff, 0xd8, 0xff, 0xe0), Buffer.alloc(4000, 'none')]);
