import { isMainThread } from 'node:worker_threads';
import { FaceError, messageOf } from '../../base/errors';
import type { RawImage } from '../../base/types';
import { loadOpenCv } from './opencv';

export type MontageBackendName = 'opencv' | 'sharp';

/**
 * What draws a montage's tiles and packs it; both give the same pixels before packing.
 * @internal
 */
export interface MontageBackend {
  readonly name: MontageBackendName;
  /** Resizes to exactly `width` x `height` as OpenCV does with INTER_LINEAR. */
  resize(image: RawImage, width: number, height: number): RawImage;
  /** A JPEG of quality 95 with halved colour resolution: what `cv2.imwrite` writes unless told otherwise. */
  encodeJpeg(image: RawImage): Promise<Uint8Array>;
}

/** OpenCV, or why it is not to be had; tried once, since a failure will not mend itself. */
let openCv: MontageBackend | { readonly reason: string } | undefined;

/**
 * The backend for a name; `auto` is OpenCV where it is installed, else sharp.
 * @internal
 */
export function chooseBackend(name: 'auto' | MontageBackendName): MontageBackend {
  if (name === 'sharp') return loadSharp();
  openCv ??= tryOpenCv();
  if ('name' in openCv) return openCv;
  if (name === 'auto') return loadSharp();
  throw new FaceError(
    'FACE_NATIVE_LOAD',
    `Montages can't be drawn with OpenCV: ${openCv.reason}. Install OpenCV and then the npm package ` +
      '@u4/opencv4nodejs, or leave the choice to backend "auto": sharp draws the same montage.',
  );
}

/** Loaded when it is drawn with: sharp takes time and memory. */
function loadSharp(): MontageBackend {
  return (require('./sharp') as typeof import('./sharp')).sharpBackend;
}

function tryOpenCv(): MontageBackend | { readonly reason: string } {
  if (!isMainThread) return { reason: '@u4/opencv4nodejs ends the process when a second thread loads it' };
  try {
    return loadOpenCv();
  } catch (error) {
    return { reason: `@u4/opencv4nodejs could not be loaded (${messageOf(error).split('\n')[0]})` };
  }
}
