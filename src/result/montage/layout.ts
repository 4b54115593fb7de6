import type { Box, RawImage } from '../../base/types';
import { integer, invalidArgument } from '../../base/validate';

/** A grid of tiles of one size, filled row by row from the top left. */
export interface Layout {
  readonly columns: number;
  readonly rows: number;
  /** In pixels. */
  readonly tileWidth: number;
  readonly tileHeight: number;
}

/** JPEG knows no larger side (libjpeg's JPEG_MAX_DIMENSION). */
const MAX_SIDE = 65_500;
/** Keeps a slip of the keyboard from asking for gigabytes. */
const MAX_PIXELS = 0x3fff * 0x3fff;

/** The layout of the Python project unless told otherwise: 5 x 5 tiles of 96 x 96 pixels. */
export function checkLayout(options: Partial<Layout>): Layout {
  const columns = integer('columns', options.columns ?? 5, 1, MAX_SIDE);
  const rows = integer('rows', options.rows ?? 5, 1, MAX_SIDE);
  const tileWidth = integer('tileWidth', options.tileWidth ?? 96, 1, MAX_SIDE);
  const tileHeight = integer('tileHeight', options.tileHeight ?? 96, 1, MAX_SIDE);
  const width = columns * tileWidth;
  const height = rows * tileHeight;
  if (Math.max(width, height) > MAX_SIDE || width * height > MAX_PIXELS) {
    throw invalidArgument(
      'the size of the montage',
      `at most ${MAX_SIDE} pixels a side and ${MAX_PIXELS} in all`,
      `${width} x ${height}`,
    );
  }
  return { columns, rows, tileWidth, tileHeight };
}

/** A black montage. */
export function blankMontage(layout: Layout): RawImage {
  const width = layout.columns * layout.tileWidth;
  const height = layout.rows * layout.tileHeight;
  return { data: new Uint8Array(3 * width * height), width, height };
}

/** Copies `tile`, of the layout's tile size, into cell number `index` of the montage. */
export function placeTile(montage: RawImage, layout: Layout, index: number, tile: RawImage): void {
  const left = (index % layout.columns) * layout.tileWidth;
  const top = Math.floor(index / layout.columns) * layout.tileHeight;
  const bytes = 3 * tile.width;
  for (let y = 0; y < tile.height; y++) {
    const at = 3 * ((top + y) * montage.width + left);
    montage.data.set(tile.data.subarray(y * bytes, (y + 1) * bytes), at);
  }
}

/** The part of `image` inside `box` (right and bottom exclusive); `undefined` if none of it is. */
export function crop(image: RawImage, box: Box): RawImage | undefined {
  const top = Math.max(box.top, 0);
  const left = Math.max(box.left, 0);
  const width = Math.min(box.right, image.width) - left;
  const height = Math.min(box.bottom, image.height) - top;
  if (width <= 0 || height <= 0) return undefined;
  const data = new Uint8Array(3 * width * height);
  for (let y = 0; y < height; y++) {
    const from = 3 * ((top + y) * image.width + left);
    data.set(image.data.subarray(from, from + 3 * width), 3 * y * width);
  }
  return { data, width, height };
}
