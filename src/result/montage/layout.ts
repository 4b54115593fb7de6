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
export function checkLayout(options: { readonly [size in keyof Layout]?: number | undefined }): Layout {
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
