import { boxOnPhoto } from '../../base/box';
import type { PhotoId } from '../../base/ids';
import type { Box, RawImage } from '../../base/types';
import type { PhotoPipeline } from '../../engine/photo-pipeline';
import { callNative, native } from '../../native';
import { photoAt } from '../../photos/given';
import type { MontageBackend } from '../montage/backend';
import { crop, cutTile } from '../montage/draw';
import type { Layout } from '../montage/layout';
import { faceOutside } from '../montage/montage';
import { asSharp } from '../montage/sharp';
import { CACHE_FOLDER, THUMBNAILS_FOLDER } from '../names-in-result';
import type { PhotoFile } from '../originals/find';
import type { PhotoSet } from '../originals/photo-set';
import { type PhotoContent, type PictureCache, pictureName } from './cache';
import { packPixels } from './packed-pixels';

/** Longest side of a face's thumbnail in pixels, and of a photo's; smaller ones are not enlarged. */
const FACE_SIDE = 192;
const PHOTO_SIDE = 320;

/** Of these JPEGs: as near to the photo as WebP of 70 to 75, in 1.4 times the bytes and a third of the time. */
const QUALITY = 75;

/** How much of the photo around a face is on its thumbnail: this part of the box's larger side, each way. */
const MARGIN = 0.3;

/** What to make of one face. */
export interface FaceRequest {
  readonly box: Box;
  /** The size of the montage's tiles, if the face is on a montage. */
  readonly tile?: Pick<Layout, 'tileWidth' | 'tileHeight'> | undefined;
}

export interface PictureOptions {
  /** Whether to make small pictures of the faces and the photos. */
  readonly thumbnails: boolean;
  /** Whether to cut out the faces in full size. */
  readonly crops: boolean;
  /** What draws the tiles of montages. */
  readonly backend: MontageBackend;
  /** Photos with more pixels can't be used. */
  readonly maxPixels: number;
}

/** Names of pictures in the result. */
export interface PhotoPictures {
  readonly content: PhotoContent;
  readonly thumbnail: string | null;
  /** In the order of the requests; `undefined` if the face is not on the photo. */
  readonly faces: readonly (FacePictures | undefined)[];
}

export interface FacePictures {
  readonly thumbnail: string | null;
  readonly crop: string | null;
  readonly tile: string | null;
}

/** A picture in full size that can be made of a photo. */
interface Picture {
  readonly name: string;
  make(image: RawImage): Promise<Uint8Array>;
}

/** All that small pictures and their names depend on. */
type ThumbnailOf = Pick<PhotoContent, 'hash' | 'width' | 'height'>;

/** A small picture. */
export interface Thumbnail {
  /** See {@link pictureName}. */
  readonly name: string;
  /** The part of the photo that is on it. */
  readonly part: Box;
  readonly width: number;
  readonly height: number;
}

/** Makes the pictures of photos, each photo decoded once at most, and not at all if the cache has everything. */
export class PictureMaker {
  readonly #unusable = new Set<string>();

  constructor(
    private readonly cache: PictureCache,
    private readonly photos: PhotoSet,
    private readonly pipeline: PhotoPipeline,
    private readonly options: PictureOptions,
  ) {}

  /**
   * The pictures of one photo and of the faces on it; `undefined` if it can't be used, which is reported.
   * @throws FaceError FACE_IO if a picture can't be written; FACE_ABORTED
   */
  async make(
    imagePath: string,
    faces: readonly FaceRequest[],
    signal: AbortSignal,
  ): Promise<PhotoPictures | undefined> {
    const photo = this.photos.file(imagePath);
    if (!photo || this.#unusable.has(imagePath)) return undefined;
    const known = this.cache.known(photo);
    if (known && this.#hasChanged(imagePath, known.hash)) return undefined;
    const unchanged = await this.#fromCache(imagePath, known, faces);
    if (unchanged) return unchanged;
    try {
      return await this.#makeFromFile(imagePath, photo, faces, signal);
    } catch (error) {
      if (error instanceof WriteError) throw error.cause;
      this.photos.fail(imagePath, error);
      this.#unusable.add(imagePath);
      return undefined;
    }
  }

  async #makeFromFile(
    imagePath: string,
    photo: PhotoFile,
    faces: readonly FaceRequest[],
    signal: AbortSignal,
  ): Promise<PhotoPictures | undefined> {
    const read = await this.pipeline.read(photoAt(photo.picture, photo.size), signal);
    try {
      const hash = read.content();
      if (this.#hasChanged(imagePath, hash)) return undefined;
      const moved = await this.#fromCache(imagePath, this.cache.withHash(hash), faces);
      if (moved) {
        this.cache.learn(photo, moved.content);
        return moved;
      }
      const opened = await read.open(this.options.maxPixels, signal);
      const content = { hash, ...opened.facts };
      return await this.pipeline.run(opened, allOfIt, signal, async (image) => {
        this.cache.learn(photo, content);
        const { pictures, thumbnails, names } = picturesOf(content, faces, this.options);
        await this.#makePictures(pictures, image);
        // Last: the pixels are gone afterwards.
        await this.#makeThumbnails(thumbnails, image, signal);
        return this.#reported(imagePath, faces, names);
      });
    } finally {
      read.release();
    }
  }

  #hasChanged(imagePath: string, id: PhotoId): boolean {
    const changed = this.photos.hasChanged(imagePath, id);
    if (changed) this.#unusable.add(imagePath);
    return changed;
  }

  /** Reports the faces that are not on the photo. */
  #reported(imagePath: string, faces: readonly FaceRequest[], pictures: PhotoPictures): PhotoPictures {
    for (const [i, { box }] of faces.entries()) {
      if (!pictures.faces[i]) this.photos.fail(imagePath, faceOutside(imagePath, box, pictures.content));
    }
    return pictures;
  }

  /** The pictures of a photo with that content, if that is known and the cache has all of them. */
  async #fromCache(
    imagePath: string,
    content: PhotoContent | undefined,
    faces: readonly FaceRequest[],
  ): Promise<PhotoPictures | undefined> {
    if (!content || content.width * content.height > this.options.maxPixels) return undefined;
    const { pictures, thumbnails, names } = picturesOf(content, faces, this.options);
    for (const { name } of [...pictures, ...thumbnails]) {
      if (!(await this.cache.has(name))) return undefined;
    }
    return this.#reported(imagePath, faces, names);
  }

  async #makePictures(pictures: readonly Picture[], image: RawImage): Promise<void> {
    for (const picture of pictures) {
      if (await this.cache.has(picture.name)) continue;
      await this.#write(picture.name, await picture.make(image));
    }
  }

  /** @param image is handed over */
  async #makeThumbnails(
    thumbnails: readonly Thumbnail[],
    image: RawImage,
    signal: AbortSignal,
  ): Promise<void> {
    const missing: Thumbnail[] = [];
    for (const thumbnail of thumbnails) {
      if (!(await this.cache.has(thumbnail.name))) missing.push(thumbnail);
    }
    if (missing.length === 0) return;
    for await (const { name, bytes } of drawThumbnails(missing, image, signal))
      await this.#write(name, bytes);
  }

  async #write(name: string, bytes: Uint8Array): Promise<void> {
    await this.cache.write(name, bytes).catch((error: unknown) => {
      throw new WriteError(name, { cause: error });
    });
  }
}

/**
 * Draws small pictures of a photo, as JPEGs.
 * @param image is handed over
 */
export async function* drawThumbnails(
  thumbnails: readonly Thumbnail[],
  image: RawImage,
  signal: AbortSignal,
): AsyncGenerator<{ readonly name: string; readonly bytes: Uint8Array }> {
  const parts = thumbnails.flatMap(({ part: { top, right, bottom, left } }) => [top, right, bottom, left]);
  const sizes = thumbnails.flatMap(({ width, height }) => [width, height]);
  const pixels = await callNative(signal, (cancel) =>
    native().resizeByArea({
      ...image,
      parts: Int32Array.from(parts),
      sizes: Int32Array.from(sizes),
      cancel,
    }),
  );
  let from = 0;
  for (const { name, width, height } of thumbnails) {
    const data = pixels.subarray(from, from + 3 * width * height);
    from += data.length;
    const small = asSharp({ data, width, height });
    yield { name, bytes: await small.jpeg({ quality: QUALITY }).toBuffer() };
  }
}

/** What is cut out of a photo takes at most as much as all of it. */
export function allOfIt(width: number, height: number) {
  const bytes = 3 * width * height;
  return { least: bytes, most: bytes };
}

/** The result can't be written, which is not the fault of the photo that is in hand. */
class WriteError extends Error {}

/** The pictures that are wanted of a photo with that content, and their names. */
function picturesOf(
  content: PhotoContent,
  faces: readonly FaceRequest[],
  { thumbnails, crops, backend }: PictureOptions,
): {
  readonly pictures: readonly Picture[];
  readonly thumbnails: readonly Thumbnail[];
  readonly names: PhotoPictures;
} {
  const pictures: Picture[] = [];
  const small: Thumbnail[] = [];
  const add = <T extends { readonly name: string }>(list: T[], picture: T) => {
    list.push(picture);
    return picture.name;
  };
  const names = {
    content,
    thumbnail: thumbnails ? add(small, photoThumbnail(content)) : null,
    faces: faces.map(({ box, tile }) => {
      if (!boxOnPhoto(box, content)) return undefined;
      return {
        thumbnail: thumbnails ? add(small, faceThumbnail(content, box)) : null,
        crop: crops ? add(pictures, fullCrop(content, box)) : null,
        tile: tile ? add(pictures, montageTile(content, box, tile, backend)) : null,
      };
    }),
  };
  return { pictures, thumbnails: small, names };
}

/** The name in a result of the small picture of a photo. */
export function photoThumbnailName(content: ThumbnailOf): string {
  return photoThumbnail(content).name;
}

/** The name in a result of the small picture of a face; `undefined` if the face is not on the photo. */
export function faceThumbnailName(content: ThumbnailOf, box: Box): string | undefined {
  return boxOnPhoto(box, content) && faceThumbnail(content, box).name;
}

/** The small picture of a photo. */
export function photoThumbnail({ hash, width, height }: ThumbnailOf): Thumbnail {
  const whole = { top: 0, right: width, bottom: height, left: 0 };
  return thumbnail(hash, 'photo', whole, PHOTO_SIDE);
}

/** That of a face on it, which must be on it in part at least. */
export function faceThumbnail(content: ThumbnailOf, box: Box): Thumbnail {
  return thumbnail(content.hash, 'face', boxOnPhoto(around(box), content) as Box, FACE_SIDE);
}

/** A face with a little of what is around it. */
export function around({ top, right, bottom, left }: Box): Box {
  const margin = Math.round(MARGIN * Math.max(right - left, bottom - top));
  return { top: top - margin, right: right + margin, bottom: bottom + margin, left: left - margin };
}

/** @param side the longest that it may have */
function thumbnail(hash: PhotoId, of: 'photo' | 'face', part: Box, side: number): Thumbnail {
  const [width, height] = [part.right - part.left, part.bottom - part.top];
  const scale = Math.min(1, side / Math.max(width, height));
  const scaled = (length: number) => Math.max(1, Math.round(scale * length));
  const recipe = `${of} ${side} area jpeg ${QUALITY} ${coordinates(part)}`;
  return {
    name: pictureName(THUMBNAILS_FOLDER, 'jpg', hash, recipe),
    part,
    width: scaled(width),
    height: scaled(height),
  };
}

function fullCrop({ hash }: PhotoContent, box: Box): Picture {
  return {
    name: pictureName(`${CACHE_FOLDER}/crops`, 'jpg', hash, `crop jpeg 95 444 ${coordinates(box)}`),
    make: (image) => cropJpeg(image, box),
  };
}

/** What is in a box, which must be on the image in part at least, as a JPEG that people can go on working with. */
export function cropJpeg(image: RawImage, box: Box): Promise<Buffer> {
  return asSharp(crop(image, box) as RawImage)
    .jpeg({ quality: 95, chromaSubsampling: '4:4:4' })
    .toBuffer();
}

/** Without loss: the montage is to have the pixels that OpenCV gives it. */
function montageTile(
  { hash }: PhotoContent,
  box: Box,
  tile: NonNullable<FaceRequest['tile']>,
  backend: MontageBackend,
): Picture {
  const recipe = `tile ${tile.tileWidth}x${tile.tileHeight} ${coordinates(box)}`;
  return {
    name: pictureName(`${CACHE_FOLDER}/tiles`, 'packed', hash, recipe),
    make: async (image) => packPixels(cutTile(image, box, tile, backend) as RawImage),
  };
}

function coordinates({ top, right, bottom, left }: Box): string {
  return `${top} ${right} ${bottom} ${left}`;
}
