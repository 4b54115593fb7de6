import { dirname, join } from 'node:path';
import type { RawImage } from '../../base/types';
import type { MontageBackend } from './backend';

/** The few parts of @u4/opencv4nodejs in use. Its types can't be imported: the package is optional. It throws strings. */
interface OpenCv {
  /** Copies `data`, which must hold `rows * cols` pixels of `type`: it reads on beyond a shorter one. */
  readonly Mat: new (
    data: Buffer,
    rows: number,
    cols: number,
    type: number,
  ) => Mat;
  imencode(extension: string, image: Mat, flags: number[]): Buffer;
  readonly CV_8UC3: number;
  readonly INTER_LINEAR: number;
  readonly IMWRITE_JPEG_QUALITY: number;
}

interface Mat {
  resize(rows: number, cols: number, fx: number, fy: number, interpolation: number): Mat;
  getData(): Buffer;
  release(): void;
}

/**
 * Loads OpenCV through @u4/opencv4nodejs. Main thread only.
 *
 * The package's binary is loaded without the JavaScript around it, which at each start looks for an OpenCV to
 * build: that runs programs, prints to stdout, sets environment variables and takes most of a second.
 *
 * @throws whatever loading threw
 */
export function loadOpenCv(): MontageBackend {
  const folder = dirname(require.resolve('@u4/opencv4nodejs'));
  const cv = require(join(folder, '../../build/Release/opencv4nodejs.node')) as OpenCv;

  const withMat = <T>(image: RawImage, work: (mat: Mat) => T): T => {
    const { data, width, height } = image;
    const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
    const mat = new cv.Mat(bytes, height, width, cv.CV_8UC3);
    try {
      return work(mat);
    } finally {
      // The garbage collector does not see how much memory hangs on a Mat.
      mat.release();
    }
  };

  return {
    name: 'opencv',
    resize: (image, width, height) =>
      withMat(image, (mat) => {
        const resized = mat.resize(height, width, 0, 0, cv.INTER_LINEAR);
        const data = new Uint8Array(resized.getData());
        resized.release();
        return { data, width, height };
      }),
    encodeJpeg: async (image) =>
      withMat(swapRedAndBlue(image), (mat) => cv.imencode('.jpg', mat, [cv.IMWRITE_JPEG_QUALITY, 95])),
  };
}

/** OpenCV packs BGR. */
function swapRedAndBlue(image: RawImage): RawImage {
  const data = Uint8Array.from(image.data);
  for (let i = 0; i < data.length; i += 3) {
    data[i] = image.data[i + 2] as number;
    data[i + 2] = image.data[i] as number;
  }
  return { ...image, data };
}
