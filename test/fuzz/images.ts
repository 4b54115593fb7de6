import sharp from 'sharp';
import { FaceError } from '../../src/base/errors';
import { ENCODING_LENGTH, type RawImage } from '../../src/base/types';
import { FaceEngine } from '../../src/engine/engine';
import { decodeImage } from '../../src/photos/decode';
import { type BmpParts, bmpFile } from '../support/bmp';
import {
  auxC,
  gridData,
  type HeifItem,
  heifEnc,
  heifFile,
  heifParts,
  imir,
  irot,
  ispe,
} from '../support/heif';
import { smallPhoto } from '../support/photos';
import { fujifilmRaw, RAW_KINDS } from '../support/raw';
import { mutate } from './mutate';
import { type FuzzTarget, pick } from './target';

/** Larger pictures are to be refused before they are decoded, whatever their headers claim. */
const MAX_PIXELS = 1 << 19;
/** That one input may add to the most the process has ever used: some pictures of the largest size allowed. */
const MOST_MEMORY = 256 << 20;
/** Of one processor; the pictures are so small that all is done in a few milliseconds. */
const MOST_SECONDS = 20;

/** Bytes with a meaning in JPEG, PNG, TIFF, WebP, GIF, AVIF, HEIC, BMP or raw photos. */
const LIKELY = Buffer.from(
  '\xff\xd8\xff\xc0\xff\xc2\xff\xc4\xff\xda\xff\xd9\xff\xdb\xff\xdd\xff\xe1\xff\xeeIHDRPLTEIDATIENDtRNSacTL' +
    'II*\0MM\0*\0\x01\x01\x01\x02\x01\x03\x01\x06\x01\x11\x01\x15\x01\x16\x01\x17\x01\x1c\x01\x42\x01\x43' +
    'RIFFWEBPVP8 VP8LVP8XANMFALPHGIF89a\x21\xf9\x2c\x3b\x00\x00\x00\x0cftypavifmetailocispeBM\x28\x6c\x7c' +
    'IIROIIU\0FUJIFILMCCD-RAW crx moovtrakmdiaminfstblco64stszuuidCMT1CMT2PRVWTHMB' +
    '\x01\x4a\x02\x01\x02\x02\x87\x69\x92\x7c\0\x2e\x80\x23OLYMPUS\0IINikon\0\x02AOC\0' +
    'heicmif1pitmiinfinfehvc1griddimgirefauxlthmbcdsciprpipcoipmahvcCirotimircolrnclxpixiidatmdat',
  'latin1',
);

/** Photos, from a file's bytes to encodings. */
export async function imagesTarget(): Promise<FuzzTarget> {
  return targetOf(await makeCorpus());
}

/** The same with HEIC photos alone, which take longer. */
export async function heicTarget(): Promise<FuzzTarget> {
  return targetOf(await heicPhotos(await smallPhoto('franck_02221.jpg', 96)));
}

async function targetOf(corpus: readonly Buffer[]): Promise<FuzzTarget> {
  const engine = new FaceEngine({ jobs: 1 });
  // What is loaded and kept is not counted against the first input.
  await engine.detectAndEncode(await smallPhoto('franck_02221.jpg', 120), { method: 'hog' });
  return {
    input: (random) => mutate(pick(random, corpus), random, corpus, LIKELY),
    check: (input) => check(engine, input),
  };
}

/** A face in every format and many of their kinds, and bitmaps, which sharp can't write. */
async function makeCorpus(): Promise<Buffer[]> {
  const photo = await smallPhoto('franck_02221.jpg', 96);
  const source = () => sharp(photo.data, { raw: { width: photo.width, height: photo.height, channels: 3 } });
  const files = [
    source().jpeg(),
    source().jpeg({ progressive: true }),
    source().jpeg({ chromaSubsampling: '4:4:4', restartInterval: 2 } as object),
    source().greyscale().jpeg(),
    source().toColourspace('cmyk').jpeg(),
    source().withMetadata({ orientation: 6 }).jpeg(),
    source().png(),
    source().png({ progressive: true }),
    source().png({ palette: true }),
    source().ensureAlpha(0.5).toColourspace('rgb16').png(),
    source().webp(),
    source().webp({ lossless: true }),
    source().ensureAlpha(0.5).webp(),
    source().gif(),
    source().heif({ compression: 'av1', effort: 0 }),
    ...(['none', 'lzw', 'deflate', 'jpeg', 'packbits'] as const).map((compression) =>
      source().tiff({ compression }),
    ),
    source().tiff({ tile: true, tileWidth: 32, tileHeight: 32, bigtiff: true, compression: 'deflate' }),
    source().toColourspace('cmyk').tiff(),
    source().toColourspace('b-w').tiff({ bitdepth: 1, compression: 'ccittfax4' }),
  ].map((file) => file.toBuffer());
  return [...(await Promise.all(files)), ...(await raws(source())), ...bitmaps(photo)];
}

async function raws(photo: sharp.Sharp): Promise<Buffer[]> {
  const jpeg = await photo.jpeg().toBuffer();
  const thumbnail = await photo.resize(24).jpeg().toBuffer();
  const parts = { jpeg, thumbnail, orientation: 6, taken: '2019:07:14 15:30:12' };
  return [...Object.values(RAW_KINDS).map((make) => make(parts)), fujifilmRaw(jpeg)];
}

function bitmaps({ data, width, height }: RawImage): Buffer[] {
  const grey = (index: number) => [index * 16, index * 16, index * 16] as const;
  const palette = Array.from({ length: 16 }, (_, index) => grey(index));
  const indices = Array.from({ length: width * height }, (_, i) => (data[3 * i] as number) >> 4);
  // Runs of one pixel; the end of a row is 0, 0, that of the picture 0, 1.
  const runs = Array.from({ length: height }, (_, y) => [
    ...indices.slice(y * width, (y + 1) * width).flatMap((index) => [1, index]),
    0,
    0,
  ]).flat();
  const size = { width, height };
  const parts: BmpParts[] = [
    { ...size, bits: 24, pixels: [...data] },
    { ...size, bits: 24, pixels: [...data], headerSize: 12 },
    { ...size, bits: 8, pixels: indices, palette },
    { ...size, bits: 8, pixels: [...runs, 0, 1], palette, compression: 1 },
    { ...size, bits: 4, pixels: [...runs, 0, 1], palette, compression: 2 },
    {
      ...size,
      bits: 16,
      pixels: [...data].slice(0, 2 * width * height),
      masks: [0xf800, 0x7e0, 0x1f],
      compression: 3,
    },
    {
      ...size,
      bits: 1,
      pixels: [...data].slice(0, 12 * height),
      palette: palette.slice(0, 2),
      topDown: true,
    },
  ];
  return parts.map(bmpFile);
}

/** With one picture, a transparent one, of 10 bits, turned, of tiles, and with small ones and a depth map beside it. */
async function heicPhotos(photo: RawImage): Promise<Buffer[]> {
  const { data, width, height } = photo;
  const source = () => sharp(data, { raw: { width, height, channels: 3 } });
  const square = source()
    .extract({ left: 0, top: 0, width: 64, height: 64 })
    .resize(96, 96, { kernel: 'cubic' });
  const half = { width: 64, height: 64 };
  const corners = [0, 32].flatMap((top) => [0, 32].map((left) => ({ left, top, ...half })));
  const tiles = await Promise.all(corners.map((corner) => square.clone().extract(corner).png().toBuffer()));
  const plain = await heifEnc([photo], '-q', '60');
  const { items } = heifParts(plain);
  const only = items[0] as HeifItem;
  const tileItems = (await Promise.all(tiles.map((tile) => heifEnc([tile], '-q', '60')))).map((tile, i) => ({
    ...(heifParts(tile).items[0] as HeifItem),
    id: i + 1,
    hidden: true,
  }));
  const grid: HeifItem = {
    id: 9,
    type: 'grid',
    data: gridData(2, 2, 96, 96),
    properties: [ispe(96, 96), irot(2)],
    references: [{ type: 'dimg', to: [1, 2, 3, 4] }],
  };
  const depth: HeifItem = {
    ...only,
    id: 2,
    hidden: true,
    properties: [...only.properties, auxC('urn:mpeg:hevc:2015:auxid:2')],
    references: [{ type: 'auxl', to: [1] }],
  };
  return [
    plain,
    await heifEnc([await source().ensureAlpha(0.5).png().toBuffer()], '-q', '60'),
    await heifEnc([await source().toColourspace('rgb16').png().toBuffer()], '-q', '60', '-b', '10'),
    await heifEnc([photo], '-L', '-p', 'chroma=444', '-t', '48'),
    heifFile({ primary: 1, items: [{ ...only, properties: [...only.properties, irot(1), imir(1)] }, depth] }),
    heifFile({ primary: 9, items: [grid, ...tileItems] }),
  ];
}

async function check(engine: FaceEngine, input: Uint8Array): Promise<string> {
  const before = Buffer.from(input);
  const started = process.resourceUsage();
  const result = await facesOn(engine, input);
  const ended = process.resourceUsage();
  const seconds =
    (ended.userCPUTime + ended.systemCPUTime - started.userCPUTime - started.systemCPUTime) / 1e6;
  if (seconds > MOST_SECONDS) throw new Error(`it took ${seconds} s of CPU time`);
  const grown = 1024 * (ended.maxRSS - started.maxRSS);
  if (grown > MOST_MEMORY) throw new Error(`it took ${grown} bytes more than anything before`);
  if (!before.equals(input)) throw new Error('the input was changed');
  return result;
}

async function facesOn(engine: FaceEngine, input: Uint8Array): Promise<string> {
  let image: Awaited<ReturnType<typeof decodeImage>>;
  try {
    image = await decodeImage(input, { maxPixels: MAX_PIXELS });
  } catch (error) {
    if (!(error instanceof FaceError) || !/^FACE_IMAGE_(DECODE|DECODER|TOO_LARGE)$/.test(error.code))
      throw error;
    if (/\p{Control}/u.test(error.message)) throw new Error(`no text for people: ${error.message}`);
    return error.code;
  }
  const { data, width, height, warning } = image;
  if (data.length !== 3 * width * height || width * height > MAX_PIXELS)
    throw new Error('pixels without a shape');
  const faces = await engine.detectAndEncode(image, { method: 'hog', upsample: 1 });
  for (const { box, score, encoding } of faces) {
    const { top, right, bottom, left } = box;
    const inside =
      0 <= top && top < bottom && bottom <= height && 0 <= left && left < right && right <= width;
    const sound =
      inside && score >= 0 && encoding.length === ENCODING_LENGTH && encoding.every(Number.isFinite);
    if (!sound) throw new Error(`a face that is none: ${JSON.stringify({ box, score, encoding })}`);
  }
  const what = faces.length > 0 ? 'with a face' : 'without a face';
  return warning === undefined ? what : `${what}, in part`;
}
