import { stat } from 'node:fs/promises';
import { extname } from 'node:path';
import { fsPath } from '../io/file-name';
import { forEachConcurrent } from '../jobs';

/** One of a list of photos. */
export interface ListedPhoto {
  readonly path: string;
  /** Its place in the list. */
  readonly index: number;
  /** About how many pixels it has, judged by its file: good enough to plan with, and no file is opened for it. */
  readonly pixels: number;
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

/** Questions put to the file system at once: they cost nothing here, and a network drive answers them late. */
const AT_ONCE = 32;

/**
 * The photos in the order in which to work on them: the largest first, so that none is left for the end, when the
 * other cores have run out of work (Graham's "longest processing time first"). Photos of about the same size stay in
 * the order of the list. One whose size can't be found out comes last; opening it will tell why.
 * @throws FaceError FACE_ABORTED
 */
export async function largestFirst(
  photos: readonly string[],
  signal: AbortSignal | undefined,
): Promise<ListedPhoto[]> {
  const listed = photos.map((path, index) => ({ path, index, pixels: 0 }));
  await forEachConcurrent(listed, AT_ONCE, signal, async (photo) => {
    const info = await stat(fsPath(photo.path)).catch(() => undefined);
    if (info) photo.pixels = info.size / (BYTES_PER_PIXEL[extname(photo.path).toLowerCase()] ?? 0.3);
  });
  return listed.sort((a, b) => b.pixels - a.pixels);
}
