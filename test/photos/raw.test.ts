import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { decodeImage, openBytes } from '../../src/photos/decode';
import { readRaw } from '../../src/photos/formats/raw';
import { exiftool, testWithExiftool } from '../support/exiftool';
import { samplePhoto } from '../support/files';
import { rejection } from '../support/photos';
import { fujifilmRaw, RAW_KINDS, type RawParts } from '../support/raw';
import { tiffFile } from '../support/tiff';

const TAKEN = '2019:07:14 15:30:12';
const NONE = /it is a raw photo with no picture inside that can be used; convert it/;

let parts: RawParts;
/** The picture as it is to come out: upright. */
let upright: Buffer;

beforeAll(async () => {
  const jpeg = await sharp(samplePhoto('sample1.jpg')).resize(600).jpeg().toBuffer();
  const thumbnail = await sharp(jpeg).resize(160, 120, { fit: 'cover' }).jpeg().toBuffer();
  parts = { jpeg, thumbnail, orientation: 6, taken: TAKEN };
  upright = await turned(6);
});

/** The camera's picture, with an orientation of its own. */
function turned(orientation: number): Promise<Buffer> {
  return sharp(parts.jpeg).keepMetadata().withMetadata({ orientation }).jpeg({ quality: 100 }).toBuffer();
}

function open(bytes: Uint8Array) {
  return openBytes(bytes, { label: 'a photo' }, 1e9, undefined);
}

async function rightSideUp(jpeg: Buffer, orientation: number): Promise<Buffer> {
  const moves = { 6: (image: sharp.Sharp) => image.rotate(90), 8: (image: sharp.Sharp) => image.rotate(270) };
  const move = moves[orientation as 6 | 8] ?? ((image: sharp.Sharp) => image);
  return move(sharp(jpeg)).raw().toBuffer();
}

describe.each(Object.keys(RAW_KINDS))('%s', (kind) => {
  const make = (change: Partial<RawParts> = {}) => RAW_KINDS[kind]?.({ ...parts, ...change }) as Buffer;

  test("the largest picture that can be looked at, turned as the camera was, with the camera's time", async () => {
    const image = await open(make());
    expect(image.facts).toEqual({ width: 400, height: 600, orientation: 6, taken: '2019-07-14T15:30:12' });
    const { data, width, height, warning } = await image.decode();
    expect([width, height, warning]).toEqual([400, 600, undefined]);
    expect(Buffer.compare(data, await rightSideUp(parts.jpeg, 6))).toBe(0);
  });

  test('a picture that knows its own orientation is turned by that, and once', async () => {
    const jpeg = await turned(8);
    const image = await open(make({ jpeg }));
    expect(image.facts).toMatchObject({ width: 400, height: 600, orientation: 8 });
    expect(Buffer.compare((await image.decode()).data, await rightSideUp(jpeg, 8))).toBe(0);
  });

  test('without a picture there is a reason, and none for the machine', async () => {
    const nothing = Buffer.from('no picture at all');
    const error = await rejection(
      decodeImage(make({ jpeg: parts.jpeg.subarray(0, 60), thumbnail: nothing })),
    );
    expect(error).toMatchObject({ code: 'FACE_IMAGE_DECODE', message: expect.stringMatching(NONE) });
  });

  test('cut off anywhere, it is read as far as it goes, or there is a reason', async () => {
    const whole = make();
    for (let share = 0.02; share < 1; share += 0.07) {
      const part = whole.subarray(0, Math.floor(share * whole.length));
      const outcome = await decodeImage(part).catch((error) => error);
      if (outcome instanceof Error) expect(outcome).toMatchObject({ code: 'FACE_IMAGE_DECODE' });
      else expect(outcome.data).toHaveLength(3 * outcome.width * outcome.height);
    }
  });
});

test('Fujifilm RAF: the JPEG says all', async () => {
  const jpeg = await sharp(upright)
    .keepMetadata()
    .withExif({ IFD0: { Orientation: '6' }, IFD2: { DateTimeOriginal: TAKEN } })
    .jpeg()
    .toBuffer();
  const image = await open(fujifilmRaw(jpeg));
  expect(image.facts).toEqual({ width: 400, height: 600, orientation: 6, taken: '2019-07-14T15:30:12' });
  const { width, height } = await image.decode();
  expect([width, height]).toEqual([400, 600]);
});

test('of a picture that is cut off and a smaller one that is whole, the whole one, unless that is hardly worth looking at', async () => {
  const jpeg = parts.jpeg.subarray(0, parts.jpeg.length / 2);
  const make = (thumbnail: Buffer) => RAW_KINDS['Sony ARW']?.({ ...parts, jpeg, thumbnail }) as Buffer;
  const smaller = await sharp(parts.jpeg).resize(450).jpeg().toBuffer();
  const whole = await decodeImage(make(smaller));
  expect([whole.width, whole.height, whole.warning]).toEqual([300, 450, undefined]);
  const part = await decodeImage(make(parts.thumbnail));
  expect(part).toMatchObject({ width: 400, height: 600, warning: expect.stringMatching(/cut off/) });
});

test('a small picture is used, and that is said', async () => {
  const { thumbnail } = parts;
  const image = await decodeImage(RAW_KINDS['Panasonic RW2']?.({ ...parts, jpeg: thumbnail }) as Buffer);
  expect(image.warning).toBe('Only a small picture inside the raw photo could be used: 160 x 120 pixels.');
});

test('a raw photo under another name is one, and a JPEG under the name of one is a JPEG', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'raw-'));
  try {
    const [raw, jpeg] = [join(folder, 'a.tif'), join(folder, 'b.nef')];
    writeFileSync(raw, RAW_KINDS['Nikon NEF']?.(parts) as Buffer);
    writeFileSync(jpeg, parts.jpeg);
    // The first directory of a NEF is a picture of 8 x 8 pixels here, which a reader of TIFF would take for the photo.
    expect(await decodeImage(raw)).toMatchObject({ width: 400, height: 600 });
    expect(await decodeImage(jpeg)).toMatchObject({ width: 600, height: 400 });
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('directories that lead in a circle end', () => {
  const file = RAW_KINDS['Pentax PEF']?.(parts) as Buffer;
  const first = file.readUInt32BE(4);
  // The next directory of the first one is itself.
  file.writeUInt32BE(first, first + 2 + 12 * file.readUInt16BE(first));
  expect(() => readRaw(file)).toThrow(NONE);
});

test('a TIFF is no raw photo', async () => {
  const pixels = [255, 0, 0, 0, 255, 0];
  const tiff = tiffFile({ width: 2, height: 1, bits: [8, 8, 8], photometric: 2, pixels });
  expect(Buffer.from((await decodeImage(tiff)).data)).toEqual(Buffer.from(pixels));
});

testWithExiftool('what is taken is what exiftool takes for the largest picture', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'raw-'));
  try {
    for (const [kind, make] of Object.entries(RAW_KINDS)) {
      // It asks for more of Canon's boxes than are written here.
      if (kind === 'Canon CR3') continue;
      // It goes by the ending of the name.
      const file = join(folder, `a.${/[A-Z0-9]{3}/.exec(kind.replace(/^[A-Z][a-z]+ /, ''))}`);
      const bytes = make(parts);
      writeFileSync(file, bytes);
      const theirs = ['-JpgFromRaw', '-PreviewImage']
        .map((tag) => exiftool('-b', tag, file))
        .sort((a, b) => b.length - a.length)[0] as Buffer;
      expect([kind, readRaw(bytes).previews[0]?.jpeg.equals(theirs)]).toEqual([kind, true]);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});
