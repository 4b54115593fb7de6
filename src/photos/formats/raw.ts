/*
 * Raw photos of cameras: not what the sensor saw, which takes a raw converter, but the JPEGs that cameras put beside it to look at,
 * the largest of which mostly has all of the photo's pixels. Where they are: the directories of a TIFF and what hangs on them, as
 * most makers have it; Canon's boxes (CR3); the head of Fujifilm's files (RAF).
 */
import { DAMAGED, PhotoFault } from '../photo-fault';
import { boxesIn } from './boxes';
import { EXIF_MARK, takenAt, takenIn } from './exif';
import { APP1, EOI, jpegSegments, SOS } from './jpeg-segments';
import { readDirectory, readTags, type TiffDirectory, type TiffTags } from './tiff-tags';

const STRIP_OFFSETS = 273;
const ORIENTATION = 274;
const STRIP_BYTES = 279;
const SUB_DIRECTORIES = 330;
const JPEG_AT = 513;
const JPEG_BYTES = 514;
const PHOTOMETRIC = 262;
const EXIF_DIRECTORY = 0x8769;
const MAKER_NOTE = 0x927c;
const DNG_VERSION = 0xc612;
/** Panasonic: a JPEG as a tag's value. */
const PANASONIC_JPEG = 0x2e;

/** Of pixels behind a mosaic of colour filters, and of such that were only taken out of it. */
const RAW_COLOURS: ReadonlySet<number | undefined> = new Set([32803, 34892]);

/** Raw photos have a dozen; others may have as many as they have pages. */
const MOST_DIRECTORIES = 64;
/** Some have five; a made-up file may have as many as it likes, and each is gone through to its end. */
const MOST_PREVIEWS = 32;

/** A JPEG that can be decoded. */
export interface Preview {
  readonly jpeg: Buffer;
  readonly width: number;
  readonly height: number;
  /** Its own orientation; `undefined` if it says nothing of it. */
  readonly orientation: number | undefined;
  /** Whether its end is there. */
  readonly whole: boolean;
}

/** What is in a raw photo beside what the sensor saw. */
export interface RawPhoto {
  /** The best first: the largest that is whole and {@link isWorthLookingAt}, then others, the largest first. */
  readonly previews: readonly Preview[];
  /** The camera's, for previews that have none. */
  readonly orientation: number;
  /** See `PhotoFacts`. */
  readonly taken: string | null;
}

const FUJIFILM = Buffer.from('FUJIFILMCCD-RAW ');
const BOXES = Buffer.from('ftyp');

/**
 * Whether a TIFF is a raw photo: its first directory is then mostly a small picture, or what a sensor saw.
 * @param bytes a file that begins as a TIFF does
 */
export function isRawTiff(bytes: Uint8Array): boolean {
  const { directories } = new TiffWalk(bufferOf(bytes));
  return directories.some(
    ({ tags }, i) => RAW_COLOURS.has(tags.get(PHOTOMETRIC)?.[0]) || (i === 0 && tags.has(DNG_VERSION)),
  );
}

/** Looks for the JPEGs in a raw photo. @throws PhotoFault if there is none, or the file is damaged at its beginning */
export function readRaw(bytes: Uint8Array): RawPhoto {
  const file = bufferOf(bytes);
  const { jpegs, orientation, taken } = lookInto(file);
  const previews = jpegs.slice(0, MOST_PREVIEWS).flatMap((jpeg) => previewOf(jpeg) ?? []);
  if (previews.length === 0) throw new PhotoFault(NO_PICTURE);
  const pixels = ({ width, height }: Preview) => width * height;
  const isSound = (preview: Preview) => preview.whole && isWorthLookingAt(preview);
  previews.sort((a, b) => Number(isSound(b)) - Number(isSound(a)) || pixels(b) - pixels(a));
  return { previews, orientation: orientationOf(orientation) ?? 1, taken };
}

/** The longer side of a picture on which faces can well be found: that of a small one to choose photos by is less. */
const LONGER_SIDE = 400;

/** Whether a picture is more than a small one to choose photos by. */
export function isWorthLookingAt({ width, height }: Pick<Preview, 'width' | 'height'>): boolean {
  return Math.max(width, height) >= LONGER_SIDE;
}

const NO_PICTURE =
  'it is a raw photo with no picture inside that can be used; convert it to JPEG or PNG first';

interface Contents {
  /** What begins as a JPEG does, to where it is said to end. */
  readonly jpegs: readonly Buffer[];
  readonly orientation: number | undefined;
  readonly taken: string | null;
}

function lookInto(file: Buffer): Contents {
  if (FUJIFILM.equals(file.subarray(0, FUJIFILM.length))) return lookIntoFujifilm(file);
  if (BOXES.equals(file.subarray(4, 8))) return lookIntoBoxes(file);
  const { directories, jpegs } = new TiffWalk(file);
  if (directories.length === 0) throw new PhotoFault(DAMAGED);
  return { jpegs, orientation: directories[0]?.tags.get(ORIENTATION)?.[0], taken: takenAt(file) };
}

/** The JPEG is the whole of what else is known of the photo, too. */
function lookIntoFujifilm(file: Buffer): Contents {
  const [at, length] = [84, 88].map((field) => (field + 4 <= file.length ? file.readUInt32BE(field) : 0));
  return { jpegs: jpegAt(file, at, length), orientation: undefined, taken: null };
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** What is there of a JPEG; nothing if there is none. */
function jpegAt(file: Buffer, at: number | undefined, length: number | undefined): Buffer[] {
  if (!at || !length || at >= file.length) return [];
  const jpeg = file.subarray(at, at + length);
  return jpeg.length > 4 && jpeg.readUInt16BE() === 0xffd8 ? [jpeg] : [];
}

/** Goes through the directories of a TIFF, and to those that lead to JPEGs beside. */
class TiffWalk {
  /** In the order of their chain, with those below each behind it. */
  readonly directories: TiffDirectory[] = [];
  readonly jpegs: Buffer[] = [];
  readonly #seen = new Set<number>();

  constructor(private readonly file: Buffer) {
    this.#chain(undefined);
  }

  #chain(first: number | undefined): void {
    for (let at = first; at !== 0; ) {
      const directory = this.#read(this.file, at);
      if (!directory) return;
      this.directories.push(directory);
      const { tags, places, next } = directory;
      this.#add(this.file, directory, JPEG_AT, JPEG_BYTES);
      if (tags.get(STRIP_OFFSETS)?.length === 1) this.#add(this.file, directory, STRIP_OFFSETS, STRIP_BYTES);
      const panasonic = places.get(PANASONIC_JPEG);
      this.jpegs.push(...jpegAt(this.file, panasonic?.at, panasonic?.length));
      for (const below of tags.get(SUB_DIRECTORIES) ?? []) this.#chain(below);
      const exif = tags.get(EXIF_DIRECTORY)?.[0];
      const note = exif && this.#read(this.file, exif)?.places.get(MAKER_NOTE);
      if (note) this.#makerNote(note.at);
      at = next;
    }
  }

  /** A directory that was not read before; `undefined` if it is not there. */
  #read(from: Buffer, at: number | undefined, le?: boolean): TiffDirectory | undefined {
    const place = from.byteOffset + (at ?? 0);
    if (this.#seen.has(place) || this.#seen.size >= MOST_DIRECTORIES) return undefined;
    this.#seen.add(place);
    try {
      return readDirectory(from, at, le);
    } catch (error) {
      if (error instanceof PhotoFault) return undefined;
      throw error;
    }
  }

  #add(from: Buffer, { tags }: TiffDirectory, at: number, length: number): void {
    this.jpegs.push(...jpegAt(from, tags.get(at)?.[0], tags.get(length)?.[0]));
  }

  /**
   * What makers write of their own is a directory as well. Where it begins, what its offsets count from and in which order its bytes
   * are, the first bytes tell.
   */
  #makerNote(at: number): void {
    const note = this.file.subarray(at);
    const head = note.toString('latin1', 0, 16);
    if (head.startsWith('OLYMP\0')) this.#olympus(this.file, at + 8, this.file[0] === LOW_FIRST);
    else if (head.startsWith('OLYMPUS\0')) this.#olympus(note, 12, note[8] === LOW_FIRST);
    else if (head.startsWith('OM SYSTEM\0')) this.#olympus(note, 16, note[12] === LOW_FIRST);
    else if (head.startsWith('Nikon\0')) this.#nikon(note.subarray(10));
    else if (head.startsWith('AOC\0')) this.#pentax(this.file, at + 6, note[4] === LOW_FIRST);
    else if (head.startsWith('PENTAX \0')) this.#pentax(note, 10, note[8] === LOW_FIRST);
  }

  #olympus(from: Buffer, at: number, le: boolean): void {
    const note = this.#read(from, at, le);
    const settings = note?.tags.get(0x2020);
    // Of old cameras it is no offset, but stands where the values of a tag do.
    const place = settings?.length === 1 ? settings[0] : note?.places.get(0x2020)?.at;
    const directory = place && this.#read(from, place, le);
    if (directory) this.#add(from, directory, 0x101, 0x102);
  }

  #nikon(tiff: Buffer): void {
    const preview = this.#read(tiff, undefined)?.tags.get(0x11)?.[0];
    const directory = preview && this.#read(tiff, preview);
    if (directory) this.#add(tiff, directory, JPEG_AT, JPEG_BYTES);
  }

  #pentax(from: Buffer, at: number, le: boolean): void {
    const directory = this.#read(from, at, le);
    if (directory) this.#add(from, directory, 4, 3);
  }
}

/** The `I` of `II`, as TIFFs begin whose numbers have the lowest byte first. */
const LOW_FIRST = 0x49;

/** Boxes that have others in them, and how many bytes stand in front of these. */
const AROUND: Readonly<Record<string, number>> = { moov: 0, trak: 0, mdia: 0, minf: 0, stbl: 0 };
/** Of Canon's own boxes: with what is known of the photo, and with a preview. */
const CANON_BOXES: Readonly<Record<string, number>> = {
  '85c0b687820f11e08111f4ce462b6a48': 16,
  eaf42b5e1c984b88b9fbb7dc406e4d16: 24,
};
/** How deep they stand in each other. */
const DEEPEST = 5;
/** Where in the box of a preview its JPEG begins. */
const PREVIEW_HEAD = 16;

/** ISO's boxes as Canon fills them; what is not documented is as github.com/lclevy/canon_cr3 has found it out. */
function lookIntoBoxes(file: Buffer): Contents {
  const found = {
    jpegs: [] as Buffer[],
    orientation: undefined as number | undefined,
    taken: null as string | null,
  };
  let bytesOfTrack = 0;
  const look = (boxes: Buffer, depth: number): void => {
    for (const { type, content } of boxesIn(boxes)) {
      const around = type === 'uuid' ? CANON_BOXES[content.toString('hex', 0, 16)] : AROUND[type];
      if (around !== undefined && depth < DEEPEST) look(content.subarray(around), depth + 1);
      else if (type === 'PRVW' || type === 'THMB') {
        found.jpegs.push(...jpegAt(content, PREVIEW_HEAD, content.length));
      } else if (type === 'CMT1') found.orientation = tagsOf(content)?.get(ORIENTATION)?.[0];
      else if (type === 'CMT2') found.taken = takenIn(tagsOf(content) ?? new Map());
      // A track is one picture: its bytes are told before its place.
      else if (type === 'stsz' && content.length >= 12) {
        bytesOfTrack = content.readUInt32BE(4) || (content.length >= 16 ? content.readUInt32BE(12) : 0);
      } else if (type === 'co64' && content.length >= 16 && found.jpegs.length < MOST_PREVIEWS) {
        found.jpegs.push(...jpegAt(file, Number(content.readBigUInt64BE(8)), bytesOfTrack));
      }
    }
  };
  look(file, 0);
  return found;
}

function tagsOf(tiff: Buffer): TiffTags | undefined {
  try {
    return readTags(tiff);
  } catch (error) {
    if (error instanceof PhotoFault) return undefined;
    throw error;
  }
}

/** Baseline, extended and progressive: what libjpeg decodes. The lossless ones (SOF3) are what the sensor saw. */
const FRAMES: ReadonlySet<number | undefined> = new Set([0xc0, 0xc1, 0xc2]);

/** What can be known of a JPEG without decoding it; `undefined` unless it is one that can be decoded. */
function previewOf(jpeg: Buffer): Preview | undefined {
  let size: Pick<Preview, 'width' | 'height'> | undefined;
  let orientation: number | undefined;
  for (const { marker, at, content } of jpegSegments(jpeg)) {
    if (FRAMES.has(marker) && content.length >= 6 && content[0] === 8) {
      size = { height: content.readUInt16BE(1), width: content.readUInt16BE(3) };
    } else if (marker === APP1 && EXIF_MARK.equals(content.subarray(0, EXIF_MARK.length))) {
      orientation = orientationOf(tagsOf(content.subarray(EXIF_MARK.length))?.get(ORIENTATION)?.[0]);
    } else if (marker === SOS) {
      const end = jpeg.indexOf(Buffer.of(0xff, EOI), at);
      return size && size.width > 0 && size.height > 0
        ? { jpeg, ...size, orientation, whole: end >= 0 }
        : undefined;
    }
  }
  return undefined;
}

function orientationOf(value: number | undefined): number | undefined {
  return value !== undefined && value >= 1 && value <= 8 ? value : undefined;
}

/** A JPEG as if its own camera had noted this orientation. */
export function withOrientation(jpeg: Buffer, orientation: number): Buffer {
  const exif = Buffer.alloc(EXIF_MARK.length + 26);
  EXIF_MARK.copy(exif);
  // A directory, behind these 8 bytes, of one tag: one SHORT.
  const tiff = [0x4d4d, 42, 0, 8, 1, ORIENTATION, 3, 0, 1, orientation];
  for (const [i, word] of tiff.entries()) exif.writeUInt16BE(word, EXIF_MARK.length + 2 * i);
  const head = Buffer.of(0xff, 0xd8, 0xff, APP1, 0, 2 + exif.length);
  return Buffer.concat([head, exif, jpeg.subarray(2)]);
}
