import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import sharp from 'sharp';
import type { RawImage } from '../../src/base/types';
import { FaceEngine } from '../../src/engine/engine';
import { readEmbedded } from '../../src/metadata/embedded';
import { DEFAULT_MAX_PIXELS, decodeImage, openBytes } from '../../src/photos/decode';
import { compileLibHeif, LibHeif } from '../../src/photos/formats/libheif';
import { checkBuilt } from '../support/cli';
import { samplePhoto, useTempFolder } from '../support/files';
import {
  auxC,
  box,
  describeWithHeif,
  gridData,
  type HeifItem,
  heifConvert,
  heifEnc,
  heifEncYuv,
  heifFile,
  heifParts,
  imir,
  irot,
  ispe,
} from '../support/heif';
import { pngOf, rejection, smallPhoto } from '../support/photos';
import { difference } from '../support/pixels';
import { onLinux } from '../support/platform';
import { CLEAN, runProgram } from '../support/program';

const temp = useTempFolder();
// The thread is that of the build.
beforeAll(checkBuilt);

const from = ({ data, width, height }: RawImage) => sharp(data, { raw: { width, height, channels: 3 } });
const part = ({ width }: RawImage, image: RawImage, left: number, top: number, size: number) =>
  from(image)
    .extract({ left, top, width: Math.min(size, width - left), height: size })
    .png()
    .toBuffer();

/** The one picture in a file of `heif-enc`: of an even size, or it is a tile of another one. */
const itemOf = (heic: Buffer) => heifParts(heic).items[0] as HeifItem;

describeWithHeif('HEIC', () => {
  let photo: RawImage;
  let heic: Buffer;
  beforeAll(async () => {
    photo = await smallPhoto('sample1.jpg', 300);
    heic = await heifEnc([photo], '-q', '40');
  });

  /** @param most levels that a value may be beside that of heif-convert: its sums of colours are rounded in another order */
  async function expectAsHeifConvert(file: Buffer, most = 1): Promise<RawImage> {
    const image = await decodeImage(file);
    expect(image.warning).toBeUndefined();
    const { max, count } = difference(image, await heifConvert(file));
    expect(max).toBeLessThanOrEqual(most);
    // Else every value could be beside it.
    if (most === 1) expect(count / image.data.length).toBeLessThan(0.01);
    return image;
  }

  describe('the pixels are those of heif-convert', () => {
    test.each([
      ['of low quality: without the filters of HEVC there would be blocks', ['-q', '5']],
      ['of high quality', ['-q', '95']],
      ['with as many differences of colour as pixels', ['-q', '50', '-p', 'chroma=444']],
      [
        'with a limited range of values, and BT.709',
        ['-q', '50', '--full_range_flag', '0', '--matrix_coefficients', '1'],
      ],
      ['with a thumbnail inside', ['-q', '50', '-t', '100']],
    ])('%s', async (_, options) => {
      await expectAsHeifConvert(await heifEnc([photo], ...options));
    });

    test('without loss, to the last one, and at most one level beside the picture', async () => {
      const lossless = ['-L', '-p', 'chroma=444', '--matrix_coefficients', '0'];
      const image = await expectAsHeifConvert(await heifEnc([photo], ...lossless), 0);
      expect(difference(image, photo).max).toBeLessThanOrEqual(1);
    });

    test('of an odd size', async () => {
      const odd = await smallPhoto('sample1.jpg', 321);
      const cut = await from(odd).extract({ left: 0, top: 0, width: 321, height: 171 }).png().toBuffer();
      expect(await expectAsHeifConvert(await heifEnc([cut], '-q', '50'))).toMatchObject({
        width: 321,
        height: 171,
      });
    });

    test('in grey', async () => {
      await expectAsHeifConvert(await heifEnc([await from(photo).greyscale().png().toBuffer()], '-q', '50'));
    });

    test('with transparency, which is dropped and not blended', async () => {
      await expectAsHeifConvert(
        await heifEnc([await from(photo).ensureAlpha(0.25).png().toBuffer()], '-q', '50'),
      );
    });

    test('with transparency that has colours, as encoders without grey write it: 0, which nobody looks at', async () => {
      const { width, height } = photo;
      const clear = itemOf(
        await heifEncYuv(
          Buffer.alloc(width * height + 2 * Math.ceil(width / 2) * Math.ceil(height / 2)),
          width,
          height,
        ),
      );
      const transparency: HeifItem = {
        ...clear,
        id: 2,
        hidden: true,
        properties: [...clear.properties, auxC('urn:mpeg:hevc:2015:auxid:1')],
        references: [{ type: 'auxl', to: [1] }],
      };
      await expectAsHeifConvert(heifFile({ primary: 1, items: [itemOf(heic), transparency] }));
    });

    test('with 10 bits: brought to 8 before they become colours, not after', async () => {
      const png = await from(photo).toColourspace('rgb16').png().toBuffer();
      await expectAsHeifConvert(await heifEnc([png], '-q', '50', '-b', '10'), 2);
    });
  });

  describe('turned and mirrored as the file says', () => {
    const turns = [0, 1, 2, 3].flatMap((quarters) => [
      [quarters, undefined] as const,
      [quarters, 1 as const] as const,
    ]);
    test.each(turns)(
      'by %i quarters, mirrored along %s; what EXIF says of it is not done again',
      async (quarters, axis) => {
        const jpeg = await from(photo).withMetadata({ orientation: 6 }).jpeg({ quality: 95 }).toBuffer();
        const { primary, items } = heifParts(await heifEnc([jpeg], '-q', '50'));
        const transforms = [irot(quarters), ...(axis === undefined ? [] : [imir(axis)])];
        const turned = heifFile({
          primary,
          items: items.map((item) =>
            item.id === primary ? { ...item, properties: [...item.properties, ...transforms] } : item,
          ),
        });
        const { width, height } = await expectAsHeifConvert(turned);
        const onItsSide = quarters % 2 === 1;
        expect([width, height]).toEqual(
          onItsSide ? [photo.height, photo.width] : [photo.width, photo.height],
        );
        const opened = await openBytes(turned, { label: 'it' }, DEFAULT_MAX_PIXELS, undefined);
        expect(opened.facts).toEqual({ width, height, orientation: 1, taken: null });
      },
    );
  });

  test('when it was taken', async () => {
    const jpeg = await from(photo)
      .withExif({ IFD2: { DateTimeOriginal: '2019:07:14 15:30:12', OffsetTimeOriginal: '+02:00' } })
      .jpeg()
      .toBuffer();
    const file = await heifEnc([jpeg]);
    const { facts } = await openBytes(file, { label: 'it' }, DEFAULT_MAX_PIXELS, undefined);
    expect(facts.taken).toBe('2019-07-14T15:30:12+02:00');
  });

  describe('of tiles, as phones write them', () => {
    /** Four tiles of 96 x 96, `columns` x `rows` pixels of which are the picture. */
    async function tiled(
      width: number,
      height: number,
      ...properties: Buffer[]
    ): Promise<[HeifItem, ...HeifItem[]]> {
      const corners = [0, 96].flatMap((top) => [0, 96].map((left) => part(photo, photo, left, top, 96)));
      const tiles = await Promise.all(
        (await Promise.all(corners)).map(async (png, i) => ({
          ...itemOf(await heifEnc([png], '-q', '60')),
          id: i + 1,
          hidden: true,
        })),
      );
      const grid = {
        id: 9,
        type: 'grid',
        data: gridData(2, 2, width, height),
        properties: [ispe(width, height), ...properties],
        references: [{ type: 'dimg', to: [1, 2, 3, 4] }],
      };
      return [grid, ...tiles];
    }

    test.each([
      ['whole', 192, 192, []],
      ['with a margin that is no part of the picture', 190, 170, []],
      ['turned', 190, 170, [irot(3)]],
    ] as const)('%s', async (_, width, height, properties) => {
      await expectAsHeifConvert(heifFile({ primary: 9, items: await tiled(width, height, ...properties) }));
    });

    test('more of them than the image library would read of: a photo of 200 megapixels has 800', async () => {
      const picture = itemOf(await heifEnc([await part(photo, photo, 96, 96, 64)], '-q', '40'));
      const tiles = Array.from({ length: 17 * 17 }, (_, i) => ({ ...picture, id: i + 1, hidden: true }));
      const grid = {
        id: 999,
        type: 'grid',
        data: gridData(17, 17, 1088, 1088),
        properties: [ispe(1088, 1088)],
        references: [{ type: 'dimg', to: tiles.map(({ id }) => id) }],
      };
      const file = temp('many.heic');
      writeFileSync(file, heifFile({ primary: 999, items: [grid, ...tiles] }));
      const image = await expectAsHeifConvert(readFileSync(file));
      expect([image.width, image.height]).toEqual([1088, 1088]);
      expect((await readEmbedded(file)).picture).toEqual({ width: 1088, height: 1088, orientation: 1 });
    });

    test('cut off: the tiles that are there, and a warning', async () => {
      const file = heifFile({ primary: 9, items: await tiled(192, 192) });
      const whole = await decodeImage(file);
      const image = await decodeImage(file.subarray(0, file.length - 200));
      expect(image.warning).toMatch(/^Only part of the photo could be decoded: .*cut off/);
      const rows = 3 * 192 * 96;
      expect(Buffer.compare(image.data.subarray(0, rows), whole.data.subarray(0, rows))).toBe(0);
    });

    test('a tile that is gone: damaged; one that holds something else: the others, and a warning', async () => {
      const [grid, ...tiles] = await tiled(192, 192);
      const three = [grid, ...tiles.slice(0, 3)];
      const error = await rejection(decodeImage(heifFile({ primary: 9, items: three })));
      expect(error).toMatchObject({ code: 'FACE_IMAGE_DECODE', message: expect.stringMatching(/damaged/) });
      const nonsense = { ...(tiles[3] as HeifItem), data: Buffer.alloc(300) };
      const image = await decodeImage(heifFile({ primary: 9, items: [...three, nonsense] }));
      expect(image.warning).toBe('Only part of the photo could be decoded: the file is damaged.');
    });
  });

  describe('of what a file holds, the primary picture', () => {
    test('wherever it stands among several', async () => {
      const other = await smallPhoto('sample1.jpg', 150);
      const { items } = heifParts(await heifEnc([other, photo], '-q', '50'));
      const [first, second] = items.filter(({ type }) => type === 'hvc1') as [HeifItem, HeifItem];
      for (const [primary, { width }] of [
        [first.id, other],
        [second.id, photo],
      ] as const) {
        const only = primary === first.id ? first : second;
        const image = await decodeImage(heifFile({ primary, items }));
        expect(image.width).toBe(width);
        const alone = heifFile({ primary, items: [only] });
        expect(difference(image, await heifConvert(alone)).max).toBeLessThanOrEqual(1);
      }
    });

    test('not a depth map or a small picture beside it', async () => {
      const picture = itemOf(heic);
      const small = itemOf(await heifEnc([await smallPhoto('sample2.jpg', 64)]));
      const items: HeifItem[] = [
        {
          ...small,
          id: 2,
          hidden: true,
          properties: [...small.properties, auxC('urn:mpeg:hevc:2015:auxid:2')],
          references: [{ type: 'auxl', to: [1] }],
        },
        { ...small, id: 3, references: [{ type: 'thmb', to: [1] }] },
        picture,
      ];
      const image = await decodeImage(heifFile({ primary: 1, items }));
      expect(difference(image, await decodeImage(heic))).toEqual({ max: 0, count: 0 });
    });

    test.each([
      ['in a box of its own, as Samsung puts it', (video: Buffer) => box('mpvd', video)],
      ['behind the end', (video: Buffer) => video],
    ])('not the video of a motion photo, %s', async (_, wrap) => {
      // What begins as a video does; nobody looks further.
      const video = Buffer.concat([
        box('ftyp', Buffer.from('mp42\0\0\0\0isom')),
        box('mdat', Buffer.alloc(5000, 7)),
      ]);
      const file = heifFile({ primary: 1, items: [itemOf(heic)], trailing: wrap(video) });
      expect(difference(await decodeImage(file), await decodeImage(heic))).toEqual({ max: 0, count: 0 });
    });

    test('moving pictures alone are none', async () => {
      const file = Buffer.concat([
        box('ftyp', Buffer.from('hevc\0\0\0\0msf1hevc')),
        box('moov', Buffer.alloc(100)),
        box('mdat', Buffer.alloc(5000, 7)),
      ]);
      const error = await rejection(decodeImage(file));
      expect(error.code).toBe('FACE_IMAGE_DECODE');
      expect(error.message).toMatch(/it has moving pictures only, which is not supported/);
    });
  });

  describe('what is inside counts', () => {
    test.each(['mif1', 'heix', 'avif'])('HEVC under the brand %s', async (brand) => {
      const image = await decodeImage(heifFile({ brand, primary: 1, items: [itemOf(heic)] }));
      expect(difference(image, await decodeImage(heic))).toEqual({ max: 0, count: 0 });
    });

    test.each(['mif1', 'heic', 'mif2', 'miaf', '1pic'])('AV1 under the brand %s', async (brand) => {
      const avif = await from(photo).avif({ quality: 80, effort: 0 }).toBuffer();
      const renamed = Buffer.from(avif);
      renamed.write(brand, 8, 'latin1');
      expect(difference(await decodeImage(renamed), await decodeImage(avif))).toEqual({ max: 0, count: 0 });
    });

    test.each(['mif2', 'miaf', '1pic', 'hevx'])(
      'HEVC under the brand %s, which the image libraries do not know, with others and alone',
      async (brand) => {
        const before = Buffer.from(heic);
        const withOthers = Buffer.from(heic);
        withOthers.write(brand, 8, 'latin1');
        const alone = Buffer.from(withOthers);
        for (let at = 16; at < alone.readUInt32BE(0); at += 4) alone.write(brand, at, 'latin1');
        for (const file of [withOthers, alone]) {
          const given = Buffer.from(file);
          const image = await decodeImage(file);
          expect(difference(image, await decodeImage(before))).toEqual({ max: 0, count: 0 });
          // It is the caller's.
          expect(file.equals(given)).toBe(true);
        }
      },
    );

    test('moving pictures alone are none under such a brand, either; nor is what ends within its brands', async () => {
      const moving = Buffer.concat([
        box('ftyp', Buffer.from('hevx\0\0\0\0msf1hevx')),
        box('moov', Buffer.alloc(100)),
      ]);
      expect((await rejection(decodeImage(moving))).message).toMatch(/it has moving pictures only/);
      for (const length of [12, 15, 18]) {
        const cut = Buffer.from('\0\0\0\x18ftypmif2\0\0\0\0mif2heic', 'latin1').subarray(0, length);
        expect(await rejection(decodeImage(cut))).toMatchObject({ code: 'FACE_IMAGE_DECODE' });
      }
    });

    test('a JPEG that is called IMG_1.HEIC, and a HEIC that is called .jpg', async () => {
      const jpeg = temp('IMG_1.HEIC');
      writeFileSync(jpeg, await from(photo).jpeg().toBuffer());
      expect(await decodeImage(jpeg)).toMatchObject({ width: photo.width, height: photo.height });
      const other = temp('a.jpg');
      writeFileSync(other, heic);
      expect(difference(await decodeImage(other), await decodeImage(heic)).max).toBe(0);
    });

    test('a part of a larger buffer: no more than that is looked at', async () => {
      const larger = Buffer.concat([Buffer.alloc(1000, 1), heic, Buffer.alloc(1000, 2)]);
      const image = await decodeImage(larger.subarray(1000, 1000 + heic.length));
      expect(difference(image, await decodeImage(heic))).toEqual({ max: 0, count: 0 });
      // It is the caller's.
      expect(larger.subarray(1000, 1000 + heic.length).equals(heic)).toBe(true);
    });

    test('where the installed sharp decodes HEVC, it is asked', async () => {
      // One that says so without being able to: what it then says is not what libheif as WebAssembly does.
      const input = sharp.format.heif.input as { fileSuffix: string[] };
      const before = input.fileSuffix;
      input.fileSuffix = [...before, '.heic'];
      try {
        const error = await rejection(decodeImage(heic));
        expect(String((error.cause as Error).message)).toMatch(/has not been built in/);
      } finally {
        input.fileSuffix = before;
      }
    });
  });

  describe('damaged', () => {
    test.each([0.02, 0.1, 0.5, 0.99])('cut off after %d of it', async (share) => {
      const error = await rejection(decodeImage(heic.subarray(0, Math.floor(share * heic.length))));
      expect(error).toMatchObject({ code: 'FACE_IMAGE_DECODE', message: expect.stringMatching(/cut off/) });
    });

    test.each([
      ['row by row, as x265 writes it', []],
      ['as one piece, as phones write it', ['-p', 'x265:wpp=0']],
    ])(
      'a byte in the middle of the picture, written %s: what is left of it, and a warning',
      async (_, options) => {
        const sound = await heifEnc([photo], '-q', '40', ...options);
        const whole = await decodeImage(sound);
        const from = sound.indexOf('mdat') + 200;
        const places = Array.from(
          { length: 24 },
          (_, i) => from + Math.floor(((sound.length - from) * i) / 24),
        );
        const silent = [];
        for (const at of places) {
          const damaged = Buffer.from(sound);
          damaged[at] = (damaged[at] as number) ^ 0xff;
          const { warning, ...image } = await decodeImage(damaged);
          const { count } = difference(image, whole);
          if (warning === undefined && count > 0) silent.push(at);
          else if (warning !== undefined)
            expect(warning).toBe('Only part of the photo could be decoded: the file is damaged.');
        }
        // Nothing in HEVC tells whether a picture is that which was written: now and then, all fits.
        expect(silent.length).toBeLessThanOrEqual(1);
      },
    );

    test('the same bytes named thousands of times: no more memory is taken than the file has, and the process lives', async () => {
      const exif: HeifItem = {
        ...itemOf(heic),
        id: 2,
        type: 'Exif',
        data: Buffer.alloc(2 ** 20),
        properties: [],
        references: [{ type: 'cdsc', to: [1] }],
      };
      // 64 GB, if all were put together.
      const file = heifFile({ primary: 1, items: [itemOf(heic), exif], times: 65_535 });
      writeFileSync(temp('large.heic'), file);
      const [before, error] = [process.memoryUsage().rss, await rejection(decodeImage(file))];
      expect(error).toMatchObject({ code: 'FACE_IMAGE_DECODE' });
      expect((await readEmbedded(temp('large.heic'))).picture).toBeUndefined();
      expect(process.memoryUsage().rss - before).toBeLessThan(2 ** 29);
    });

    test('another size than the file says: no more memory is taken than was waited for', async () => {
      const picture = itemOf(heic);
      const lying = picture.properties.map((property) =>
        property.toString('latin1', 4, 8) === 'ispe' ? ispe(16, 16) : property,
      );
      const file = heifFile({ primary: 1, items: [{ ...picture, properties: lying }] });
      const error = await rejection(decodeImage(file));
      expect(error).toMatchObject({ code: 'FACE_IMAGE_DECODE', message: expect.stringMatching(/damaged/) });
    });

    test('one among many that are decoded at once: the others are as ever', async () => {
      const damaged = Buffer.from(heic);
      damaged.fill(0, heic.indexOf('mdat') + 4);
      const expected = await decodeImage(heic);
      const results = await Promise.allSettled(
        Array.from({ length: 12 }, (_, i) => decodeImage(i % 3 === 1 ? damaged : heic)),
      );
      for (const [i, result] of results.entries()) {
        expect(result.status).toBe(i % 3 === 1 ? 'rejected' : 'fulfilled');
        if (result.status === 'fulfilled') expect(difference(result.value, expected).count).toBe(0);
      }
    });

    test('too large for maxPixels: refused before it is decoded', async () => {
      const error = await rejection(decodeImage(heic, { maxPixels: 1000 }));
      expect(error.code).toBe('FACE_IMAGE_TOO_LARGE');
    });
  });

  describe('memory and threads', () => {
    test('a system that gives the library no more memory is to blame, not the photo', async () => {
      // 144 times the same, which takes twice what the library begins with.
      const tile = { ...itemOf(heic), hidden: true };
      const tiles = Array.from({ length: 144 }, (_, i) => ({ ...tile, id: i + 1 }));
      const [width, height] = [12 * photo.width, 12 * photo.height];
      const grid = {
        id: 999,
        type: 'grid',
        data: gridData(12, 12, width, height),
        properties: [ispe(width, height)],
        references: [{ type: 'dimg', to: tiles.map(({ id }) => id) }],
      };
      const bytes = heifFile({ primary: 999, items: [grid, ...tiles] });
      const library = new LibHeif(await compileLibHeif());
      const { Memory } = (
        globalThis as unknown as { WebAssembly: { Memory: { prototype: { grow(): void } } } }
      ).WebAssembly;
      const grow = jest.spyOn(Memory.prototype, 'grow').mockImplementation(() => {
        throw new RangeError('WebAssembly.Memory.grow(): Maximum memory size exceeded');
      });
      try {
        expect(() => library.decode({ bytes, width, height, strict: true })).toThrow();
        expect(grow).toHaveBeenCalled();
        expect(library.lacksMemory).toBe(true);
      } finally {
        grow.mockRestore();
      }
    });

    onLinux('a process that may not have so much address space: FACE_OUT_OF_MEMORY', async () => {
      writeFileSync(temp('a.heic'), heic);
      const program = `require('.').decodeImage(${JSON.stringify(temp('a.heic'))}).catch((e) => console.log(e.code))`;
      // Node itself begins with less than half of it; WebAssembly sets 8 GiB aside for a memory.
      const { stdout } = spawnSync(
        'bash',
        ['-c', 'ulimit -v 6000000; exec "$0" -e "$1"', process.execPath, program],
        {
          encoding: 'utf8',
          cwd: process.cwd(),
        },
      );
      expect(stdout).toBe('FACE_OUT_OF_MEMORY\n');
    });

    test('stopped in the middle: the photo is let go at once, the next is decoded, and the process ends', async () => {
      writeFileSync(temp('a.heic'), await heifEnc([await smallPhoto('sample1.jpg', 1800)], '-L'));
      const path = JSON.stringify(temp('a.heic'));
      const ending = await runProgram(`
        const { decodeImage } = library();
        const threads = () => process.getActiveResourcesInfo().filter((name) => name === 'MessagePort').length;
        const stop = new AbortController();
        const calls = Array.from({ length: 8 }, () => settling(decodeImage(${path}, { signal: stop.signal })).code);
        while (threads() === 0) await wait(1);
        stop.abort();
        const codes = new Set(await Promise.all(calls));
        const { width } = await decodeImage(${path});
        console.log(JSON.stringify({ codes: [...codes], width, threads: threads() }));`);
      expect(ending).toEqual({ ...CLEAN, stdout: expect.anything() });
      expect(JSON.parse(ending.stdout)).toEqual({ codes: ['FACE_ABORTED'], width: 1800, threads: 0 });
    });

    // As in a program that was bundled, or with half of an installation.
    test.each([
      ['the library', 'libheif.wasm'],
      ['the file of the thread', 'hevc-thread.js'],
    ])(
      '%s is not there: FACE_NATIVE_LOAD, which says what to do; other photos are decoded',
      async (_, name) => {
        writeFileSync(temp('a.heic'), heic);
        const ending = await runProgram(`
        const { decodeImage } = library();
        const files = require('node:fs/promises');
        const threads = require('node:worker_threads');
        const { readFile } = files;
        files.readFile = (file, ...rest) =>
          readFile(String(file).endsWith(${JSON.stringify(name)}) ? '/nowhere.wasm' : file, ...rest);
        threads.Worker = class extends Worker {
          constructor(file, options) {
            super(file.endsWith(${JSON.stringify(name)}) ? '/nowhere.js' : file, options);
          }
        };
        const error = await decodeImage(${JSON.stringify(temp('a.heic'))}).catch((error) => error);
        const { width } = await decodeImage(${JSON.stringify(samplePhoto('sample1.jpg'))});
        console.log(JSON.stringify({ code: error.code, remedy: error.remedy, message: error.message, width }));`);
        expect(ending).toEqual({ ...CLEAN, stdout: expect.anything() });
        const told = JSON.parse(ending.stdout);
        expect(told).toMatchObject({ code: 'FACE_NATIVE_LOAD', width: expect.any(Number) });
        expect(told.message).toMatch(/HEIC.*nowhere/);
        expect(told.message).toContain(told.remedy);
      },
    );

    test('who has no HEIC photos gets on without the library', async () => {
      writeFileSync(temp('damaged.jpg'), Buffer.from('ffd8ffe00010', 'hex'));
      const ending = await runProgram(`
        const Module = require('node:module');
        const resolve = Module._resolveFilename;
        Module._resolveFilename = (name, ...rest) => resolve(name.replace(/.*libheif.package.json$/, 'nowhere'), ...rest);
        const { problems } = await library().encodeFaces({
          dataset: ${JSON.stringify([temp('damaged.jpg'), samplePhoto('sample1.jpg')])},
          encodings: ${JSON.stringify(temp('faces.pickle'))},
          method: 'hog',
        });
        console.log(JSON.stringify(problems.map(({ code }) => code)));`);
      expect(ending).toEqual({ ...CLEAN, stdout: '["FACE_IMAGE_DECODE"]\n' });
    });

    test('in a worker of the application', async () => {
      writeFileSync(temp('a.heic'), heic);
      const body = `parentPort.postMessage((await library().decodeImage(${JSON.stringify(temp('a.heic'))})).width)`;
      const ending = await runProgram(
        `console.log((await once(inWorker(${JSON.stringify(body)}), 'message'))[0])`,
      );
      expect(ending).toEqual({ ...CLEAN, stdout: `${photo.width}\n` });
    });
  });

  test('the faces on a HEIC of quality 100 are those of the picture without loss', async () => {
    const engine = new FaceEngine({ jobs: 1 });
    for (const name of ['sample2.jpg', 'sample6.jpg']) {
      const picture = await decodeImage(samplePhoto(name));
      const png = await decodeImage(await pngOf(picture));
      const coded = await decodeImage(await heifEnc([picture], '-q', '100'));
      const [expected, found] = await Promise.all(
        [png, coded].map((image) => engine.detectAndEncode(image, { method: 'hog' })),
      );
      expect(expected?.length).toBeGreaterThan(0);
      expect(found?.map(({ box }) => box)).toEqual(expected?.map(({ box }) => box));
      for (const [i, { encoding }] of (found ?? []).entries()) {
        const other = expected?.[i]?.encoding ?? [];
        expect(Math.hypot(...encoding.map((value, k) => value - (other[k] ?? 0)))).toBeLessThan(0.3);
      }
    }
    engine.dispose();
  });
});
