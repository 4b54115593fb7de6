import { loadSharp } from '../../photos/formats/load-sharp';
import type { MontageBackend } from './backend';
import { resizeBilinear } from './bilinear';

/** Montages without OpenCV; sharp packs, {@link resizeBilinear} does what sharp can't. */
export const sharpBackend: MontageBackend = {
  name: 'sharp',
  resize: resizeBilinear,
  encodeJpeg: ({ data, width, height }) =>
    loadSharp()(data, { raw: { width, height, channels: 3 }, limitInputPixels: false })
      .jpeg({ quality: 95, chromaSubsampling: '4:2:0' })
      .toBuffer(),
};
