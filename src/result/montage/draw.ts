import { boxOnPhoto } from '../../base/box';
import type { Box, RawImage } from '../../base/types';
import type { MontageBackend } from './backend';
import type { Layout } from './layout';

/**
 * Draws a montage: tiles of the layout's tile size from left to right and top to bottom, black where there is none.
 * @internal
 */
export async function drawTiles(
  layout: Layout,
  tiles: Iterable<RawImage> | AsyncIterable<RawImage>,
): Promise<RawImage> {
  const width = layout.columns * layout.tileWidth;
  const height = layout.rows * layout.tileHeight;
  const montage = { data: new Uint8Array(3 * width * height), width, height };
  let cell = 0;
  for await (const tile of tiles) placeTile(montage, layout, cell++, tile);
  return montage;
}

function placeTile(montage: RawImage, layout: Layout, cell: number, tile: RawImage): void {
  const left = (cell % layout.columns) * layout.tileWidth;
  const top = Math.floor(cell / layout.columns) * layout.tileHeight;
  const bytes = 3 * tile.width;
  for (let y = 0; y < tile.height; y++) {
    const at = 3 * ((top + y) * montage.width + left);
    montage.data.set(tile.data.subarray(y * bytes, (y + 1) * bytes), at);
  }
}

/**
 * The tile of a face: cut out of its photo and stretched to the tile's size; `undefined` if the face is not on the photo.
 * @internal
 */
export function cutTile(
  photo: RawImage,
  box: Box,
  { tileWidth, tileHeight }: Pick<Layout, 'tileWidth' | 'tileHeight'>,
  backend: MontageBackend,
): RawImage | undefined {
  const face = crop(photo, box);
  return face && backend.resize(face, tileWidth, tileHeight);
}

/**
 * The part of `image` inside `box` (right and bottom exclusive); `undefined` if none of it is.
 * @internal
 */
export function crop(image: RawImage, box: Box): RawImage | undefined {
  const inside = boxOnPhoto(box, image);
  if (!inside) return undefined;
  const width = inside.right - inside.left;
  const height = inside.bottom - inside.top;
  const data = new Uint8Array(3 * width * height);
  for (let y = 0; y < height; y++) {
    const from = 3 * ((inside.top + y) * image.width + inside.left);
    data.set(image.data.subarray(from, from + 3 * width), 3 * y * width);
  }
  return { data, width, height };
}
