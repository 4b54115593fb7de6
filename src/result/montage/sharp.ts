import type { Sharp } from 'sharp';
import type { RawImage } from '../../base/types';
import { loadSharp } from '../../photos/formats/load-sharp';
import type { MontageBackend } from './backend';
import { resizeBilinear } from './bilinear';

/** Montages without OpenCV; sharp packs, {@link resizeBilinear} does what sharp can't. */
export const sharpBackend: MontageBackend = {
  name: 'sharp',
  resize: resizeBilinear,
  encodeJpeg: (image) => asSharp(image).jpeg({ quality: 95, chromaSubsampling: '4:2:0' }).toBuffer(),
};

/** An image for sharp to work on. */
export function asSharp({ data, width, height }: RawImage): Sharp {
  return loadSharp()(data, { raw: { width, height, channels: 3 }, limitInputPixels: false });
}
