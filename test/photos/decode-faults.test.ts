import sharp from 'sharp';
import { PhotoFault } from '../../src/photos/photo-fault';
import { failureOf, MachineTrouble } from '../../src/photos/reasons';
import { noiseImage } from '../support/pixels';

/*
 * Whom an error of the image library is blamed on. What the machine did is not to be remembered of a photo: it would be
 * refused for ever. The texts are those that were seen with too few threads (ulimit -u) and too little memory (ulimit -v).
 */
const NOISE = 'source: bad seek to 255139\nsource: bad seek to 255123\n';

test.each([
  ['jpeg', 'threads', 'glib: Error creating thread: Resource temporarily unavailable'],
  ['heif', 'threads', `${NOISE}glib: Error creating thread: Resource temporarily unavailable`],
  ['tiff', 'threads', 'vips_threadset_add: unable to create thread'],
  ['webp', 'unknown', 'webp2vips: unable to read pixels'],
  ['png', 'unknown', 'vipspng: libpng read error'],
  ['jpeg', 'memory', 'VipsJpeg: Insufficient memory (case 4)'],
  ['png', 'memory', 'vips_tracked: out of memory -- size == 45MB'],
  ['tiff', 'memory', 'tiff2vips: No space for data buffer at scanline 3'],
  ['heif', 'memory', `${NOISE}heif: Invalid input: Unspecified: Memory allocation error`],
  ['heif', 'memory', `${NOISE}heif: Memory allocation error: Unspecified: Cannot allocate picture (6.0)`],
  ['jpeg', 'memory', 'std::bad_alloc'],
  ['jpeg', 'unknown', 'Unknown error'],
  ['heif', 'unknown', NOISE],
  ['gif', 'unknown', ''],
  // One text for the whole process: the other photo's fault does not make this one's.
  ['jpeg', 'memory', 'VipsJpeg: premature end of JPEG image\nvips_tracked: out of memory -- size == 45MB'],
  ['heif', 'threads', 'Worker initialization failure: EAGAIN'],
  ['jpeg', 'threads', 'VipsJpeg: Bogus marker length\nglib: Error creating thread: x'],
] as const)('%s, the machine (%s): %j', async (format, lack, text) => {
  const failure = failureOf(new Error(text), await whole(format), format);
  expect(failure).toBeInstanceOf(MachineTrouble);
  expect(failure).toMatchObject({ lack });
});

test.each([
  ['jpeg', 'VipsJpeg: premature end of JPEG image', /cut off/],
  ['jpeg', 'VipsJpeg: Corrupt JPEG data: premature end of data segment', /^the file is damaged$/],
  ['jpeg', 'VipsJpeg: Unsupported JPEG process: SOF type 0xc9', /rare kind/],
  ['jpeg', 'VipsJpeg: Unsupported JPEG data precision 12', /rare kind/],
  ['jpeg', 'VipsJpeg: Unsupported marker type 0x17', /damaged/],
  ['gif', 'gifload_buffer: Invalid frame data', /damaged/],
  ['tiff', 'tiff2vips: Not enough data at scanline 7 (short 20 bytes)', /cut off/],
  ['heif', `${NOISE}heif: Invalid input: Unspecified: Corrupt frame detected (2.0)`, /damaged/],
  ['heif', `${NOISE}heif: Invalid input: Unexpected end of file (2.100)`, /cut off/],
  ['heif', 'heif: Memory allocation error: Security limit exceeded: Number of extents (9999)', /damaged/],
] as const)('%s, the file: %j', async (format, text, reason) => {
  const failure = failureOf(new Error(text), await whole(format), format);
  expect(failure).toBeInstanceOf(PhotoFault);
  expect(failure.message).toMatch(reason);
});

describe('where the library says the same of both, or nothing, the bytes tell', () => {
  test.each(['anywhere in the picture', 'before the picture', 'in the middle of its thumbnail'])(
    'a JPEG that is cut off %s, whatever another photo has done to the text',
    async (where) => {
      const jpeg = await whole('jpeg');
      // A segment with a whole picture inside, as cameras write it: its end is not that of the photo.
      const segment = Buffer.concat([Buffer.from('ffe70000', 'hex'), jpeg]);
      segment.writeUInt16BE(segment.length - 2, 2);
      const photo = Buffer.concat([jpeg.subarray(0, 2), segment, jpeg.subarray(2)]);
      const lengths = {
        'anywhere in the picture': photo.length - 20,
        'before the picture': 2 + segment.length + 30,
        'in the middle of its thumbnail': 60,
      };
      expect(failureOf(new Error(''), photo, 'jpeg')).toBeInstanceOf(MachineTrouble);
      const cut = failureOf(new Error(''), photo.subarray(0, lengths[where as keyof typeof lengths]), 'jpeg');
      expect(cut).toBeInstanceOf(PhotoFault);
      expect(cut.message).toMatch(/cut off/);
    },
  );

  const text = new Error('vipspng: libpng read error');

  test('a PNG that is cut off, or has a wrong checksum', async () => {
    const png = await whole('png');
    expect(failureOf(text, png.subarray(0, png.length - 40), 'png').message).toMatch(/cut off/);
    const flipped = Buffer.from(png);
    flipped[200] = (flipped[200] as number) ^ 1;
    expect(failureOf(text, flipped, 'png')).toMatchObject({ message: 'the file is damaged' });
    expect(failureOf(text, flipped, 'png')).toBeInstanceOf(PhotoFault);
  });

  test('a WebP that is shorter than it says', async () => {
    const webp = await whole('webp');
    const failure = failureOf(new Error('webp2vips: unable to read pixels'), webp.subarray(0, 300), 'webp');
    expect(failure).toBeInstanceOf(PhotoFault);
    expect(failure.message).toMatch(/cut off/);
  });
});

type Format = 'jpeg' | 'png' | 'gif' | 'webp' | 'tiff' | 'heif';

/** A file with nothing wrong. */
function whole(format: Format): Promise<Buffer> {
  const { data, width, height } = noiseImage(40, 30);
  const picture = sharp(data, { raw: { width, height, channels: 3 } });
  const file = format === 'heif' ? picture.avif({ effort: 0 }) : picture.toFormat(format);
  return file.toBuffer();
}
