import { photoFormat } from '../photos/formats/formats';
import { isNoLargerInside } from '../photos/formats/heif-boxes';
import { withKnownBrands } from '../photos/formats/heif-brands';
import { loadSharp } from '../photos/formats/load-sharp';
import { readPhotoUntil } from '../photos/read';
import { heifTurn } from './heif-turn';
import { embeddedInJpeg, reachesPicture } from './jpeg';
import type { StoredPicture } from './names-in-xmp';

/** What a photo's file says of the photo, without its pixels. */
export interface Embedded {
  /** XMP: the packet, and in a JPEG what did not fit into it. */
  readonly xmp: readonly Buffer[];
  /** `undefined` if that can't be told: the file is no picture, damaged, or of a format that is not read. */
  readonly picture: StoredPicture | undefined;
  /** Whether who decodes it has it upright at once, and its `PhotoFacts.orientation` is 1: HEIF. */
  readonly turnedByDecoder: boolean;
}

/** Reads no more of a JPEG than what stands in front of its picture. @throws FaceError as `readPhoto` */
export async function readEmbedded(photo: string, signal?: AbortSignal): Promise<Embedded> {
  const isEnough = (head: Buffer) => {
    const format = photoFormat(head);
    // Of a video, say, nothing is read.
    return format === 'jpeg' ? reachesPicture(head) : format === undefined;
  };
  const bytes = await readPhotoUntil(photo, isEnough, signal);
  const format = photoFormat(bytes);
  if (format === 'jpeg') return embeddedInJpeg(bytes);
  const turnedByDecoder = format === 'heif';
  try {
    const {
      xmp,
      width,
      height,
      orientation = 1,
    } = await loadSharp()(turnedByDecoder ? withKnownBrands(bytes) : bytes, {
      limitInputPixels: false,
      // Nothing is decoded; see photos/formats/sharp.ts.
      unlimited: turnedByDecoder && isNoLargerInside(bytes),
    }).metadata();
    const turn = turnedByDecoder ? heifTurn(bytes) : orientation;
    const isSideways = turnedByDecoder && turn >= 5;
    const size = isSideways ? { width: height, height: width } : { width, height };
    // Of a raw photo, that is what its first directory describes.
    const isSmall = format === 'cameraRaw';
    return {
      xmp: xmp ? [xmp] : [],
      picture: { ...size, orientation: turn, ...(isSmall && { isSmall }) },
      turnedByDecoder,
    };
  } catch {
    return { xmp: [], picture: undefined, turnedByDecoder };
  }
}
