import { isMainThread } from 'node:worker_threads';
import { FaceError, messageOf } from '../../base/errors';
import type { RawImage } from '../../base/types';
import { loadOpenCv } from './opencv';
import { sharpBackend } from './sharp';

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

/** From so many tiles on, OpenCV makes up for the 0.1 s that it takes to load: it needs a third of the time for a tile. */
const TILES_FOR_OPENCV = 500;

/**
 * The backend that is through with so many tiles first.
 * @internal
 */
export function quickestBackend(tiles: number): MontageBackend {
  return chooseBackend(tiles < TILES_FOR_OPENCV ? 'sharp' : 'auto');
}

/** Why OpenCV is not to be had. @internal */
export interface NoOpenCv {
  /** Whether the npm package is there, but can't be used. */
  readonly installed: boolean;
  readonly problem: string;
}

/** Tried once, since a failure will not mend itself. */
let openCv: MontageBackend | NoOpenCv | undefined;

/**
 * The backend for a name; `auto` is OpenCV where it is installed, else sharp.
 * @internal
 */
export function chooseBackend(name: 'auto' | MontageBackendName): MontageBackend {
  if (name === 'sharp') return sharpBackend;
  const found = findOpenCv();
  if ('name' in found) return found;
  if (name === 'auto') return sharpBackend;
  const remedy =
    'Install OpenCV and then the npm package @u4/opencv4nodejs, or leave the choice to backend "auto": sharp draws ' +
    'the same montage.';
  throw new FaceError('FACE_NATIVE_LOAD', `${found.problem}.`, { remedy });
}

/** @internal */
export function findOpenCv(): MontageBackend | NoOpenCv {
  openCv ??= tryOpenCv();
  return openCv;
}

function tryOpenCv(): MontageBackend | NoOpenCv {
  const because = (reason: string) => `Montages can't be drawn with OpenCV: @u4/opencv4nodejs ${reason}`;
  if (!isMainThread) {
    return { installed: true, problem: because('ends the process when a second thread loads it') };
  }
  try {
    return loadOpenCv();
  } catch (error) {
    const installed = (error as NodeJS.ErrnoException).code !== 'MODULE_NOT_FOUND';
    return { installed, problem: because(`could not be loaded (${messageOf(error).split('\n')[0]})`) };
  }
}
