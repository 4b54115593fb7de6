import { extname } from 'node:path';

/** One of a list of photos. */
export interface ListedPhoto {
  readonly path: string;
  /** Its place in the list. */
  readonly index: number;
  /** Size of its file; 0 if that can't be found out. */
  readonly bytes: number;
}

/** Bytes that a pixel takes in common photos of these formats; 0.3, a JPEG's, for others. */
const BYTES_PER_PIXEL: Readonly<Record<string, number>> = {
  '.bmp': 3,
  '.tif': 3,
  '.tiff': 3,
  '.png': 1.5,
  '.webp': 0.15,
  '.avif': 0.1,
};

/** How many pixels a photo has, judged by its file: good enough to plan with, and no file is opened for it. */
export function estimatedPixels({ path, bytes }: ListedPhoto): number {
  return bytes / (BYTES_PER_PIXEL[extname(path).toLowerCase()] ?? 0.3);
}

/**
 * The photos in the order in which to work on them: the largest first, so that none is left for the end, when the
 * other cores have run out of work (Graham's "longest processing time first"). Photos of about the same size stay in the
 * order of the list; those whose size can't be found out come last, and opening them will tell why.
 */
export function largestFirst(photos: readonly ListedPhoto[]): ListedPhoto[] {
  return photos.toSorted((a, b) => estimatedPixels(b) - estimatedPixels(a));
}
