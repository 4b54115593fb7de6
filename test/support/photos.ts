import { join } from 'node:path';
import sharp from 'sharp';
import type { FaceError } from '../../src/base/errors';
import type { Box, RawImage } from '../../src/base/types';
import { PORTRAITS, samplePhoto } from './files';

/** A photo that comes with the devDependencies (`sample6.jpg`, `franck_02221.jpg`), scaled down so that a test is quick. */
export async function smallPhoto(name: string, width: number): Promise<RawImage> {
  const path = name.startsWith('sample') ? samplePhoto(name) : join(PORTRAITS, name);
  const { data, info } = await sharp(path)
    .resize(width)
    .toColourspace('srgb')
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { data: new Uint8Array(data), width: info.width, height: info.height };
}

/** The bytes of a PNG file that holds exactly these pixels. */
export function pngOf({ data, width, height }: RawImage): Promise<Buffer> {
  return sharp(data, { raw: { width, height, channels: 3 } })
    .png()
    .toBuffer();
}

/** What two boxes share of what both cover, from 0 to 1. */
export function overlap(a: Box, b: Box): number {
  const area = (box: Box) => Math.max(0, box.right - box.left) * Math.max(0, box.bottom - box.top);
  const shared = area({
    top: Math.max(a.top, b.top),
    right: Math.min(a.right, b.right),
    bottom: Math.min(a.bottom, b.bottom),
    left: Math.max(a.left, b.left),
  });
  return shared / (area(a) + area(b) - shared);
}

/** What `promise` rejects with, told apart from a success. */
export function rejection(promise: Promise<unknown>): Promise<FaceError> {
  return promise.then(
    () => {
      throw new Error('Expected a rejection, but the promise was fulfilled.');
    },
    (error) => error,
  );
}
