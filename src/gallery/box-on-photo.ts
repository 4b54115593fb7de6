import type { FaceData } from '../output/clusters-data';
import type { PixelBox } from './data';

/** What of a face's box is on the photo; all of it if the size of the photo is not known. */
export function boxOnPhoto({ box, photoWidth, photoHeight }: FaceData): PixelBox {
  const width = photoWidth ?? Number.POSITIVE_INFINITY;
  const height = photoHeight ?? Number.POSITIVE_INFINITY;
  return [
    Math.max(box.top, 0),
    Math.min(box.right, width),
    Math.min(box.bottom, height),
    Math.max(box.left, 0),
  ];
}
