import { loadSharp } from '../photos/formats/load-sharp';
import { readPhoto } from '../photos/read';
import type { StoredPicture } from './names-in-xmp';

/** What a photo's file says of the photo, without its pixels. */
export interface Embedded {
  readonly xmp: Uint8Array | undefined;
  /** `undefined` if that can't be told: the file is no picture, damaged, or of a format that is not read. */
  readonly picture: StoredPicture | undefined;
}

/** @throws FaceError as {@link readPhoto} */
export async function readEmbedded(photo: string, signal?: AbortSignal): Promise<Embedded> {
  const { bytes } = await readPhoto(photo, signal);
  try {
    const {
      xmp,
      width,
      height,
      orientation = 1,
    } = await loadSharp()(bytes, {
      limitInputPixels: false,
    }).metadata();
    return { xmp, picture: { width, height, orientation } };
  } catch {
    return { xmp: undefined, picture: undefined };
  }
}
