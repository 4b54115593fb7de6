import { constants } from 'node:fs';
import { type FileHandle, open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { boxOnPhoto } from '../base/box';
import { FaceError, throwIfAborted } from '../base/errors';
import type { Box, RawImage } from '../base/types';
import { processBudget } from '../engine/memory-budget';
import { PhotoPipeline } from '../engine/photo-pipeline';
import { callNative, native } from '../native';
import { HEAD_BYTES, isPicture, mediaTypeOf } from '../photos/formats/formats';
import { photoAt } from '../photos/given';
import { containerOf } from '../photos/video/containers';
import { asSharp } from '../result/montage/sharp';
import { hasSizeAndTimeOf, type PhotoFile, photoFile } from '../result/originals/find';
import { pictureName } from '../result/pictures/cache';
import { allOfIt, drawThumbnails, faceThumbnail, photoThumbnail } from '../result/pictures/pictures';
import { writeFileAtomically } from '../system/atomic-file';
import { fsPath } from '../system/file-name';
import { orAborted } from '../system/or-aborted';
import type { SessionFace, SessionPhoto } from './session';

/** Of a photo that is converted for browsers: as many pixels as a large screen shows, and how good the JPEG is. */
const SHOWN_PIXELS = 8_000_000;
const SHOWN_QUALITY = 88;

/** Made anew whenever pictures come out differently, or are of another size. */
const RECIPE = 'small 1';

export interface PicturesOptions {
  /** How many photos are worked on at once. */
  readonly jobs: number;
  readonly maxMemory?: number | undefined;
  readonly maxPixels: number;
}

/** A photo, for a browser. */
export interface ShownPhoto {
  /** As `ETag`: another one when the file has changed. */
  readonly tag: string;
  /** As `Content-Type`. */
  readonly type: string;
  /** The handle is the caller's to close; `undefined` if the browser has them. */
  readonly bytes: Uint8Array | { readonly handle: FileHandle; readonly size: number } | undefined;
}

/**
 * The photos and small pictures that the page shows. A small picture that no result has made is made when it is asked for, and
 * kept; a photo's are made together, and not at all once nobody waits for them any more.
 */
export class Pictures {
  readonly #pipeline: PhotoPipeline;
  readonly #drawings = new Map<string, Drawing>();

  /** @param folder where small pictures are kept that were made here */
  constructor(
    private readonly folder: string,
    private readonly options: PicturesOptions,
  ) {
    this.#pipeline = new PhotoPipeline(options.jobs, processBudget(options.maxMemory, options.jobs));
  }

  /**
   * A photo as it is, or, if it is of a format that not all browsers show, converted.
   * @param known the tag of what the browser has
   * @throws FaceError FACE_IMAGE_NOT_FOUND, FACE_IMAGE_CHANGED; for those that are converted as `decodeImage`
   */
  async shown({ file }: SessionPhoto, known: string | undefined, signal: AbortSignal): Promise<ShownPhoto> {
    if (!file) throw gone();
    const handle = await openPhoto(file);
    let keep = false;
    try {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
      const head = buffer.subarray(0, bytesRead);
      // Of a video, the frame is shown.
      const isFrame = file.picture !== file.path;
      // Whatever has come to its place: only pictures leave.
      if (isFrame ? !containerOf(head) : !isPicture(head)) throw changed();
      const tag = `"${file.size}-${file.mtimeMs}"`;
      const type = isFrame ? undefined : mediaTypeOf(head);
      const shown = { tag, type: type ?? 'image/jpeg' };
      if (known === tag) return { ...shown, bytes: undefined };
      if (type === undefined) return { ...shown, bytes: await this.#converted(file, signal) };
      keep = true;
      return { ...shown, bytes: { handle, size: file.size } };
    } finally {
      if (!keep) await handle.close();
    }
  }

  /** The small picture of a photo, a JPEG. @throws FaceError as {@link Pictures.shown}; FACE_ABORTED */
  ofPhoto(id: string, photo: SessionPhoto, signal: AbortSignal): Promise<Uint8Array> {
    return this.#small(id, photo, undefined, photo.thumbnail, signal);
  }

  /** That of a face. @throws FaceError as {@link Pictures.ofPhoto} */
  ofFace(id: string, { photo, box, thumbnail }: SessionFace, signal: AbortSignal): Promise<Uint8Array> {
    return this.#small(id, photo, box, thumbnail, signal);
  }

  async #small(
    id: string,
    { file }: SessionPhoto,
    box: Box | undefined,
    thumbnail: string | undefined,
    signal: AbortSignal,
  ): Promise<Uint8Array> {
    const kept = join(this.folder, pictureName(box ? 'faces' : 'photos', 'jpg', id, RECIPE));
    // A result that was replaced meanwhile has taken its own along.
    for (const path of [thumbnail, kept]) {
      const bytes = path === undefined ? undefined : await readFile(path).catch(() => undefined);
      if (bytes) return bytes;
    }
    throwIfAborted(signal);
    if (!file) throw gone();
    return this.#drawn(file, id, kept, box, signal);
  }

  async #drawn(
    file: PhotoFile,
    id: string,
    name: string,
    box: Box | undefined,
    signal: AbortSignal,
  ): Promise<Uint8Array> {
    let drawing = this.#drawings.get(file.picture);
    if (!drawing) {
      const begun = this.#begin(file, id);
      drawing = begun;
      this.#drawings.set(file.picture, begun);
      begun.made.catch(() => {}).finally(() => this.#closeTo(file, begun));
    }
    drawing.wanted.set(name, box);
    drawing.waiting++;
    try {
      const made = await orAborted(drawing.made, signal);
      return made.get(name) ?? offPhoto();
    } finally {
      if (--drawing.waiting === 0) {
        this.#closeTo(file, drawing);
        drawing.stop.abort();
      }
    }
  }

  /** Lets nobody else join: who asks from now on has the photo read again. */
  #closeTo({ picture }: PhotoFile, drawing: Drawing): void {
    if (this.#drawings.get(picture) === drawing) this.#drawings.delete(picture);
  }

  #begin(file: PhotoFile, id: string): Drawing {
    const wanted: Drawing['wanted'] = new Map();
    const stop = new AbortController();
    const draw = async () => {
      const read = await this.#pipeline.read(photoAt(file.picture, file.size), stop.signal);
      try {
        const hash = read.content();
        if (!hash.startsWith(contentIn(id))) throw changed();
        const opened = await read.open(this.options.maxPixels, stop.signal);
        const { width, height } = opened.facts;
        return await this.#pipeline.run(opened, allOfIt, stop.signal, async (image) => {
          this.#closeTo(file, drawing);
          const names = new Map<string, string>();
          const thumbnails = [...wanted].flatMap(([name, box]) => {
            const photo = { hash, width, height };
            if (box && !boxOnPhoto(box, photo)) return [];
            const thumbnail = box ? faceThumbnail(photo, box) : photoThumbnail(photo);
            names.set(thumbnail.name, name);
            return [thumbnail];
          });
          const made = new Map<string, Uint8Array>();
          for await (const { name, bytes } of drawThumbnails(thumbnails, image, stop.signal)) {
            const kept = names.get(name) as string;
            made.set(kept, bytes);
            // What can't be kept, on a full disk say, is made again.
            await writeFileAtomically(kept, 'picture', (handle) => handle.writeFile(bytes), false).catch(
              () => {},
            );
          }
          return made;
        });
      } finally {
        read.release();
      }
    };
    const drawing: Drawing = { wanted, stop, waiting: 0, made: draw() };
    return drawing;
  }

  async #converted(file: PhotoFile, signal: AbortSignal): Promise<Uint8Array> {
    const read = await this.#pipeline.read(photoAt(file.picture, file.size), signal);
    try {
      const opened = await read.open(this.options.maxPixels, signal);
      return await this.#pipeline.run(opened, allOfIt, signal, async (image) => {
        const shown = await withinPixels(image, SHOWN_PIXELS, signal);
        return asSharp(shown).jpeg({ quality: SHOWN_QUALITY }).toBuffer();
      });
    } finally {
      read.release();
    }
  }
}

/** A photo of which small pictures are made: those that were asked for until its pixels are there. */
interface Drawing {
  /** The faces that are wanted, or the whole photo, by where their pictures are kept. */
  readonly wanted: Map<string, Box | undefined>;
  readonly stop: AbortController;
  /** How many wait for it. */
  waiting: number;
  /** By where they are kept; none for faces that are not on the photo. */
  readonly made: Promise<ReadonlyMap<string, Uint8Array>>;
}

/** Opens the file that was found, without waiting for anybody should there be a pipe by now. */
async function openPhoto(file: PhotoFile): Promise<FileHandle> {
  const flags = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);
  const handle = await open(fsPath(file.path), flags).catch(() => {
    throw gone();
  });
  try {
    const stats = await handle.stat({ bigint: true });
    if (!stats.isFile()) throw gone();
    if (!hasSizeAndTimeOf(photoFile(file.path, stats), file.state)) throw changed();
    return handle;
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** An image of at most so many pixels. @param image is handed over */
async function withinPixels(image: RawImage, most: number, signal: AbortSignal): Promise<RawImage> {
  const scale = Math.sqrt(most / (image.width * image.height));
  if (scale >= 1) return image;
  const [width, height] = [image.width, image.height].map((length) =>
    Math.max(1, Math.floor(scale * length)),
  ) as [number, number];
  const parts = Int32Array.of(0, image.width, image.height, 0);
  const sizes = Int32Array.of(width, height);
  const data = await callNative(signal, (cancel) =>
    native().resizeByArea({ ...image, parts, sizes, cancel }),
  );
  return { data, width, height };
}

/** The beginning of the photo's id that ids of photos and faces begin with; empty if it was not known. */
function contentIn(id: string): string {
  return /^[0-9a-f]{16}(?=[_~]|$)/.exec(id)?.[0] ?? '';
}

function gone(): FaceError {
  return new FaceError('FACE_IMAGE_NOT_FOUND', 'The photo is not where it was when it was sorted.', {
    remedy: 'Put it back, or run "sort" again.',
  });
}

function changed(): FaceError {
  return new FaceError('FACE_IMAGE_CHANGED', 'The photo was changed since it was sorted.', {
    remedy: 'Run "sort" again.',
  });
}

function offPhoto(): never {
  throw new FaceError('FACE_IMAGE_CHANGED', 'The face is not on the photo that is there now.', {
    remedy: 'Run "sort" again.',
  });
}
