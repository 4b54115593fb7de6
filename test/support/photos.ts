import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import type { FaceError } from '../../src/base/errors';
import type { RawImage } from '../../src/base/types';
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

/** Stores a PNG turned, with the orientation that makes it upright again. */
export async function turnOver(path: string, orientation: number): Promise<void> {
  const back = { 6: 8, 8: 6 }[orientation] ?? orientation;
  const marked = await sharp(path).withMetadata({ orientation: back }).png().toBuffer();
  const stored = await sharp(marked).autoOrient().png().toBuffer();
  writeFileSync(path, await sharp(stored).withMetadata({ orientation }).png().toBuffer());
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
