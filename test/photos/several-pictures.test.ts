/* Files with more pictures than one: the first counts. */
import sharp from 'sharp';
import { decodeImage } from '../../src/photos/decode';
import { samplePhoto } from '../support/files';
import { rejection } from '../support/photos';
import { difference } from '../support/pixels';

const small = (name: string) => sharp(samplePhoto(name)).resize(96, 64, { fit: 'cover' });

test('MPO: the first of its JPEGs, without a word about the others behind it', async () => {
  const [left, right] = await Promise.all(
    ['sample1.jpg', 'sample2.jpg'].map((name) => small(name).jpeg().toBuffer()),
  );
  const both = await decodeImage(Buffer.concat([left as Buffer, right as Buffer]));
  expect(both.warning).toBeUndefined();
  expect(difference(both, await decodeImage(left as Buffer)).max).toBe(0);
});

test('TIFF with several pages: the first', async () => {
  const pages = await Promise.all(['sample1.jpg', 'sample2.jpg'].map((name) => small(name).png().toBuffer()));
  const tiff = await sharp(pages, { join: { animated: true } })
    .tiff({ compression: 'none' })
    .toBuffer();
  expect((await sharp(tiff).metadata()).pages).toBe(2);
  expect(difference(await decodeImage(tiff), await decodeImage(pages[0] as Buffer)).max).toBe(0);
});

test('animated AVIF: the still picture that is in it as well', async () => {
  const still = await small('sample1.jpg').avif({ quality: 60, effort: 0 }).toBuffer();
  const animated = Buffer.from(still);
  animated.write('avis', 8);
  // Else there would be nothing to be done.
  await expect(sharp(animated).metadata()).rejects.toThrow('unsupported image format');
  const given = Buffer.from(animated);
  expect(difference(await decodeImage(animated), await decodeImage(still)).max).toBe(0);
  expect(animated.equals(given)).toBe(true);
});

test.each([
  ['a file', Buffer.from('\0\0\0\fJXL \r\n\x87\n\0\0\0\x14ftypjxl ', 'latin1')],
  ['a bare stream', Buffer.from('\xff\n\xfa\x7f\x01\x90\x08\x06\x01\0', 'latin1')],
])('JPEG XL, %s: what it is, and what to do', async (_, bytes) => {
  expect(await rejection(decodeImage(bytes))).toMatchObject({
    code: 'FACE_IMAGE_DECODE',
    message: expect.stringMatching(/it is a JPEG XL picture; convert it to JPEG or PNG first\.$/),
  });
});
