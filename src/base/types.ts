/** A face's box in pixels of the decoded photo; `right` and `bottom` are exclusive when cropping. */
export interface Box {
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
  readonly left: number;
}

/** `hog` is fast and finds upright frontal faces; `cnn` is slower and finds more. */
export type DetectionMethod = 'hog' | 'cnn';

/** Decoded pixels: 8-bit RGB, interleaved, rows from top to bottom without padding; `data.length === 3 * width * height`. */
export interface RawImage {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/** A `file:` URL, as `new URL(...)` or `pathToFileURL` gives it. */
export interface FileUrl {
  readonly href: string;
  readonly protocol: string;
}

/** A `Blob` or `File`, of which as much is needed. */
export interface FileBlob {
  /** Length in bytes. */
  readonly size: number;
  arrayBuffer(): Promise<ArrayBuffer>;
}

/**
 * A photo's file: its path, a `file:` URL (a URL object; a string is always a path), or its bytes as they are on the disk,
 * in a Buffer or another of these. Of an `ArrayBuffer` all of it counts.
 */
export type FileInput = string | FileUrl | Uint8Array | Uint8ClampedArray | ArrayBufferLike | FileBlob;

/** A photo: a file, or decoded pixels. */
export type ImageInput = FileInput | RawImage;

/** What a photo's file says of the photo, beside its pixels. */
export interface PhotoFacts {
  /** Size of the upright photo in pixels. */
  readonly width: number;
  readonly height: number;
  /**
   * How the stored pixels have to be turned and mirrored to be upright, from 1 to 8 as EXIF counts it; 1 if they are upright.
   * `null` if that is not known.
   */
  readonly orientation: number | null;
  /**
   * When it was taken, by the camera's clock: EXIF's DateTimeOriginal as ISO 8601 has it, `2019-07-14T15:30:12`, with the
   * offset from UTC if the camera noted it, `2019-07-14T15:30:12+02:00`. `null` if the file does not say.
   */
  readonly taken: string | null;
}

/** Number of values in a face encoding. */
export const ENCODING_LENGTH = 128;

/** One face of an encodings file. */
export interface FaceRecord {
  /** Path of the photo, as it was given when the encodings were made. */
  readonly imagePath: string;
  /** Where on the photo the face is. */
  readonly loc: Box;
  /** The face's encoding: 128 values; faces of one person lie close together (Euclidean distance). */
  readonly encoding: Float64Array;
}
