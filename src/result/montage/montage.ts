import { FaceError, throwIfAborted } from '../../base/errors';
import { groupBy } from '../../base/maps';
import type { Box, ImageInput, RawImage } from '../../base/types';
import { path as checkPath, integer, invalidArgument, oneOf } from '../../base/validate';
import { decodeImage } from '../../photos/decode';
import { writeFileAtomically } from '../../system/atomic-file';
import { forEachConcurrent } from '../../system/jobs';
import { chooseBackend, type MontageBackend, type MontageBackendName } from './backend';
import { cutTile, drawTiles } from './draw';
import { checkLayout, type Layout } from './layout';

export type { MontageBackendName } from './backend';

/** One face of a montage. A `FaceRecord` is one, too. */
export interface MontageTile {
  /** The photo; also names it where `image` is given. */
  readonly imagePath: string;
  /** Where on the photo the face is; what lies outside the photo is left out. */
  readonly loc: Box;
  /** The photo's bytes or pixels, if `imagePath` is not to be read. */
  readonly image?: ImageInput;
}

export interface MontageOptions {
  /** Tiles side by side. Default 5. */
  readonly columns?: number;
  /** Tiles one below the other. Default 5. */
  readonly rows?: number;
  /** Size of a tile in pixels; faces are stretched to it. Default 96 x 96. */
  readonly tileWidth?: number;
  readonly tileHeight?: number;
  /** What draws. Default `auto`: OpenCV where `@u4/opencv4nodejs` is installed, else sharp. The pixels are the same. */
  readonly backend?: 'auto' | MontageBackendName;
  readonly signal?: AbortSignal;
}

/** A face that was left out of a montage. */
export interface MontageProblem {
  readonly tile: MontageTile;
  /** Why: a code that begins with `FACE_IMAGE_`, `FACE_OUT_OF_MEMORY` or `FACE_IO`. */
  readonly error: FaceError;
}

export interface MontageReport {
  /** Number of faces in the montage. */
  readonly drawn: number;
  /** The faces that could not be drawn, in order. */
  readonly problems: readonly MontageProblem[];
  readonly backend: MontageBackendName;
}

/** The montage's RGB pixels, and what became of the tiles. */
export interface Montage extends RawImage, MontageReport {}

/** Photos decoded at once. Few, since a decoded photo is large and callers draw several montages at a time. */
const PHOTOS_AT_ONCE = 2;

/**
 * Draws faces side by side, as `imutils.build_montages` does: from left to right and top to bottom, each cut
 * out of its photo and stretched to the tile's size with OpenCV's INTER_LINEAR, black where there is none.
 *
 * `columns * rows` faces are drawn, the first ones of `tiles`. A face whose photo can't be read any more is left
 * out and the next one takes its place; `problems` says so. No tiles give a black montage.
 *
 * @throws FaceError `FACE_INVALID_ARGUMENT`, `FACE_ABORTED`; `FACE_NATIVE_LOAD` if backend `opencv` is asked for
 *   and can't be loaded.
 */
export async function createMontage(
  tiles: readonly MontageTile[],
  options: MontageOptions = {},
): Promise<Montage> {
  const { montage, report } = await draw(tiles, options);
  return { ...montage, ...report };
}

/**
 * Draws a montage as {@link createMontage} does and writes it as a JPEG of quality 95, whatever the file's
 * name ends in. Missing folders are made. `file` holds either the whole montage or what it held before.
 *
 * @throws FaceError as {@link createMontage}, and `FACE_IO` if the file can't be written.
 */
export async function writeMontage(
  file: string,
  tiles: readonly MontageTile[],
  options: MontageOptions = {},
): Promise<MontageReport> {
  checkPath('file', file);
  const { montage, report, backend } = await draw(tiles, options);
  const jpeg = await backend.encodeJpeg(montage);
  throwIfAborted(options.signal);
  await writeFileAtomically(file, 'montage', (handle) => handle.writeFile(jpeg), false);
  return report;
}

/** What backend `auto` stands for here. Loads OpenCV if it is installed. */
export function montageBackend(): MontageBackendName {
  return chooseBackend('auto').name;
}

async function draw(
  tiles: readonly MontageTile[],
  options: MontageOptions,
): Promise<{ montage: RawImage; report: MontageReport; backend: MontageBackend }> {
  const layout = checkLayout(options);
  const backendName = oneOf('backend', options.backend ?? 'auto', ['auto', 'opencv', 'sharp']);
  checkTiles(tiles);
  throwIfAborted(options.signal);
  const backend = chooseBackend(backendName);
  const faces: RawImage[] = [];
  const problems: MontageProblem[] = [];
  const cells = layout.columns * layout.rows;
  let next = 0;
  while (faces.length < cells && next < tiles.length) {
    const batch = tiles.slice(next, next + cells - faces.length);
    next += batch.length;
    for (const [i, face] of (await cutFaces(batch, layout, backend, options.signal)).entries()) {
      if (face instanceof FaceError) problems.push({ tile: batch[i] as MontageTile, error: face });
      else faces.push(face);
    }
  }
  const montage = await drawTiles(layout, faces);
  return { montage, report: { drawn: faces.length, problems, backend: backend.name }, backend };
}

/** Each tile's face in the tile's size, or why there is none. A photo with several of the faces is decoded once. */
async function cutFaces(
  tiles: readonly MontageTile[],
  layout: Layout,
  backend: MontageBackend,
  signal: AbortSignal | undefined,
): Promise<(RawImage | FaceError)[]> {
  const tileAt = (i: number) => tiles[i] as MontageTile;
  const tilesOf = groupBy(tiles.keys(), (i): ImageInput => tileAt(i).image ?? tileAt(i).imagePath);
  const faces = new Array<RawImage | FaceError>(tiles.length);
  await forEachConcurrent([...tilesOf], PHOTOS_AT_ONCE, signal, async ([photo, indices], _, stop) => {
    const image = await decodeImage(photo, { signal: stop }).catch(asTileProblem);
    for (const i of indices) {
      const { imagePath, loc } = tileAt(i);
      faces[i] =
        image instanceof FaceError
          ? image
          : (cutTile(image, loc, layout, backend) ?? faceOutside(imagePath, loc, image));
    }
  });
  return faces;
}

/** Errors about one photo become a {@link MontageProblem}; others are thrown on. */
function asTileProblem(error: unknown): FaceError {
  if (error instanceof FaceError && /^FACE_(IMAGE_|IO$|OUT_OF_MEMORY$)/.test(error.code)) return error;
  throw error;
}

/** Why a face can't be drawn whose box is not on its photo. */
export function faceOutside(
  imagePath: string,
  { top, right, bottom, left }: Box,
  photo: Pick<RawImage, 'width' | 'height'>,
): FaceError {
  return new FaceError(
    'FACE_IMAGE_NOT_FOUND',
    `The face at (top ${top}, right ${right}, bottom ${bottom}, left ${left}) is not on the photo "${imagePath}" ` +
      `of ${photo.width} x ${photo.height} pixels: another photo seems to have taken its place.`,
    { path: imagePath },
  );
}

function checkTiles(tiles: readonly MontageTile[]): void {
  if (!Array.isArray(tiles)) throw invalidArgument('tiles', 'array of { imagePath, loc }', tiles);
  for (const [i, tile] of tiles.entries()) {
    if (typeof tile !== 'object' || tile === null) {
      throw invalidArgument(`tiles[${i}]`, '{ imagePath, loc }', tile);
    }
    checkPath(`tiles[${i}].imagePath`, tile.imagePath);
    const loc: Partial<Box> = tile.loc ?? {};
    for (const side of ['top', 'right', 'bottom', 'left'] as const) {
      integer(`tiles[${i}].loc.${side}`, loc[side], Number.MIN_SAFE_INTEGER);
    }
  }
}
