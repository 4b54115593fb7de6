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

/** A photo: path of a file, the bytes of a file (a Buffer), or decoded pixels. */
export type ImageInput = string | Uint8Array | RawImage;

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
