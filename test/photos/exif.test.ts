import sharp from 'sharp';
import { DEFAULT_MAX_PIXELS, openBytes } from '../../src/photos/decode';
import { takenAt } from '../../src/photos/formats/exif';
import { bitmap } from '../support/bmp';
import { tiffFile } from '../support/tiff';

const factsOf = async (bytes: Buffer) =>
  (await openBytes(bytes, { label: '' }, DEFAULT_MAX_PIXELS, undefined)).facts;

const DATE_TIME_ORIGINAL = 0x9003;
const OFFSET_TIME_ORIGINAL = 0x9011;

/** A photo of 40 x 20 stored pixels. */
function photo(exif: Readonly<Record<string, string>>, orientation = 1) {
  return sharp({ create: { width: 40, height: 20, channels: 3, background: '#888' } })
    .withExif({ IFD2: exif })
    .withMetadata({ orientation });
}

const scan = (exif: Readonly<Record<number, string>>, more = {}) =>
  tiffFile({ width: 1, height: 1, bits: [8], photometric: 1, pixels: [7], exif, ...more });

describe('when a photo was taken', () => {
  test.each(['jpeg', 'png', 'webp', 'avif'] as const)('is read from a %s', async (format) => {
    const exif = { DateTimeOriginal: '2019:07:14 15:30:12', OffsetTimeOriginal: '+02:00' };
    expect(await factsOf(await photo(exif).toFormat(format).toBuffer())).toMatchObject({
      taken: '2019-07-14T15:30:12+02:00',
    });
  });

  test.each([{}, { bigEndian: true }, { big: true }, { big: true, bigEndian: true }])(
    'is read from a TIFF: %p',
    async (more) => {
      const exif = {
        [DATE_TIME_ORIGINAL]: '2019:07:14 15:30:12',
        [OFFSET_TIME_ORIGINAL]: '-08:30',
      };
      expect(await factsOf(scan(exif, more))).toMatchObject({ taken: '2019-07-14T15:30:12-08:30' });
    },
  );

  test.each([
    ['2019:07:14 15:30:12', 'Z', '2019-07-14T15:30:12'],
    ['2019:07:14 15:30:12', '+2:00', '2019-07-14T15:30:12'],
    ['2019:07:14 15:30:12', '   :  ', '2019-07-14T15:30:12'],
    ['2019:07:14 15:30:12', '+25:00', '2019-07-14T15:30:12'],
    ['0000:00:00 00:00:00', '+02:00', null],
    ['    :  :     :  :  ', '', null],
    ['2019:02:30 15:30:12', '', null],
    ['2019:07:14 24:00:00', '', null],
    ['2019-07-14T15:30:12 and more', '', null],
    ['yesterday', '', null],
  ])('is %j with the offset %j: %j', (time, offset, taken) => {
    expect(takenAt(scan({ [DATE_TIME_ORIGINAL]: time, [OFFSET_TIME_ORIGINAL]: offset }))).toBe(taken);
  });

  test('is not known of a photo that does not say, and of a bitmap', async () => {
    expect(await factsOf(await photo({}).jpeg().toBuffer())).toMatchObject({ taken: null });
    expect(await factsOf(bitmap(3, 2))).toEqual({ width: 3, height: 2, orientation: 1, taken: null });
  });

  test('is no reason to lose a photo whose EXIF is damaged', async () => {
    const whole = await photo({ DateTimeOriginal: '2019:07:14 15:30:12' }).jpeg().toBuffer();
    const start = whole.indexOf('Exif\0\0');
    for (let at = start; at < start + 200; at++) {
      const damaged = Buffer.from(whole);
      damaged[at] = (damaged[at] as number) ^ 0xff;
      await expect(factsOf(damaged)).resolves.toHaveProperty('taken');
    }
  });
});

test.each([1, 2, 3, 4, 5, 6, 7, 8])(
  'the size is that of the upright photo, orientation %i',
  async (orientation) => {
    const bytes = await photo({}, orientation).jpeg().toBuffer();
    const [width, height] = orientation < 5 ? [40, 20] : [20, 40];
    expect(await factsOf(bytes)).toMatchObject({ width, height, orientation });
  },
);
